"""Runs: when the program was at work and what it said it did, and the events of which the sync history is made."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from peewee import fn

from reconciler.model.event import Event
from reconciler.model.run import Run
from reconciler.model.side import Side
from reconciler.store.codec import pack, unpack, value_from_json, value_to_json
from reconciler.store.database import Database
from reconciler.store.tables import EventRow, RunRow


class Runs:
    def __init__(self, database: Database) -> None:
        self._db = database

    def start(self, command: str, now: datetime) -> int:
        return self._db.insert(RunRow, command=command, started_at=now)

    def finish(self, run_id: int, summary: Mapping[str, Any], now: datetime) -> None:
        body = pack({"summary": dict(summary)})
        self._db.execute(RunRow.update(finished_at=now, body=body).where(RunRow.id == run_id))

    def get(self, run_id: int) -> Run | None:
        row = self._db.first(RunRow.select().where(RunRow.id == run_id))
        return _run(row) if row else None

    def newest(self, limit: int, page: int) -> list[Run]:
        return [_run(row) for row in self._db.rows(RunRow.select().order_by(RunRow.id.desc()).paginate(page, limit))]

    def count(self) -> int:
        return self._db.count(RunRow.select())


class Events:
    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, event: Event) -> None:
        change = None
        if event.before is not None or event.after is not None or event.case:
            body = {"before": value_to_json(event.before), "after": value_to_json(event.after), "case": event.case}
            change = pack(body)
        self._db.insert(
            EventRow,
            run=event.run,
            mapping=event.mapping,
            at=event.at,
            kind=event.kind,
            text=event.text,
            side=event.side,
            key=event.key,
            field=event.field,
            body=change,
        )

    def page(
        self, page: int, limit: int, mapping: str | None, keys: Collection[str], kind: str | None, words: str
    ) -> list[Event]:
        query = _chosen(mapping, keys, kind, words).order_by(EventRow.id.desc()).paginate(page, limit)
        return [_event(row) for row in self._db.rows(query)]

    def count(self, mapping: str | None, keys: Collection[str], kind: str | None, words: str) -> int:
        return self._db.count(_chosen(mapping, keys, kind, words))

    def kinds(self) -> list[str]:
        return [kind for (kind,) in self._db.tuples(EventRow.select(EventRow.kind).distinct().order_by(EventRow.kind))]

    def count_kinds(self, mapping: str, since: datetime) -> dict[str, int]:
        query = EventRow.select(EventRow.kind, fn.COUNT(EventRow.id))
        return dict(
            self._db.tuples(query.where(EventRow.mapping == mapping, EventRow.at >= since).group_by(EventRow.kind))
        )

    def last(self, mapping: str, side: Side, key: str, field: str | None) -> Event | None:
        query = _chosen(mapping, (key,)).where(EventRow.side == side)
        if field is not None:
            query = query.where(EventRow.field == field)
        row = self._db.first(query.order_by(EventRow.id.desc()))
        return _event(row) if row else None

    def of_field(self, mapping: str, keys: Collection[str], field: str, kinds: Collection[str]) -> list[Event]:
        query = _chosen(mapping, keys).where(EventRow.kind.in_(sorted(kinds)))
        query = query.where((EventRow.field == field) | EventRow.field.is_null())
        return [_event(row) for row in self._db.rows(query.order_by(EventRow.id.desc()).limit(10))]


def _chosen(mapping: str | None, keys: Collection[str], kind: str | None = None, words: str = "") -> Any:
    query = EventRow.select()
    if mapping is not None:
        query = query.where(EventRow.mapping == mapping)
    if keys:
        query = query.where(EventRow.key.in_(sorted(keys)))
    if kind is not None:
        query = query.where(EventRow.kind == kind)
    if words:
        query = query.where(EventRow.text.contains(words))
    return query


def _run(row: Any) -> Run:
    summary = unpack(row.body)["summary"] if row.body is not None else {}
    return Run(row.id, row.command, row.started_at, row.finished_at, summary)


def _event(row: Any) -> Event:
    change = unpack(row.body) if row.body is not None else {}
    return Event(
        id=row.id,
        run=row.run_id,
        mapping=row.mapping,
        at=row.at,
        kind=row.kind,
        text=row.text,
        side=row.side,
        key=row.key,
        field=row.field,
        before=value_from_json(change.get("before")),
        after=value_from_json(change.get("after")),
        case=change.get("case", ""),
    )
