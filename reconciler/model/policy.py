"""Policy: what a mapping's configuration says about how its two sides are joined; no tracker names in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from reconciler.model.custom_field import FieldPair


class Rule(StrEnum):
    """Who wins when both sides changed the same field."""

    NEWEST = "newest"
    LEFT = "left"
    RIGHT = "right"
    HOLD = "hold"


class Direction(StrEnum):
    """Which way the changes of a field travel."""

    BOTH = "both"
    TO_RIGHT = "to-right"
    TO_LEFT = "to-left"
    OFF = "off"


class OnDelete(StrEnum):
    """What a proven deletion on one side does to the other."""

    IGNORE = "ignore"
    CLOSE = "close"
    DELETE = "delete"


class OnArchive(StrEnum):
    """What archiving an item on one side does to the other."""

    IGNORE = "ignore"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class GuardLimits:
    """A plan beyond any of these is not applied. The percentage counts linked pairs and needs at least 20 of them."""

    max_creates: int = 500
    max_updates: int = 500
    max_deletes: int = 10
    max_changed_percent: int = 50


@dataclass(frozen=True, slots=True)
class TypeTable:
    """How one left type is joined: the right type, and its own state table where it differs from the mapping's."""

    right: str | None = None
    states: Mapping[str, tuple[str, ...]] | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """`states` maps a left state to the right ones it may be, the first of which is written; empty means by category.
    `priorities` maps left to right; empty means by rank. `people` maps left e-mail to right e-mail where they differ,
    lower case. `attachment_bytes_max` is the size of the largest file that is copied."""

    name: str
    conflict: Rule = Rule.NEWEST
    conflicts: Mapping[str, Rule] = field(default_factory=dict)
    directions: Mapping[str, Direction] = field(default_factory=dict)
    on_delete: OnDelete = OnDelete.CLOSE
    on_archive: OnArchive = OnArchive.IGNORE
    match_by_title: bool = True
    confirm_first_sync: bool = True
    states: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    types: Mapping[str, TypeTable] = field(default_factory=dict)
    priorities: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)
    guard: GuardLimits = GuardLimits()
    custom_fields: tuple[FieldPair, ...] = ()
    attachment_bytes_max: int = 1_000_000_000

    def rule_for(self, name: str) -> Rule:
        return self.conflicts.get(name, self.conflict)

    def direction_of(self, name: str) -> Direction:
        return self.directions.get(name, Direction.BOTH)

    def carried(self, names: Iterable[str]) -> frozenset[str]:
        """Those of the fields that travel at all."""
        return frozenset(name for name in names if self.direction_of(name) is not Direction.OFF)

    def travels(self, name: str, to: str) -> bool:
        """Whether changes of field `name` (or "comments", "attachments") may be written to side `to`."""
        return self.direction_of(name) in (Direction.BOTH, Direction(f"to-{to}"))
