"""Tables against schemas: names in the configuration's tables that neither tracker knows - typos, or renamed since."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reconciler.mapping.choices import fold
from reconciler.model.policy import Policy
from reconciler.model.schema import Schema
from reconciler.model.side import Side


@dataclass(frozen=True, slots=True)
class UnknownName:
    """`path` is the table ("mappings.states"), `known` the names that `side` does have."""

    path: str
    name: str
    side: Side
    known: tuple[str, ...]

    @property
    def what(self) -> str:
        return f'{self.path}: "{self.name}" does not exist on the {self.side} side'

    @property
    def sentence(self) -> str:
        return f"{self.what}; {self.fix}"

    @property
    def fix(self) -> str:
        close = difflib.get_close_matches(fold(self.name), [fold(name) for name in self.known], n=1, cutoff=0.6)
        names = ", ".join(f'"{name}"' for name in self.known)
        near = next((name for name in self.known if close and fold(name) == close[0]), "")
        return f'did you mean "{near}"? use one of: {names}' if near else f"use one of: {names}"


def unknown_names(policy: Policy, left: Schema, right: Schema) -> list[UnknownName]:
    """Every name in the state, type and priority tables that its side does not have, in the order of the file."""
    return [*_states(policy, left, right), *_types(policy, left, right), *_priorities(policy, left, right)]


def _states(policy: Policy, left: Schema, right: Schema) -> Iterator[UnknownName]:
    tables = [("mappings.states", policy.states, list(left.types))]
    tables += [(f'mappings.types."{n}".states', t.states, [n]) for n, t in policy.types.items() if t.states]
    right_states = _state_names(right, right.types)
    for path, table, types in tables:
        left_states = _state_names(left, types)
        yield from _missing(path, table, "left", left_states)
        yield from _missing(path, [name for names in table.values() for name in names], "right", right_states)


def _types(policy: Policy, left: Schema, right: Schema) -> Iterator[UnknownName]:
    yield from _missing("mappings.types", policy.types, "left", tuple(left.types))
    for name, table in policy.types.items():
        if table.right:
            yield from _missing(f'mappings.types."{name}".right', [table.right], "right", tuple(right.types))


def _priorities(policy: Policy, left: Schema, right: Schema) -> Iterator[UnknownName]:
    yield from _missing("mappings.priorities", policy.priorities, "left", left.priorities)
    yield from _missing("mappings.priorities", policy.priorities.values(), "right", right.priorities)


def _state_names(schema: Schema, types: Iterable[str]) -> tuple[str, ...]:
    """The states of the given types, each once; of all types where the schema does not know one of them."""
    wanted = {fold(name) for name in types}
    chosen = [t for n, t in schema.types.items() if fold(n) in wanted] or list(schema.types.values())
    return tuple(dict.fromkeys(state.name for kind in chosen for state in kind.states))


def _missing(path: str, names: Iterable[str], side: Side, known: tuple[str, ...]) -> Iterator[UnknownName]:
    folded = {fold(name) for name in known}
    for name in names:
        if fold(name) not in folded:
            yield UnknownName(path, name, side, known)
