"""Field: a named property of an item and the kind of value it holds.

Values stay in the side's own words ("Active", "in progress"); only rich text, people, tags, dates and numbers have a
neutral form, so that they can be compared and converted without knowing the tracker.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from reconciler.model.person import Person
from reconciler.model.rich_text import RichText

Value = str | float | date | RichText | tuple[Person, ...] | tuple[str, ...] | None
"""What a field may hold: TEXT/CHOICE str, RICH_TEXT RichText, PEOPLE tuple[Person], TAGS tuple[str], DATE date,
NUMBER float, ITEM the key of an item of the same side, ITEMS tuple[str] of such keys. None means empty; empty tuples
are used for empty PEOPLE, TAGS and ITEMS, never None."""


class Kind(StrEnum):
    TEXT = "text"
    RICH_TEXT = "rich_text"
    CHOICE = "choice"
    PEOPLE = "people"
    TAGS = "tags"
    DATE = "date"
    NUMBER = "number"
    ITEM = "item"
    ITEMS = "items"


SETS = frozenset({Kind.PEOPLE, Kind.TAGS, Kind.ITEMS})
"""Kinds of which the order of the members does not count."""


FIELDS: dict[str, Kind] = {
    "type": Kind.CHOICE,
    "title": Kind.TEXT,
    "description": Kind.RICH_TEXT,
    "state": Kind.CHOICE,
    "assignees": Kind.PEOPLE,
    "priority": Kind.CHOICE,
    "tags": Kind.TAGS,
    "start_date": Kind.DATE,
    "due_date": Kind.DATE,
    "parent": Kind.ITEM,
    "predecessors": Kind.ITEMS,
    "related": Kind.ITEMS,
    "points": Kind.NUMBER,
    "estimate": Kind.NUMBER,
}
"""Every field that all mappings carry, in the order in which plans and reports list them. An estimate is in hours.
A predecessor is to be done before the item that names it."""

LINKS = ("predecessors", "related")
"""The fields that the key `links` of the configuration is about."""

MUTUAL = frozenset({"related"})
"""Fields that name items which name this one in return."""


def kind_of(name: str) -> Kind:
    """The kind of a field's values. A field that only some mappings carry says it before a colon: "number:Effort"."""
    return FIELDS[name] if name in FIELDS else Kind(name.partition(":")[0])


def label_of(name: str) -> str:
    """What people call a field, or what stands in its place in a conflict ("comment 7")."""
    return name.partition(":")[2] or name


def in_order(names: Iterable[str]) -> list[str]:
    """Each of the names once: those of FIELDS first, in its order, then a mapping's own."""
    wanted = set(names)
    return [*(name for name in FIELDS if name in wanted), *sorted(wanted - FIELDS.keys())]
