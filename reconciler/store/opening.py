"""Opening: from a database URL to a locked, examined, current and leased database, or to one clear sentence."""

from __future__ import annotations

from collections.abc import Callable

from reconciler.clock import Clock
from reconciler.errors import StoreError
from reconciler.store.database import Database
from reconciler.store.lease import Lease
from reconciler.store.migrations import migrate, refuse_newer, require_current
from reconciler.store.servers import open_mysql, open_postgresql
from reconciler.store.sqlite import open_sqlite

_KINDS = {
    "sqlite": open_sqlite,
    "postgresql": open_postgresql,
    "postgres": open_postgresql,
    "mysql": open_mysql,
    "mariadb": open_mysql,
}


def open_database(url: str, *, clock: Clock, read_only: bool) -> Database:
    """Raises StoreError and its kinds, and then holds nothing."""
    scheme, separator, _ = url.partition("://")
    opener = _KINDS.get(scheme)
    if opener is None or not separator:
        raise StoreError("the store's url must begin with sqlite:///, postgresql:// or mysql://")
    examine: Callable[[Database], None] = require_current if read_only else refuse_newer
    database = opener(url, read_only=read_only, examine=examine)
    if not read_only:
        try:
            migrate(database, clock.now())
            Lease(database)
        except BaseException:
            database.close()
            raise
    return database
