"""What must hold of a world that is left alone (I2), and of one edit in it (I3)."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

from reconciler.model.side import SIDES, Side, other
from reconciler.store.tables import CommentLinkRow, ConflictRow, IntentRow, LinkRow, PendingRow, SnapshotRow
from tests.simulation.promises.traffic import target
from tests.simulation.world import MAPPING, World
from tests.support.looks import besides_looks

_STILL = (LinkRow, SnapshotRow, CommentLinkRow, PendingRow, IntentRow, ConflictRow)


POLLS: dict[Side, int] = {"left": 2, "right": 1}


def unrest(world: World, cycles: int = 10) -> Iterator[str]:
    """I2: a cycle asks each side once, and once more who got another parent where the feed does not show it, slow looks
    apart, writes nothing and changes no row of a snapshot."""
    for _ in range(cycles):
        mark, rows = world.tape.mark, _rows(world)
        world.cycle()
        sent = list(world.tape.since(mark))
        for side in SIDES:
            asked = [entry for entry in sent if entry.side == side]
            mine = besides_looks(asked, lambda entry: (entry.request.method, entry.request.path))
            if len(mine) != POLLS[side] or any(entry.writes for entry in sent if entry.side == side):
                pending = [(row.side, row.key, row.reason) for row in world.store.pending(MAPPING)]
                yield f"I2: the {side} is not left alone: {[str(entry) for entry in mine]} {pending}"
        if _rows(world) != rows:
            yield "I2: rows of the store change though nothing happens"


def _rows(world: World) -> list[Any]:
    database = world.store._db
    return [database.sql(f"SELECT * FROM {table._meta.table_name} ORDER BY 1, 2") for table in _STILL]  # type: ignore[attr-defined]


def echoes(world: World, side: Side) -> Iterator[str]:
    """I3: one edit is written once to the other side, and nothing comes back."""
    pair = next(
        (
            link
            for link in world.links()
            if all(world.people[s].is_live(link.key(s)) and world.people[s].is_inside(link.key(s)) for s in SIDES)
            and not {(s, link.key(s)) for s in SIDES} & {(row.side, row.key) for row in world.store.pending(MAPPING)}
            and not [row for row in world.store.open_conflicts(MAPPING) if row.link_id == link.id]
        ),
        None,
    )
    if pair is None:
        return
    here, there = pair.key(side), pair.key(other(side))
    world.edit(side, here, "description", f"final {world.ledger.token()}")
    shown, mark = _shown(world, side, here), world.tape.mark
    for _ in range(3):
        world.cycle()
    writes = [entry for entry in world.tape.since(mark) if entry.writes]
    if [(entry.side, target(entry)) for entry in writes] != [(other(side), there)]:
        yield f"I3: one edit of {side} {here} caused {[str(entry) for entry in writes]}"
    if _shown(world, side, here) != shown:
        yield f"I3: the edit came back to {side} {here}"


def _shown(world: World, side: Side, key: str) -> str:
    if side == "left":
        return str(world.duo.azure.item(int(key)).rev)
    return str(world.duo.clickup.task(key).updated_ms)


def leaks(world: World) -> Iterator[str]:
    """I25: no token, and no encoding of one, in the store or in what was logged or reported."""
    said = [world.logged.getvalue(), json.dumps([report.as_json() for report in world.reports])]
    for file in world.folder.glob("*.db*"):
        said.append(file.read_bytes().decode("latin-1"))
    for secret in world.secrets:
        for spelling in (secret, *(b64encode(f"{prefix}{secret}".encode()).decode() for prefix in ("", ":"))):
            if any(spelling in text for text in said):
                yield f"I25: {spelling[:6]}… came out"
