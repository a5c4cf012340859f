"""Pending: an item to be looked at again, and since when it waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from reconciler.model.side import Side

AMBIGUOUS = "ambiguous title"
"""The reason of items that wait because their title could belong to several partners."""

TWIN = "a second copy of an item that already has a partner"
"""The reason of copies of ours that came into being twice; a person deletes the one, or keeps it for something else."""

ORPHANED = "its parent, or an item that it is linked to, has no counterpart yet"
"""The reason of items that wait for the partner of one that they name, and are looked at as soon as there is one."""

UNREAD = "comments not visible"
"""The reason of pairs whose discussion could not be read, until it is known what became of their items."""

LONGEST_WAIT = timedelta(hours=6)
"""Nothing is put off for longer; what seems to be was written under a clock that somebody has set back since."""


@dataclass(frozen=True, slots=True)
class Pending:
    """Unique per mapping, side and key. `parked` ones wait for a change on either side, of the configuration, or for a
    person, whatever `due_at` says."""

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

    def is_due(self, now: datetime) -> bool:
        return not self.parked and not now < self.due_at <= now + LONGEST_WAIT
