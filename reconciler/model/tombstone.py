"""Tombstone: two items that belong together and are no pair, remembered so that neither is made again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from reconciler.model.side import Side

UNSEEN = "its original cannot be seen"
"""The reason where nothing proves a deletion: a copy of ours whose original we have no right to see, after the store
was lost. Should the original come into sight, the two are paired."""


ASKED_BACK = "a person asked for the pair again"
"""The reason where a person took a release back: the two are paired as soon as both are seen."""


@dataclass(frozen=True, slots=True)
class Tombstone:
    """`gone` is the side on which a person deleted the item, or does not let us see it; the other one was closed,
    deleted or left as it is. None where a person released the pair: both live on, neither is synchronised, until a
    person says otherwise."""

    mapping: str
    left_key: str
    right_key: str
    gone: Side | None
    reason: str
    at: datetime

    def key(self, side: Side) -> str:
        return self.left_key if side == "left" else self.right_key
