"""Snapshot: one side of a pair as last seen, and where its fields were last agreed to be otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from reconciler.model.field import Value
from reconciler.model.item import Item


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`item` is the side as the tracker last returned it. `unsettled` holds, for fields whose present value was not
    carried over yet (a held conflict, a refused write), the value that both sides last agreed on; `forgotten` names
    fields of which no agreed value is known."""

    item: Item
    unsettled: Mapping[str, Value] = field(default_factory=dict)
    forgotten: frozenset[str] = frozenset()

    @property
    def base(self) -> Item:
        """The item with its fields as last agreed: what the next view of this side is compared with."""
        if not self.unsettled and not self.forgotten:
            return self.item
        fields = {**self.item.fields, **self.unsettled}
        return replace(self.item, fields={name: fields[name] for name in fields if name not in self.forgotten})

    def advance(self, item: Item, settled: frozenset[str]) -> Snapshot:
        """The snapshot after `item` was seen and the fields in `settled` were agreed at the values it shows.

        Every other field keeps its agreed value, so that whatever differs from it is still a net change later.
        """
        base = self.base.fields
        unsettled = {
            name: base[name]
            for name in item.fields
            if name not in settled and name in base and base[name] != item.fields[name]
        }
        forgotten = frozenset(name for name in item.fields if name not in settled and name not in base)
        return Snapshot(item, unsettled, forgotten)

    def agreed_at(self, values: Mapping[str, Value]) -> Snapshot:
        """The same with other agreed values for some fields."""
        return replace(self, unsettled={**self.unsettled, **values})

    @property
    def is_settled(self) -> bool:
        return not self.unsettled and not self.forgotten
