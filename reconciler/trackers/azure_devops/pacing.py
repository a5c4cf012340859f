"""DelayPacer: as fast as Azure DevOps lets us, and slower as soon as it says so.

There is no request quota to count: the service measures cost, delays first and refuses later, and announces both in
headers (FACTS ado 14.1, 14.2).
"""

from __future__ import annotations

from reconciler.clock import Clock
from reconciler.errors import Unavailable
from reconciler.trackers.answer import Answer

PATIENCE_S = 120.0
"""The longest silence that is waited out; a longer one is reported instead."""

PAUSE_MIN_S, PAUSE_MAX_S = 1.0, 60.0
"""After a refusal without a word about when to come back."""


class DelayPacer:
    """Requests wait until the time that earlier answers asked for. One per credential; used by one thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._not_before_s = clock.monotonic_s()
        self._pause_s = 0.0

    def acquire(self) -> None:
        """Waits, on the clock, until a request may be sent.

        Raises Unavailable, without waiting, where the service has asked for a silence of more than two minutes.
        """
        wait_s = self._not_before_s - self._clock.monotonic_s()
        if wait_s > PATIENCE_S:
            raise Unavailable(f"the service asked for a silence of {wait_s:.0f} s more", retry_after_s=wait_s)
        if wait_s > 0:
            self._clock.sleep(wait_s)

    def observe(self, answer: Answer) -> None:
        """Retry-After counts on a 200 as well (FACTS ado 14.2); a request that was held for some seconds is followed
        by a pause of the same length, so that the budget recovers before it turns into 429 (trap 41). A refusal that
        does not say how long to wait is followed by a pause, twice as long each time; every good answer halves it."""
        told_s = answer.retry_after_s
        if answer.status == 429 and told_s is None:
            self._pause_s = min(max(PAUSE_MIN_S, 2 * self._pause_s), PAUSE_MAX_S)
            told_s = self._pause_s
        elif answer.status < 400:
            self._pause_s /= 2
        wait_s = max(told_s or 0.0, min(_held_s(answer), PATIENCE_S))
        self._not_before_s = max(self._not_before_s, self._clock.monotonic_s() + wait_s)


def _held_s(answer: Answer) -> float:
    try:
        return float(answer.headers.get("x-ratelimit-delay", "0"))
    except ValueError:
        return 0.0
