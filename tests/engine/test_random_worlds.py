"""Thousands of small histories: whatever people do and whatever breaks, the promises hold once it is over."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.engine.chaos import Chaos
from tests.engine.promises import broken

SEEDS = int(os.environ.get("RANDOM_WORLDS", "24"))
FIRST = int(os.environ.get("RANDOM_WORLDS_FIRST", "0"))


@pytest.mark.parametrize("seed", range(FIRST, FIRST + SEEDS))
def test_promises_hold_whatever_happens(tmp_path: Path, seed: int) -> None:
    chaos = Chaos(tmp_path, seed)
    try:
        chaos.agitate(rounds=12)
        chaos.heal()
        found = broken(chaos)
    finally:
        chaos.world.store.close()
    assert not found, "\n".join([f"seed {seed}", *chaos.log, *found])
