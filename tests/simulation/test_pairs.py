"""A sample of the ordered pairs of faults; `python -m tests.campaign pairs` runs all of them."""

from __future__ import annotations

import os
from itertools import product
from pathlib import Path

import pytest

from tests.simulation.pairs import COUNT, name_of, ordered, play_pair
from tests.simulation.rows import STRIKES

SAMPLE = int(os.environ.get("SIMULATED_PAIRS", "8"))


@pytest.mark.parametrize("case", range(SAMPLE), ids=name_of)
def test_promises_hold_after_two_faults(folder: Path, case: int) -> None:
    verdict = play_pair(folder, case)
    assert not verdict.broken, "\n".join([name_of(case), *verdict.said, *verdict.broken])


def test_every_ordered_pair_has_its_case() -> None:
    cases = {ordered(case) for case in range(COUNT)}
    assert len(cases) == COUNT
    assert {(first, second) for first, second, _ in cases} == set(product(STRIKES, STRIKES))
