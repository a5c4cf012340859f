"""Link: two items that are one piece of work, with a snapshot of each.

Note for the store: what is persisted per side is the whole Snapshot (item, unsettled values, forgotten names), and
`save_snapshot` and `add_link` take Snapshot values.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from reconciler.model.side import Side
from reconciler.model.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Link:
    """`id` is the store's; a link is unique on both keys within its mapping."""

    id: int
    mapping: str
    left: Snapshot
    right: Snapshot
    created_at: datetime

    def side(self, side: Side) -> Snapshot:
        return self.left if side == "left" else self.right

    def key(self, side: Side) -> str:
        return self.side(side).item.key
