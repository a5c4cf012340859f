"""Decision: what is to become of one field of a pair, and why."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.model.field import Value
from reconciler.model.policy import Rule
from reconciler.model.side import Side


@dataclass(frozen=True, slots=True)
class Write:
    """A value to be set on one side, in that side's own words; `before` is what the side shows now."""

    side: Side
    before: Value
    after: Value


@dataclass(frozen=True, slots=True)
class Conflict:
    """Both sides changed the field to different values. `winner` is None while a person must decide."""

    field: str
    left: Value
    right: Value
    rule: Rule
    winner: Side | None


@dataclass(frozen=True, slots=True)
class Decision:
    """`writes` has at most one entry a side. `settled` says that, once the writes are done, both sides' present values
    are the new agreed base; a field that is not settled (a held conflict, a value that cannot be carried) keeps its
    old base, so that nothing is forgotten. `note` is a sentence for the operator where something needs one."""

    field: str
    reason: str
    writes: tuple[Write, ...] = ()
    conflict: Conflict | None = None
    settled: bool = True
    note: str = ""
