"""Which item is which: marks, copies and twins, lost stores and rights that come and go."""

from __future__ import annotations

import pytest

from reconciler.model.pending import TWIN
from reconciler.model.policy import OnDelete
from tests.engine.conftest import MakeWorld
from tests.engine.world import World
from tests.support.memory import Fault


def lose_the_store(world: World) -> None:
    world.store.close()
    world.url = world.url.replace("store.db", "fresh.db")
    world.restart()


def test_an_original_seen_only_after_the_store_was_lost_is_paired_with_its_copy(world: World) -> None:
    key = world.left.ui_create("Log in")
    world.settle()
    lose_the_store(world)
    world.left.hidden = True
    world.settle()
    world.clock.advance(600)
    world.cycle()
    world.left.hidden = False
    world.left.ui_edit(key, title="Sign in")
    world.settle()
    assert [item.title for item in world.right.live()] == ["Sign in"]
    assert world.partner(key).title == "Sign in"


def test_a_copy_deleted_while_its_original_could_not_be_seen_is_not_made_again(make_world: MakeWorld) -> None:
    world = make_world(on_delete=OnDelete.CLOSE)
    key = world.left.ui_create("Log in")
    world.settle()
    [copy] = world.right.live()
    lose_the_store(world)
    world.left.hidden = True
    world.settle()
    world.clock.advance(600)
    world.cycle()
    world.right.ui_delete(copy.key)
    world.left.hidden = False
    world.left.ui_edit(key, title="Sign in")
    world.settle()
    assert world.right.live() == []


def test_a_copy_deleted_before_we_knew_of_it_is_not_made_again(world: World) -> None:
    key = world.right.ui_create("Log in")
    world.left.faults.append(Fault(when="after", method="create"))
    world.cycle()
    [copy] = world.left.live()
    world.left.ui_delete(copy.key)
    world.clock.advance(200)
    world.settle()
    world.clock.advance(200)
    world.right.ui_edit(key, title="Sign in")
    world.settle(sweep=True)
    assert world.left.live() == []
    assert [item.title for item in world.right.live()] == ["Sign in"]
    world.left.ui_restore(copy.key)
    world.settle()
    assert world.partner(key).key == copy.key
    assert world.differences() == []


@pytest.mark.parametrize("late_s", [20.0, 100.0, 170.0])
def test_a_copy_that_comes_into_being_late_is_the_only_one(world: World, late_s: float) -> None:
    key = world.left.ui_create("Log in")
    world.right.faults.append(Fault(when="late", method="create", late_s=late_s))
    for _ in range(20):
        world.cycle()
    assert [item.title for item in world.right.live()] == ["Log in"]
    assert world.partner(key).title == "Log in"


def test_a_request_that_waited_before_it_left_is_in_doubt_as_long_as_any_other(world: World) -> None:
    """The journal names the moment of the intent; a tracker may have us wait for minutes before the request leaves."""
    key = world.left.ui_create("Log in")
    world.right.faults.append(Fault(when="late", method="create", late_s=150.0))
    world.right.before_write = lambda _method: world.clock.advance(150.0)
    world.cycle()
    world.right.before_write = None
    for _ in range(20):
        world.cycle()
    assert [item.title for item in world.right.live()] == ["Log in"]
    assert world.partner(key).title == "Log in"


def test_a_copy_that_comes_later_than_any_doubt_lasts_is_told_and_left_alone(world: World) -> None:
    key = world.left.ui_create("Log in")
    world.right.faults.append(Fault(when="late", method="create", late_s=900.0))
    for _ in range(40):
        world.cycle()
    twin = next(item.key for item in world.right.live() if item.key != world.partner(key).key)
    assert len(world.right.live()) == 2
    world.right.ui_edit(twin, title="Edited twin")
    world.left.ui_edit(key, title="Sign in")
    world.settle()
    assert len(world.left.live()) == 1
    assert (world.partner(key).title, world.right.item(twin).title) == ("Sign in", "Edited twin")
    [row] = world.store.pending("web")
    assert (row.side, row.key, row.needs_a_person) == ("right", twin, True)
    assert [event.key for event in world.store.events(1, 100) if event.kind == "left alone"] == [twin]
    world.right.ui_delete(twin)
    world.clock.advance(7 * 3600)
    world.settle()
    assert world.store.pending("web") == []
    assert world.partner(key).title == "Sign in"


def test_of_two_copies_the_older_one_is_kept_when_the_store_was_lost(world: World) -> None:
    keys = [world.left.ui_create(f"Item {number}") for number in range(12)]
    world.settle()
    [first] = [item for item in world.right.live() if item.title == "Item 0"]
    world.right.ui_twin(first.key)
    lose_the_store(world)
    world.settle()
    assert world.partner(keys[0]).key == first.key
    assert (len(world.left.live()), len(world.right.live())) == (12, 13)
    assert [row.reason for row in world.store.pending("web")] == [TWIN]


@pytest.mark.parametrize("when", ["before", "after", "late"])
def test_a_copy_that_is_made_again_on_purpose_is_made_once_and_of_another_generation(
    make_world: MakeWorld, when: str
) -> None:
    world = make_world(on_delete=OnDelete.DELETE)
    key = world.left.ui_create("Log in")
    world.settle()
    [old] = world.right.live()
    world.left.ui_delete(key)
    world.settle(sweep=True)
    assert world.right.live() == []
    world.clock.advance(600)
    world.left.ui_restore(key)
    world.right.faults.append(Fault(when=when, method="create", late_s=100.0))
    for _ in range(20):
        world.cycle()
    [new] = world.right.live()
    assert world.partner(key).key == new.key
    assert new.origin
    assert old.origin
    assert new.origin.marker != old.origin.marker
    world.right.ui_restore(old.key)
    lose_the_store(world)
    world.settle()
    assert world.partner(key).key == new.key
    assert len(world.left.live()) == 1


@pytest.mark.parametrize("who", ["somebody", "the owner of the token"])
def test_a_copy_that_a_person_copies_with_our_mark_takes_nothing_from_the_pair(world: World, who: str) -> None:
    """What the owner of the token copies cannot be told from a twin of our own making, and is left alone."""
    key = world.left.ui_create("Log in")
    world.settle()
    task = world.partner(key).key
    duplicate = world.right.ui_twin(task, ours=who != "somebody")
    world.settle()
    world.right.ui_edit(duplicate, title="Log out")
    world.left.ui_edit(key, title="Sign in")
    world.settle(sweep=True)
    assert world.partner(key).key == task
    assert world.right.item(task).title == "Sign in"
    copied = ["Log out"] if who == "somebody" else []
    assert sorted(item.title for item in world.left.live()) == [*copied, "Sign in"]
    assert [row.reason for row in world.store.pending("web")] == ([] if who == "somebody" else [TWIN])
