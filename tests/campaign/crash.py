"""Crash: the scenarios of tests/crash, the program killed at every point there is (reliability.md, ring C).

A case is a share of one scenario's points; `crash-twice` kills the program a second time, at every point of the life
after the first death. Crash points that leave the same behind, on the servers and on the disk, share one death.
"""

from __future__ import annotations

from pathlib import Path

from tests.campaign.ring import Outcome, Ring
from tests.crash.disk import Folder
from tests.crash.enumeration import Life, course, survive
from tests.crash.scenarios import SCENARIOS

SHARES = 8
SHARES_TWICE = 80


def _once(case: int, folder: Path) -> Outcome:
    (name, share), outcome = _place(case, SHARES), Outcome()
    lived, disk = course(name), Folder(folder)
    for number, point in list(enumerate(lived.points))[share::SHARES]:
        _judge(outcome, survive(lived, point, disk), f"{name} {number}", point.cause)
    if share == 0:
        outcome.counts["crash points"] += len(lived.seen)
    outcome.fired[name] += 1
    return outcome


def _twice(case: int, folder: Path) -> Outcome:
    (name, share), outcome = _place(case, SHARES_TWICE), Outcome()
    lived, disk = course(name), Folder(folder)
    for number, point in list(enumerate(lived.points))[share::SHARES_TWICE]:
        first = survive(lived, point, disk, watched=True)
        outcome.counts["crash points"] += first.boundaries
        for again, second in enumerate(first.further):
            cause = f"{point.cause}, then {second.cause}"
            _judge(outcome, survive(lived, second, disk), f"{name} {number} {again}", cause)
    outcome.fired[name] += 1
    return outcome


def _judge(outcome: Outcome, life: Life, again: str, cause: str) -> None:
    outcome.counts["deaths"] += 1
    outcome.counts["extra requests"] += max(0, life.extra)
    outcome.history.append(f"{again}: {cause}")
    outcome.broken += [f"python -m tests.crash {again}: {cause}: {sentence}" for sentence in life.broken]


def _place(case: int, shares: int) -> tuple[str, int]:
    return list(SCENARIOS)[case % len(SCENARIOS)], case // len(SCENARIOS) % shares


def _name(case: int) -> str:
    return f"{list(SCENARIOS)[case % len(SCENARIOS)]}, share {case // len(SCENARIOS)}"


RING = Ring(
    "crash",
    "the program killed at every point of every scenario",
    SHARES * len(SCENARIOS),
    _once,
    _name,
    expected=tuple(SCENARIOS),
)

RING_TWICE = Ring(
    "crash-twice",
    "the program killed again at every point of every life after a death",
    SHARES_TWICE * len(SCENARIOS),
    _twice,
    _name,
    expected=tuple(SCENARIOS),
)
