"""Schema: what one side's scope can hold - types, states, priorities - read from the tracker, never guessed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Category(StrEnum):
    """What a state means to everybody, whatever it is called."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    DONE = "done"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class State:
    name: str
    category: Category


@dataclass(frozen=True, slots=True)
class TypeSchema:
    """`states` in workflow order; `fields` are the neutral field names that items of this type can hold."""

    name: str
    states: tuple[State, ...]
    fields: frozenset[str]


@dataclass(frozen=True, slots=True)
class Schema:
    """`priorities` from most to least urgent; `default_type` is what a draft of no mapped type becomes."""

    types: Mapping[str, TypeSchema]
    priorities: tuple[str, ...]
    default_type: str
