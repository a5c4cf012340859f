"""Meta: single facts by name."""

from __future__ import annotations

from reconciler.store.database import Database
from reconciler.store.tables import MetaRow


class Meta:
    def __init__(self, database: Database) -> None:
        self._db = database

    def get(self, key: str) -> str | None:
        value: str | None = self._db.scalar(MetaRow.select(MetaRow.value).where(MetaRow.key == key))
        return value

    def set(self, key: str, value: str) -> None:
        self._db.upsert(MetaRow, {"key": key}, {"value": value})
