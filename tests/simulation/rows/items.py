"""Rows 21 to 25, and what people do with our marks: items that come, go, move and are copied."""

from __future__ import annotations

from functools import partial

from reconciler.model.side import Side, other
from tests.simulation.rows.row import (
    BOTH,
    UPDATES,
    Row,
    is_about,
    later_than_the_write,
    nth,
    on,
    some_live,
    some_pair,
    some_side,
    text,
    title,
)
from tests.simulation.world import World

# --- 21: a right is lost -------------------------------------------------------------------------------------------


def hide(world: World, side: Side, seconds: float = 45.0) -> None:
    world.hide(side)
    world.later(seconds, partial(world.hide, side, hidden=False))
    world.happened("fault_21_permission_lost_on_a_place")


def permission_lost(world: World) -> None:
    left, right = world.pair()
    for side in BOTH:
        hide(world, side, 200.0)
        for number in range(6):
            world.cycle(sweep=number == 1)
        assert world.people["left"].is_live(left)
        assert world.people["right"].is_live(right)
        assert world.people["left"].face(left)["state"] == world.people["right"].face(right)["state"] == 0
        world.pass_time(300.0)


# --- 22 to 25: items that come and go ------------------------------------------------------------------------------


def delete_before_write(world: World, side: Side, key: str | None = None, after: int = 0) -> None:
    """The item is deleted after we looked and before our write arrives."""

    def delete() -> None:
        later_than_the_write(world)
        wanted = key or some_live(world, side)
        if wanted is not None and world.people[side].is_live(wanted):
            world.delete(side, wanted)

    name = "fault_22_deleted_in_the_middle_of_a_cycle"
    on(world, name, side, "before", UPDATES[side] if key is None else is_about(side, key), delete, after=after)


def deleted_in_the_middle(world: World) -> None:
    for side in BOTH:
        pair = world.pair()
        here, there = pair if side == "left" else pair[::-1]
        delete_before_write(world, side, here)
        world.edit(other(side), there, "description", text(world))
        world.cycle()
        assert not world.store.open_intents()
        world.quiet(cycles=20)
        assert world.people[other(side)].is_live(there), "it was edited: the edit beats the deletion"
        assert world.people[other(side)].face(there)["state"] == 0


def delete_and_edit(world: World, side: Side) -> None:
    if pair := some_pair(world):
        here, there = pair if side == "left" else pair[::-1]
        world.delete(side, here)
        world.edit(other(side), there, "description", text(world))
        world.happened("fault_23_deleted_here_edited_there")


def deleted_here_edited_there(world: World) -> None:
    for side in BOTH:
        world.pair()
        delete_and_edit(world, side)
        world.cycle(sweep=True)
        world.quiet(cycles=20)
    for side in BOTH:
        assert all(world.people[side].face(key)["state"] == 0 for key in world.people[side].live())


def take_back_a_deletion(world: World, side: Side, seconds: float = 70.0) -> None:
    key = some_live(world, side)
    if key is not None:
        world.delete(side, key)
        world.later(seconds, partial(_restore, world, side, key))
        world.happened("fault_24_restored_from_the_bin")


def _restore(world: World, side: Side, key: str) -> None:
    if not world.people[side].is_live(key):
        world.restore(side, key)


def restored(world: World) -> None:
    for side in BOTH:
        world.pair()
        live = {s: sorted(world.people[s].live()) for s in BOTH}
        take_back_a_deletion(world, side, 200.0)
        for number in range(8):
            world.cycle(sweep=number in (0, 7))
        world.quiet(cycles=20)
        assert {s: sorted(world.people[s].live()) for s in BOTH} == live, "paired again, nothing made"


def move_and_return(world: World, side: Side, seconds: float = 70.0) -> None:
    key = some_live(world, side)
    if key is not None:
        world.move(side, key, out=True)
        world.later(seconds, partial(_move_back, world, side, key))
        world.happened("fault_25_moved_out_of_the_mapping")


def _move_back(world: World, side: Side, key: str) -> None:
    if world.people[side].is_live(key):
        world.move(side, key, out=False)
    else:
        world.ledger.away.discard((side, key))


def moved_out(world: World) -> None:
    for side in BOTH:
        pair = world.pair()
        here, there = pair if side == "left" else pair[::-1]
        world.move(side, here, out=True)
        world.happened("fault_25_moved_out_of_the_mapping")
        for number in range(6):
            world.cycle(sweep=number == 2)
        assert world.people[other(side)].is_live(there)
        assert world.people[other(side)].face(there)["state"] == 0
        world.move(side, here, out=False)
        world.edit(side, here, "description", text(world))
        world.cycle(sweep=True)
        world.quiet()
        assert world.partner(side, here) == there


# --- 60, 61, 64: people and our marks ------------------------------------------------------------------------------


def copy_an_item(world: World, side: Side) -> None:
    if key := some_live(world, side):
        world.copy(side, key)
        world.happened("fault_60_copied_with_our_mark")


def copied_with_mark(world: World) -> None:
    world.create("right", title=title(world))
    left, right = world.pair()
    for side in BOTH:
        copy_an_item(world, side)
        world.quiet()
    assert world.partner("left", left) == right
    assert len(world.people["left"].live()) == len(world.people["right"].live()) == 4


def merge_tasks(world: World) -> None:
    live = [key for key in world.people["right"].live() if world.people["right"].is_inside(key)]
    if len(live) >= 2:
        kept, gone = world.random.sample(live, 2)
        tasks = world.duo.clickup.world.tasks
        world.duo.planner.merge(tasks[kept], tasks[gone])
        world.ledger.deleted["right", gone] = world.cycles
        world.ledger.merged(("right", gone), ("right", kept))
        world.happened("fault_61_tasks_merged")


def merged(world: World) -> None:
    world.pair()
    world.pair()
    merge_tasks(world)
    world.cycle(sweep=True)
    world.quiet(cycles=20)
    assert world.duo.azure.world.items, "to us it looks like a deletion, which closes the partner and deletes nothing"
    assert len(world.people["left"].live()) == 2


def quote_our_mark(world: World, side: Side) -> None:
    """Somebody quotes a comment of ours, mark and all."""
    shown = world.people[side]
    for key in shown.live():
        mine = set(shown.comments(key)) - set(shown.own_comments(key))
        if mine:
            token = world.ledger.token()
            shown.comment(key, f"said {token}, quoting: {shown.comments(key)[min(mine)]}")
            world.ledger.comments[token] = side, key
            world.ledger.comments_edited |= {token, *world.ledger.comments}
            world.happened("fault_64_our_mark_quoted")
            return


def quoted(world: World) -> None:
    left, right = world.pair()
    world.comment("left", left)
    world.quiet()
    quote_our_mark(world, "right")
    world.quiet()
    assert len(world.people["left"].comments(left)) == len(world.people["right"].comments(right)) == 2


ROWS = (
    Row(
        21,
        "permission_lost_on_a_place",
        "nothing is deleted; the items are reported",
        lambda world: hide(world, some_side(world)),
        permission_lost,
    ),
    Row(
        22,
        "deleted_in_the_middle_of_a_cycle",
        "the write is given up; the deletion is to be proved",
        lambda world: delete_before_write(world, some_side(world), after=nth(world, 1)),
        deleted_in_the_middle,
    ),
    Row(
        23,
        "deleted_here_edited_there",
        "the edit wins",
        lambda world: delete_and_edit(world, some_side(world)),
        deleted_here_edited_there,
    ),
    Row(
        24,
        "restored_from_the_bin",
        "paired again, no duplicate",
        lambda world: take_back_a_deletion(world, some_side(world)),
        restored,
    ),
    Row(
        25,
        "moved_out_of_the_mapping",
        "not deleted; the partner is left as it is",
        lambda world: move_and_return(world, some_side(world)),
        moved_out,
    ),
    Row(
        60,
        "copied_with_our_mark",
        "a new item; the pair is untouched",
        lambda world: copy_an_item(world, some_side(world)),
        copied_with_mark,
    ),
    Row(61, "tasks_merged", "looks like a deletion: nothing is deleted for it", merge_tasks, merged),
    Row(
        64,
        "our_mark_quoted",
        "a person's comment all the same",
        lambda world: quote_our_mark(world, some_side(world)),
        quoted,
    ),
)
