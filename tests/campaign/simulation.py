"""Ring S: histories of the real engine, clients and store against simulated servers (tests/simulation)."""

from __future__ import annotations

from pathlib import Path

from tests.campaign.ring import Outcome, Ring
from tests.simulation import pairs
from tests.simulation.history import Verdict, play
from tests.simulation.rows import ROWS, STRIKES

TWICE = 8
"""Every so manieth history is played twice, and has to be the same (I28)."""


def _seed(seed: int, folder: Path) -> Outcome:
    verdict = play(folder, seed)
    if seed % TWICE == 0:
        again = folder / "again"
        again.mkdir()
        if play(again, seed).digest != verdict.digest:
            verdict.broken.append("I28: the same seed is another history the second time")
    return _outcome(verdict)


def _pair(case: int, folder: Path) -> Outcome:
    return _outcome(pairs.play_pair(folder, case))


def _outcome(verdict: Verdict) -> Outcome:
    history = [*verdict.said, f"trace {verdict.digest}"]
    return Outcome(verdict.counts, verdict.fired, verdict.broken, history)


SIMULATION = Ring(
    "simulation",
    "histories of people, faults and crashes around the real engine, clients and store",
    None,
    _seed,
    lambda seed: f"seed {seed}",
    tuple(row.name for row in STRIKES),
    tuple(f"{row.name}: {row.elsewhere}" for row in ROWS if row.elsewhere),
)
PAIRS = Ring(
    "pairs",
    "every ordered pair of faults, in one cycle and in two",
    pairs.COUNT,
    _pair,
    pairs.name_of,
    tuple(row.name for row in STRIKES),
)
