"""Pending: an item to be looked at again, and since when it waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from reconciler.model.side import Side

AMBIGUOUS = "ambiguous title"
"""The reason of items that wait because their title could belong to several partners."""

TWIN = "a second copy of an item that already has a partner"
"""The reason of copies of ours that came into being twice; a person deletes the one, or keeps it for something else."""


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

    @property
    def needs_a_person(self) -> bool:
        """Whether time alone changes nothing about it."""
        return self.parked or self.reason in (AMBIGUOUS, TWIN)
