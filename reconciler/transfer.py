"""Transfer: one file from one side to the other, journalled like everything else.

Content passes through a temporary file, a piece at a time: that gives its size and sha-256 before anything is added,
and a request that has to be repeated begins again without fetching twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from hashlib import sha256
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast

from reconciler.attachments import file_name
from reconciler.model.attachment import Attachment, AttachmentDraft
from reconciler.model.attachment_link import AttachmentLink
from reconciler.model.plan import CopyAttachment
from reconciler.model.side import Side, other
from reconciler.turn import Turn

IN_MEMORY_BYTES = 1 << 20
"""Larger files pass through the disk."""

PIECE_BYTES = 1 << 16


def temporary() -> AbstractContextManager[BinaryIO]:
    return cast("AbstractContextManager[BinaryIO]", SpooledTemporaryFile(max_size=IN_MEMORY_BYTES))


def fetch(turn: Turn, side: Side, attachment: Attachment, into: BinaryIO, bytes_max: int) -> tuple[int, str]:
    """Its size and sha-256."""
    turn.context.trackers[side].fetch_attachment(turn.context.scopes[side], attachment, into, bytes_max)
    size = into.tell()
    digest = sha256()
    into.seek(0)
    while piece := into.read(PIECE_BYTES):
        digest.update(piece)
    return size, digest.hexdigest()


def bytes_max_of(turn: Turn, side: Side | None = None) -> int:
    """What the mapping copies at most, and the tracker of `side` takes."""
    limits = [turn.context.policy.attachment_bytes_max]
    if side is not None:
        limits.append(turn.context.trackers[side].capabilities.attachment_bytes_max or limits[0])
    return min(limits)


def add(
    turn: Turn, operation: CopyAttachment, there: Sequence[Attachment], content: BinaryIO, size: int, digest: str
) -> None:
    """Adds the file and records the two as one; `there` is what hangs on the target already. Raises what the tracker
    raises."""
    side, link, source = operation.side, operation.link, operation.source
    item, original = link.side(side).item, link.side(other(side)).item
    draft = AttachmentDraft(file_name(source.name), size, operation.marker)
    known = tuple(attachment.key for attachment in there)
    facts: dict[str, Any] = {"name": draft.name, "size": size, "sha256": digest, "known": known}
    facts |= {"inline": source.url} if source.inline else {}
    with turn.journalled(
        "attachment",
        side,
        key=item.key,
        source_key=f"{original.key}/a/{source.key}",
        marker=draft.marker,
        label=item.label,
        after=facts,
    ) as intent:
        copy = turn.context.trackers[side].add_attachment(turn.context.scopes[side], item, draft, content)
    left, right = (copy, source) if side == "left" else (source, copy)
    with turn.store.transaction():
        new = None if source.inline else other(side)
        turn.store.add_attachment_link(AttachmentLink(0, link.id, left, right, digest), new=new)
        turn.store.close_intent(intent, "done")
        turn.event("attachment", f"{source.name} of {original.label}, copied to {item.label}", side=side, key=item.key)
    turn.succeeded()
    turn.report.attachments[turn.tracker_name(side)] += 1


def sized(size_bytes: int) -> str:
    """For people: "61.4 MB"."""
    amount, unit = float(size_bytes), "bytes"
    for larger in ("kB", "MB", "GB"):
        if amount < 1000:
            break
        amount, unit = amount / 1000, larger
    return f"{amount:.3g} {unit}"
