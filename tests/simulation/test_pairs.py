"""A sample of the ordered pairs of faults; `python -m tests.campaign pairs` runs all of them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.simulation.pairs import COUNT, name_of, play_pair

SAMPLE = int(os.environ.get("SIMULATED_PAIRS", "12"))
STEP = 2 * COUNT // (2 * SAMPLE) | 1
"""Odd, so that the sample has pairs of the same cycle and of two."""


@pytest.mark.parametrize("case", [number * STEP for number in range(SAMPLE)], ids=name_of)
def test_promises_hold_after_two_faults(folder: Path, case: int) -> None:
    verdict = play_pair(folder, case)
    assert not verdict.broken, "\n".join([name_of(case), *verdict.said, *verdict.broken])
