"""Stage: the two simulated trackers with the program between them, which can be frozen, thawed and started anew.

Frozen is everything that outlives the program's death except its store: the servers, the people and the clock.
"""

from __future__ import annotations

import io
import pickle
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType
from typing import Any, Self
from unittest.mock import patch

import httpx

from reconciler.cycle import Options, run_cycle
from reconciler.model.report import MappingReport
from reconciler.simulators.kit.request_log import Exchanges
from reconciler.simulators.kit.transport import InProcess
from reconciler.store import Store, sqlite
from reconciler.trackers.http import Transport
from tests.support.duo import Duo

_LOCKS: dict[type, Callable[[], Any]] = {type(make()): make for make in (threading.Lock, threading.RLock)}

DOUBT_IS_OVER_S = 200.0
"""Longer than an operation can stay in doubt (recover.DOUBT_LASTS)."""

CYCLES_TO_REST = 16

POLLS = 2
"""Requests of a cycle in which nothing happens."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """`functions` are those that a pickle cannot name."""

    data: bytes
    functions: tuple[FunctionType, ...]


class Stage(Duo):
    """`before_send` and `after_answer` are told of each request of the program; `latest` is its last cycle: the report,
    and what reached the servers."""

    latest: tuple[MappingReport, tuple[Exchanges, Exchanges]]

    def __init__(self, folder: Path, *, store_url: str | None = None, **policy: Any) -> None:
        self.before_send: Callable[[httpx.Request], None] = _nothing
        self.after_answer: Callable[[httpx.Request], None] = _nothing
        self.posted: Posted | None = None
        self.cycles = self.cycle_began_at = 0
        self.starting_requests = 0
        self._starting_at: int | None = None
        super().__init__(folder, requests_per_minute=10_000, store_url=store_url, **policy)
        self.epoch = self.mark()

    # --- what outlives the program ---------------------------------------------------------------------------------

    def freeze(self) -> Frozen:
        file = io.BytesIO()
        pickler = _Pickler(file)
        own = ("store", "contexts", "latest", "before_send", "after_answer", "posted")
        pickler.dump({name: value for name, value in self.__dict__.items() if name not in own})
        return Frozen(file.getvalue(), tuple(pickler.functions))

    @classmethod
    def thaw(cls, frozen: Frozen, store_url: str) -> Self:
        """Another stage in the same state, on which no program runs."""
        stage = cls.__new__(cls)
        stage.__dict__.update(_Unpickler(io.BytesIO(frozen.data), frozen.functions).load())
        stage.unwatch()
        stage.posted = None
        stage.store_url = store_url
        return stage

    # --- the program -----------------------------------------------------------------------------------------------

    def transport(self) -> Transport:
        return _Wire(self, super().transport())

    @property
    def is_open(self) -> bool:
        """Whether the program has its store; not before `start` has come so far."""
        return "store" in self.__dict__

    def unwatch(self) -> None:
        self.before_send = self.after_answer = _nothing

    def start(self) -> None:
        self._started()  # a start that was cut short
        self._starting_at = self.requests()
        with patch.dict(sqlite._PRAGMAS, {"synchronous": "off"}):  # the process dies here, not the machine
            self.store = Store.open(self.store_url, clock=self.local)
        self.contexts = self.open_contexts(self.transport())
        self._started()

    def _started(self) -> None:
        if self._starting_at is not None:
            self.starting_requests += self.requests() - self._starting_at
        self._starting_at = None

    def turn(self, *, after_s: float = 30.0, **options: Any) -> MappingReport:
        """One cycle, whatever its problem."""
        self.cycles += 1
        self.cycle_began_at = self.requests()
        self.clock.advance(after_s)
        before = self.mark()
        [report] = run_cycle(self.contexts, self.store, self.local, None, Options(**options))
        self.latest = report, self.since(before)
        return report

    def rest(self, **options: Any) -> None:
        """Cycles, as a daemon makes them, until one has nothing to do and nothing is due, in doubt or to be looked at.
        `options` are for the first of them. Raises AssertionError where that never comes."""
        after_s = 30.0
        for _ in range(CYCLES_TO_REST):
            report = self.turn(after_s=after_s, **options)
            assert report.problem is None, report.problem
            options, after_s = {}, 30.0
            wrote = any(exchanges.writes for exchanges in self.latest[1])
            if wrote or report.paired or self._is_due():
                continue
            if not report.in_doubt:
                return
            if self.posted is not None:
                self.posted.deliver()
            after_s = DOUBT_IS_OVER_S
        raise AssertionError(f"still busy after {CYCLES_TO_REST} cycles: {report}")

    def _is_due(self) -> bool:
        now = self.clock.now()
        return bool(self.store.pending("web", due_by=now) or self.store.due_looks("web", now, 1))

    # --- what happened ---------------------------------------------------------------------------------------------

    def begin_anew(self) -> None:
        """From here on requests, cycles and starts are counted."""
        self.epoch = self.mark()
        self.cycles = self.cycle_began_at = self.starting_requests = 0

    def reads_cut_short(self) -> int:
        """How many requests beyond the polls the cycle that was under way at the death had sent."""
        starting = self._starting_at is not None
        return 0 if starting else max(0, self.requests() - self.cycle_began_at - POLLS)

    def requests(self) -> int:
        """How many requests have reached the servers, those that arrived late included."""
        now = self.mark()
        return now.ado + now.clickup - self.epoch.ado - self.epoch.clickup

    def writes(self) -> Exchanges:
        """Those that changed something or could have."""
        ado, clickup = self.since(self.epoch)
        return Exchanges(exchange for exchange in (*ado, *clickup) if exchange.writes)


class Posted:
    """A request that left before the program died and reaches its server only afterwards: after `requests` others,
    or as soon as nothing else is left to do but waiting."""

    def __init__(self, stage: Stage, request: httpx.Request, requests: int) -> None:
        self._network = InProcess(stage.services())
        self._request: httpx.Request | None = request
        self._left = requests

    def pass_on(self) -> None:
        """One more request was answered."""
        self._left -= 1
        if self._left <= 0:
            self.deliver()

    def deliver(self) -> None:
        """Idempotent."""
        request, self._request = self._request, None
        if request is not None:
            self._network.handle_request(request)


class _Wire(httpx.BaseTransport):
    def __init__(self, stage: Stage, network: Transport) -> None:
        self._stage = stage
        self._network = network

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._stage.before_send(request)
        response = self._network.handle_request(request)
        response.read()
        self._stage.after_answer(request)
        if self._stage.posted is not None:
            self._stage.posted.pass_on()
        return response


class _Pickler(pickle.Pickler):
    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file, protocol=5)
        self.functions: list[FunctionType] = []

    def persistent_id(self, thing: Any) -> object:
        if type(thing) in _LOCKS:
            return type(thing).__name__
        if isinstance(thing, FunctionType) and "<" in thing.__qualname__:
            self.functions.append(thing)
            return len(self.functions) - 1
        return None


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, functions: tuple[FunctionType, ...]) -> None:
        super().__init__(file)
        self._functions = functions

    def persistent_load(self, reference: Any) -> Any:
        if isinstance(reference, int):
            return self._functions[reference]
        return next(make() for kind, make in _LOCKS.items() if kind.__name__ == reference)


def _nothing(_: httpx.Request) -> None:
    """Nobody watches."""
