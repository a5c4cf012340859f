"""Throttle: the budget of throughput units of each user (FACTS ado 14.1 to 14.3). Off until it is given a budget."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field, replace

from reconciler.clock import Clock
from reconciler.simulators.azure_devops import errors
from reconciler.simulators.azure_devops.identity import User
from reconciler.simulators.kit.wire import Response

_RESOURCE = "dev.azure.com_throughput"
_DELAY_S_MAX = 30.0


@dataclass
class Throttle:
    """`budget_tstu` in any `window_s`; 0 switches it off. Every request costs `request_tstu`.

    From `near` of the budget on answers carry the rate headers; above it they are held, and above `blocked_at` times
    the budget they are refused.
    """

    clock: Clock
    budget_tstu: float = 0.0
    window_s: float = 300.0
    request_tstu: float = 0.1
    near: float = 0.8
    blocked_at: float = 1.5
    _spent: dict[str, deque[tuple[float, float]]] = field(default_factory=lambda: defaultdict(deque), repr=False)

    def admit(self, user: User) -> None:
        """Counts a request; raises ApiError 429 where it is one too many."""
        if not self.budget_tstu:
            return
        spent = self._spent[user.id]
        now = self.clock.monotonic_s()
        while spent and spent[0][0] <= now - self.window_s:
            spent.popleft()
        if self._used(user) >= self.budget_tstu * self.blocked_at:
            raise errors.blocked(int(self._wait_s(user)) + 1)
        spent.append((now, self.request_tstu))

    def mark(self, user: User, response: Response) -> Response:
        """The answer with the rate headers it deserves, and held where the budget is used up."""
        used = self._used(user)
        if not self.budget_tstu or used < self.budget_tstu * self.near:
            return response
        over = used / self.budget_tstu - 1.0
        delay_s = min(_DELAY_S_MAX, max(0.0, over) * _DELAY_S_MAX)
        wait_s = self._wait_s(user)
        headers = {
            "x-ratelimit-resource": _RESOURCE,
            "x-ratelimit-limit": f"{self.budget_tstu:g}",
            "x-ratelimit-remaining": str(max(0, int(self.budget_tstu - used))),
            "x-ratelimit-reset": str(int(self.clock.now().timestamp() + wait_s)),
        }
        if delay_s:
            headers |= {"x-ratelimit-delay": f"{delay_s:.3f}", "retry-after": str(int(wait_s) + 1)}
        return replace(response, headers={**response.headers, **headers}, delay_s=response.delay_s + delay_s)

    def _used(self, user: User) -> float:
        return sum(cost for _, cost in self._spent[user.id])

    def _wait_s(self, user: User) -> float:
        spent = self._spent[user.id]
        return max(0.0, spent[0][0] + self.window_s - self.clock.monotonic_s()) if spent else 0.0
