"""Pending: items to be looked at again, each with its reason, its time and how often it was refused."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from reconciler.model.pending import Pending
from reconciler.model.side import Side
from reconciler.store.database import Database, matching
from reconciler.store.tables import PendingRow


class PendingItems:
    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, entry: Pending) -> None:
        """`added_at` stays what it was where the item waits already."""
        key = {"mapping": entry.mapping, "side": entry.side, "key": entry.key}
        values = {"reason": entry.reason, "due_at": entry.due_at, "attempts": entry.attempts, "parked": entry.parked}
        self._db.upsert(PendingRow, key, values, {"added_at": entry.added_at})

    def due(self, mapping: str, due_by: datetime | None) -> list[Pending]:
        query = PendingRow.select().where(PendingRow.mapping == mapping)
        if due_by is not None:
            query = query.where((PendingRow.due_at <= due_by) & ~PendingRow.parked)
        query = query.order_by(PendingRow.due_at, PendingRow.side, PendingRow.key)
        return [_entry(row) for row in self._db.rows(query)]

    def clear(self, mapping: str, side: Side, key: str) -> None:
        conditions = matching(PendingRow, {"mapping": mapping, "side": side, "key": key})
        self._db.execute(PendingRow.delete().where(*conditions))


def _entry(row: Any) -> Pending:
    return Pending(row.mapping, row.side, row.key, row.reason, row.due_at, row.added_at, row.attempts, bool(row.parked))
