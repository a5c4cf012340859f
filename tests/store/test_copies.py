"""Backups by a person's word: whole although others write, examined, and never put over a store in use."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from reconciler.clock import VirtualClock
from reconciler.errors import ConfigError, StoreError, StoreLocked, StoreMissing, StoreNewer
from reconciler.store import Store
from reconciler.store.copies import copy_out, put_back
from tests.store.builders import NOON, pair

Open = Callable[..., Store]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return tmp_path / "copies" / "monday.db"


@pytest.fixture(autouse=True)
def folder(copy: Path) -> None:
    copy.parent.mkdir()


def names(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


def test_a_backup_is_made_while_the_store_is_open_and_holds_what_was_just_written(
    sqlite_store: Store, sqlite_url: str, copy: Path, open_store: Open
) -> None:
    link = pair(sqlite_store)
    copy_out(sqlite_url, copy)
    pair(sqlite_store, "L2", "R2")
    assert names(copy.parent) == {"monday.db"}
    taken = open_store(f"sqlite:///{copy}", read_only=True)
    assert [each.id for each in taken.all_links("web")] == [link.id]
    assert taken.instance_id == sqlite_store.instance_id
    assert copy.stat().st_mode & 0o077 == 0


def test_what_a_backup_leaves_alone_while_a_transaction_is_under_way_is_not_in_it(
    sqlite_store: Store, sqlite_url: str, copy: Path, open_store: Open
) -> None:
    with sqlite_store.transaction():
        pair(sqlite_store)
        copy_out(sqlite_url, copy)
    assert open_store(f"sqlite:///{copy}", read_only=True).count_links("web") == 0


def test_a_backup_overwrites_nothing(sqlite_store: Store, sqlite_url: str, copy: Path) -> None:
    copy.write_text("mine")
    with pytest.raises(ConfigError, match="exists"):
        copy_out(sqlite_url, copy)
    assert copy.read_text() == "mine"


def test_no_store_makes_no_backup(sqlite_url: str, copy: Path) -> None:
    with pytest.raises(StoreMissing):
        copy_out(sqlite_url, copy)
    assert names(copy.parent) == set()


def test_a_restored_backup_is_the_store_and_the_one_before_is_kept(
    sqlite_url: str, path: Path, copy: Path, open_store: Open, clock: VirtualClock
) -> None:
    store = open_store(sqlite_url)
    pair(store)
    copy_out(sqlite_url, copy)
    pair(store, "L2", "R2")
    store.close()
    kept = put_back(sqlite_url, copy, NOON)
    restored = open_store(sqlite_url)
    assert restored.count_links("web") == 1
    pair(restored, "L3", "R3")
    assert kept == path.with_name("store.db.20260302T120000Z.replaced")
    assert open_store(f"sqlite:///{kept}", read_only=True).count_links("web") == 2


def test_what_a_killed_instance_left_in_the_log_is_kept_with_the_store_it_belongs_to(
    sqlite_store: Store, sqlite_url: str, tmp_path: Path, copy: Path, open_store: Open
) -> None:
    copy_out(sqlite_url, copy)
    pair(sqlite_store)
    killed = tmp_path / "killed.db"
    for ending in ("", "-wal"):
        killed.with_name(killed.name + ending).write_bytes(Path(f"{tmp_path}/store.db{ending}").read_bytes())
    kept = put_back(f"sqlite:///{killed}", copy, NOON)
    assert open_store(f"sqlite:///{killed}").count_links("web") == 0
    assert open_store(f"sqlite:///{kept}", read_only=True).count_links("web") == 1


def test_a_restore_makes_a_store_where_there_is_none(
    sqlite_store: Store, sqlite_url: str, tmp_path: Path, copy: Path, open_store: Open
) -> None:
    pair(sqlite_store)
    copy_out(sqlite_url, copy)
    elsewhere = f"sqlite:///{tmp_path}/new/store.db"
    assert put_back(elsewhere, copy, NOON) is None
    assert open_store(elsewhere).count_links("web") == 1


def test_a_store_in_use_is_not_replaced(sqlite_store: Store, sqlite_url: str, copy: Path) -> None:
    copy_out(sqlite_url, copy)
    pair(sqlite_store)
    with pytest.raises(StoreLocked):
        put_back(sqlite_url, copy, NOON)
    sqlite_store.permit()
    assert sqlite_store.count_links("web") == 1


def newer(copy: Path) -> None:
    with sqlite3.connect(copy) as connection:
        connection.execute("UPDATE meta SET value = '999' WHERE key = 'schema_version'")
    connection.close()


def cut(copy: Path) -> None:
    copy.write_bytes(copy.read_bytes()[:20_000])


def another_programs(copy: Path) -> None:
    copy.unlink()
    with sqlite3.connect(copy) as connection:
        connection.execute("CREATE TABLE song (title TEXT)")
    connection.close()


def a_text(copy: Path) -> None:
    copy.write_text("not a database, though long enough to be one")


@pytest.mark.parametrize(
    ("spoil", "error"),
    [(newer, StoreNewer), (cut, StoreError), (another_programs, StoreError), (a_text, StoreError)],
)
def test_a_file_that_cannot_be_a_store_does_not_replace_one(
    spoil: Callable[[Path], None], error: type[Exception], sqlite_url: str, path: Path, copy: Path, open_store: Open
) -> None:
    store = open_store(sqlite_url)
    pair(store)
    copy_out(sqlite_url, copy)
    store.close()
    before = names(path.parent)
    spoil(copy)
    with pytest.raises(error):
        put_back(sqlite_url, copy, NOON)
    assert names(path.parent) == before
    assert open_store(sqlite_url).count_links("web") == 1


@pytest.mark.parametrize(("url", "tool"), [("postgresql://u:pass@h/d", "pg_dump"), ("mysql://u:pass@h/d", "mysqldump")])
def test_a_server_is_copied_by_its_own_tools(url: str, tool: str, copy: Path) -> None:
    for act in (lambda: copy_out(url, copy), lambda: put_back(url, copy, NOON)):
        with pytest.raises(ConfigError, match=tool) as caught:
            act()
        assert "pass" not in str(caught.value)
