"""RequestLog: what reached a simulated tracker, counted on the server's side."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from reconciler.simulators.kit.wire import Request, Response


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and how it was answered. `status` is 0 where the connection broke without an answer; `committed`
    says whether the service saw it; `writes` whether requests of this kind may change anything."""

    number: int
    at: datetime
    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    body: bytes
    route: str
    writes: bool
    committed: bool
    status: int
    response_bytes: int


class Exchanges(tuple[Exchange, ...]):
    """Exchanges in the order of their arrival, with the counts that tests and the demo ask for."""

    __slots__ = ()

    @property
    def reads(self) -> int:
        return sum(not exchange.writes for exchange in self)

    @property
    def writes(self) -> int:
        return sum(exchange.writes for exchange in self)

    @property
    def bytes(self) -> int:
        """Bytes of all bodies, in both directions."""
        return sum(len(exchange.body) + exchange.response_bytes for exchange in self)

    @property
    def by_route(self) -> Counter[str]:
        return Counter(exchange.route for exchange in self)

    @property
    def by_status(self) -> Counter[int]:
        return Counter(exchange.status for exchange in self)

    def where(self, condition: Callable[[Exchange], bool]) -> Exchanges:
        return Exchanges(filter(condition, self))


class RequestLog:
    """The last `keep` exchanges of one tracker. `writes` tells reads from writes and `route` names a request; both
    are the tracker's, because a POST may be a query. Safe to share between threads."""

    def __init__(
        self,
        *,
        writes: Callable[[Request], bool] = lambda request: request.method not in ("GET", "HEAD", "OPTIONS"),
        route: Callable[[Request], str] = lambda request: f"{request.method} {request.path}",
        keep: int = 100_000,
    ) -> None:
        self._writes = writes
        self._route = route
        self._exchanges: deque[Exchange] = deque(maxlen=keep)
        self._count = 0
        self._lock = threading.Lock()

    def add(self, request: Request, response: Response, at: datetime, *, committed: bool) -> None:
        """Records an exchange that ended at `at`."""
        route, writes = self._route(request), self._writes(request)
        with self._lock:
            self._count += 1
            self._exchanges.append(
                Exchange(
                    self._count,
                    at,
                    request.method,
                    request.path,
                    request.query,
                    request.body,
                    route,
                    writes,
                    committed,
                    0 if response.dropped else response.status,
                    0 if response.dropped else len(response.body),
                )
            )

    def mark(self) -> int:
        """A point in the log to count from later."""
        return self._count

    def since(self, mark: int = 0) -> Exchanges:
        """Everything after `mark`; from the beginning of what is kept by default."""
        with self._lock:
            kept: Iterable[Exchange] = tuple(self._exchanges)
        return Exchanges(exchange for exchange in kept if exchange.number > mark)

    @property
    def reads(self) -> int:
        return self.since().reads

    @property
    def writes(self) -> int:
        return self.since().writes
