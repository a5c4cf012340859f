"""Lease: who was overtaken, or whose store was exchanged or has failed, writes nothing more and is told why."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg
import pymysql
import pytest

from reconciler.clock import VirtualClock
from reconciler.errors import StoreError, StoreLocked
from reconciler.store import Store, sqlite
from reconciler.store.sqlite import room_kept
from tests.store.builders import intent, pair

Open = Callable[..., Store]

MB = 1 << 20
GB = 1 << 30


def end_sessions(url: str) -> None:
    """What an administrator, a fail-over or a server that missed a sleeping machine does."""
    if url.startswith("postgresql"):
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        return
    parts = urlsplit(url)
    socket, database = parse_qs(parts.query)["unix_socket"][0], parts.path.removeprefix("/")
    with pymysql.connect(user="root", unix_socket=socket) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT id FROM information_schema.processlist WHERE db = %s", (database,))
        for (number,) in cursor.fetchall():
            cursor.execute(f"KILL {number}")


@pytest.fixture(params=["lock file deleted", "postgresql session ended", "mysql session ended"])
def overtaken(request: pytest.FixtureRequest, open_store: Open) -> tuple[Store, Store]:
    """Two open stores at one place: the first lost its lock without noticing, the second has it."""
    if request.param == "lock file deleted":
        url = request.getfixturevalue("sqlite_url")
        first = open_store(url)
        request.getfixturevalue("path").with_name("store.db.lock").unlink()
    else:
        url = request.getfixturevalue(f"new_{request.param.split()[0]}_url")
        first = open_store(url)
        end_sessions(url)
    return first, open_store(url)


def test_who_was_overtaken_commits_nothing_and_may_send_nothing(overtaken: tuple[Store, Store]) -> None:
    first, second = overtaken
    second.permit()
    pair(second)
    writes: list[Callable[[], Any]] = [
        first.permit,
        lambda: first.open_intent(intent()),
        lambda: first.set_meta("a", "b"),
        lambda: pair(first, "L2", "R2"),
        first.prune,
    ]
    for write in writes:
        with pytest.raises(StoreLocked, match=r"another instance took over .*; let only one run"):
            write()
    assert second.count_links("web") == 1
    assert second.open_intents() == []
    assert second.meta("a") is None
    second.permit()


def test_a_transaction_under_way_when_the_session_ends_is_taken_back(new_postgresql_url: str, open_store: Open) -> None:
    first = open_store(new_postgresql_url)

    def write_while_overtaken() -> None:
        with first.transaction():
            pair(first)
            end_sessions(new_postgresql_url)
            second.append(open_store(new_postgresql_url))
            pair(first, "L2", "R2")

    second: list[Store] = []
    with pytest.raises(StoreLocked, match="took over"):
        write_while_overtaken()
    assert second[0].count_links("web") == 0


@pytest.mark.parametrize("kind", ["new_postgresql", "new_mysql"])
def test_a_lost_session_without_a_successor_is_a_failed_store(
    kind: str, request: pytest.FixtureRequest, open_store: Open
) -> None:
    url = request.getfixturevalue(f"{kind}_url")
    store = open_store(url)
    end_sessions(url)
    with pytest.raises(StoreError) as failure:
        store.permit()
    assert not isinstance(failure.value, StoreLocked)


def test_a_store_that_failed_once_lets_nothing_be_sent_any_more(path: Path, sqlite_store: Store) -> None:
    sqlite_store._db.sql("PRAGMA busy_timeout = 1")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="stayed locked by another program"):
        sqlite_store.set_meta("a", "b")
    other.execute("ROLLBACK")
    other.close()
    with pytest.raises(StoreError, match="stayed locked by another program"):
        sqlite_store.permit()


@pytest.mark.parametrize("what", ["deleted", "replaced"])
def test_a_file_taken_away_under_an_open_store(what: str, path: Path, sqlite_store: Store) -> None:
    pair(sqlite_store)
    backup = sqlite_store.back_up()
    assert backup is not None
    for file in path.parent.glob("store.db*"):
        if file != backup:
            file.unlink()
    if what == "replaced":
        shutil.copy(backup, path)
    with pytest.raises(StoreError, match="was deleted or replaced while it was in use"):
        pair(sqlite_store, "L2", "R2")
    with pytest.raises(StoreError, match="was deleted or replaced while it was in use"):
        sqlite_store.permit()
    assert path.exists() == (what == "replaced")


def test_an_answer_that_a_pause_may_have_outdated_is_asked_for_again(
    sqlite_store: Store, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    prove = sqlite_store._db.prove
    asked = []

    def paused_at_first() -> None:
        prove()
        asked.append(None)
        clock.advance(60 if len(asked) == 1 else 0)

    monkeypatch.setattr(sqlite_store._db, "prove", paused_at_first)
    sqlite_store.permit()
    assert len(asked) == 2


# --- room on the disk ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("volume", "kept"),
    [(40 * MB, 10 * MB), (200 * MB, 50 * MB), (GB, 64 * MB), (10 * GB, 512 * MB), (4000 * GB, GB)],
)
def test_how_much_of_a_disk_is_kept_free(volume: int, kept: int) -> None:
    assert room_kept(volume) == kept


def test_a_nearly_full_disk_lets_nothing_new_be_intended_and_everything_else_be_kept(
    path: Path, sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    under_way = sqlite_store.open_intent(intent())
    monkeypatch.setattr(sqlite.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10 * GB, 10 * GB, 511 * MB))
    with pytest.raises(StoreError, match=r"nearly full \(511 MB free, 512 MB are kept .*free some space"):
        sqlite_store.open_intent(intent())
    pair(sqlite_store)
    sqlite_store.close_intent(under_way, "done")
    assert sqlite_store.open_intents() == []
