"""Assignees between a side that takes one person (left) and one that takes many (right): design.md, decision 7."""

from __future__ import annotations

from reconciler.model.person import Person
from tests.engine.world import ADA, BEN, CLEO, World
from tests.support.memory import Fault


def assigned(world: World, key: str) -> tuple[tuple[Person, ...], set[Person]]:
    """The one side's assignee and the other side's, of the pair whose right item is `key`."""
    left, right = world.partner(key).fields["assignees"], world.right.item(key).fields["assignees"]
    assert isinstance(left, tuple)
    assert isinstance(right, tuple)
    return left, set(right)  # type: ignore[arg-type, return-value]


def task(world: World, *assignees: Person) -> str:
    key = world.right.ui_create("Pay", assignees=assignees)
    world.settle()
    return key


def test_clearing_the_one_assignee_takes_that_person_away_and_the_next_one_follows(world: World) -> None:
    key = task(world, CLEO, ADA, BEN)
    assert assigned(world, key) == ((ADA,), {ADA, BEN, CLEO})
    world.left.ui_edit(world.partner(key).key, assignees=())
    world.settle()
    assert assigned(world, key) == ((BEN,), {BEN, CLEO})
    assert world.differences() == []


def test_clearing_the_last_one_who_has_an_account_leaves_the_others_alone(world: World) -> None:
    key = task(world, CLEO, ADA)
    world.left.ui_edit(world.partner(key).key, assignees=())
    world.settle()
    assert assigned(world, key) == ((), {CLEO})
    assert world.differences() == []


def test_the_next_one_follows_although_the_write_that_makes_it_so_is_lost(world: World) -> None:
    for when in ("before", "after"):
        for side in (world.left, world.right):
            key = world.right.ui_create(f"Pay {when} {side.name}", assignees=(ADA, BEN))
            world.settle()
            side.faults.append(Fault(when=when, method="update"))
            world.left.ui_edit(world.partner(key).key, assignees=())
            world.settle(20)
            assert assigned(world, key) == ((BEN,), {BEN}), (when, side.name)


def test_another_order_of_members_writes_nothing(world: World) -> None:
    key = task(world, ADA, BEN)
    writes = len(world.left.writes)
    world.right.ui_edit(key, assignees=(BEN, CLEO, ADA))
    world.settle()
    assert assigned(world, key) == ((ADA,), {ADA, BEN, CLEO})
    assert len(world.left.writes) == writes


def test_the_next_one_follows_when_the_first_is_taken_away_where_there_are_many(world: World) -> None:
    key = task(world, ADA, BEN)
    world.right.ui_edit(key, assignees=(CLEO, BEN))
    world.settle()
    assert assigned(world, key) == ((BEN,), {CLEO, BEN})
    world.right.ui_edit(key, assignees=(CLEO,))
    world.settle()
    assert assigned(world, key) == ((), {CLEO})
    world.right.ui_edit(key, assignees=(CLEO, ADA))
    world.settle()
    assert assigned(world, key) == ((ADA,), {CLEO, ADA})


def test_both_sides_at_once(world: World) -> None:
    key = task(world, ADA, BEN)
    world.left.ui_edit(world.partner(key).key, assignees=())
    world.right.ui_edit(key, assignees=(ADA, BEN, CLEO))
    world.settle()
    assert assigned(world, key) == ((BEN,), {BEN, CLEO})
