"""Health: whether every mapping still finishes its cycles, for people and for container health checks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from reconciler.clock import Clock

INTERVALS_WITHOUT_A_CYCLE = 3
DOUBTS_WORTH = 10
"""A write in doubt for this many times as long as proving its absence takes is never settled by itself."""

GRACE_S = 60.0
"""A first sync may take long, and a mapping may poll every few seconds; nobody is called before this."""


class Health:
    """Safe to use from several threads. Time is monotonic, so a changed wall clock makes nobody ill."""

    def __init__(self, clock: Clock, intervals: Mapping[str, timedelta], doubt_lasts: timedelta) -> None:
        self._clock = clock
        self._doubt_allowed_s = doubt_lasts.total_seconds() * DOUBTS_WORTH
        self._doubtful_since_s: dict[str, float] = {}
        self._allowed_s = {
            name: max(GRACE_S, every.total_seconds() * INTERVALS_WITHOUT_A_CYCLE) for name, every in intervals.items()
        }
        self._finished_s = dict.fromkeys(intervals, clock.monotonic_s())

    def finished(self, name: str) -> None:
        """A cycle of that mapping ended well."""
        self._finished_s[name] = self._clock.monotonic_s()

    def in_doubt(self, name: str, age_s: float | None) -> None:
        """For how long the oldest write of that mapping has been in doubt; None: nothing is."""
        if age_s is None:
            self._doubtful_since_s.pop(name, None)
        else:
            self._doubtful_since_s[name] = self._clock.monotonic_s() - age_s

    def doubtful(self) -> list[str]:
        """The mappings with a write in doubt for ten times as long as one should be."""
        now_s = self._clock.monotonic_s()
        return [n for n, since_s in list(self._doubtful_since_s.items()) if now_s - since_s > self._doubt_allowed_s]

    def late(self) -> list[str]:
        """The mappings without a finished cycle for three intervals."""
        now_s = self._clock.monotonic_s()
        return [name for name, at_s in self._finished_s.items() if now_s - at_s > self._allowed_s[name]]

    def as_json(self) -> dict[str, Any]:
        late, doubtful = self.late(), self.doubtful()
        status = "late" if late else "in doubt" if doubtful else "ok"
        document: dict[str, Any] = {"status": status, "timestamp": self._clock.now().isoformat()}
        if late:
            document["late"] = late
        if doubtful:
            document["in_doubt"] = doubtful
        return document
