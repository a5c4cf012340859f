"""Memories: what the schemas of a mapping's sides were when they were last looked at, one row a side."""

from __future__ import annotations

from reconciler.model.known_name import KnownName, Memories, Memory, Sort
from reconciler.model.side import SIDES, Side
from reconciler.store.codec import pack, unpack
from reconciler.store.database import Database
from reconciler.store.tables import MemoryRow


class SchemaMemories:
    def __init__(self, database: Database) -> None:
        self._db = database

    def get(self, mapping: str) -> Memories:
        return {side: self._one(mapping, side) for side in SIDES}

    def save(self, mapping: str, memories: Memories) -> None:
        with self._db.write():
            for side, memory in memories.items():
                self._db.upsert(MemoryRow, {"mapping": mapping, "side": side}, {"body": _body(memory)})

    def _one(self, mapping: str, side: Side) -> Memory:
        row = self._db.first(MemoryRow.select().where((MemoryRow.mapping == mapping) & (MemoryRow.side == side)))
        if row is None:
            return Memory()
        known = unpack(row.body)
        names = (
            KnownName(Sort(sort), within, key, name, tuple(former))
            for sort, within, key, name, former in known["names"]
        )
        return Memory(known["scope"], tuple(names), tuple(known["strangers"]))


def _body(memory: Memory) -> bytes:
    names = [[name.sort.value, name.within, name.id, name.name, name.former] for name in memory.names]
    return pack({"scope": memory.scope, "names": names, "strangers": memory.strangers})
