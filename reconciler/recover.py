"""Recover: settles what a crash or a lost response left in doubt, before anything new is planned (reliability.md 3.2).

A create, a new comment or a new attachment is looked for by the marker it carries: found, it is adopted; not found
twice, the second time late enough, it is proved absent and planned again with the same marker. A create is not looked
for in between. A copy that somebody deleted meanwhile is not made again where the tracker shows what was deleted; where
it does not, such a copy leaves no trace. An update is read back: what arrived counts as ours, the rest is planned
again. Everything else is harmless to repeat.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from reconciler.attachments import arrived
from reconciler.discussion import says_as_sent
from reconciler.errors import Gone, Rejected
from reconciler.mapping.correspondence import merged_people, merged_tags
from reconciler.mapping.equality import is_empty, people, same_value, tags
from reconciler.members import settle_members
from reconciler.model.attachment_link import AttachmentLink
from reconciler.model.comment import Comment
from reconciler.model.draft import Draft
from reconciler.model.field import Kind, Value, kind_of
from reconciler.model.intent import Intent
from reconciler.model.item import Item
from reconciler.model.link import Link
from reconciler.model.origin import Origin
from reconciler.model.rich_text import RichText
from reconciler.model.side import SIDES, Side, other
from reconciler.model.snapshot import Snapshot
from reconciler.richtext import replay, same
from reconciler.trackers.base import Fate
from reconciler.turn import Turn, empty

PROBES = 2
DOUBT_LASTS = timedelta(seconds=180)
"""A create not found this long after its request, twice, never happened (reliability.md 3.2.3)."""


def recover(turn: Turn, *, doubt_lasts: timedelta = DOUBT_LASTS) -> None:
    """Settles the mapping's open intents as far as is possible now; the rest stays in doubt for a later cycle.

    Idempotent, and safe to die in at any point. Costs at most two requests an intent.
    """
    intents = turn.store.open_intents(turn.name)
    _updates(turn, [intent for intent in intents if intent.kind == "update"])
    for intent in intents:
        try:
            _settle(turn, intent, doubt_lasts)
        except Rejected as error:
            turn.note(f"{intent.label}: {error}")  # still in doubt; the others go on
        turn.clock.checkpoint()
    turn.report.in_doubt = len(turn.store.open_intents(turn.name))


def _settle(turn: Turn, intent: Intent, doubt_lasts: timedelta) -> None:
    match intent.kind:
        case "create":
            _create(turn, intent, doubt_lasts)
        case "comment":
            _comment(turn, intent, doubt_lasts)
        case "edit_comment":
            _edit_comment(turn, intent)
            _repeatable(turn, intent)
        case "attachment":
            _attachment(turn, intent, doubt_lasts)
        case "delete_comment" | "delete_attachment" | "delete":
            _repeatable(turn, intent)


def _create(turn: Turn, intent: Intent, doubt_lasts: timedelta) -> None:
    side = intent.side
    if turn.store.link(turn.name, other(side), intent.source_key) is not None:
        turn.store.close_intent(intent.id, "adopted", "already paired")
        return
    if intent.probes and not _is_last_look(turn, intent, doubt_lasts):
        return
    source = _read(turn, other(side), intent.source_key)
    url, label = (source.url, source.label) if source else ("", intent.label)
    copy = turn.context.trackers[side].find_copy(
        turn.context.scopes[side], Origin(url, label, intent.marker), intent.since
    )
    if copy is None:
        deleted = _deleted_copy(turn, intent) if _is_last_look(turn, intent, doubt_lasts) else None
        with turn.store.transaction():
            if deleted is not None:
                _leave_deleted(turn, intent, deleted)
            elif _not_found(turn, intent, doubt_lasts):
                turn.again(other(side), intent.source_key, "a creation that never happened")
        return
    if source is None and not _is_deleted(turn, other(side), intent.source_key):
        return  # its copy must not look like an item without an original
    with turn.store.transaction():
        if source is not None:
            _adopt_copy(turn, side, source, copy, intent)
        else:
            reason = "deleted while its copy was in doubt"
            _bury(turn, intent, copy.key, gone=other(side), reason=reason)
        turn.store.close_intent(intent.id, "adopted", f"found as {copy.label}")
        turn.event(
            "adopted", f"{copy.label} is the copy of {label} whose creation was in doubt", side=side, key=copy.key
        )


def _is_deleted(turn: Turn, side: Side, key: str) -> bool:
    return turn.context.trackers[side].fate(turn.context.scopes[side], key) is Fate.DELETED


def _bury(turn: Turn, intent: Intent, copy_key: str, *, gone: Side, reason: str) -> None:
    """One of the two was deleted while the copy was in doubt: the other is left alone, and nothing is made of it."""
    left, right = (copy_key, intent.source_key) if intent.side == "left" else (intent.source_key, copy_key)
    turn.store.add_tombstone(turn.name, left, right, gone=gone, reason=reason, at=turn.clock.now())


def _deleted_copy(turn: Turn, intent: Intent) -> str | None:
    """The key of the copy, where the tracker shows that it was made and deleted since; where it shows nothing of what
    was deleted, such a copy never was, and is made."""
    side = intent.side
    draft = Draft(intent.after, Origin("", intent.label, intent.marker))
    found = turn.context.trackers[side].deleted_copies(turn.context.scopes[side], draft, intent.since)
    names = (turn.name, *turn.context.siblings[side])
    known = {key for name in names for key in turn.store.links(name, side, found)}
    known |= {stone.key(side) for name in names for stone in turn.store.tombstones(name)}
    return next((key for key in found if key not in known), None)


def _leave_deleted(turn: Turn, intent: Intent, key: str) -> None:
    """Somebody deleted the copy before we knew of it: it is not made again."""
    _bury(turn, intent, key, gone=intent.side, reason="deleted while it was in doubt")
    turn.store.close_intent(intent.id, "adopted", f"found as {key}, deleted")
    sentence = f"the copy of {intent.label} was deleted before its pair was noted; {intent.label} is left as it is"
    turn.event("deleted", sentence, side=intent.side, key=key)
    turn.note(sentence)


def _adopt_copy(turn: Turn, side: Side, source: Item, copy: Item, intent: Intent) -> None:
    """Pairs a found copy with its original. Fields that arrived as sent are agreed at the original's value of that
    time, so that later edits on either side are net changes. What the copy was given instead is the tracker's choice,
    and the original's values are carried there; where that is not known, nothing is known of the field's past."""
    created = _as_created(turn, side, copy, intent)
    # They move no stamp and no revision: what the copy was given is what was sent, whatever it shows by now.
    unseen = turn.context.trackers[side].capabilities.unseen_in_feed
    created |= {name: intent.after.get(name, empty(name)) for name in created if name in unseen}
    agreed = {n: value for n, value in intent.before.items() if n in source.fields and n in intent.after}
    arrived = {n for n, v in intent.after.items() if n in created and _is_as_sent(turn, n, v, created[n])}
    late = {n for n, v in created.items() if n not in arrived and (n in intent.after or not is_empty(v))}
    strange = frozenset(copy.fields) - created.keys()
    base = {name: empty(name) if name in late else agreed.get(name, empty(name)) for name in source.fields}
    unsettled = {
        name: base[name]
        for name, now in source.fields.items()
        if name not in strange and not same_value(name, base[name], now)
    }
    edited = {n: v for n, v in created.items() if not same_value(n, v, copy.fields[n])}
    original = Snapshot(source, unsettled, forgotten=strange & frozenset(source.fields))
    mine = Snapshot(copy, edited, forgotten=strange)
    left, right = (mine, original) if side == "left" else (original, mine)
    link = turn.store.add_link(turn.name, left, right, run=turn.run, added=[other(side)])
    if not (original.is_settled and mine.is_settled):
        turn.again(other(side), source.key, "recovered; what differs is looked at again")
    _look_again(turn, link)
    turn.report.paired += 1


def _as_created(turn: Turn, side: Side, copy: Item, intent: Intent) -> dict[str, Value]:
    """The copy's fields as its creation left them, as far as that is known: from its history, or, where the tracker
    keeps none, from what was sent, for values that are stored exactly as sent or not at all."""
    if copy.changed_at == copy.created_at:
        return dict(copy.fields)
    first = turn.context.trackers[side].as_created(turn.context.scopes[side], copy)
    if first is not None:
        return {name: value for name, value in first.fields.items() if name in copy.fields}
    exact = {n for n in copy.fields if kind_of(n) in (Kind.CHOICE, Kind.DATE, Kind.NUMBER, Kind.ITEM, Kind.ITEMS)} - {
        "type",
        "state",
    }
    sent = {name: intent.after.get(name, empty(name)) for name in copy.fields}
    return {n: v for n, v in sent.items() if n in exact or same_value(n, v, copy.fields[n])}


def _not_found(turn: Turn, intent: Intent, doubt_lasts: timedelta) -> bool:
    """One more look in vain; True once absence is proved: by two looks, the last after the doubt lasted long enough."""
    probes = intent.probes + 1
    if not _is_last_look(turn, intent, doubt_lasts):
        turn.store.update_intent(intent.id, probes=probes, probed_at=intent.probed_at or turn.clock.now())
        return False
    turn.store.close_intent(intent.id, "abandoned", f"nothing carries its mark after {probes} looks")
    return True


def _is_last_look(turn: Turn, intent: Intent, doubt_lasts: timedelta) -> bool:
    return intent.probes + 1 >= PROBES and _doubt_s(turn, intent) >= doubt_lasts.total_seconds()


def _doubt_s(turn: Turn, intent: Intent) -> float:
    """How long the request has certainly been gone. It may have waited for minutes between its intent and its leaving
    (Retry-After), so what counts is the time since the first look: by the tracker's clock and by ours, unless ours was
    set back to before then. One that was set forward cannot end a doubt early."""
    ours_s = (turn.clock.now() - (intent.probed_at or turn.clock.now())).total_seconds()
    theirs_s = (turn.server_floor(intent.side) - intent.since).total_seconds()
    return min(ours_s, theirs_s) if ours_s >= 0 else theirs_s


def _comment(turn: Turn, intent: Intent, doubt_lasts: timedelta) -> None:
    side = intent.side
    link = turn.store.link(turn.name, side, intent.key)
    if link is None:
        turn.store.close_intent(intent.id, "abandoned", "the pair is gone")
        return
    item = link.side(side).item
    try:
        copy = turn.context.trackers[side].find_comment(
            turn.context.scopes[side], item, Origin("", intent.label, intent.marker)
        )
    except Gone:
        copy = None  # should the item come back, its comments are read before any is written
    if copy is None:
        with turn.store.transaction():
            if _not_found(turn, intent, doubt_lasts):
                _look_again(turn, link)
        return
    with turn.store.transaction():
        _adopt_comment(turn, link, intent, copy)
        turn.store.close_intent(intent.id, "adopted", "the comment was there")
        _look_again(turn, link)


def _adopt_comment(turn: Turn, link: Link, intent: Intent, copy: Comment) -> None:
    """Pairs a found copy with its original as that was copied, so that what became of the original since, an edit or a
    deletion, is carried like any other. A copy that somebody edited is left to the next look at both discussions."""
    side, sent = intent.side, intent.after.get("comments")
    said = intent.before.get("comments", sent)  # by the original, in its own words
    source = intent.source_key.partition("/c/")[2]
    if not isinstance(sent, RichText) or not isinstance(said, RichText) or not says_as_sent(copy, sent):
        return
    pairs = turn.store.comment_links(link.id)
    if any(pair.side(side).key == copy.key or pair.side(other(side)).key == source for pair in pairs):
        return
    original = replace(copy, key=source, text=said, url="", origin=None, credit="", ours=False)
    left, right = (copy, original) if side == "left" else (original, copy)
    turn.store.add_comment_link(link.id, left, right, made=side)


def _attachment(turn: Turn, intent: Intent, doubt_lasts: timedelta) -> None:
    side = intent.side
    link = turn.store.link(turn.name, side, intent.key)
    if link is None:
        turn.store.close_intent(intent.id, "abandoned", "the pair is gone")
        return
    try:
        shown = turn.context.trackers[side].attachments(turn.context.scopes[side], link.side(side).item)
    except Gone:
        shown = []
    pairs = turn.store.attachment_links(link.id)
    copy = arrived(intent, shown, {one.key for pair in pairs if (one := pair.side(side))})
    with turn.store.transaction():
        if copy is not None:
            inline = str(intent.after.get("inline") or "")
            original = replace(
                copy, key=intent.source_key.partition("/a/")[2], url=inline, marker="", ours=False, inline=bool(inline)
            )
            left, right = (copy, original) if side == "left" else (original, copy)
            digest = str(intent.after.get("sha256") or "")
            new = None if inline else other(side)
            turn.store.add_attachment_link(AttachmentLink(0, link.id, left, right, digest), new=new)
            turn.store.close_intent(intent.id, "adopted", "the attachment was there")
        if copy is not None or _not_found(turn, intent, doubt_lasts):
            _look_again(turn, link)


def _updates(turn: Turn, intents: list[Intent]) -> None:
    """Reads the targets: values that are as we sent them were carried, so that they are no edit of somebody else, and a
    later value of either side is. The other side stays as it was seen at the time of the request; a fresh look follows.
    A target that cannot be seen tells nothing: its update stays in doubt until it can, or the pair is no more.
    """
    targets = {intent.id: _read(turn, intent.side, intent.key) for intent in intents}
    unseen = [i for i in intents if targets[i.id] is None and turn.store.link(turn.name, i.side, i.key) is not None]
    for intent in unseen:
        _wait_for_target(turn, intent)
    intents = [intent for intent in intents if intent not in unseen]
    arrived = {intent.id: _arrived(turn, intent, targets[intent.id]) for intent in intents}
    with turn.store.transaction():
        for intent in intents:
            settle_members(turn, intent, targets[intent.id])
            _settle_source(turn, intent, arrived[intent.id])
        for intent in intents:
            _settle_target(turn, intent, targets[intent.id], arrived[intent.id])
            turn.store.close_intent(intent.id, "adopted", "read back")
            turn.again(intent.side, intent.key, "an update whose outcome was not known")


def _wait_for_target(turn: Turn, intent: Intent) -> None:
    if intent.probes:
        return
    with turn.store.transaction():
        turn.store.update_intent(intent.id, probes=1, probed_at=turn.clock.now())
        turn.again(intent.side, intent.key, "an update whose outcome was not known")


def _arrived(turn: Turn, intent: Intent, item: Item | None) -> frozenset[str]:
    now = item.fields if item else {}
    whole = (n for n in intent.after if n in now and kind_of(n) is not Kind.ITEMS)
    return frozenset(n for n in whole if _is_as_sent(turn, n, intent.after[n], now[n]))


def _is_as_sent(turn: Turn, name: str, sent: Value, shown: Value) -> bool:
    """Whether a value is what was sent, or what a tracker keeps of it."""
    kept = turn.context.correspondence.kept
    return same_value(name, kept(name, sent), kept(name, shown))


def _settle_source(turn: Turn, intent: Intent, arrived: frozenset[str]) -> None:
    """What the other side showed when the request was made is agreed, and so are the conflicts about it. A state that
    does not correspond to what was written closed a survivor: should the deleted come back, its state is carried."""
    link, side = turn.store.link(turn.name, intent.side, intent.key), other(intent.side)
    if link is None or not arrived:
        return
    seen = link.side(side)
    unsettled = {name: base for name, base in seen.unsettled.items() if name not in arrived}
    if "state" in arrived and not _corresponds(turn, intent, link):
        unsettled["state"] = None
    turn.save_view(link, side, Snapshot(seen.item, unsettled, seen.forgotten - arrived))
    for name in arrived:
        conflict = turn.store.open_conflict_for(link.id, name)
        if conflict is not None:
            turn.store.settle_conflict(conflict.id, side, "carried, though the answer was lost")


def _corresponds(turn: Turn, intent: Intent, link: Link) -> bool:
    fields = {intent.side: intent.after, other(intent.side): link.side(other(intent.side)).item.fields}
    types = [str(link.side(side).item.fields.get("type", "")) for side in SIDES]
    left, right = (fields[side].get("state") for side in SIDES)
    return turn.context.correspondence.agree("state", left, right, *types)


def _settle_target(turn: Turn, intent: Intent, item: Item | None, arrived: frozenset[str]) -> None:
    """What was sent is agreed. Of a set or a text that was merged, only the other side's changes are: what was changed
    here has yet to travel; of a title or a number, what the tracker kept of it. The view is that of now: an older one
    would look like a change back, should the item not be seen again."""
    link = turn.store.link(turn.name, intent.side, intent.key)
    if link is None or item is None or not arrived:
        return
    seen = link.side(intent.side)
    known = seen.base.fields
    agreed = {
        name: _merged(name, intent.before.get(name), sent, known[name]) if name in known else sent
        for name in arrived
        for sent in (item.fields[name] if kind_of(name) in (Kind.TEXT, Kind.NUMBER) else intent.after[name],)
    }
    now = seen.advance(item, frozenset())
    snapshot = Snapshot(item, {**now.unsettled, **agreed}, now.forgotten - arrived)
    turn.save_view(link, intent.side, snapshot, ours=arrived)
    _look_again(turn, link)  # the revision that showed a new comment is known now


def _merged(name: str, before: Value, after: Value, base: Value) -> Value:
    match kind_of(name):
        case Kind.TAGS:
            return merged_tags(tags(before), tags(after), tags(base))
        case Kind.PEOPLE:
            return merged_people(people(before), people(after), people(base))
        case Kind.RICH_TEXT:
            return _replayed(before, after, base)
        case _:
            return after


def _replayed(before: Value, after: Value, base: Value) -> Value:
    """The agreed text with the lines that we carried; a person's edit beside them stays one that has yet to travel."""
    rich = [text for text in (before, after, base) if isinstance(text, RichText)]
    if len(rich) < 3 or same(rich[0], rich[2]):
        return after
    return replay(*rich) or after


def _edit_comment(turn: Turn, intent: Intent) -> None:
    """Reads the twin: a text that is as we sent it was carried, so that a later one of either side is an edit."""
    side, text = intent.side, intent.after.get("comments")
    said = intent.before.get("comments", text)  # what the other side said, in its own words
    link = turn.store.link(turn.name, side, intent.key)
    if link is None or not isinstance(text, RichText) or not isinstance(said, RichText):
        return
    source = intent.source_key.partition("/c/")[2]
    pair = next((p for p in turn.store.comment_links(link.id) if p.side(other(side)).key == source), None)
    if pair is None:
        return
    comments = turn.context.trackers[side].comments(turn.context.scopes[side], link.side(side).item)
    twin = next((c for c in comments if c.key == pair.side(side).key), None)
    if twin is not None and same(twin.text, text):
        with turn.store.transaction():
            turn.store.save_comment(pair.id, side, twin, ours=True)
            turn.store.save_comment(pair.id, other(side), replace(pair.side(other(side)), text=said))


def _repeatable(turn: Turn, intent: Intent) -> None:
    """Edits of comments, deletions of anything: what else remains to be done is found by looking again."""
    with turn.store.transaction():
        turn.store.close_intent(intent.id, "abandoned", "looked at again")
        link = turn.store.link(turn.name, intent.side, intent.key)
        if link is not None:
            _look_again(turn, link)
        turn.again(intent.side, intent.key, "an operation whose outcome was not known")


def _look_again(turn: Turn, link: Link) -> None:
    """Has what hangs on a pair read on both sides as soon as the budget allows."""
    for side in SIDES:
        turn.store.set_look(link.id, side, due_at=turn.clock.now(), looked_at=None)


def _read(turn: Turn, side: Side, key: str) -> Item | None:
    return turn.context.trackers[side].read(turn.context.scopes[side], [key]).get(key)
