"""Renames: what the names that the configuration and the snapshots hold are called now, followed by id. Pure.

A name that exists is meant as it stands, whatever it was called before; only one that is gone is followed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from reconciler.mapping.choices import fold
from reconciler.model.custom_field import CustomField, FieldPair
from reconciler.model.field import Value
from reconciler.model.item import Item
from reconciler.model.known_name import KnownName, Sort
from reconciler.model.policy import Policy, TypeTable
from reconciler.model.side import SIDES, Side


@dataclass(frozen=True, slots=True)
class Renamed:
    """A name in the configuration, in the table `path`, that is called `now` over there."""

    path: str
    side: Side
    name: str
    now: str

    @property
    def what(self) -> str:
        return f'{self.path}: "{self.name}" is called "{self.now}" now on the {self.side} side'

    @property
    def fix(self) -> str:
        return f'write "{self.now}" instead of "{self.name}" there'


class Renames:
    """`gone` maps, by side, sort and place, folded names that are gone to what they are called now; `choices`, by side,
    the mapping's own fields that hold options to the ids they have there."""

    def __init__(
        self,
        gone: Mapping[tuple[Side, Sort, str], Mapping[str, str]] | None = None,
        choices: Mapping[Side, Mapping[str, str]] | None = None,
    ) -> None:
        self._gone = gone or {}
        self._choices: Mapping[Side, Mapping[str, str]] = choices or {"left": {}, "right": {}}

    @classmethod
    def between(cls, before: Mapping[Side, Iterable[KnownName]], now: Mapping[Side, Iterable[KnownName]]) -> Renames:
        """From what was known at the last look and what there is now. A former name that several things had is nobody's
        any more."""
        gone: dict[tuple[Side, Sort, str], dict[str, str]] = {}
        for side in SIDES:
            present = {name.key: name for name in now[side]}
            taken = {(name.place, fold(name.name)) for name in present.values()}
            found: dict[tuple[Sort, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
            for known in before[side]:
                heir = present.get(known.key) if known.id else None
                for old in (known.name, *known.former) if heir is not None else ():
                    if heir is not None and (known.place, fold(old)) not in taken:
                        found[known.place][fold(old)].add(heir.name)
            for (sort, within), names in found.items():
                gone[side, sort, within] = {old: heirs.pop() for old, heirs in names.items() if len(heirs) == 1}
        return cls(gone)

    def choosing(self, choices: Mapping[Side, Mapping[str, str]]) -> Renames:
        """The same, knowing which of the mapping's own fields hold options."""
        return Renames(self._gone, choices)

    def now(self, side: Side, sort: Sort, name: str, within: str = "") -> str:
        """What a name is called by now; itself where it was not renamed."""
        return self._gone.get((side, sort, within), {}).get(fold(name), name)

    def item(self, side: Side, item: Item) -> Item:
        """A view of an item from before, in today's names: a rename is nobody's edit."""
        fields = self.fields(side, item.fields)
        return item if fields is item.fields else replace(item, fields=fields)

    def fields(self, side: Side, fields: Mapping[str, Value]) -> Mapping[str, Value]:
        """Values from before in today's names; the very same where nothing was renamed."""
        if not any(self._gone.values()):
            return fields
        places = {"state": (Sort.STATE, ""), "type": (Sort.TYPE, "")}
        places |= {name: (Sort.OPTION, field) for name, field in self._choices[side].items()}
        changed: dict[str, Value] = {}
        for name, (sort, within) in places.items():
            value = fields.get(name)
            if isinstance(value, str) and (now := self.now(side, sort, value, within)) != value:
                changed[name] = now
        return {**fields, **changed} if changed else fields

    def value(self, side: Side, name: str, value: Value) -> Value:
        """A field's value from before in today's names."""
        return self.fields(side, {name: value})[name]

    def renamed(self, side: Side, before: Item, now: Item) -> frozenset[str]:
        """The fields that differ between two views of an item only because their value was renamed."""
        today = self.fields(side, before.fields)
        if today is before.fields:
            return frozenset()
        return frozenset(n for n in now.fields if today.get(n) == now.fields[n] != before.fields.get(n))

    # --- the configuration -------------------------------------------------------------------------------------------

    def field(self, side: Side, name: str) -> str:
        """The field of the configuration's name, as it is called now."""
        return self.now(side, Sort.OWN, name)

    def values(self, pair: FieldPair, fields: Mapping[Side, CustomField]) -> dict[str, str]:
        """The table of a pair's choices in today's words."""
        left, right = fields["left"].id, fields["right"].id
        return {
            self.now("left", Sort.OPTION, word, left): self.now("right", Sort.OPTION, partner, right)
            for word, partner in pair.values.items()
        }

    def tables(self, policy: Policy) -> Policy:
        """The tables of states and types in today's names."""
        if not any(self._gone.values()):
            return policy
        types = {
            self.now("left", Sort.TYPE, name): TypeTable(
                table.right and self.now("right", Sort.TYPE, table.right),
                None if table.states is None else self._states(table.states),
            )
            for name, table in policy.types.items()
        }
        return replace(policy, states=self._states(policy.states), types=types)

    def _states(self, table: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        return {
            self.now("left", Sort.STATE, left): tuple(self.now("right", Sort.STATE, name) for name in rights)
            for left, rights in table.items()
        }

    def to_correct(self, policy: Policy) -> tuple[Renamed, ...]:
        """Every name in the configuration that was followed, in the order of the file."""
        return tuple(
            Renamed(path, side, name, now)
            for path, side, sort, within, names in self._places(policy)
            for name in dict.fromkeys(names)
            if (now := self.now(side, sort, name, within)) != name
        )

    def _places(self, policy: Policy) -> Iterator[tuple[str, Side, Sort, str, Iterable[str]]]:
        tables = [("mappings.states", policy.states)]
        tables += [(f'mappings.types."{name}".states', table.states or {}) for name, table in policy.types.items()]
        for path, states in tables:
            yield path, "left", Sort.STATE, "", states
            yield path, "right", Sort.STATE, "", [name for names in states.values() for name in names]
        yield "mappings.types", "left", Sort.TYPE, "", policy.types
        for name, table in policy.types.items():
            yield f'mappings.types."{name}".right', "right", Sort.TYPE, "", [table.right] if table.right else []
        for pair in policy.custom_fields:
            names: Mapping[Side, str] = {"left": pair.left, "right": pair.right}
            words: Mapping[Side, Iterable[str]] = {"left": pair.values.keys(), "right": pair.values.values()}
            for side in SIDES:
                yield "mappings.custom_fields", side, Sort.OWN, "", [names[side]]
                field = next((f for name, f in self._choices[side].items() if name.partition(":")[2] == pair.left), "")
                yield f'values of mappings.custom_fields "{pair.left}"', side, Sort.OPTION, field, words[side]


NO_RENAMES = Renames()
