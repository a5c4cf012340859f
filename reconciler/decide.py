"""Decide: a person's word about a held conflict, to be carried by the next cycle."""

from __future__ import annotations

from reconciler.clock import Clock
from reconciler.errors import ConfigError
from reconciler.model.conflict_record import ConflictRecord
from reconciler.model.side import SIDES, Side
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
            None, conflict.mapping, "decided", f"{conflict.field}: the {winner} wins", side=winner, field=conflict.field
        )
    return conflict
