"""Translate: work items as items, comments as comments, types as a schema. Pure; no HTTP.

A revision is the work item's `rev` (FACTS ado 4.14), and behind a point its parent and a digest of its other links to
items, which move no `rev` (5.2): "12.77-5f0e21c4". Empty fields are absent from answers (4.9): which fields an item can
hold is known from its type.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from hashlib import blake2b
from typing import Any
from urllib.parse import quote

from reconciler.mapping.texts import shaped
from reconciler.model.comment import Comment
from reconciler.model.custom_field import YES, CustomField
from reconciler.model.field import LINKS, Kind, Value, in_order, kind_of
from reconciler.model.item import Item
from reconciler.model.origin import Origin, split_marker
from reconciler.model.person import Person
from reconciler.model.rich_text import Form, RichText
from reconciler.model.schema import Kept, Schema
from reconciler.richtext import detach_attribution
from reconciler.trackers.azure_devops.attached import fingerprint
from reconciler.trackers.azure_devops.naming import label_of
from reconciler.trackers.azure_devops.work_item_type import (
    AREA,
    DESCRIPTION,
    LINK_TYPES,
    PARENT,
    PRIORITIES,
    PROJECT,
    REPRO_STEPS,
    TYPE,
    WorkItemType,
    neutral_name,
)

HYPERLINK = "Hyperlink"
PARENT_LINK = LINK_TYPES["parent"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MARKER = re.compile(r"[a-z2-7]{12}")
_NAME_AND_ADDRESS = re.compile(r"(?P<name>.*?)\s*<(?P<address>[^<>]*)>")


@dataclass(frozen=True, slots=True)
class Lens:
    """What is needed to read an answer: the address of the organisation, who we are there, whose calendar days dates
    are, and the fields that only the mapping at hand carries."""

    base_url: str
    own_id: str = ""
    zone: tzinfo = UTC
    custom: Mapping[str, CustomField] = field(default_factory=dict)


# --- items ---------------------------------------------------------------------------------------------------------


def to_item(native: Mapping[str, Any], kind: WorkItemType, lens: Lens) -> Item:
    """A work item of any answer as an item; its origin is known only where the answer has the relations."""
    values = native.get("fields") or {}
    values = {**values, **{LINK_TYPES[name]: linked(native, name) for name in LINKS}, PARENT: parent_of(native)}
    number, project = int(native["id"]), str(values.get(PROJECT) or "")
    formats = _formats(native)
    changed_at = instant(values.get("System.ChangedDate")) or _EPOCH
    return Item(
        key=str(number),
        revision=revision_of(native),
        changed_at=changed_at,
        url=page_url(lens.base_url, project, number),
        label=label_of(str(number)),
        fields={
            name: _value(name, values.get(place), formats.get(place, Form.HTML), lens)
            for name in in_order(kind.fields)
            for place in [_place(name, kind, values)]
        },
        home=str(values.get(AREA) or project),
        created_at=instant(values.get("System.CreatedDate")),
        origin=_origin(native.get("relations") or ()),
        ours=bool(lens.own_id) and _identity_id(values.get("System.CreatedBy")) == lens.own_id,
        changed_by=person(values["System.ChangedBy"]) if values.get("System.ChangedBy") else None,
        native={
            "project": project,
            "area": str(values.get(AREA) or ""),
            "rev": int(native["rev"]),
            "comments": values.get("System.CommentCount"),
            "comment": _comment_reference(native),
            "files": fingerprint(native.get("relations")),
            "formats": {reference: str(form) for reference, form in formats.items()},
            "texts": [reference for reference in (DESCRIPTION, REPRO_STEPS) if values.get(reference)],
        },
    )


def further_texts(native: Mapping[str, Any]) -> tuple[str, ...]:
    """The addresses of all hyperlinks, and what is written in fields that we do not carry."""
    links = [str(row.get("url") or "") for row in native.get("relations") or () if row.get("rel") == HYPERLINK]
    values = (native.get("fields") or {}).items()
    return (*links, *(text for name, text in values if isinstance(text, str) and not neutral_name(name)))


def revision_of(native: Mapping[str, Any]) -> str:
    parent, links = parent_of(native) or "", [linked(native, name) for name in LINKS]
    digest = blake2b(repr(links).encode(), digest_size=4).hexdigest() if any(links) else ""
    named = f"{parent}-{digest}" if digest else parent
    return f"{native['rev']}.{named}" if named else str(native["rev"])


def rev_of(revision: str) -> int:
    """The work item's `rev` at a revision of ours."""
    return int(revision.partition(".")[0])


def parent_of(native: Mapping[str, Any]) -> str | None:
    """From the link to it, which older servers have too; from the field where an answer has no relations."""
    for relation in native.get("relations") or ():
        if relation.get("rel") == PARENT_LINK:
            return str(relation.get("url") or "").rstrip("/").rpartition("/")[2] or None
    parent = (native.get("fields") or {}).get(PARENT)
    return str(parent) if parent else None


def linked(native: Mapping[str, Any], field: str) -> tuple[str, ...]:
    """The keys of the items that a link of this kind leads to, in no order of their own."""
    addresses = [
        str(relation.get("url") or "")
        for relation in native.get("relations") or ()
        if relation.get("rel") == LINK_TYPES[field]
    ]
    keys = {key for url in addresses if (key := url.rstrip("/").rpartition("/")[2]).isdecimal()}
    return tuple(sorted(keys, key=int))


def _place(name: str, kind: WorkItemType, values: Mapping[str, Any]) -> str:
    """The field in which a value stands. An item whose type was changed by a person keeps its text where the old type
    had it, and a bug made elsewhere may have a description only: neither is an emptied text (FACTS ado 12.11)."""
    place = kind.fields[name]
    if name != "description" or values.get(place):
        return place
    other = DESCRIPTION if place == REPRO_STEPS else REPRO_STEPS
    return other if values.get(other) else place


def page_url(base_url: str, project: str, number: int) -> str:
    """The web page of a work item (FACTS ado 4.8)."""
    return f"{base_url}/{quote(project, safe='')}/_workitems/edit/{number}"


def type_name(native: Mapping[str, Any]) -> str:
    return str((native.get("fields") or {}).get(TYPE) or "")


def form_of(item: Item, reference: str) -> Form:
    """In which form the item keeps a long text; HTML where it never said (FACTS ado 18.1)."""
    return Form.MARKDOWN if item.native.get("formats", {}).get(reference) == Form.MARKDOWN else Form.HTML


def _value(name: str, value: object, form: Form, lens: Lens) -> Value:
    custom = lens.custom.get(name)
    if custom is None:
        return _typed(kind_of(name), value, form, lens.zone)
    if custom.form == "boolean":
        return YES if value is True else None
    return shaped(_typed(custom.kind, value, form, lens.zone), kind_of(name))


def _typed(kind: Kind, value: object, form: Form, zone: tzinfo) -> Value:
    match kind:
        case Kind.RICH_TEXT:
            return RichText(form, value) if isinstance(value, str) and value.strip() else None
        case Kind.PEOPLE:
            return (person(value),) if value else ()
        case Kind.TAGS:
            return tags(value)
        case Kind.ITEMS:
            return value if isinstance(value, tuple) else ()
        case Kind.DATE:
            return day(value, zone)
        case Kind.NUMBER:
            return float(value) if isinstance(value, int | float) else None
        case Kind.TEXT | Kind.CHOICE | Kind.ITEM:
            return str(value) if value not in (None, "") else None


def _formats(native: Mapping[str, Any]) -> dict[str, Form]:
    """Lower case when read, absent on older servers (FACTS ado 4.21)."""
    told = native.get("multilineFieldsFormat") or {}
    return {str(name): Form.MARKDOWN if str(form).lower() == "markdown" else Form.HTML for name, form in told.items()}


def _comment_reference(native: Mapping[str, Any]) -> str:
    """Which comment in which version this revision made, edited or deleted; "" for none (FACTS ado 4.20)."""
    told = native.get("commentVersionRef") or {}
    return f"{told['commentId']}.{told.get('version', '')}" if told.get("commentId") else ""


def _origin(relations: Iterable[Mapping[str, Any]]) -> Origin | None:
    """From the hyperlink of ours, which carries the marker in its address and once more in its comment."""
    for relation in relations:
        if relation.get("rel") == HYPERLINK:
            url, marker = split_marker(str(relation.get("url") or ""))
            comment = str((relation.get("attributes") or {}).get("comment") or "").strip()
            if marker is None and _MARKER.fullmatch(comment):
                marker = comment
            if marker is not None:
                return Origin(url, "", marker)
    return None


# --- values --------------------------------------------------------------------------------------------------------


def instant(value: object) -> datetime | None:
    """An ISO-8601 time with a fraction of any length as aware UTC (FACTS ado 2.13); None for anything else."""
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def day(value: object, zone: tzinfo) -> date | None:
    """The calendar day that a date field means: people's forms write their local midnight (FACTS ado 7.20)."""
    moment = instant(value)
    return moment.astimezone(zone).date() if moment else None


def person(value: object) -> Person:
    """An IdentityRef (FACTS ado 4.12), or "Name <address>" where identities are text (4.13). The unique name of groups
    and of some accounts is no address."""
    if isinstance(value, Mapping):
        unique = str(value.get("uniqueName") or "")
        return Person(_address(unique), str(value.get("displayName") or unique), str(value.get("id") or ""))
    found = _NAME_AND_ADDRESS.fullmatch(str(value or ""))
    if found:
        return Person(_address(found["address"]), found["name"] or found["address"])
    return Person(_address(str(value or "")), str(value or ""))


def tags(value: object) -> tuple[str, ...]:
    """One text, separated by semicolons (FACTS ado 7.17)."""
    return tuple(name.strip() for name in str(value or "").split(";") if name.strip())


def _address(text: str) -> str:
    name, _, domain = text.strip().lower().partition("@")
    return text.strip().lower() if name and "." in domain and not set(text) & set("\\/ ") else ""


def _identity_id(value: object) -> str:
    return str(value.get("id") or "") if isinstance(value, Mapping) else ""


# --- comments ------------------------------------------------------------------------------------------------------


def to_comment(native: Mapping[str, Any], item: Item, lens: Lens) -> Comment:
    """A comment that is not deleted. Samples call its id `commentId`, the service calls it `id` (FACTS ado 10.3)."""
    form = Form.MARKDOWN if str(native.get("format") or "").lower() == "markdown" else Form.HTML
    text, attribution = detach_attribution(RichText(form, str(native.get("text") or "")))
    author = native.get("createdBy")
    return Comment(
        key=str(native.get("id") or native.get("commentId")),
        author=person(author),
        text=text,
        created_at=instant(native.get("createdDate")) or _EPOCH,
        url=item.url,
        label=f"{item.label} comment",
        origin=attribution.origin if attribution else None,
        credit=attribution.author if attribution else "",
        ours=bool(lens.own_id) and _identity_id(author) == lens.own_id,
    )


# --- schema --------------------------------------------------------------------------------------------------------


def to_schema(types: Iterable[WorkItemType], default_type: str, kept: Kept) -> Schema:
    return Schema({kind.name: kind.schema for kind in types}, PRIORITIES, default_type, kept)
