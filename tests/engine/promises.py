"""Promises: what must hold of a world at rest, whatever happened before (reliability.md, section 2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from reconciler.mapping.kinship import Kinship
from reconciler.model.comment import Comment
from reconciler.model.field import FIELDS, LINKS
from reconciler.model.link import Link
from reconciler.model.side import SIDES, Side, other
from reconciler.richtext import same
from tests.engine.chaos import Chaos, token_of
from tests.support.memory import MemoryTracker


def broken(chaos: Chaos) -> list[str]:
    """Every promise that does not hold, as sentences."""
    return [
        *_pairs_that_disagree(chaos),
        *_lost_values(chaos),
        *_duplicates(chaos),
        *_unlinked(chaos),
        *_wrongly_deleted(chaos),
        *_discussions(chaos),
        *_files(chaos),
        *_unrest(chaos),
    ]


def _pairs_that_disagree(chaos: Chaos) -> Iterator[str]:
    world = chaos.world
    open_fields = {(c.link_id, c.field) for c in world.store.open_conflicts("web")}
    corr = world.context.correspondence.knowing(
        Kinship().with_pairs((li.key("left"), li.key("right")) for li in _links(chaos))
    )
    waiting = {(row.side, row.key): row.reason for row in world.store.pending("web")}
    no_past = chaos.past_was_lost or any(event.kind == "paired" for event in world.store.events(1, 5000))
    for link in _links(chaos):
        left, right = (chaos.trackers[s].rows[link.key(s)] for s in SIDES)
        if left.deleted or right.deleted:
            continue
        for name in FIELDS:
            one, two = left.item.fields[name], right.item.fields[name]
            if name == "priority" and no_past and (one is None or two is None):
                continue  # design.md, decision 8
            if name == "parent":
                if _may_stand_elsewhere(chaos, link, corr.kinship, waiting):
                    continue
                one, two = (
                    chaos.trackers[s]._shown(row.item).fields["parent"]
                    for s, row in zip(SIDES, (left, right), strict=True)
                )
            if name in LINKS and any("waits for it" in waiting.get((s, link.key(s)), "") for s in SIDES):
                continue  # each of two waits for the other, on different sides
            agree = corr.agree(name, one, two, left.item.type, right.item.type)
            if not agree and (link.id, name) not in open_fields:
                yield f"{link.key('left')}/{link.key('right')} disagree about {name}: {one!r} / {two!r}"


def _may_stand_elsewhere(chaos: Chaos, link: Link, kinship: Kinship, waiting: dict[tuple[Side, str], str]) -> bool:
    """A child whose parent has, or had, no counterpart is left where it is, as is one that cannot be taken out or would
    come below itself, which is said."""
    for side in SIDES:
        parent = chaos.trackers[side].rows[link.key(side)].item.fields["parent"]
        partner = kinship.partner(side, parent)
        if parent is not None and (
            partner is None
            or chaos.trackers[side].rows[str(parent)].deleted
            or chaos.trackers[other(side)].rows[partner].deleted
        ):
            return True
    reasons = [waiting.get((side, link.key(side)), "") for side in SIDES]
    return any(said in reason for reason in reasons for said in ("taken out", "below it"))


def _lost_values(chaos: Chaos) -> Iterator[str]:
    """I4: what a person set is current on both sides, or was replaced by somebody who saw it, or is kept."""
    chaos.remember_conflicts()
    for edit in chaos.edits:
        if edit.token in chaos.overwritten or edit.token in chaos.kept:
            continue
        row = chaos.trackers[edit.side].rows[edit.key]
        if row.deleted and (edit.side, edit.key) in chaos.deleted:
            continue
        link = chaos.world.store.link("web", edit.side, edit.key)
        shown = [token_of(row.item.fields[edit.field])]
        if link is not None:
            partner = chaos.trackers[other(edit.side)].rows[link.key(other(edit.side))]
            shown.append(token_of(partner.item.fields[edit.field]))
        stone = next((s for s in chaos.world.store.tombstones("web") if s.key(edit.side) == edit.key), None)
        if row.deleted and stone is not None:
            partner = chaos.trackers[other(edit.side)].rows[stone.key(other(edit.side))]
            if token_of(partner.item.fields[edit.field]) in (edit.token, *chaos.overwritten):
                continue  # whoever deleted the partner saw it there
        if row.deleted and chaos.past_was_lost:
            continue  # nobody remembers whose deletion it followed
        if row.deleted or any(token != edit.token for token in shown):
            waiting = {(r.side, r.key) for r in chaos.world.store.pending("web") if r.parked}
            if link is None or not waiting & {(s, link.key(s)) for s in SIDES}:
                yield f"{edit.side} {edit.key}: {edit.field} {edit.token} is lost (shown: {shown})"


def _duplicates(chaos: Chaos) -> Iterator[str]:
    """I6, I7: one copy of each original ever, but for what was forgotten or deliberately brought back."""
    linked = {(s, link.key(s)) for link in _links(chaos) for s in SIDES}
    for side in SIDES:
        key_of, there = chaos.trackers[other(side)].key_of, chaos.trackers[other(side)].rows
        copies: Counter[str] = Counter()
        for row in chaos.trackers[side].rows.values():
            if not row.item.ours or row.item.origin is None:
                continue
            if row.deleted and (side, row.item.key) not in chaos.linked and not chaos.trackers[side].shows_deleted:
                continue  # deleted while it was in doubt: this tracker shows nothing of what was deleted
            source = key_of(row.item.origin.url) or ""
            if there[source].item.ours:
                yield f"{side} {row.item.key} is a copy of our own copy {source}"
            late = {(side, key) for key in chaos.trackers[side].came_late} if chaos.past_was_lost else set()
            if (side, row.item.key) in (chaos.unknowable | late) - linked:
                continue  # neither the store nor the tracker showed it when its original was copied
            forgotten = chaos.past_was_lost or (other(side), source) in chaos.restored
            if not forgotten or (not row.deleted and (side, row.item.key) not in chaos.deleted):
                copies[source] += 1
        yield from (f"{count} copies on the {side} of {source}" for source, count in copies.items() if count > 1)


def _unlinked(chaos: Chaos) -> Iterator[str]:
    """Every living item has a living partner, unless a deletion, a doubt or a person's silence explains it."""
    store = chaos.world.store
    stones = {(s, stone.key(s)) for stone in store.tombstones("web") for s in SIDES}
    waiting = {(row.side, row.key) for row in store.pending("web")}
    linked = {(s, link.key(s)) for link in _links(chaos) for s in SIDES}
    for side in SIDES:
        for item in chaos.trackers[side].live():
            place = (side, item.key)
            if place in stones or place in waiting or place in linked:
                continue
            yield f"{side} {item.key} has no partner"


def _wrongly_deleted(chaos: Chaos) -> Iterator[str]:
    for side in SIDES:
        for key, row in chaos.trackers[side].rows.items():
            if row.deleted and (side, key) not in chaos.deleted:
                stone = next((s for s in chaos.world.store.tombstones("web") if s.key(side) == key), None)
                known = stone is not None or chaos.past_was_lost or chaos.restored  # else its tombstone still stands
                if not known or (stone and (other(side), stone.key(other(side))) not in chaos.deleted):
                    yield f"{side} {key} was deleted though nobody deleted its partner"


def _discussions(chaos: Chaos) -> Iterator[str]:
    held = {c.field for c in chaos.world.store.open_conflicts("web")}
    for link in _links(chaos):
        rows = {s: chaos.trackers[s].rows[link.key(s)] for s in SIDES}
        if any(row.deleted for row in rows.values()):
            continue
        twins = chaos.world.store.comment_links(link.id)
        for twin in twins:
            left, right = (rows[s].comments.get(twin.side(s).key) for s in SIDES)
            if left is None or right is None:
                yield f"{link.key('left')}: of {twin.left.key}/{twin.right.key} one is gone, the other is not"
            elif not same(left.text, right.text) and f"comment {twin.id}" not in held:
                yield f"{link.key('left')}: {left.key}/{right.key} differ: {left.text} / {right.text}"
        for side in SIDES:
            known = {twin.side(side).key for twin in twins}
            for comment in rows[side].comments.values():
                if comment.key not in known and not comment.ours:
                    yield f"{side} {link.key(side)}: comment {comment.key} has no twin"
                if comment.key not in known and _outlived_its_original(chaos, link, side, comment):
                    yield f"{side} {link.key(side)}: copy {comment.key} has no original any more"
            markers = Counter(c.origin.marker for c in rows[side].comments.values() if c.origin)
            for marker, count in markers.items():
                known_copies = [c for c in rows[side].comments.values() if c.origin and c.origin.marker == marker]
                if count > 1 and not any(c.key in chaos.comments_edited for c in known_copies):
                    yield f"{side} {link.key(side)}: {count} comments carry {marker}"


def _outlived_its_original(chaos: Chaos, link: Link, side: Side, comment: Comment) -> bool:
    """Whether a copy without a twin should not be there: a copy of what was said on the present partner, by a program
    that remembers it, which nobody edited."""
    if comment.origin is None or chaos.past_was_lost or comment.key in chaos.comments_edited:
        return False
    said_on = chaos.trackers[other(side)].key_of(comment.origin.url)
    return said_on == link.key(other(side)) and not comment.origin.label.endswith("attachment")


def _files(chaos: Chaos) -> Iterator[str]:
    """A file is on both sides once, or on neither; what could not be copied, and is said to be so, is on its own."""
    deleted = [row for tracker in chaos.trackers.values() for row in tracker.rows.values() if row.deleted]
    went_with_their_item = {file.shown.name for row in deleted for file in row.files.values()}
    for link in _links(chaos):
        if any(chaos.trackers[s].rows[link.key(s)].deleted for s in SIDES):
            continue
        pairs = chaos.world.store.attachment_links(link.id)
        alone = {file.name for pair in pairs if pair.note for s in SIDES if (file := pair.side(s))}
        left, right = (Counter(chaos.trackers[s].files(link.key(s))) for s in SIDES)
        for name, content in left.keys() | right.keys():
            counts = left[name, content], right[name, content]
            if max(counts) > 1:
                yield f"{link.key('left')}: {name} is there {counts} times"
            elif name in alone or (name in chaos.files_removed | went_with_their_item and chaos.past_was_lost):
                continue  # of a copy whose original was removed when nobody knew of it, nobody knows what it is
            elif counts != (1, 1):
                yield f"{link.key('left')}: {name} is there {counts} times, which nobody said"
            elif name in chaos.files_removed:
                yield f"{link.key('left')}: {name} was removed and is there {counts} times"


def _unrest(chaos: Chaos) -> Iterator[str]:
    """At rest a cycle reads once a side, slow looks apart, and writes nothing. What a person has to put right is looked
    at again now and then, so one cycle of them may read more."""
    trackers, busy = list(chaos.trackers.values()), []
    for _ in range(5):
        before = [(t.reads - _looks(t), len(t.writes)) for t in trackers]
        chaos.world.cycle()
        after = [(t.reads - _looks(t), len(t.writes)) for t in trackers]
        polls = [2 if tracker.capabilities.tells_links else 1 for tracker in trackers]
        if after != [(reads + asked, writes) for (reads, writes), asked in zip(before, polls, strict=True)]:
            rows = [f"{r.side} {r.key}: {r.reason}" for r in chaos.world.store.pending("web")]
            last = f"{trackers[0].writes[-2:]} {trackers[1].writes[-2:]}"
            busy.append(f"not at rest: {before} {after} {last} {rows}")
        if any(then[1] != now[1] for then, now in zip(before, after, strict=True)):
            yield f"written at rest: {before} {after}"
    if len(busy) > bool(chaos.world.store.pending("web")):
        yield from busy


def _looks(tracker: MemoryTracker) -> int:
    links = 0 if tracker.capabilities.tells_links else tracker.asked["read"]
    return tracker.discussions_read + tracker.asked["attachments"] + links


def _links(chaos: Chaos) -> list[Link]:
    return list(chaos.world.store.all_links("web"))
