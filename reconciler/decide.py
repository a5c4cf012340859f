"""Decide: a person's word to the next cycle - who wins a held conflict, which item is to be tried again."""

from __future__ import annotations

from collections.abc import Iterable

from reconciler.clock import Clock
from reconciler.errors import ConfigError
from reconciler.model.conflict_record import ConflictRecord
from reconciler.model.pending import Pending
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
            None,
            conflict.mapping,
            "decided",
            f"{conflict.field}: the {winner} wins",
            side=winner,
            key=conflict.left_key if winner == "left" else conflict.right_key,
            field=conflict.field,
        )
    return conflict


def retry(store: Store, clock: Clock, mappings: Iterable[str], name: str) -> list[Pending]:
    """Has every waiting item of that key or label looked at again in the next cycle, whatever it was parked for.

    `name` is a key ("1234") or a label ("AB#1234"). Raises ConfigError with one sentence where nothing of it waits.
    """
    waiting = [row for mapping in mappings for row in store.pending(mapping) if _is_meant(store, row, name)]
    if not waiting:
        raise ConfigError([f'nothing waits under "{name}"; `reconciler status` lists what does'])
    with store.transaction():
        for row in waiting:
            store.add_pending(row.mapping, row.side, row.key, row.reason, due_at=clock.now())
            store.add_event(None, row.mapping, "retried", f"{name}: a person asked for it", side=row.side, key=row.key)
    return waiting


def _is_meant(store: Store, row: Pending, name: str) -> bool:
    """By key, by label, or, for an item that was never paired, by the label that begins its reason."""
    link = store.link(row.mapping, row.side, row.key)
    label = link.side(row.side).item.label if link else row.key
    return name in (row.key, label) or row.reason.startswith(f"{name}: ")
