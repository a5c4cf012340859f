"""Parents over the real clients: links that move no revision in Azure DevOps, subtasks that stay some in ClickUp."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from reconciler.check import _links
from reconciler.model.finding import Finding, Level
from reconciler.model.policy import Direction, OnDelete
from reconciler.simulators.azure_devops.item import WorkItem
from reconciler.simulators.clickup.entities import Task
from tests.support.duo import Duo

MakeDuo = Callable[..., Duo]


@pytest.fixture
def make_duo(tmp_path: Path) -> Iterator[MakeDuo]:
    made: list[Duo] = []

    def make(**policy: object) -> Duo:
        made.append(Duo(tmp_path, **policy))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for duo in made:
        duo.close()


@pytest.fixture
def duo(make_duo: MakeDuo) -> Duo:
    return make_duo()


def item(duo: Duo, title: str) -> WorkItem:
    [found] = [i for i in duo.azure.world.items.values() if i.title == title and not i.deleted]
    return found


def task(duo: Duo, title: str) -> Task:
    [found] = [t for t in duo.clickup.world.tasks.values() if t.name == title and t.trashed_ms is None]
    return found


def trees(duo: Duo) -> tuple[dict[str, str], dict[str, str]]:
    """Child to parent by title: work items, tasks."""
    items = [i for i in duo.azure.world.items.values() if not i.deleted]
    tasks = [t for t in duo.clickup.world.tasks.values() if t.trashed_ms is None]
    return (
        {i.title: i.parent.title for i in items if i.parent},
        {t.name: t.parent.name for t in tasks if t.parent},
    )


def pending(duo: Duo) -> list[str]:
    return [row.reason for row in duo.store.pending(duo.contexts[0].name)]


def test_a_backlog_of_several_levels_becomes_subtasks_with_one_write_each(duo: Duo) -> None:
    epic = duo.developer.create("Web", "Epic", "Epic")
    story = duo.developer.create("Web", "User Story", "Story", parent=epic)
    for name in ("One", "Two"):
        duo.developer.create("Web", "Task", name, parent=story)
    mark = duo.mark()
    duo.cycle()
    wanted = {"Story": "Epic", "One": "Story", "Two": "Story"}
    assert trees(duo) == (wanted, wanted)
    assert [part.writes for part in duo.since(mark)] == [0, 4]
    mark = duo.mark()
    duo.settle()
    assert [part.writes for part in duo.since(mark)] == [0, 0]


def test_subtasks_become_work_items_below_each_other(duo: Duo) -> None:
    top = duo.planner.create_task(duo.lists[0], "Top")
    middle = duo.planner.create_task(duo.lists[0], "Middle", parent=top.id)
    duo.planner.create_task(duo.lists[0], "Bottom", parent=middle.id)
    mark = duo.mark()
    duo.cycle()
    wanted = {"Middle": "Top", "Bottom": "Middle"}
    assert trees(duo) == (wanted, wanted)
    assert [part.writes for part in duo.since(mark)] == [3, 0]


def test_a_link_that_moves_no_revision_travels_in_the_next_cycle(duo: Duo) -> None:
    for name in ("Old", "New", "Child"):
        duo.developer.create("Web", "Task", name)
    duo.settle()
    child = item(duo, "Child")
    for parent in ("Old", "New"):
        duo.clock.advance(600)
        duo.cycle()
        before = child.rev
        duo.developer.set_parent(child, item(duo, parent))
        assert child.rev == before
        duo.cycle()
        assert trees(duo) == ({"Child": parent}, {"Child": parent})
    assert pending(duo) == []


def test_a_subtask_that_is_moved_moves_the_work_item(duo: Duo) -> None:
    one, two = (duo.planner.create_task(duo.lists[0], name) for name in ("One", "Two"))
    child = duo.planner.create_task(duo.lists[0], "Child", parent=one.id)
    duo.settle()
    duo.planner.set_parent(child, two)
    duo.settle()
    assert trees(duo)[0] == {"Child": "Two"}
    duo.planner.set_parent(child, None)
    duo.settle()
    assert trees(duo) == ({}, {})


def test_what_clickup_cannot_undo_stays_and_says_so_while_the_rest_travels(duo: Duo) -> None:
    parent = duo.developer.create("Web", "User Story", "Parent")
    child = duo.developer.create("Web", "Task", "Child", parent=parent)
    duo.settle()
    duo.developer.set_parent(child, None)
    duo.developer.edit(child, {"System.Title": "Child alone"})
    duo.cycle()
    assert trees(duo) == ({}, {"Child alone": "Parent"})
    assert "ClickUp lets no program make a subtask a task of its own" in pending(duo)[0]
    duo.planner.set_parent(task(duo, "Child alone"), None)
    duo.settle()
    assert trees(duo) == ({}, {})
    assert pending(duo) == []


def test_an_idle_cycle_asks_once_more_for_links_and_the_overlap_is_silent(duo: Duo) -> None:
    parent = duo.developer.create("Web", "User Story", "Parent")
    child = duo.developer.create("Web", "Task", "Child")
    duo.settle()
    duo.developer.set_parent(child, parent)
    duo.settle()
    for _ in range(5):
        mark = duo.mark()
        duo.cycle()
        ado, _ = duo.since(mark)
        assert len(ado) == 2, ado.by_route


def test_a_child_of_an_unmapped_parent_is_carried_without_it(duo: Duo) -> None:
    feature = duo.developer.create("Web", "Feature", "Feature")
    duo.developer.create("Web", "User Story", "Story", parent=feature)
    duo.settle()
    assert trees(duo)[1] == {}
    assert pending(duo) == []
    mark = duo.mark()
    duo.cycle()
    assert [part.writes for part in duo.since(mark)] == [0, 0]


def test_whoever_is_faster_with_a_parent_keeps_it(duo: Duo) -> None:
    for name in ("One", "Two", "Child"):
        duo.developer.create("Web", "Task", name)
    duo.settle()
    duo.planner.set_parent(task(duo, "Child"), task(duo, "One"))
    inner = duo.azure.handle
    hurried = False

    def hurry(request):  # type: ignore[no-untyped-def]
        nonlocal hurried
        if request.method == "PATCH" and not hurried:
            hurried = True
            duo.developer.set_parent(item(duo, "Child"), item(duo, "Two"))
        return inner(request)

    duo.azure.handle = hurry  # type: ignore[method-assign]
    duo.cycle()
    for _ in range(6):
        duo.cycle()
    assert hurried
    left, right = trees(duo)
    assert left == right
    assert left["Child"] in ("One", "Two")


def test_where_links_cannot_be_asked_for_everything_else_goes_on_and_the_next_comparison_shows_them(duo: Duo) -> None:
    for name in ("Parent", "Child"):
        duo.developer.create("Web", "Task", name)
    duo.settle()
    refusal = {"headers": {"Content-Type": "application/json"}, "body": '{"message": "no right"}'}
    duo.azure.faults.answer("/reporting/workitemlinks", 403, times=100, **refusal)  # type: ignore[arg-type]
    duo.developer.set_parent(item(duo, "Child"), item(duo, "Parent"))
    duo.developer.edit(item(duo, "Parent"), {"System.Title": "Renamed"})
    [report] = duo.cycle()
    assert [note for note in report.notes if "new parents and links are seen only when everything is compared" in note]
    assert task(duo, "Renamed")
    [finding] = warnings_of(duo)
    assert "cannot be asked: ado: no right" in finding.what
    duo.cycle(sweep=True)
    assert trees(duo)[1] == {"Child": "Renamed"}


def warnings_of(duo: Duo) -> list[Finding]:
    return [finding for finding in _links(duo.contexts[0]) if finding.level is not Level.OK]


def test_check_asks_for_links_where_they_are_carried_and_says_nothing_where_all_is_well(make_duo: MakeDuo) -> None:
    duo = make_duo()
    mark = duo.mark()
    assert warnings_of(duo) == []
    assert [len(part) for part in duo.since(mark)] == [1, 0]


def test_check_asks_for_no_links_where_they_are_not_carried(make_duo: MakeDuo) -> None:
    duo = make_duo(directions=dict.fromkeys(("parent", "predecessors", "related"), Direction.OFF))
    mark = duo.mark()
    assert warnings_of(duo) == []
    assert [len(part) for part in duo.since(mark)] == [0, 0]


# --- deletions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("on_delete", [OnDelete.CLOSE, OnDelete.DELETE])
def test_subtasks_do_not_go_into_the_trash_with_the_copy_of_a_deleted_work_item(
    make_duo: MakeDuo, on_delete: OnDelete
) -> None:
    duo = make_duo(on_delete=on_delete)
    parent = duo.developer.create("Web", "User Story", "Parent")
    child = duo.developer.create("Web", "Task", "Child", parent=parent)
    duo.settle()
    duo.developer.delete(parent)
    duo.developer.edit(child, {"System.Title": "Still needed"})
    for _ in range(6):
        duo.cycle(sweep=True)
    assert trees(duo) == ({}, {"Still needed": "Parent"})
    told = [reason for reason in pending(duo) if "subtasks, which ClickUp would delete with it" in reason]
    assert bool(told) is (on_delete is OnDelete.DELETE)


def test_a_deleted_branch_is_deleted_from_its_tips(make_duo: MakeDuo) -> None:
    duo = make_duo(on_delete=OnDelete.DELETE)
    parent = duo.developer.create("Web", "User Story", "Parent")
    child = duo.developer.create("Web", "Task", "Child", parent=parent)
    duo.settle()
    duo.developer.delete(child)
    duo.developer.delete(parent)
    for _ in range(6):
        duo.cycle(after_s=60, sweep=True)
    assert [t.name for t in duo.clickup.world.tasks.values() if t.trashed_ms is None] == []


@pytest.mark.parametrize("outside", [True, False])
def test_what_went_into_the_trash_together_is_deleted_together(make_duo: MakeDuo, outside: bool) -> None:
    duo = make_duo(on_delete=OnDelete.DELETE)
    feature = duo.developer.create("Web", "Feature", "Feature") if outside else None
    parent = duo.developer.create("Web", "User Story", "Parent", parent=feature)
    duo.developer.create("Web", "Task", "Child", parent=parent)
    duo.settle()
    duo.planner.delete(task(duo, "Parent"))
    for _ in range(6):
        duo.cycle(after_s=60, sweep=True)
    assert [i.title for i in duo.azure.world.items.values() if not i.deleted] == (["Feature"] if outside else [])
