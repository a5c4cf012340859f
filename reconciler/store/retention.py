"""Retention: how long the rows of each table stay. Every table says it here, so that none grows without an end.

What describes the present (pairs, what waits, what is open) stays as long as it is so, however old, and is as large as
what is synchronised. What describes the past goes by its age. A SQLite file keeps its size and fills the gaps again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from reconciler.store.database import Database
from reconciler.store.feed import WAITING
from reconciler.store.tables import (
    RELEASED,
    AbsenceRow,
    AttachmentLinkRow,
    CommentLinkRow,
    ConflictRow,
    CursorRow,
    EventRow,
    FeedRow,
    IntentRow,
    LinkRow,
    LookRow,
    MemoryRow,
    MetaRow,
    MetRow,
    PendingRow,
    RemainsRow,
    Row,
    RunRow,
    SnapshotRow,
    SweepRow,
    TombstoneRow,
)

HISTORY_DAYS = 90

CONFLICTS_KEPT = timedelta(days=365)
"""Settled conflicts hold values that exist nowhere else."""

STANDING: Mapping[type[Row], str] = {
    MetaRow: "a few facts by name",
    CursorRow: "one row a mapping and side",
    LinkRow: "as long as the pair",
    SnapshotRow: "with its pair",
    SweepRow: "one row a mapping",
    MetRow: "as long as the sweep, at most with its pair",
    CommentLinkRow: "as long as the comments, at most with their pair",
    AttachmentLinkRow: "as long as the attachments, at most with their pair",
    LookRow: "with its pair",
    PendingRow: "as long as the item waits",
    MemoryRow: "one row a mapping and side",
}
"""What describes the present."""

HISTORY: Mapping[type[Row], Any] = {
    RunRow: RunRow.started_at,
    EventRow: EventRow.at,
    FeedRow: FeedRow.seen_at,
    IntentRow: IntentRow.closed_at,
    AbsenceRow: AbsenceRow.proved_at,
    TombstoneRow: TombstoneRow.at,
    RemainsRow: RemainsRow.at,
    ConflictRow: ConflictRow.settled_at,
}
"""What describes the past, and the instant that its age is counted from; what is open has none yet and stays."""

STAYS: Mapping[type[Row], Any] = {TombstoneRow: TombstoneRow.gone == RELEASED, FeedRow: FeedRow.state == WAITING}
"""Which rows of the past stay all the same: a person's word does not grow old, and a change that is to be delivered is,
however long its receiver is away."""


def prune(database: Database, now: datetime, history: timedelta) -> None:
    """Forgets what is older than `history`, and settled conflicts older than theirs, in one transaction."""
    with database.write():
        for table, at in HISTORY.items():
            kept = CONFLICTS_KEPT if table is ConflictRow else history
            stays = [~STAYS[table]] if table in STAYS else []
            database.execute(table.delete().where(at < now - kept, *stays))
