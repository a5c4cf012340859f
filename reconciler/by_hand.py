"""By hand: a person pairs two items that exist already; what differs between them is decided by the next cycle."""

from __future__ import annotations

from reconciler.clock import Clock
from reconciler.context import MappingContext
from reconciler.errors import ConfigError
from reconciler.looks import note_looks
from reconciler.model.item import Item
from reconciler.model.link import Link
from reconciler.model.side import SIDES, Side, other
from reconciler.model.snapshot import Snapshot
from reconciler.store import Store
from reconciler.trackers.base import Fate

_OUT_OF_REACH = {
    Fate.ARCHIVED: "is archived; bring it back first",
    Fate.MOVED: "lies outside of {scope}; move it there, or widen the mapping",
    Fate.DELETED: "is deleted; restore it first",
    Fate.UNKNOWN: "cannot be seen on {tracker}; is the name right, and has the account the right to see it?",
}


def link(
    context: MappingContext, store: Store, clock: Clock, keys: dict[Side, str], *, lift_tombstone: bool = False
) -> Link:
    """Pairs two existing items, nothing of their past being known: the next cycle carries what only one of them has,
    and where they differ the rule of the mapping decides. Reads both, writes to no tracker.

    Raises ConfigError with a sentence for everything in the way: an item that is not there, not covered, paired with
    another or in doubt, or left alone since a deletion, unless `lift_tombstone` says that this is known.
    """
    problems = [*_standing(context, store, keys), *_doubts(context.name, store, keys)]
    if not lift_tombstone:
        problems += _deletions(context.name, store, keys)
    if problems:
        raise ConfigError(problems)
    items = {side: _read(context, side, keys[side]) for side in SIDES}
    left, right = (Snapshot(items[side], forgotten=frozenset(items[side].fields)) for side in SIDES)
    now = clock.now()
    with store.transaction():
        store.remove_release(context.name, keys["left"], keys["right"])
        made = store.add_link(context.name, left, right, run=None)
        text = f"{items['left'].label} and {items['right'].label}: by a person"
        for side in SIDES:
            store.add_pending(context.name, side, keys[side], "just paired", due_at=now)
        store.add_event(None, context.name, "paired", text, side="left", key=keys["left"])
        note_looks(store, context.trackers, now, None, made, None)
    return made


def _standing(context: MappingContext, store: Store, keys: dict[Side, str]) -> list[str]:
    problems = []
    for side in SIDES:
        for name in (context.name, *context.siblings[side]):
            standing = store.link(name, side, keys[side])
            if standing is None:
                continue
            if name == context.name and standing.key(other(side)) == keys[other(side)]:
                return [f"{standing.left.item.label} and {standing.right.item.label} are a pair already"]
            label, partner = standing.side(side).item.label, standing.side(other(side)).item.label
            where = "" if name == context.name else f' in "{name}"'
            problems.append(
                f"{label} is paired with {partner}{where}; release that pair first: reconciler unlink {label}"
            )
    return problems


def _doubts(name: str, store: Store, keys: dict[Side, str]) -> list[str]:
    return [
        f"whether a counterpart of {intent.label or intent.source_key} was created is not known yet;"
        " let reconciler sync find out first"
        for intent in store.open_intents(name)
        if intent.kind == "create" and keys[other(intent.side)] == intent.source_key
    ]


def _deletions(name: str, store: Store, keys: dict[Side, str]) -> list[str]:
    return [
        f"{stone.key(side)} is left alone since its pair with {stone.key(other(side))} was ended ({stone.reason});"
        " say --lift-tombstone to pair it all the same"
        for stone in store.tombstones(name)
        for side in SIDES
        if stone.gone is not None and stone.key(side) == keys[side]
    ]


def _read(context: MappingContext, side: Side, key: str) -> Item:
    tracker, scope = context.trackers[side], context.scopes[side]
    fate = tracker.fate(scope, key)
    item = tracker.read(scope, [key]).get(key) if fate is Fate.PRESENT else None
    if item is None:
        what = _OUT_OF_REACH.get(fate, _OUT_OF_REACH[Fate.UNKNOWN]).format(scope=scope.name, tracker=tracker.name)
        raise ConfigError([f"{key} on the {side} {what}"])
    return item
