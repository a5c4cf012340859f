"""SQLite: opening, locking, checking and backing up a store that is one file.

The lock is a file beside the store, held for as long as the store is open; the operating system frees it when the
process dies, however it dies. A file that another version wrote, or that is no store, is examined without being
touched before anything is allowed to write to it.
"""

from __future__ import annotations

import glob
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import peewee
from filelock import FileLock, Timeout

from reconciler.errors import StoreError, StoreLocked, StoreMissing
from reconciler.store.database import Database, told

BUSY_S = 10
"""How long to wait for another program (a backup, a shell) to let go of the file."""

BACKUPS_KEPT = 3

IN_MEMORY = ":memory:"

_MAGIC = b"SQLite format 3\x00"

_PRAGMAS: Mapping[str, int | str] = {
    "busy_timeout": BUSY_S * 1000,
    "journal_mode": "wal",
    # A committed intent must survive a power loss; NORMAL may take it back (reliability.md 3.2).
    "synchronous": "full",
    "foreign_keys": 1,
    # The log that a long transaction or a slow reader blew up is made small again.
    "journal_size_limit": 16 << 20,
}


def path_of(url: str) -> Path | None:
    """The file named by a sqlite:/// address; None for a store in memory."""
    rest = unquote(url.removeprefix("sqlite://")).removeprefix("/")
    return None if rest in ("", IN_MEMORY) else Path(rest)


def open_sqlite(url: str, *, read_only: bool, examine: Callable[[Database], None]) -> Database:
    """Opens the store and takes its lock, or does neither. Raises StoreError and StoreLocked.

    `examine` is given an existing file, opened so that it cannot be touched, and raises where it must stay so.
    """
    path = path_of(url)
    if path is None:
        return _connected(IN_MEMORY, "the store in memory", pragmas={"foreign_keys": 1})
    return _open_reader(path, examine) if read_only else _open_writer(path, examine)


def back_up(database: Database, at: datetime) -> Path | None:
    """Writes a complete copy of the store beside it and keeps the newest few. Returns its path; None for a store that
    is not a file. Raises StoreError, and then keeps the copies there are. Must not be called within a transaction."""
    path = database.path
    if path is None:
        return None
    copy = path.with_name(f"{path.name}.{at:%Y%m%dT%H%M%SZ}.backup")
    unfinished = copy.with_suffix(".unfinished")
    with files_told(path):
        unfinished.unlink(missing_ok=True)
        try:
            database.sql("VACUUM INTO ?", (str(unfinished),))
            unfinished.replace(copy)
        finally:
            unfinished.unlink(missing_ok=True)
        for old in _backups(path)[:-BACKUPS_KEPT]:
            old.unlink()
    return copy


def _backups(path: Path) -> list[Path]:
    """Oldest first: their names begin alike and go on with the instant."""
    return sorted(path.parent.glob(f"{glob.escape(path.name)}.*.backup"))


def _open_reader(path: Path, examine: Callable[[Database], None]) -> Database:
    if not path.is_file():
        raise StoreMissing(f"there is no store at {path} yet; the first sync makes it")
    require_sqlite(path)
    database = for_reading(path, undisturbed=_is_sealed(path))
    try:
        examine(database)
    except BaseException:
        database.close()
        raise
    return database


def _is_sealed(path: Path) -> bool:
    """Whether nobody writes and we cannot make the side files that reading beside a writer takes: a copy on a read-only
    disk, another user's folder. Raises StoreError where a writer's last changes lie in such a file, out of reach."""
    if os.access(path.parent, os.W_OK):
        return False
    wal, index = (path.with_name(f"{path.name}-{kind}") for kind in ("wal", "shm"))
    if wal.exists() and not index.exists():
        raise StoreError(
            f"the last changes to {path} are still in {wal.name}, which can be read only where {path.parent} can be"
            " written; look at it as the user that runs reconciler"
        )
    return not wal.exists()


def _open_writer(path: Path, examine: Callable[[Database], None]) -> Database:
    with files_told(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    held = lock(path)
    try:
        if path.exists() and path.stat().st_size:
            require_sqlite(path)
            with closing(for_reading(path, undisturbed=True)) as untouched:
                _require_sound(untouched)
                examine(untouched)
        return _for_writing(path, held)
    except BaseException:
        held.release()
        raise


def _for_writing(path: Path, lock: FileLock) -> Database:
    name = str(path)
    database = _connected(name, name, path=path, pragmas=_PRAGMAS, release=lock.release, lock_type="IMMEDIATE")
    opened = _identity(path)

    def require_in_place() -> None:
        if _identity(path) != opened:
            raise StoreError(
                f"{path} was deleted or replaced while it was in use; nothing was written since; start again"
            )

    def require_room() -> None:
        space = shutil.disk_usage(path.parent)
        if space.free < room_kept(space.total):
            raise StoreError(
                f"the disk that holds {path} is nearly full ({space.free >> 20} MB free, "
                f"{room_kept(space.total) >> 20} MB are kept for what is under way); free some space"
            )

    database.require_in_place, database.require_room = require_in_place, require_room
    return database


def room_kept(volume_bytes: int) -> int:
    """How many bytes of a volume stay free, so that the outcome of every request sent can still be recorded: a
    twentieth, at least 64 MB, at most 1 GB, and no more than a quarter of a tiny volume."""
    return min(max(64 << 20, volume_bytes // 20), 1 << 30, volume_bytes // 4)


def _identity(path: Path) -> tuple[int, int] | None:
    """What tells the file from another one of the same name; None where there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def for_reading(path: Path, *, undisturbed: bool = False) -> Database:
    """`undisturbed`: nobody writes meanwhile, so that no side files need to be made."""
    wal = path.with_name(f"{path.name}-wal")
    quiet = undisturbed and not (wal.exists() and wal.stat().st_size)
    uri = f"file:{quote(str(path.absolute()))}?mode=ro{'&immutable=1' if quiet else ''}"
    pragmas = {"busy_timeout": BUSY_S * 1000, "query_only": 1}
    return _connected(uri, str(path), path=path, pragmas=pragmas, read_only=True, uri=True)


def _connected(
    file: str,
    name: str,
    *,
    pragmas: Mapping[str, int | str],
    path: Path | None = None,
    read_only: bool = False,
    release: Callable[[], None] = lambda: None,
    **options: Any,
) -> Database:
    backend = peewee.SqliteDatabase(
        file,
        pragmas=dict(pragmas),
        timeout=BUSY_S,
        thread_safe=False,
        autoconnect=False,
        check_same_thread=False,
        **options,
    )
    with told(name):
        backend.connect()
    return Database(backend, name, read_only=read_only, path=path, release=release)


def lock(path: Path) -> FileLock:
    file = path.with_name(f"{path.name}.lock")
    lock = FileLock(file, timeout=0, thread_local=False)
    try:
        with files_told(path):
            # A file that cannot be made must not be mistaken for one that somebody holds.
            file.touch()
            lock.acquire()
    except Timeout as error:
        raise StoreLocked(f"another running instance holds {path}; stop it first") from error
    return lock


def require_sqlite(path: Path) -> None:
    with files_told(path), path.open("rb") as file:
        start = file.read(len(_MAGIC))
    if start != _MAGIC:
        raise StoreError(
            f"{path} is not a store, or its beginning is damaged; "
            f"restore a backup ({path}.*.backup) or name another file"
        )


def _require_sound(database: Database) -> None:
    findings = [str(row[0]) for row in database.sql("PRAGMA quick_check(1)")]
    if findings != ["ok"]:
        raise StoreError(
            f"{database.name} is damaged ({' '.join(findings)}); restore a backup ({database.name}.*.backup)"
        )


@contextmanager
def files_told(path: Path) -> Iterator[None]:
    try:
        yield
    except Timeout:
        raise
    except OSError as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise StoreError(f"{path} cannot be used as a store: {reason}") from error
