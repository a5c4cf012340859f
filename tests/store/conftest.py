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
def postgresql_url(postgresql: str | None) -> str:
    if postgresql is None:
        pytest.skip("PostgreSQL is not installed")
    name = f"store_{next(_numbers)}"
    with psycopg.connect(postgresql.format("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return postgresql.format(name)


@pytest.fixture
def mysql_url(mysql: str | None) -> str:
    if mysql is None:
        pytest.skip("MariaDB is not installed")
    name = f"store_{next(_numbers)}"
    socket = parse_qs(urlsplit(mysql).query)["unix_socket"][0]
    with pymysql.connect(user="root", unix_socket=socket) as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    return mysql.format(name)


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
