"""Items that people copy, merge, quote, put away and take back, with the real clients and simulated trackers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.model.pending import TWIN
from reconciler.simulators.azure_devops.item import WorkItem
from reconciler.simulators.clickup.entities import Task
from reconciler.simulators.kit.faults import DROPPED, Faults
from reconciler.simulators.kit.wire import Request, Response
from tests.support.duo import Duo


@pytest.fixture
def duo(tmp_path: Path) -> Iterator[Duo]:
    made = Duo(tmp_path, requests_per_minute=10_000)
    yield made
    made.close()


def task_of(duo: Duo, item: WorkItem) -> Task:
    """The task that `item` is linked with."""
    link = duo.store.link("web", "left", str(item.id))
    assert link is not None
    return duo.clickup.world.tasks[link.key("right")]


def item_of(duo: Duo, task: Task) -> WorkItem:
    link = duo.store.link("web", "right", task.id)
    assert link is not None
    return duo.azure.world.items[int(link.key("left"))]


def test_a_duplicated_task_is_a_task_of_its_own(duo: Duo) -> None:
    item = duo.developer.create("Web", "Task", "Log in")
    duo.settle()
    task = task_of(duo, item)
    duplicate = duo.planner.create_task(duo.lists[0], "Log in (copy)", markdown_content=task.markdown)
    duo.settle()
    duo.planner.edit(duplicate, name="Log out")
    duo.developer.edit(item, {"System.Title": "Sign in"})
    duo.settle()
    duo.cycle(sweep=True)
    duo.settle()
    assert duo.titles() == (["Log out", "Sign in"], ["Log out", "Sign in"])
    assert task_of(duo, item) is task


def test_a_copied_work_item_is_an_item_of_its_own(duo: Duo) -> None:
    task = duo.planner.create_task(duo.lists[0], "Pay by card")
    duo.settle()
    item = item_of(duo, task)
    copy = duo.developer.create("Web", "Task", "Pay by card - copy")
    [link] = item.current.resources
    duo.developer.add_hyperlink(copy, link.url, link.attributes["comment"])
    duo.settle()
    duo.developer.edit(copy, {"System.Title": "Pay by phone"})
    duo.planner.edit(task, name="Pay by credit card")
    duo.settle()
    duo.cycle(sweep=True)
    duo.settle()
    assert duo.titles() == (["Pay by credit card", "Pay by phone"], ["Pay by credit card", "Pay by phone"])
    assert item_of(duo, task) is item


def test_a_task_that_the_owner_of_the_token_duplicates_is_told_and_left_alone(duo: Duo) -> None:
    """It cannot be told from a twin of our own making: both carry our mark and were made by our account."""
    item = duo.developer.create("Web", "Task", "Log in")
    duo.settle()
    task = task_of(duo, item)
    owner = duo.clickup.as_member(duo.sync_member)
    duplicate = owner.create_task(duo.lists[0], "Log in (copy)", markdown_content=task.markdown)
    duo.settle()
    duo.cycle(sweep=True)
    duo.settle()
    assert duo.titles() == (["Log in"], ["Log in", "Log in (copy)"])
    assert task_of(duo, item) is task
    assert [(row.key, row.reason) for row in duo.store.pending("web")] == [(duplicate.id, TWIN)]


def test_of_two_merged_tasks_the_one_that_is_left_keeps_its_work_item(duo: Duo) -> None:
    items = [duo.developer.create("Web", "Task", title) for title in ("Log in", "Sign in")]
    duo.settle()
    tasks = [task_of(duo, item) for item in items]
    duo.planner.comment(tasks[1], "seen on Monday")
    duo.settle()
    duo.planner.merge(tasks[0], tasks[1])
    duo.cycle(sweep=True)
    duo.settle()
    duo.clock.advance(1200)
    duo.settle()
    assert [item.deleted for item in items] == [False, False]
    assert [item.fields["System.State"] for item in items] == ["New", "Closed"]
    assert task_of(duo, items[0]) is tasks[0]
    assert duo.titles() == (["Log in", "Sign in"], ["Log in"])


def test_a_task_that_becomes_a_subtask_stays_the_partner(duo: Duo) -> None:
    items = [duo.developer.create("Web", "Task", title) for title in ("Log in", "Sign in")]
    duo.settle()
    tasks = [task_of(duo, item) for item in items]
    duo.planner.set_parent(tasks[1], tasks[0])
    duo.settle()
    duo.planner.edit(tasks[1], name="Sign on")
    duo.cycle(sweep=True)
    duo.settle()
    assert duo.titles() == (["Log in", "Sign on"], ["Log in", "Sign on"])


def test_a_work_item_of_another_type_stays_the_partner(duo: Duo) -> None:
    item = duo.developer.create("Web", "Task", "Log in")
    duo.settle()
    task = task_of(duo, item)
    duo.developer.change_type(item, "Bug")
    duo.settle()
    assert duo.titles() == (["Log in"], ["Log in"])
    assert task_of(duo, item) is task


@pytest.mark.parametrize("who", ["a colleague", "the owner of the token"])
def test_a_comment_that_quotes_our_mark_is_carried_as_what_it_is(duo: Duo, who: str) -> None:
    task = duo.planner.create_task(duo.lists[0], "Pay by card")
    duo.planner.comment(task, "seen on Monday")
    duo.settle()
    duo.clock.advance(1200)
    duo.settle()
    item = item_of(duo, task)
    [copy] = item.comments
    person = duo.developer if who == "a colleague" else duo.azure.as_user(duo.bot)
    person.comment(item, f"<blockquote>{copy.latest.text}</blockquote><p>me too</p>")
    person.comment(item, f"<p>me three</p>{copy.latest.text}")
    duo.settle()
    duo.clock.advance(1200)
    duo.settle()
    assert len(task.comments) == 3
    assert len(item.comments) == 3


def test_what_comes_back_from_the_recycle_bin_is_paired_again(duo: Duo) -> None:
    item = duo.developer.create("Web", "Task", "Log in")
    duo.settle()
    task = task_of(duo, item)
    duo.developer.delete(item)
    duo.cycle(sweep=True)
    duo.settle()
    assert task.status.name == "complete"
    duo.developer.restore(item)
    duo.developer.edit(item, {"System.Title": "Sign in"})
    duo.settle()
    assert duo.titles() == (["Sign in"], ["Sign in"])
    assert task_of(duo, item) is task


def test_what_comes_back_from_the_trash_is_paired_again(duo: Duo) -> None:
    item = duo.developer.create("Web", "Task", "Log in")
    duo.settle()
    task = task_of(duo, item)
    duo.planner.delete(task)
    duo.cycle(sweep=True)
    duo.settle()
    assert item.fields["System.State"] == "Closed"
    duo.planner.restore(task)
    duo.planner.edit(task, name="Sign in")
    duo.settle()
    assert duo.titles() == (["Sign in"], ["Sign in"])
    assert task_of(duo, item) is task


def test_a_task_archived_and_taken_back_stays_the_partner(duo: Duo) -> None:
    item = duo.developer.create("Web", "Task", "Log in")
    duo.settle()
    task = task_of(duo, item)
    duo.planner.archive(task)
    duo.cycle(sweep=True)
    duo.settle()
    duo.developer.edit(item, {"System.Title": "Sign in"})
    duo.settle()
    duo.planner.archive(task, archived=False)
    duo.planner.edit(task, markdown_content="With a password")
    duo.cycle(sweep=True)
    duo.settle()
    assert duo.titles() == (["Sign in"], ["Sign in"])
    assert task_of(duo, item) is task


def test_a_task_moved_out_of_sight_and_back_stays_the_partner(duo: Duo) -> None:
    item = duo.developer.create("Web", "Task", "Log in")
    duo.settle()
    task = task_of(duo, item)
    elsewhere = duo.clickup.add_list(duo.lists[0].space, "Elsewhere")
    duo.planner.move(task, elsewhere)
    duo.cycle(sweep=True)
    duo.settle()
    duo.developer.edit(item, {"System.Title": "Sign in"})
    duo.cycle(sweep=True)
    duo.settle()
    assert not item.deleted
    assert len(duo.titles()[1]) == 1
    duo.planner.move(task, duo.lists[0])
    duo.cycle(sweep=True)
    duo.settle()
    assert duo.titles() == (["Sign in"], ["Sign in"])
    assert task_of(duo, item) is task


def test_a_work_item_moved_out_of_sight_and_back_stays_the_partner(duo: Duo) -> None:
    item = duo.developer.create("Web", "Task", "Log in")
    duo.settle()
    task = task_of(duo, item)
    duo.azure.add_project("Elsewhere")
    duo.developer.move(item, "Elsewhere")
    duo.cycle(sweep=True)
    duo.settle()
    duo.planner.edit(task, name="Sign in")
    duo.cycle(sweep=True)
    duo.settle()
    assert task.trashed_ms is None
    assert task.status.name == "to do"
    duo.developer.move(item, "Web")
    duo.cycle(sweep=True)
    duo.settle()
    assert duo.titles() == (["Sign in"], ["Sign in"])
    assert task_of(duo, item) is task


def late(faults: Faults, match: str) -> list[Request]:
    """The next request of that kind is answered by nobody; the service gets it when the test hands it over."""
    kept: list[Request] = []

    def keep(request: Request) -> Response:
        kept.append(request)
        return DROPPED

    faults.inject("late", match, on_request=keep)
    return kept


@pytest.mark.parametrize("side", ["ado", "clickup"])
@pytest.mark.parametrize("after_s", [60.0, 600.0])
def test_a_creation_that_the_service_carries_out_late(duo: Duo, side: str, after_s: float) -> None:
    if side == "ado":
        kept = late(duo.azure.faults, "^POST .*/workitems/")
        duo.planner.create_task(duo.lists[0], "Pay by card")
    else:
        kept = late(duo.clickup_service.faults, "^POST .*/task$")
        duo.developer.create("Web", "Task", "Pay by card")
    for _ in range(1 + int(after_s // 30)):
        duo.cycle()
    [request] = kept
    (duo.azure if side == "ado" else duo.clickup_service).handle(request)
    for _ in range(10):
        duo.cycle()
    items, tasks = duo.titles()
    mine, theirs = (tasks, items) if side == "ado" else (items, tasks)
    copies = 1 if after_s < 180 else 2
    assert (mine, theirs) == (["Pay by card"], ["Pay by card"] * copies)
    assert [row.reason for row in duo.store.pending("web")] == [TWIN] * (copies - 1)
