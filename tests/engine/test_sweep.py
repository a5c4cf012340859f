"""The comparison of everything: spread over cycles, within its share of the budget, and not lost by anything."""

from __future__ import annotations

from datetime import timedelta

import pytest

from reconciler.model.item import Item
from reconciler.trackers.base import Page
from tests.engine.world import World
from tests.support.memory import MemoryTracker, outage

PAIRS = 40
DAILY = {"web": timedelta(hours=24)}


def step(world: World) -> int:
    """One cycle with the daily rhythm; how many requests of the sweep it sent."""
    before = count(world)
    report = world.cycle(sweep_every=DAILY)
    assert report.problem is None, report.problem
    return count(world) - before


def count(world: World) -> int:
    return sum(tracker.asked["sweep"] for tracker in (world.left, world.right))


def fill(world: World, pairs: int) -> list[str]:
    """So many linked pairs, a day after the last round; a request an item."""
    keys = [world.left.ui_create(f"Item {number}") for number in range(pairs)]
    world.settle()
    world.clock.advance(25 * 3600)
    world.left.page_size = world.right.page_size = 1
    return keys


def edit_unseen(tracker: MemoryTracker, key: str, title: str) -> None:
    """As by a migration that keeps the old date: no feed shows it."""
    row = tracker.rows[key]
    changed_at = row.item.changed_at
    tracker.ui_edit(key, title=title)
    _set(tracker, key, changed_at)


def _set(tracker: MemoryTracker, key: str, changed_at: object) -> None:
    row = tracker.rows[key]
    values = {name: getattr(row.item, name) for name in row.item.__dataclass_fields__}
    row.item = Item(**{**values, "changed_at": changed_at})


def test_a_round_is_spread_over_cycles_within_a_tenth_of_the_budget_and_begins_once_a_day(world: World) -> None:
    """Without a ceiling sweeps have twenty requests a minute on either side, that is ten in a cycle."""
    keys = fill(world, PAIRS)
    edit_unseen(world.left, keys[-1], "Found late")
    sent = [step(world) for _ in range(8)]
    assert sent[0] <= 2 * 20
    assert max(sent[1:]) <= 2 * 10
    assert 2 * PAIRS <= sum(sent) <= 2 * PAIRS + 2, "nothing is read twice"
    assert sent[-1] == 0
    assert world.partner(keys[-1]).title == "Found late"
    world.clock.advance(12 * 3600)
    assert step(world) == 0
    world.clock.advance(12 * 3600)
    assert step(world) > 0


def test_a_round_goes_on_where_it_was_after_a_restart_and_after_an_outage(world: World) -> None:
    keys = fill(world, PAIRS)
    edit_unseen(world.left, keys[-1], "Found late")
    before = count(world)
    step(world)
    world.restart()
    world.left.page_size = world.right.page_size = 1
    world.right.read_faults.append(("sweep", outage()))
    report = world.cycle(sweep_every=DAILY)
    assert report.problem is None
    assert any("delayed" in note for note in report.notes)
    while step(world):
        pass
    assert 2 * PAIRS <= count(world) - before <= 2 * PAIRS + 3, "nothing is read twice"
    assert world.partner(keys[-1]).title == "Found late"


def test_pairs_that_a_round_of_many_cycles_did_not_meet_are_looked_into_at_its_end(world: World) -> None:
    keys = fill(world, PAIRS)
    partners = {key: world.partner(key).key for key in (keys[3], keys[35])}
    for key in partners:
        world.left.ui_delete(key)
    for _ in range(10):
        step(world)
        world.restart()
        world.left.page_size = world.right.page_size = 1
    assert {world.right.item(task).fields["state"] for task in partners.values()} == {"complete"}
    assert sum(item.fields["state"] == "complete" for item in world.right.live()) == 2


def test_pairs_made_while_a_round_is_under_way_are_not_missed_by_it(world: World) -> None:
    fill(world, PAIRS)
    step(world)
    fates = world.left.asked["fate"] + world.right.asked["fate"]
    for number in range(5):
        world.left.ui_create(f"New {number}")
        step(world)
    while step(world):
        pass
    assert world.left.asked["fate"] + world.right.asked["fate"] == fates


def test_a_row_that_is_behind_what_a_poll_has_shown_is_dropped(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    key = world.left.ui_create("Log in")
    world.settle()
    stale = [world.left.item(key)]
    world.left.ui_edit(key, title="Sign in")
    world.settle()
    monkeypatch.setattr(world.left, "sweep", lambda scope, *_: iter([Page(tuple((scope, item) for item in stale))]))
    world.cycle(sweep=True)
    world.settle()
    assert (world.left.item(key).title, world.partner(key).title) == ("Sign in", "Sign in")
    assert world.store.conflicts("web") == []


def test_full_compares_everything_at_once_and_ends_the_round_under_way(world: World) -> None:
    keys = fill(world, PAIRS)
    step(world)
    edit_unseen(world.left, keys[0], "Behind the cursor")
    before = count(world)
    world.cycle(sweep=True)
    assert count(world) - before == 2 * PAIRS
    assert world.partner(keys[0]).title == "Behind the cursor"
    assert step(world) == 0


def test_a_full_comparison_that_cannot_be_finished_says_so(world: World) -> None:
    fill(world, 30)
    world.right.read_faults.append(("sweep", outage()))
    assert "down" in str(world.cycle(sweep=True).problem)
