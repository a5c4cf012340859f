"""RateLimit: so many requests per token and minute (FACTS clickup 14.1 to 14.4)."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from dataclasses import dataclass
from typing import Literal

from reconciler.clock import Clock

WINDOW_S = 60.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reset_s` is a unix time in seconds; `wait_s` how long until another request is let through."""

    allowed: bool
    limit: int
    remaining: int
    reset_s: int
    wait_s: float

    def headers(self) -> dict[str, str]:
        return {
            "x-ratelimit-limit": str(self.limit),
            "x-ratelimit-remaining": str(self.remaining),
            "x-ratelimit-reset": str(self.reset_s),
        }


class RateLimit:
    """`window` tells whether the minute starts with a token's first request and is then forgotten ("fixed"), or is
    always the last minute ("sliding"); recordings fit both, so clients are tested against both. A refused request
    does not count. `limit` and `window` may be changed at any time."""

    def __init__(self, clock: Clock, limit: int = 100, window: Literal["fixed", "sliding"] = "fixed") -> None:
        self.limit = limit
        self.window = window
        self._clock = clock
        self._arrivals: defaultdict[str, deque[float]] = defaultdict(deque)

    def admit(self, token: str) -> Verdict:
        """Counts one request of `token`."""
        now_s = self._clock.monotonic_s()
        arrivals = self._arrivals[token]
        self._forget(arrivals, now_s)
        allowed = len(arrivals) < self.limit
        if allowed:
            arrivals.append(now_s)
        wait_s = max(0.0, arrivals[0] + WINDOW_S - now_s) if arrivals else 0.0
        reset_s = math.ceil(self._clock.now().timestamp() + wait_s)
        return Verdict(allowed, self.limit, max(0, self.limit - len(arrivals)), reset_s, 0.0 if allowed else wait_s)

    def _forget(self, arrivals: deque[float], now_s: float) -> None:
        if self.window == "fixed":
            if arrivals and arrivals[0] + WINDOW_S <= now_s:
                arrivals.clear()
            return
        while arrivals and arrivals[0] + WINDOW_S <= now_s:
            arrivals.popleft()
