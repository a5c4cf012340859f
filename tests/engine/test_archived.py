"""What archiving an item on one side does to the other: nothing, or, where the mapping says so, what closing does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from reconciler.model.policy import OnArchive, Rule
from reconciler.simulators.azure_devops.item import WorkItem
from reconciler.simulators.clickup.entities import Task
from reconciler.verify import verify
from tests.support.duo import Duo

Opened = Callable[..., tuple[Duo, WorkItem, Task]]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    """A pair in progress, and one beside it."""
    duos: list[Duo] = []

    def make(**policy: object) -> tuple[Duo, WorkItem, Task]:
        duo = Duo(tmp_path, **policy)  # type: ignore[arg-type]
        duos.append(duo)
        duo.developer.create("Web", "Task", "Another")
        item = duo.developer.create("Web", "Task", "Door", {"System.State": "Active"})
        duo.settle()
        [task] = [task for task in duo.clickup.world.tasks.values() if task.name == "Door"]
        return duo, item, task

    yield make
    for duo in duos:
        duo.close()


def archive(duo: Duo, task: Task, archived: bool = True) -> None:
    duo.planner.archive(task, archived=archived)
    duo.cycle(sweep=True)
    duo.settle()


def states(item: WorkItem, task: Task) -> tuple[object, str]:
    return item.fields["System.State"], task.status.name


def is_quiet(duo: Duo) -> bool:
    mark = duo.mark()
    duo.cycle(sweep=True)
    duo.cycle()
    return [side.writes for side in duo.since(mark)] == [0, 0]


def test_by_default_nothing_happens(opened: Opened) -> None:
    duo, item, task = opened()
    archive(duo, task)
    assert states(item, task) == ("Active", "in progress")
    assert is_quiet(duo)


def test_the_other_item_is_closed_and_the_archived_one_stays_as_it_is(opened: Opened) -> None:
    duo, item, task = opened(on_archive=OnArchive.CLOSE)
    archive(duo, task)
    assert states(item, task) == ("Closed", "in progress")
    assert is_quiet(duo)
    verdict = verify(duo.contexts[0], duo.store)
    assert (verdict.equal, verdict.differences) == (2, [])


def test_taken_out_of_the_archive_it_is_open_again_on_both_sides(opened: Opened) -> None:
    duo, item, task = opened(on_archive=OnArchive.CLOSE)
    archive(duo, task)
    archive(duo, task, archived=False)
    assert states(item, task) == ("Active", "in progress")
    assert is_quiet(duo)
    assert verify(duo.contexts[0], duo.store).equal == 2


def test_what_was_archived_before_is_left_alone(opened: Opened) -> None:
    duo, item, task = opened()
    archive(duo, task)
    duo.set_policy(on_archive=OnArchive.CLOSE)
    duo.restart()
    duo.settle()
    assert is_quiet(duo)
    assert states(item, task)[0] == "Active"


def test_a_closed_task_may_be_archived(opened: Opened) -> None:
    duo, item, task = opened(on_archive=OnArchive.CLOSE)
    duo.planner.edit(task, status="complete")
    duo.settle()
    revision = item.rev
    archive(duo, task)
    archive(duo, task, archived=False)
    assert (*states(item, task), item.rev) == ("Closed", "complete", revision)


def test_other_fields_of_an_archived_task_travel_and_so_does_opening_its_work_item(opened: Opened) -> None:
    duo, item, task = opened(on_archive=OnArchive.CLOSE)
    archive(duo, task)
    duo.developer.edit(item, {"System.Title": "Gate", "System.State": "New"})
    duo.settle()
    assert (task.name, task.status.name) == ("Gate", "to do")
    archive(duo, task, archived=False)
    assert states(item, task) == ("New", "to do")
    assert is_quiet(duo)


def test_archiving_against_an_edit_of_the_state_is_a_conflict(opened: Opened) -> None:
    duo, item, task = opened(on_archive=OnArchive.CLOSE, conflict=Rule.LEFT)
    duo.planner.archive(task)
    duo.developer.edit(item, {"System.State": "New"})
    duo.cycle(sweep=True)
    duo.settle()
    assert states(item, task) == ("New", "to do")
    assert is_quiet(duo)
