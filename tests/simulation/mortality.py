"""Mortality: where the process may die or its disk may fail - at any request, and at any write of the store."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reconciler.errors import StoreError
from reconciler.store import Store

_WRITES = ("insert", "add", "execute")
"""Everything that changes the database passes through one of these."""


class Crash(BaseException):
    """The process dies here."""


def die() -> None:
    raise Crash


def fail() -> None:
    raise StoreError("the disk that holds the store is full")


class Fuse:
    """Counts the writes of a store; when an armed fuse is burnt down, `then` happens in place of the write, once for a
    crash, for every further write where it `lasts`."""

    def __init__(self) -> None:
        self.writes = 0
        self.struck = 0
        self._left = 0
        self._then: Callable[[], None] = die
        self._lasts = False

    def arm(self, writes: int, then: Callable[[], None] = die, *, lasts: bool = False) -> None:
        """Strikes at the `writes`-th write from now."""
        self._left, self._then, self._lasts = writes, then, lasts

    def disarm(self) -> None:
        self._left = 0

    def attach(self, store: Store) -> None:
        database: Any = store._db
        database.sql("PRAGMA synchronous = OFF")  # a process that dies loses nothing by it, and a history is short
        for name in _WRITES:
            setattr(database, name, self._guarded(getattr(database, name)))

    def _guarded(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            self.writes += 1
            if self._left:
                self._left -= 1
                if not self._left:
                    self.struck += 1
                    self._left = 1 if self._lasts else 0
                    self._then()
            return method(*args, **kwargs)

        return call
