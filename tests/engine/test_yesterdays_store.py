"""A store that is older than the world: copied back from yesterday, lost, or one of two that were one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from reconciler.model.policy import OnDelete, Rule
from tests.engine.conftest import MakeWorld
from tests.engine.world import World


class Copy:
    """A copy of the store as it was."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._live = Path(world.url.removeprefix("sqlite:///"))
        self._kept = self._live.with_suffix(".yesterday")
        world.store.close()
        shutil.copy(self._live, self._kept)
        world.restart()

    def comes_back(self) -> None:
        self._world.store.close()
        for file in self._live.parent.glob(f"{self._live.name}*"):
            file.unlink()
        shutil.copy(self._kept, self._live)
        self._world.restart()


def comments(world: World) -> tuple[int, int]:
    """How many there are, by side."""
    left, right = (sum(len(row.comments) for row in side.rows.values()) for side in (world.left, world.right))
    return left, right


def settle(world: World) -> None:
    """Also what is looked at on a slow rhythm."""
    world.settle(sweep=True)
    for _ in range(2):
        world.let_looks_come()
        world.settle(sweep=True)


def test_what_travelled_since_yesterday_is_agreed_without_a_word(world: World) -> None:
    key = world.left.ui_create("Log in", priority="1", tags=("api",))
    world.left.ui_comment(key, "<p>first</p>")
    settle(world)
    yesterday = Copy(world)
    world.clock.advance(3600)
    task = world.partner(key).key
    world.left.ui_edit(key, title="Sign in", state="Active", tags=("api", "web"))
    comment = world.left.ui_comment(key, "<p>second</p>")
    world.right.ui_comment(task, "third")
    settle(world)
    world.left.ui_edit_comment(key, comment, "<p>second, edited</p>")
    settle(world)
    later = world.left.ui_create("Log out")
    settle(world)
    writes = len(world.left.writes), len(world.right.writes)
    yesterday.comes_back()
    settle(world)
    assert (len(world.left.writes), len(world.right.writes)) == writes
    assert world.store.conflicts("web") == []
    assert world.partner(later).title == "Log out"
    assert comments(world) == (3, 3)
    world.right.ui_edit(task, title="Sign on")
    settle(world)
    assert world.differences() == []


@pytest.mark.parametrize("rule", list(Rule))
def test_what_differs_since_yesterday_is_decided_and_kept(make_world: MakeWorld, rule: Rule) -> None:
    world = make_world(conflict=rule)
    key = world.left.ui_create("Log in")
    settle(world)
    yesterday = Copy(world)
    world.clock.advance(3600)
    task = world.partner(key).key
    world.left.ui_edit(key, title="Sign in")
    settle(world)
    world.right.ui_edit(task, title="Sign on")
    yesterday.comes_back()
    settle(world)
    shown = {world.left.item(key).title, world.right.item(task).title}
    kept = {v for c in world.store.conflicts("web") for v in (c.left_value, c.right_value)}
    assert {"Sign in", "Sign on"} <= shown | kept
    assert (len(shown) == 1) == (rule is not Rule.HOLD)


@pytest.mark.parametrize("on_delete", list(OnDelete))
@pytest.mark.parametrize("gone", ["original", "copy"])
def test_what_was_deleted_since_yesterday_stays_deleted(make_world: MakeWorld, on_delete: OnDelete, gone: str) -> None:
    world = make_world(on_delete=on_delete)
    key = world.left.ui_create("Log in")
    settle(world)
    yesterday = Copy(world)
    world.clock.advance(3600)
    task = world.partner(key).key
    if gone == "original":
        world.left.ui_delete(key)
    else:
        world.right.ui_delete(task)
    settle(world)
    living = len(world.left.live()), len(world.right.live())
    yesterday.comes_back()
    settle(world)
    world.clock.advance(8 * 3600)
    settle(world)
    assert (len(world.left.live()), len(world.right.live())) == living


def test_an_original_made_and_deleted_since_yesterday_is_not_made_of_its_copy(make_world: MakeWorld) -> None:
    world = make_world(on_delete=OnDelete.CLOSE)
    world.left.ui_create("Before")
    settle(world)
    yesterday = Copy(world)
    world.clock.advance(3600)
    key = world.left.ui_create("Log in")
    settle(world)
    world.left.ui_delete(key)
    settle(world)
    living = len(world.left.live()), len(world.right.live())
    yesterday.comes_back()
    settle(world)
    assert (len(world.left.live()), len(world.right.live())) == living


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_comment_deleted_since_yesterday_stays_deleted(world: World, side: str) -> None:
    key = world.left.ui_create("Log in")
    comment = world.left.ui_comment(key, "<p>first</p>")
    settle(world)
    yesterday = Copy(world)
    world.clock.advance(3600)
    task = world.partner(key).key
    if side == "left":
        world.left.ui_delete_comment(key, comment)
    else:
        [twin] = world.right.rows[task].comments
        world.right.ui_delete_comment(task, twin)
    settle(world)
    yesterday.comes_back()
    settle(world)
    assert comments(world) == (0, 0)


def test_an_empty_store_finds_comments_and_values_again(world: World) -> None:
    key = world.left.ui_create("Log in", state="Active", priority="2")
    world.left.ui_comment(key, "<p>first</p>")
    settle(world)
    task = world.partner(key).key
    world.right.ui_comment(task, "second")
    settle(world)
    writes = len(world.left.writes), len(world.right.writes)
    world.store.close()
    world.url = world.url.replace("store.db", "fresh.db")
    world.restart()
    settle(world)
    assert (len(world.left.writes), len(world.right.writes)) == writes
    assert world.store.conflicts("web") == []
    assert comments(world) == (2, 2)


def test_two_stores_that_were_one_make_no_second_copy_as_long_as_they_take_turns(make_world: MakeWorld) -> None:
    world = make_world()
    world.left.ui_create("Before")
    settle(world)
    world.store.close()
    here, there = world.url, world.url.replace("store.db", "clone.db")
    shutil.copy(here.removeprefix("sqlite:///"), there.removeprefix("sqlite:///"))
    keys, told = [], []
    for number in range(6):
        world.url = (here, there)[number % 2]
        world.restart()
        keys.append(world.left.ui_create(f"Item {number}"))
        world.left.ui_edit(keys[0], title=f"Edited {number}")
        told += [note for note in world.cycle().notes if "second instance" in note]
        world.store.close()
    assert told
    for url in (here, there):
        world.url = url
        world.restart()
        settle(world)
        assert (len(world.left.live()), len(world.right.live())) == (7, 7)
        assert world.differences() == []
