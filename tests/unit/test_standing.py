"""What the dashboard says in one line: the worst first."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from reconciler.model.status import MappingStatus
from reconciler.web.standing import standing

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def entry(**parts: Any) -> MappingStatus:
    usual = {"name": "web", "linked": 3, "polled_left": NOON, "polled_right": NOON, "oldest_look": None}
    counts = {"pending": 0, "quarantined": 0, "conflicts": 0, "in_doubt": 0, "last_problem": None}
    return MappingStatus(**{**usual, **counts, **parts})


@pytest.mark.parametrize(
    ("parts", "level", "headline"),
    [
        ({}, "well", "All is well"),
        ({"pending": 2}, "busy", "Catching up"),
        ({"in_doubt": 1}, "busy", "Catching up"),
        ({"polled_left": None, "linked": 0}, "busy", "Nothing was synchronised yet"),
        ({"conflicts": 1, "pending": 2}, "person", "1 thing waits for you"),
        ({"conflicts": 1, "quarantined": 2}, "person", "3 things wait for you"),
        ({"last_problem": "no", "conflicts": 1}, "trouble", "A cycle could not finish"),
        ({"circuit_right": "open", "last_problem": "no"}, "trouble", "A tracker does not answer"),
    ],
)
def test_what_is_worst_is_said(parts: dict[str, Any], level: str, headline: str) -> None:
    said = standing([entry(), entry(**parts)] if parts.get("linked") != 0 else [entry(**parts)], (), ())
    assert (said.level, said.headline) == (level, headline)


def test_a_late_mapping_and_a_lasting_doubt_are_trouble_even_with_nothing_open() -> None:
    assert standing([entry()], ("web",), ()).headline == "A mapping is late"
    assert standing([entry(in_doubt=1)], (), ("web",)).headline == "A write stays in doubt"
