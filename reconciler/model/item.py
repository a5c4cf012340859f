"""Item: a work item or task in neutral form, as one tracker returned it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from reconciler.model.field import Value
from reconciler.model.origin import Origin
from reconciler.model.person import Person


@dataclass(frozen=True, slots=True)
class Item:
    """One side's view of one piece of work.

    `fields` holds every field that this item *can* have on its tracker, empty ones as None (or an empty tuple); a
    name that is missing does not exist there and can therefore neither change nor be written. `revision` is opaque:
    equal means nothing changed. `changed_at` is the tracker's own stamp, aware UTC. `label` is what people call it
    ("AB#12"). `home` says where it lives, in the tracker's words. `native` is whatever the tracker itself needs to
    write to the item later without reading it again; JSON only, and nobody else looks inside. `origin` is the mark of
    ours that the item carries, believed only if `ours` (we created it). Footers and hyperlinks of ours are already
    split off. `archived` items are neither created nor deleted on the other side. `rewritten` names fields that show
    for the first time what the tracker made of our own last write, nobody having touched the item since: a difference
    from what we recorded then is the tracker's spelling and no change. `changed_by` is who changed it last, where the
    tracker says so; it is no part of what is remembered.
    """

    key: str
    revision: str
    changed_at: datetime
    url: str
    label: str
    fields: Mapping[str, Value]
    home: str = ""
    created_at: datetime | None = None
    origin: Origin | None = None
    ours: bool = False
    archived: bool = False
    rewritten: frozenset[str] = frozenset()
    native: Mapping[str, Any] = field(default_factory=dict)
    changed_by: Person | None = field(default=None, compare=False)

    @property
    def title(self) -> str:
        return str(self.fields.get("title") or "")

    @property
    def type(self) -> str:
        return str(self.fields.get("type") or "")
