"""Requests and answers as plain values, so that a simulated tracker is a function and needs no socket."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Request:
    """`path` is decoded and without the query; `query` keeps order and repetitions; header names are lower case."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def param(self, name: str, default: str = "") -> str:
        """The last value of a query parameter."""
        return next((value for key, value in reversed(self.query) if key == name), default)

    def params(self, name: str) -> list[str]:
        return [value for key, value in self.query if key == name]

    def json(self) -> Any:
        """The body as JSON; raises ValueError for anything else."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Response:
    """`body` is bytes as they go over the wire. `dropped` means that the connection breaks before any byte of it;
    `truncated` that it breaks in the middle. `delay_s` is how long it was under way, on the service's clock."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    dropped: bool = False
    truncated: bool = False
    delay_s: float = 0.0


class Service(Protocol):
    """A simulated tracker: state, a clock, and this."""

    def handle(self, request: Request) -> Response: ...
