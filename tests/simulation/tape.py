"""Tape: H of reliability.md - every request, what the server committed, and every answer, in order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b

from reconciler.clock import VirtualClock
from reconciler.model.side import Side
from reconciler.simulators.kit.wire import Request, Response, Service

LATENCY_S = 0.01
"""How long a request is under way, each way; nobody reacts to a write within its millisecond."""


@dataclass(frozen=True, slots=True)
class Entry:
    """`answer` is None where no answer came back. `begun_s` and `ended_s` are seconds of the world's clock, `cycle`
    counts from 1; 0 is what came before the first."""

    number: int
    cycle: int
    side: Side
    request: Request
    answer: Response | None
    begun_s: float
    ended_s: float

    @property
    def status(self) -> int:
        return self.answer.status if self.answer else 0

    @property
    def writes(self) -> bool:
        path = self.request.path.lower()
        return self.request.method not in ("GET", "HEAD", "OPTIONS") and not path.endswith(
            ("/wiql", "/workitemsbatch", "/artifacturiquery")
        )

    @property
    def lists(self) -> bool:
        """Whether this asks what there is, not what one item is."""
        return self.request.path.lower().endswith(("/wiql", "/task")) and not self.writes

    def __str__(self) -> str:
        body = self.request.body.decode(errors="replace")
        return f"  {self.side} {self.request.method} {self.request.path} {self.status} {body}"


class Tape:
    """Records what passes through the services that it watches. `cycle` is set by whoever runs the program."""

    def __init__(self, clock: VirtualClock) -> None:
        self.entries: list[Entry] = []
        self.cycle = 0
        self._clock = clock

    def watch(self, side: Side, service: Service) -> Service:
        return _Watched(self, side, service, self._clock)

    def of_cycle(self, number: int) -> Iterator[Entry]:
        return (entry for entry in self.entries if entry.cycle == number)

    def since(self, number: int) -> Iterator[Entry]:
        return (entry for entry in self.entries[number:])

    @property
    def mark(self) -> int:
        return len(self.entries)

    @property
    def digest(self) -> str:
        """The same for the same history, whatever process it ran in (I28)."""
        digest = blake2b(digest_size=12)
        for e in self.entries:
            r = e.request
            digest.update(repr((e.cycle, e.side, r.method, r.path, r.query, r.body, e.status, e.begun_s)).encode())
            digest.update(e.answer.body if e.answer else b"")
        return digest.hexdigest()


class _Watched:
    def __init__(self, tape: Tape, side: Side, service: Service, clock: VirtualClock) -> None:
        self._tape, self._side, self._service, self._clock = tape, side, service, clock

    def handle(self, request: Request) -> Response:
        begun_s = self._clock.monotonic_s()
        self._clock.advance(LATENCY_S)
        answer: Response | None = None
        try:
            answer = self._service.handle(request)
        finally:
            self._clock.advance(LATENCY_S)
            ended_s = self._clock.monotonic_s()
            seen = None if answer is None or answer.dropped else answer
            tape = self._tape
            tape.entries.append(Entry(tape.mark, tape.cycle, self._side, request, seen, begun_s, ended_s))
        return answer
