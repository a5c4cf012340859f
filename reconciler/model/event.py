"""Event: something seen or done, in words for people; the sync history is made of these."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from reconciler.model.field import Value
from reconciler.model.side import Side


@dataclass(frozen=True, slots=True)
class Event:
    """`side` and `key` name the item it happened to, `field`, `before` and `after` the value, where one is meant, and
    `case` the case of the merge that decided about it."""

    id: int
    run: int | None
    mapping: str
    at: datetime
    kind: str
    text: str
    side: Side | None = None
    key: str | None = None
    field: str | None = None
    before: Value = None
    after: Value = None
    case: str = ""
