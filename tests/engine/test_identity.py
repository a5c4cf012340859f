"""Which item is which: marks, copies and twins, lost stores and rights that come and go."""

from __future__ import annotations

from reconciler.model.policy import OnDelete
from tests.engine.conftest import MakeWorld
from tests.engine.world import World


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
