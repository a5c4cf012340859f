"""Conflicts: what both sides changed, as a person reads it and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.markup import escape

from reconciler.cli.output import out, shown, table
from reconciler.model.conflict_record import ConflictRecord
from reconciler.model.field import label_of
from reconciler.model.operation import value_of


def print_conflicts(conflicts: Sequence[tuple[ConflictRecord, str, str]]) -> None:
    """Each with what people call its left and its right item."""
    if not conflicts:
        out.print("no conflicts")
        return
    rows = table("id", "mapping", "items", "field", "left", "right", "rule", "state")
    for c, left_item, right_item in conflicts:
        state = (
            f"{c.winner} won"
            if c.settled_at and c.winner
            else "settled"
            if c.settled_at
            else f"{c.winner} decided"
            if c.winner
            else "held"
        )
        rows.add_row(
            str(c.id),
            escape(c.mapping),
            escape(f"{left_item} / {right_item}"),
            escape(label_of(c.field)),
            escape(shown(c.left_value)),
            escape(shown(c.right_value)),
            c.rule,
            state,
        )
    out.print(rows)
    if any(c.settled_at is None and c.winner is None for c, _, _ in conflicts):
        out.print("[dim]decide one with: reconciler conflicts resolve ID left|right[/dim]")


def conflict_as_json(conflict: ConflictRecord, left_item: str, right_item: str) -> dict[str, Any]:
    """Both values whole: the losing one exists nowhere else."""
    return {
        "id": conflict.id,
        "mapping": conflict.mapping,
        "left_key": conflict.left_key,
        "right_key": conflict.right_key,
        "left_item": left_item,
        "right_item": right_item,
        "field": conflict.field,
        "left": value_of(conflict.left_value),
        "right": value_of(conflict.right_value),
        "rule": conflict.rule,
        "winner": conflict.winner,
        "at": conflict.at.isoformat(),
        "settled_at": conflict.settled_at.isoformat() if conflict.settled_at else None,
        "note": conflict.note,
    }
