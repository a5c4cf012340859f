"""NetChange: how one field of one side differs from that side's own snapshot, however many edits lie between."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.model.field import Value


@dataclass(frozen=True, slots=True)
class NetChange:
    """`known_before` is False where no snapshot of the field exists: a pair just matched, a field mapped since."""

    field: str
    before: Value
    after: Value
    known_before: bool = True
