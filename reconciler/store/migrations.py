"""Migrations: bringing a store to the schema of this version, step by step and all at once.

The number of the schema is recorded in `meta`. A new store is made from tables.py directly; an older one is backed up
and taken through every later step in one transaction, each recorded. A newer one is refused. To change the schema:
change tables.py, append a step that does the same to an existing store, and keep a dump of the old one for the tests.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime

from peewee import MySQLDatabase

from reconciler.errors import StoreError, StoreNewer
from reconciler.store.database import Database
from reconciler.store.sqlite import back_up
from reconciler.store.tables import (
    TABLES,
    VIEWS,
    AttachmentLinkRow,
    FeedRow,
    MemoryRow,
    MetaRow,
    MetRow,
    RemainsRow,
    SweepRow,
)

FIRST_SCHEMA = 1

_VERSION_KEY = "schema_version"


@dataclass(frozen=True, slots=True)
class Migration:
    """One step: `apply` leads a store from the schema before `version` to `version`, within a transaction."""

    version: int
    name: str
    apply: Callable[[Database], None]


def _add_sweeps(database: Database) -> None:
    database.create_tables([SweepRow, MetRow])


def _add_attachments(database: Database) -> None:
    database.create_tables([AttachmentLinkRow])


def _add_remains(database: Database) -> None:
    database.create_tables([RemainsRow])


def _add_feed(database: Database) -> None:
    database.create_tables([FeedRow])
    database.create_views({"changes": VIEWS["changes"]})


def _add_memories(database: Database) -> None:
    database.create_tables([MemoryRow])


MIGRATIONS: tuple[Migration, ...] = (
    Migration(2, "a sweep goes on where it was", _add_sweeps),
    Migration(3, "attachments are carried", _add_attachments),
    Migration(4, "what hung on ended pairs is remembered", _add_remains),
    Migration(5, "changes are kept as a feed", _add_feed),
    Migration(6, "what is renamed in a tracker is followed", _add_memories),
)
"""Every step since the first released schema, in order of version."""


def newest(migrations: Sequence[Migration] = MIGRATIONS) -> int:
    return migrations[-1].version if migrations else FIRST_SCHEMA


def version_of(database: Database) -> int | None:
    """The store's schema; None where nothing was stored yet. Raises StoreError for a database of something else."""
    tables = database.tables()
    if MetaRow._meta.table_name not in tables:
        if tables and database.path is not None:
            raise StoreError(f"{database.name} is a database of another program; name another file")
        return None
    found = database.scalar(MetaRow.select(MetaRow.value).where(MetaRow.key == _VERSION_KEY))
    if found is None:
        raise StoreError(f"{database.name} is a database of another program; name another one")
    return int(found)


def refuse_newer(database: Database, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Raises StoreNewer for a store that this version must not touch. Reads only."""
    version = version_of(database)
    if version is not None and version > newest(migrations):
        raise StoreNewer(
            f"{database.name} was written by a newer version (schema {version}, this one knows {newest(migrations)}); "
            "it was not touched; use that version"
        )


def migrate(database: Database, now: datetime, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Makes or updates the schema; nothing happens where it is current. Raises StoreNewer and StoreError, and then the
    store is as it was (on MySQL, which commits every change of a table by itself, only up to the failed step)."""
    refuse_newer(database, migrations)
    version = version_of(database)
    if version is None:
        with _at_once(database):
            _create(database, now, newest(migrations))
    elif version < newest(migrations):
        back_up(database, now)
        with _at_once(database):
            for step in migrations:
                if step.version > version:
                    _apply(database, step, now)


def require_current(database: Database, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Raises StoreError where a store opened for reading is empty or of an older schema, StoreNewer where newer."""
    refuse_newer(database, migrations)
    version = version_of(database)
    if version is None:
        raise StoreError(f"{database.name} is empty yet; the first sync fills it")
    if version < newest(migrations):
        raise StoreError(f"{database.name} is of an older version (schema {version}); sync or run updates it")


def _at_once(database: Database) -> AbstractContextManager[None]:
    """A transaction, except on MySQL, where every change of a table ends the transaction that it is in."""
    return nullcontext() if isinstance(database.backend, MySQLDatabase) else database.transaction()


def _create(database: Database, now: datetime, version: int) -> None:
    database.create_tables(TABLES)
    database.create_views(VIEWS)
    database.add(MetaRow, key=_VERSION_KEY, value=str(version))
    database.add(MetaRow, key="instance_id", value=uuid.uuid4().hex)
    database.add(MetaRow, key="created_at", value=now.isoformat())


def _apply(database: Database, step: Migration, now: datetime) -> None:
    step.apply(database)
    database.upsert(MetaRow, {"key": _VERSION_KEY}, {"value": str(step.version)})
    database.upsert(MetaRow, {"key": f"migration:{step.version}"}, {"value": f"{step.name} {now.isoformat()}"})
