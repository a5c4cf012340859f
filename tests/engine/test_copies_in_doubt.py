"""Copies whose creation was in doubt: what somebody set on them travels, what the tracker filled in does not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from reconciler.errors import Rejected
from reconciler.model.field import Value
from reconciler.model.item import Item
from tests.engine.world import World
from tests.support.duo import Duo
from tests.support.memory import Fault


def copied(world: World, edit: Callable[[Item], None], **fields: Value) -> tuple[Item, Item]:
    """A right item, and its copy on the left that somebody edited before we knew of it; both once all is settled."""
    world.left.default_priority = "2"
    key = world.right.ui_create("Pay", **fields)
    world.left.faults.append(Fault(when="after", method="create"))
    world.cycle()
    [copy] = world.left.live()
    world.clock.advance(1)
    edit(copy)
    world.settle()
    return world.right.item(key), world.left.item(copy.key)


def test_a_priority_set_on_a_copy_in_doubt_travels(world: World) -> None:
    task, copy = copied(world, lambda item: world.left.ui_edit(item.key, priority="1"))
    assert (task.fields["priority"], copy.fields["priority"]) == ("urgent", "1")


def test_the_default_priority_of_a_copy_in_doubt_stays_where_it_is(world: World) -> None:
    task, copy = copied(world, lambda item: world.left.ui_edit(item.key, due_date=date(2026, 3, 9)))
    assert (task.fields["priority"], copy.fields["priority"]) == (None, "2")
    assert task.fields["due_date"] == date(2026, 3, 9)


def test_a_priority_taken_from_a_copy_in_doubt_is_taken_from_its_original(world: World) -> None:
    task, copy = copied(world, lambda item: world.left.ui_edit(item.key, priority=None), priority="high")
    assert (task.fields["priority"], copy.fields["priority"]) == (None, None)


def test_a_value_taken_back_on_the_original_is_taken_from_its_copy_in_doubt(world: World) -> None:
    def edit(copy: Item) -> None:
        world.left.ui_edit(copy.key, title="Sign in")
        world.right.ui_edit(world.right.live()[0].key, priority=None)

    task, copy = copied(world, edit, priority="high")
    assert (task.fields["priority"], copy.fields["priority"]) == (None, None)
    assert task.title == copy.title == "Sign in"
    assert world.store.conflicts("web") == []


@pytest.mark.parametrize("before", [None, "1"])
@pytest.mark.parametrize("after", ["low", "normal"])
def test_a_priority_set_on_a_copy_without_history_travels_too(world: World, before: str | None, after: str) -> None:
    key = world.left.ui_create("Log in", priority=before)
    world.right.faults.append(Fault(when="after", method="create"))
    world.cycle()
    [copy] = world.right.live()
    world.clock.advance(1)
    world.right.ui_edit(copy.key, priority=after)
    world.settle()
    assert world.left.item(key).fields["priority"] == {"low": "4", "normal": "3"}[after]
    assert world.right.item(copy.key).fields["priority"] == after


def test_azure_devops_tells_what_a_work_item_was_when_it_was_made(tmp_path: Path) -> None:
    duo = Duo(tmp_path)
    try:
        made = duo.developer.create("Web", "Task", "Log in")
        default = made.fields["Microsoft.VSTS.Common.Priority"]
        duo.developer.edit(made, {"Microsoft.VSTS.Common.Priority": 1, "System.Title": "Sign in"})
        tracker, scope = duo.contexts[0].trackers["left"], duo.contexts[0].scopes["left"]
        now = tracker.read(scope, ["1"])["1"]
        first = tracker.as_created(scope, now)
        assert first is not None
        assert (now.title, now.fields["priority"]) == ("Sign in", "1")
        assert (first.title, first.fields["priority"]) == ("Log in", str(default))
    finally:
        duo.close()


def test_what_was_left_out_of_a_creation_in_doubt_was_not_taken_away_from_the_copy(world: World) -> None:
    """A copy that was refused once is made of title and type. Its answer is lost and somebody edits it: no history says
    what it was made with, and what was never sent must not look like cleared."""
    key = world.left.ui_create("Log in", priority="1")
    world.right.faults.append(Fault(error=Rejected("no", tracker="clickup", key=""), method="create"))
    world.cycle()
    world.clock.advance(3_600)
    world.right.faults.append(Fault(when="after", method="create"))
    world.left.ui_edit(key, due_date=date(2026, 5, 4))
    world.cycle()
    [copy] = world.right.live()
    world.clock.advance(5)
    world.right.ui_edit(copy.key, title="Sign in")
    world.settle()
    assert world.left.item(key).fields["priority"] == "1"
    assert world.right.item(copy.key).fields["priority"] == "urgent"
    assert world.right.item(copy.key).fields["due_date"] == world.left.item(key).fields["due_date"] == date(2026, 5, 4)
