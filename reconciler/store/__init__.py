"""The store: what the program remembers, on SQLite, PostgreSQL or MySQL. Others use only what is named here."""

from reconciler.store.copies import copy_out, put_back
from reconciler.store.store import Store

__all__ = ["Store", "copy_out", "put_back"]
