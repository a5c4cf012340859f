"""Simulated: a service as the network shows it - one request at a time, with faults, a log and a Date header."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import format_datetime

from reconciler.clock import Clock
from reconciler.simulators.kit.faults import Faults
from reconciler.simulators.kit.request_log import RequestLog
from reconciler.simulators.kit.wire import Request, Response, Service


class ServerClock:
    """A server's own clock: the shared one, off by `ahead_s` seconds (negative: behind), which tests may change."""

    def __init__(self, clock: Clock, ahead_s: float = 0.0) -> None:
        self._clock = clock
        self.ahead_s = ahead_s

    def now(self) -> datetime:
        return self._clock.now() + timedelta(seconds=self.ahead_s)

    def monotonic_s(self) -> float:
        return self._clock.monotonic_s()

    def sleep(self, seconds: float) -> None:
        self._clock.sleep(seconds)

    def checkpoint(self) -> None:
        self._clock.checkpoint()


class Simulated:
    """`service` behind faults and a log. `clock` is the server's, for the Date header and for delays.

    The service handles one request at a time. Faults act outside of `lock`, so their callbacks may send requests of
    their own or act as people; whoever touches the service's state directly takes `lock`, which may be nested.
    """

    def __init__(
        self,
        service: Service,
        clock: Clock,
        *,
        faults: Faults | None = None,
        log: RequestLog | None = None,
        lock: threading.RLock | None = None,
    ) -> None:
        self.clock = clock
        self.faults = faults or Faults()
        self.log = log or RequestLog()
        self.lock = lock or threading.RLock()
        self._service = service

    def handle(self, request: Request) -> Response:
        striking = self.faults.striking(request)
        response = None
        for fault in striking:
            if fault.on_request and response is None:
                response = fault.on_request(request)
        committed = response is None
        if response is None:
            with self.lock:
                response = self._service.handle(request)
        for fault in striking:
            if fault.on_response:
                response = fault.on_response(request, response)
        if response.delay_s:
            self.clock.sleep(response.delay_s)
        response = self._dated(response)
        self.log.add(request, response, self.clock.now(), committed=committed)
        return response

    def _dated(self, response: Response) -> Response:
        if any(name.lower() == "date" for name in response.headers):
            return response
        date = format_datetime(self.clock.now(), usegmt=True)
        return replace(response, headers={**response.headers, "date": date})
