"""Somebody whom a tracker leaves out without refusing the request: said once, never agreed, and no loop of writes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.simulators.azure_devops.item import WorkItem
from reconciler.simulators.clickup.entities import Task
from tests.support.duo import Duo


@pytest.fixture
def duo(tmp_path: Path) -> Iterator[Duo]:
    """Two pairs, of which the first one is Mara's on both sides, so that everybody knows her."""
    duo = Duo(tmp_path)
    duo.developer.create(duo.projects[0], "Task", "Hers", {"System.AssignedTo": duo.mara.address})
    duo.developer.create(duo.projects[0], "Task", "Nobody's")
    duo.settle()
    yield duo
    duo.close()


def item_and_task(duo: Duo, title: str = "Nobody's") -> tuple[WorkItem, Task]:
    [item] = [item for item in duo.azure.world.items.values() if item.title == title]
    [task] = [task for task in duo.clickup.world.tasks.values() if task.name == title]
    return item, task


def notes_and_writes(duo: Duo, cycles: int) -> tuple[list[str], list[int]]:
    """What was noted, and how many writes reached the two servers, by cycle."""
    notes, writes = [], []
    for _ in range(cycles):
        mark = duo.mark()
        [report] = duo.cycle()
        notes += report.notes
        writes.append(sum(side.writes for side in duo.since(mark)))
    return notes, writes


def test_clickup_drops_a_person_and_takes_them_once_they_are_let_in(duo: Duo) -> None:
    item, task = item_and_task(duo)
    del duo.workspace.members[duo.mara_member.id]
    duo.developer.edit(item, {"System.AssignedTo": duo.mara.address})
    notes, writes = notes_and_writes(duo, 6)
    assert task.assignees == []
    assert [note.count(duo.mara.address) for note in notes] == [1]
    assert writes == [1, 0, 0, 0, 0, 0]
    duo.clickup.join(duo.workspace, duo.mara_member)
    duo.clock.advance(3600)
    duo.developer.edit(item, {"System.Title": "Hers, too"})
    duo.settle()
    assert task.assignees == [duo.mara_member]
    assert item.fields["System.AssignedTo"] == duo.mara


def test_azure_devops_does_not_know_a_person_and_takes_them_once_it_does(duo: Duo) -> None:
    item, task = item_and_task(duo)
    duo.mara.member = False
    duo.planner.edit(task, name="Hers, too", assignees={"add": [duo.mara_member.id]})
    notes, writes = notes_and_writes(duo, 6)
    assert item.title == "Hers, too"
    assert "System.AssignedTo" not in item.fields
    assert [note.count(duo.mara.address) for note in notes] == [1]
    assert writes == [2, 0, 0, 0, 0, 0], "with her, and without her"
    duo.mara.member = True
    duo.clock.advance(3600)
    duo.planner.edit(task, name="Hers at last")
    duo.settle()
    assert item.fields["System.AssignedTo"] == duo.mara
    assert task.assignees == [duo.mara_member]


def test_an_item_is_made_without_a_person_who_is_dropped(duo: Duo) -> None:
    del duo.workspace.members[duo.mara_member.id]
    item = duo.developer.create(duo.projects[0], "Task", "New", {"System.AssignedTo": duo.mara.address})
    notes, writes = notes_and_writes(duo, 6)
    _, task = item_and_task(duo, "New")
    assert [note.count(duo.mara.address) for note in notes] == [1]
    assert writes == [1, 0, 0, 0, 0, 0]
    duo.clickup.join(duo.workspace, duo.mara_member)
    duo.clock.advance(3600)
    duo.developer.edit(item, {"System.Title": "Hers, too"})
    duo.settle()
    assert task.assignees == [duo.mara_member]
