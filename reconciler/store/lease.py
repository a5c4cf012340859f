"""Lease: whether this process is still the one that may write, into the store and to the trackers.

The instance lock (sqlite.py, servers.py) lets one process in. It can be lost without the process noticing: a database
server ends the session of a machine that slept, somebody deletes a lock file, or puts another file in the store's
place. So whoever is let in raises the store's epoch by one, and every transaction, and every request that is to
change something at a tracker, is preceded by a look: the epoch is still ours, the store still the one we opened.
"""

from __future__ import annotations

from contextlib import closing

from peewee import SqliteDatabase

from reconciler.errors import StoreError, StoreLocked
from reconciler.store.database import Database
from reconciler.store.tables import MetaRow

_EPOCH = "epoch"


class Lease:
    """Taken by making it. From then on `database` begins no transaction that is not covered by it."""

    def __init__(self, database: Database) -> None:
        self._db = database
        with database.transaction():
            self._epoch = (_epoch_of(database, hold=True) or 0) + 1
            database.upsert(MetaRow, {"key": _EPOCH}, {"value": str(self._epoch)})
        database.fence = self.require
        database.diagnose = self._diagnosed

    def require(self) -> None:
        """Raises StoreLocked where another process has taken the lease, StoreError where the store is gone; within a
        transaction, nobody takes it before that ends."""
        self._db.require_in_place()
        if _epoch_of(self._db, hold=True) != self._epoch:
            raise self._taken_over()

    def _diagnosed(self, error: StoreError) -> StoreError:
        """What a failure of the connection means: that of a successor who has the lock by now, or itself."""
        if self._db.reopen is None:
            return error
        try:
            with closing(self._db.reopen()) as fresh:
                return error if _epoch_of(fresh) == self._epoch else self._taken_over()
        except StoreError:
            return error

    def _taken_over(self) -> StoreLocked:
        return StoreLocked(
            f"another instance took over {self._db.name}; this one has written nothing since; let only one run"
        )


def _epoch_of(database: Database, *, hold: bool = False) -> int | None:
    """`hold` keeps others from changing it until the transaction under way ends; SQLite has one writer anyway."""
    query = MetaRow.select(MetaRow.value).where(MetaRow.key == _EPOCH)
    if hold and not isinstance(database.backend, SqliteDatabase):
        query = query.for_update()
    found = database.scalar(query)
    return None if found is None else int(found)
