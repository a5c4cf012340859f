"""Database: one connection to whatever keeps the store, safe to share between threads.

Every query passes through here, so that each runs whole under one lock and every failure of a driver leaves as one
sentence. Which databases there are, and how they are opened and locked, is said in sqlite.py and servers.py.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar, cast

import peewee

from reconciler.errors import StoreError
from reconciler.store.tables import Row

R = TypeVar("R", bound=Row)

DRIVER_ERRORS = (peewee.PeeweeException, sqlite3.Error)

_SENTENCES = (
    ("disk is full", "the disk that holds {name} is full"),
    ("disk i/o error", "the disk that holds {name} reports an error, or takes no more; examine it"),
    ("no space left", "the disk that holds {name} is full"),
    ("database is locked", "{name} stayed locked by another program"),
    ("lock wait timeout", "{name} stayed locked by another program"),
    ("readonly database", "{name} cannot be written; check its permissions and those of its folder"),
    ("read only", "{name} cannot be written; it is read-only"),
    ("read-only", "{name} cannot be written; it is read-only"),
    ("malformed", "{name} is damaged; restore a backup ({name}.*.backup)"),
    ("not a database", "{name} is not a SQLite database, or is damaged; restore a backup or name another file"),
    ("driver not", "{name} needs a database driver that is not installed; install the extra for its kind"),
    ("unable to open", "{name} cannot be opened; check its path and permissions"),
)
"""What drivers say, in lower case, and what that means to the operator."""


class Database:
    """A connected store. `name` is what people call it, without credentials; `path` its file, where it is one.

    One connection serves all threads: a query, or a whole transaction, of one thread waits for that of another.

    What kinds of databases add: `require_in_place` raises StoreError where the store is not the one that was opened any
    more, `require_room` where its disk is nearly full; `reopen` makes another connection, for reading, to a store that
    may outlive this one. What the lease adds: `fence` begins every transaction and raises where this process must not
    write any more; `diagnose` says what a failure really means. `failure` is the last one; it stays.
    """

    def __init__(
        self,
        backend: peewee.Database,
        name: str,
        *,
        read_only: bool = False,
        path: Path | None = None,
        release: Callable[[], None] = lambda: None,
        farewell: str = "",
    ) -> None:
        """`release` runs after the connection ended, `farewell` is a statement sent before."""
        self.backend = backend
        self.name = name
        self.read_only = read_only
        self.path = path
        self._release = release
        self._farewell = farewell
        self.require_in_place: Callable[[], None] = lambda: None
        self.require_room: Callable[[], None] = lambda: None
        self.reopen: Callable[[], Database] | None = None
        self.fence: Callable[[], None] = lambda: None
        self.diagnose: Callable[[StoreError], StoreError] = lambda error: error
        self.failure: StoreError | None = None
        self._mutex = threading.RLock()

    def close(self) -> None:
        """Ends the connection and gives up the instance lock. Idempotent."""
        with self._mutex:
            try:
                if self._farewell and not self.backend.is_closed():
                    with suppress(StoreError):
                        self.sql(self._farewell)
                with self._told():
                    self.backend.close()
            finally:
                self._release()

    # --- transactions ----------------------------------------------------------------------------------------------

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, durable once it returned; a nested one is a savepoint. On a store opened for reading, all
        reads within see the same state. Raises StoreError where it cannot be begun or committed."""
        with self._mutex, self._told():
            outermost = not self.backend.in_transaction()
            with self.backend.atomic():
                if outermost:
                    self._require_fence()
                yield

    def prove(self) -> None:
        """Raises StoreError where the store has failed, once and for all, or this process must not write any more."""
        with self._mutex:
            if self.failure is not None:
                raise self.failure
            self._require_fence()

    def _require_fence(self) -> None:
        try:
            self.fence()
        except StoreError as error:
            self.failure = error
            raise

    @contextmanager
    def write(self) -> Iterator[None]:
        """For everything that writes: a part of the transaction under way, which fails with it, or one of its own."""
        if self.read_only:
            raise StoreError(f"{self.name} was opened for reading only")
        with self._mutex, self._told() if self.backend.in_transaction() else self.transaction():
            yield

    # --- queries ---------------------------------------------------------------------------------------------------

    def rows(self, query: peewee.ModelSelect[R]) -> list[R]:
        """All rows of a query, read completely before the next query may run."""
        with self._mutex, self._told():
            return list(query.execute(self.backend))

    def tuples(self, query: peewee.ModelSelect[Any]) -> list[tuple[Any, ...]]:
        """The same without model objects, for queries with many rows."""
        with self._mutex, self._told():
            return list(query.tuples().execute(self.backend))

    def first(self, query: peewee.ModelSelect[R]) -> R | None:
        found = self.rows(query.limit(1))
        return found[0] if found else None

    def scalar(self, query: peewee.ModelSelect[Any]) -> Any:
        """The first column of the first row, or None."""
        found = self.tuples(query.limit(1))
        return found[0][0] if found else None

    def count(self, query: peewee.ModelSelect[Any]) -> int:
        with self._mutex, self._told():
            return int(query.count(self.backend))

    def insert(self, table: type[Row], **values: Any) -> int:
        """Adds a row to a table with a numeric id and returns the id."""
        with self.write():
            return int(table.insert(**values).execute(self.backend))

    def add(self, table: type[Row], **values: Any) -> None:
        """Adds a row to a table that has a key of its own."""
        with self.write():
            table.insert(**values).execute(self.backend)

    def add_all(self, table: type[Row], rows: Sequence[Mapping[str, Any]]) -> None:
        """Adds any number of rows in one statement, far below every database's limit of bound values."""
        if rows:
            with self.write():
                table.insert_many(rows).execute(self.backend)

    def execute(self, query: peewee.ModelUpdate | peewee.ModelDelete) -> int:
        """Runs an update or a deletion and returns how many rows it met."""
        with self.write():
            return int(query.execute(self.backend))

    def upsert(
        self, table: type[Row], key: Mapping[str, Any], values: Mapping[str, Any], new: Mapping[str, Any] | None = None
    ) -> None:
        """Sets `values` on the row named by `key`, or adds it with `values` and `new`. There is one writer, so the two
        statements cannot be interleaved; they are the same on every database."""
        with self.write():
            if not self.execute(table.update(**values).where(*matching(table, key))):
                self.add(table, **key, **values, **(new or {}))

    def sql(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Runs a statement that Peewee has no words for and returns its rows, if it has any."""
        with self._mutex, self._told():
            cursor = cast(Any, self.backend).execute_sql(statement, parameters)
            return list(cursor.fetchall()) if cursor.description else []

    # --- schema ----------------------------------------------------------------------------------------------------

    def tables(self) -> set[str]:
        with self._mutex, self._told():
            return set(self.backend.get_tables())

    def create_tables(self, tables: Sequence[type[Row]]) -> None:
        """Creates tables with their indexes. A table that exists already is another program's: StoreError."""
        with self._mutex, self._told():
            for table in tables:
                peewee.SchemaManager(table, database=self.backend).create_all(safe=False)
                if isinstance(self.backend, peewee.MySQLDatabase):
                    # Keys differ by case, and MySQL's default collations do not see that.
                    name = table._meta.table_name
                    self.sql(f"ALTER TABLE `{name}` CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")

    def create_views(self, views: Mapping[str, str]) -> None:
        """Creates views of the given names and queries."""
        for name, query in views.items():
            self.sql(f"CREATE VIEW {name} AS {query}")

    # --- failures --------------------------------------------------------------------------------------------------

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            with told(self.name):
                yield
        except StoreError as error:
            if not isinstance(error.__cause__, DRIVER_ERRORS) or error is self.failure:
                raise
            self.failure = self.diagnose(error)
            raise self.failure from error.__cause__


def matching(table: type[Row], key: Mapping[str, Any]) -> list[Any]:
    """The conditions under which a row of `table` has all the values in `key`."""
    return [getattr(table, name) == value for name, value in key.items()]


@contextmanager
def told(name: str) -> Iterator[None]:
    """Turns whatever a driver raises within into a StoreError with one sentence about the store called `name`."""
    try:
        yield
    except DRIVER_ERRORS as error:
        raise StoreError(_sentence(error, name)) from error


def _sentence(error: BaseException, name: str) -> str:
    # A commit that fails ends the transaction; the rollback that follows then fails too and hides the first cause.
    causes: list[BaseException] = [error]
    while (deeper := causes[-1].__cause__ or causes[-1].__context__) is not None:
        causes.append(deeper)
    for cause in reversed(causes):
        for words, sentence in _SENTENCES:
            if words in str(cause).lower():
                return sentence.format(name=name)
    first_line = str(error).strip().partition("\n")[0] or type(error).__name__
    return f"{name}: {first_line}"
