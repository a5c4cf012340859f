"""Journal: what was about to be asked of a tracker, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from reconciler.model.intent import Intent, Outcome
from reconciler.store.codec import instant_to_json, pack, unpack, values_from_json, values_to_json
from reconciler.store.database import Database
from reconciler.store.tables import IntentRow


class Journal:
    def __init__(self, database: Database) -> None:
        self._db = database

    def open(self, intent: Intent) -> int:
        return self._db.insert(
            IntentRow,
            mapping=intent.mapping,
            run=intent.run,
            kind=intent.kind,
            side=intent.side,
            opened_at=intent.opened_at,
            probes=intent.probes,
            probed_at=intent.probed_at,
            outcome=intent.outcome,
            closed_at=intent.closed_at,
            note=intent.note,
            body=pack(_to_json(intent)),
        )

    def close(self, intent_id: int, outcome: Outcome, note: str, now: datetime) -> None:
        """An intent that is closed already stays as it is."""
        still_open = (IntentRow.id == intent_id) & (IntentRow.outcome == "")
        self._db.execute(IntentRow.update(outcome=outcome, note=note, closed_at=now).where(still_open))

    def probed(self, intent_id: int, probes: int, at: datetime) -> None:
        self._db.execute(IntentRow.update(probes=probes, probed_at=at).where(IntentRow.id == intent_id))

    def still_open(self, mapping: str | None) -> list[Intent]:
        query = IntentRow.select().where(IntentRow.outcome == "").order_by(IntentRow.id)
        if mapping is not None:
            query = query.where(IntentRow.mapping == mapping)
        return [_intent(row) for row in self._db.rows(query)]

    def of_run(self, run: int, page: int, limit: int | None) -> list[Intent]:
        query = IntentRow.select().where(IntentRow.run == run).order_by(IntentRow.id)
        return [_intent(row) for row in self._db.rows(query.paginate(page, limit) if limit else query)]

    def count(self, run: int) -> int:
        return self._db.count(IntentRow.select().where(IntentRow.run == run))


def _to_json(intent: Intent) -> dict[str, Any]:
    return {
        "key": intent.key,
        "source_key": intent.source_key,
        "marker": intent.marker,
        "label": intent.label,
        "before": values_to_json(intent.before),
        "after": values_to_json(intent.after),
        "base_revision": intent.base_revision,
        "since": instant_to_json(intent.since),
    }


def _intent(row: Any) -> Intent:
    body = unpack(row.body)
    return Intent(
        id=row.id,
        mapping=row.mapping,
        run=row.run_id,
        kind=row.kind,
        side=row.side,
        since=datetime.fromisoformat(body["since"]),
        opened_at=row.opened_at,
        key=body["key"],
        source_key=body["source_key"],
        marker=body["marker"],
        label=body["label"],
        before=values_from_json(body["before"]),
        after=values_from_json(body["after"]),
        base_revision=body["base_revision"],
        probes=row.probes,
        probed_at=row.probed_at,
        outcome=row.outcome,
        note=row.note,
        closed_at=row.closed_at,
    )
