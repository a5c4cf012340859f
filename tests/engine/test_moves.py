"""Items that move between places, with the real clients against the simulated trackers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.duo import Duo


@pytest.fixture
def duo(tmp_path: Path) -> Iterator[Duo]:
    made = Duo(tmp_path, mappings=2, requests_per_minute=10_000)
    yield made
    made.close()


def test_a_task_moved_to_another_mapped_list_keeps_its_work_item_and_is_not_copied(duo: Duo) -> None:
    task = duo.planner.create_task(duo.lists[0], "Pay by card")
    duo.settle()
    duo.planner.move(task, duo.lists[1])
    duo.settle()
    duo.planner.edit(task, name="Pay by card or phone")
    duo.settle()
    duo.cycle(sweep=True)
    duo.settle()
    assert duo.titles() == (["Pay by card or phone"], ["Pay by card or phone"])


def test_a_work_item_moved_to_another_mapped_project_keeps_its_task_and_is_not_copied(duo: Duo) -> None:
    item = duo.developer.create("Web", "Task", "Log in")
    duo.settle()
    duo.developer.move(item, "Web1")
    duo.settle()
    duo.developer.edit(item, {"System.Title": "Sign in"})
    duo.settle()
    duo.cycle(sweep=True)
    duo.settle()
    assert duo.titles() == (["Sign in"], ["Sign in"])


def test_a_task_that_moved_is_not_copied_by_the_other_mapping_running_alone(duo: Duo) -> None:
    task = duo.planner.create_task(duo.lists[0], "Pay by card")
    duo.settle()
    duo.planner.move(task, duo.lists[1])
    duo.planner.edit(task, name="Pay by phone")
    both = duo.contexts
    duo.contexts = both[1:]
    for sweep in (False, True):
        duo.cycle(sweep=sweep)
    assert len(duo.titles()[0]) == 1
    duo.contexts = both
    duo.settle()
    assert len(duo.titles()[0]) == 1


def test_an_edit_of_a_task_that_was_then_moved_away_is_not_overwritten(duo: Duo) -> None:
    """The listing of its List does not show it any more; a write from the other side must not replace it unseen."""
    duo.seed_pairs(1)
    duo.settle()
    [item], [task] = duo.azure.world.items.values(), duo.clickup.world.tasks.values()
    elsewhere = duo.clickup.add_list(duo.lists[0].space, "Elsewhere")
    duo.clock.advance(60.0)
    duo.planner.edit(task, name="Set by the planner")
    duo.planner.move(task, elsewhere)
    duo.developer.edit(item, {"System.Title": "Set by the developer"})
    duo.settle()
    kept = {value for row in duo.store.conflicts("web") for value in (row.left_value, row.right_value)}
    assert "Set by the planner" in {task.name, *kept}


def test_a_task_that_moved_while_a_write_to_it_was_in_doubt_takes_nothing_back(duo: Duo) -> None:
    """Nobody looks at a moved task again, so what is remembered of it must be no older than what is agreed."""
    duo.seed_pairs(1)
    duo.settle()
    [item], [task] = duo.azure.world.items.values(), duo.clickup.world.tasks.values()
    elsewhere = duo.clickup.add_list(duo.lists[0].space, "Elsewhere")
    elsewhere.own_statuses = list(duo.lists[0].own_statuses)
    due = "Microsoft.VSTS.Scheduling.FinishDate"
    dated = duo.developer.edit(item, {due: "2026-05-04"}).rev
    duo.clickup_service.faults.drop_response("^PUT .*/task/")
    duo.cycle()
    duo.planner.move(task, elsewhere)
    duo.cycle(sweep=True)
    duo.developer.edit(item, {"System.Title": "Seen once more"})
    duo.cycle()
    assert all(due in revision.fields for revision in item.revisions[dated - 1 :])
