"""The change feed: whatever people change on either side is in it once, and what we write is not."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.model.change import Change
from reconciler.model.policy import OnDelete
from reconciler.model.rich_text import Form, RichText
from tests.engine.conftest import MakeWorld
from tests.engine.world import ADA, World
from tests.support.memory import Fault


@pytest.fixture
def world(make_world: MakeWorld) -> World:
    return make_world(on_delete=OnDelete.DELETE)


def told(world: World) -> list[tuple[Any, ...]]:
    """Everything in the feed, oldest first, and nothing of it left."""
    changes: list[Change] = world.store.feed.page(1, 1000)
    world.store._db.sql("DELETE FROM feed")
    return [(c.kind.value, c.side, c.key, c.field, c.before, c.after) for c in reversed(changes)]


def paired(world: World) -> tuple[str, str]:
    """The keys of a pair that has come to rest, whose beginning is told."""
    left = world.left.ui_create("Log in")
    world.settle()
    right = world.partner(left).key
    assert told(world) == [("item added", "left", left, "", None, "Log in")]
    return left, right


def test_an_edit_on_either_side_is_told_once(world: World) -> None:
    left, right = paired(world)
    world.left.ui_edit(left, title="Sign in")
    world.settle()
    world.right.ui_edit(right, assignees=(ADA,), tags=("red",))
    world.settle()
    world.settle(sweep=True)
    assert told(world) == [
        ("item changed", "left", left, "title", "Log in", "Sign in"),
        ("item changed", "right", right, "assignees", (), ("ada@example.com",)),
        ("item changed", "right", right, "tags", (), ("red",)),
    ]


def test_both_edits_of_a_conflict_are_told_and_the_overwriting_is_not(world: World) -> None:
    left, right = paired(world)
    world.left.ui_edit(left, title="One")
    world.clock.advance(1)
    world.right.ui_edit(right, title="Two")
    world.settle()
    assert told(world) == [
        ("item changed", "left", left, "title", "Log in", "One"),
        ("item changed", "right", right, "title", "Log in", "Two"),
    ]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_lost_answer_makes_no_change_of_what_we_wrote(world: World, when: str) -> None:
    left, _ = paired(world)
    world.left.ui_edit(left, title="Sign in")
    world.right.faults.append(Fault(when=when, method="update"))
    world.cycle()
    world.restart()
    world.settle()
    assert told(world) == [("item changed", "left", left, "title", "Log in", "Sign in")]


def test_an_answer_lost_while_links_are_written_makes_no_change_of_them(world: World) -> None:
    before, after = world.left.ui_create("Before"), world.left.ui_create("After")
    world.settle()
    told(world)
    world.left.ui_edit(after, predecessors=(before,))
    world.right.faults.append(Fault(when="after", method="update"))
    world.cycle()
    world.restart()
    world.settle()
    assert world.differences() == []
    assert [(side, key, field) for _, side, key, field, _, _ in told(world)] == [("left", after, "predecessors")]


@pytest.mark.parametrize("vanishes", [False, True])
def test_a_state_that_was_renamed_is_no_change_of_an_item(make_world: MakeWorld, vanishes: bool) -> None:
    world = make_world(states={"New": ("to do",), "Active": ("in progress",), "Closed": ("complete",)})
    left, right = paired(world)
    world.left.ui_edit(left, state="Active")
    world.settle()
    assert told(world) == [("item changed", "left", left, "state", "New", "Active")]
    world.right.rename_state("in progress", "doing")
    world.context.refresh()
    world.right.ui_edit(right, title="Sign in")
    if vanishes:
        world.left.ui_delete(left)
        world.cycle()
    else:
        world.settle()
    assert told(world) == [("item changed", "right", right, "title", "Log in", "Sign in")]


def test_a_change_that_is_refused_over_there_is_told_once_all_the_same(world: World) -> None:
    left, right = paired(world)
    world.right.ui_delete(right)
    world.left.ui_edit(left, title="Sign in")
    for _ in range(4):
        world.cycle()
    assert told(world).count(("item changed", "left", left, "title", "Log in", "Sign in")) == 1


def test_a_deletion_is_told_when_it_is_believed(world: World) -> None:
    left, _ = paired(world)
    world.left.ui_create("Another, so that something can be read")
    world.settle()
    told(world)
    world.left.ui_delete(left)
    world.settle(sweep=True)
    assert ("item deleted", "left", left, "", "Log in", None) in told(world)


def test_comments_are_told_as_their_authors_wrote_them(world: World) -> None:
    left, _ = paired(world)
    comment = world.left.ui_comment(left, "Why?")
    world.settle()
    world.let_looks_come()
    world.left.ui_edit_comment(left, comment, "Why not?")
    world.let_looks_come()
    world.settle()
    world.left.ui_delete_comment(left, comment)
    world.let_looks_come()
    world.settle()
    assert [(kind, side, before, after) for kind, side, _, _, before, after in told(world)] == [
        ("comment added", "left", None, "Why?"),
        ("comment changed", "left", "Why?", "Why not?"),
        ("comment deleted", "left", "Why not?", None),
    ]


def test_a_tracker_that_spells_a_text_anew_changes_nothing(world: World) -> None:
    left, _ = paired(world)
    world.left.ui_edit(left, description=RichText(Form.HTML, "<p>One <b>two</b></p>"))
    world.settle()
    world.settle(sweep=True)
    assert [entry[:4] for entry in told(world)] == [("item changed", "left", left, "description")]
