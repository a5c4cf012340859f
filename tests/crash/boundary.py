"""Boundary: where the program touches what outlives it, and a camera that watches there.

Three things outlive the program: the servers, the files of its store, and requests that are under way. The camera is
told before and after each request, each statement that commits something (at the connection, so that no write can be
forgotten) and each renaming or removal of a file. A death between two of these moments leaves what a death at the first
of them leaves, so these moments, the boundaries, are all the crash points there are; and of boundaries that leave the
same, one photograph stands for all.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

import httpx
import peewee
import psycopg

from tests.crash.disk import Disk
from tests.crash.observer import Observer, View, agreed
from tests.crash.stage import Frozen, Stage

LATE = (1, 4, 9)
"""A request under way at the death arrives after so many requests of the restarted program, those of its start not
counted."""


class Killed(BaseException):
    """The process dies here; nothing but the death itself may happen any more."""


@dataclass(frozen=True, slots=True)
class Photograph:
    """What a death leaves: the servers, the files, the step of the scenario that was under way, and a request that has
    yet to arrive with the number of requests after which it does. `past` is what was shown or agreed before, `excused`
    how many requests earlier deaths may have cost, `late` whether one of them had a request under way."""

    cause: str
    step: int
    servers: Frozen
    disk: object
    past: tuple[View, ...]
    excused: int = 0
    late: bool = False
    posted: tuple[httpx.Request, int] | None = None


class Camera:
    """Watches a stage. `photographs` are what differs; `seen[n]` says which of them stands for boundary n. `excused` is
    for whoever watches on. With `deadly` the program dies loudly at the boundary of that number instead, by an
    exception that nothing but an except of everything can stop."""

    def __init__(
        self, stage: Stage, disk: Disk, observer: Observer, before: Photograph, *, deadly: int | None = None
    ) -> None:
        """`before` shows what the life began with."""
        self.photographs: list[Photograph] = []
        self.seen: list[int] = []
        self.excused = 0
        self._stage, self._disk, self._observer, self._deadly = stage, disk, observer, deadly
        self._step, self._past = before.step, list(before.past)
        self._late = before.late or before.posted is not None
        self._servers, self._frozen_at_s = before.servers, stage.clock.monotonic_s()
        self._moved = self._stale = True
        self._mark = stage.mark()
        self._standing = -1
        self._watching = True

    @property
    def boundaries(self) -> int:
        return len(self.seen)

    def begin(self, step: int) -> None:
        """A step of the scenario begins; people may have done something in the meantime."""
        self._step, self._moved, self._stale = step, True, True
        self._freeze()
        self._past.append(agreed(self._stage))

    def put_away(self) -> None:
        """Sees nothing any more, though connections opened under its eyes go on."""
        self._watching = False

    def look(self, cause: str) -> None:
        """One boundary."""
        if not self._watching:
            return
        kept = self._disk.capture()
        if self._stale or not self._disk.same(kept, self.photographs[self._standing].disk):
            self._freeze()
            self._standing, self._stale = len(self.photographs), False
            self.photographs.append(
                Photograph(cause, self._step, self._servers, kept, tuple(self._past), self.excused, self._late)
            )
        self.seen.append(self._standing)
        if self.boundaries - 1 == self._deadly:
            raise Killed(cause)

    def _freeze(self) -> None:
        """The servers as they are now, and the time."""
        at_s = self._stage.clock.monotonic_s()
        if self._moved or at_s != self._frozen_at_s:
            self._servers, self._frozen_at_s = self._stage.freeze(), at_s
        if self._moved:
            self._observer.look_at(self._servers)
            self._past.append(self._observer.view())
        self._moved = False

    # --- requests --------------------------------------------------------------------------------------------------

    def sending(self, request: httpx.Request) -> None:
        what = f"{request.method} {request.url.path}"
        self.look(f"before {what}")
        self._mark = self._stage.mark()
        if request.method not in ("GET", "HEAD") and not _only_asks(request):
            here = self.photographs[self._standing]
            for requests in LATE:
                cause = f"{what} under way, arriving {requests} requests after the restart"
                self.photographs.append(replace(here, cause=cause, step=self._step, posted=(request, requests)))

    def answered(self, request: httpx.Request) -> None:
        if any(exchanges.writes for exchanges in self._stage.since(self._mark)):
            self._moved = self._stale = True
        self.look(f"after {request.method} {request.url.path}")


def _only_asks(request: httpx.Request) -> bool:
    return request.url.path.endswith(("/wiql", "/workitemsbatch"))


@contextmanager
def watching(camera: Camera, stage: Stage) -> Iterator[None]:
    """Within, every connection opened, every request of `stage` and every file renamed or removed is watched."""
    stage.before_send, stage.after_answer = camera.sending, camera.answered
    with ExitStack() as stack:
        stack.enter_context(patch.object(peewee.SqliteDatabase, "_connect", _watched_sqlite(camera)))
        stack.enter_context(patch.object(peewee.PostgresqlDatabase, "_connect", _watched_postgresql(camera)))
        for name in ("replace", "unlink"):
            stack.enter_context(patch.object(os, name, _watched_file(camera, name)))
        stack.callback(stage.unwatch)
        stack.callback(camera.put_away)
        yield


# --- statements ----------------------------------------------------------------------------------------------------

_WRITING = frozenset({"INSERT", "UPDATE", "DELETE", "REPLACE", "CREATE", "ALTER", "DROP", "VACUUM"})


def _commits(statement: str, *, within: bool) -> bool:
    word = statement.lstrip().partition(" ")[0].rstrip(";").upper()
    return word == "COMMIT" or (word in _WRITING and not within)


def _watched_sqlite(camera: Camera) -> Callable[[Any], sqlite3.Connection]:
    original = peewee.SqliteDatabase._connect

    class Cursor(sqlite3.Cursor):
        def execute(self, statement: str, parameters: Any = ()) -> Cursor:
            if not _commits(statement, within=self.connection.in_transaction):
                return super().execute(statement, parameters)
            camera.look(f"before {_brief(statement)}")
            result = super().execute(statement, parameters)
            camera.look(f"after {_brief(statement)}")
            return result

    class Connection(sqlite3.Connection):
        def cursor(self, factory: Any = Cursor) -> Any:
            return super().cursor(factory)

    def connect(database: Any) -> sqlite3.Connection:
        database.connect_params = {**database.connect_params, "factory": Connection}
        connection: sqlite3.Connection = original(database)
        return connection

    return connect


def _watched_postgresql(camera: Camera) -> Callable[[Any], Any]:
    original = peewee.PostgresqlDatabase._connect

    class Cursor(psycopg.Cursor[Any]):
        def execute(self, query: Any, *arguments: Any, **options: Any) -> Any:
            idle = self.connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
            if not _commits(str(query), within=not idle):
                return super().execute(query, *arguments, **options)
            camera.look(f"before {_brief(str(query))}")
            result = super().execute(query, *arguments, **options)
            camera.look(f"after {_brief(str(query))}")
            return result

    def connect(database: Any) -> Any:
        connection = original(database)
        connection.cursor_factory = Cursor
        return connection

    return connect


def _brief(statement: str) -> str:
    return " ".join(statement.split()[:3])


def _watched_file(camera: Camera, name: str) -> Callable[..., None]:
    original = getattr(os, name)

    def act(path: Any, *arguments: Any, **options: Any) -> None:
        what = f"{name} of {os.path.basename(path)}"  # noqa: PTH119 - pathlib ends here
        camera.look(f"before {what}")
        original(path, *arguments, **options)
        camera.look(f"after {what}")

    return act
