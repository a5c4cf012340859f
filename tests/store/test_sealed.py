"""A store in a folder that cannot be written: another user's, or a copy on a read-only disk."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from reconciler.clock import VirtualClock
from reconciler.errors import StoreError
from reconciler.store import Store

NOBODY = 65534


@contextmanager
def without_rights() -> Iterator[None]:
    """As a user to whom permissions apply."""
    if os.getuid():
        yield
        return
    os.setresuid(NOBODY, NOBODY, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


@pytest.fixture
def sealed() -> Iterator[Path]:
    """A store with one event; a folder of which others may see everything, and nobody but root change anything."""
    with tempfile.TemporaryDirectory(prefix="reconciler-sealed-") as name:
        path = Path(name) / "store.db"
        with Store.open(f"sqlite:///{path}", clock=VirtualClock()) as store:
            store.add_event(None, "web", "updated", "title")
        path.chmod(0o444)
        path.parent.chmod(0o555)
        yield path
        path.parent.chmod(0o755)


def test_it_can_be_looked_at(sealed: Path) -> None:
    before = sorted(sealed.parent.iterdir())
    with without_rights(), Store.open(f"sqlite:///{sealed}", clock=VirtualClock(), read_only=True) as store:
        assert [event.text for event in store.events(1, 9)] == ["title"]
        assert sorted(sealed.parent.iterdir()) == before


def test_changes_that_cannot_be_reached_are_said_to_be_there(sealed: Path) -> None:
    sealed.parent.chmod(0o755)
    sealed.with_name("store.db-wal").write_bytes(b"changes of a program that was killed")
    sealed.parent.chmod(0o555)
    with (
        without_rights(),
        pytest.raises(StoreError, match="look at it as the user that runs reconciler"),
        Store.open(f"sqlite:///{sealed}", clock=VirtualClock(), read_only=True),
    ):
        pass
