"""Comment: one remark under an item, as one tracker returned it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from reconciler.model.origin import Origin
from reconciler.model.person import Person
from reconciler.model.rich_text import RichText


@dataclass(frozen=True, slots=True)
class Comment:
    """`text` is native and without the attribution line; `origin` is set where the comment is a copy made by us.

    `credit` is the author named in that line ("" for people's own comments). `created_at` is the
    tracker's stamp, aware UTC. `url` is its page (the item's page where it has none).
    """

    key: str
    author: Person
    text: RichText
    created_at: datetime
    url: str
    label: str = ""
    origin: Origin | None = None
    credit: str = ""
    ours: bool = False


@dataclass(frozen=True, slots=True)
class CommentDraft:
    """What to write: `text` in any form, the author's name for the attribution line, and the origin it links to."""

    author: str
    text: RichText
    origin: Origin
