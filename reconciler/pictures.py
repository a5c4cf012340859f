"""Pictures: those in a text that lie behind the login of the side it comes from are copied before the text is written,
each once, journalled like attachments. One that cannot be copied becomes a link that says why; the text goes on.
"""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.attachments import copy_of
from reconciler.errors import Gone, OutcomeUnknown, Rejected, StaleRevision, Unavailable
from reconciler.model.attachment import Attachment
from reconciler.model.attachment_link import AttachmentLink
from reconciler.model.link import Link
from reconciler.model.rich_text import RichText
from reconciler.model.side import Side, other
from reconciler.richtext import pictures
from reconciler.transfer import add, bytes_max_of, fetch, sized, temporary
from reconciler.turn import Turn
from reconciler.wording import file_words


def with_copies(turn: Turn, link: Link, side: Side, text: RichText, *, comments: bool = False) -> RichText:
    """The text, which is to be written on `side` and may show pictures of the other one, showing their copies.

    Raises Rejected where a picture may be had later: the text waits for it. The very same text without pictures."""
    if not turn.context.policy.travels("attachments", side):
        return text
    files = {file.key: file for file in _pictures(turn, other(side), text)}
    if not files:
        return text
    known = turn.store.attachment_links_with(turn.name, other(side), files)
    missing = [file for key, file in files.items() if key not in known]
    if missing:
        _copy_all(turn, link, side, missing)
    return file_words(turn.context, turn.store, other(side), text, comments=comments).spoken(text, side)


def _pictures(turn: Turn, owner: Side, text: RichText) -> Iterator[Attachment]:
    """The files of `owner` that the text shows."""
    tracker = turn.context.trackers[owner]
    yield from filter(None, map(tracker.file_at, pictures(text)))


def _copy_all(turn: Turn, link: Link, side: Side, files: list[Attachment]) -> None:
    if any(i.key == link.key(side) and "/a/" in i.source_key for i in turn.store.open_intents(turn.name)):
        raise Rejected("a picture in it may or may not have been copied; it waits until that is known")
    tracker, scope = turn.context.trackers[side], turn.context.scopes[side]
    there = tracker.attachments(scope, link.side(side).item)
    listed = {each.key: each for each in _listed(turn, link, other(side))}
    for file in files:
        # One that hangs on the item as well is its attachment, and nothing else.
        _copy(turn, link, side, listed.get(file.key, file), there)


def _listed(turn: Turn, link: Link, side: Side) -> list[Attachment]:
    tracker, item = turn.context.trackers[side], link.side(side).item
    return tracker.attachments(turn.context.scopes[side], item) if tracker.may_have_attachments(item) else []


def _copy(turn: Turn, link: Link, side: Side, source: Attachment, there: list[Attachment]) -> None:
    bytes_max = bytes_max_of(turn, side)
    if source.size_bytes is not None and source.size_bytes > bytes_max:
        _leave(turn, link, side, source, f"it has {sized(source.size_bytes)}, more than {sized(bytes_max)}")
        return
    operation = copy_of(turn.context.policy, link, other(side), source)
    adding = False
    try:
        with temporary() as content:
            size, digest = fetch(turn, other(side), source, content, bytes_max)
            adding = True
            add(turn, operation, there, content, size, digest)
    except Rejected as error:
        if adding and isinstance(error, Gone | StaleRevision):
            raise
        _leave(turn, link, side, source, error.message)
    except OutcomeUnknown as error:
        turn.in_doubt(error)
        raise Rejected(f"{source.name} may or may not have been copied; the text waits until that is known") from error
    except (Unavailable, OSError) as error:
        raise Rejected(f"{source.name} cannot be copied now: {error}") from error


def _leave(turn: Turn, link: Link, side: Side, source: Attachment, reason: str) -> None:
    """Recorded as a file without a counterpart, so that nobody tries again and every text says the same of it."""
    left, right = (None, source) if side == "left" else (source, None)
    original = link.side(other(side)).item
    sentence = f"{source.name} in a text of {original.label} is not copied: {reason}"
    with turn.store.transaction():
        alone = AttachmentLink(0, link.id, left, right, note=f"not copied: {reason}")
        turn.store.add_attachment_link(alone, new=None if source.inline else other(side))
        turn.event("attachment not carried", sentence, side=other(side), key=original.key, field="attachments")
    turn.note(f"{original.label}: {sentence}")
