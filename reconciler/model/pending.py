"""Pending: an item to be looked at again, and since when it waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from reconciler.model.side import Side

AMBIGUOUS = "ambiguous title"
"""The reason of items that wait because their title could belong to several partners."""


@dataclass(frozen=True, slots=True)
class Pending:
    """Unique per mapping, side and key. `parked` ones wait for a change or a person, whatever `due_at` says."""

    mapping: str
    side: Side
    key: str
    reason: str
    due_at: datetime
    added_at: datetime
    attempts: int = 0
    parked: bool = False
