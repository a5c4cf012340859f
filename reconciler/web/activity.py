"""Activity: what this process did since it started and does next, as far as the store does not tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from reconciler.clock import Clock
from reconciler.model.report import MappingReport

WRITES = ("creates", "updates", "deletes", "comments", "attachments")


class Activity:
    """The daemon tells it of every cycle, from any thread; pages and metrics ask. `next_at` says when the next cycle of
    a mapping is due, None where nobody knows."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.started_at = clock.now()
        self.next_at: Callable[[str], datetime | None] = lambda _name: None
        self.finished_at: dict[str, datetime] = {}
        self.cycles: Counter[tuple[str, str]] = Counter()
        self.requests: Counter[str] = Counter()
        self.writes: Counter[tuple[str, str, str]] = Counter()

    def cycled(self, report: MappingReport) -> None:
        """A cycle of a mapping ended: `cycles` by mapping and outcome, `writes` by mapping, tracker and kind."""
        outcome = "failed" if report.problem else "finished"
        self.cycles[report.name, outcome] += 1
        if not report.problem:
            self.finished_at[report.name] = self._clock.now()
        self.requests.update(report.requests)
        for kind in WRITES:
            for tracker, count in getattr(report, kind).items():
                self.writes[report.name, tracker, kind] += count
