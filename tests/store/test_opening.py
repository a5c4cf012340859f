"""Opening: a store is locked, examined and current, or one sentence says why not and nothing is touched."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from reconciler.clock import VirtualClock
from reconciler.errors import StoreError, StoreLocked, StoreNewer
from reconciler.store import Store
from tests.store.builders import pair

Open = Callable[..., Store]

HOLD = """
import sys
from reconciler.clock import SystemClock
from reconciler.store import Store
store = Store.open(sys.argv[1], clock=SystemClock())
print("open", flush=True)
sys.stdin.read()
"""
"""Holds a store open until its input ends or it is killed."""


def hold(url: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    return process


def pair_many(store: Store, total: int) -> None:
    with store.transaction():
        for number in range(total):
            pair(store, f"L-{number}", f"R-{number}")


def set_version(path: Path, version: str) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE meta SET value = ? WHERE key = 'schema_version'", (version,))
    connection.close()


# --- the lock ------------------------------------------------------------------------------------------------------


def test_a_second_process_is_refused_until_the_first_one_is_killed(new_url: str, open_store: Open) -> None:
    first = hold(new_url)
    try:
        with pytest.raises(StoreLocked, match="another running instance holds"):
            open_store(new_url)
    finally:
        first.kill()
        first.communicate()
    if new_url.startswith("sqlite"):
        # Servers notice a dead client in their own time; the operating system frees a file lock at once.
        open_store(new_url)


def test_a_second_opening_in_the_same_process_is_refused_too(url: str, open_store: Open) -> None:
    first = open_store(url)
    with pytest.raises(StoreLocked):
        open_store(url)
    first.close()
    first.close()
    open_store(url)


def test_a_failed_opening_gives_the_lock_back(path: Path, sqlite_url: str, open_store: Open) -> None:
    path.write_bytes(b"this is a letter, not a database")
    with pytest.raises(StoreError):
        open_store(sqlite_url)
    path.unlink()
    open_store(sqlite_url)


# --- reading beside a writer ---------------------------------------------------------------------------------------


def test_a_reader_sees_what_is_committed_while_another_process_holds_the_store(
    sqlite_url: str, open_store: Open
) -> None:
    first = open_store(sqlite_url)
    pair(first)
    first.close()
    writer = hold(sqlite_url)
    try:
        assert open_store(sqlite_url, read_only=True).count_links("web") == 1
    finally:
        writer.communicate()


def test_a_reader_sees_nothing_of_an_unfinished_transaction(url: str, open_store: Open) -> None:
    writer = open_store(url)
    reader = open_store(url, read_only=True)
    with writer.transaction():
        pair(writer)
        assert reader.count_links("web") == 0
    assert reader.count_links("web") == 1


def test_within_a_readers_transaction_nothing_changes(url: str, open_store: Open) -> None:
    writer = open_store(url)
    reader = open_store(url, read_only=True)
    with reader.transaction():
        assert reader.count_links("web") == 0
        pair(writer)
        assert reader.count_links("web") == 0
    assert reader.count_links("web") == 1


def test_a_reader_cannot_write(url: str, open_store: Open) -> None:
    open_store(url)
    reader = open_store(url, read_only=True)
    with pytest.raises(StoreError, match="reading only"):
        reader.set_meta("a", "b")
    with pytest.raises(StoreError, match="reading only"), reader.transaction():
        pair(reader)
    with pytest.raises(StoreError, match=r"read-?only|cannot be written"):
        reader._db.sql("INSERT INTO meta VALUES ('a', 'b')")
    assert reader.meta("a") is None


def test_a_reader_leaves_the_writers_log_alone(
    path: Path, sqlite_url: str, sqlite_store: Store, open_store: Open
) -> None:
    """Before 3.51.3, SQLite may damage a store whose log two connections write back."""
    pair(sqlite_store)
    wal = path.with_name("store.db-wal")
    before = wal.read_bytes()
    assert before
    reader = open_store(sqlite_url, read_only=True)
    with suppress(StoreError):
        reader._db.sql("PRAGMA wal_checkpoint(TRUNCATE)")
    reader.close()
    assert wal.read_bytes() == before


def test_a_reader_of_a_missing_store_is_told_so_and_makes_nothing(
    path: Path, sqlite_url: str, open_store: Open
) -> None:
    with pytest.raises(StoreError, match=r"there is no store at .*store\.db yet"):
        open_store(sqlite_url, read_only=True)
    assert list(path.parent.iterdir()) == []


def test_a_reader_of_an_empty_database_is_told_so(new_postgresql_url: str, open_store: Open) -> None:
    with pytest.raises(StoreError, match="is empty yet"):
        open_store(new_postgresql_url, read_only=True)


# --- what must stay untouched --------------------------------------------------------------------------------------


@pytest.mark.parametrize("read_only", [False, True])
def test_a_newer_store_is_refused_and_stays_byte_for_byte(
    path: Path, sqlite_url: str, open_store: Open, read_only: bool
) -> None:
    open_store(sqlite_url).close()
    set_version(path, "99")
    before = path.read_bytes()
    with pytest.raises(StoreNewer, match=r"newer version \(schema 99, this one knows \d+\)"):
        open_store(sqlite_url, read_only=read_only)
    assert path.read_bytes() == before


def test_a_newer_store_that_was_killed_keeps_its_unfinished_log_too(
    path: Path, sqlite_url: str, open_store: Open
) -> None:
    open_store(sqlite_url).close()
    dying = "import os, sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
    dying += "c.execute(\"UPDATE meta SET value = '99' WHERE key = 'schema_version'\"); os._exit(9)"
    subprocess.run([sys.executable, "-c", dying, str(path)], check=False)
    wal = path.with_name("store.db-wal")
    before = path.read_bytes(), wal.read_bytes()
    with pytest.raises(StoreNewer):
        open_store(sqlite_url)
    assert (path.read_bytes(), wal.read_bytes()) == before


def test_a_newer_store_is_refused_on_every_database_and_its_lock_given_back(new_url: str, open_store: Open) -> None:
    store = open_store(new_url)
    store.set_meta("schema_version", "99")
    store.close()
    for read_only in (True, False, False):
        with pytest.raises(StoreNewer):
            open_store(new_url, read_only=read_only)


@pytest.mark.parametrize("content", [b"a letter to somebody\n" * 50, b"SQLite format 2\x00" + bytes(500)])
def test_a_file_that_is_no_database_is_refused_untouched(
    path: Path, sqlite_url: str, open_store: Open, content: bytes
) -> None:
    path.write_bytes(content)
    with pytest.raises(StoreError, match="is not a store"):
        open_store(sqlite_url)
    assert path.read_bytes() == content


def test_another_programs_database_is_refused_untouched(path: Path, sqlite_url: str, open_store: Open) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="a database of another program"):
        open_store(sqlite_url)
    assert path.read_bytes() == before


def test_a_damaged_store_is_refused_untouched(path: Path, sqlite_url: str, open_store: Open) -> None:
    store = open_store(sqlite_url)
    pair_many(store, 50)
    store.close()
    content = bytearray(path.read_bytes())
    content[4096 * 3 : -4096] = b"\xaa" * len(content[4096 * 3 : -4096])
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"damaged.*restore a backup"):
        open_store(sqlite_url)
    assert path.read_bytes() == bytes(content)


def test_a_store_whose_tail_is_missing_is_refused(path: Path, sqlite_url: str, open_store: Open) -> None:
    open_store(sqlite_url).close()
    path.write_bytes(path.read_bytes()[: 4096 * 2])
    with pytest.raises(StoreError, match="restore a backup"):
        open_store(sqlite_url)


def test_a_table_of_another_program_on_a_server_is_not_taken_over(new_postgresql_url: str, open_store: Open) -> None:
    with psycopg.connect(new_postgresql_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE event (what TEXT)")
    with pytest.raises(StoreError, match="already exists"):
        open_store(new_postgresql_url)
    with psycopg.connect(new_postgresql_url) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    assert tables == [("event",)]


# --- where a store cannot be ---------------------------------------------------------------------------------------


def test_missing_folders_are_made(tmp_path: Path, open_store: Open) -> None:
    open_store(f"sqlite:///{tmp_path}/a/b/store.db")
    assert (tmp_path / "a" / "b" / "store.db").is_file()


def test_a_path_with_blanks_and_signs_is_taken_literally(tmp_path: Path, open_store: Open) -> None:
    path = tmp_path / "my store #1?.db"
    url = f"sqlite:///{tmp_path}/my%20store%20%231%3F.db"
    open_store(url)
    assert path.is_file()
    assert open_store(url, read_only=True).count_links("web") == 0


@pytest.mark.parametrize("read_only", [False, True])
def test_a_path_below_a_file_is_refused_in_one_sentence(tmp_path: Path, open_store: Open, read_only: bool) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError) as refusal:
        open_store(f"sqlite:///{tmp_path}/file/store.db", read_only=read_only)
    assert "\n" not in str(refusal.value)
    assert f"{tmp_path}/file/store.db" in str(refusal.value)


def test_a_folder_is_no_store(tmp_path: Path, open_store: Open) -> None:
    with pytest.raises(StoreError, match="cannot be"):
        open_store(f"sqlite:///{tmp_path}")


def test_a_folder_that_takes_no_files_is_refused(open_store: Open) -> None:
    with pytest.raises(StoreError, match="cannot be used as a store"):
        open_store("sqlite:////proc/store.db")


def test_a_full_disk_is_named_and_loses_nothing_committed(sqlite_store: Store) -> None:
    pair(sqlite_store)
    sqlite_store._db.sql("PRAGMA max_page_count = 1")  # the smallest SQLite allows: what it has now
    with pytest.raises(StoreError, match=r"the disk that holds .*store\.db is full"):
        pair_many(sqlite_store, 200)
    assert sqlite_store.count_links("web") == 1
    sqlite_store._db.sql("PRAGMA max_page_count = 1000000")
    pair(sqlite_store, "L2", "R2")
    assert sqlite_store.count_links("web") == 2


def test_a_file_locked_by_another_program_is_named(
    path: Path, sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqlite_store._db.sql("PRAGMA busy_timeout = 1")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="stayed locked by another program"):
        sqlite_store.set_meta("a", "b")
    other.execute("ROLLBACK")
    other.close()
    sqlite_store.set_meta("a", "b")
    assert sqlite_store.meta("a") == "b"


@pytest.mark.parametrize("url", ["store.db", "", "oracle://host/db", "sqlite:store.db"])
def test_an_address_of_no_known_kind_is_refused_with_those_that_are(open_store: Open, url: str) -> None:
    with pytest.raises(StoreError, match="must begin with sqlite:///, postgresql:// or mysql://"):
        open_store(url)


@pytest.mark.parametrize("scheme", ["postgresql", "mysql"])
def test_an_unreachable_server_is_named_without_its_credentials(open_store: Open, scheme: str) -> None:
    with pytest.raises(StoreError, match=rf"{scheme}://127.0.0.1:1/db: ") as refusal:
        open_store(f"{scheme}://someone:test-pass%40word@127.0.0.1:1/db")
    assert "test-pass" not in str(refusal.value)
    assert refusal.value.__cause__ is None


def test_an_address_that_the_driver_repeats_is_told_without_the_password(open_store: Open) -> None:
    with pytest.raises(StoreError) as refusal:
        open_store("postgresql://someone:test-pass%zzword@127.0.0.1:1/db")
    assert "test-pass" not in str(refusal.value)


def test_a_store_in_memory_needs_no_file_and_no_lock(clock: VirtualClock) -> None:
    with Store.open("sqlite:///:memory:", clock=clock) as one, Store.open("sqlite://", clock=clock) as other:
        pair(one)
        assert (one.count_links("web"), other.count_links("web")) == (1, 0)
        assert one.back_up() is None


PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "journal_size_limit": 16 << 20}


def test_the_file_is_kept_safely(sqlite_store: Store) -> None:
    pragmas = {name: sqlite_store._db.sql(f"PRAGMA {name}")[0][0] for name in PRAGMAS}
    assert pragmas == PRAGMAS
