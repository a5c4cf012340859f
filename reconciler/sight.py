"""Sight: keeps what was observed fresh while writing takes long.

A tracker that cannot compare and swap overwrites whatever somebody set since we looked. So before anything is written
there, it is asked about the items that the poll did not show, which may have been edited and moved out of its sight;
and while many are written, its feed is asked again every few seconds. An item that moved meanwhile is left for the next
cycle to decide (reliability.md 3.6). What is left open is these few seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from reconciler.model.plan import PairPlan
from reconciler.model.side import SIDES, Side
from reconciler.poll import OVERLAP as POLL_OVERLAP
from reconciler.turn import Turn

FRESH_S = 10.0
"""A write is based on a look at the tracker that is at most this old; at 100 requests a minute it costs 6 of them."""

OVERLAP = timedelta(seconds=30)
"""How far before the last look the next one begins; half a page of our own writes at a hundred requests a minute."""


class Sight:
    """What both sides showed since the plan was made. Looks only when asked about a pair, and only when due."""

    def __init__(self, turn: Turn, pairs: Sequence[PairPlan]) -> None:
        self._turn = turn
        self._pairs = pairs
        self._overtaken: dict[Side, set[str]] = {}
        self._looked_s: dict[Side, float] = {side: turn.clock.monotonic_s() for side in SIDES}
        self._since: dict[Side, datetime] = {side: turn.server_floor(side) for side in SIDES}
        self._revisions: dict[Side, dict[str, str]] = {side: {} for side in SIDES}

    def has_moved(self, pair: PairPlan) -> bool:
        """Whether a side of the pair that is about to be written blindly changed since this was planned."""
        for side in self._blind(pair):
            self._look_beyond(side)
            self._refresh(side)
            item = pair.item(side)
            if item.key in self._overtaken[side] or self._revisions[side].get(item.key, item.revision) != item.revision:
                return True
        return False

    def _blind(self, pair: PairPlan) -> list[Side]:
        trackers = self._turn.context.trackers
        return [side for side in SIDES if pair.writes(side) and not trackers[side].capabilities.compare_and_swap]

    def _look_beyond(self, side: Side) -> None:
        """Once, for all that is to be written there and that no feed showed in this cycle."""
        if side in self._overtaken:
            return
        turn, self._overtaken[side] = self._turn, set()
        polled = turn.store.watermark(turn.name, side)
        remembered = {
            pair.item(side).key: pair.item(side).revision
            for pair in self._pairs
            if pair.link and side in self._blind(pair) and pair.item(side) == pair.link.side(side).item
        }
        if polled is not None and remembered:
            tracker, scope = turn.context.trackers[side], turn.context.scopes[side]
            self._overtaken[side] = tracker.overtaken(scope, remembered, polled - POLL_OVERLAP)

    def _refresh(self, side: Side) -> None:
        turn, now_s = self._turn, self._turn.clock.monotonic_s()
        if now_s - self._looked_s[side] < FRESH_S:
            return
        self._looked_s[side] = now_s
        since = self._since[side]
        known = turn.store.recent_revisions(turn.name, side, since)
        tracker, scope = turn.context.trackers[side], turn.context.scopes[side]

        def followed(keys: Sequence[str]) -> set[str]:
            return set(turn.store.links(turn.name, side, keys))

        for page in tracker.changed_since([scope], since, known, followed):
            self._revisions[side] |= {item.key: item.revision for _, item in page.items}
            if page.watermark is not None:  # else every look would list all that we have written since the first
                self._since[side] = max(since, page.watermark - OVERLAP)
