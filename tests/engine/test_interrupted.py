"""What a death in the middle must not change. Each was found by killing the program wherever it can die."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from reconciler.model.report import MappingReport
from reconciler.recover import recover
from reconciler.turn import Turn
from tests.engine.world import World


class Death(BaseException):
    pass


def die(_method: str) -> None:
    raise Death


def die_after_writing(world: World) -> None:
    """The process dies right after the left committed a write, before its answer came, and starts again."""
    world.left.after_write = die
    with pytest.raises(Death):
        world.cycle()
    world.left.after_write = None
    world.restart()


def die_in(world: World, method: str, *, times: int = 1) -> None:
    """The process dies right before `method` of the store runs for the given time, and starts again."""
    original: Callable[..., object] = getattr(world.store, method)
    left = times

    def deadly(*arguments: object, **options: object) -> object:
        nonlocal left
        left -= 1
        if left == 0:
            raise Death
        return original(*arguments, **options)

    setattr(world.store, method, deadly)
    with pytest.raises(Death):
        world.cycle()
    world.restart()


def test_who_won_a_conflict_stays_decided_when_our_own_first_write_makes_the_loser_the_newer_side(
    world: World,
) -> None:
    key = world.left.ui_create("Log in")
    world.settle()
    task = world.partner(key).key
    world.right.ui_edit(task, priority="low")
    world.clock.advance(1)
    world.left.ui_edit(key, title="Sign in", priority="1")
    world.right.after_write = die
    with pytest.raises(Death):
        world.cycle()
    world.right.after_write = None
    assert world.right.item(task).title == "Sign in", "one of two fields was written"
    world.restart()
    world.settle()
    assert world.right.item(task).fields["priority"] == "urgent"
    assert world.left.item(key).fields["priority"] == "1"
    [conflict] = world.store.conflicts("web")
    assert (conflict.right_value, conflict.winner, conflict.is_open) == ("low", "left", False)


def test_a_winner_that_arrives_after_the_restart_is_no_second_conflict(world: World) -> None:
    key = world.left.ui_create("Log in")
    world.settle()
    task = world.partner(key).key
    world.right.ui_edit(task, priority="low")
    world.clock.advance(1)
    world.left.ui_edit(key, priority="1")
    world.right.before_write = die
    with pytest.raises(Death):
        world.cycle()
    world.right.before_write = None
    world.restart()
    recover(Turn(world.context, world.store, world.clock, None, MappingReport("web")))
    world.right.ui_edit(task, priority="urgent")  # what was under way when we died
    world.settle()
    [conflict] = world.store.conflicts("web")
    assert (conflict.right_value, conflict.winner, conflict.is_open) == ("low", "left", False)


def test_what_was_written_is_ours_also_if_nobody_can_see_it_after_the_restart(world: World) -> None:
    """Else it looks like an edit of somebody once it comes into sight, and takes back what was set meanwhile."""
    key = world.left.ui_create("Log in")
    world.settle()
    task = world.partner(key).key
    world.right.ui_edit(task, title="Sign in")
    die_after_writing(world)
    world.left.hidden = True
    world.right.ui_edit(task, title="Log in or sign up")
    for _ in range(3):
        world.cycle()
    world.left.hidden = False
    world.clock.advance(7 * 3_600)
    world.settle()
    assert world.left.item(key).title == world.right.item(task).title == "Log in or sign up"
    assert world.store.conflicts("web") == []
    assert world.store.open_intents("web") == []


def test_a_title_that_was_cut_is_ours_also_after_a_death(world: World) -> None:
    cut = replace(world.left._schema, kept=lambda name, value: str(value)[:20] if name == "title" else value)
    world.left._schema = cut
    stored = world.left._stored
    world.left._stored = lambda fields: stored(  # type: ignore[method-assign]
        {name: cut.kept(name, value) for name, value in fields.items()}
    )
    key = world.left.ui_create("Log in")
    world.restart()
    world.settle()
    task = world.partner(key).key
    world.right.ui_edit(task, title="Log in with a password that is long enough")
    die_after_writing(world)
    world.right.ui_edit(task, title="Log in with a key")
    world.settle()
    assert world.left.item(key).title == world.right.item(task).title == "Log in with a key"
    assert world.store.conflicts("web") == []


def test_a_later_edit_of_the_loser_is_a_conflict_of_its_own(world: World) -> None:
    key = world.left.ui_create("Log in")
    world.settle()
    task = world.partner(key).key
    world.right.ui_edit(task, priority="low")
    world.clock.advance(1)
    world.left.ui_edit(key, title="Sign in", priority="1")
    world.right.after_write = die
    with pytest.raises(Death):
        world.cycle()
    world.right.after_write = None
    world.restart()
    world.clock.advance(1)
    world.right.ui_edit(task, priority="high")
    world.settle()
    assert world.left.item(key).fields["priority"] == "2"
    kept = {(c.left_value, c.right_value, c.winner) for c in world.store.conflicts("web")}
    assert kept == {("1", "low", None), ("1", "high", "right")}


def test_a_restored_item_finds_its_partner_also_if_we_die_before_the_two_are_linked(world: World) -> None:
    key = world.left.ui_create("Log in")
    world.settle()
    task = world.partner(key).key
    world.left.ui_delete(key)
    world.settle(sweep=True)
    world.clock.advance(3600)
    world.settle()
    world.left.ui_restore(key)
    die_in(world, "add_link")
    world.settle()
    assert world.partner(key).key == task
    assert len(world.right.rows) == 1
    assert world.store.tombstones("web") == []
