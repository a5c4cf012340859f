"""Schemas: what each side of a mapping could hold when that was last read, for whoever must not ask the trackers."""

from __future__ import annotations

import json

from reconciler.model.schema import Category, Schema, State, TypeSchema
from reconciler.model.side import Side
from reconciler.store.meta import Meta


class Schemas:
    def __init__(self, meta: Meta) -> None:
        self._meta = meta

    def get(self, mapping: str, side: Side) -> Schema | None:
        """All but what the tracker does to values that it stores."""
        text = self._meta.get(_key(mapping, side))
        if text is None:
            return None
        document = json.loads(text)
        types = {
            name: TypeSchema(
                name, tuple(State(state, Category(what)) for state, what in kind["states"]), frozenset(kind["fields"])
            )
            for name, kind in document["types"].items()
        }
        return Schema(types, tuple(document["priorities"]), document["default_type"])

    def set(self, mapping: str, side: Side, schema: Schema) -> None:
        types = {
            name: {"states": [[state.name, state.category] for state in kind.states], "fields": sorted(kind.fields)}
            for name, kind in schema.types.items()
        }
        document = {"types": types, "priorities": schema.priorities, "default_type": schema.default_type}
        self._meta.set(_key(mapping, side), json.dumps(document))


def _key(mapping: str, side: Side) -> str:
    return f"schema:{side}:{mapping}"
