"""Log: what the program does, as data, on standard error; its own lines and those of every library in one format.

A line is a constant message and variable keys; ids of what is being worked on are bound once (`bound`) and come with
every line below. Item bodies are never logged. Whatever was registered as a secret is struck out of the values and,
last of all, of the finished line, so that no exception text, address or library can carry it out.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
from base64 import b64encode, urlsafe_b64encode
from collections.abc import MutableMapping
from contextlib import AbstractContextManager
from typing import Any, Literal, TextIO
from urllib.parse import quote, quote_plus, urlsplit

import structlog
from structlog.stdlib import BoundLogger, ProcessorFormatter
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, Processor

from reconciler.clock import Clock, SystemClock

Format = Literal["auto", "console", "json"]

REDACTED = "[redacted]"

SHORTEST_SECRET = 6
"""Shorter values are ordinary words sooner than secrets; striking them out would ruin every line."""

SHORTEST_TOKEN = 12
"""Shorter parts of an address are names of hosts and folders sooner than keys."""

_WARNING_AT_LEAST = (
    "apprise",
    "urllib3",
    "azure",
    "msal",
    "httpx",
    "httpcore",
    "peewee",
    "apscheduler",
    "filelock",
    "asyncio",
    "uvicorn.access",
    "markdown_it",
)
"""Libraries that say too much below: whole addresses (httpx, urllib3), headers (httpcore), statements with their values
(peewee), two lines for every cycle (apscheduler), one for every health check (uvicorn.access), every rule that a text
passes (markdown_it)."""

_LIBRARIES = (*_WARNING_AT_LEAST, "uvicorn", "uvicorn.error", "py.warnings")


# --- writing -------------------------------------------------------------------------------------------------------


def get_logger(name: str) -> BoundLogger:
    """A logger named after its module. Works before `configure`, too."""
    logger: BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def bound(**ids: object) -> AbstractContextManager[None]:
    """Binds ids (cycle, mapping, tracker, key …) to every line logged within, in this thread: threads of a pool do not
    inherit them, so bind inside the job."""
    return structlog.contextvars.bound_contextvars(**ids)


# --- secrets -------------------------------------------------------------------------------------------------------


class _Secrets:
    """The registered secrets in every spelling in which they might come out."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._spellings: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def add(self, value: str) -> None:
        if len(value) < SHORTEST_SECRET:
            return
        with self._mutex:
            self._spellings |= _spellings(value)
            longest_first = sorted(self._spellings, key=lambda spelling: (-len(spelling), spelling))
            self._pattern = re.compile("|".join(re.escape(spelling) for spelling in longest_first))

    def strike(self, text: str) -> str:
        return self._pattern.sub(REDACTED, text) if self._pattern else text


_secrets = _Secrets()


def register_secret(value: str) -> None:
    """From now on `value` comes out of no log line: neither itself nor in base64 (inside anything, as in "user:token"),
    in an address, or escaped in JSON. Values shorter than SHORTEST_SECRET are ignored. Idempotent."""
    _secrets.add(value)


def register_address(address: str) -> None:
    """As `register_secret`, for an address that is a secret itself, such as that of a channel: its path, and every long
    part of it, say as much as the whole."""
    register_secret(address)
    parts = urlsplit(address)
    for part in (parts.path, parts.query, *re.split(r"[/?&=@:]+", address)):
        if len(part) >= SHORTEST_TOKEN and part != parts.hostname:
            register_secret(part)


def redact(text: str) -> str:
    """The text with every registered secret struck out; for what is shown without being logged."""
    return _secrets.strike(text)


def _spellings(value: str) -> set[str]:
    escaped = {json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1], repr(value)[1:-1]}
    return {value, quote(value, safe=""), quote(value), quote_plus(value)} | escaped | _encoded(value.encode())


def _encoded(value: bytes) -> set[str]:
    """The base64 digits that stand for `value` alone, wherever it begins in the encoded text."""
    spellings = set()
    for shift in range(3):
        padded = bytes(shift) + value
        # The first digits also hold bits of what comes before, the last one bits of what comes after.
        first, last = -(-shift * 8 // 6), len(padded) * 8 // 6
        for encode in (b64encode, urlsafe_b64encode):
            spellings.add(encode(padded).decode()[first:last])
    return spellings


# --- set-up --------------------------------------------------------------------------------------------------------


class _Handler(logging.StreamHandler[TextIO]):
    """Ours, so that a second `configure` replaces it and leaves the handlers of others alone."""


def configure(
    level: str = "INFO", format: Format = "auto", stream: TextIO | None = None, *, clock: Clock | None = None
) -> None:
    """Sends everything logged in the process to `stream` (standard error), from `level` on.

    `auto` writes for people on a terminal and one JSON object a line elsewhere. `clock` dates the lines. May be called
    again at any time.
    """
    stream = stream if stream is not None else sys.stderr
    on_terminal = stream.isatty()
    pretty = format == "console" or (format == "auto" and on_terminal)
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        _Timestamp(clock or SystemClock()),
    ]
    handler = _Handler(stream)
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                ProcessorFormatter.remove_processors_meta,
                *(_for_people(colors=on_terminal) if pretty else _for_machines()),
                _strike_secrets,
            ],
        )
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.processors.StackInfoRenderer(),
            ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=BoundLogger,
        cache_logger_on_first_use=False,
    )
    _route(handler, level.upper())


class _Timestamp:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def __call__(self, _logger: Any, _method: str, event: EventDict) -> EventDict:
        event["timestamp"] = self._clock.now().isoformat(timespec="milliseconds")
        return event


def _for_people(*, colors: bool) -> list[Processor]:
    return [
        _strike_values,
        structlog.dev.ConsoleRenderer(
            colors=colors, exception_formatter=structlog.dev.plain_traceback, sort_keys=False, pad_event_to=36
        ),
    ]


def _for_machines() -> list[Processor]:
    # Without local variables: they hold tokens and item bodies.
    tracebacks = structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False))
    return [tracebacks, _strike_values, structlog.processors.JSONRenderer(ensure_ascii=False, default=str)]


def _strike_values(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Before rendering, which escapes: an escaped text that is escaped again has too many spellings to know."""
    return {key: value if key == "exc_info" else _struck(value) for key, value in event.items()}


def _struck(value: Any) -> Any:
    match value:
        case str():
            return redact(value)
        case dict():
            return {_struck(key): _struck(member) for key, member in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_struck(member) for member in value]
    return value


def _strike_secrets(_logger: Any, _method: str, line: MutableMapping[str, Any] | str) -> str:
    return redact(str(line))


def _route(handler: _Handler, level: str) -> None:
    root = logging.getLogger()
    root.handlers = [other for other in root.handlers if not isinstance(other, _Handler)] + [handler]
    root.setLevel(level)
    logging.captureWarnings(True)
    for name in _LIBRARIES:
        library = logging.getLogger(name)
        library.handlers = []
        library.propagate = True
        library.setLevel(max(logging.WARNING, root.level) if name in _WARNING_AT_LEAST else logging.NOTSET)
