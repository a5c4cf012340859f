"""The fault list of reliability.md, section 5, row by row: each alone, with the behaviour that is expected of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.simulation.history import judge
from tests.simulation.rows import ROWS, STRIKES, Row
from tests.simulation.world import World

SPECIFICATION = ROOT.parent / "shared" / "spec" / "reliability.md"
SCENARIOS = [row for row in ROWS if row.scenario]


@pytest.mark.parametrize("row", SCENARIOS, ids=lambda row: row.name)
def test_a_fault_alone_has_the_expected_end(folder: Path, row: Row) -> None:
    world = World(folder, row.number)
    try:
        assert row.scenario
        row.scenario(world)
        verdict = judge(world, [])
    finally:
        world.close()
    assert not verdict.broken, "\n".join([f"{row.name}: {row.expected}", *verdict.said, *verdict.broken])
    assert row.strike is None or verdict.fired[row.name], f"{row.name} never struck"


def test_every_row_of_the_list_is_here() -> None:
    assert [row.number for row in ROWS] == list(range(1, 69))
    for row in ROWS:
        assert bool(row.scenario) != bool(row.elsewhere), f"{row.name} has a scenario, or says where it is tested"
        assert row.scenario or row in STRIKES or row.strike is None


@pytest.mark.skipif(not SPECIFICATION.exists(), reason="the specification is not part of the project")
def test_the_list_has_no_row_that_is_missing_here() -> None:
    table = SPECIFICATION.read_text(encoding="utf-8").partition("| # | Fault | Expected |")[2]
    assert [int(n) for n in re.findall(r"^\| (\d+) \|", table, flags=re.MULTILINE)] == [row.number for row in ROWS]


@pytest.mark.parametrize("row", [row for row in ROWS if row.elsewhere.startswith("tests/")], ids=lambda row: row.name)
def test_what_is_tested_elsewhere_is_there(row: Row) -> None:
    for path in re.findall(r"tests/[\w/.]+", row.elsewhere):
        assert (ROOT / path).exists(), f"{row.name} names {path}"
