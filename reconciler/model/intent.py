"""Intent: the journal's line about one request that changes something, written before the request is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from reconciler.model.field import Value
from reconciler.model.side import Side

IntentKind = Literal[
    "create", "update", "delete", "comment", "edit_comment", "delete_comment", "attachment", "delete_attachment"
]

Outcome = Literal["", "done", "rejected", "adopted", "abandoned"]
""""" while it is open: the request was sent, or not, or half. "adopted": found to have happened. "abandoned": it
certainly did not happen, or was found undecidable and is looked at again."""


@dataclass(frozen=True, slots=True)
class Intent:
    """`side` is the side written to and `key` the item there ("" for what does not exist yet); `source_key` is the
    object on the other side that the news comes from. `marker` is what the request carries, `before` and `after` the
    values it replaces and sets. `since` is a server time of `side` before which the request cannot have happened.
    `probes` counts looks that did not find it, the first of them at `probed_at`. `id` is 0 until the store gave one."""

    id: int
    mapping: str
    run: int | None
    kind: IntentKind
    side: Side
    since: datetime
    opened_at: datetime
    key: str = ""
    source_key: str = ""
    marker: str = ""
    label: str = ""
    before: Mapping[str, Value] = field(default_factory=dict)
    after: Mapping[str, Value] = field(default_factory=dict)
    base_revision: str = ""
    probes: int = 0
    probed_at: datetime | None = None
    outcome: Outcome = ""
    note: str = ""
    closed_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return not self.outcome
