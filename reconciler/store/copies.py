"""Copies: a store taken out of the way as one file, and put back, by a person's word.

Only SQLite stores are files; servers have tools of their own, which are named. A copy is made while others read and
write the store, and shows one moment of it. Nothing takes a store's place before it was examined.
"""

from __future__ import annotations

import os
import shutil
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from reconciler.errors import ConfigError, StoreError, StoreMissing
from reconciler.store.database import Database
from reconciler.store.migrations import refuse_newer, version_of
from reconciler.store.sqlite import files_told, for_reading, lock, path_of, require_sqlite

_SERVERS = {
    "postgresql": "pg_dump -Fc DATABASE >FILE, and pg_restore --clean -d DATABASE FILE while no instance runs",
    "postgres": "pg_dump -Fc DATABASE >FILE, and pg_restore --clean -d DATABASE FILE while no instance runs",
    "mysql": "mysqldump --single-transaction DATABASE >FILE, and mysql DATABASE <FILE while no instance runs",
    "mariadb": "mysqldump --single-transaction DATABASE >FILE, and mysql DATABASE <FILE while no instance runs",
}


def copy_out(url: str, to: Path) -> None:
    """Writes the store as it is now into a new file, examined. Raises ConfigError for a store that is no file, or a
    file that exists; StoreError and its kinds, and then leaves no file."""
    path = _file_of(url)
    if to.exists():
        raise ConfigError([f"{to} exists; name a new file, nothing is overwritten"])
    if not path.is_file():
        raise StoreMissing(f"there is no store at {path} yet; the first sync makes it")
    require_sqlite(path)
    unfinished = to.with_name(f"{to.name}.unfinished")
    try:
        _duplicate(path, unfinished)
        with files_told(to):
            unfinished.rename(to)
            _persist(to.parent)
    finally:
        unfinished.unlink(missing_ok=True)


def put_back(url: str, copy: Path, at: datetime) -> Path | None:
    """Puts a copy in the store's place. Returns where the store that was there is kept, None where there was none.
    Raises StoreLocked where an instance holds the store, StoreNewer for a copy of a newer version, StoreError for one
    that is damaged or no store, ConfigError for a store that is no file; and then the store is as it was."""
    path = _file_of(url)
    if not copy.is_file():
        raise ConfigError([f"{copy}: there is no such file"])
    require_sqlite(copy)
    with files_told(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    held = lock(path)
    incoming = path.with_name(f"{path.name}.incoming")
    try:
        incoming.unlink(missing_ok=True)
        _duplicate(copy, incoming)
        with files_told(path):
            kept = _keep(path, at) if path.exists() else None
            incoming.replace(path)
            _persist(path.parent)
        return kept
    finally:
        incoming.unlink(missing_ok=True)
        held.release()


def _file_of(url: str) -> Path:
    scheme = url.partition("://")[0]
    if scheme in _SERVERS:
        raise ConfigError([f"the store is kept by a server, which has its own tools: {_SERVERS[scheme]}"])
    path = path_of(url)
    if path is None:
        raise ConfigError(["a store in memory ends with its process; there is nothing to copy or to put back"])
    return path


def _duplicate(source: Path, target: Path) -> None:
    """A complete, examined duplicate, with what is still in the log beside the source."""
    with files_told(target):
        target.unlink(missing_ok=True)
        target.touch(mode=0o600)  # titles and texts of others are in it
        with closing(for_reading(source)) as database:
            _examine(database)
            database.sql("PRAGMA query_only = 0")  # what is written is the new file; the source is opened for reading
            database.sql("VACUUM INTO ?", (str(target),))
        with target.open("rb") as file:
            os.fsync(file.fileno())
    with closing(for_reading(target, undisturbed=True)) as database:
        _examine(database)


def _examine(database: Database) -> None:
    findings = [str(row[0]) for row in database.sql("PRAGMA integrity_check(1)")]
    if findings != ["ok"]:
        raise StoreError(f"{database.name} is damaged ({' '.join(findings)}); use another copy")
    if version_of(database) is None:
        raise StoreError(f"{database.name} is no store; name a copy that `backup` made, or {database.name}.*.backup")
    refuse_newer(database)


def _keep(path: Path, at: datetime) -> Path:
    """Puts the store, with its log, under another name beside it, and leaves it where it is: at no moment there is no
    store, which would be made anew and empty."""
    kept = path.with_name(f"{path.name}.{at:%Y%m%dT%H%M%SZ}.replaced")
    for ending in ("", "-wal"):
        file, name = path.with_name(f"{path.name}{ending}"), kept.with_name(f"{kept.name}{ending}")
        if file.exists():
            name.unlink(missing_ok=True)
            try:
                os.link(file, name)
            except OSError:
                shutil.copy2(file, name)
    # A log would be taken for that of the store that comes.
    for ending in ("-wal", "-shm"):
        path.with_name(f"{path.name}{ending}").unlink(missing_ok=True)
    return kept


def _persist(folder: Path) -> None:
    with suppress(OSError):  # not every system can do it for a folder
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
