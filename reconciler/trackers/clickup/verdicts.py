"""Verdicts: what an answer of ClickUp means. Pure.

Judged by status first and ECODE second; the sentences change over the years (FACTS clickup 17).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconciler.errors import Gone, OutcomeUnknown, Rejected, TrackerError, Unauthorized, Unavailable
from reconciler.trackers.answer import EXCERPT_CHARS, Answer

WHO_AM_I = "/api/v2/user"

DELETED = "ITEM_013"
"""The code of a task in the trash, and the only sure sign of deletion (FACTS clickup 16.2)."""

_NO_HEADER = "OAUTH_017"  # FACTS clickup 1.8: a 400
_RATE_LIMIT = "APP_002"  # FACTS clickup 14.4

_FIELDS = {
    "CRTSK_001": "state",  # FACTS clickup 6.5
    "ITEM_114": "state",
    "INPUT_005": "title",  # FACTS clickup 6.2
    "ITEM_246": "type",  # FACTS clickup 6.4
    "ITEM_247": "type",
    "ITEM_069": "parent",  # FACTS clickup 6.8
    "ITEM_137": "parent",
}
"""Which neutral field a refusal is about."""


class Hidden(Gone):
    """A 401 on a resource: this token cannot see it, which says nothing about the token (FACTS clickup 1.10)."""


def judge(answer: Answer) -> TrackerError | None:
    """None for a good answer, and for what a status alone explains; see `trackers.http.Judge`."""
    if 200 <= answer.status < 300:
        return _judge_success(answer)
    error = answer.json if isinstance(answer.json, Mapping) else {}
    code = str(error.get("ECODE") or "").upper()
    said = _sentence(error, answer)
    if answer.status == 401 and answer.path == WHO_AM_I:
        return Unauthorized(f"ClickUp refuses the token: {said}")
    if code == _NO_HEADER:
        return Unauthorized(f"ClickUp saw no token: {said}")
    if answer.status == 429 or code == _RATE_LIMIT:
        return Unavailable(said)
    if answer.status >= 500 or answer.status == 408:
        return None
    if answer.status == 401:
        return Hidden(f"not visible with this token: {said}", code=code)
    if answer.status == 404:
        return Gone(said, code=code)
    return Rejected(said, code=code, field=_FIELDS.get(code, ""))


def _judge_success(answer: Answer) -> TrackerError | None:
    """Gateways answer with pages of their own (FACTS clickup 1.7); only an empty body may be without JSON."""
    if answer.json is not None or not answer.text.strip() or answer.is_json:
        return None
    what = f"{answer.method} {answer.path} was answered {answer.status} with something that is not JSON"
    return Unavailable(what) if answer.method == "GET" else OutcomeUnknown(what)


def _sentence(error: Mapping[str, Any], answer: Answer) -> str:
    said = str(error.get("err") or "").strip()[:EXCERPT_CHARS] or answer.excerpt or f"status {answer.status}"
    code = str(error.get("ECODE") or "")
    return f"{said} ({code})" if code else said
