"""Chart: requests by the hour as bars of an SVG that a template draws; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

HOURS = 48
WIDTH, HEIGHT = 960, 160
STEP = WIDTH / HOURS
NEAR = 0.25
"""From this share of the ceiling on, the ceiling itself is part of the picture."""


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    height: float
    hour: datetime
    requests: int


@dataclass(frozen=True, slots=True)
class Chart:
    """`top` is what the highest point of the picture stands for, `ceiling` what an hour allows, `ceiling_y` its line
    where it is in the picture."""

    bars: tuple[Bar, ...]
    top: int
    busiest: int
    total: int
    ceiling: int | None
    ceiling_y: float | None

    @property
    def share(self) -> float | None:
        """Of the ceiling, in the busiest hour."""
        return self.busiest / self.ceiling if self.ceiling else None


def chart(counted: Mapping[datetime, int], now: datetime, per_minute: int | None) -> Chart:
    """The last 48 hours, this one included; `per_minute` is what the plan allows, where that is known."""
    this_hour = now.replace(minute=0, second=0, microsecond=0)
    hours = [this_hour - timedelta(hours=HOURS - 1 - n) for n in range(HOURS)]
    counts = [counted.get(hour, 0) for hour in hours]
    busiest, ceiling = max(counts), per_minute * 60 if per_minute else None
    near = ceiling is not None and busiest >= ceiling * NEAR
    top = _round_up(max(busiest, ceiling or 0) if near else busiest)
    bars = tuple(
        Bar(n * STEP + 2, HEIGHT * (1 - count / top), HEIGHT * count / top, hour, count)
        for n, (hour, count) in enumerate(zip(hours, counts, strict=True))
    )
    ceiling_y = HEIGHT * (1 - ceiling / top) if near and ceiling else None
    return Chart(bars, top, busiest, sum(counts), ceiling, ceiling_y)


def _round_up(count: int) -> int:
    """To a figure that is easy to read."""
    size: int = 10 ** max(1, len(str(count)) - 1)
    return next(n for n in (size, 2 * size, 5 * size, 10 * size) if n >= count)
