"""Links between both simulated services, through the real clients: which way they point, and what they cost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.simulators.azure_devops.item import WorkItem
from reconciler.simulators.clickup.entities import Task
from reconciler.verify import verify
from tests.support.duo import Duo

PREDECESSOR, RELATED = "System.LinkTypes.Dependency-Reverse", "System.LinkTypes.Related"
LOOK_S = 660.0


@pytest.fixture
def duo(tmp_path: Path) -> Iterator[Duo]:
    duo = Duo(tmp_path)
    for name in ("One", "Two", "Three"):
        duo.developer.create(duo.projects[0], "Task", name)
    duo.settle()
    yield duo
    duo.close()


def item(duo: Duo, title: str) -> WorkItem:
    return next(each for each in duo.azure.world.items.values() if each.title == title)


def task(duo: Duo, name: str) -> Task:
    return next(each for each in duo.clickup.world.tasks.values() if each.name == name)


def items_of(duo: Duo, title: str, rel: str) -> set[str]:
    return {link.target.title for link in item(duo, title).visible_relations if link.rel == rel and link.target}


def test_a_predecessor_is_what_the_task_waits_on_and_both_ends_are_related(duo: Duo) -> None:
    duo.developer.link(item(duo, "One"), PREDECESSOR, item(duo, "Two"))
    duo.developer.link(item(duo, "One"), RELATED, item(duo, "Three"))
    duo.settle()
    [dependency] = task(duo, "One").dependencies
    assert (dependency.waiting.name, dependency.blocking.name) == ("One", "Two")
    assert [link.other(task(duo, "One")).name for link in task(duo, "One").links] == ["Three"]
    duo.developer.unlink(item(duo, "One"), PREDECESSOR, item(duo, "Two"))
    duo.developer.unlink(item(duo, "Three"), RELATED, item(duo, "One"))
    duo.settle()
    assert (task(duo, "One").dependencies, task(duo, "Three").links) == ([], [])


def test_links_made_in_clickup_are_found_by_the_looks_and_travel_back(duo: Duo) -> None:
    duo.planner.depend(task(duo, "One"), task(duo, "Two"))
    duo.planner.link(task(duo, "Three"), task(duo, "One"))
    duo.cycle(after_s=LOOK_S)
    duo.settle()
    assert items_of(duo, "One", PREDECESSOR) == {"Two"}
    assert items_of(duo, "One", RELATED) == {"Three"}
    duo.planner.unlink(task(duo, "One"), task(duo, "Three"))
    duo.cycle(after_s=LOOK_S)
    duo.settle()
    assert items_of(duo, "Three", RELATED) == set()
    assert verify(duo.contexts[0], duo.store).is_clean


def test_a_circle_is_refused_for_that_link_alone(duo: Duo) -> None:
    duo.developer.link(item(duo, "One"), PREDECESSOR, item(duo, "Two"))
    duo.planner.depend(task(duo, "Two"), task(duo, "One"))
    duo.developer.link(item(duo, "One"), PREDECESSOR, item(duo, "Three"))
    duo.cycle()
    duo.cycle()
    assert {each.blocking.name for each in task(duo, "One").dependencies if each.waiting.name == "One"} == {"Three"}
    assert any("circular" in row.reason for row in duo.store.pending("web"))
    duo.planner.depend_no_more(task(duo, "Two"), task(duo, "One"))
    duo.cycle(after_s=3600.0)
    duo.settle()
    assert {each.blocking.name for each in task(duo, "One").dependencies} == {"Two", "Three"}
    assert duo.store.pending("web") == []


def test_links_of_other_kinds_and_hyperlinks_are_nobodys_business(duo: Duo) -> None:
    duo.developer.link(item(duo, "One"), "System.LinkTypes.Duplicate-Reverse", item(duo, "Two"))
    duo.developer.add_hyperlink(item(duo, "One"), "https://example.com/somewhere")
    duo.settle()
    assert (task(duo, "One").dependencies, task(duo, "One").links) == ([], [])
