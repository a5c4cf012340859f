"""Pairs that a person makes and releases, and what the next cycles do about them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from reconciler.by_hand import link
from reconciler.decide import retry, unlink
from reconciler.errors import ConfigError
from reconciler.model.policy import OnDelete, Rule
from reconciler.naming import Reference
from tests.engine.conftest import MakeWorld
from tests.engine.world import World
from tests.support.memory import Fault


def pair(world: World, left: str, right: str, **options: bool) -> None:
    link(world.context, world.store, world.clock, {"left": left, "right": right}, **options)


def release(world: World, left: str) -> None:
    standing = world.store.link("web", "left", left)
    assert standing is not None
    unlink(world.store, world.clock, standing)


def ask_back(world: World, left: str) -> None:
    retry(world.store, world.clock, [Reference("web", "left", left)], left)


def refused(world: World, left: str, right: str) -> str:
    links = world.store.count_links("web")
    with pytest.raises(ConfigError) as caught:
        pair(world, left, right)
    assert world.store.count_links("web") == links
    return str(caught.value)


def live(world: World) -> tuple[int, int]:
    return len(world.left.live()), len(world.right.live())


def seen(world: World) -> None:
    """Everything is looked at, as often as it takes to do something about it."""
    for _ in range(3):
        world.cycle(sweep=True)
    world.settle()


# --- link ----------------------------------------------------------------------------------------------------------


def test_what_only_one_has_travels_and_where_they_differ_the_rule_decides(make_world: MakeWorld) -> None:
    world = make_world(conflict=Rule.LEFT)
    left = world.left.ui_create("Log in", due_date=date(2026, 3, 9))
    right = world.right.ui_create("Sign in", start_date=date(2026, 3, 1))
    pair(world, left, right)
    assert (world.left.item(left).title, world.right.item(right).title) == ("Log in", "Sign in")
    world.settle()
    assert world.differences() == []
    assert live(world) == (1, 1)
    item = world.right.item(right)
    assert (item.title, item.fields["due_date"], item.fields["start_date"]) == (
        "Log in",
        date(2026, 3, 9),
        date(2026, 3, 1),
    )
    assert [(c.field, c.right_value) for c in world.store.conflicts("web")] == [("title", "Sign in")]


def test_with_hold_nothing_is_overwritten(make_world: MakeWorld) -> None:
    world = make_world(conflict=Rule.HOLD)
    left, right = world.left.ui_create("Log in"), world.right.ui_create("Sign in")
    pair(world, left, right)
    world.settle()
    assert (world.left.item(left).title, world.right.item(right).title) == ("Log in", "Sign in")
    assert [c.field for c in world.store.open_conflicts("web")] == ["title"]


def test_two_of_several_with_the_same_title(world: World) -> None:
    lefts = [world.left.ui_create("Twin") for _ in range(2)]
    right = world.right.ui_create("Twin")
    world.cycle()
    assert len(world.store.pending("web")) == 3
    pair(world, lefts[1], right)
    world.settle()
    assert world.partner(right).key == lefts[1]
    assert live(world) == (2, 2)
    assert world.differences() == []


def test_comments_of_both_are_carried(world: World) -> None:
    left, right = world.left.ui_create("Log in"), world.right.ui_create("Sign in")
    world.left.ui_comment(left, "from left")
    world.right.ui_comment(right, "from right")
    pair(world, left, right)
    world.settle()
    assert len(world.left.rows[left].comments) == len(world.right.rows[right].comments) == 2


def test_what_has_a_partner_is_refused(world: World) -> None:
    left, right = world.left.ui_create("Log in"), world.right.ui_create("Sign in")
    pair(world, left, right)
    assert "are a pair already" in refused(world, left, right)
    another = world.left.ui_create("Another")
    assert "is paired with ADO#" in refused(world, another, right)
    assert "reconciler unlink" in refused(world, another, right)


def test_what_is_not_there_or_deleted_is_refused(world: World) -> None:
    left, right = world.left.ui_create("Log in"), world.right.ui_create("Sign in")
    world.right.ui_delete(right)
    assert f"{right} on the right is deleted" in refused(world, left, right)
    assert "none on the left cannot be seen on ado" in refused(world, "none", right)
    world.cycle()
    assert len(world.left.live()) == 1


def test_what_may_have_a_copy_already_is_refused_until_that_is_known(world: World) -> None:
    left = world.left.ui_create("Log in")
    world.right.faults.append(Fault(method="create"))
    world.cycle()
    right = world.right.ui_create("Sign in")
    assert "let reconciler sync find out first" in refused(world, left, right)


def test_what_is_left_alone_since_a_deletion_is_paired_only_knowingly(make_world: MakeWorld) -> None:
    world = make_world(on_delete=OnDelete.IGNORE)
    left = world.left.ui_create("Log in")
    world.settle()
    world.right.ui_delete(world.partner(left).key)
    seen(world)
    another = world.right.ui_create("Another")
    assert "--lift-tombstone" in refused(world, left, another)
    pair(world, left, another, lift_tombstone=True)
    world.settle()
    assert world.partner(left).key == another
    assert world.store.tombstones("web") == []


# --- unlink --------------------------------------------------------------------------------------------------------


def test_both_stay_and_nothing_travels_or_is_copied_however_long(world: World) -> None:
    left = world.left.ui_create("Log in")
    world.settle()
    right = world.partner(left).key
    release(world, left)
    seen(world)
    world.left.ui_edit(left, title="from left")
    world.right.ui_edit(right, title="from right")
    seen(world)
    world.clock.advance(timedelta(days=400).total_seconds())
    world.store.prune()
    world.restart()
    world.left.ui_edit(left, title="from left again")
    world.right.ui_edit(right, title="from right again")
    seen(world)
    assert (world.left.item(left).title, world.right.item(right).title) == ("from left again", "from right again")
    assert live(world) == (1, 1)
    assert world.store.pending("web") == []


def test_a_released_item_costs_no_request_more_than_its_own_news(world: World) -> None:
    left = world.left.ui_create("Log in")
    world.settle()
    right = world.partner(left).key
    release(world, left)
    world.cycle()
    before = world.left.requests
    world.cycle()
    idle = world.left.requests - before
    world.right.ui_edit(right, title="Sign in")
    before = world.left.requests
    world.cycle()
    assert world.left.requests - before == idle


def test_its_deletion_closes_nobody(world: World) -> None:
    left = world.left.ui_create("Log in")
    world.settle()
    right = world.partner(left).key
    release(world, left)
    world.left.ui_delete(left)
    seen(world)
    assert world.right.item(right).fields["state"] == "to do"
    assert live(world) == (0, 1)


def test_its_open_conflicts_are_closed_with_both_values_kept(make_world: MakeWorld) -> None:
    world = make_world(conflict=Rule.HOLD)
    left = world.left.ui_create("Log in")
    world.settle()
    world.left.ui_edit(left, title="from left")
    world.right.ui_edit(world.partner(left).key, title="from right")
    world.settle()
    release(world, left)
    assert world.store.open_conflicts("web") == []
    [kept] = world.store.conflicts("web")
    assert (kept.left_value, kept.right_value) == ("from left", "from right")


def test_asked_for_again_the_two_are_a_pair_again_without_a_copy_of_anything(make_world: MakeWorld) -> None:
    world = make_world(conflict=Rule.RIGHT)
    left = world.left.ui_create("Log in")
    world.left.ui_comment(left, "a remark")
    world.settle()
    right = world.partner(left).key
    release(world, left)
    world.right.ui_edit(right, title="Sign in")
    seen(world)
    ask_back(world, left)
    world.settle()
    assert world.partner(left).key == right
    assert world.left.item(left).title == "Sign in"
    assert live(world) == (1, 1)
    assert len(world.right.rows[right].comments) == len(world.left.rows[left].comments) == 1
    assert world.store.tombstones("web") == []


def test_a_pair_made_by_hand_comes_back_as_it_was(world: World) -> None:
    left, right = world.left.ui_create("Log in"), world.right.ui_create("Sign in")
    pair(world, left, right)
    world.settle()
    release(world, left)
    world.left.ui_edit(left, title="one")
    world.right.ui_edit(right, title="two")
    seen(world)
    ask_back(world, left)
    world.settle()
    assert world.partner(left).key == right
    assert live(world) == (1, 1)


def test_linked_again_by_hand(world: World) -> None:
    left = world.left.ui_create("Log in")
    world.settle()
    right = world.partner(left).key
    release(world, left)
    seen(world)
    pair(world, left, right)
    world.settle()
    world.left.ui_edit(left, title="Sign in")
    world.settle()
    assert world.right.item(right).title == "Sign in"
    assert world.store.tombstones("web") == []


def test_with_another_partner_the_first_one_stays_released(world: World) -> None:
    left = world.left.ui_create("Log in")
    world.settle()
    first = world.partner(left).key
    release(world, left)
    second = world.right.ui_create("Sign in")
    pair(world, left, second)
    world.right.ui_edit(first, title="alone")
    seen(world)
    assert world.partner(left).key == second
    assert live(world) == (1, 2)
    release(world, left)
    for key in (first, second):
        world.right.ui_edit(key, title=f"edited {key}")
    seen(world)
    assert live(world) == (1, 2)
    assert world.store.count_links("web") == 0


def test_a_deletion_taken_back_brings_back_no_released_partner(world: World) -> None:
    left = world.left.ui_create("Log in")
    world.settle()
    first = world.partner(left).key
    release(world, left)
    second = world.right.ui_create("Sign in")
    pair(world, left, second)
    world.settle()
    world.right.ui_delete(second)
    seen(world)
    world.right.ui_restore(second)
    seen(world)
    world.right.ui_edit(first, title="alone")
    seen(world)
    assert world.partner(left).key == second
    assert live(world) == (1, 2)
