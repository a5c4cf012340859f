"""Pairs: every ordered pair of faults, in a short scenario - one after the other, in the same cycle and in the next.

Most failures of real systems need no more than three events, and their order matters (reliability.md, section 1).
"""

from __future__ import annotations

from pathlib import Path

from reconciler.model.side import SIDES, Side
from tests.simulation.history import Verdict, a_world, judge
from tests.simulation.rows import STRIKES, Row
from tests.simulation.rules import Persons
from tests.simulation.world import World

COUNT = len(STRIKES) ** 2 * 2
_STRIDE = 10_007
"""A prime beyond COUNT, so that the first cases are a sample of all of them."""


def ordered(case: int) -> tuple[Row, Row, bool]:
    """The case's faults, and whether both strike before the same cycle."""
    pair, apart = divmod(case * _STRIDE % COUNT, 2)
    first, second = divmod(pair, len(STRIKES))
    return STRIKES[first], STRIKES[second], not apart


def name_of(case: int) -> str:
    first, second, together = ordered(case)
    return f"{first.name}, {'then at once' if together else 'and a cycle later'} {second.name}"


def play_pair(folder: Path, case: int) -> Verdict:
    first, second, together = ordered(case)
    world = a_world(folder, case)
    try:
        persons = Persons(world)
        for side in SIDES:
            persons.create(side)
            persons.create(side)
        world.cycle()
        world.back_up_store()
        world.cycle()
        _work(world, persons)
        world.say(f"fault: {first.name}")
        first.arm(world)
        if not together:
            world.cycle()
            _work(world, persons)
        world.say(f"fault: {second.name}")
        second.arm(world)
        world.cycle()
        _work(world, persons)
        world.cycle(sweep=True)
        world.cycle()
        return judge(world, [])
    finally:
        world.close()


def _work(world: World, persons: Persons) -> None:
    """Something of everything that makes the program write."""
    del world
    side: Side
    for side in SIDES:
        persons.edit(side)
        persons.create(side)
        persons.add_comment(side)
    persons.different_values("left")
