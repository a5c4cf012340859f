"""Attach: lists the files that hang on a pair and carries them over, journalled like everything else.

What cannot be copied is told once, with a link to where it is, and stops nothing else.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import BinaryIO

from reconciler.attachments import AttachmentPlan, copy_of, needs_both, plan_attachments
from reconciler.context import MappingContext
from reconciler.errors import Gone, OutcomeUnknown, Rejected, StaleRevision, Unavailable
from reconciler.looks import Due
from reconciler.model.attachment import Attachment
from reconciler.model.attachment_link import AttachmentLink
from reconciler.model.comment import CommentDraft
from reconciler.model.link import Link
from reconciler.model.origin import Origin
from reconciler.model.plan import AttachmentOperation, CopyAttachment, RemoveAttachment
from reconciler.model.rich_text import Form, RichText
from reconciler.model.side import SIDES, Side, other
from reconciler.store import Store
from reconciler.transfer import add, bytes_max_of, fetch, sized, temporary
from reconciler.turn import Turn


class Progress(StrEnum):
    """How a look at the files of a pair ended: nothing is left to do, or another look is needed."""

    SETTLED = "settled"
    LATER = "later"
    SOON = "soon"


Listing = Mapping[Side, Sequence[Attachment] | None]


def carries_attachments(context: MappingContext) -> bool:
    return any(context.policy.travels("attachments", side) for side in SIDES)


def read_attachments(context: MappingContext, store: Store, due: Due) -> tuple[AttachmentPlan, Listing]:
    """Lists what is due of one pair and decides; writes nothing."""
    pairs = store.attachment_links(due.link.id)
    now: dict[Side, Sequence[Attachment] | None] = {"left": None, "right": None}
    for side in due.sides:
        now[side] = _listed(context, due.link, side, pairs)
    for side in SIDES:
        shown = now[side]
        if shown is not None and now[other(side)] is None and needs_both(shown, pairs, side):
            now[other(side)] = _listed(context, due.link, other(side), pairs)
    return _plan(context, store, due.link, now), now


def _listed(context: MappingContext, link: Link, side: Side, pairs: Sequence[AttachmentLink]) -> Sequence[Attachment]:
    tracker, item = context.trackers[side], link.side(side).item
    if not tracker.may_have_attachments(item) and not any(pair.side(side) for pair in pairs):
        return ()
    return tracker.attachments(context.scopes[side], item)


def _plan(context: MappingContext, store: Store, link: Link, now: Listing) -> AttachmentPlan:
    removable = [side for side in SIDES if context.trackers[side].capabilities.removes_attachments]
    return plan_attachments(context.policy, link, store.attachment_links(link.id), now, removable)


def attach(turn: Turn, due: Due) -> Progress:
    """Brings the files of a pair to agreement. A refused one is noted and stops no other."""
    link = due.link
    if not carries_attachments(turn.context):
        return Progress.SETTLED
    if any(link.key(i.side) == i.key and "/a/" in i.source_key for i in turn.store.open_intents(turn.name)):
        return Progress.LATER  # `recover` will say which of the files is the copy in doubt
    try:
        plan, now = read_attachments(turn.context, turn.store, due)
    except Rejected as error:
        turn.note(f"{link.left.item.label}: attachments: {error}")
        return Progress.LATER
    _keep_books(turn, link, plan)
    copies = [operation for pair in plan.compared for operation in _compare(turn, link, pair)]
    settled = True
    for operation in (*plan.operations, *copies):
        settled &= turn.permits(operation) and _carry_out(turn, operation, now)
        turn.advance()
    if plan.awaits_proof:
        return Progress.SOON
    return Progress.SETTLED if settled else Progress.LATER


# --- bookkeeping -----------------------------------------------------------------------------------------------------


def _keep_books(turn: Turn, link: Link, plan: AttachmentPlan) -> None:
    if not (plan.noticed or plan.alone or plan.dropped or plan.adopted):
        return
    with turn.store.transaction():
        for pair in (*plan.noticed, *plan.alone):
            turn.store.save_attachment_link(pair)
        for pair in plan.dropped:
            turn.store.remove_attachment_link(pair.id)
        for left, right in plan.adopted:
            turn.store.add_attachment_link(AttachmentLink(0, link.id, left, right))
        for pair in plan.alone:
            side: Side = "left" if pair.left is not None else "right"
            if (kept := pair.side(side)) is not None:
                _tell(turn, link, side, f"{kept.name}: {pair.note}")


def _tell(turn: Turn, link: Link, side: Side, sentence: str) -> None:
    item = link.side(side).item
    turn.note(f"{item.label}: {sentence}")
    turn.event("attachment not carried", sentence, side=side, key=item.key, field="attachments")


# --- content ---------------------------------------------------------------------------------------------------------


def _compare(turn: Turn, link: Link, pair: tuple[Attachment, Attachment]) -> list[CopyAttachment]:
    """Links two files of one name and size where they have one content, or where nobody can tell: what may be there
    already is not added once more. Otherwise both are to be copied."""
    files: dict[Side, Attachment] = {"left": pair[0], "right": pair[1]}
    left, right = (_digest(turn, side, files[side]) for side in SIDES)
    if left and right and left != right:
        policy = turn.context.policy
        return [copy_of(policy, link, s, files[s]) for s in SIDES if policy.travels("attachments", other(s))]
    with turn.store.transaction():
        turn.store.add_attachment_link(AttachmentLink(0, link.id, *pair, left or right))
    return []


def _digest(turn: Turn, side: Side, attachment: Attachment) -> str:
    """The sha-256, "" where the content is not to be had."""
    try:
        with temporary() as content:
            return fetch(turn, side, attachment, content, bytes_max_of(turn))[1]
    except (Rejected, Unavailable, OSError):
        return ""


# --- operations ------------------------------------------------------------------------------------------------------


def _carry_out(turn: Turn, operation: AttachmentOperation, now: Listing) -> bool:
    """False where it is to be tried again."""
    item = operation.link.side(operation.side).item
    try:
        match operation:
            case CopyAttachment():
                return _copy(turn, operation, now)
            case RemoveAttachment():
                _remove(turn, operation)
                return True
    except OutcomeUnknown as error:
        turn.in_doubt(error)
        return False
    except Rejected as error:
        turn.note(f"{item.label}: attachment: {error}")
        turn.event("refused", str(error), side=operation.side, key=item.key, field="attachments")
        return False


def _copy(turn: Turn, operation: CopyAttachment, now: Listing) -> bool:
    side, source = operation.side, operation.source
    bytes_max = bytes_max_of(turn, side)
    if source.size_bytes is not None and source.size_bytes > bytes_max:
        return _link_instead(turn, operation, f"it has {sized(source.size_bytes)}, more than {sized(bytes_max)}")
    with temporary() as content:
        try:
            size, digest = fetch(turn, other(side), source, content, bytes_max)
        except Rejected as error:
            return _link_instead(turn, operation, str(error))
        except Unavailable as error:
            turn.note(f"{source.name}: {error}")
            return False
        except OSError as error:
            turn.note(f"{source.name}: no room for a temporary file: {error.strerror}")
            return False
        return _add(turn, operation, now, content, size, digest)


def _add(turn: Turn, operation: CopyAttachment, now: Listing, content: BinaryIO, size: int, digest: str) -> bool:
    try:
        add(turn, operation, now[operation.side] or (), content, size, digest)
    except (Gone, StaleRevision):
        raise
    except Rejected as error:
        return _link_instead(turn, operation, str(error))
    return True


def _link_instead(turn: Turn, operation: CopyAttachment, reason: str) -> bool:
    """Says where the file is that cannot be copied: in a comment of ours, where comments travel there, and once."""
    side, link, source = operation.side, operation.link, operation.source
    original = link.side(other(side)).item
    intent = None
    if turn.context.policy.travels("comments", side):
        intent = _say_where(turn, operation, reason)
    left, right = (None, source) if side == "left" else (source, None)
    with turn.store.transaction():
        alone = AttachmentLink(0, link.id, left, right, note=f"not copied: {reason}")
        turn.store.add_attachment_link(alone, new=other(side))
        if intent is not None:
            turn.store.close_intent(intent, "done")
        _tell(turn, link, other(side), f"{source.name} of {original.label} is not copied: {reason}")
    return True


def _say_where(turn: Turn, operation: CopyAttachment, reason: str) -> int | None:
    """The open intent of the comment; None where it is there already."""
    side, source = operation.side, operation.source
    item, original = operation.link.side(side).item, operation.link.side(other(side)).item
    tracker, scope = turn.context.trackers[side], turn.context.scopes[side]
    origin = Origin(original.url, f"{original.label} attachment", operation.marker)
    if tracker.find_comment(scope, item, origin) is not None:
        return None
    where = f'<a href="{html.escape(source.url)}">{html.escape(source.name)}</a>'
    text = RichText(Form.HTML, f"<p>{where} is not copied: {html.escape(reason)}</p>")
    draft = CommentDraft(source.author.name or source.author.address or "Attachment", text, origin)
    source_key = f"{original.key}/a/{source.key}"
    with turn.journalled(
        "comment", side, key=item.key, source_key=source_key, marker=origin.marker, label=item.label
    ) as intent:
        tracker.add_comment(scope, item, draft)
    turn.succeeded()
    turn.report.comments[turn.tracker_name(side)] += 1
    return intent


def _remove(turn: Turn, operation: RemoveAttachment) -> None:
    side, item = operation.side, operation.link.side(operation.side).item
    with turn.journalled("delete_attachment", side, key=item.key, label=item.label) as intent:
        turn.context.trackers[side].remove_attachment(turn.context.scopes[side], item, operation.target.key)
    with turn.store.transaction():
        turn.store.remove_attachment_link(operation.pair.id, gone=[other(side)])
        turn.store.close_intent(intent, "done")
        text = f"{operation.target.name} of {item.label}: {operation.reason}"
        turn.event("attachment removed", text, side=side, key=item.key)
    turn.succeeded()
    turn.report.attachments[turn.tracker_name(side)] += 1
