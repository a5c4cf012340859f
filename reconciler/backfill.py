"""Backfill: a field that is carried from now on is compared on pairs that exist already.

Pairs that show different values of it never agreed on it: that these were seen says nothing. So what is known of its
past is forgotten, and a comparison of everything begins, which takes a part in each cycle and goes on after a restart.
What only one side has is filled in on the other; where both have something else the rule decides and the loser is kept.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import replace

from reconciler.context import MappingContext
from reconciler.mapping.correspondence import Correspondence
from reconciler.model.field import FIELDS, Kind, in_order, kind_of, label_of
from reconciler.model.link import Link
from reconciler.model.policy import Direction
from reconciler.model.side import SIDES
from reconciler.model.snapshot import Snapshot
from reconciler.sweep import restart
from reconciler.turn import Turn

FORGOTTEN_TOGETHER = 200
"""So many pairs share a commit."""


def carried(context: MappingContext) -> dict[str, Direction]:
    """How each field of the mapping travels."""
    names = in_order({*FIELDS, *context.correspondence.custom})
    return {name: context.policy.direction_of(name) for name in names}


def newly_carried(before: Mapping[str, str], now: Mapping[str, Direction]) -> list[str]:
    """The fields that travel on a way on which they did not travel before."""

    def ways(direction: str) -> set[str]:
        return {Direction.TO_LEFT, Direction.TO_RIGHT} if direction == Direction.BOTH else {direction} - {Direction.OFF}

    return [name for name, direction in now.items() if ways(direction) - ways(before.get(name, Direction.OFF))]


def without_past(corr: Correspondence, link: Link, names: Collection[str]) -> Link:
    """The pair as if nothing had ever been agreed about these fields, but for those that it shows alike."""
    names = [name for name in names if not _is_agreed(corr, link, name)]
    return replace(link, left=_forget(link.left, names), right=_forget(link.right, names))


def _is_agreed(corr: Correspondence, link: Link, name: str) -> bool:
    """Whether both sides were last seen with one value. Of items and people that is not known without asking."""
    known = all(
        name in s.item.fields and name not in s.unsettled and name not in s.forgotten for s in (link.left, link.right)
    )
    if not known or kind_of(name) in (Kind.ITEM, Kind.ITEMS, Kind.PEOPLE):
        return False
    left, right = link.left.item, link.right.item
    return corr.agree(name, left.fields[name], right.fields[name], left.type, right.type)


def _forget(snapshot: Snapshot, names: Collection[str]) -> Snapshot:
    gone = frozenset(name for name in names if name in snapshot.item.fields)
    unsettled = {name: value for name, value in snapshot.unsettled.items() if name not in gone}
    return replace(snapshot, unsettled=unsettled, forgotten=snapshot.forgotten | gone)


def start_backfill(turn: Turn) -> None:
    """Idempotent; one that was cut off begins anew. A store that does not know yet what was carried learns it."""
    store, key, now = turn.store, f"carried:{turn.name}", carried(turn.context)
    known = store.meta(key)
    document = json.dumps(now)
    if known == document:
        return
    names = newly_carried(json.loads(known), now) if known else []
    if names and store.newest_link(turn.name):
        _forget_past(turn, names)
        labels = ", ".join(map(label_of, names))
        how = "all pairs are compared, a part in each cycle (`sync --full`: at once)"
        sentence = f"{labels}: carried from now on; {how}"
        turn.note(sentence)
        turn.event("configuration", sentence)
    with store.transaction():
        if names:
            restart(store, turn.name, turn.clock.now())
        store.set_meta(key, document)


def _forget_past(turn: Turn, names: Collection[str]) -> None:
    links: list[Link] = []
    for link in turn.store.all_links(turn.name):
        links.append(link)
        if len(links) == FORGOTTEN_TOGETHER:
            _save(turn, links, names)
            links = []
    _save(turn, links, names)


def _save(turn: Turn, links: Collection[Link], names: Collection[str]) -> None:
    with turn.store.transaction():
        for link in links:
            forgetful = without_past(turn.context.correspondence, link, names)
            for side in SIDES:
                if forgetful.side(side) != link.side(side):
                    turn.save_view(link, side, forgetful.side(side))
