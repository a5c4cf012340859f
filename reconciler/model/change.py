"""Change: something that happened to an item on one side and was not our doing; the change feed is made of these."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from reconciler.model.field import Value
from reconciler.model.person import Person
from reconciler.model.rich_text import RichText
from reconciler.model.side import Side


class ChangeKind(StrEnum):
    ITEM_ADDED = "item added"
    ITEM_CHANGED = "item changed"
    ITEM_DELETED = "item deleted"
    COMMENT_ADDED = "comment added"
    COMMENT_CHANGED = "comment changed"
    COMMENT_DELETED = "comment deleted"
    FILE_ADDED = "file added"
    FILE_REMOVED = "file removed"


Plain = str | float | tuple[str, ...] | None
"""A value as JSON says it: a text in its tracker's own form, a date as ISO 8601, people by address, or name."""


@dataclass(frozen=True, slots=True)
class Change:
    """`uid` names it for ever; `id` is its place in the order. `seen_at` is our clock, `changed_at` the tracker's stamp
    of the item. `key`, `label` and `url` name the item. `field` is set where one field, comment or file is meant, with
    its value before and after. `actor` is who did it, "" where the tracker does not say."""

    id: int
    uid: str
    mapping: str
    side: Side
    kind: ChangeKind
    seen_at: datetime
    changed_at: datetime | None
    key: str
    label: str
    url: str
    field: str = ""
    before: Plain = None
    after: Plain = None
    actor: str = ""
    attempts: int = 0
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        """Stable keys, as `log --changes --json` shows them and the feed delivers them."""
        return {
            "id": self.uid,
            "sequence": self.id,
            "kind": self.kind.value,
            "mapping": self.mapping,
            "side": self.side,
            "item": {"key": self.key, "label": self.label, "url": self.url},
            "field": self.field or None,
            "before": self.before,
            "after": self.after,
            "actor": self.actor or None,
            "changed_at": self.changed_at.isoformat() if self.changed_at else None,
            "seen_at": self.seen_at.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class Backlog:
    """What of the feed is still to be delivered (`waiting`), since when the oldest of it has been and what was answered
    to it last, and what its receiver refused for good (`dead`)."""

    waiting: int = 0
    oldest: datetime | None = None
    dead: int = 0
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        oldest = self.oldest.isoformat() if self.oldest else None
        return {"waiting": self.waiting, "oldest": oldest, "dead": self.dead, "note": self.note or None}


def plain_value(value: Value) -> Plain:
    match value:
        case RichText():
            return value.text
        case date():
            return value.isoformat()
        case tuple():
            return tuple(called(member) if isinstance(member, Person) else str(member) for member in value)
    return value


def called(person: Person | None) -> str:
    """How a person is named in the feed: by address, else by name; "" for nobody."""
    return (person.address or person.name) if person else ""
