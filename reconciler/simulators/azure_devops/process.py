"""Processes: which types of work items a project has, their states, transitions, fields and rules, as data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

CATEGORY_COLORS = {
    "Proposed": "b2b2b2",
    "InProgress": "007acc",
    "Resolved": "ff9d00",
    "Completed": "339933",
    "Removed": "ffffff",
}


@dataclass(frozen=True, slots=True)
class Field:
    """`kind` is one of string, integer, double, dateTime, boolean, plainText, html, treePath, history, identity."""

    reference: str
    name: str
    kind: str

    @property
    def long_text(self) -> bool:
        return self.kind in ("html", "history")


@dataclass(frozen=True, slots=True)
class State:
    name: str
    category: str


@dataclass(frozen=True, slots=True)
class Transition:
    reason: str
    other_reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    allowed: tuple[Any, ...] = ()
    default: Any = None
    required: bool = False


@dataclass(frozen=True, slots=True)
class WorkItemType:
    """`transitions` by (from, to); "" is where a new item comes from. `fields` are those beyond the system ones."""

    name: str
    color: str
    icon: str
    category: str
    states: tuple[State, ...]
    transitions: Mapping[tuple[str, str], Transition]
    fields: frozenset[str]
    rules: Mapping[str, Rule]

    @property
    def reference(self) -> str:
        return f"Microsoft.VSTS.WorkItemTypes.{self.name.replace(' ', '')}"

    @property
    def initial_state(self) -> str:
        return next(to for origin, to in self.transitions if not origin)

    def state(self, name: str) -> State | None:
        """The state of that name, whatever its spelling in upper and lower case."""
        return next((state for state in self.states if state.name.lower() == name.lower()), None)

    def has(self, field: str) -> bool:
        return field in SYSTEM_FIELDS or field in self.fields


@dataclass(frozen=True, slots=True)
class Process:
    """`types` by name, in the order of the data."""

    name: str
    id: str
    types: Mapping[str, WorkItemType]

    def with_field(self, reference: str, rule: Rule) -> Process:
        """The process with a field that all its types have."""
        types = {
            name: replace(kind, fields=kind.fields | {reference}, rules={**kind.rules, reference: rule})
            for name, kind in self.types.items()
        }
        return replace(self, types=types)

    def type(self, name: str) -> WorkItemType | None:
        return next(
            (kind for kind in self.types.values() if name.lower() in (kind.name.lower(), kind.reference.lower())), None
        )


def _references(prefix: str, names: str) -> frozenset[str]:
    return frozenset(prefix + name for name in names.split())


_COMPUTED = """
    Id Rev Watermark AreaId AreaLevel1 NodeName IterationId IterationLevel1 CreatedDate CreatedBy ChangedDate ChangedBy
    AuthorizedDate AuthorizedAs RevisedDate PersonId CommentCount RelatedLinkCount ExternalLinkCount HyperLinkCount
    AttachedFileCount RemoteLinkCount IsDeleted BoardColumn BoardColumnDone BoardLane
"""
_WRITTEN = "TeamProject AreaPath IterationPath WorkItemType Title State Reason AssignedTo Tags History Parent"
_BY_RULES = "StateChangeDate ActivatedDate ActivatedBy ResolvedDate ResolvedBy ClosedDate ClosedBy"

SYSTEM_FIELDS = _references("System.", _COMPUTED + _WRITTEN)
"""What items of every type have."""

READ_ONLY_FIELDS = _references("System.", _COMPUTED) | _references("Microsoft.VSTS.Common.", _BY_RULES)
"""Computed, or set by rules (FACTS ado 12.11); bypassRules opens some of them (7.24)."""


@cache
def _data() -> Any:
    return json.loads(files(__package__).joinpath("processes.json").read_text(encoding="utf-8"))


@cache
def fields() -> dict[str, Field]:
    """Every field of every process, by reference name, and what `define` added."""
    return {reference: Field(reference, name, kind) for reference, (name, kind) in _data()["fields"].items()}


@cache
def _names() -> Mapping[str, str]:
    names = {field.name.lower(): reference for reference, field in fields().items()}
    return names | {reference.lower(): reference for reference in fields()}


def define(name: str, kind: str) -> Field:
    """A field of somebody's own (FACTS ado 12.12). Raises ValueError where one of that name is of another kind."""
    field = fields().setdefault(f"Custom.{name.replace(' ', '')}", Field(f"Custom.{name.replace(' ', '')}", name, kind))
    if field.kind != kind:
        raise ValueError(f"{field.reference} is a {field.kind} field already")
    _names.cache_clear()
    return field


def field_named(name: str) -> Field | None:
    """A field by its reference name or its display name; case does not matter (FACTS ado 3.18)."""
    reference = _names().get(name.lower())
    return fields()[reference] if reference else None


@cache
def process_named(name: str) -> Process:
    """Agile, Scrum, Basic or CMMI; raises KeyError for any other."""
    data = _data()["processes"][name]
    return Process(name, data["id"], {title: _type(title, entry) for title, entry in data["types"].items()})


def _type(name: str, entry: Mapping[str, Any]) -> WorkItemType:
    transitions = {
        (origin, to): Transition(reason, tuple(others)) for origin, to, reason, others in entry["transitions"]
    }
    rules = {
        reference: Rule(tuple(rule.get("allowed", ())), rule.get("default"), rule.get("required", False))
        for reference, rule in entry["rules"].items()
    }
    return WorkItemType(
        name,
        entry["color"],
        entry["icon"],
        entry["category"],
        tuple(State(*state) for state in entry["states"]),
        transitions,
        frozenset(entry["fields"]),
        rules,
    )
