"""Every tracker against recorded traffic: the same story for each kind, told by its own service."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest

from reconciler.errors import Unauthorized
from reconciler.model.comment import CommentDraft
from reconciler.model.draft import Draft
from reconciler.model.field import Value
from reconciler.model.item import Item
from reconciler.model.origin import Origin, marker_for
from reconciler.model.rich_text import Form, RichText
from reconciler.model.schema import Category
from reconciler.richtext import plain
from reconciler.trackers.base import Fate
from tests.cassettes.tape import Tape


def origin(key: str) -> Origin:
    return Origin(f"https://tracker.example.com/{key}", f"X#{key}", marker_for("web", "left", key))


def create(player: Tape, title: str, **fields: Value) -> Item:
    draft = Draft({"title": title, "type": "Task", **fields}, origin(title))
    return player.tracker.create(player.scope, draft).item


def read(player: Tape, item: Item) -> Item:
    return player.tracker.read(player.scope, [item.key])[item.key]


def changed_since(player: Tape, item: Item) -> set[str]:
    since = item.changed_at - timedelta(seconds=1)
    return {found.title for page in player.tracker.changed_since([player.scope], since, {}) for _, found in page.items}


def test_an_item_is_created_changed_and_deleted(player: Tape) -> None:
    text = RichText(Form.MARKDOWN, "Steps:\n\n- open the **login** page\n- press Enter\n")
    item = create(player, "Login fails", description=text)
    assert item.title == "Login fails"
    assert item.ours
    assert item.origin is not None
    assert item.origin.marker == origin("Login fails").marker

    player.clock.sleep(2)
    *_, last = player.tracker.update(player.scope, item, {"title": "Login fails on Enter"})
    assert read(player, item).title == last.item.title == "Login fails on Enter"
    description = read(player, item).fields["description"]
    assert isinstance(description, RichText)
    assert "open the login page" in plain(description)

    player.tracker.delete(player.scope, last.item)
    assert player.tracker.fate(player.scope, item.key) is Fate.DELETED


def test_an_item_moves_through_its_states_to_the_last(open_tape: Callable[..., AbstractContextManager[Tape]]) -> None:
    with open_tape() as player:
        player.tracker.connect()
        types = player.tracker.schema(player.scope).types
        item = create(player, "Write the manual")
        done = next(state.name for state in types[item.type].states if state.category is Category.DONE)
        for written in player.tracker.update(player.scope, item, {"state": done}):
            item = written.item
        assert read(player, item).fields["state"] == done
        player.tracker.delete(player.scope, item)


def test_what_changed_since_an_instant_is_listed(player: Tape) -> None:
    before = create(player, "Old news")
    player.clock.sleep(10)
    item = create(player, "Fresh news")
    assert changed_since(player, item) == {"Fresh news"}
    assert changed_since(player, before) == {"Old news", "Fresh news"}
    for made in (before, item):
        player.tracker.delete(player.scope, made)


def test_a_copy_is_found_again_by_its_mark(player: Tape) -> None:
    item = create(player, "Made just before the crash")
    player.clock.sleep(2)
    since = item.changed_at - timedelta(minutes=1)
    found = player.tracker.find_copy(player.scope, origin("Made just before the crash"), since)
    assert found is not None
    assert found.key == item.key
    assert player.tracker.find_copy(player.scope, origin("Never made"), since) is None
    player.tracker.delete(player.scope, found)


def test_a_comment_is_written_edited_and_deleted(player: Tape) -> None:
    item = create(player, "Discuss me")
    draft = CommentDraft("Mara Lindqvist", RichText(Form.MARKDOWN, "Looks **good**."), origin("comment"))
    comment = player.tracker.add_comment(player.scope, item, draft)
    assert [plain(c.text).strip() for c in player.tracker.comments(player.scope, read(player, item))] == ["Looks good."]

    player.tracker.edit_comment(player.scope, item, comment, RichText(Form.MARKDOWN, "Looks bad."))
    edited = player.tracker.comments(player.scope, read(player, item))
    assert [(plain(c.text).strip(), c.credit, c.origin) for c in edited] == [
        ("Looks bad.", "Mara Lindqvist", origin("comment"))
    ]

    player.tracker.delete_comment(player.scope, item, comment.key)
    assert player.tracker.comments(player.scope, read(player, item)) == []
    player.tracker.delete(player.scope, read(player, item))


def test_a_refused_token_is_said_to_be_one(open_tape: Callable[..., AbstractContextManager[Tape]]) -> None:
    with open_tape(token="pk_0_refused") as tape, pytest.raises(Unauthorized):
        tape.tracker.connect()
