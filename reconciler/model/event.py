"""Event: something seen or done, in words for people; the sync history is made of these."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reconciler.model.field import Value
from reconciler.model.side import Side

FROZEN = "frozen"
"""The kind of events that say that a field is not written any more; `before` and `after` are the write kept back."""


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

    def as_json(self) -> dict[str, Any]:
        """Stable keys; the values are left out, since they may be long."""
        return {
            "id": self.id,
            "at": self.at.isoformat(),
            "run": self.run,
            "mapping": self.mapping,
            "kind": self.kind,
            "text": self.text,
            "side": self.side,
            "key": self.key,
            "field": self.field,
        }
