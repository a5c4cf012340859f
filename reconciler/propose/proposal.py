"""Proposal: what `init` suggests for a mapping, each suggestion with how sure it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.model.custom_field import CustomField
from reconciler.model.person import Person
from reconciler.model.schema import Schema
from reconciler.propose.likeness import SURE


@dataclass(frozen=True, slots=True)
class Survey:
    """What was read of one side: what its place holds, its other fields, and the people who work there."""

    schema: Schema
    fields: tuple[CustomField, ...] = ()
    people: tuple[Person, ...] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One line of a table, `left` = `right`, of which the first is the one written; `confidence` in percent."""

    left: str
    right: tuple[str, ...]
    confidence: int
    reason: str

    @property
    def sure(self) -> bool:
        return self.confidence >= SURE


@dataclass(frozen=True, slots=True)
class FieldSuggestion:
    """Two fields to be joined. `values` names the choices that are called differently; `direction` is "both" unless
    one side fills its field in itself."""

    left: CustomField
    right: CustomField
    confidence: int
    reason: str
    direction: str = "both"
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def sure(self) -> bool:
        return self.confidence >= SURE


@dataclass(frozen=True, slots=True)
class Proposal:
    """The tables of one mapping. `types` leaves out those that are called the same on both sides, and `people` those
    with the same address: both pair without a table."""

    states: tuple[Suggestion, ...] = ()
    types: tuple[Suggestion, ...] = ()
    same_types: tuple[str, ...] = ()
    priorities: tuple[Suggestion, ...] = ()
    people: tuple[Suggestion, ...] = ()
    same_people: int = 0
    fields: tuple[FieldSuggestion, ...] = ()
