"""Tombstones: evidence that an item is gone, and the memory of pairs that a proved deletion ended."""

from __future__ import annotations

from datetime import datetime

from reconciler.model.side import Side
from reconciler.model.tombstone import Tombstone
from reconciler.store.database import Database, matching
from reconciler.store.tables import RELEASED, AbsenceRow, TombstoneRow

_SIDES: dict[str, Side | None] = {"left": "left", "right": "right", RELEASED: None}


class Absences:
    """How many separate times an item was proved gone."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, mapping: str, side: Side, key: str, at: datetime) -> int:
        with self._db.write():
            place = {"mapping": mapping, "side": side, "key": key}
            row = self._db.first(AbsenceRow.select().where(*matching(AbsenceRow, place)))
            if row is not None and row.proved_at == at:
                return int(row.proofs)
            proofs = int(row.proofs) + 1 if row is not None else 1
            self._db.upsert(AbsenceRow, place, {"proofs": proofs, "proved_at": at})
            return proofs

    def count(self, mapping: str, side: Side, key: str) -> int:
        place = {"mapping": mapping, "side": side, "key": key}
        return int(self._db.scalar(AbsenceRow.select(AbsenceRow.proofs).where(*matching(AbsenceRow, place))) or 0)

    def clear(self, mapping: str, side: Side, key: str) -> None:
        place = {"mapping": mapping, "side": side, "key": key}
        self._db.execute(AbsenceRow.delete().where(*matching(AbsenceRow, place)))


class Tombstones:
    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, stone: Tombstone) -> None:
        """Takes the place of what deletions left of either item; releases of other pairs stay."""
        with self._db.write():
            self.remove(stone.mapping, "left", stone.left_key)
            self.remove(stone.mapping, "right", stone.right_key)
            self.remove_release(stone.mapping, stone.left_key, stone.right_key)
            self._db.insert(
                TombstoneRow,
                mapping=stone.mapping,
                left_key=stone.left_key,
                right_key=stone.right_key,
                gone=stone.gone or RELEASED,
                reason=stone.reason,
                at=stone.at,
            )

    def of_mapping(self, mapping: str) -> list[Tombstone]:
        """All of them: they are few."""
        rows = self._db.rows(TombstoneRow.select().where(*matching(TombstoneRow, {"mapping": mapping})))
        return [
            Tombstone(row.mapping, row.left_key, row.right_key, _SIDES[row.gone], row.reason, row.at) for row in rows
        ]

    def remove(self, mapping: str, side: Side, key: str) -> None:
        place = {"mapping": mapping, f"{side}_key": key}
        ended = TombstoneRow.gone != RELEASED
        self._db.execute(TombstoneRow.delete().where(*matching(TombstoneRow, place), ended))

    def remove_release(self, mapping: str, left_key: str, right_key: str) -> None:
        place = {"mapping": mapping, "left_key": left_key, "right_key": right_key, "gone": RELEASED}
        self._db.execute(TombstoneRow.delete().where(*matching(TombstoneRow, place)))
