"""Comments: read, written with their author's name, edited in the form they have, and when they are to be read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reconciler.errors import Gone, OutcomeUnknown, Rejected
from reconciler.model.comment import Comment, CommentDraft
from reconciler.model.item import Item
from reconciler.model.rich_text import Form, RichText
from reconciler.richtext import plain
from reconciler.trackers.azure_devops import client
from tests.trackers.azure_devops.conftest import Bench, make_bench, origin


@pytest.fixture
def item(bench: Bench) -> Item:
    return bench.read(bench.ann.create(bench.web, "Task", "Item").id)


def say(bench: Bench, item: Item, text: str = "Hello", number: int = 7) -> Comment:
    draft = CommentDraft("Piet Okafor", RichText(Form.MARKDOWN, text), origin(number))
    return bench.tracker.add_comment(bench.scope, item, draft)


def comments(bench: Bench, item: Item) -> list[Comment]:
    return bench.tracker.comments(bench.scope, item)


def test_all_comments_come_oldest_first_and_deleted_ones_do_not(
    bench: Bench, item: Item, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "_COMMENTS_PAGE", 2)
    made = [bench.ann.comment(int(item.key), f"Remark {number}") for number in range(5)]
    bench.ann.delete_comment(int(item.key), made[1])
    bench.ann.comment(int(item.key), "*last*", "markdown")
    found = comments(bench, item)
    assert [plain(comment.text) for comment in found] == ["Remark 0", "Remark 2", "Remark 3", "Remark 4", "last"]
    assert [comment.text.form for comment in found[-2:]] == [Form.HTML, Form.MARKDOWN]
    assert {(comment.author.address, comment.author.name, comment.ours, comment.url) for comment in found} == {
        ("ada@example.com", "Ada Beispiel", False, item.url)
    }


def test_a_comment_carries_its_author_and_is_read_back_as_it_was_answered(bench: Bench, item: Item) -> None:
    written = say(bench, item, "Some **bold** words & <tags>")
    assert plain(written.text) == "Some bold words & <tags>"
    assert (written.credit, written.ours, written.author.address) == ("Piet Okafor", True, "bot@example.com")
    assert written.origin == origin(7)
    assert comments(bench, item) == [written]
    [stored] = [native["text"] for native in bench.tracker._client.comments("Web", int(item.key))]
    assert "Piet Okafor" in stored
    assert origin(7).href in stored


def test_a_comment_of_ours_is_found_by_its_marker(bench: Bench, item: Item) -> None:
    bench.ann.comment(int(item.key), f'<div>via <a href="{origin(8).href}">x</a></div>forged')
    say(bench, item)
    found = bench.tracker.find_comment(bench.scope, item, origin(7))
    assert found is not None
    assert found.credit == "Piet Okafor"
    assert bench.tracker.find_comment(bench.scope, item, origin(8)) is None
    assert bench.tracker.find_comment(bench.scope, item, origin(9)) is None


def test_a_comment_without_an_answer_is_in_doubt_and_can_be_found(bench: Bench, item: Item) -> None:
    bench.service.faults.drop_response("POST .*/comments", times=1)
    with pytest.raises(OutcomeUnknown):
        say(bench, item)
    assert bench.tracker.find_comment(bench.scope, item, origin(7)) is not None


def test_editing_a_copy_keeps_its_attribution_line(bench: Bench, item: Item) -> None:
    written = say(bench, item)
    edited = bench.tracker.edit_comment(bench.scope, item, written, RichText(Form.MARKDOWN, "Better"))
    assert plain(edited.text) == "Better"
    assert (edited.key, edited.credit, edited.origin) == (written.key, "Piet Okafor", origin(7))
    assert comments(bench, item) == [edited]
    again = bench.tracker.edit_comment(bench.scope, item, edited, RichText(Form.MARKDOWN, "Better"))
    assert comments(bench, item) == [again]


def test_a_copied_comment_names_people_without_calling_them(bench: Bench, item: Item) -> None:
    mention = f'<div><a href="#" data-vss-mention="version:2.0,{bench.ada.id}">@Ada</a> look</div>'
    draft = CommentDraft("Piet Okafor", RichText(Form.HTML, mention), origin())
    written = bench.tracker.add_comment(bench.scope, item, draft)
    edited = bench.tracker.edit_comment(bench.scope, item, written, RichText(Form.HTML, mention + "<div>again</div>"))
    for text in (written.text, edited.text):
        assert plain(text).startswith("@Ada look")
        assert "data-vss-mention" not in text.text


def test_the_mention_of_a_person_in_their_own_comment_survives_our_edit(bench: Bench, item: Item) -> None:
    mention = f'<div><a href="#" data-vss-mention="version:2.0,{bench.ada.id}">@Ada</a> look</div>'
    bench.service.as_user(bench.bot).comment(int(item.key), mention)
    [found] = comments(bench, item)
    edited = bench.tracker.edit_comment(bench.scope, item, found, RichText(Form.HTML, mention + "<div>again</div>"))
    assert "data-vss-mention" in edited.text.text


def test_a_markdown_comment_stays_markdown(bench: Bench, item: Item) -> None:
    bench.service.as_user(bench.bot).comment(int(item.key), "*old*", "markdown")
    [before] = comments(bench, item)
    edited = bench.tracker.edit_comment(bench.scope, item, before, RichText(Form.HTML, "<p>a <b>new</b> one</p>"))
    assert edited.text.form is Form.MARKDOWN
    assert comments(bench, item) == [edited]
    assert plain(edited.text) == "a new one"


def test_somebody_elses_comment_that_we_may_not_edit_is_a_refusal(bench: Bench, item: Item) -> None:
    bench.ann.comment(int(item.key), "Mine")
    [theirs] = comments(bench, item)
    with pytest.raises(Rejected):
        bench.tracker.edit_comment(bench.scope, item, theirs, RichText(Form.HTML, "Ours"))
    assert comments(bench, item) == [theirs]


def test_deleting_a_comment_twice_is_harmless(bench: Bench, item: Item) -> None:
    written = say(bench, item)
    bench.tracker.delete_comment(bench.scope, item, written.key)
    bench.tracker.delete_comment(bench.scope, item, written.key)
    assert comments(bench, item) == []


def test_the_comments_of_a_deleted_item_are_gone(bench: Bench, item: Item) -> None:
    bench.ann.delete(int(item.key))
    with pytest.raises(Gone):
        comments(bench, item)
    with pytest.raises(Gone):
        say(bench, item)


# --- when to read them ------------------------------------------------------------------------------------------------


def test_a_new_view_without_comments_needs_no_look(bench: Bench, item: Item) -> None:
    assert not bench.tracker.discussion_moved(None, item)
    bench.ann.comment(int(item.key), "Hello")
    assert bench.tracker.discussion_moved(None, bench.read(item.key))


def test_an_edit_of_fields_is_no_move_of_the_discussion(bench: Bench, item: Item) -> None:
    bench.ann.comment(int(item.key), "Hello")
    before = bench.read(item.key)
    bench.ann.edit(int(item.key), {"System.Title": "New"})
    assert not bench.tracker.discussion_moved(before, bench.read(item.key))
    assert not bench.tracker.discussion_moved(before, before)


@pytest.mark.parametrize(
    "switches", [{}, {"comment_delete_lowers_count": False}, {"noop_bumps_rev": True}], ids=["usual", "count", "noop"]
)
def test_every_change_of_a_comment_shows_even_behind_later_edits(switches: dict[str, Any]) -> None:
    bench = make_bench(**switches)
    number = bench.ann.create(bench.web, "Task", "Item").id
    before = bench.read(number)
    comment = bench.ann.comment(number, "Hello")
    for change in (
        lambda: bench.ann.edit_comment(number, comment, "Hello again"),
        lambda: bench.ann.delete_comment(number, comment),
    ):
        assert bench.tracker.discussion_moved(before, bench.read(number))
        before = bench.read(number)
        change()
        assert bench.tracker.discussion_moved(before, bench.read(number))
        bench.ann.edit(number, {"System.Title": f"Title {before.revision}"})
        assert bench.tracker.discussion_moved(before, bench.read(number))


def test_a_missing_count_proves_nothing(item: Item, bench: Bench) -> None:
    unknown = replace(item, native={**item.native, "comments": None})
    assert bench.tracker.discussion_moved(None, unknown)
    assert bench.tracker.discussion_moved(item, replace(unknown, revision=str(int(item.revision) + 1)))
