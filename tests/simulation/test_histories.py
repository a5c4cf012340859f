"""Small histories from seeds: whatever people do and whatever breaks, the promises hold once it is over.

`python -m tests.campaign simulation` runs thousands; SIMULATED_SEEDS and SIMULATED_FIRST choose what is run here.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.simulation.history import play

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
