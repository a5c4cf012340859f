"""Small histories from seeds: whatever people do and whatever breaks, the promises hold once it is over.

`python -m tests.campaign simulation` runs thousands; SIMULATED_SEEDS and SIMULATED_FIRST choose what is run here.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.simulation.history import PATIENCE_S, play
from tests.simulation.rules import Persons
from tests.simulation.world import YEAR_S, World

SEEDS = int(os.environ.get("SIMULATED_SEEDS", "10"))
FIRST = int(os.environ.get("SIMULATED_FIRST", "0"))


@pytest.mark.parametrize("seed", range(FIRST, FIRST + SEEDS))
def test_promises_hold_whatever_happens(folder: Path, seed: int) -> None:
    verdict = play(folder, seed)
    assert not verdict.broken, "\n".join([f"seed {seed}", *verdict.said, *verdict.broken])


def test_the_same_seed_is_the_same_history(folder: Path) -> None:
    """I28, without which no failure could be looked into."""
    verdicts = []
    for name in ("one", "two"):
        (folder / name).mkdir()
        verdicts.append(play(folder / name, seed=3))
    assert verdicts[0].said == verdicts[1].said
    assert verdicts[0].digest == verdicts[1].digest


def test_a_clock_of_ours_that_jumps_changes_nothing_that_is_written(folder: Path) -> None:
    """I20: the same people, with a clock that is right and with one that jumps by years."""
    written = []
    for name, jumps in (("right", (0.0,)), ("wrong", (0.0, 10 * YEAR_S, -10 * YEAR_S, -3_600.0))):
        (folder / name).mkdir()
        world = World(folder / name, seed=11)
        try:
            persons = Persons(world)
            for number in range(12):
                world.duo.local.ahead_s = jumps[number % len(jumps)]
                for _ in range(3):
                    persons.act()
                if number == 9:  # a deletion is proved twice, so something is left to do when the clock jumps again
                    left, right = world.pair()
                    world.duo.local.ahead_s = jumps[1 % len(jumps)]
                    world.delete("left", left)
                world.cycle(sweep=number == 9)
            world.pass_time(PATIENCE_S)
            for _ in range(6):
                world.cycle(after_s=700.0)
            assert world.people["right"].face(right)["state"] == 2
            written.append(sorted((e.side, e.request.path, e.request.body) for e in world.tape.entries if e.writes))
        finally:
            world.close()
    assert written[0]
    assert written[0] == written[1]
