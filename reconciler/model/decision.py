"""Decision: what is to become of one field of a pair, and why."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from reconciler.model.field import Value
from reconciler.model.policy import Rule
from reconciler.model.side import Side


class Case(StrEnum):
    """Which case of the merge applied; README's decision table says what each means."""

    OFF = "off"
    ONE_SIDE = "one side"
    MEMBERS = "members"
    AGREE = "agree"
    CONFLICT = "conflict"
    NO_PAST = "no past"
    PERSON = "a person decided"


class Waits(StrEnum):
    """What has to come so that a field which could not be carried can be."""

    A_CHANGE = "a change of it or of the configuration"
    A_PARTNER = "the partner of the item that it names, which is on its way"
    A_PERSON = "a person, or a value that did not go to and fro"
    A_SWEEP = "the next comparison of everything: nothing is known to be on its way"


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
    are the new agreed base; a field that is not settled (a held conflict, a value that cannot be carried) keeps its old
    base, so that nothing is forgotten; one that names several items does so link by link. `agreed` says by side what of
    the present value is the new base where only a part of it was carried: the others have no account over there. `note`
    is a sentence for the operator where something needs one. `case` is set on everything that the merge returns.
    `waits` says what a field that is not settled needs to travel. `kept_back` is the write of a frozen field."""

    field: str
    reason: str
    writes: tuple[Write, ...] = ()
    conflict: Conflict | None = None
    settled: bool = True
    agreed: Mapping[Side, Value] = dataclasses.field(default_factory=dict)
    note: str = ""
    case: Case | None = None
    waits: Waits = Waits.A_CHANGE
    kept_back: Write | None = None
