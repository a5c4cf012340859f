"""Kills: the real process under load, killed again and again at chosen requests and moments after them.

People go on editing meanwhile. One `sync` at the end has to make both sides equal, with every edit on both sides and
nothing twice, and another one has nothing to write.
"""

from __future__ import annotations

import os
import random
import signal
import threading
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from reconciler.simulators.kit.wire import Request, Response
from tests.campaign.ring import Outcome, Ring
from tests.e2e.conftest import Bench, benched

ITEMS_A_SIDE = 8
LIVES = 3
RENAMES_BETWEEN_LIVES = 5

LATER_S = 0.04
MOMENTS = ("before", "after", "some time after")
"""When a process is killed: before or after the server has carried out a request, or up to LATER_S after that, because
between requests lie the commits."""


@dataclass
class _People:
    """Who rename only what they made themselves, so that every name has to travel; `wanted` are the names to be."""

    bench: Bench
    wanted: dict[str, str]
    renamed: int = 0

    def fill(self) -> None:
        for number in range(ITEMS_A_SIDE):
            item = self.bench.mara.create("Web", "Task", f"left {number}")
            task = self.bench.piet.create_task(self.bench.list, f"right {number}")
            self.wanted |= {f"item {item.id}": item.title, f"task {task.id}": task.name}

    def rename(self, chance: random.Random) -> None:
        self.renamed += 1
        kind, _, number = chance.choice(sorted(self.wanted)).partition(" ")
        name = f"{kind} {number}, renamed {self.renamed}"
        if kind == "item":
            self.bench.mara.edit(self.bench.azure.world.items[int(number)], {"System.Title": name})
        else:
            self.bench.piet.edit(self.bench.clickup.world.tasks[number], name=name)
        self.wanted[f"{kind} {number}"] = name


def run(case: int, folder: Path) -> Outcome:
    chance, outcome = random.Random(case), Outcome()
    with benched(folder) as bench:
        people = _People(bench, {})
        people.fill()
        for life in range(LIVES):
            _one_life(bench, people, chance, outcome, life)
        ended = bench.run("sync", "--yes")
        if ended.code != 0:
            outcome.broken.append(f"the sync after all kills ended with {ended.code}: {ended.err}")
        for side, names in zip(("work items", "tasks"), bench.titles(), strict=True):
            if names != sorted(people.wanted.values()):
                outcome.broken.append(f"{side}: {_difference(names, people.wanted.values())}")
        sent = bench.azure.log.writes + bench.clickup_log.writes
        bench.run("sync")
        if bench.azure.log.writes + bench.clickup_log.writes != sent:
            outcome.broken.append("a quiet sync wrote something")
        outcome.counts = Counter(writes=sent, renames=people.renamed)
    return outcome


def _one_life(bench: Bench, people: _People, chance: random.Random, outcome: Outcome, life: int) -> None:
    """Starts a sync and kills it at some request, before or after the server has carried it out, or a little later."""
    at, moment = chance.randrange(20), chance.choice(MOMENTS)
    faults = chance.choice([bench.azure.faults, bench.clickup_faults])
    later_s = chance.uniform(0, LATER_S)
    renaming = bench.clickup_faults.before(".", lambda: people.rename(chance), after=chance.randrange(20), times=2)
    process = bench.start("sync", "--yes")

    def kill() -> None:
        os.kill(process.pid, signal.SIGKILL)

    def before(_: Request) -> None:
        kill()

    def after(_: Request, answer: Response) -> Response:
        (kill if moment == "after" else threading.Timer(later_s, kill).start)()
        return answer

    killing = (
        faults.inject("kill", ".", on_request=before, after=at)
        if moment == "before"
        else faults.inject("kill", ".", on_response=after, after=at)
    )
    process.communicate(timeout=120)
    killing.cancel()
    renaming.cancel()
    was_killed = process.returncode == -signal.SIGKILL
    outcome.fired[f"killed {moment} a request" if was_killed else "ended before it was killed"] += 1
    outcome.history.append(f"life {life}: {moment} request {at}: {'killed' if was_killed else 'ended'}")
    for _ in range(RENAMES_BETWEEN_LIVES):
        people.rename(chance)


def _difference(found: list[str], wanted: object) -> str:
    counted, expected = Counter(found), Counter(wanted)  # type: ignore[call-overload]
    return f"too many {sorted((counted - expected).elements())}, missing {sorted((expected - counted).elements())}"


RING = Ring(
    name="kills",
    about="the real process killed at random moments under load, three times a case",
    size=None,
    run=run,
    expected=[f"killed {moment} a request" for moment in MOMENTS],
)
