"""What a poll may not miss: late commits, and clocks that are wrong."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from reconciler.clock import VirtualClock
from reconciler.errors import Rejected
from tests.engine.world import World
from tests.support.memory import Fault, outage


class Skewed:
    """The clock of a tracker that is wrong by `by`."""

    def __init__(self, clock: VirtualClock, by: timedelta) -> None:
        self._clock, self._by = clock, by

    def now(self) -> datetime:
        return self._clock.now() + self._by

    def __getattr__(self, name: str) -> Any:
        return getattr(self._clock, name)


@pytest.fixture(params=[timedelta(minutes=-10), timedelta(minutes=10), timedelta(days=-3650)], ids=str)
def skewed(world: World, request: pytest.FixtureRequest) -> World:
    """Both trackers' clocks differ from ours by that much."""
    for tracker in (world.left, world.right):
        tracker.clock = Skewed(world.clock, request.param)  # type: ignore[assignment]
    return world


def test_an_edit_that_comes_into_sight_late_is_seen(world: World) -> None:
    world.settle()
    world.right.lag_s = 60
    key = world.right.ui_create("Log in")
    for _ in range(6):
        world.cycle()
    assert world.partner(key).title == "Log in"


def test_a_clock_that_is_wrong_hides_no_edit(skewed: World) -> None:
    key = skewed.left.ui_create("Log in")
    skewed.settle()
    for number in range(3):
        skewed.left.ui_edit(key, title=f"Sign in {number}")
        skewed.cycle()
        assert skewed.partner(key).title == f"Sign in {number}"


def test_a_clock_that_is_wrong_makes_no_second_copy(skewed: World) -> None:
    skewed.settle()
    skewed.left.ui_create("Log in")
    skewed.right.faults.append(Fault(when="after", method="create"))
    for _ in range(12):
        skewed.cycle()
    assert [item.title for item in skewed.right.live()] == ["Log in"]


def test_an_outage_longer_than_the_overlap_loses_nothing(world: World) -> None:
    world.settle()
    key = world.left.ui_create("Log in")
    for _ in range(3):
        world.right.faults.append(Fault(error=outage(), method="create"))
        assert world.cycle().problem_kind == "Unavailable"
        world.clock.advance(600)
    world.settle()
    assert world.partner(key).title == "Log in"


def test_a_refused_creation_is_remembered_longer_than_the_overlap(world: World) -> None:
    world.settle()
    key = world.left.ui_create("Log in")
    world.right.faults.append(Fault(error=Rejected("not now", tracker="clickup", field="title"), method="create"))
    assert world.cycle().pending == 1
    for _ in range(3):
        world.clock.advance(600)
        world.cycle()
    assert world.partner(key).title == "Log in"
