"""Usage: how many requests each tracker was sent, by the hour, for as long as the dashboard's chart shows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta

from reconciler.store.database import Database
from reconciler.store.meta import Meta

HOURS_KEPT = 7 * 24


class Usage:
    """One fact a tracker, which never grows beyond HOURS_KEPT entries."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._meta = Meta(database)

    def add(self, requests: Mapping[str, int], now: datetime) -> None:
        hour = now.replace(minute=0, second=0, microsecond=0)
        with self._db.write():
            for tracker, count in requests.items():
                known = self.by_hour(tracker)
                known[hour] = known.get(hour, 0) + count
                kept = {at.isoformat(): n for at, n in known.items() if abs(hour - at) < timedelta(hours=HOURS_KEPT)}
                self._meta.set(f"requests:{tracker}", json.dumps(kept))

    def by_hour(self, tracker: str) -> dict[datetime, int]:
        found = json.loads(self._meta.get(f"requests:{tracker}") or "{}")
        return {datetime.fromisoformat(at): int(count) for at, count in found.items()}
