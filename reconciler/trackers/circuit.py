"""Circuit: leaves a tracker alone that keeps failing, and keeps repetitions few.

One per credential, shared by all its connections. It opens after five failures in a row, or at once where the
credentials are refused; then nothing is sent until a single request, the canary, may try again: after 30 seconds, and
twice as long after every canary in vain, up to five minutes (reliability.md 3.11). Only monotonic time counts.
"""

from __future__ import annotations

from typing import Literal

from reconciler.clock import Clock
from reconciler.errors import TrackerError, Unauthorized, Unavailable

CircuitState = Literal["closed", "open"]

OPENS_AFTER = 5
PAUSE_MIN_S, PAUSE_MAX_S = 30.0, 300.0

REPEATED_SHARE = 0.1
"""So many repetitions a request may be made in the long run; more of them only feed the fire."""

REPEATED_AT_ONCE = 10.0
"""And so many more, saved up while nothing had to be repeated."""


class Circuit:
    """Used by one thread at a time, like the tracker it protects."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failures = 0
        self._cause: TrackerError | None = None
        self._pause_s = 0.0
        self._closed_until_s = 0.0
        self._repetitions = REPEATED_AT_ONCE

    @property
    def state(self) -> CircuitState:
        return "closed" if self._cause is None else "open"

    def admit(self) -> None:
        """Lets one request pass. Raises what opened the circuit, with the time that is left, while it is open."""
        self._repetitions = min(REPEATED_AT_ONCE, self._repetitions + REPEATED_SHARE)
        left_s = self._closed_until_s - self._clock.monotonic_s()
        if self._cause is None or left_s <= 0:
            return
        if isinstance(self._cause, Unauthorized):
            raise Unauthorized(self._cause.message, retry_after_s=left_s)
        raise Unavailable(
            f"left alone for a while after {self._failures} failures in a row, the last: {self._cause.message}",
            retry_after_s=left_s,
        )

    def succeeded(self) -> None:
        """An answer came, if only to refuse."""
        self._failures, self._cause, self._pause_s = 0, None, 0.0

    def failed(self, error: TrackerError) -> None:
        """An attempt had no answer, or one that says that the tracker cannot go on. Tells the error how long the
        tracker will now be left alone."""
        self._failures += 1
        if self._cause is None and self._failures < OPENS_AFTER and not isinstance(error, Unauthorized):
            return
        self._pause_s = min(max(PAUSE_MIN_S, 2 * self._pause_s), PAUSE_MAX_S)
        self._closed_until_s = self._clock.monotonic_s() + self._pause_s
        self._cause = error
        error.retry_after_s = max(self._pause_s, error.retry_after_s or 0.0)

    @property
    def may_repeat(self) -> bool:
        """Whether a request that failed may be sent once more."""
        return self._cause is None and self._repetitions >= 1

    def repeated(self) -> None:
        """A request is about to be sent once more."""
        self._repetitions -= 1 + REPEATED_SHARE  # it will be admitted like every other
