"""Cursors: per mapping and side, the server time up to which everything has been polled and dealt with."""

from __future__ import annotations

from datetime import datetime

from reconciler.model.side import Side
from reconciler.store.database import Database
from reconciler.store.tables import CursorRow


class Cursors:
    def __init__(self, database: Database) -> None:
        self._db = database

    def get(self, mapping: str, side: Side) -> datetime | None:
        row = self._db.first(CursorRow.select().where((CursorRow.mapping == mapping) & (CursorRow.side == side)))
        return row.at if row else None

    def set(self, mapping: str, side: Side, at: datetime) -> None:
        self._db.upsert(CursorRow, {"mapping": mapping, "side": side}, {"at": at})
