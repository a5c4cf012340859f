"""Links between items: both kinds, both ways, made and removed, and those whose other end is not here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from reconciler.mapping.kinship import named
from reconciler.model.field import LINKS
from reconciler.model.pending import ORPHANED
from reconciler.model.policy import Direction, OnDelete
from reconciler.model.side import SIDES, Side, other
from reconciler.verify import verify
from tests.engine.world import World
from tests.support.memory import Fault, MemoryTracker

MakeWorld = Callable[..., World]

kinds = pytest.mark.parametrize("kind", LINKS)
each = pytest.mark.parametrize(("side", "kind"), [("left", "predecessors"), ("right", "related")])
both_sides = pytest.mark.parametrize("side", SIDES)


def tracker(world: World, side: Side) -> MemoryTracker:
    return world.left if side == "left" else world.right


def items(world: World, side: Side, *titles: str) -> list[str]:
    return [tracker(world, side).ui_create(title) for title in titles]


def links(world: World, side: Side, key: str, kind: str) -> set[str]:
    return {*named(tracker(world, side).item(key).fields[kind])}


def copied(world: World, key: str, kind: str) -> set[str]:
    """What the partner of an item is linked to, by the partners of those."""
    return {world.partner(each).key for each in named(world.partner(key).fields[kind])}


def settle(world: World, **options: object) -> None:
    """With what no feed shows, which a slow look finds."""
    world.settle(**options)
    world.let_looks_come()
    world.settle(**options)
    assert world.differences() == []


@each
def test_new_items_are_linked_as_their_originals_are(world: World, side: Side, kind: str) -> None:
    one, two, three = items(world, side, "One", "Two", "Three")
    tracker(world, side).ui_edit(two, **{kind: (one, three)})
    world.settle()
    assert copied(world, two, kind) == {one, three}
    assert world.differences() == []
    assert world.store.pending("web") == []


@each
def test_links_that_are_made_and_removed_later_travel(world: World, side: Side, kind: str) -> None:
    one, two, three = items(world, side, "One", "Two", "Three")
    world.settle()
    for wanted in ((two,), (two, three), (three,), ()):
        world.clock.advance(600)
        tracker(world, side).ui_edit(one, **{kind: wanted})
        settle(world)
        assert copied(world, one, kind) == {*wanted}
        assert links(world, side, one, kind) == {*wanted}


@kinds
def test_links_made_on_both_sides_go_together(world: World, kind: str) -> None:
    one, two, three = items(world, "left", "One", "Two", "Three")
    world.settle()
    world.left.ui_edit(one, **{kind: (two,)})
    world.right.ui_edit(world.partner(one).key, **{kind: (world.partner(three).key,)})
    settle(world)
    assert links(world, "left", one, kind) == copied(world, one, kind) == {two, three}


@kinds
def test_one_side_takes_a_link_away_while_the_other_makes_one(world: World, kind: str) -> None:
    one, two, three = items(world, "left", "One", "Two", "Three")
    world.left.ui_edit(one, **{kind: (two,)})
    settle(world)
    world.left.ui_edit(one, **{kind: ()})
    world.right.ui_edit(
        world.partner(one).key, **{kind: (*named(world.partner(one).fields[kind]), world.partner(three).key)}
    )
    settle(world)
    assert links(world, "left", one, kind) == copied(world, one, kind) == {three}


def test_the_end_that_no_feed_showed_does_not_bring_back_what_was_removed(world: World) -> None:
    """Both ends name the link: what is learnt of the one is learnt of the other."""
    world.left.capabilities = replace(world.left.capabilities, tells_links=False)
    one, two = items(world, "left", "One", "Two")
    settle(world)
    world.left.ui_edit(one, related=(two,), title="One, linked")
    world.cycle()
    assert copied(world, one, "related") == {two}
    world.right.ui_edit(world.partner(one).key, related=())
    world.left.ui_edit(two, title="Two again")
    settle(world)
    assert links(world, "left", one, "related") == set()


@each
def test_what_is_not_synchronised_is_left_alone_on_either_side(world: World, side: Side, kind: str) -> None:
    one, two = items(world, side, "One", "Two")
    there = tracker(world, side)
    there.ui_edit(one, **{kind: ("x999",)})
    world.settle()
    assert links(world, other(side), world.partner(one).key, kind) == set()
    world.clock.advance(86_400)
    report = world.settle(sweep=True)
    assert report.writes == 0
    assert not [note for note in report.notes if "x999" in note]
    there.ui_edit(one, **{kind: ("x999", two)})
    settle(world, sweep=True)
    assert copied(world, one, kind) == {two}
    tracker(world, other(side)).ui_edit(world.partner(one).key, **{kind: ()})
    settle(world, sweep=True)
    assert links(world, side, one, kind) == {"x999"}
    assert world.store.pending("web") == []
    assert verify(world.context, world.store).is_clean


@kinds
def test_an_item_that_comes_into_sight_is_linked_then(world: World, kind: str) -> None:
    [one] = items(world, "left", "One")
    world.left.ui_edit(one, **{kind: ("a2",)})
    world.settle()
    assert world.left.ui_create("Two") == "a2"
    world.settle()
    world.settle(sweep=True)
    assert copied(world, one, kind) == {"a2"}


@kinds
def test_a_link_to_what_is_on_its_way_waits_alone_and_follows_at_once(world: World, kind: str) -> None:
    one, two = items(world, "left", "One", "Two")
    world.settle()
    three = world.left.ui_create("Three")
    world.right.faults.append(Fault(when="before", method="create"))
    world.cycle()
    world.left.ui_edit(one, **{kind: (two, three)})
    world.cycle()
    assert copied(world, one, kind) == {two}
    assert [row.reason for row in world.store.pending("web") if row.key == one] == [ORPHANED]
    for _ in range(14):
        world.cycle()
    assert copied(world, one, kind) == {two, three}
    assert world.store.pending("web") == []


@both_sides
def test_a_refused_link_waits_with_its_reason_and_everything_else_travels(world: World, side: Side) -> None:
    """One waits for two over there already, where nobody may wait for each other."""
    one, two, three = items(world, side, "One", "Two", "Three")
    world.settle()
    here, there = tracker(world, other(side)), tracker(world, side)
    here.rows[world.partner(one).key].item.fields["predecessors"] = (world.partner(two).key,)  # type: ignore[index]
    there.ui_edit(two, predecessors=(one, three), title="Renamed")
    world.cycle()
    assert copied(world, two, "predecessors") == {three}
    assert world.partner(two).title == "Renamed"
    [row] = [row for row in world.store.pending("web") if row.attempts]
    assert "waits for it" in row.reason
    there.ui_edit(two, predecessors=(one,))
    world.cycle()
    assert copied(world, two, "predecessors") == set()
    here.rows[world.partner(one).key].item.fields["predecessors"] = ()  # type: ignore[index]
    world.clock.advance(3600)
    settle(world)
    assert copied(world, two, "predecessors") == {one}
    assert world.store.pending("web") == []


@each
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_write_whose_answer_was_lost_is_no_second_link_and_no_edit(
    world: World, side: Side, kind: str, when: str
) -> None:
    one, two, three = items(world, side, "One", "Two", "Three")
    there = tracker(world, side)
    there.ui_edit(one, **{kind: (two, "x999")})
    settle(world)
    there.ui_edit(one, **{kind: (two, three, "x999")}, title="Renamed")
    tracker(world, other(side)).faults.append(Fault(when=when, method="update"))
    world.cycle()
    there.ui_edit(one, **{kind: (three, "x999")})
    settle(world)
    assert copied(world, one, kind) == {three}
    assert links(world, side, one, kind) == {three, "x999"}


@each
def test_a_new_item_whose_answer_was_lost_is_linked_all_the_same(world: World, side: Side, kind: str) -> None:
    [one] = items(world, side, "One")
    world.settle()
    there = tracker(world, side)
    two = there.ui_create("Two", **{kind: (one,)})
    there._place(two, {})
    tracker(world, other(side)).faults.append(Fault(when="after", method="create"))
    world.cycle()
    settle(world)
    assert copied(world, two, kind) == {one}


@kinds
def test_pairs_that_exist_on_both_sides_get_the_links_that_either_has(world: World, kind: str) -> None:
    one, two, three = items(world, "left", "One", "Two", "Three")
    far = dict(zip((one, two, three), items(world, "right", "One", "Two", "Three"), strict=True))
    world.left.ui_edit(one, **{kind: (two,)})
    world.right.ui_edit(far[one], **{kind: (far[three],)})
    settle(world)
    assert links(world, "left", one, kind) == copied(world, one, kind) == {two, three}


@pytest.mark.parametrize("direction", [Direction.OFF, Direction.TO_RIGHT])
def test_what_may_not_travel_stays(make_world: MakeWorld, direction: Direction) -> None:
    world = make_world(directions=dict.fromkeys(LINKS, direction))
    one, two = items(world, "right", "One", "Two")
    world.right.ui_edit(one, related=(two,), predecessors=(two,))
    for _ in range(2):
        world.settle()
        world.let_looks_come()
    assert links(world, "right", one, "related") == {two}
    assert copied(world, one, "related") == copied(world, one, "predecessors") == set()


@each
def test_a_link_that_vanished_with_a_deleted_item_is_nobodys_edit(make_world: MakeWorld, side: Side, kind: str) -> None:
    world = make_world(on_delete=OnDelete.IGNORE)
    one, two = items(world, side, "One", "Two")
    there = tracker(world, side)
    there.ui_edit(one, **{kind: (two,)})
    settle(world)
    far = world.partner(two).key
    there.ui_delete(two)
    there.ui_edit(one, title="Meanwhile")
    for _ in range(4):
        world.cycle(sweep=True)
    assert links(world, other(side), world.partner(one).key, kind) == {far}
    there.ui_restore(two)
    world.settle(sweep=True)
    assert copied(world, one, kind) == {two}
    assert links(world, side, one, kind) == {two}


def test_an_idle_cycle_asks_for_links_once_and_where_a_feed_shows_none_the_slow_looks_do(world: World) -> None:
    one, two = items(world, "left", "One", "Two")
    settle(world)
    asked = world.left.asked["relinked_since"], world.right.asked["relinked_since"]
    world.cycle()
    assert (world.left.asked["relinked_since"], world.right.asked["relinked_since"]) == (asked[0] + 1, 0)
    world.right.ui_edit(world.partner(one).key, related=(world.partner(two).key,))
    world.cycle()
    assert links(world, "left", one, "related") == set()
    world.let_looks_come()
    world.settle()
    assert links(world, "left", one, "related") == {two}
