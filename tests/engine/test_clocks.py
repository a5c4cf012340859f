"""Whatever somebody does to this machine's clock changes nothing in either tracker (I20)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from reconciler.clock import VirtualClock
from reconciler.errors import Rejected
from reconciler.model.rich_text import Form, RichText
from tests.engine.world import World
from tests.support.memory import Fault

YEARS = timedelta(days=3650)
NONE = timedelta(0)


class SetClock(VirtualClock):
    """A machine's clock beside the trackers': it is `ahead` of them and passes as they do."""

    def __init__(self, true: VirtualClock) -> None:
        super().__init__()
        self._true = true
        self.ahead = NONE

    def now(self) -> datetime:
        return self._true.now() + self.ahead

    def monotonic_s(self) -> float:
        return self._true.monotonic_s()

    def sleep(self, seconds: float) -> None:
        self._true.sleep(seconds)

    def advance(self, seconds: float) -> None:
        self._true.advance(seconds)


def with_own_clock(folder: Path) -> tuple[World, SetClock]:
    folder.mkdir(exist_ok=True)
    world = World(folder)
    clock = world.clock = SetClock(world.clock)
    world.restart()
    return world, clock


def history(folder: Path, ahead: Sequence[timedelta]) -> tuple[object, ...]:
    """A day with everything that waits for something: refusals, a doubt, a deletion, comments that no feed shows."""
    world, clock = with_own_clock(folder)
    steps = iter(ahead)

    def turn(cycles: int = 1, hours: float = 0) -> None:
        clock.ahead = next(steps)
        for _ in range(cycles):
            world.cycle()
        clock.advance(hours * 3600)

    keys = [world.left.ui_create(f"Item {number}") for number in range(4)]
    turn(3)
    partners = [world.partner(key).key for key in keys]
    world.right.faults.append(Fault(error=Rejected("no", field="title"), method="update"))
    world.left.ui_edit(keys[0], title="Renamed")
    turn(2)
    world.right.faults.append(Fault(when="before", method="create"))
    world.left.ui_create("Lost on the way")
    turn(1)
    turn(3)
    world.right.ui_comment(partners[1], "first")
    turn(2)
    world.left.ui_delete(keys[2])
    turn(2, hours=1)
    world.left.ui_edit(keys[3], title="Late")
    turn(8, hours=7)
    turn(12)
    ends = [sorted((i.title, str(i.fields["state"])) for i in t.live()) for t in (world.left, world.right)]
    writes = [sorted(tracker.writes) for tracker in (world.left, world.right)]
    left_over = [row.reason for row in world.store.pending("web")]
    doubts = len(world.store.open_intents("web"))
    world.store.close()
    return ends, writes, left_over, doubts


JUMPS = {
    "forward once": [NONE, NONE, *[YEARS] * 6],
    "back once": [NONE, NONE, NONE, *[-YEARS] * 5],
    "forward and back": [NONE, YEARS, NONE, YEARS, -YEARS, NONE, -YEARS, NONE],
    "an hour to and fro": [NONE, *[timedelta(hours=1), timedelta(hours=-1)] * 3, NONE],
}


def test_the_same_is_written_and_left_over_whatever_the_clock_says(tmp_path: Path) -> None:
    expected = history(tmp_path / "right", [NONE] * 8)
    for name, jumps in JUMPS.items():
        assert history(tmp_path / name, jumps) == expected, name


def test_a_clock_set_forward_does_not_end_a_doubt_before_its_time(tmp_path: Path) -> None:
    world, clock = with_own_clock(tmp_path)
    world.right.faults.append(Fault(when="after", method="create"))
    world.right.lag_s = 100
    world.left.ui_create("Log in")
    world.cycle()
    clock.ahead = YEARS
    for _ in range(20):
        world.cycle()
    assert [item.title for item in world.right.live()] == ["Log in"]


def test_looks_and_refusals_do_not_wait_for_a_time_that_a_wrong_clock_has_set(tmp_path: Path) -> None:
    world, clock = with_own_clock(tmp_path)
    clock.ahead = YEARS
    key = world.left.ui_create("Log in")
    world.right.faults.append(Fault(error=Rejected("no"), method="create"))
    world.cycle()
    clock.ahead = NONE
    world.cycle()
    task = world.partner(key).key
    clock.ahead = YEARS
    comment = world.right.ui_comment(task, "first")
    world.cycle()
    clock.ahead = NONE
    world.let_looks_come()
    comments = world.right.rows[task].comments
    comments[comment] = replace(comments[comment], text=RichText(Form.MARKDOWN, "second"))  # no feed shows it
    world.cycle()
    world.cycle()
    texts = [c.text.text for c in world.left.rows[key].comments.values()]
    assert len(texts) == 1
    assert "second" in texts[0]


def test_how_lively_a_discussion_is_goes_by_the_clock_of_its_tracker(tmp_path: Path) -> None:
    world, clock = with_own_clock(tmp_path)
    clock.ahead = YEARS
    world.left.ui_create("Log in")
    world.settle()
    [look] = world.store.due_looks("web", clock.now() + timedelta(hours=1), 9)
    assert look.side == "right"
