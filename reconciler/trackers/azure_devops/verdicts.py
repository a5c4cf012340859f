"""Verdicts: what an answer of Azure DevOps means. Pure.

Judged by status, typeKey and the leading TF or VS code only; the sentences are localised (FACTS ado 15.1).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from reconciler.errors import Gone, Rejected, StaleRevision, TrackerError, Unauthorized, Unavailable
from reconciler.trackers.answer import EXCERPT_CHARS, Answer
from reconciler.trackers.azure_devops.work_item_type import neutral_name

UNKNOWN_IDENTITY = "600171"
"""The code of the refusal of an assignee that the organisation does not know (FACTS ado 7.21)."""

TOO_MANY_RESULTS = "VS402337"
"""The code of a query with more results than the service returns (FACTS ado 3.10)."""

REVISION_LIMIT = "REVISION_LIMIT"
"""Our code for an item that REST will never change again (FACTS ado 6.12)."""

_LEADING_CODE = re.compile(r"\s*((?:TF|VS)\d{5,7})\b")
_REVISION_LIMIT = re.compile(r"\b10[.,   ]?000\b.*revision|revision.*\b10[.,   ]?000\b", re.IGNORECASE | re.DOTALL)
_STALE = {"TF26071", "VS403351"}  # FACTS ado 7.6, 7.7
_BUSY = {"VS402335", "VS402490", "VS402491", "TF400733", "TF24668"}  # FACTS ado 3.14, 14.3, 1.11
_NO_SUCH_PROJECT = "TF200016"  # FACTS ado 15.6
_NO_SUCH_TYPE = "VS403072"  # FACTS ado 7.23
_NOT_AUTHORIZED = "TF400813"  # FACTS ado 1.8
_LINKS = ("TF201035", "TF201036", "TF201065")  # a circle, a second parent, two links to one (FACTS ado 9.9)
_FIELD_OF_CODE = {_NO_SUCH_TYPE: "type", "TF401407": "tags", **dict.fromkeys(_LINKS, "parent")}  # FACTS ado 7.18
_QUOTED = re.compile(r"'([A-Za-z.]+)'")
"""Reference names are quoted in sentences of any language (FACTS ado 7.14)."""


def judge(answer: Answer) -> TrackerError | None:
    """None for a good answer, and for what a status alone explains; see `trackers.http.Judge`."""
    if 200 <= answer.status < 400:
        return _judge_success(answer)
    error = answer.json if isinstance(answer.json, Mapping) else {}
    code = _code(error)
    said = _sentence(error) or answer.excerpt
    if answer.status == 401 or code == _NOT_AUTHORIZED:
        return Unauthorized(f"the token is refused: {said or 'it is wrong, expired or revoked'}")  # FACTS ado 1.7, 1.8
    if code in _BUSY:
        return Unavailable(said)
    if answer.status in (409, 412) or code in _STALE:
        return StaleRevision(said or "changed by somebody else", code=code)
    if answer.status == 404 and error and code not in (_NO_SUCH_PROJECT, _NO_SUCH_TYPE):
        return Gone(said, code=code)  # FACTS ado 15.3
    if answer.status == 500 and _REVISION_LIMIT.search(said):
        return Rejected(f"the item has reached its limit of revisions: {said}", code=REVISION_LIMIT, whole_item=True)
    if answer.status == 429 or answer.status == 408 or answer.status >= 500:
        return None
    return Rejected(said or f"refused with status {answer.status}", code=code, field=_field(error))


def _judge_success(answer: Answer) -> TrackerError | None:
    """A sign-in page is served as 203, as a redirect, or as a 200 that is not JSON (FACTS ado 1.9, 1.10)."""
    bare = answer.status == 204 or (answer.method == "DELETE" and not answer.text.strip())
    if 200 <= answer.status < 300 and answer.status != 203 and (answer.json is not None or bare):
        return None
    return Unauthorized(
        f"{answer.method} {answer.path} was answered {answer.status} with a sign-in page instead of JSON;"
        " the token is wrong, expired or not valid for this organisation"
    )


def _code(error: Mapping[str, Any]) -> str:
    found = _LEADING_CODE.match(str(error.get("message") or ""))
    if found:
        return found.group(1)
    number = str(error.get("errorCode") or "")
    return number if number == UNKNOWN_IDENTITY else str(error.get("typeKey") or "")


def _sentence(error: Mapping[str, Any]) -> str:
    """The broken rules where there are any, else the message (FACTS ado 15.4, 15.5)."""
    said = [str(rule.get("errorMessage") or "") for rule in _rules(error)]
    return " ".join(filter(None, said))[:EXCERPT_CHARS] or str(error.get("message") or "")[:EXCERPT_CHARS]


def _field(error: Mapping[str, Any]) -> str:
    details = error.get("customProperties") or {}
    named = [rule.get("fieldReferenceName") for rule in _rules(error)]
    named += [details.get("ReferenceName"), details.get("FieldReferenceName")]
    named += _QUOTED.findall(str(error.get("message") or ""))
    if code := _FIELD_OF_CODE.get(_code(error)):
        return code
    return next(filter(None, (neutral_name(str(name)) for name in named if name)), "")


def _rules(error: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    rules = (error.get("customProperties") or {}).get("RuleValidationErrors") or []
    return [rule for rule in rules if isinstance(rule, Mapping)]
