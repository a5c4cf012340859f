"""Codec: model values to and from the bytes that the store keeps.

A body is a JSON document with sorted keys and a format version, as UTF-8, deflated where that pays. Equal values give
equal bytes, so a snapshot that did not change can be recognised as such. Strings survive whatever they hold, lone
surrogates and NUL included, because JSON escapes them. A body of a format that this version does not know is refused.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from reconciler.errors import StoreError
from reconciler.model.attachment import Attachment
from reconciler.model.comment import Comment
from reconciler.model.field import Value
from reconciler.model.item import Item
from reconciler.model.origin import Origin
from reconciler.model.person import Person
from reconciler.model.rich_text import Form, RichText
from reconciler.model.snapshot import Snapshot

FORMAT = 1

DEFLATE_ABOVE_BYTES = 512
"""Smaller bodies gain little and cost time on every read."""

_COMPACT = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


# --- bodies --------------------------------------------------------------------------------------------------------


def pack(document: Mapping[str, Any]) -> bytes:
    """A JSON object as a body. Raises TypeError for anything that JSON cannot say."""
    body = _COMPACT.encode({"format": FORMAT, **document}).encode("ascii")
    return zlib.compress(body, 6) if len(body) > DEFLATE_ABOVE_BYTES else body


def unpack(body: bytes | memoryview) -> dict[str, Any]:
    """The JSON object of a body. Raises StoreError where it is damaged or of an unknown format."""
    raw = bytes(body)
    try:
        # JSON starts with a brace, a zlib stream never does.
        document = json.loads(raw if raw[:1] == b"{" else zlib.decompress(raw))
        version = document.pop("format")
    except (zlib.error, ValueError, KeyError, AttributeError) as error:
        raise StoreError("a record in the store is damaged and cannot be read; restore a backup") from error
    if version != FORMAT:
        raise StoreError(f"a record in the store has format {version}; this version reads format {FORMAT}")
    return dict(document)


# --- instants ------------------------------------------------------------------------------------------------------


def instant_to_json(at: datetime | None) -> str | None:
    """ISO 8601 in UTC. Raises ValueError for a naive datetime."""
    if at is None:
        return None
    if at.tzinfo is None:
        raise ValueError("a naive datetime cannot be stored")
    return at.astimezone(UTC).isoformat()


def instant_from_json(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


# --- field values --------------------------------------------------------------------------------------------------


def value_to_json(value: Value) -> Any:
    """Text, numbers and None stand for themselves; every other kind is an object whose key names it."""
    match value:
        case None | str():
            return value
        case bool() | datetime():
            raise TypeError(f"{type(value).__name__} is not a field value")
        case int() | float():
            return value
        case date():
            return {"date": value.isoformat()}
        case RichText():
            return {"rich_text": value.text, "form": value.form.value}
        case tuple() if value and all(isinstance(member, Person) for member in value):
            return {"people": [person_to_json(member) for member in value if isinstance(member, Person)]}
        case tuple() if all(isinstance(member, str) for member in value):
            return {"tags": list(value)}
    raise TypeError(f"{type(value).__name__} is not a field value")


def value_from_json(document: Any) -> Value:
    match document:
        case None | str() | int() | float():
            return document
        case {"date": str(text)}:
            return date.fromisoformat(text)
        case {"rich_text": str(text), "form": str(form)}:
            return RichText(Form(form), text)
        case {"people": list(people)}:
            return tuple(person_from_json(person) for person in people)
        case {"tags": list(tags)}:
            return tuple(tags)
    raise StoreError("a record in the store holds a value of an unknown kind")


def values_to_json(values: Mapping[str, Value]) -> dict[str, Any]:
    return {name: value_to_json(value) for name, value in values.items()}


def values_from_json(document: Mapping[str, Any]) -> dict[str, Value]:
    return {name: value_from_json(value) for name, value in document.items()}


def person_to_json(person: Person) -> list[str]:
    return [person.address, person.name, person.key]


def person_from_json(document: list[str]) -> Person:
    return Person(*document)


def origin_to_json(origin: Origin | None) -> list[str] | None:
    return None if origin is None else [origin.url, origin.label, origin.marker]


def origin_from_json(document: list[str] | None) -> Origin | None:
    return None if document is None else Origin(*document)


# --- items, snapshots, comments ------------------------------------------------------------------------------------


def item_to_json(item: Item) -> dict[str, Any]:
    return {
        "key": item.key,
        "revision": item.revision,
        "changed_at": instant_to_json(item.changed_at),
        "created_at": instant_to_json(item.created_at),
        "url": item.url,
        "label": item.label,
        "home": item.home,
        "fields": values_to_json(item.fields),
        "origin": origin_to_json(item.origin),
        "ours": item.ours,
        "archived": item.archived,
        "native": dict(item.native),
    }


def item_from_json(document: Mapping[str, Any]) -> Item:
    return Item(
        key=document["key"],
        revision=document["revision"],
        changed_at=datetime.fromisoformat(document["changed_at"]),
        created_at=instant_from_json(document["created_at"]),
        url=document["url"],
        label=document["label"],
        home=document["home"],
        fields=values_from_json(document["fields"]),
        origin=origin_from_json(document["origin"]),
        ours=document["ours"],
        archived=document["archived"],
        native=document["native"],
    )


def snapshot_to_json(snapshot: Snapshot) -> dict[str, Any]:
    document: dict[str, Any] = {"item": item_to_json(snapshot.item)}
    if snapshot.unsettled:
        document["unsettled"] = values_to_json(snapshot.unsettled)
    if snapshot.forgotten:
        document["forgotten"] = sorted(snapshot.forgotten)
    return document


def snapshot_from_json(document: Mapping[str, Any]) -> Snapshot:
    return Snapshot(
        item=item_from_json(document["item"]),
        unsettled=values_from_json(document.get("unsettled", {})),
        forgotten=frozenset(document.get("forgotten", ())),
    )


def comment_to_json(comment: Comment) -> dict[str, Any]:
    return {
        "key": comment.key,
        "author": person_to_json(comment.author),
        "text": value_to_json(comment.text),
        "created_at": instant_to_json(comment.created_at),
        "url": comment.url,
        "label": comment.label,
        "origin": origin_to_json(comment.origin),
        "credit": comment.credit,
        "ours": comment.ours,
    }


def comment_from_json(document: Mapping[str, Any]) -> Comment:
    return Comment(
        key=document["key"],
        author=person_from_json(document["author"]),
        text=RichText(Form(document["text"]["form"]), document["text"]["rich_text"]),
        created_at=datetime.fromisoformat(document["created_at"]),
        url=document["url"],
        label=document["label"],
        origin=origin_from_json(document["origin"]),
        credit=document["credit"],
        ours=document["ours"],
    )


def attachment_to_json(attachment: Attachment) -> dict[str, Any]:
    return {
        "key": attachment.key,
        "name": attachment.name,
        "size_bytes": attachment.size_bytes,
        "created_at": instant_to_json(attachment.created_at),
        "url": attachment.url,
        "author": person_to_json(attachment.author),
        "marker": attachment.marker,
        "ours": attachment.ours,
        **({"inline": True} if attachment.inline else {}),
    }


def attachment_from_json(document: Mapping[str, Any]) -> Attachment:
    return Attachment(
        key=document["key"],
        name=document["name"],
        size_bytes=document["size_bytes"],
        created_at=datetime.fromisoformat(document["created_at"]),
        url=document["url"],
        author=person_from_json(document["author"]),
        marker=document["marker"],
        ours=document["ours"],
        inline=document.get("inline", False),
    )
