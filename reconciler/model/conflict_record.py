"""ConflictRecord: a conflict as the store keeps it, with the losing value verbatim so that nothing is ever lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from reconciler.model.field import Value
from reconciler.model.side import Side


@dataclass(frozen=True, slots=True)
class ConflictRecord:
    """`left_value` and `right_value` are both sides' values as read, in their own words; `left_base` and `right_base`
    what they were before, where that is known. `rule` is the mapping's rule that applied. Open until `settled_at`:
    an open one has no `winner` while it is held, and has one once the rule or a person decided and it is to be carried.
    `link_id` outlives its link. `id` is 0 until the store gave one."""

    id: int
    mapping: str
    link_id: int | None
    left_key: str
    right_key: str
    field: str
    left_value: Value
    right_value: Value
    rule: str
    at: datetime
    winner: Side | None = None
    left_base: Value = None
    right_base: Value = None
    run: int | None = None
    settled_at: datetime | None = None
    note: str = ""

    @property
    def is_open(self) -> bool:
        return self.settled_at is None

    def value(self, side: Side) -> Value:
        return self.left_value if side == "left" else self.right_value
