"""No echo: what a tracker makes of our writes, and our own looks, cause no work of their own."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from reconciler.model.field import Value
from tests.engine.world import World


def shout(world: World) -> None:
    """From now on the right tracker stores every title in capitals, which no comparison forgives."""
    stored = world.right._stored

    def capitals(fields: Mapping[str, Value]) -> dict[str, Value]:
        kept = stored(fields)
        return {**kept, **({"title": str(kept["title"]).upper()} if "title" in kept else {})}

    world.right._stored = capitals  # type: ignore[method-assign]


@pytest.mark.parametrize("from_the_start", [True, False])
def test_a_tracker_that_rewrites_what_it_is_given_causes_no_echo(world: World, from_the_start: bool) -> None:
    if from_the_start:
        shout(world)
    key = world.left.ui_create("Log in")
    world.settle()
    shout(world)
    world.left.ui_edit(key, title="Sign in", priority="1")
    world.cycle()
    assert (world.left.item(key).title, world.partner(key).title) == ("Sign in", "SIGN IN")
    writes = [len(tracker.writes) for tracker in (world.left, world.right)]
    for _ in range(4):
        world.cycle(sweep=True)
    assert [len(tracker.writes) for tracker in (world.left, world.right)] == writes
    world.right.ui_edit(world.partner(key).key, priority="low")
    world.settle()
    assert (world.left.item(key).title, world.left.item(key).fields["priority"]) == ("Sign in", "4")


def test_a_discussion_that_was_looked_at_is_left_alone_for_a_while(world: World) -> None:
    """The right tracker's feed does not show comments, so that pairs are looked at again and again, but not at once."""
    world.left.ui_create("Log in")
    world.settle()
    world.let_looks_come()
    world.cycle()
    before = world.right.discussions_read
    for _ in range(10):
        world.cycle()
    assert world.right.discussions_read == before
    world.let_looks_come()
    world.cycle()
    assert world.right.discussions_read == before + 1
