"""Proof of a deletion: what counts towards it, what takes it back, and that what ended stays ended."""

from __future__ import annotations

import pytest

from reconciler.errors import Rejected
from reconciler.model.policy import Direction, OnDelete
from reconciler.trackers.base import Fate
from tests.engine.conftest import MakeWorld
from tests.engine.world import World
from tests.support.memory import Fault


def test_a_proof_counts_no_more_once_the_item_was_seen_again(make_world: MakeWorld) -> None:
    world = make_world(on_delete=OnDelete.DELETE)
    key = world.left.ui_create("Log in")
    world.settle()
    task = world.partner(key).key
    for _ in range(3):
        world.left.ui_delete(key)
        world.cycle(sweep=True)  # one proof
        assert [item.key for item in world.right.live()] == [task]
        world.left.ui_restore(key)
        world.cycle()
    assert world.partner(key).key == task
    world.left.ui_delete(key)
    world.cycle(sweep=True)
    world.settle()
    assert world.right.live() == []


def test_what_cannot_be_asked_about_one_doubt_leaves_the_others_to_be_settled(world: World) -> None:
    """An update whose answer was lost is read back also where the tracker refuses to search for a copy in doubt."""
    key = world.left.ui_create("Log in")
    world.settle()
    world.left.ui_create("Pay")
    world.left.ui_edit(key, title="Sign in")
    world.right.faults += [Fault(when="after", method="create"), Fault(when="after", method="update")]
    world.cycle()
    assert len(world.store.open_intents("web")) == 2
    world.right.read_faults.append(("find_copy", Rejected("no such query", tracker="clickup")))
    report = world.cycle()
    assert report.problem is None
    assert [intent.kind for intent in world.store.open_intents("web")] == ["create"]
    world.settle()
    assert sorted(item.title for item in world.right.live()) == ["Pay", "Sign in"]


def test_a_lost_right_does_not_complete_a_proof_of_deletion(make_world: MakeWorld) -> None:
    world = make_world(on_delete=OnDelete.DELETE)
    key = world.left.ui_create("Log in")
    world.settle()
    task = world.partner(key).key
    world.left.ui_delete(key)
    world.cycle(sweep=True)
    world.left.hidden = True
    for _ in range(3):
        world.cycle(sweep=True)
    assert [item.key for item in world.right.live()] == [task]


def test_an_original_whose_copy_was_deleted_is_not_copied_again(make_world: MakeWorld) -> None:
    world = make_world(on_delete=OnDelete.IGNORE)
    key = world.left.ui_create("Log in")
    world.settle()
    world.right.ui_delete(world.partner(key).key)
    world.cycle(sweep=True)
    world.settle()
    world.left.ui_edit(key, title="Sign in")
    world.settle(sweep=True)
    assert world.right.live() == []


def test_a_comment_whose_copy_was_deleted_is_not_copied_again_beside_a_new_one(make_world: MakeWorld) -> None:
    world = make_world(directions={"comments": Direction.TO_RIGHT})
    key = world.left.ui_create("Log in")
    world.left.ui_comment(key, "<p>one</p>")
    world.settle()
    task = world.partner(key).key
    [copy] = world.right.rows[task].comments
    world.right.ui_delete_comment(task, copy)
    world.let_looks_come()
    world.settle()
    world.left.ui_comment(key, "<p>two</p>")
    world.settle()
    assert [comment.text.text.strip() for comment in world.right.rows[task].comments.values()] == ["two"]


def test_a_discussion_whose_item_is_out_of_sight_is_not_asked_for_in_every_cycle(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = world.left.ui_create("Log in")
    world.settle()
    task = world.partner(key).key
    monkeypatch.setattr(world.right, "fate", lambda scope, key: Fate.UNKNOWN)
    world.right.ui_delete(task)
    world.let_looks_come()
    for _ in range(3):
        world.cycle()
    reads = world.left.reads, world.right.reads
    world.let_looks_come()
    world.cycle()
    assert (world.left.reads, world.right.reads) == (reads[0] + 2, reads[1] + 1), "the polls, and nothing else"
