"""Answer: what a tracker said to one request, as values; no HTTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

EXCERPT_CHARS = 300


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer. `headers` have lower-case names; `json` is the parsed body or None where it is not JSON. `scrub`
    strikes secrets out of a text; it must have seen the whole text before anything is cut off."""

    status: int
    headers: Mapping[str, str]
    text: str
    json: Any
    method: str
    path: str
    scrub: Callable[[str], str] = field(default=str, repr=False)

    @property
    def server_time(self) -> datetime | None:
        """The Date header, aware UTC."""
        return _http_date(self.headers.get("date", ""))

    @property
    def is_json(self) -> bool:
        """Whether the tracker calls the body JSON (an answer without a content type may be)."""
        return "json" in self.headers.get("content-type", "json").lower()

    @property
    def excerpt(self) -> str:
        """The beginning of the body on one line, for error texts."""
        return self.scrub(" ".join(self.text.split()))[:EXCERPT_CHARS]

    @property
    def retry_after_s(self) -> float | None:
        """The Retry-After header in seconds from this answer, dates being relative to the server's own clock; None
        where it is absent or unreadable. Not clamped."""
        told = self.headers.get("retry-after", "").strip()
        if told.replace(".", "", 1).isdecimal():
            return float(told)
        until, now = _http_date(told), self.server_time
        return (until - now).total_seconds() if until and now else None

    def reset_in_s(self, now: datetime) -> float | None:
        """The X-RateLimit-Reset header (epoch seconds) as seconds from this answer; `now` stands in where the answer
        has no Date. None where it is absent or unreadable. Not clamped."""
        told = self.headers.get("x-ratelimit-reset", "").strip()
        return float(told) - (self.server_time or now).timestamp() if told.isdecimal() else None


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
