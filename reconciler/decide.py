"""Decide: a person's word to the next cycle - who wins a conflict, what is to be tried again, what is no pair."""

from __future__ import annotations

from collections.abc import Sequence

from reconciler.clock import Clock
from reconciler.errors import ConfigError
from reconciler.model.conflict_record import ConflictRecord
from reconciler.model.field import label_of
from reconciler.model.link import Link
from reconciler.model.side import SIDES, Side
from reconciler.model.tombstone import ASKED_BACK
from reconciler.naming import Reference, waits, with_partner
from reconciler.store import Store


def decide(store: Store, clock: Clock, conflict_id: int, winner: Side) -> ConflictRecord:
    """Records the decision and has the pair looked at again; saying the same twice is harmless.

    Raises ConfigError with one sentence where there is no such conflict or nothing left to decide.
    """
    conflict = store.conflict(conflict_id)
    if conflict is None:
        raise ConfigError([f"there is no conflict {conflict_id}; `reconciler conflicts` lists them"])
    with store.transaction():
        if not store.decide_conflict(conflict_id, winner):
            raise ConfigError([f"conflict {conflict_id} is settled already"])
        for side in SIDES:
            key = conflict.left_key if side == "left" else conflict.right_key
            store.add_pending(conflict.mapping, side, key, "a person decided", due_at=clock.now())
            if conflict.link_id is not None:
                store.set_look(conflict.link_id, side, due_at=clock.now(), looked_at=None)
        store.add_event(
            None,
            conflict.mapping,
            "decided",
            f"{label_of(conflict.field)}: the {winner} wins",
            side=winner,
            key=conflict.left_key if winner == "left" else conflict.right_key,
            field=conflict.field,
        )
    return conflict


def retry(store: Store, clock: Clock, meant: Sequence[Reference], name: str) -> list[Reference]:
    """Has every waiting item among those `meant` looked at again in the next cycle, whatever it was parked for, and
    brings back pairs that were released. Returns the items concerned.

    Raises ConfigError with one sentence where nothing of it waits; `name` is what the person called it.
    """
    places = list(dict.fromkeys(place for each in meant for place in with_partner(store, each)))
    waiting = [place for place in places if waits(store, place)]
    released = [
        stone
        for mapping in dict.fromkeys(place.mapping for place in places)
        for stone in store.tombstones(mapping)
        if stone.gone is None and any(Reference(mapping, side, stone.key(side)) in places for side in SIDES)
    ]
    if not waiting and not released:
        hint = f"`reconciler status` lists what does, `reconciler explain {name}` says how it stands"
        raise ConfigError([f'nothing waits under "{name}"; {hint}'])
    with store.transaction():
        for stone in released:
            store.add_tombstone(
                stone.mapping, stone.left_key, stone.right_key, gone="left", reason=ASKED_BACK, at=clock.now()
            )
            waiting += [Reference(stone.mapping, side, stone.key(side)) for side in SIDES]
        for place in waiting:
            row = waits(store, place)
            reason = row.reason if row else ASKED_BACK
            store.add_pending(place.mapping, place.side, place.key, reason, due_at=clock.now())
            text = f"{name}: a person asked for it"
            store.add_event(None, place.mapping, "retried", text, side=place.side, key=place.key)
    return waiting


def unlink(store: Store, clock: Clock, link: Link) -> None:
    """Releases a pair: both items stay as they are, and neither is synchronised or copied again until a person links
    them or asks for them. Their open conflicts are closed, with both values kept."""
    left, right = (link.side(side).item.label for side in SIDES)
    text = f"{left} and {right}: a person released the pair"
    with store.transaction():
        store.remove_link(link.id)
        store.add_tombstone(
            link.mapping, link.key("left"), link.key("right"), gone=None, reason="a person released it", at=clock.now()
        )
        for side in SIDES:
            store.clear_pending(link.mapping, side, link.key(side))
            store.clear_absence(link.mapping, side, link.key(side))
        store.add_event(None, link.mapping, "released", text, side="left", key=link.key("left"))
