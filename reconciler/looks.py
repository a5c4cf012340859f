"""Looks: when the comments and attachments of a pair are to be read.

Where a tracker's feed shows changed comments, at once. Where it does not, pairs that were active lately are looked at
on a slower rhythm, within a share of the tracker's request budget (design.md, decision 4). What is due is kept in the
store with the snapshots that show it, so that a crash between the two cannot lose a comment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from reconciler.model.item import Item
from reconciler.model.link import Link
from reconciler.model.look import SELDOMEST
from reconciler.model.side import SIDES, Side
from reconciler.store import Store
from reconciler.trackers.base import Tracker

LOOK_SHARE = 0.1
"""The share of a tracker's request budget that slow looks may use."""

LOOKS_WITHOUT_CEILING = 20
"""Slow looks a minute where the tracker names no ceiling."""


LINKS_AT_ONCE = 500


@dataclass(slots=True)
class Due:
    """The sides of a link whose comments and attachments are to be read."""

    link: Link
    sides: set[Side] = field(default_factory=set)


def note_looks(
    store: Store, trackers: Mapping[Side, Tracker], now: datetime, before: Link | None, after: Link, made: Side | None
) -> frozenset[Side]:
    """Notes in the store which discussions of a pair are to be read, and returns the sides on which it may have moved.

    `made` is the side on which the counterpart was just created: nobody has said anything there yet.
    """
    moved: set[Side] = set()
    for side in SIDES:
        then = before.side(side).item if before else None
        item = after.side(side).item
        if then is not None and then.revision == item.revision:
            continue
        tracker = trackers[side]
        if side != made and discussion_may_have_moved(tracker, then, item):
            moved.add(side)
            store.set_look(after.id, side, due_at=now, looked_at=None)
        elif not tracker.capabilities.edits_show_comments:
            store.set_look(
                after.id, side, due_at=next_look(tracker, now, item) if side == made else now, looked_at=None
            )
    return frozenset(moved)


def discussion_may_have_moved(tracker: Tracker, then: Item | None, now: Item) -> bool:
    """Whether two views of an item are reason to read its comments at once."""
    return (then is None or then.revision != now.revision) and tracker.discussion_moved(then, now)


def look_at_all(store: Store, name: str, now: datetime) -> None:
    """Has every pair of a mapping looked at on both sides as the budget allows."""
    for link_ids in _chunks(store, name):
        with store.transaction():
            for link_id in link_ids:
                for side in SIDES:
                    store.set_look(link_id, side, due_at=now, looked_at=None)


def _chunks(store: Store, name: str) -> Iterator[list[int]]:
    chunk: list[int] = []
    for link in store.all_links(name):
        chunk.append(link.id)
        if len(chunk) == LINKS_AT_ONCE:
            yield chunk
            chunk = []
    yield chunk


def after_look(store: Store, tracker: Tracker, now: datetime, link: Link, side: Side, item: Item) -> None:
    """Notes that a discussion was read, and when it is the turn of it again."""
    due_at = None if tracker.capabilities.edits_show_comments else next_look(tracker, now, item)
    store.set_look(link.id, side, due_at=due_at, looked_at=now)


def look_budget(requests_per_minute: int | None, since_last_s: float, requests_a_look: int = 1) -> int:
    """How many slow looks fit into the share for the time since the last ones; at least one, at most five minutes'."""
    per_minute = LOOKS_WITHOUT_CEILING if requests_per_minute is None else requests_per_minute * LOOK_SHARE
    return max(1, int(per_minute / requests_a_look * min(since_last_s, 300.0) / 60.0))


def next_look(tracker: Tracker, now: datetime, item: Item) -> datetime:
    """When to look again at an item whose feed does not show comments: soon while it is active, seldom later. How long
    ago it changed, its tracker's own clock says."""
    age = (tracker.server_time() or now) - item.changed_at
    if age < timedelta(days=1):
        return now + timedelta(minutes=10)
    if age < timedelta(days=7):
        return now + timedelta(hours=2)
    return now + SELDOMEST
