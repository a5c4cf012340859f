"""Comments: read from segments, written as segments, edited whole, found by their marker."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.errors import Gone, OutcomeUnknown
from reconciler.model.comment import CommentDraft
from reconciler.model.item import Item
from reconciler.model.rich_text import Form, RichText
from reconciler.simulators.clickup.entities import Task
from reconciler.simulators.kit.wire import Response
from tests.trackers.clickup.conftest import Bench, origin


def text(markdown: str) -> RichText:
    return RichText(Form.MARKDOWN, markdown)


@pytest.fixture
def task(bench: Bench) -> Task:
    return bench.service.as_member(bench.ann).create_task(bench.tasks, "Task")


@pytest.fixture
def item(bench: Bench, task: Task) -> Item:
    return bench.read(task.id)


def draft(markdown: str, number: int = 1) -> CommentDraft:
    return CommentDraft("Jane Doe", text(markdown), origin(number))


def texts(bench: Bench, item: Item) -> list[str]:
    return [comment.text.text for comment in bench.tracker.comments(bench.scope, item)]


def test_all_pages_are_read_oldest_first(bench: Bench, task: Task, item: Item) -> None:
    ann = bench.service.as_member(bench.ann)
    for number in range(60):
        ann.comment(task, f"Number {number}")
        bench.clock.advance(0.1 if number % 3 else 0)  # some share a millisecond
    assert texts(bench, item) == [f"Number {number}" for number in range(60)]


def test_replies_stand_in_line_with_the_others(bench: Bench, task: Task, item: Item) -> None:
    ann = bench.service.as_member(bench.ann)
    first = ann.comment(task, "Question")
    bench.tick()
    ann.comment(task, "Something else")
    bench.tick()
    ann.reply(first, "Answer")
    assert texts(bench, item) == ["Question", "Something else", "Answer"]


def test_an_item_without_replies_costs_one_request(bench: Bench, task: Task, item: Item) -> None:
    bench.service.as_member(bench.ann).comment(task, "Only one")
    mark = bench.log.mark()
    bench.tracker.comments(bench.scope, item)
    assert len(bench.log.since(mark)) == 1


def test_a_persons_comment_tells_who_when_and_where(bench: Bench, task: Task, item: Item) -> None:
    made = bench.service.as_member(bench.ann).comment(task, "Hello")
    [comment] = bench.tracker.comments(bench.scope, item)
    assert comment.key == str(made.id)
    assert (comment.author.address, comment.author.name) == ("ann@example.com", "Ann Archer")
    assert comment.created_at == bench.clock.now()
    assert comment.url == f"https://app.clickup.com/t/{task.id}?comment={made.id}"
    assert bench.tracker.key_of(comment.url) == task.id
    assert comment.origin is None
    assert not comment.ours


def test_a_copy_reads_back_as_it_was_answered(bench: Bench, item: Item) -> None:
    markdown = "Hello **world** and `code`\n\n- one\n- two\n\n```python\nx = 1\n```"
    made = bench.tracker.add_comment(bench.scope, item, draft(markdown))
    assert bench.tracker.comments(bench.scope, item) == [made]
    assert made.origin == origin()
    assert made.credit == "Jane Doe"
    assert made.ours
    assert [line for line in made.text.text.split("\n") if line] == [line for line in markdown.split("\n") if line]


def test_the_attribution_line_is_what_people_see_first(bench: Bench, task: Task, item: Item) -> None:
    bench.tracker.add_comment(bench.scope, item, draft("Hello"))
    [row] = bench.tracker._client.comments(task.id)
    assert row["comment_text"].startswith("Jane Doe")
    assert any(segment.get("attributes", {}).get("link") == origin().href for segment in row["comment"])


def test_nobody_is_mentioned_and_nobody_notified(bench: Bench, task: Task, item: Item) -> None:
    bench.tracker.add_comment(bench.scope, item, draft("Ask @Ann Archer about it"))
    [row] = bench.tracker._client.comments(task.id)
    assert {segment.get("type") for segment in row["comment"]} == {None}
    assert b'"notify_all":false' in bench.log.since()[-2].body


def test_an_edit_replaces_the_text_and_keeps_the_attribution(bench: Bench, item: Item) -> None:
    made = bench.tracker.add_comment(bench.scope, item, draft("Before"))
    for _ in range(2):
        edited = bench.tracker.edit_comment(bench.scope, item, made, text("After"))
        assert edited.text == text("After")
        assert bench.tracker.comments(bench.scope, item) == [edited]
    assert edited.origin == origin()
    assert edited.credit == "Jane Doe"


def test_an_edit_keeps_whether_the_comment_is_resolved(bench: Bench, task: Task, item: Item) -> None:
    body: dict[str, Any] = {"comment_text": "To do", "assignee": bench.ann.id, "notify_all": False}
    made = bench.tracker._client.create_comment(task.id, body)
    bench.tracker._client.update_comment(str(made["id"]), task.id, {"comment_text": "To do", "resolved": True})
    [comment] = bench.tracker.comments(bench.scope, item)
    bench.tracker.edit_comment(bench.scope, item, comment, text("Done"))
    [row] = bench.tracker._client.comments(task.id)
    assert row["comment_text"] == "Done"
    assert row["resolved"] is True


def test_editing_a_reply_reaches_it(bench: Bench, task: Task, item: Item) -> None:
    bot = bench.service.as_member(bench.bot)
    bot.reply(bot.comment(task, "Question"), "Answer")
    reply = bench.tracker.comments(bench.scope, item)[-1]
    bench.tracker.edit_comment(bench.scope, item, reply, text("Better answer"))
    assert texts(bench, item)[-1] == "Better answer"


def test_editing_what_is_gone_is_refused_and_deleting_it_is_harmless(bench: Bench, item: Item) -> None:
    made = bench.tracker.add_comment(bench.scope, item, draft("Hello"))
    bench.tracker.delete_comment(bench.scope, item, made.key)
    assert bench.tracker.comments(bench.scope, item) == []
    bench.tracker.delete_comment(bench.scope, item, made.key)
    with pytest.raises(Gone):
        bench.tracker.edit_comment(bench.scope, item, made, text("Too late"))


def test_a_comment_without_an_answer_is_in_doubt_and_can_be_found(bench: Bench, task: Task, item: Item) -> None:
    bench.wire.faults.inject("lost", "^POST", on_response=lambda request, response: Response(0, dropped=True))
    with pytest.raises(OutcomeUnknown):
        bench.tracker.add_comment(bench.scope, item, draft("Hello"))
    for number in range(40):
        bench.service.as_member(bench.ann).comment(task, f"Later {number}")
        bench.tick()
    found = bench.tracker.find_comment(bench.scope, item, origin())
    assert found is not None
    assert found.text == text("Hello")
    assert bench.tracker.find_comment(bench.scope, item, origin(2)) is None


def test_a_marker_in_somebody_elses_comment_does_not_count(bench: Bench, task: Task, item: Item) -> None:
    made = bench.tracker.add_comment(bench.scope, item, draft("Hello"))
    [row] = bench.tracker._client.comments(task.id)
    bench.service.as_member(bench.ann).comment(task, row["comment"])
    bench.tracker.delete_comment(bench.scope, item, made.key)
    assert bench.tracker.find_comment(bench.scope, item, origin()) is None


def test_a_comment_is_suspected_where_the_date_moved_and_no_field_did(bench: Bench, task: Task, item: Item) -> None:
    ann = bench.service.as_member(bench.ann)
    assert not bench.tracker.discussion_moved(item, item)
    assert not bench.tracker.discussion_moved(None, item)
    bench.tick()
    ann.comment(task, "Hello")
    commented = bench.read(task.id)
    assert bench.tracker.discussion_moved(item, commented)
    assert bench.tracker.discussion_moved(None, commented)
    bench.tick()
    ann.edit(task, name="New")
    assert not bench.tracker.discussion_moved(commented, bench.read(task.id))


def test_our_own_write_suspects_no_comment(bench: Bench, item: Item) -> None:
    bench.tick()
    [written] = bench.tracker.update(bench.scope, item, {"title": "New"})
    assert not bench.tracker.discussion_moved(written.item, bench.read(item.key))
