"""Sweep: a comparison of everything, spread over many cycles, and how far it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from reconciler.model.side import Side


@dataclass(frozen=True, slots=True)
class Sweep:
    """One round over both sides of a mapping. `cursors` say, by side, behind which page to go on, in the tracker's own
    words; "" at the beginning, None where that side is done. `newest_link` is the youngest pair that the round can be
    expected to meet. Both instants are of our own clock."""

    started_at: datetime
    stepped_at: datetime
    newest_link: int
    cursors: Mapping[Side, str | None]

    @property
    def is_over(self) -> bool:
        return all(cursor is None for cursor in self.cursors.values())
