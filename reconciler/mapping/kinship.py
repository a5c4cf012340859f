"""Kinship: which items are a pair, as far as fields that name items need it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from reconciler.model.field import Kind, Value, kind_of
from reconciler.model.side import SIDES, Side, other


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


def named(value: Value) -> tuple[str, ...]:
    """The keys that a value of kind ITEM or ITEMS names."""
    return tuple(map(str, value)) if isinstance(value, tuple) else () if value is None else (str(value),)


def named_by(fields: Mapping[str, Value]) -> frozenset[str]:
    """The keys of all items that an item with these fields names."""
    return frozenset(key for name, value in fields.items() for key in named(value) if names_items(name))


def names_items(field: str) -> bool:
    return kind_of(field) in (Kind.ITEM, Kind.ITEMS)


def agreed_members(
    partners: Mapping[str, str],
    base: Mapping[Side, Value],
    now: Mapping[Side, Value],
    travels: Collection[Side] = SIDES,
) -> dict[Side, tuple[str, ...]]:
    """The new agreed members of both sides of a set that names items, by what both show now: one that both sides have,
    or neither, is agreed, any other as it was before. `partners` are pairs, left to right, whether or not both can be
    seen; an item without a partner is agreed only where it was before and still is. `travels` are the sides whose
    changes travel; what a person does on another one is agreed as it is."""
    there: Mapping[Side, Mapping[str, str]] = {"left": partners, "right": {r: left for left, r in partners.items()}}
    agreed: dict[Side, tuple[str, ...]] = {}
    for side in SIDES:
        before, shown, across = named(base[side]), named(now[side]), named(now[other(side)])
        kept = []
        for key in dict.fromkeys((*before, *shown)):
            partner = there[side].get(key)
            alike = (key in shown) == (partner in across)
            if (key in before and key in shown) if partner is None else key in (shown if alike else before):
                kept.append(key)
        agreed[side] = tuple(kept) if side in travels else shown
    return agreed
