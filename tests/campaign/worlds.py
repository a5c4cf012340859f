"""Worlds: the histories of tests/engine/chaos.py, the engine alone between two trackers in memory."""

from __future__ import annotations

from pathlib import Path

from tests.campaign.ring import Outcome, Ring
from tests.engine.chaos import Chaos
from tests.engine.promises import broken


def _run(seed: int, folder: Path) -> Outcome:
    chaos = Chaos(folder, seed)
    try:
        chaos.agitate(rounds=12)
        chaos.heal()
        found = broken(chaos)
    finally:
        chaos.world.store.close()
    return Outcome(broken=found, history=chaos.log)


RING = Ring(
    "worlds", "histories of the engine between two trackers in memory", None, _run, lambda seed: f"history {seed}"
)
