"""What must hold before anything is deleted or closed because its partner is gone (I8, I17)."""

from __future__ import annotations

import pytest

from reconciler.model.policy import OnDelete
from reconciler.model.rich_text import Form, RichText
from reconciler.model.side import Side, other
from reconciler.richtext import same
from reconciler.trackers.base import Fate, Scope
from tests.engine.conftest import MakeWorld
from tests.engine.world import World
from tests.support.memory import Fault


@pytest.mark.parametrize("on_delete", [OnDelete.DELETE, OnDelete.CLOSE])
@pytest.mark.parametrize("side", ["left", "right"])
def test_an_edit_made_after_the_plan_beats_the_deletion(make_world: MakeWorld, on_delete: OnDelete, side: str) -> None:
    world = make_world(on_delete=on_delete)
    gone, survives = (world.left, world.right) if side == "left" else (world.right, world.left)
    key = gone.ui_create("Log in")
    world.settle()
    survivor = world.partner(key).key
    gone.ui_delete(key)
    world.cycle(sweep=True)

    def edit(method: str) -> None:
        if method == "create":
            survives.before_write = None
            survives.ui_edit(survivor, title="Edited meanwhile")

    gone.ui_create("Something else, written first")
    survives.before_write = edit
    world.settle()
    assert [item.title for item in survives.live() if item.key == survivor] == ["Edited meanwhile"]
    assert survives.item(survivor).fields["state"] in ("New", "to do")


@pytest.mark.parametrize("on_delete", [OnDelete.DELETE, OnDelete.CLOSE])
def test_a_survivor_that_nobody_touched_follows(make_world: MakeWorld, on_delete: OnDelete) -> None:
    world = make_world(on_delete=on_delete)
    key = world.left.ui_create("Log in")
    world.settle()
    task = world.partner(key).key
    world.left.ui_delete(key)
    world.cycle(sweep=True)
    world.settle()
    assert world.right.rows[task].deleted == (on_delete is OnDelete.DELETE)
    assert on_delete is OnDelete.DELETE or world.right.item(task).fields["state"] == "complete"


def test_nothing_is_taken_for_deleted_while_no_other_item_can_be_read(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tracker that calls everything deleted once we have lost our right to see it."""
    world = make_world(on_delete=OnDelete.DELETE)
    keys = [world.left.ui_create(f"Item {number}") for number in range(5)]
    world.settle()

    def everything_deleted(_scope: Scope, _key: str) -> Fate:
        return Fate.DELETED

    with monkeypatch.context() as patched:
        patched.setattr(world.left, "fate", everything_deleted)
        world.left.hidden = True
        for _ in range(4):
            report = world.cycle(sweep=True)
        assert any("nothing is taken for deleted" in note for note in report.notes)
    assert [method for method, _ in world.right.writes if method == "delete"] == []
    world.left.hidden = False
    world.cycle(sweep=True)
    assert all(world.store.link("web", "left", key) for key in keys)


def test_the_only_pair_of_a_mapping_can_be_deleted_too(world: World) -> None:
    key = world.left.ui_create("Log in")
    world.settle()
    task = world.partner(key).key
    world.left.ui_delete(key)
    world.cycle(sweep=True)
    world.settle()
    assert world.right.item(task).fields["state"] == "complete"


@pytest.mark.parametrize("side", ["left", "right"])
def test_what_became_of_comments_while_their_pair_was_ended_is_carried_later(world: World, side: Side) -> None:
    """The item of one side is deleted, somebody edits or deletes what is said below its partner, and it is restored."""
    keys: dict[Side, str] = {"left": world.left.ui_create("Log in"), "right": ""}
    world.settle()
    keys["right"] = world.partner(keys["left"]).key
    gone, there = world.tracker(other(side)), world.tracker(side)
    edited, deleted = (there.ui_comment(keys[side], text) for text in ("one", "two"))
    file = there.ui_attach(keys[side], "a.txt", b"one")
    look(world)
    assert len(gone.rows[keys[other(side)]].comments) == len(there.rows[keys[side]].comments) == 2
    gone.ui_delete(keys[other(side)])
    world.cycle(sweep=True)
    world.settle()
    assert world.store.tombstones("web")
    there.ui_edit_comment(keys[side], edited, "three")
    there.ui_delete_comment(keys[side], deleted)
    there.ui_detach(keys[side], file)
    gone.ui_restore(keys[other(side)])
    look(world)
    [copy] = gone.rows[keys[other(side)]].comments.values()
    assert same(copy.text, RichText(Form.MARKDOWN, "three"))
    assert gone.files(keys[other(side)]) == []
    assert [row.field for row in world.store.conflicts("web")] == ["state"], "the survivor was closed, no more"


def look(world: World) -> None:
    for _ in range(3):
        world.let_looks_come()
        world.settle()


def test_who_comes_back_while_closing_the_partner_is_in_doubt_has_it_opened_again(make_world: MakeWorld) -> None:
    world = make_world(on_delete=OnDelete.CLOSE)
    key = world.left.ui_create("Log in")
    world.settle()
    task = world.partner(key).key
    world.left.ui_delete(key)
    world.cycle(sweep=True)
    world.right.faults.append(Fault(when="after", method="update"))
    world.cycle()
    assert world.right.item(task).fields["state"] == "complete"
    world.left.ui_restore(key)
    world.clock.advance(7 * 3_600)
    world.settle()
    world.cycle(sweep=True)
    world.settle()
    assert (world.left.item(key).fields["state"], world.right.item(task).fields["state"]) == ("New", "to do")
