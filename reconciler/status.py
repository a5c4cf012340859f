"""Status: what the store knows about every mapping; sends no request and writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from reconciler.config import Config, MappingConfig
from reconciler.model.conflict_record import ConflictRecord
from reconciler.model.intent import Intent
from reconciler.model.pending import Pending
from reconciler.model.side import SIDES, other
from reconciler.model.status import MappingStatus
from reconciler.naming import Reference, label_of
from reconciler.store import Store

WAITING_SHOWN = 20


def status(config: Config, store: Store, names: Sequence[str] = ()) -> list[MappingStatus]:
    """One entry per chosen mapping (all by default), in the order of the file."""
    return [_mapping(config, mapping, store) for mapping in config.mappings if not names or mapping.name in names]


def _mapping(config: Config, mapping: MappingConfig, store: Store) -> MappingStatus:
    name = mapping.name
    rows = store.pending(name)
    stuck = [row for row in rows if row.needs_a_person]
    conflicts, doubts = store.open_conflicts(name), store.open_intents(name)
    return MappingStatus(
        name=name,
        linked=store.count_links(name),
        polled_left=store.watermark(name, "left"),
        polled_right=store.watermark(name, "right"),
        pending=len(rows) - len(stuck),
        quarantined=len(stuck),
        conflicts=len(conflicts),
        in_doubt=len(doubts),
        oldest_look=store.oldest_look(name),
        last_problem=store.problem(name),
        oldest_pending=min((row.added_at for row in rows), default=None),
        oldest_doubt=min((intent.opened_at for intent in doubts), default=None),
        circuit_left=store.circuit(mapping.left.tracker),
        circuit_right=store.circuit(mapping.right.tracker),
        waiting=tuple(_sentence(config, store, row) for row in rows[:WAITING_SHOWN]),
        open_pairs=_open_pairs(store, name, rows, conflicts, doubts),
    )


def _open_pairs(
    store: Store, name: str, rows: Iterable[Pending], conflicts: Iterable[ConflictRecord], doubts: Iterable[Intent]
) -> int:
    """How many pairs of a mapping have anything open; what has no partner yet is none of them."""
    keys: dict[str, set[str]] = {side: {row.key for row in rows if row.side == side} for side in SIDES}
    for conflict in conflicts:
        keys["left"].add(conflict.left_key)
    for intent in doubts:
        keys[intent.side].add(intent.key)
        keys[other(intent.side)].add(intent.source_key.partition("/")[0])
    lefts = store.partners(name, "left", keys["left"]).keys()
    return len(lefts | set(store.partners(name, "right", keys["right"]).values()))


def _sentence(config: Config, store: Store, row: Pending) -> str:
    label = label_of(config, store, Reference(row.mapping, row.side, row.key))
    return f"{label}: {row.reason.removeprefix(f'{label}: ')}"
