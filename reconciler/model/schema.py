"""Schema: what one side's scope can hold - types, states, priorities - read from the tracker, never guessed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from reconciler.model.field import Value


class Category(StrEnum):
    """What a state means to everybody, whatever it is called."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    DONE = "done"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class State:
    """`id` stays when the state is renamed; "" where the tracker knows states by nothing but their names."""

    name: str
    category: Category
    id: str = ""


@dataclass(frozen=True, slots=True)
class TypeSchema:
    """`states` in workflow order; `fields` are the neutral field names that items of this type can hold; `id` as in
    `State`."""

    name: str
    states: tuple[State, ...]
    fields: frozenset[str]
    id: str = ""


Kept = Callable[[str, Value], Value]
"""What is left of a field's value once a side has stored it: titles cut, characters dropped from tags. Idempotent."""


def whole(_field: str, value: Value) -> Value:
    """The `Kept` of a side that stores titles and tags as they come."""
    return value


@dataclass(frozen=True, slots=True)
class Schema:
    """`priorities` from most to least urgent; `default_type` is what a draft of no mapped type becomes."""

    types: Mapping[str, TypeSchema]
    priorities: tuple[str, ...]
    default_type: str
    kept: Kept = whole
