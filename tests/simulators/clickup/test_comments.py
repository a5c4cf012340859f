"""Comments: pages, forms of ids, whole-body edits, replies (FACTS clickup 11)."""

from __future__ import annotations

from reconciler.simulators.clickup.segments import mention
from tests.simulators.clickup.desk import Desk


def test_pages_of_25_newest_first_join_without_overlap(desk: Desk) -> None:
    task = desk.make()
    for number in range(60):
        desk.clock.advance(0.5 if number % 2 else 0)  # pairs share a millisecond
        desk.as_ben.comment(task, f"{number}")
    seen: list[str] = []
    query = ""
    while page := desk.get(f"/task/{task.id}/comment{query}")["comments"]:
        assert len(page) <= 25
        seen += [comment["comment_text"] for comment in page]
        query = f"?start={page[-1]['date']}&start_id={page[-1]['id']}"
    assert seen == [f"{number}" for number in reversed(range(60))]


def test_start_alone_means_nothing(desk: Desk) -> None:
    task = desk.make()
    comment = desk.as_ben.comment(task, "only")
    assert len(desk.get(f"/task/{task.id}/comment?start={comment.created_ms}")["comments"]) == 1


def test_ids_and_dates_are_numbers_when_created_and_texts_when_read(desk: Desk) -> None:
    task = desk.make()
    made = desk.post(f"/task/{task.id}/comment", {"comment_text": "a\nb", "notify_all": False})
    (read,) = desk.get(f"/task/{task.id}/comment")["comments"]
    assert (read["id"], read["date"]) == (str(made["id"]), str(made["date"]))
    assert made["id"] > 2**31
    assert read["comment"] == [{"text": "a\nb"}]
    assert read["user"]["id"] == desk.ada.id
    assert "resolved" not in read


def test_segments_are_echoed_and_mentions_grow_a_person(desk: Desk) -> None:
    task = desk.make()
    body = [
        {"text": "see ", "attributes": {}},
        {"type": "tag", "user": {"id": desk.ben.id}},
        {"text": "\n", "attributes": {"list": {"list": "bullet"}}},
    ]
    desk.post(f"/task/{task.id}/comment", {"comment": body})
    (read,) = desk.get(f"/task/{task.id}/comment")["comments"]
    assert read["comment"][0] == body[0]
    assert read["comment"][1]["user"]["username"] == "Ben Sample"
    assert read["comment"][2] == body[2]
    assert read["comment_text"] == "see @Ben Sample\n"


def test_a_mention_of_a_former_member_keeps_its_text_only(desk: Desk) -> None:
    task = desk.make()
    desk.as_ada.comment(task, [mention(desk.ben)])
    desk.clickup.remove_member(desk.workspace, desk.ben)
    (read,) = desk.get(f"/task/{task.id}/comment")["comments"]
    assert read["comment"] == [{"type": "tag", "text": "@Ben Sample"}]


def test_an_edit_replaces_everything_and_leaves_no_time(desk: Desk) -> None:
    task = desk.make()
    comment = desk.as_ben.comment(task, "old")
    (before,) = desk.get(f"/task/{task.id}/comment")["comments"]
    desk.clock.advance(60)
    assert desk.put(f"/comment/{comment.id}", {"comment_text": "new"}) == {}
    (after,) = desk.get(f"/task/{task.id}/comment")["comments"]
    changed = {"comment": [{"text": "new"}], "comment_text": "new"}
    assert after == before | changed


def test_a_put_without_text_blanks_the_comment(desk: Desk) -> None:
    task = desk.make()
    comment = desk.as_ben.comment(task, "old")
    desk.put(f"/comment/{comment.id}", {"resolved": True})
    (read,) = desk.get(f"/task/{task.id}/comment")["comments"]
    assert (read["comment"], read["comment_text"]) == ([], "")


def test_only_assigned_comments_can_be_resolved(desk: Desk) -> None:
    task = desk.make()
    made = desk.post(f"/task/{task.id}/comment", {"comment_text": "Please", "assignee": desk.ben.id})
    unknown = desk.post(f"/task/{task.id}/comment", {"comment_text": "Who", "assignee": 5})
    desk.put(f"/comment/{made['id']}", {"comment_text": "Please", "resolved": True})
    newest, oldest = desk.get(f"/task/{task.id}/comment")["comments"]
    assert (newest["id"], newest["assignee"]) == (str(unknown["id"]), None)
    assert (oldest["resolved"], oldest["assigned_by"]["id"]) == (True, desk.ada.id)


def test_replies_stand_apart_and_are_counted(desk: Desk) -> None:
    task = desk.make()
    comment = desk.as_ben.comment(task, "parent")
    for text in ("first", "second"):
        desk.clock.advance(1)
        assert isinstance(desk.post(f"/comment/{comment.id}/reply", {"comment_text": text})["id"], int)
    (parent,) = desk.get(f"/task/{task.id}/comment")["comments"]
    assert parent["reply_count"] == 2
    replies = desk.get(f"/comment/{comment.id}/reply")["comments"]
    assert [reply["comment_text"] for reply in replies] == ["first", "second"]
    desk.switch(replies_newest_first=True)
    assert desk.get(f"/comment/{comment.id}/reply")["comments"] == replies[::-1]


def test_deleting_takes_the_replies_along(desk: Desk) -> None:
    task = desk.make()
    comment = desk.as_ben.comment(task, "parent")
    reply = desk.as_ada.reply(comment, "reply")
    assert desk.call("DELETE", f"/v2/comment/{comment.id}").body == {}
    assert desk.get(f"/task/{task.id}/comment")["comments"] == []
    assert desk.refused("PUT", f"/comment/{reply.id}", {"comment_text": "x"}) == (401, "OAUTH_018")


def test_markdown_is_rendered_unless_it_comes_with_text(desk: Desk) -> None:
    address = f"/task/{desk.make().id}/comment"
    desk.post(address, {"comment_markdown": "# Head\n- a **b**\n```\nx\n```"})
    (read,) = desk.get(address)["comments"]
    assert read["comment"] == [
        {"text": "Head", "attributes": {"bold": True}},
        {"text": "\n", "attributes": {}},
        {"text": "a ", "attributes": {}},
        {"text": "b", "attributes": {"bold": True}},
        {"text": "\n", "attributes": {"list": {"list": "bullet"}}},
        {"text": "x", "attributes": {}},
        {"text": "\n", "attributes": {"code-block": {"code-block": "plain"}}},
    ]
    assert desk.refused("POST", address, {"comment_markdown": "a", "comment_text": "a"})[0] == 400
    desk.switch(accepts_comment_markdown=False)
    assert desk.refused("POST", address, {"comment_markdown": "a"})[0] == 400


def test_long_comments_may_be_refused(desk: Desk) -> None:
    desk.switch(comment_characters_max=3)
    assert desk.refused("POST", f"/task/{desk.make().id}/comment", {"comment_text": "four"})[0] == 400


def test_a_picture_in_a_comment_is_an_attachment_of_the_task(desk: Desk) -> None:
    task = desk.make()
    attachment = desk.as_ben.attach(task, "a.png", b"png")
    desk.as_ben.comment_with_image(task, "look", attachment)
    (read,) = desk.get(f"/task/{task.id}/comment")["comments"]
    assert read["comment"][1]["image"]["id"] == desk.read(task)["attachments"][0]["id"]
    assert read["comment_text"] == "look\na.png"
