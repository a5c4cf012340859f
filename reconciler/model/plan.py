"""Plan: what one mapping will do, as values with before, after and reason; `plan` prints it, `sync` applies it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import blake2b

from reconciler.model.attachment import Attachment
from reconciler.model.attachment_link import AttachmentLink
from reconciler.model.comment import Comment, CommentDraft
from reconciler.model.comment_link import CommentLink
from reconciler.model.decision import Conflict, Decision, Write
from reconciler.model.draft import Draft
from reconciler.model.field import Value
from reconciler.model.item import Item
from reconciler.model.link import Link
from reconciler.model.rich_text import RichText
from reconciler.model.side import SIDES, Side


@dataclass(frozen=True, slots=True)
class Create:
    """Make the counterpart of `source` on `side`. `notes` name what could not be carried; `left_out` holds, for fields
    whose value has no counterpart there as long as the configuration is what it is, the part that is carried all the
    same. `awaited` are the keys of items of the other side that fields name and that may have a counterpart by the time
    this is made; a text that points to one is written after that; `held` are fields that name items which are not
    synchronised; `later` are fields that always take a second step."""

    side: Side
    source: Item
    draft: Draft
    reason: str
    notes: tuple[str, ...] = ()
    left_out: Mapping[str, Value] = field(default_factory=dict)
    awaited: Mapping[str, str] = field(default_factory=dict)
    held: frozenset[str] = frozenset()
    later: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Adopt:
    """Pair two existing items; no request. `created` means that one is a copy that we made of the other earlier."""

    left: Item
    right: Item
    reason: str
    created: bool = False


@dataclass(frozen=True, slots=True)
class PairPlan:
    """What becomes of a pair: the two items as observed, and one decision per field that needs any."""

    left: Item
    right: Item
    decisions: tuple[Decision, ...]
    link: Link | None = None
    adopt: Adopt | None = None

    def item(self, side: Side) -> Item:
        return self.left if side == "left" else self.right

    def writes(self, side: Side) -> dict[str, Write]:
        """Field name to write, for one side; empty when that side needs none."""
        return {d.field: w for d in self.decisions for w in d.writes if w.side == side}

    def needs_requests(self) -> bool:
        """Whether anything is to be written to a tracker, not only to the store."""
        return any(decision.writes for decision in self.decisions)

    def conflicts(self) -> tuple[Conflict, ...]:
        return tuple(d.conflict for d in self.decisions if d.conflict)


class DeleteAction(StrEnum):
    IGNORE = "ignore"
    CLOSE = "close"
    DELETE = "delete"
    KEEP = "keep"  # the survivor was edited: an edit beats a deletion


@dataclass(frozen=True, slots=True)
class Delete:
    """The item on the other side is proved deleted; `victim` lives on `side`; `changes` close it where asked."""

    side: Side
    link: Link
    victim: Item
    action: DeleteAction
    changes: dict[str, Value]
    reason: str


@dataclass(frozen=True, slots=True)
class AddComment:
    side: Side
    link: Link
    source: Comment
    draft: CommentDraft
    reason: str


@dataclass(frozen=True, slots=True)
class EditComment:
    """`target` is the twin as last read; `source` the comment whose new text travels."""

    side: Side
    link: Link
    pair: CommentLink
    source: Comment
    target: Comment
    text: RichText
    reason: str


@dataclass(frozen=True, slots=True)
class DeleteComment:
    side: Side
    link: Link
    pair: CommentLink
    target: Comment
    reason: str


CommentOperation = AddComment | EditComment | DeleteComment


@dataclass(frozen=True, slots=True)
class CopyAttachment:
    """Copy `source`, a file of the other side, to `side`, with `marker` on it where there is room for one."""

    side: Side
    link: Link
    source: Attachment
    marker: str
    reason: str


@dataclass(frozen=True, slots=True)
class RemoveAttachment:
    side: Side
    link: Link
    pair: AttachmentLink
    target: Attachment
    reason: str


AttachmentOperation = CopyAttachment | RemoveAttachment


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Items that share a title so that pairing them would be a guess; nothing is done until a person decides."""

    title: str
    left: tuple[Item, ...]
    right: tuple[Item, ...]

    @property
    def sentence(self) -> str:
        names = ", ".join(item.label for item in (*self.left, *self.right))
        return f'"{self.title}" is the title of several unpaired items ({names}); give them different titles'


ARCHIVED = "archived"
"""Why archived items are left alone."""


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """An unlinked item for which nothing is done, and what it is that this is so ("archived", "a copy of …")."""

    side: Side
    item: Item
    reason: str

    @property
    def sentence(self) -> str:
        return f"{self.item.label} is {self.reason}; it is left alone"


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything one cycle of one mapping would do. `notes` is what there is to say of it beside `not_carried`;
    `linked` counts the pairs that exist, for the guard."""

    mapping: str
    creates: tuple[Create, ...] = ()
    pairs: tuple[PairPlan, ...] = ()
    deletes: tuple[Delete, ...] = ()
    comments: tuple[CommentOperation, ...] = ()
    attachments: tuple[AttachmentOperation, ...] = ()
    ambiguous: tuple[Ambiguous, ...] = ()
    left_alone: tuple[LeftAlone, ...] = ()
    notes: tuple[str, ...] = ()
    linked: int = 0
    first: bool = False

    def not_carried(self) -> Iterator[tuple[PairPlan, Decision]]:
        """What stays behind, with its reason in `Decision.note`."""
        yield from ((pair, decision) for pair in self.pairs for decision in pair.decisions if decision.note)

    def updates(self) -> Iterator[tuple[PairPlan, Side]]:
        """Every write to an existing item: at most one per pair and side."""
        for pair in self.pairs:
            for side in SIDES:
                if pair.writes(side):
                    yield pair, side

    @property
    def adoptions(self) -> tuple[Adopt, ...]:
        return tuple(pair.adopt for pair in self.pairs if pair.adopt)

    @property
    def is_empty(self) -> bool:
        """No request that changes anything, and no pairing to record."""
        hanging = self.comments or self.attachments
        return not (self.creates or self.deletes or hanging or self.adoptions or any(True for _ in self.updates()))

    @property
    def digest(self) -> str:
        """Names the plan: equal for plans that would do the same to the same revisions, to the value, in whatever
        order."""
        facts = [
            sorted(["create", c.side, c.source.key, c.source.revision, _named(c.draft.fields)] for c in self.creates),
            sorted(
                ["pair", p.left.key, p.left.revision, p.right.key, p.right.revision, *_written(p)]
                for p in self.pairs
                if p.decisions
            ),
            sorted(
                ["delete", d.side, d.victim.key, d.victim.revision, d.action.value, _named(d.changes)]
                for d in self.deletes
            ),
        ]
        return blake2b(json.dumps(facts).encode(), digest_size=6).hexdigest()


def _written(pair: PairPlan) -> list[list[list[str]]]:
    return [_named({name: write.after for name, write in pair.writes(side).items()}) for side in SIDES]


def _named(values: Mapping[str, Value]) -> list[list[str]]:
    return sorted([name, repr(value)] for name, value in values.items())
