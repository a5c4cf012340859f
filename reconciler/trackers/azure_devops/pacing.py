"""DelayPacer: as fast as Azure DevOps lets us, and slower as soon as it says so.

There is no request quota to count: the service measures cost, delays first and refuses later, and announces both in
headers (FACTS ado 14.1, 14.2).
"""

from __future__ import annotations

from reconciler.clock import Clock
from reconciler.trackers.http import Answer

WAIT_MAX_S = 120.0


class DelayPacer:
    """Requests wait until the time that earlier answers asked for. One per credential; used by one thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._not_before_s = clock.monotonic_s()

    def acquire(self) -> None:
        """Waits, on the clock, until a request may be sent."""
        wait_s = self._not_before_s - self._clock.monotonic_s()
        if wait_s > 0:
            self._clock.sleep(wait_s)

    def observe(self, answer: Answer) -> None:
        """Retry-After counts on a 200 as well (FACTS ado 14.2); a request that was held for some seconds is followed
        by a pause of the same length, so that the budget recovers before it turns into 429 (trap 41)."""
        wait_s = max(answer.retry_after_s or 0.0, _held_s(answer))
        self._not_before_s = max(self._not_before_s, self._clock.monotonic_s() + min(wait_s, WAIT_MAX_S))


def _held_s(answer: Answer) -> float:
    try:
        return float(answer.headers.get("x-ratelimit-delay", "0"))
    except ValueError:
        return 0.0
