"""Look: when one side of a pair's discussion was last read, and when it is to be read again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from reconciler.model.side import Side

SELDOMEST = timedelta(days=1)
"""A discussion on the slow rhythm is read at least so often."""


@dataclass(frozen=True, slots=True)
class Look:
    """`due_at` None: not on the slow rhythm. `looked_at` None: never read."""

    link_id: int
    side: Side
    due_at: datetime | None
    looked_at: datetime | None
