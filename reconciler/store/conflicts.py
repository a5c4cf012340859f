"""Conflicts: fields that both sides changed, with both values verbatim."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from reconciler.model.conflict_record import ConflictRecord
from reconciler.model.side import Side
from reconciler.store.codec import pack, unpack, value_from_json, value_to_json
from reconciler.store.database import Database
from reconciler.store.tables import ConflictRow


class Conflicts:
    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, conflict: ConflictRecord) -> int:
        return self._db.insert(
            ConflictRow,
            mapping=conflict.mapping,
            link=conflict.link_id,
            left_key=conflict.left_key,
            right_key=conflict.right_key,
            field=conflict.field,
            rule=conflict.rule,
            winner=conflict.winner,
            run=conflict.run,
            at=conflict.at,
            settled_at=conflict.settled_at,
            note=conflict.note,
            body=pack(
                {
                    "left_value": value_to_json(conflict.left_value),
                    "right_value": value_to_json(conflict.right_value),
                    "left_base": value_to_json(conflict.left_base),
                    "right_base": value_to_json(conflict.right_base),
                }
            ),
        )

    def decide(self, conflict_id: int, winner: Side) -> bool:
        still_open = (ConflictRow.id == conflict_id) & ConflictRow.settled_at.is_null()
        return bool(self._db.execute(ConflictRow.update(winner=winner).where(still_open)))

    def settle(self, conflict_id: int, winner: Side | None, note: str, now: datetime) -> None:
        self._db.execute(
            ConflictRow.update(winner=winner, note=note, settled_at=now).where(ConflictRow.id == conflict_id)
        )

    def get(self, conflict_id: int) -> ConflictRecord | None:
        row = self._db.first(ConflictRow.select().where(ConflictRow.id == conflict_id))
        return _record(row) if row else None

    def open(self, mapping: str | None) -> list[ConflictRecord]:
        query = ConflictRow.select().where(ConflictRow.settled_at.is_null()).order_by(ConflictRow.id)
        if mapping is not None:
            query = query.where(ConflictRow.mapping == mapping)
        return [_record(row) for row in self._db.rows(query)]

    def open_for(self, link_id: int, field: str) -> ConflictRecord | None:
        held = (ConflictRow.link == link_id) & (ConflictRow.field == field) & ConflictRow.settled_at.is_null()
        row = self._db.first(ConflictRow.select().where(held).order_by(ConflictRow.id.desc()))
        return _record(row) if row else None

    def newest(self, mapping: str | None, limit: int | None) -> list[ConflictRecord]:
        query = ConflictRow.select().order_by(ConflictRow.id.desc()).limit(limit)
        if mapping is not None:
            query = query.where(ConflictRow.mapping == mapping)
        return [_record(row) for row in self._db.rows(query)]


def _record(row: Any) -> ConflictRecord:
    body = unpack(row.body)
    return ConflictRecord(
        id=row.id,
        mapping=row.mapping,
        link_id=row.link_id,
        left_key=row.left_key,
        right_key=row.right_key,
        field=row.field,
        left_value=value_from_json(body["left_value"]),
        right_value=value_from_json(body["right_value"]),
        rule=row.rule,
        at=row.at,
        winner=row.winner,
        left_base=value_from_json(body["left_base"]),
        right_base=value_from_json(body["right_base"]),
        run=row.run_id,
        settled_at=row.settled_at,
        note=row.note,
    )
