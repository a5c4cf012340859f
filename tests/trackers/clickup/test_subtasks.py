"""Subtasks: where they are made, where a new parent takes them, and what is never done to them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from reconciler.errors import Rejected
from reconciler.model.draft import Draft
from reconciler.simulators.clickup.entities import TaskList
from reconciler.trackers.clickup import Place
from tests.trackers.clickup.conftest import Bench, make_bench, origin


@pytest.fixture
def lists(bench: Bench) -> list[TaskList]:
    folder = bench.service.add_folder(bench.space, "Folder")
    return [bench.service.add_list(folder, name) for name in ("First", "Second")]


@pytest.fixture
def place(bench: Bench, lists: list[TaskList]) -> Place:
    made = Place("folder", lists[0].folder.id, lists[0].id)
    bench.tracker.schema(made)
    return made


def draft(**fields: str | None) -> Draft:
    return Draft({"title": "Child", "type": "Task", **fields}, origin())


def test_a_subtask_is_made_in_the_list_of_its_parent(bench: Bench, lists: list[TaskList], place: Place) -> None:
    parent = bench.service.as_member(bench.ann).create_task(lists[1], "Parent")
    made = bench.tracker.create(place, draft(parent=parent.id)).item
    task = bench.service.world.tasks[made.key]
    assert task.parent is parent
    assert task.home is lists[1]


def test_a_parent_outside_of_the_scope_takes_nothing_along(bench: Bench, lists: list[TaskList], place: Place) -> None:
    ann = bench.service.as_member(bench.ann)
    parent, task = ann.create_task(bench.tasks, "Outside"), ann.create_task(lists[0], "Inside")
    item = bench.tracker.read(place, [task.id])[task.id]
    for write in (
        lambda: bench.tracker.create(place, draft(parent=parent.id)),
        lambda: list(bench.tracker.update(place, item, {"parent": parent.id})),
    ):
        with pytest.raises(Rejected, match="another List") as refused:
            write()
        assert refused.value.field == "parent"
    assert task.home is lists[0]
    assert task.parent is None


def test_a_parent_in_another_list_of_the_scope_takes_the_task_along(
    bench: Bench, lists: list[TaskList], place: Place
) -> None:
    ann = bench.service.as_member(bench.ann)
    parent, task = ann.create_task(lists[1], "Parent"), ann.create_task(lists[0], "Child")
    item = bench.tracker.read(place, [task.id])[task.id]
    [written] = bench.tracker.update(place, item, {"parent": parent.id})
    assert written.item.fields["parent"] == parent.id
    assert task.home is lists[1]


def test_what_cannot_be_taken_out_is_refused_before_anything_is_sent(bench: Bench) -> None:
    ann = bench.service.as_member(bench.ann)
    parent = ann.create_task(bench.tasks, "Parent")
    child = ann.create_task(bench.tasks, "Child", parent=parent.id)
    item = bench.read(child.id)
    mark = bench.log.mark()
    with pytest.raises(Rejected, match="by hand"):
        list(bench.tracker.update(bench.scope, item, {"parent": None, "title": "Other", "tags": ("new",)}))
    assert len(bench.log.since(mark)) == 0


@pytest.fixture(params=[True, False], ids=["children go along", "children become roots"])
def either(request: pytest.FixtureRequest) -> Iterator[Bench]:
    made = make_bench(children_follow_into_trash=request.param)
    yield made
    made.tracker.close()


def test_a_task_is_deleted_only_without_subtasks(either: Bench) -> None:
    ann = either.service.as_member(either.ann)
    parent = ann.create_task(either.tasks, "Parent")
    child = ann.create_task(either.tasks, "Child", parent=parent.id)
    with pytest.raises(Rejected, match='1 subtasks, which ClickUp would delete with it \\("Child"\\)'):
        either.tracker.delete(either.scope, either.read(parent.id))
    assert parent.trashed_ms is None
    ann.delete(child)
    either.tracker.delete(either.scope, either.read(parent.id))
    assert parent.trashed_ms is not None
