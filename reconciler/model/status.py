"""MappingStatus: how one mapping stands, read from the store alone."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class MappingStatus:
    """`polled_left` and `polled_right` are the watermarks: server times up to which each side has been dealt with,
    None before the first cycle. `oldest_look` is when the discussion that waits longest was last read, `oldest_pending`
    since when the item waits that has waited longest, `oldest_doubt` when the oldest write in doubt was sent.
    `open_pairs` counts the pairs of which anything waits, is held, in quarantine or in doubt.
    `circuit_left` and `circuit_right` are "open" where the last cycle left that tracker alone as it kept failing."""

    name: str
    linked: int
    polled_left: datetime | None
    polled_right: datetime | None
    pending: int
    quarantined: int
    conflicts: int
    in_doubt: int
    oldest_look: datetime | None
    last_problem: str | None
    oldest_pending: datetime | None = None
    oldest_doubt: datetime | None = None
    circuit_left: str = "closed"
    circuit_right: str = "closed"
    waiting: tuple[str, ...] = ()
    open_pairs: int = 0

    @property
    def parity(self) -> float | None:
        """The share of pairs of which nothing is open, 0 to 1; None where there are no pairs."""
        return 1 - self.open_pairs / self.linked if self.linked else None

    def as_json(self) -> dict[str, Any]:
        columns = {k: v.isoformat() if isinstance(v, datetime) else v for k, v in asdict(self).items()}
        return {**columns, "parity": self.parity}
