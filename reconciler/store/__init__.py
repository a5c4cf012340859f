"""The store: what the program remembers, on SQLite, PostgreSQL or MySQL. Everybody else uses only `Store`."""

from reconciler.store.store import Store

__all__ = ["Store"]
