"""History: one seed - agitate, heal, judge (reliability.md, section 2: a safety phase, then a liveness phase)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from reconciler.model.policy import OnDelete, Rule
from reconciler.model.side import SIDES, other
from tests.simulation.families import Families
from tests.simulation.promises.rest import echoes, leaks, unrest
from tests.simulation.promises.state import broken_at_rest, disagreements, live_twins
from tests.simulation.promises.traffic import broken_on_the_wire
from tests.simulation.rules import House, Persons, Trouble
from tests.simulation.world import MAPPING, World

PATIENCE_S = 6.2 * 3_600.0
"""Longer than anything is put off."""

CONVERGED_WITHIN = 8
"""Cycles. Two where nothing was in doubt (I1); a doubt costs two looks and a repetition, a deletion two proofs, a
retried refusal one more."""


@dataclass(slots=True)
class Verdict:
    """What became of one history. `digest` names it: the same seed gives the same (I28)."""

    broken: list[str]
    said: list[str]
    digest: str
    counts: Counter[str] = field(default_factory=Counter)
    fired: Counter[str] = field(default_factory=Counter)


def play(folder: Path, seed: int, rounds: int = 7) -> Verdict:
    """The history of a seed."""
    world = a_world(folder, seed)
    try:
        broken: list[str] = []
        persons, families, house = Persons(world), Families(world, seed), House(world)
        trouble, chance = Trouble(world, persons), world.random
        for side in SIDES:
            persons.create(side)
        world.cycle()
        for _ in range(rounds):
            for _ in range(chance.randint(0, 4)):
                persons.act()
            if families.are_there:
                families.act()
            for _ in range(chance.choice([0, 1, 1, 2])):
                trouble.act()
            world.cycle(sweep=chance.random() < 0.15, after_s=chance.choice([1.0, 30.0, 30.0, 100.0]))
            broken += live_twins(world) if not world.ledger.past_was_lost else []
            if chance.random() < 0.3:
                house.act()
        return judge(world, broken)
    finally:
        world.close()


def a_world(folder: Path, seed: int) -> World:
    """A small world whose settings the seed decides."""
    chance = Random(f"world {seed}")
    world = World(
        folder,
        seed,
        requests_per_minute=chance.choice([60, 1_000, 1_000]),
        conflict=chance.choice(list(Rule)),
        on_delete=chance.choice(list(OnDelete)),
        match_by_title=chance.choice([True, True, False]),
    )
    for side in SIDES:
        world.skew(side, chance.choice([0.0, 0.0, -600.0, 600.0]))
    if chance.random() < 0.3:
        world.small_pages(chance.choice([2, 3]))
    world.people["right"].keep_footers = world.may_lose_its_past = chance.random() < 0.8
    if chance.random() < 0.3:
        world.duo.clickup.rate_limit.window = "sliding"
    return world


def judge(world: World, broken: list[str]) -> Verdict:
    """Heals the world, lets it come to rest, and tells which promises do not hold."""
    broken += heal(world)
    broken += unrest(world)
    broken += broken_at_rest(world)
    side = world.random.choice(SIDES)
    for each in (side, other(side)):
        broken += echoes(world, each)
    broken += [*broken_on_the_wire(world), *leaks(world)]
    counts = Counter(cycles=world.cycles, requests=world.tape.mark)
    return Verdict(broken, told(world), world.tape.digest, counts, world.fired)


def heal(world: World) -> Iterator[str]:
    """No more edits and faults; I1: cycles until both sides agree and nothing is written, which must not take long."""
    world.say("everything heals")
    world.heal_servers()
    world.fuse.disarm()
    if not world.up:
        world.start()
    world.stop("is restarted by its operator")
    world.pass_time(PATIENCE_S)
    world.start()
    _retry_parked(world)
    for number in range(1, 4 * CONVERGED_WITHIN):
        mark = world.tape.mark
        report = world.cycle(after_s=200.0, sweep=number in (1, 4))
        if report is not None and report.problem:
            yield f"I1: healed, and yet: {report.problem}"
        busy = any(entry.writes for entry in world.tape.since(mark)) or world.is_owed_something()
        if number > 4 and not busy and not disagreements(world):
            if number > CONVERGED_WITHIN:
                yield f"I1: it took {number} cycles"
            break
    else:
        yield "I1: it never comes to rest"
    world.pass_time(700.0)  # the slow looks at comments
    for _ in range(3):
        world.cycle(after_s=700.0)
    world.pass_time(200.0)


def _retry_parked(world: World) -> None:
    """What `reconciler retry` does: an operator lets what was refused be tried once more."""
    for row in world.store.pending(MAPPING):
        if row.parked:
            world.store.add_pending(MAPPING, row.side, row.key, row.reason, due_at=world.duo.local.now())


def told(world: World) -> list[str]:
    """The history in words, with the requests that changed something."""
    return world.said
