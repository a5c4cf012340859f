"""Meaning: what a status says by itself, whichever tracker answered. Pure."""

from __future__ import annotations

from reconciler.errors import OutcomeUnknown, Rejected, TrackerError, Unauthorized, Unavailable
from reconciler.trackers.answer import Answer

_TRANSIENT = frozenset({408, 500, 502, 503, 504})


def broken(answer: Answer, writes: bool) -> TrackerError | None:
    """The verdict on a good status whose JSON does not parse: the connection was cut, or something stood in between."""
    if not 200 <= answer.status < 300 or answer.json is not None or answer.text.strip() == "null":
        return None
    promised = "json" in answer.headers.get("content-type", "") and answer.status != 204
    if not promised or (not answer.text and answer.method == "DELETE"):
        return None
    what = f"{answer.method} {answer.path} answered {answer.status} with broken JSON: {answer.excerpt}"
    return OutcomeUnknown(what) if writes else Unavailable(what)


def generic(answer: Answer, writes: bool) -> TrackerError | None:
    """What a status means where the tracker's own judge had no opinion."""
    if 200 <= answer.status < 300:
        return None
    what = f"{answer.method} {answer.path} answered {answer.status}: {answer.excerpt}".rstrip(": ")
    if answer.status == 401:
        return Unauthorized(what)
    if answer.status == 429 or (answer.status in _TRANSIENT and (not writes or proves_nothing_happened(answer))):
        return Unavailable(what)
    if answer.status >= 500 or answer.status in _TRANSIENT:
        return OutcomeUnknown(what) if writes else Unavailable(what)
    return Rejected(what, code=str(answer.status))


def proves_nothing_happened(answer: Answer) -> bool:
    """Whether the tracker turned the request away at the door, so that even a write may be repeated."""
    return answer.status == 429 or (answer.status == 503 and "retry-after" in answer.headers)
