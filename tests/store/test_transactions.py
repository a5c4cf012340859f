"""Transactions: all or nothing, durable when they returned, in whatever thread and however the process dies."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reconciler.clock import Stopping
from reconciler.errors import StoreError
from reconciler.store import Store
from tests.store.builders import at, intent, pair, snapshot

Open = Callable[..., Store]


class HitError(Exception):
    pass


def fail_after(store: Store, step: Callable[[], object], error: BaseException) -> None:
    with store.transaction():
        step()
        raise error


@pytest.mark.parametrize("error", [HitError(), Stopping(), KeyboardInterrupt()], ids=lambda error: type(error).__name__)
def test_what_is_raised_within_takes_everything_back(store: Store, error: BaseException) -> None:
    link = pair(store)

    def steps() -> None:
        store.save_snapshot(link.id, "left", snapshot("L1", revision="2"))
        store.set_watermark("web", "left", at(0))
        store.open_intent(intent())
        pair(store, "L2", "R2")

    with pytest.raises(type(error)):
        fail_after(store, steps, error)
    assert store.link_by_id(link.id) == link
    assert store.watermark("web", "left") is None
    assert store.open_intents() == []
    assert store.count_links("web") == 1


def test_a_nested_one_fails_alone(store: Store) -> None:
    with store.transaction():
        store.set_meta("outer", "kept")
        with pytest.raises(HitError):
            fail_after(store, lambda: store.set_meta("inner", "lost"), HitError())
        with store.transaction():
            store.set_meta("second", "kept")
    assert (store.meta("outer"), store.meta("inner"), store.meta("second")) == ("kept", None, "kept")


def test_a_nested_success_is_lost_with_the_outer_failure(store: Store) -> None:
    def nested() -> None:
        with store.transaction():
            store.set_meta("inner", "lost")

    with pytest.raises(HitError):
        fail_after(store, nested, HitError())
    assert store.meta("inner") is None


def test_a_refused_pair_does_not_spoil_the_transaction_it_is_in(store: Store) -> None:
    pair(store)
    with store.transaction():
        store.set_meta("before", "kept")
        with pytest.raises(StoreError):
            pair(store, "L1", "R2")
        store.set_meta("after", "kept")
    assert (store.meta("before"), store.meta("after")) == ("kept", "kept")


def test_an_operation_with_intent_and_outcome_costs_two_commits(sqlite_store: Store) -> None:
    link = pair(sqlite_store)
    statements: list[str] = []
    backend: Any = sqlite_store._db.backend
    backend.connection().set_trace_callback(statements.append)
    number = sqlite_store.open_intent(intent(kind="update"))
    with sqlite_store.transaction():
        sqlite_store.save_snapshot(link.id, "left", snapshot("L1", revision="2"))
        sqlite_store.close_intent(number, "done")
        sqlite_store.clear_pending("web", "left", "L1")
        sqlite_store.add_event(None, "web", "updated", "title")
    backend.connection().set_trace_callback(None)
    assert statements.count("COMMIT") == 2
    assert not [statement for statement in statements if "SAVEPOINT" in statement]


def test_threads_take_turns_and_none_sees_half_a_transaction(store: Store) -> None:
    torn: list[object] = []

    def count_up() -> None:
        for _ in range(20):
            with store.transaction():
                value = int(store.meta("a") or 0) + 1
                store.set_meta("a", str(value))
                store.set_meta("b", str(value))
            with store.transaction():
                if store.meta("a") != store.meta("b"):
                    torn.append((store.meta("a"), store.meta("b")))

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert torn == []
    assert store.meta("a") == "80"


DIE = """
import os, sys
from reconciler.clock import VirtualClock
from reconciler.store import Store
from tests.store.builders import intent, pair, snapshot
store = Store.open(sys.argv[1], clock=VirtualClock())
link = pair(store)
store.open_intent(intent(label="committed"))
with store.transaction():
    store.save_snapshot(link.id, "left", snapshot("L1", revision="2"))
    store.open_intent(intent(label="not committed"))
    pair(store, "L2", "R2")
    if sys.argv[2] == "within":
        os._exit(9)
os._exit(9)
"""


@pytest.mark.parametrize(("moment", "revision", "links"), [("within", "1", 1), ("after", "2", 2)])
def test_a_death_keeps_what_was_committed_and_nothing_else(
    new_url: str, open_store: Open, moment: str, revision: str, links: int
) -> None:
    open_store(new_url).close()
    process = subprocess.run([sys.executable, "-c", DIE, new_url, moment], check=False, cwd=Path(__file__).parents[2])
    assert process.returncode == 9
    store = _open_when_free(new_url, open_store)
    link = store.link("web", "left", "L1")
    assert link is not None
    assert link.left.item.revision == revision
    assert store.count_links("web") == links
    assert [i.label for i in store.open_intents()][:1] == ["committed"]
    assert len(store.open_intents()) == links


def _open_when_free(url: str, open_store: Open) -> Store:
    """A server notices the death of its client only when it next looks at the connection."""
    if url.startswith("sqlite"):
        return open_store(url)
    return open_store(url, read_only=True)


def test_a_dead_process_leaves_a_sound_file(path: Path, sqlite_url: str, open_store: Open) -> None:
    open_store(sqlite_url).close()
    subprocess.run([sys.executable, "-c", DIE, sqlite_url, "within"], check=False, cwd=Path(__file__).parents[2])
    open_store(sqlite_url).close()
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()


def test_a_closed_store_fails_with_a_sentence(store: Store) -> None:
    store.close()
    with pytest.raises(StoreError):
        store.meta("a")
    with pytest.raises(StoreError):
        store.set_meta("a", "b")


def test_a_lost_connection_is_never_made_again_silently(postgresql_url: str, open_store: Open) -> None:
    """The lock went with it: another instance may hold the store by now."""
    store = open_store(postgresql_url)
    killer = open_store(postgresql_url, read_only=True)
    pid = store._db.sql("SELECT pg_backend_pid()")[0][0]
    killer._db.sql("SELECT pg_terminate_backend(%s)", (pid,))
    for _ in range(2):
        with pytest.raises(StoreError) as failure:
            store.set_meta("a", "b")
        assert "\n" not in str(failure.value)
    assert killer.meta("a") is None
