"""Migrations: every released schema is led to the present one, at once or not at all, and never without a backup."""

from __future__ import annotations

import errno
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from reconciler.clock import VirtualClock
from reconciler.errors import StoreError, StoreLocked, StoreNewer
from reconciler.store import Store, migrations
from reconciler.store.database import Database
from reconciler.store.migrations import Migration
from tests.store.builders import NOON, attachment, comment, conflict, intent, item, pair

Open = Callable[..., Store]

SCHEMAS = sorted((Path(__file__).parent / "schemas").glob("schema-*.sql"))
"""A dump of a store of every released schema, with at least one row in every table."""


def restore(dump: Path, path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.executescript(dump.read_text())
    connection.execute("PRAGMA journal_mode = wal")
    connection.close()


def layout(path: Path) -> set[str]:
    """The definitions of all tables and indexes, however they are laid out."""
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    connection.close()
    return {re.sub(r"\s+", " ", str(row[0])) for row in rows}


def add_colour(database: Database) -> None:
    database.sql("ALTER TABLE link ADD COLUMN colour VARCHAR(20) NOT NULL DEFAULT 'red'")


def add_weight(database: Database) -> None:
    database.sql("CREATE TABLE weight (grams VARCHAR(9) PRIMARY KEY)")


def break_down(database: Database) -> None:
    database.sql("INSERT INTO weight VALUES ('1')")
    database.sql("INSERT INTO weight VALUES ('1')")


NOW = migrations.newest()
COLOUR = Migration(NOW + 1, "links have a colour", add_colour)
WEIGHT = Migration(NOW + 2, "things have a weight", add_weight)
BROKEN = Migration(NOW + 3, "never works", break_down)


# --- released schemas ----------------------------------------------------------------------------------------------


def test_there_is_a_dump_of_every_schema_up_to_this_one() -> None:
    assert [dump.stem for dump in SCHEMAS] == [f"schema-{n}" for n in range(1, migrations.newest() + 1)]


@pytest.mark.parametrize("dump", SCHEMAS, ids=lambda dump: dump.stem)
def test_a_store_of_an_old_schema_gets_the_layout_of_a_new_one(
    dump: Path, tmp_path: Path, path: Path, sqlite_url: str, open_store: Open
) -> None:
    restore(dump, path)
    open_store(sqlite_url).close()
    open_store(f"sqlite:///{tmp_path}/new.db").close()
    assert layout(path) == layout(tmp_path / "new.db")


@pytest.mark.parametrize("dump", SCHEMAS, ids=lambda dump: dump.stem)
def test_a_store_of_an_old_schema_keeps_what_it_holds(
    dump: Path, path: Path, sqlite_url: str, open_store: Open
) -> None:
    restore(dump, path)
    store = open_store(sqlite_url)
    (link,) = store.all_links("web")
    assert link.left.item == item("L1")
    assert link.right.item == item("R1")
    assert [twins.left for twins in store.comment_links(link.id)] == [comment("c1")]
    (doubt,) = store.open_intents("web")
    assert (doubt.marker, doubt.after) == (intent().marker, intent().after)
    (held,) = store.open_conflicts("web")
    assert (held.left_value, held.right_value) == (conflict().left_value, conflict().right_value)
    if dump.stem not in ("schema-1", "schema-2"):
        assert [pair.left for pair in store.attachment_links(link.id)] == [attachment("f1"), None]
    if dump.stem not in ("schema-1", "schema-2", "schema-3"):
        assert [twins.left for twins in store.comment_links(pair(store, "L6", "R6").id)] == [comment("c9")]
    assert store.watermark("web", "left") == NOON
    assert [row.key for row in store.pending("web")] == ["L9"]
    assert store.absences("web", "left", "L8") == 1
    assert [stone.right_key for stone in store.tombstones("web")] == ["R7"]
    assert len(store.due_looks("web", NOON, 10)) == 1
    assert store.instance_id == "0123456789abcdef0123456789abcdef"
    assert [event.text for event in store.events(1, 5)] == ["paired"]
    assert store.last_runs(1)[0].summary == {"mappings": []}


# --- the machinery -------------------------------------------------------------------------------------------------


def test_a_current_store_is_opened_without_a_backup_or_a_change(path: Path, sqlite_url: str, open_store: Open) -> None:
    store = open_store(sqlite_url)
    pair(store)
    store.close()
    before = content(path)
    open_store(sqlite_url).close()
    assert content(path) == before
    assert backups(path) == []


def content(path: Path) -> list[str]:
    """Everything in the store but who may write there."""
    connection = sqlite3.connect(path)
    connection.execute("DELETE FROM meta WHERE key = 'epoch'")
    lines = list(connection.iterdump())
    connection.close()
    return lines


def backups(path: Path) -> list[Path]:
    return sorted(path.parent.glob("*.backup"))


def test_steps_are_applied_in_order_once_and_recorded(new_url: str, open_store: Open) -> None:
    store = open_store(new_url)
    pair(store)
    migrations.migrate(store._db, NOON, (COLOUR, WEIGHT))
    migrations.migrate(store._db, NOON, (COLOUR, WEIGHT))
    assert store._db.sql("SELECT colour FROM link") == [("red",)]
    assert store._db.sql("SELECT * FROM weight") == []
    assert store.meta("schema_version") == str(WEIGHT.version)
    assert store.meta(f"migration:{COLOUR.version}") == f"links have a colour {NOON.isoformat()}"
    assert store.count_links("web") == 1


def test_a_store_that_missed_a_version_goes_through_all_of_its_steps(
    path: Path, sqlite_url: str, open_store: Open
) -> None:
    store = open_store(sqlite_url)
    migrations.migrate(store._db, NOON, (COLOUR,))
    migrations.migrate(store._db, NOON, (COLOUR, WEIGHT))
    assert store.meta("schema_version") == str(WEIGHT.version)
    assert len(backups(path)) == 1  # both at the same instant of the same clock


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_step_that_fails_takes_back_the_steps_before_it(
    kind: str, request: pytest.FixtureRequest, open_store: Open
) -> None:
    store = open_store(request.getfixturevalue(f"{kind}_url"))
    pair(store)
    tables = store._db.tables()
    with pytest.raises(StoreError):
        migrations.migrate(store._db, NOON, (COLOUR, WEIGHT, BROKEN))
    assert store.meta("schema_version") == str(NOW)
    assert store.meta(f"migration:{COLOUR.version}") is None
    assert store._db.tables() == tables
    assert store.count_links("web") == 1


def test_the_store_as_it_was_is_kept_before_it_is_changed(path: Path, sqlite_url: str, open_store: Open) -> None:
    store = open_store(sqlite_url)
    link = pair(store)
    store.close()
    before = layout(path)
    store = open_store(sqlite_url)
    migrations.migrate(store._db, NOON, (COLOUR,))
    store.close()
    (backup,) = backups(path)
    assert backup.name == "store.db.20260302T120000Z.backup"
    assert layout(backup) == before
    assert layout(path) != before
    assert open_store(f"sqlite:///{backup}", read_only=True).link_by_id(link.id) == link


def test_the_newest_three_backups_are_kept(path: Path, sqlite_store: Store, clock: VirtualClock) -> None:
    made = []
    for _ in range(5):
        made.append(sqlite_store.back_up())
        clock.advance(60)
    assert backups(path) == made[-3:]


def test_a_backup_of_the_same_second_replaces_the_first(path: Path, sqlite_store: Store) -> None:
    first = sqlite_store.back_up()
    pair(sqlite_store)
    assert sqlite_store.back_up() == first
    assert backups(path) == [first]


def test_a_backup_that_fails_leaves_no_half_copy_and_the_copies_there_are(
    path: Path, sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = sqlite_store.back_up()
    monkeypatch.setattr(Path, "replace", full_disk)
    with pytest.raises(StoreError, match="No space left on device"):
        sqlite_store.back_up()
    assert sorted(file.name for file in path.parent.iterdir() if "2026" in file.name) == [made.name if made else ""]


def full_disk(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_backups_of_a_store_with_signs_in_its_name_are_told_from_those_of_others(
    tmp_path: Path, open_store: Open, clock: VirtualClock
) -> None:
    other = tmp_path / "store1.db.20200101T000000Z.backup"
    other.touch()
    store = open_store(f"sqlite:///{tmp_path}/store%5B1%5D.db")
    for _ in range(4):
        store.back_up()
        clock.advance(60)
    assert other.exists()
    assert len([file for file in backups(tmp_path / "any") if file != other]) == 3


def test_a_backup_can_be_opened_in_place_of_the_store(
    sqlite_store: Store, open_store: Open, clock: VirtualClock
) -> None:
    link = pair(sqlite_store)
    backup = sqlite_store.back_up()
    restored = open_store(f"sqlite:///{backup}")
    assert restored.link_by_id(link.id) == link
    assert restored.instance_id == sqlite_store.instance_id


def test_a_store_older_than_this_version_is_not_read_before_it_is_updated(sqlite_store: Store) -> None:
    with pytest.raises(StoreError, match=rf"of an older version \(schema {NOW}\); sync or run updates it"):
        migrations.require_current(sqlite_store._db, (COLOUR,))


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from reconciler.clock import SystemClock
from reconciler.store import Store, migrations
from tests.store.test_migrations import COLOUR, WEIGHT
def die(database):
    WEIGHT.apply(database)
    os.kill(os.getpid(), signal.SIGKILL)
store = Store.open(sys.argv[1], clock=SystemClock())
migrations.migrate(store._db, datetime.now(UTC), (COLOUR, migrations.Migration(WEIGHT.version, "dies", die)))
"""


@pytest.mark.parametrize("kind", ["sqlite", "new_postgresql"])
def test_a_process_killed_within_a_step_leaves_the_store_as_it_was(
    kind: str, request: pytest.FixtureRequest, open_store: Open
) -> None:
    url = request.getfixturevalue(f"{kind}_url")
    store = open_store(url)
    link = pair(store)
    tables = store._db.tables()
    store.close()
    killed = subprocess.run([sys.executable, "-c", KILLED, url], cwd=Path(__file__).parents[2])
    assert killed.returncode == -signal.SIGKILL
    again = reopened(url, open_store)
    assert (again.meta("schema_version"), again._db.tables()) == (str(NOW), tables)
    migrations.migrate(again._db, NOON, (COLOUR, WEIGHT))
    assert again.meta("schema_version") == str(WEIGHT.version)
    assert again.link_by_id(link.id) == link


def reopened(url: str, open_store: Open) -> Store:
    """A server notices in its own time that a client died, and gives its lock up then."""
    for _ in range(100):
        try:
            return open_store(url)
        except StoreLocked:
            time.sleep(0.05)
    return open_store(url)


def test_a_store_newer_than_this_version_is_not_migrated(sqlite_store: Store) -> None:
    migrations.migrate(sqlite_store._db, NOON, (COLOUR,))
    with pytest.raises(StoreNewer, match="use that version"):
        migrations.migrate(sqlite_store._db, NOON, ())
