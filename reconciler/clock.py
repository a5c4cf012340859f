"""Time as an argument: the real clock for production, a virtual one for demo, simulators and tests.

Nothing else in the package calls `time` or `datetime.now`. Local wall time is for display only: what orders data is
the trackers' own stamps, what drives waits is `monotonic_s`.
"""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Stopping(BaseException):
    """Raised out of `Clock.sleep` when the process was asked to end; not an Exception, so nothing swallows it."""


class Clock(Protocol):
    """Where the program gets its time and its waits from."""

    def now(self) -> datetime:
        """Aware UTC wall-clock time, for display, logs and journal rows."""

    def monotonic_s(self) -> float:
        """Seconds that never jump; the only base for timeouts, pacing and backoff."""

    def sleep(self, seconds: float) -> None:
        """Waits; raises Stopping as soon as a stop was requested."""

    def checkpoint(self) -> None:
        """Raises Stopping if a stop was requested; called where ending leaves nothing half done."""


class SystemClock:
    """The machine's time. `stop` ends every wait of every thread at once."""

    def __init__(self) -> None:
        self.stop = threading.Event()

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic_s(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        if self.stop.wait(max(0.0, seconds)):
            raise Stopping

    def checkpoint(self) -> None:
        if self.stop.is_set():
            raise Stopping


class VirtualClock:
    """Time that stands still until somebody sleeps or advances it. Safe to share between threads."""

    def __init__(self, start: datetime = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)) -> None:
        self._start = start
        self._elapsed_s = 0.0
        self._lock = threading.Lock()

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._elapsed_s)

    def monotonic_s(self) -> float:
        return self._elapsed_s

    def sleep(self, seconds: float) -> None:
        self.advance(seconds)

    def checkpoint(self) -> None:
        """Virtual time is never asked to stop."""

    def advance(self, seconds: float) -> None:
        """Moves time forward; negative amounts are ignored, time never runs backwards."""
        with self._lock:
            self._elapsed_s += max(0.0, seconds)
