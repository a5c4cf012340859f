"""HTTP for every tracker: the only module that imports httpx.

Pacing, retries of what is safe to retry, and the translation of transport failures into the error tree live here, so
that a tracker's client only knows addresses and bodies.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import httpx

from reconciler.clock import Clock
from reconciler.errors import TrackerError

Transport = httpx.BaseTransport


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer. `headers` have lower-case names; `json` is the parsed body or None where it is not JSON."""

    status: int
    headers: Mapping[str, str]
    text: str
    json: Any
    method: str
    path: str

    @property
    def server_time(self) -> datetime | None:
        """The Date header, aware UTC."""
        raise NotImplementedError


class Pacer(Protocol):
    """Decides when the next request of one credential may be sent."""

    def acquire(self) -> None:
        """Waits, on the clock, until a request may be sent, and counts it."""

    def observe(self, answer: Answer) -> None:
        """Learns from the rate-limit headers and status of an answer."""


Judge = Callable[[Answer], TrackerError | None]
"""A tracker's verdict on an answer: None for a good one, else the error it stands for. Called for every answer that
is not a redirect loop or transport failure; 429 and 5xx reach it too, returning None for those means "generic"."""


class Http:
    """A connection to one tracker with one credential; shared by all its scopes, closed once.

    `send` raises Unavailable, Unauthorized, Rejected (via the judge) for answers, and for transport failures
    Unavailable when the request cannot have had an effect, OutcomeUnknown when a write may have. At most three
    attempts, only where repeating is harmless: reads, and refusals that prove that nothing happened.
    """

    def __init__(
        self,
        base_url: str,
        *,
        tracker: str,
        headers: Mapping[str, str],
        secrets: Sequence[str],
        pacer: Pacer,
        judge: Judge,
        clock: Clock,
        transport: Transport | None = None,
        read_timeout_s: float = 60.0,
    ) -> None:
        raise NotImplementedError

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Sequence[tuple[str, str]] = (),
        body: Any = None,
        content_type: str = "application/json",
        writes: bool,
        key: str = "",
    ) -> Answer:
        """Sends one request below the base address and returns a good answer. `body` is JSON or None; `writes` says
        whether it may change anything; `key` names the item for error texts."""
        raise NotImplementedError

    @property
    def server_time(self) -> datetime | None:
        """The tracker's clock as of the last answer that carried a Date header."""
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError
