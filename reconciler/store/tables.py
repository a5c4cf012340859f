"""Tables: the rows as Peewee models. They are bound to no database; `Database` runs every query.

Only narrow columns are searched; what is large lives in `body` columns (codec.py). Instants are text of one width that
sorts, the same on every database. What belongs to a link goes with it; history outlives what it is about.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from peewee import (
    AutoField,
    BlobField,
    BooleanField,
    CharField,
    CompositeKey,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)

from reconciler.log import redact

_NAME = 100
_KEY = 255
"""Widths at which MySQL can still index a mapping's name together with a key."""

_UNFIT = re.compile("[\x00\ud800-\udfff]")


class InstantField(CharField):
    """An aware datetime as UTC text with microseconds; a date-time column of PostgreSQL would shift it by the session's
    zone. Raises ValueError for a naive one."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "max_length": 27})

    def db_value(self, value: Any) -> str | None:
        if value is None or isinstance(value, str):
            return value
        if value.tzinfo is None:
            raise ValueError("a naive datetime cannot be stored")
        return str(value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")) + "Z"

    def python_value(self, value: Any) -> datetime | None:
        return None if value is None else datetime.fromisoformat(value)


class SentenceField(TextField):
    """Text for people, without secrets. What not every database can hold (NUL, lone surrogates) becomes U+FFFD."""

    def db_value(self, value: Any) -> str | None:
        return None if value is None else _UNFIT.sub("\ufffd", redact(str(value)))


class Row(Model):
    class Meta:
        legacy_table_names = False


class MetaRow(Row):
    key = CharField(max_length=_KEY, primary_key=True)
    value = SentenceField()

    class Meta:
        table_name = "meta"


class CursorRow(Row):
    mapping = CharField(max_length=_NAME)
    side = CharField(max_length=5)
    at = InstantField()

    class Meta:
        table_name = "cursor"
        primary_key = CompositeKey("mapping", "side")


class RunRow(Row):
    id = AutoField()
    command = CharField(max_length=_NAME)
    started_at = InstantField(index=True)
    finished_at = InstantField(null=True)
    body = BlobField(null=True)

    class Meta:
        table_name = "run"


class LinkRow(Row):
    id = AutoField()
    mapping = CharField(max_length=_NAME)
    left_key = CharField(max_length=_KEY)
    right_key = CharField(max_length=_KEY)
    left_revision = CharField(max_length=_KEY)
    right_revision = CharField(max_length=_KEY)
    left_changed_at = InstantField()
    right_changed_at = InstantField()
    run = ForeignKeyField(RunRow, null=True, on_delete="SET NULL", index=False)

    class Meta:
        table_name = "link"
        indexes = (
            (("mapping", "left_key"), True),
            (("mapping", "right_key"), True),
            (("mapping", "left_changed_at"), False),
            (("mapping", "right_changed_at"), False),
        )


class SnapshotRow(Row):
    """What is read together with both bodies, apart from the narrow columns that are searched."""

    link = ForeignKeyField(LinkRow, on_delete="CASCADE", primary_key=True)
    created_at = InstantField()
    left_body = BlobField()
    right_body = BlobField()

    class Meta:
        table_name = "snapshot"


class SweepRow(Row):
    mapping = CharField(max_length=_NAME, primary_key=True)
    started_at = InstantField()
    stepped_at = InstantField()
    newest_link = IntegerField()
    cursors = TextField()

    class Meta:
        table_name = "sweep"


class MetRow(Row):
    """A pair that the sweep under way has met on one side."""

    link = ForeignKeyField(LinkRow, on_delete="CASCADE", index=False)
    side = CharField(max_length=5)

    class Meta:
        table_name = "met"
        primary_key = CompositeKey("link", "side")


class CommentLinkRow(Row):
    id = AutoField()
    link = ForeignKeyField(LinkRow, on_delete="CASCADE", index=False)
    left_key = CharField(max_length=_KEY)
    right_key = CharField(max_length=_KEY)
    left_body = BlobField()
    right_body = BlobField()

    class Meta:
        table_name = "comment_link"
        indexes = ((("link", "left_key"), True), (("link", "right_key"), True))


class AttachmentLinkRow(Row):
    """A key is NULL where there is no counterpart; `body` holds both views and says why."""

    id = AutoField()
    link = ForeignKeyField(LinkRow, on_delete="CASCADE", index=False)
    left_key = CharField(max_length=_KEY, null=True)
    right_key = CharField(max_length=_KEY, null=True)
    body = BlobField()

    class Meta:
        table_name = "attachment_link"
        indexes = ((("link", "left_key"), True), (("link", "right_key"), True))


class LookRow(Row):
    link = ForeignKeyField(LinkRow, on_delete="CASCADE", index=False)
    side = CharField(max_length=5)
    mapping = CharField(max_length=_NAME)
    due_at = InstantField(null=True)
    looked_at = InstantField(null=True)

    class Meta:
        table_name = "look"
        primary_key = CompositeKey("link", "side")
        indexes = ((("mapping", "due_at"), False),)


class PendingRow(Row):
    mapping = CharField(max_length=_NAME)
    side = CharField(max_length=5)
    key = CharField(max_length=_KEY)
    reason = SentenceField()
    due_at = InstantField()
    added_at = InstantField()
    attempts = IntegerField()
    parked = BooleanField()

    class Meta:
        table_name = "pending"
        primary_key = CompositeKey("mapping", "side", "key")


class AbsenceRow(Row):
    mapping = CharField(max_length=_NAME)
    side = CharField(max_length=5)
    key = CharField(max_length=_KEY)
    proofs = IntegerField()
    proved_at = InstantField()

    class Meta:
        table_name = "absence"
        primary_key = CompositeKey("mapping", "side", "key")


RELEASED = ""
"""What a tombstone has in `gone` where neither side is gone: a person released the pair."""


class TombstoneRow(Row):
    id = AutoField()
    mapping = CharField(max_length=_NAME)
    left_key = CharField(max_length=_KEY)
    right_key = CharField(max_length=_KEY)
    gone = CharField(max_length=5)
    reason = SentenceField()
    at = InstantField()

    class Meta:
        table_name = "tombstone"
        indexes = ((("mapping", "left_key"), False), (("mapping", "right_key"), False))


class RemainsRow(Row):
    """What hung on a pair that was ended."""

    mapping = CharField(max_length=_NAME)
    left_key = CharField(max_length=_KEY)
    right_key = CharField(max_length=_KEY)
    at = InstantField()
    body = BlobField()

    class Meta:
        table_name = "remains"
        primary_key = CompositeKey("mapping", "left_key", "right_key")


class IntentRow(Row):
    """`outcome` is "" while the intent is open; `body` holds what is never searched."""

    id = AutoField()
    mapping = CharField(max_length=_NAME)
    run = ForeignKeyField(RunRow, null=True, on_delete="SET NULL")
    kind = CharField(max_length=20)
    side = CharField(max_length=5)
    opened_at = InstantField()
    probes = IntegerField()
    probed_at = InstantField(null=True)
    outcome = CharField(max_length=10)
    closed_at = InstantField(null=True)
    note = SentenceField()
    body = BlobField()

    class Meta:
        table_name = "intent"
        indexes = ((("outcome", "mapping"), False),)


class ConflictRow(Row):
    id = AutoField()
    mapping = CharField(max_length=_NAME)
    link = ForeignKeyField(LinkRow, null=True, on_delete="SET NULL")
    left_key = CharField(max_length=_KEY)
    right_key = CharField(max_length=_KEY)
    field = CharField(max_length=_NAME)
    rule = CharField(max_length=20)
    winner = CharField(max_length=5, null=True)
    run = ForeignKeyField(RunRow, null=True, on_delete="SET NULL", index=False)
    at = InstantField()
    settled_at = InstantField(null=True, index=True)
    note = SentenceField()
    body = BlobField()

    class Meta:
        table_name = "conflict"


class EventRow(Row):
    id = AutoField()
    run = ForeignKeyField(RunRow, null=True, on_delete="SET NULL", index=False)
    mapping = CharField(max_length=_NAME)
    at = InstantField(index=True)
    kind = CharField(max_length=40)
    text = SentenceField()
    side = CharField(max_length=5, null=True)
    key = CharField(max_length=_KEY, null=True)
    field = CharField(max_length=_NAME, null=True)
    body = BlobField(null=True)

    class Meta:
        table_name = "event"
        indexes = ((("mapping", "key"), False),)


class FeedRow(Row):
    """A change in plain columns, for SQL too; `form` says how a value is spelled as text, `state` and what follows how
    far it has been delivered."""

    id = AutoField()
    uid = CharField(max_length=32)
    mapping = CharField(max_length=_NAME)
    side = CharField(max_length=5)
    kind = CharField(max_length=40)
    seen_at = InstantField(index=True)
    changed_at = InstantField(null=True)
    item_key = CharField(max_length=_KEY)
    item = SentenceField()
    url = SentenceField()
    field = CharField(max_length=_NAME)
    form = CharField(max_length=20)
    old_value = SentenceField(null=True)
    new_value = SentenceField(null=True)
    actor = SentenceField()
    state = CharField(max_length=10)
    attempts = IntegerField()
    note = SentenceField()

    class Meta:
        table_name = "feed"
        indexes = ((("state", "id"), False), (("mapping", "item_key"), False))


class MemoryRow(Row):
    mapping = CharField(max_length=_NAME)
    side = CharField(max_length=5)
    body = BlobField()

    class Meta:
        table_name = "schema_memory"
        primary_key = CompositeKey("mapping", "side")


TABLES: tuple[type[Row], ...] = (
    MetaRow,
    CursorRow,
    RunRow,
    LinkRow,
    SnapshotRow,
    SweepRow,
    MetRow,
    CommentLinkRow,
    AttachmentLinkRow,
    LookRow,
    PendingRow,
    AbsenceRow,
    TombstoneRow,
    RemainsRow,
    IntentRow,
    ConflictRow,
    EventRow,
    FeedRow,
    MemoryRow,
)
"""Every table, referred ones before those that refer to them."""

VIEWS = {
    "changes": "SELECT id, uid, mapping, side, kind, item, item_key, url, field, old_value, new_value, actor,"
    " changed_at, seen_at, state FROM feed"
}
"""What whoever looks into the store with SQL may rely on; web/README documents the columns."""
