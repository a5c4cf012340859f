"""Attachment: one file that hangs on an item, as one tracker listed it; its content is fetched only when needed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from reconciler.model.person import Person


@dataclass(frozen=True, slots=True)
class Attachment:
    """`size_bytes` is what the tracker says, None where it does not. `created_at` is its stamp, aware UTC. `url` is
    where a person finds the file; `author` is empty where the tracker does not tell who added it. `marker` is the mark
    of a copy made by us, "" where there is none or the tracker has no room for one; `ours` says that our account added
    it, as far as the tracker tells. `inline`: it stands in a text and hangs on no item, so that no listing shows it,
    and nobody knows whether it is removed."""

    key: str
    name: str
    size_bytes: int | None
    created_at: datetime
    url: str
    author: Person
    marker: str = ""
    ours: bool = False
    inline: bool = False


@dataclass(frozen=True, slots=True)
class AttachmentDraft:
    """What to add: a name that is one line without slashes, the exact size of the content, and the mark to put on it
    where there is room for one."""

    name: str
    size_bytes: int
    marker: str
