"""Kinship: which items are a pair, as far as fields that name items need it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from reconciler.model.side import SIDES, Side


@dataclass(frozen=True, slots=True)
class Kinship:
    """`partners` maps, by side, the key of an item to that of its partner on the other side. `unseen` are keys of items
    that have a partner and cannot be seen now; `awaited` of items without one that are on their way to get one. Any
    other key is of an item that is not synchronised."""

    partners: Mapping[Side, Mapping[str, str]] = field(default_factory=lambda: {"left": {}, "right": {}})
    unseen: Mapping[Side, frozenset[str]] = field(default_factory=lambda: {"left": frozenset(), "right": frozenset()})
    awaited: Mapping[Side, frozenset[str]] = field(default_factory=lambda: {"left": frozenset(), "right": frozenset()})

    def partner(self, side: Side, key: object) -> str | None:
        """The key of the partner of the item of `side`; None where it has none."""
        return self.partners[side].get(str(key))

    def with_pairs(self, pairs: Iterable[tuple[str, str]]) -> Kinship:
        """The same with further pairs of (left key, right key), which are about to be made."""
        made = list(pairs)
        more: dict[Side, dict[str, str]] = {"left": dict(made), "right": {right: left for left, right in made}}
        return replace(self, partners={side: {**self.partners[side], **more[side]} for side in SIDES})
