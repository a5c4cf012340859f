"""Tombstone: a pair that a proved deletion ended, remembered so that neither item is made again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from reconciler.model.side import Side


@dataclass(frozen=True, slots=True)
class Tombstone:
    """`gone` is the side on which a person deleted the item; the other one was closed, deleted or left as it is."""

    mapping: str
    left_key: str
    right_key: str
    gone: Side
    reason: str
    at: datetime

    def key(self, side: Side) -> str:
        return self.left_key if side == "left" else self.right_key
