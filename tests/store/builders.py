"""Values to keep: plausible by default, every part replaceable."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from reconciler.model.attachment import Attachment
from reconciler.model.comment import Comment
from reconciler.model.conflict_record import ConflictRecord
from reconciler.model.intent import Intent
from reconciler.model.item import Item
from reconciler.model.link import Link
from reconciler.model.origin import Origin
from reconciler.model.person import Person
from reconciler.model.rich_text import Form, RichText
from reconciler.model.snapshot import Snapshot
from reconciler.store import Store

NOON = datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=UTC)

NOBODY_HERE = Person("kim@example.com", "Kim Ström", "17")


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def item(key: str = "1", **parts: Any) -> Item:
    plain = Item(
        key=key,
        revision="1",
        changed_at=NOON,
        url=f"https://tracker.example.com/{key}",
        label=f"T#{key}",
        fields={
            "type": "Task",
            "title": f"Item {key}",
            "description": RichText(Form.HTML, "<p>Ein Satz – ein zweiter.</p>"),
            "assignees": (NOBODY_HERE,),
            "tags": ("red", "Blue"),
            "due_date": date(2026, 4, 1),
            "start_date": None,
        },
        home="Web",
        created_at=at(-3600),
        origin=Origin("https://other.example.com/9", "O#9", "abcdefghij23"),
        ours=True,
        native={"rev": 3, "parts": [1, "zwei", None, {"deep": True}]},
    )
    return replace(plain, **parts)


def snapshot(key: str = "1", **parts: Any) -> Snapshot:
    return Snapshot(item(key, **parts))


def pair(store: Store, left: str = "L1", right: str = "R1", mapping: str = "web") -> Link:
    return store.add_link(mapping, snapshot(left), snapshot(right), run=None)


def comment(key: str = "c1", text: str = "<p>Hello</p>", **parts: Any) -> Comment:
    plain = Comment(
        key=key,
        author=NOBODY_HERE,
        text=RichText(Form.HTML, text),
        created_at=NOON,
        url=f"https://tracker.example.com/c/{key}",
        label=f"T#{key}",
    )
    return replace(plain, **parts)


def attachment(key: str = "f1", **parts: Any) -> Attachment:
    plain = Attachment(
        key=key,
        name="Maße.txt",
        size_bytes=7,
        created_at=NOON,
        url=f"https://tracker.example.com/f/{key}",
        author=NOBODY_HERE,
    )
    return replace(plain, **parts)


def intent(**parts: Any) -> Intent:
    plain = Intent(
        id=0,
        mapping="web",
        run=None,
        kind="create",
        side="right",
        since=at(-60),
        opened_at=NOON,
        source_key="L1",
        marker="abcdefghij23",
        label="L#1",
        before={"title": None, "tags": ()},
        after={"title": "New", "description": RichText(Form.MARKDOWN, "*x*"), "due_date": date(2026, 4, 1)},
        base_revision="7",
    )
    return replace(plain, **parts)


def conflict(**parts: Any) -> ConflictRecord:
    plain = ConflictRecord(
        id=0,
        mapping="web",
        link_id=None,
        left_key="L1",
        right_key="R1",
        field="description",
        left_value=RichText(Form.HTML, "<p>left</p>"),
        right_value=RichText(Form.MARKDOWN, "right\x00 \ud800 verbatim"),
        rule="hold",
        at=NOON,
        left_base=RichText(Form.HTML, "<p>base</p>"),
        right_base=None,
    )
    return replace(plain, **parts)
