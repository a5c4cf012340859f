"""A store of every kind: SQLite always, PostgreSQL and MariaDB where they are installed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pymysql
import pytest

from reconciler.clock import VirtualClock
from reconciler.store import Store
from reconciler.store.opening import open_database
from reconciler.store.tables import TABLES, MetaRow
from tests.store import servers

_numbers = count(1)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str | None]:
    with servers.postgresql() as url:
        yield url


@pytest.fixture(scope="session")
def mysql() -> Iterator[str | None]:
    with servers.mysql() as url:
        yield url


@pytest.fixture
def new_postgresql_url(postgresql: str | None) -> str:
    """An empty database of its own."""
    if postgresql is None:
        pytest.skip("PostgreSQL is not installed")
    name = f"store_{next(_numbers)}"
    with psycopg.connect(postgresql.format("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return postgresql.format(name)


@pytest.fixture
def new_mysql_url(mysql: str | None) -> str:
    """An empty database of its own."""
    if mysql is None:
        pytest.skip("MariaDB is not installed")
    name = f"store_{next(_numbers)}"
    socket = parse_qs(urlsplit(mysql).query)["unix_socket"][0]
    with pymysql.connect(user="root", unix_socket=socket) as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    return mysql.format(name)


@pytest.fixture
def postgresql_url(request: pytest.FixtureRequest) -> str:
    return _reused(request, "new_postgresql_url")


@pytest.fixture
def mysql_url(request: pytest.FixtureRequest) -> str:
    return _reused(request, "new_mysql_url")


_made: dict[str, str] = {}


def _reused(request: pytest.FixtureRequest, kind: str) -> str:
    """A database whose tables are emptied between tests, which takes a tenth of making them."""
    if kind not in _made:
        _made[kind] = request.getfixturevalue(kind)
        return _made[kind]
    database = open_database(_made[kind], clock=VirtualClock(), read_only=False)
    with database.transaction():
        for table in reversed(TABLES):
            everything = table.delete()
            if table is MetaRow:
                everything = everything.where(MetaRow.key.not_in(("schema_version", "instance_id")))
            database.execute(everything)
    database.close()
    return _made[kind]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def sqlite_url(path: Path) -> str:
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgresql", "mysql"])
def url(request: pytest.FixtureRequest) -> str:
    chosen: str = request.getfixturevalue(f"{request.param}_url")
    return chosen


@pytest.fixture(params=["sqlite", "new_postgresql", "new_mysql"])
def new_url(request: pytest.FixtureRequest) -> str:
    """A store of its own, for tests that leave it changed or its lock behind."""
    chosen: str = request.getfixturevalue(f"{request.param}_url")
    return chosen


@pytest.fixture
def open_store(clock: VirtualClock) -> Iterator[Callable[..., Store]]:
    """Opens stores that are closed at the end, newest first."""
    opened: list[Store] = []

    def open_(url: str, *, read_only: bool = False) -> Store:
        opened.append(Store.open(url, clock=clock, read_only=read_only))
        return opened[-1]

    yield open_
    for store in reversed(opened):
        store.close()


@pytest.fixture
def store(url: str, open_store: Callable[..., Store]) -> Store:
    return open_store(url)


@pytest.fixture
def sqlite_store(sqlite_url: str, open_store: Callable[..., Store]) -> Store:
    return open_store(sqlite_url)
