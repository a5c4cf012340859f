"""Servers: opening and locking a store on PostgreSQL or MySQL/MariaDB.

The lock belongs to the connection, so a lost connection is a lost lock: it is never made again silently, the store
fails from then on and the process has to be started anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from hashlib import blake2b
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import peewee

from reconciler.errors import StoreError, StoreLocked
from reconciler.store.database import Database, told

_LOCK_NAME = "reconciler"

_PROBES = {"tcp_keepalives_idle": 30, "tcp_keepalives_interval": 10, "tcp_keepalives_count": 3}

_MYSQL_IDLE_S = 31_536_000
"""MySQL's longest wait_timeout: a quiet store keeps its connection, and with it its lock."""

_MYSQL_FOUND_ROWS = 2
"""CLIENT.FOUND_ROWS: an update says how many rows it met, as on every other database, not how many it changed."""

_MYSQL_TYPES = {"BLOB": "LONGBLOB", "TEXT": "LONGTEXT"}
"""Bodies and sentences may be longer than the 64 KiB of MySQL's BLOB and TEXT."""

Examine = Callable[[Database], None]


def open_postgresql(url: str, *, read_only: bool, examine: Examine) -> Database:
    """Opens the store and takes its lock, or does neither. Raises StoreError and StoreLocked."""
    address = f"postgresql://{url.partition('://')[2]}"
    backend = peewee.PostgresqlDatabase(address, prefer_psycopg3=True, thread_safe=False, autoconnect=False)
    with _connected(backend, url, read_only=read_only, farewell="SELECT pg_advisory_unlock_all()") as database:
        if read_only:
            database.sql("SET default_transaction_read_only = on")
            database.sql("SET default_transaction_isolation = 'repeatable read'")
        else:
            database.sql("SET synchronous_commit = on")
            # The lock of a machine that vanished is free within a minute instead of two hours.
            for name, value in _PROBES.items():
                database.sql(f"SET {name} = {value}")
            number = int.from_bytes(blake2b(_LOCK_NAME.encode(), digest_size=7).digest())
            _require_lock(database, "SELECT pg_try_advisory_lock(%s)", number)
            database.reopen = partial(open_postgresql, url, read_only=True, examine=lambda _: None)
        examine(database)
    return database


def open_mysql(url: str, *, read_only: bool, examine: Examine) -> Database:
    """Opens the store and takes its lock, or does neither. Raises StoreError and StoreLocked."""
    backend = peewee.MySQLDatabase(
        thread_safe=False,
        autoconnect=False,
        field_types=_MYSQL_TYPES,
        client_flag=_MYSQL_FOUND_ROWS,
        **_mysql_options(url),
    )
    with _connected(backend, url, read_only=read_only, farewell="DO RELEASE_ALL_LOCKS()") as database:
        database.sql(f"SET SESSION wait_timeout = {_MYSQL_IDLE_S}")
        # Strict: what does not fit is an error and never cut off silently.
        database.sql("SET SESSION sql_mode = CONCAT(@@SESSION.sql_mode, ',STRICT_ALL_TABLES')")
        if read_only:
            database.sql("SET SESSION TRANSACTION READ ONLY")
        else:
            _require_lock(database, "SELECT GET_LOCK(CONCAT(%s, '/', DATABASE()), 0)", _LOCK_NAME)
            database.reopen = partial(open_mysql, url, read_only=True, examine=lambda _: None)
        examine(database)
    return database


def _mysql_options(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    options: dict[str, Any] = {
        "database": unquote(parts.path.removeprefix("/")),
        "host": parts.hostname or "localhost",
        "port": parts.port or 3306,
        **dict(parse_qsl(parts.query)),
    }
    if parts.username:
        options["user"] = unquote(parts.username)
    if parts.password:
        options["password"] = unquote(parts.password)
    return options


@contextmanager
def _connected(backend: peewee.Database, url: str, *, read_only: bool, farewell: str) -> Iterator[Database]:
    """The connected database; closed again when anything is raised within.

    `farewell` gives the lock up. A server that merely sees the connection end does so a moment later, which would turn
    away whoever opens the store right after.
    """
    name = _name_of(url)
    try:
        with told(name):
            backend.connect()
    except StoreError as error:
        # Without its cause: drivers may repeat the address, and with it the password.
        raise StoreError(_without_password(str(error), url)) from None
    database = Database(backend, name, read_only=read_only, farewell=farewell)
    try:
        yield database
    except BaseException:
        database.close()
        raise


def _require_lock(database: Database, statement: str, lock: int | str) -> None:
    if not database.sql(statement, (lock,))[0][0]:
        raise StoreLocked(f"another running instance holds {database.name}; stop it first")


def _name_of(url: str) -> str:
    """The address without user, password and options, for people."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{place}{parts.path}"


def _without_password(sentence: str, url: str) -> str:
    password = urlsplit(url).password
    if password:
        for spelling in {password, unquote(password)}:
            sentence = sentence.replace(spelling, "***")
    return sentence
