"""Sweep: compares everything, a part in each cycle, so that what no feed shows is found in the end.

A round walks one side after the other, page by page, within a tenth of each tracker's request budget; how far it is
lies in the store, so that a restart or an outage only delays it. What it meets at a revision that was never processed
joins the observed items of the cycle; pairs that a finished side has not shown are suspect, and no more than that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from reconciler.context import MappingContext
from reconciler.errors import Rejected, Unavailable
from reconciler.looks import look_budget
from reconciler.model.item import Item
from reconciler.model.link import Link
from reconciler.model.side import SIDES, Side
from reconciler.model.snapshot import Snapshot
from reconciler.model.sweep import Sweep
from reconciler.store import Store
from reconciler.trackers.base import Page


@dataclass(slots=True)
class Swept:
    """What a step found. `items` are those whose present revision was never processed, or not to the end; `missing` the
    pairs that a side did not show; `met` the ids of the pairs that it did; `state` how far the round is now."""

    state: Sweep
    items: dict[Side, dict[str, Item]] = field(default_factory=lambda: {"left": {}, "right": {}})
    missing: list[tuple[Link, Side]] = field(default_factory=list)
    met: dict[Side, set[int]] = field(default_factory=lambda: {"left": set(), "right": set()})
    notes: list[str] = field(default_factory=list)


def begin(store: Store, name: str, now: datetime) -> Sweep:
    """A round at its beginning."""
    return Sweep(now, now, store.newest_link(name), {"left": "", "right": ""})


def completed(store: Store, name: str, now: datetime) -> Sweep:
    """A round that something else, which listed everything, has made unnecessary."""
    return replace(begin(store, name, now), cursors={"left": None, "right": None})


def restart(store: Store, name: str, now: datetime) -> None:
    """Has a round begin from the beginning, whatever the last one has met."""
    store.save_sweep(name, completed(store, name, now), {})
    store.save_sweep(name, begin(store, name, now), {})


def sweep(context: MappingContext, store: Store, now: datetime, *, whole: bool) -> Swept:
    """The next part of the round under way, or the first of a new one; with `whole` a new one in one piece, whatever it
    costs. Writes nothing.

    A tracker that cannot go on delays a part, which is noted, and raises only where the whole was asked for.
    """
    state = store.sweep(context.name)
    if whole or state is None or state.is_over:
        state = begin(store, context.name, now)
    step = _Step(context, store, Swept(state), None if whole else (now - state.stepped_at).total_seconds() or 60.0)
    for side in SIDES:
        if state.cursors[side] is not None:
            step.walk(side)
    step.swept.state = replace(step.swept.state, stepped_at=now)
    return step.swept


def _is_done(known: Snapshot, item: Item) -> bool:
    """Whether all that the item has was agreed; a field may be carried only now."""
    return known.is_settled and item.fields.keys() <= known.item.fields.keys()


class _Step:
    """`since_s` is how long ago the last one was, None for a round in one piece."""

    def __init__(self, context: MappingContext, store: Store, swept: Swept, since_s: float | None) -> None:
        self.swept = swept
        self._context = context
        self._store = store
        self._since_s = since_s

    def walk(self, side: Side) -> None:
        try:
            done = self._pages(side)
        except (Unavailable, Rejected) as error:
            if self._since_s is None:
                raise
            self.swept.notes.append(f"the comparison of everything is delayed: {error}")
            return
        if done:
            self._moved(side, None)
            self.swept.missing += [(link, side) for link in self._unmet(side) if link.id not in self.swept.met[side]]

    def _pages(self, side: Side) -> bool:
        """Reads until the end of the side, or of the budget; whether it was the end. At least as far as the first page
        behind which it can go on: else it would never get there."""
        tracker, scope, name = self._context.trackers[side], self._context.scopes[side], self._context.name
        begun, sent = self.swept.state.cursors[side] or "", tracker.requests
        for page in tracker.sweep(scope, lambda keys: set(self._store.links(name, side, keys)), begun):
            self._take(side, page)
            if page.resume and page.resume != begun:
                self._moved(side, page.resume)
                if self._since_s is not None and tracker.requests - sent >= self._budget(side):
                    return False
        return True

    def _budget(self, side: Side) -> int:
        assert self._since_s is not None
        return look_budget(self._context.trackers[side].capabilities.requests_per_minute, abs(self._since_s))

    def _take(self, side: Side, page: Page) -> None:
        seen = {item.key: item for _, item in page.items}
        links = self._store.links(self._context.name, side, seen)
        self.swept.met[side] |= {link.id for link in links.values()}
        for key, item in seen.items():
            known = links[key].side(side) if key in links else None
            if known is None or self._is_news(side, item, known.item) or not _is_done(known, item):
                self.swept.items[side][key] = item

    def _is_news(self, side: Side, item: Item, known: Item) -> bool:
        """A listing may be behind what a poll has shown; the poll is right then (DBLog rule). Archiving may leave the
        revision as it is."""
        is_other = (item.revision, item.archived) != (known.revision, known.archived)
        return is_other and not self._context.trackers[side].is_older(item, known)

    def _moved(self, side: Side, cursor: str | None) -> None:
        cursors: Mapping[Side, str | None] = {**self.swept.state.cursors, side: cursor}
        self.swept.state = replace(self.swept.state, cursors=cursors)

    def _unmet(self, side: Side) -> Iterable[Link]:
        if self._since_s is None:
            return self._store.all_links(self._context.name)
        return self._store.unmet(self._context.name, side, self.swept.state.newest_link)
