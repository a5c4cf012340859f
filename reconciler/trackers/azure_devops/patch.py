"""Patch: neutral values as the operations of a JSON Patch. Pure.

Nothing here decides what to write; a value that Azure DevOps could not take raises Rejected with its field.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, tzinfo
from typing import Any

from reconciler.errors import Rejected
from reconciler.model.field import Kind, Value, kind_of
from reconciler.model.origin import Origin
from reconciler.model.person import Person
from reconciler.model.rich_text import Form, RichText
from reconciler.richtext import convert, one_line
from reconciler.trackers.azure_devops.mentions import called
from reconciler.trackers.azure_devops.translate import HYPERLINK, rev_of
from reconciler.trackers.azure_devops.work_item_type import LINK_TYPES, PRIORITIES

Operation = dict[str, Any]

RELATIONS_END = "/relations/-"
_ITEMS = "/_apis/wit/workItems/"

TITLE_CHARS_MAX = 255
TAGS_MAX = 100
TAG_CHARS_MAX = 400

_REFUSED_IN_TAGS = re.compile("[,;\x00-\x1f\x7f]|[^\x00-\uffff]")
"""Separators, control characters, and everything beyond the basic plane, emoji foremost (FACTS ado 7.18)."""


def at_revision(revision: str) -> Operation:
    """Makes the whole patch fail with StaleRevision if the item has moved on (FACTS ado 7.6)."""
    return {"op": "test", "path": "/rev", "value": rev_of(revision)}


def set_text(reference: str, value: str) -> Operation:
    return {"op": "add", "path": f"/fields/{reference}", "value": value}


def set_field(name: str, reference: str, value: Value, form: Form, zone: tzinfo) -> list[Operation]:
    """The operations that set a field to a value, or empty it. Must not be used on an empty field to empty it, which
    may be refused (FACTS ado 7.9). `form` is the one in which the item keeps its long text."""
    match kind_of(name):
        case Kind.TAGS:
            joined = "; ".join(tags(value))
            return [{"op": "replace", "path": f"/fields/{reference}", "value": joined}]  # `add` unions (7.17)
        case Kind.PEOPLE:
            return [set_text(reference, assignee(value))]
        case Kind.RICH_TEXT:
            return long_text(reference, value, form)
    if value is None:
        return [{"op": "remove", "path": f"/fields/{reference}"}]
    return [{"op": "add", "path": f"/fields/{reference}", "value": _plain(name, value, zone)}]


def hyperlink(origin: Origin) -> Operation:
    """The link to the original; its comment holds the marker too, should the address lose its fragment."""
    value = {"rel": HYPERLINK, "url": origin.href, "attributes": {"comment": origin.marker}}
    return {"op": "add", "path": RELATIONS_END, "value": value}


def link(base_url: str, field: str, key: str) -> Operation:
    """The link to another item; to a parent an item has at most one (FACTS ado 9.1, 9.4)."""
    value = {"rel": LINK_TYPES[field], "url": f"{base_url}{_ITEMS}{key}"}
    return {"op": "add", "path": RELATIONS_END, "value": value}


def no_link(native: Mapping[str, Any], field: str, key: str) -> list[Operation]:
    """What takes the link to another item off one that was just read: links are removed by where they stand in the
    answer (FACTS ado 9.2)."""
    found = [
        index
        for index, relation in enumerate(native.get("relations") or ())
        if relation.get("rel") == LINK_TYPES[field] and str(relation.get("url") or "").rstrip("/").endswith(f"/{key}")
    ]
    return [{"op": "remove", "path": f"/relations/{index}"} for index in reversed(found)]


def title(value: Value) -> str:
    """One line of allowed length, the end cut where it is longer (FACTS ado 7.14)."""
    line = one_line(str(value or ""))
    return line if len(line) <= TITLE_CHARS_MAX else line[: TITLE_CHARS_MAX - 1].rstrip() + "…"


def kept(name: str, value: Value) -> Value:
    """What the service keeps of a field's value: one line of allowed length, tags that are allowed."""
    match name:
        case "title":
            return title(value)
        case "tags":
            return tags(value)
        case _:
            return value


def tags(value: Value) -> tuple[str, ...]:
    """Names as the service takes them, each once without regard to case (FACTS ado 7.18)."""
    unique: dict[str, str] = {}
    for name in value if isinstance(value, tuple) else ():
        clean = one_line(_REFUSED_IN_TAGS.sub(" ", str(name)))[:TAG_CHARS_MAX].rstrip()
        if clean:
            unique.setdefault(clean.casefold(), clean)
    return tuple(unique.values())[:TAGS_MAX]


def assignee(value: Value) -> str:
    """How an identity field names the first person: by address, which is unambiguous (FACTS ado 7.21); "" for none."""
    first = next((member for member in value if isinstance(member, Person)), None) if isinstance(value, tuple) else None
    return (first.address or first.name) if first else ""


def long_text(reference: str, value: Value, form: Form) -> list[Operation]:
    """The operations that set a long text in the form in which the item keeps it, or empty it."""
    text = called(convert(value, form)).text if isinstance(value, RichText) else ""
    if not text.strip():
        return [{"op": "remove", "path": f"/fields/{reference}"}]
    operations = [set_text(reference, text)]
    if form is Form.MARKDOWN:  # a text never changes its form; saying so is harmless (FACTS ado 18.2, 18.4)
        operations.append({"op": "add", "path": f"/multilineFieldsFormat/{reference}", "value": "Markdown"})
    return operations


def _plain(name: str, value: Value, zone: tzinfo) -> str | int | float:
    if name == "title":
        return title(value)
    if name == "priority":
        return _priority(value)
    if isinstance(value, date):
        return midnight(value, zone)
    return value if isinstance(value, int | float) else str(value)


def midnight(day: date, zone: tzinfo) -> str:
    """What people's forms write for a day (FACTS ado 7.20); always with a time and Z."""
    return datetime.combine(day, time(), zone).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _priority(value: Value) -> int:
    if str(value) not in PRIORITIES:
        raise Rejected(f'"{value}" is not a priority; known are {", ".join(PRIORITIES)}', field="priority")
    return int(str(value))
