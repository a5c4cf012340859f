"""Refusals: what a tracker does not take stays back with its reason, and nothing else does."""

from __future__ import annotations

from datetime import date

import pytest

from tests.engine.world import ADA, World

EDITS = {
    "title": "Sign in",
    "state": "Active",
    "assignees": (ADA,),
    "priority": "1",
    "tags": ("api",),
    "start_date": date(2026, 3, 1),
    "due_date": date(2026, 3, 9),
}


def different(world: World) -> set[str]:
    return {sentence.split(":")[0].partition(".")[2] for sentence in world.differences()}


def pass_days(world: World) -> None:
    for _ in range(40):
        world.clock.advance(3 * 3600)
        world.cycle()


@pytest.mark.parametrize("named", ["", "unheard of"])
@pytest.mark.parametrize("guilty", [{"due_date"}, {"title", "tags"}, set(EDITS)])
def test_a_refusal_that_names_no_field_holds_back_only_the_fields_it_is_about(
    world: World, guilty: set[str], named: str
) -> None:
    task = world.right.ui_create("Log in")
    world.settle()
    key = world.partner(task).key
    world.left.refuses = dict.fromkeys(guilty, named)
    edits = {**EDITS, "state": "in progress", "priority": "urgent"}
    world.right.ui_edit(task, **edits)
    before = len(world.left.writes)
    world.cycle()
    assert different(world) == guilty
    [row] = world.store.pending("web")
    assert (row.side, row.key, row.attempts) == ("left", key, 1)
    assert row.reason.count("not acceptable") == len(guilty)
    assert len(world.left.writes) - before < 2 * len(edits)


def test_a_field_that_was_refused_is_not_searched_for_again(world: World) -> None:
    task = world.right.ui_create("Log in")
    world.settle()
    world.left.refuses = {"due_date": ""}
    world.right.ui_edit(task, due_date=date(2026, 3, 9), title="Sign in", tags=("api",), priority="urgent")
    world.cycle()
    before = len(world.left.writes)
    pass_days(world)
    assert len(world.left.writes) - before == 4
    assert [row.parked for row in world.store.pending("web")] == [True]
    before = len(world.left.writes)
    world.right.ui_edit(task, title="Enter", tags=("api", "web"))
    world.settle()
    assert different(world) == {"due_date"}
    assert len(world.left.writes) - before == 2
    world.left.refuses = {}
    world.right.ui_edit(task, title="Come in")
    world.settle()
    assert world.differences() == []
    assert world.store.pending("web") == []


@pytest.mark.parametrize("named", ["", "due_date"])
def test_an_item_is_made_without_the_field_that_is_refused(world: World, named: str) -> None:
    world.right.refuses = {"due_date": named}
    key = world.left.ui_create("Log in", **{n: v for n, v in EDITS.items() if n != "title"})
    for _ in range(4):
        world.clock.advance(60)
        world.cycle()
    assert different(world) == {"due_date"}
    [row] = world.store.pending("web")
    assert (row.side, row.key) == ("right", world.partner(key).key)
    world.right.refuses = {}
    pass_days(world)
    assert world.differences() == []
    assert world.store.pending("web") == []


def test_an_item_whose_title_is_refused_is_not_made(world: World) -> None:
    world.right.refuses = {"title": ""}
    key = world.left.ui_create("Log in", due_date=date(2026, 3, 9))
    pass_days(world)
    assert world.right.live() == []
    [row] = world.store.pending("web")
    assert (row.side, row.key, row.parked) == ("left", key, True)
    assert len(world.right.writes) == 5
