"""Disk: what of a store outlives the program, captured while it runs and put back before it starts again."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any, Protocol

import psycopg

from reconciler.store.tables import TABLES

Contents = dict[str, list[tuple[Any, ...]]]
"""All rows by table, sorted."""

_NAMES = [table._meta.table_name for table in TABLES]


class Disk(Protocol):
    """Where one store is kept. `url` opens it; `nothing` is what it holds before there is a store."""

    url: str
    nothing: object

    def capture(self) -> object:
        """What a death at this moment leaves."""

    def same(self, one: object, two: object) -> bool: ...

    def restore(self, captured: object) -> None:
        """Puts it back. Nothing may have the store open."""

    def contents(self) -> Contents: ...


class Folder:
    """A SQLite store and whatever lies beside it; of the files only those that mean something to the next process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.nothing: object = {}
        self.url = f"sqlite:///{path}/store.db"

    def capture(self) -> object:
        return {p.name: p.read_bytes() for p in self._path.iterdir() if not p.name.endswith(("-shm", ".lock"))}

    def same(self, one: object, two: object) -> bool:
        return one == two

    def restore(self, captured: object) -> None:
        assert isinstance(captured, dict)
        for path in self._path.iterdir():
            path.unlink()
        for name, data in captured.items():
            (self._path / name).write_bytes(data)

    def contents(self) -> Contents:
        connection = sqlite3.connect(f"file:{self._path}/store.db?mode=ro", uri=True)
        try:
            tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return {name: _rows(connection.execute(f"SELECT * FROM {name}")) for name in tables}
        finally:
            connection.close()


class Server:
    """A PostgreSQL database. A second connection sees exactly what was committed, which is what outlives the first."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.nothing: object = ({}, [])
        self._connection = psycopg.connect(f"postgresql://{url.partition('://')[2]}", autocommit=True)

    @classmethod
    def new(cls, server: str, name: str) -> Server:
        """An empty database on a server, whose URL has a place for the name."""
        with psycopg.connect(server.format("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return cls(server.format(name))

    def close(self) -> None:
        self._connection.close()

    def _tables(self) -> list[str]:
        there = {
            row[0] for row in self._connection.execute("SELECT tablename FROM pg_tables WHERE schemaname='public'")
        }
        return [name for name in _NAMES if name in there]

    def capture(self) -> object:
        with self._connection.transaction():
            rows = {name: self._copied_out(name) for name in self._tables()}
            sequences = self._connection.execute("SELECT sequencename, last_value FROM pg_sequences").fetchall()
        return rows, sequences

    def _copied_out(self, name: str) -> bytes:
        with self._connection.cursor().copy(f"COPY {name} TO STDOUT (FORMAT binary)".encode()) as copy:
            return b"".join(bytes(block) for block in copy)

    def same(self, one: object, two: object) -> bool:
        # Numbers given out to a transaction that never committed do not come back, and mean nothing.
        assert isinstance(one, tuple)
        assert isinstance(two, tuple)
        return bool(one[0] == two[0])

    def restore(self, captured: object) -> None:
        assert isinstance(captured, tuple)
        rows, sequences = captured
        with self._connection.transaction():
            if not rows:
                self._connection.execute(f"DROP TABLE IF EXISTS {', '.join(_NAMES)} CASCADE".encode())
                return
            self._connection.execute(f"TRUNCATE {', '.join(_NAMES)}".encode())
            for name, data in rows.items():
                with self._connection.cursor().copy(f"COPY {name} FROM STDIN (FORMAT binary)".encode()) as copy:
                    copy.write(data)
            for name, value in sequences:
                self._connection.execute("SELECT setval(%s, %s, %s)", (name, value or 1, value is not None))

    def contents(self) -> Contents:
        return {name: _rows(self._connection.execute(f"SELECT * FROM {name}".encode())) for name in self._tables()}


def _rows(cursor: Any) -> list[tuple[Any, ...]]:
    """In an order of their own, without the names of changes, which are drawn by chance."""
    drawn = [column[0] == "uid" for column in cursor.description]
    rows = [tuple(v for v, by_chance in zip(row, drawn, strict=True) if not by_chance) for row in cursor.fetchall()]
    return sorted(rows, key=repr)
