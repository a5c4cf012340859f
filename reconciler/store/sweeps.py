"""Sweeps: how far the comparison of everything has come, and which pairs it has met."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from peewee import fn

from reconciler.model.link import Link
from reconciler.model.side import Side
from reconciler.model.sweep import Sweep
from reconciler.store.database import Database
from reconciler.store.links import KEYS_A_QUERY, Links
from reconciler.store.tables import LinkRow, MetRow, SweepRow


class Sweeps:
    def __init__(self, database: Database, links: Links) -> None:
        self._db = database
        self._links = links

    def get(self, mapping: str) -> Sweep | None:
        row = self._db.first(SweepRow.select().where(SweepRow.mapping == mapping))
        if row is None:
            return None
        return Sweep(row.started_at, row.stepped_at, row.newest_link, json.loads(row.cursors))

    def save(self, mapping: str, sweep: Sweep) -> None:
        values = {
            "started_at": sweep.started_at,
            "stepped_at": sweep.stepped_at,
            "newest_link": sweep.newest_link,
            "cursors": json.dumps(dict(sweep.cursors), sort_keys=True),
        }
        self._db.upsert(SweepRow, {"mapping": mapping}, values)

    def forget_met(self, mapping: str) -> None:
        mine = LinkRow.select(LinkRow.id).where(LinkRow.mapping == mapping)
        self._db.execute(MetRow.delete().where(MetRow.link.in_(mine)))

    def meet(self, side: Side, links: Iterable[int]) -> None:
        wanted = list(links)
        with self._db.write():
            for start in range(0, len(wanted), KEYS_A_QUERY):
                part = wanted[start : start + KEYS_A_QUERY]
                known = MetRow.select(MetRow.link).where(MetRow.link.in_(part) & (MetRow.side == side))
                fresh = set(part) - {row[0] for row in self._db.tuples(known)}
                self._db.add_all(MetRow, [{"link": link, "side": side} for link in sorted(fresh)])

    def unmet(self, mapping: str, side: Side, newest_link: int) -> Iterator[Link]:
        met = MetRow.select(MetRow.link).where((MetRow.link == LinkRow.id) & (MetRow.side == side))
        mine = (LinkRow.mapping == mapping) & (LinkRow.id <= newest_link) & ~fn.EXISTS(met)
        ids = [row[0] for row in self._db.tuples(LinkRow.select(LinkRow.id).where(mine).order_by(LinkRow.id))]
        for start in range(0, len(ids), KEYS_A_QUERY):
            yield from self._links.by_ids(ids[start : start + KEYS_A_QUERY])
