"""Pacing: how fast one credential may ask, so that its ceiling is reached and never crossed.

A log of the requests of the last minute, not an even spacing: the first requests of a quiet period go out at once, and
a catch-up still runs at the ceiling. The tracker's own headers only ever slow it down, since they also count what other
programs do with the same credential.
"""

from __future__ import annotations

import math
import threading
from collections import deque

from reconciler.clock import Clock
from reconciler.errors import Unavailable
from reconciler.trackers.answer import Answer

WINDOW_S = 60.0
WINDOW_MARGIN_S = 0.05
"""Added to the window, for servers that count both of its ends."""

RESET_MIN_S, RESET_MAX_S = 1.0, 120.0
PATIENCE_S = 120.0
"""The longest silence that is waited out; a longer one is reported instead."""

ABANDONED_S = 180.0
"""A request without an answer for so long has none to expect."""

OTHERS_AHEAD = 1
"""Requests that others may send between an answer and our next request."""

SHARE_MIN = 0.05
SHARE_RECOVERY_PER_S = 0.05 / 60
SLEEP_MIN_S = 0.001


class WindowPacer:
    """A sliding-window log of one credential. Safe to share between threads.

    At most `requests_per_minute` less the reserved share, less one, lie in any window. A request takes its place in the
    log when it is sent and is dated when its answer arrives: the tracker counted it at an instant in between, so the
    request that follows a whole window after that date is a whole window later by the tracker's count too. That holds
    for windows that slide and for windows that start anew.
    """

    def __init__(self, clock: Clock, requests_per_minute: int, reserve: float = 0.0) -> None:
        """`reserve` is the share of the ceiling, from 0 to below 1, that is left to other users of the credential."""
        self._clock = clock
        self._ceiling = max(1, int(requests_per_minute * (1 - reserve)) - 1)
        self._lock = threading.Lock()
        self._answered_s: deque[float] = deque()
        self._sent_s: dict[int, float] = {}
        self._quiet_until_s = 0.0
        self._left: float | None = None
        self._left_until_s = 0.0
        self._share = 1.0
        self._share_at_s = 0.0

    def acquire(self) -> None:
        """Waits, on the clock, until a request may be sent, and counts it.

        Raises Unavailable, without waiting, where the tracker has asked for a silence of more than two minutes.
        """
        while True:
            with self._lock:
                wait_s = self._wait_s(self._clock.monotonic_s())
                if wait_s <= 0:
                    self._take(self._clock.monotonic_s())
                    return
            if wait_s > PATIENCE_S:
                raise Unavailable(f"the tracker asked for a silence of {wait_s:.0f} s more", retry_after_s=wait_s)
            self._clock.sleep(max(wait_s, SLEEP_MIN_S))

    def observe(self, answer: Answer) -> None:
        """Dates the request that this thread sent last and learns from the answer's status and headers."""
        now_s = self._clock.monotonic_s()
        with self._lock:
            self._finish(threading.get_ident(), now_s)
            self._forget(now_s)
            reset_s = answer.reset_in_s(self._clock.now())
            self._learn_remaining(answer, reset_s, now_s)
            self._learn_silence(answer, reset_s, now_s)

    def _wait_s(self, now_s: float) -> float:
        """Seconds until it is worth asking again; 0 or less: now."""
        self._finish(threading.get_ident(), now_s)
        self._forget(now_s)
        waits = [self._quiet_until_s - now_s]
        if self._left is not None and self._left < 1:
            waits.append(self._left_until_s - now_s)
        if self._used >= self._allowed(now_s):
            waits.append(self._answered_s[0] + WINDOW_S + WINDOW_MARGIN_S - now_s if self._answered_s else 1.0)
        return max(waits)

    def _take(self, now_s: float) -> None:
        self._sent_s[threading.get_ident()] = now_s
        if self._left is not None:
            self._left -= 1

    def _finish(self, thread: int, now_s: float) -> None:
        """Dates a thread's request; one that never got an answer is over when its thread asks for the next."""
        if self._sent_s.pop(thread, None) is not None:
            self._answered_s.append(now_s)

    def _forget(self, now_s: float) -> None:
        """Drops what has left the window, and requests whose threads ended without an answer."""
        for thread in [thread for thread, sent_s in self._sent_s.items() if now_s - sent_s > ABANDONED_S]:
            self._finish(thread, now_s)
        while self._answered_s and self._answered_s[0] + WINDOW_S + WINDOW_MARGIN_S <= now_s:
            self._answered_s.popleft()
        if self._left is not None and self._left_until_s <= now_s:
            self._left = None

    @property
    def _used(self) -> int:
        return len(self._answered_s) + len(self._sent_s)

    def _allowed(self, now_s: float) -> int:
        """How many requests a window may hold: fewer after an unexplained refusal, recovering with time."""
        return max(1, int(self._ceiling * self._share_now(now_s)))

    def _share_now(self, now_s: float) -> float:
        return min(1.0, self._share + (now_s - self._share_at_s) * SHARE_RECOVERY_PER_S)

    def _learn_remaining(self, answer: Answer, reset_s: float | None, now_s: float) -> None:
        """Brakes only where the tracker leaves less than we would take, that is, where others ask with the same token:
        its window and ours need not be the same, and alone ours is always the stricter one."""
        try:
            remaining = float(answer.headers.get("x-ratelimit-remaining", ""))
        except ValueError:
            return
        if reset_s is None:
            return
        braked = remaining < self._allowed(now_s) - self._used
        self._left = remaining - len(self._sent_s) - OTHERS_AHEAD if braked else None
        self._left_until_s = now_s + _clamped(reset_s)

    def _learn_silence(self, answer: Answer, reset_s: float | None, now_s: float) -> None:
        told_s = answer.retry_after_s
        if told_s is not None and not math.isfinite(told_s):
            told_s = None
        if told_s is None and answer.status == 429 and reset_s is not None:
            told_s = _clamped(reset_s)
        if told_s is not None:
            self._quiet_until_s = max(self._quiet_until_s, now_s + max(told_s, RESET_MIN_S))
        elif answer.status == 429:
            self._share, self._share_at_s = max(SHARE_MIN, self._share_now(now_s) / 2), now_s


def _clamped(seconds: float) -> float:
    """A reset time may lie in the past or in the far future (reliability.md fault 12)."""
    return min(max(RESET_MIN_S, seconds), RESET_MAX_S)
