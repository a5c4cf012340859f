"""The feed against the simulator: what it shows, what it costs, and what cannot be skipped."""

from __future__ import annotations

from datetime import timedelta

import pytest

from reconciler.clock import VirtualClock
from reconciler.errors import Unavailable
from reconciler.model.item import Item
from reconciler.simulators.clickup.entities import Task
from reconciler.simulators.kit.simulation import ServerClock
from reconciler.simulators.kit.wire import Request, Response
from reconciler.trackers.clickup import Place, feed
from reconciler.trackers.clickup.client import Rows
from tests.trackers.clickup.conftest import EARLY, Bench, make_bench


def keys(items: list[Item]) -> set[str]:
    return {item.key for item in items}


@pytest.mark.parametrize("lists", [1, 5, 20])
def test_an_idle_poll_is_one_request_however_many_lists(lists: int) -> None:
    bench = make_bench()
    places = [bench.service.add_list(bench.space, f"List {number}") for number in range(lists)]
    scopes = [Place("list", place.id, place.id) for place in places]
    for place in places:
        bench.service.as_member(bench.ann).create_task(place, "Old")
    bench.tick(3600)
    mark = bench.log.mark()
    pages = list(bench.tracker.changed_since(scopes, bench.clock.now() - timedelta(minutes=2), {}))
    assert [item for page in pages for item in page.items] == []
    assert pages[-1].watermark == bench.clock.now()
    assert len(bench.log.since(mark)) == 1


def test_a_hundred_lists_more_cost_one_request_more() -> None:
    bench = make_bench()
    places = [bench.service.add_list(bench.space, f"List {number}") for number in range(101)]
    scopes = [Place("list", place.id, place.id) for place in places]
    task = bench.service.as_member(bench.ann).create_task(places[-1], "In the last one")
    mark = bench.log.mark()
    pages = list(bench.tracker.changed_since(scopes, EARLY, {}))
    assert [(scope, item.key) for page in pages for scope, item in page.items] == [(scopes[-1], task.id)]
    assert len(bench.log.since(mark)) == 2


def test_closed_tasks_and_subtasks_are_shown_and_deleted_ones_are_not(bench: Bench) -> None:
    ann = bench.service.as_member(bench.ann)
    parent = ann.create_task(bench.tasks, "Parent")
    child = ann.create_task(bench.tasks, "Child", parent=parent.id)
    closed = ann.create_task(bench.tasks, "Closed", status="complete")
    gone = ann.create_task(bench.tasks, "Gone")
    ann.delete(gone)
    assert keys(bench.changes(EARLY)) == {parent.id, child.id, closed.id}


def test_what_is_known_at_its_revision_is_left_out_and_comes_back_when_it_changes(bench: Bench) -> None:
    ann = bench.service.as_member(bench.ann)
    task = ann.create_task(bench.tasks, "One")
    [first] = bench.changes(EARLY)
    known = {first.key: first.revision}
    assert bench.changes(EARLY, known) == []
    ann.edit(task, name="Two")  # in the same millisecond
    [second] = bench.changes(EARLY, known)
    assert second.title == "Two"
    assert second.revision != first.revision


@pytest.mark.parametrize("inclusive", [False, True])
def test_what_changed_exactly_at_the_watermark_is_shown(inclusive: bool) -> None:
    bench = make_bench(after_includes_equal=inclusive)
    ann = bench.service.as_member(bench.ann)
    ann.create_task(bench.tasks, "Before")
    bench.tick()
    at = bench.clock.now()
    task = ann.create_task(bench.tasks, "At the watermark")
    assert keys(bench.changes(at)) == {task.id}


@pytest.mark.parametrize("inclusive", [False, True])
@pytest.mark.parametrize("since_given", [False, True])
def test_hundreds_of_equal_timestamps_are_all_shown_once(inclusive: bool, since_given: bool) -> None:
    bench = make_bench(after_includes_equal=inclusive)
    ann = bench.service.as_member(bench.ann)
    made = [ann.create_task(bench.tasks, f"Early {n}").id for n in range(130)]
    bench.clock.advance(0.001)
    made += [ann.create_task(bench.tasks, f"Bulk {n}").id for n in range(350)]
    bench.tick()
    made += [ann.create_task(bench.tasks, f"Late {n}").id for n in range(30)]
    pages = bench.tracker.changed_since([bench.scope], EARLY if since_given else None, {})
    shown = [item.key for page in pages for _, item in page.items]
    assert sorted(shown) == sorted(made)


@pytest.mark.parametrize("spread_s", [0.0, 0.01])
@pytest.mark.parametrize("inclusive", [False, True])
def test_edits_between_pages_hide_nothing(spread_s: float, inclusive: bool) -> None:
    """Somebody keeps editing tasks of the pages that were read already, which pulls the others forward."""
    bench = make_bench(after_includes_equal=inclusive)
    ann = bench.service.as_member(bench.ann)
    tasks = []
    for number in range(450):
        tasks.append(ann.create_task(bench.tasks, f"Task {number}"))
        bench.clock.advance(spread_s)
    bench.tick(60)
    edited = iter(tasks)

    def edit_some(request: Request, response: Response) -> Response:
        if request.path.endswith("/task"):
            bench.tick()
            for _ in range(5):
                ann.edit(next(edited), name="Touched")
        return response

    bench.wire.faults.inject("people at work", "^GET .*/task$", on_response=edit_some, times=20)
    pages = list(bench.tracker.changed_since([bench.scope], EARLY, {}))
    shown = {item.key for page in pages for _, item in page.items}
    later = keys(bench.changes(pages[-1].watermark or EARLY))
    assert shown | later == {task.id for task in tasks}


def test_deletions_between_pages_hide_nothing(bench: Bench) -> None:
    ann = bench.service.as_member(bench.ann)
    tasks = []
    for number in range(350):
        tasks.append(ann.create_task(bench.tasks, f"Task {number}"))
        bench.clock.advance(0.01)
    doomed = iter(tasks[:50])

    def delete_some(request: Request, response: Response) -> Response:
        for _ in range(5):
            ann.delete(next(doomed))
        return response

    bench.wire.faults.inject("people at work", "^GET .*/task$", on_response=delete_some, times=8)
    for since in (EARLY, None):
        shown = {item.key for page in bench.tracker.changed_since([bench.scope], since, {}) for _, item in page.items}
        assert {task.id for task in tasks[50:]} <= shown


def test_the_watermark_is_the_servers_time_at_the_start_of_the_scan(bench: Bench) -> None:
    ann = bench.service.as_member(bench.ann)
    for number in range(250):
        ann.create_task(bench.tasks, f"Task {number}")
        bench.clock.advance(0.01)
    start = bench.clock.now()

    def slow(request: Request, response: Response) -> Response:
        bench.tick(5)
        return response

    bench.wire.faults.inject("people at work", "^GET .*/task$", on_response=slow, times=3)
    pages = list(bench.tracker.changed_since([bench.scope], EARLY, {}))
    assert all(page.watermark is None for page in pages[:-1])
    assert pages[-1].watermark is not None
    assert pages[-1].watermark - start <= timedelta(seconds=6)
    assert len(pages) > 3


def test_what_lies_ahead_of_a_clock_that_was_set_back_is_shown_on_every_page(bench: Bench) -> None:
    """An edit of such a task keeps its date; who stops at the first one would write over the edit unseen."""
    clock = ServerClock(bench.clock, ahead_s=600.0)
    bench.wire.clock = bench.service.world.clock = clock
    ann = bench.service.as_member(bench.ann)
    tasks = [ann.create_task(bench.tasks, f"Task {number}") for number in range(250)]
    clock.ahead_s = 0.0
    for task in tasks:
        ann.edit(task, name=f"{task.name}, edited")
    assert {item.title for item in bench.changes(EARLY)} == {task.name for task in tasks}


def test_a_busy_workspace_does_not_keep_a_scan_running_forever(bench: Bench) -> None:
    ann = bench.service.as_member(bench.ann)
    tasks = [ann.create_task(bench.tasks, f"Task {number}") for number in range(150)]
    bench.tick(10)

    def edit_all(request: Request, response: Response) -> Response:
        bench.tick(10)
        for task in tasks:
            ann.edit(task, name=f"At {bench.clock.now()}")
        return response

    bench.wire.faults.inject("people at work", "^GET .*/task$", on_response=edit_all, times=1000)
    mark = bench.log.mark()
    list(bench.tracker.changed_since([bench.scope], EARLY, {}))
    assert len(bench.log.since(mark)) < 40


def test_a_listing_that_repeats_itself_is_reported_instead_of_followed() -> None:
    row = {"id": "a", "date_updated": "1000", "date_created": "1000"}

    class Stuck:
        def tasks(self, list_ids: object, page: int, params: object) -> object:
            return Rows((row,), last=False, server_time=VirtualClock().now())

    with pytest.raises(Unavailable, match="repeats itself"):
        list(feed.changed(Stuck(), ["1"], EARLY.replace(year=1970), feed.Scan()))  # type: ignore[arg-type]


def test_rows_behind_what_a_write_has_shown_are_ignored() -> None:
    """The listing may lag behind; an old row must not look like somebody undoing our write (FACTS clickup 14.7)."""
    bench = make_bench(index_delay_ms=30_000)
    ann = bench.service.as_member(bench.ann)
    ann.create_task(bench.tasks, "Old title")
    bench.tick(60)
    [base] = bench.changes(EARLY)
    bench.tick()
    [written] = bench.tracker.update(bench.scope, base, {"title": "New title"})
    known = {base.key: written.item.revision}
    restarted = bench.another_tracker()
    for tracker in (bench.tracker, restarted):
        pages = tracker.changed_since([bench.scope], EARLY, known)
        assert [item.title for page in pages for _, item in page.items] == []
    bench.tick(60)
    [item] = bench.changes(EARLY, known)
    assert item.title == "New title"


def test_a_sweep_meets_everything_archived_tasks_included(bench: Bench) -> None:
    ann = bench.service.as_member(bench.ann)
    tasks = [ann.create_task(bench.tasks, f"Task {number}") for number in range(120)]
    ann.archive(tasks[7])
    swept = [item for page in bench.tracker.sweep(bench.scope) for _, item in page.items]
    assert sorted(keys(swept)) == sorted(task.id for task in tasks)
    assert [item.key for item in swept if item.archived] == [tasks[7].id]


def test_a_sweep_goes_on_behind_any_of_its_pages(bench: Bench) -> None:
    """Several listings, archived ones, and more tasks of one instant than a page holds."""
    ann = bench.service.as_member(bench.ann)
    folder = bench.service.add_folder(bench.space, "Folder")
    lists = [bench.service.add_list(folder, f"List {number}") for number in range(2)]
    scope = Place("folder", folder.id, lists[0].id)
    tasks = [ann.create_task(lists[number % 2], f"Task {number}") for number in range(130)]
    for number in range(130):
        bench.tick(1)
        tasks.append(ann.create_task(lists[number % 2], f"Later {number}"))
    for task in tasks[:3]:
        ann.archive(task)
    pages = list(bench.tracker.sweep(scope))
    assert {item.key for page in pages for _, item in page.items} == keys_of(tasks)
    seen: set[str] = set()
    for page in pages:
        if page.resume:
            seen |= {item.key for _, item in page.items}
            rest = {item.key for later in bench.tracker.sweep(scope, after=page.resume) for _, item in later.items}
            assert seen | rest == keys_of(tasks)
    assert len(rest) < 130
    whole = {item.key for page in bench.tracker.sweep(scope, after="created/404/1") for _, item in page.items}
    assert whole == keys_of(tasks), "a List that is gone begins the walk anew"


def keys_of(tasks: list[Task]) -> set[str]:
    return {task.id for task in tasks}


def test_a_sweep_shows_what_moves_no_date(bench: Bench) -> None:
    """A renamed status changes what a task shows and leaves its date alone (FACTS clickup 4.4)."""
    ann = bench.service.as_member(bench.ann)
    task = ann.create_task(bench.tasks, "Task")
    [before] = bench.changes(EARLY)
    bench.tick()
    ann.rename_status(task.status, "backlog")
    [after] = [item for page in bench.tracker.sweep(bench.scope) for _, item in page.items]
    assert after.changed_at == before.changed_at
    assert after.revision != before.revision
    assert after.fields["state"] == "backlog"


def test_folder_and_space_cover_all_their_lists_and_lists_made_later_after_the_next_look(bench: Bench) -> None:
    ann = bench.service.as_member(bench.ann)
    folder = bench.service.add_folder(bench.space, "Folder")
    inside = bench.service.add_list(folder, "Inside")
    outside = ann.create_task(bench.tasks, "Outside")
    task = ann.create_task(inside, "Inside")
    in_folder = Place("folder", folder.id, inside.id)
    in_space = Place("space", bench.space.id, bench.tasks.id)

    def shown(place: Place) -> set[str]:
        return {item.key for page in bench.tracker.changed_since([place], EARLY, {}) for _, item in page.items}

    assert shown(in_folder) == {task.id}
    assert shown(in_space) == {task.id, outside.id}
    late = ann.create_task(bench.service.add_list(folder, "Late"), "Late")
    bench.tracker.schema(in_folder)
    assert shown(in_folder) == {task.id, late.id}


def test_a_task_counts_for_the_scope_of_its_home_list(bench: Bench) -> None:
    ann = bench.service.as_member(bench.ann)
    other = bench.service.add_list(bench.space, "Other")
    task = ann.create_task(bench.tasks, "Task")
    ann.add_to_list(task, other)
    there = Place("list", other.id, other.id)
    assert [item for page in bench.tracker.changed_since([there], EARLY, {}) for _, item in page.items] == []
    ann.move(task, other)
    found = [scope for page in bench.tracker.changed_since([there, bench.scope], EARLY, {}) for scope, _ in page.items]
    assert found == [there]
