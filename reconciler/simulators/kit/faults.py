"""Faults: what can go wrong between a client and a simulated tracker, for chosen requests.

A fault is picked by a match and a count and acts before the service sees the request, after it has committed, or
both. Several faults on one request act in the order in which they were injected.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from reconciler.simulators.kit.wire import Request, Response

Matcher = str | Callable[[Request], bool]
"""A regular expression searched in "METHOD /path" ("^PATCH .*/workitems/7$"), or a predicate."""

Before = Callable[[Request], Response | None]
"""Runs before the service; a Response is the answer and the service never sees the request."""

After = Callable[[Request, Response], Response]
"""Runs when the service has committed; returns what goes over the wire."""

FOREVER = 1_000_000_000
DROPPED = Response(0, dropped=True)


@dataclass(slots=True)
class Fault:
    """One injected fault. `seen` counts matching requests, `hits` those on which it acted."""

    name: str
    match: Matcher
    times: int
    after: int
    on_request: Before | None = None
    on_response: After | None = None
    seen: int = field(default=0, init=False)
    hits: int = field(default=0, init=False)

    @property
    def spent(self) -> bool:
        return self.hits >= self.times

    def cancel(self) -> None:
        """Lets it act no more."""
        self.times = 0

    def strikes(self, request: Request) -> bool:
        """Counts a request; True where the fault is to act on it."""
        if self.spent or not _matches(self.match, request):
            return False
        self.seen += 1
        if self.seen <= self.after:
            return False
        self.hits += 1
        return True


class Faults:
    """The faults of one simulated tracker.

    Every method injects one fault: it lets `after` matching requests pass, then acts on the next `times`. It returns
    the fault, so that a test can ask whether it ever acted.
    """

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def inject(
        self,
        name: str,
        match: Matcher,
        *,
        on_request: Before | None = None,
        on_response: After | None = None,
        times: int = 1,
        after: int = 0,
    ) -> Fault:
        """The general form; the others are named uses of it."""
        fault = Fault(name, match, times, after, on_request, on_response)
        with self._lock:
            self._faults.append(fault)
        return fault

    def answer(
        self,
        match: Matcher,
        status: int,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | str = b"",
        times: int = 1,
        after: int = 0,
    ) -> Fault:
        """Answers in the service's place; nothing is read or written there."""
        data = body.encode() if isinstance(body, str) else body
        response = Response(status, dict(headers or {}), data)
        return self.inject(f"answer {status}", match, on_request=lambda _: response, times=times, after=after)

    def html(self, match: Matcher, status: int = 503, *, times: int = 1, after: int = 0) -> Fault:
        """A page of some proxy or gateway instead of an answer."""
        page = f"<!DOCTYPE html><html><head><title>{status}</title></head><body><h1>Please try again</h1></body></html>"
        headers = {"content-type": "text/html; charset=utf-8"}
        return self.answer(match, status, headers=headers, body=page, times=times, after=after)

    def drop_request(self, match: Matcher, *, times: int = 1, after: int = 0) -> Fault:
        """Breaks the connection before the service has done anything."""
        return self.inject("request dropped", match, on_request=lambda _: DROPPED, times=times, after=after)

    def drop_response(self, match: Matcher, *, times: int = 1, after: int = 0) -> Fault:
        """Breaks the connection after the service has committed: it happened, and nobody is told."""
        return self.inject(
            "response dropped",
            match,
            on_response=lambda _, answer: replace(answer, dropped=True),
            times=times,
            after=after,
        )

    def truncate(self, match: Matcher, *, times: int = 1, after: int = 0) -> Fault:
        """Breaks the connection in the middle of the answer's body, after the service has committed."""
        return self.inject(
            "truncated", match, on_response=lambda _, answer: replace(answer, truncated=True), times=times, after=after
        )

    def lose_response(
        self, match: Matcher, status: int = 504, *, body: bytes = b"", times: int = 1, after: int = 0
    ) -> Fault:
        """Commits, then answers with a failure, as a gateway does whose patience ended first."""
        return self.inject(
            f"committed, answered {status}",
            match,
            on_response=lambda _, __: Response(status, {"content-type": "text/html"}, body),
            times=times,
            after=after,
        )

    def delay(self, match: Matcher, seconds: float, *, times: int = 1, after: int = 0) -> Fault:
        """Makes the answer take `seconds` of the clock's time. The service commits all the same."""
        return self.inject(
            f"delay {seconds:g} s",
            match,
            on_response=lambda _, answer: replace(answer, delay_s=answer.delay_s + seconds),
            times=times,
            after=after,
        )

    def before(self, match: Matcher, act: Callable[[], object], *, times: int = 1, after: int = 0) -> Fault:
        """Calls `act` when the request has arrived and the service has not seen it: an edit that gets in between."""

        def run(_: Request) -> None:
            act()

        return self.inject("before", match, on_request=run, times=times, after=after)

    def between(self, match: Matcher, act: Callable[[], object], *, times: int = 1, after: int = 0) -> Fault:
        """Calls `act` when the service has committed and before the answer leaves: an edit the answer does not show."""

        def run(_: Request, answer: Response) -> Response:
            act()
            return answer

        return self.inject("between", match, on_response=run, times=times, after=after)

    def striking(self, request: Request) -> list[Fault]:
        """The faults that act on this request, which is counted by every fault it matches. For Simulated."""
        with self._lock:
            striking = [fault for fault in self._faults if fault.strikes(request)]
            self._faults = [fault for fault in self._faults if not fault.spent]
        return striking

    def clear(self) -> None:
        """Ends all faults."""
        with self._lock:
            self._faults.clear()

    @property
    def pending(self) -> list[str]:
        """Names of faults that may still act, so that a test can assert that all of them did."""
        with self._lock:
            return [fault.name for fault in self._faults if not fault.spent]


def _matches(match: Matcher, request: Request) -> bool:
    if isinstance(match, str):
        return re.search(match, f"{request.method} {request.path}") is not None
    return match(request)
