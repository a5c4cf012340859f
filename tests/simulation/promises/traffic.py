"""What must hold of every request that was ever sent (I5, I8, I17, I21), read off the tape."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from reconciler.model.side import SIDES, Side, other
from tests.simulation.ledger import UNIQUE, Edit, tokens_in
from tests.simulation.tape import Entry
from tests.simulation.world import World

ATTEMPTS_MAX = 3
WINDOW_S = 60.0
BLIND_S = 10.0
"""The declared exception of I4: what was set so shortly before a write that nothing could have told (3.6)."""

_LEFT = {
    "System.Title": "title",
    "System.Description": "description",
    "System.State": "state",
    "Microsoft.VSTS.Common.Priority": "priority",
    "System.Tags": "tags",
    "Microsoft.VSTS.Scheduling.StartDate": "start_date",
    "Microsoft.VSTS.Scheduling.FinishDate": "due_date",
    "System.AssignedTo": "assignees",
}
_RIGHT = {
    "name": "title",
    "markdown_content": "description",
    "description": "description",
    "status": "state",
    "priority": "priority",
    "start_date": "start_date",
    "due_date": "due_date",
    "assignees": "assignees",
    "parent": "parent",
}
_PARENT = "System.LinkTypes.Hierarchy-Reverse"
_LEFT_ITEM = re.compile(r"/_apis/wit/workitems/(\d+)$", re.IGNORECASE)
_RIGHT_ITEM = re.compile(r"/api/v2/task/(\w+)(?:/tag/.+)?$")


def broken_on_the_wire(world: World) -> Iterator[str]:
    yield from _strange_writes(world)
    yield from _unguarded(world)
    yield from _unproved_deletions(world)
    yield from _impatience(world)
    yield from _too_many_attempts(world)
    yield from _crowded_windows(world)


def target(entry: Entry) -> str | None:
    """The key of the existing item that a request changes, deletes or reads alone; None for any other."""
    found = (_LEFT_ITEM if entry.side == "left" else _RIGHT_ITEM).search(entry.request.path)
    return found[1] if found else None


def changes(entry: Entry) -> dict[str, Any]:
    """What an update or a creation of an item sets, by field."""
    if entry.request.method == "DELETE" and "/tag/" not in entry.request.path:
        return {}
    if "/tag/" in entry.request.path:
        return {"tags": entry.request.path.rpartition("/")[2]}
    body = json.loads(entry.request.body or b"{}")
    if entry.side == "left":
        paths = [(op["path"].removeprefix("/fields/"), op.get("value")) for op in body if isinstance(op, dict)]
        fields = {_LEFT[path]: value for path, value in paths if path in _LEFT}
        above = [value["url"] for _, value in paths if isinstance(value, dict) and value["rel"] == _PARENT]
        return fields | ({"parent": above[0]} if above else {})
    return {_RIGHT[name]: value for name, value in body.items() if name in _RIGHT}


def overwrote_blindly(world: World, edit: Edit) -> bool:
    """Whether a write to a tracker without compare-and-swap hit the field within the few seconds that are allowed, or
    as long as no listing showed the edit."""
    allowed_s = BLIND_S + world.shown_late_s[edit.side]
    return edit.side == "right" and any(
        target(entry) == edit.key and entry.writes and edit.field in changes(entry)
        for entry in world.tape.entries
        if entry.side == edit.side and 0.0 <= entry.ended_s - edit.at_s <= allowed_s
    )


def _strange_writes(world: World) -> Iterator[str]:
    """I5: an update sets only fields that people touched on either side of the pair, to values that they set there."""
    touched, values = world.ledger.touched, defaultdict(set)
    for edit in world.ledger.edits:
        values[edit.side, edit.key, edit.field].add(edit.token)
    for entry in world.tape.entries:
        key = target(entry)
        if not entry.writes or key is None:
            continue
        circle = {(entry.side, key), *((other(entry.side), far) for far in world.ledger.partners[entry.side, key])}
        for name, value in changes(entry).items():
            people = any(name in touched.get(place, ()) for place in circle)
            if not people and not _follows_creation_or_deletion(world, entry, name, circle):
                yield f"I5: nobody touched {name} of {sorted(circle)}:{entry}"
            known = {token for place in circle for token in values[(*place, name)] | world.ledger.inherited[place]}
            strangers = set(tokens_in(str(value))) - known if name in UNIQUE else set()
            if strangers:
                yield f"I5: {strangers} of {name} come from nowhere:{entry}"


def _follows_creation_or_deletion(world: World, entry: Entry, name: str, circle: set[tuple[Side, str]]) -> bool:
    """The state may be set in a second step or to close a survivor; a priority may be the process's own default."""
    return name in ("state", "priority", "assignees") or any(place in world.ledger.deleted for place in circle)


def _unguarded(world: World) -> Iterator[str]:
    """I17: every save of an existing work item names the revision that it is based on."""
    for entry in world.tape.entries:
        if entry.side == "left" and entry.request.method == "PATCH" and target(entry):
            first = json.loads(entry.request.body)[0]
            if (first.get("op"), first.get("path")) != ("test", "/rev"):
                yield f"I17: not guarded by its revision:{entry}"


def _unproved_deletions(world: World) -> Iterator[str]:
    """I8: before an item is deleted, its partner's deletion was proved in two cycles."""
    for entry in world.tape.entries:
        key = target(entry)
        if entry.request.method != "DELETE" or key is None or "/tag/" in entry.request.path:
            continue
        partners = world.ledger.partners[entry.side, key]
        proofs = {e.cycle for e in world.tape.entries[: entry.number] if _proves_deletion(e, partners, entry.side)}
        if len(proofs) < 2:
            yield f"I8: proved in {len(proofs)} cycles only:{entry}"


def _proves_deletion(entry: Entry, partners: set[str], side: Side) -> bool:
    if entry.side == side or entry.answer is None:
        return False
    if entry.side == "left":
        return entry.status == 200 and any(entry.request.path.endswith(f"/recyclebin/{key}") for key in partners)
    return entry.status == 404 and target(entry) in partners and b"ITEM_013" in entry.answer.body


def _told_wait_s(entry: Entry) -> float:
    headers = {name.lower(): value for name, value in entry.answer.headers.items()} if entry.answer else {}
    told = headers.get("retry-after", "")
    return float(told) if told.isdecimal() else 0.0


def _impatience(world: World) -> Iterator[str]:
    """I21: nothing is sent to a tracker before it wants to hear from us. A process that died does not remember."""
    silent_until = dict.fromkeys(SIDES, (0.0, 0))
    starts = world.starts
    for entry in world.tape.entries:
        until_s, told_at = silent_until[entry.side]
        restarted = any(told_at < start <= entry.number for start in starts)
        if entry.begun_s < until_s - 0.001 and not restarted:
            yield f"I21: sent {until_s - entry.begun_s:.1f} s too early:{entry}"
        if (wait_s := _told_wait_s(entry)) and entry.ended_s + wait_s > until_s:
            silent_until[entry.side] = entry.ended_s + wait_s, entry.number + 1


def _too_many_attempts(world: World) -> Iterator[str]:
    """I21: at most three attempts at one request."""
    for side in SIDES:
        last, attempts = None, 0
        for entry in (e for e in world.tape.entries if e.side == side):
            r, process = entry.request, sum(start <= entry.number for start in world.starts)
            same = (process, entry.cycle, r.method, r.path, r.query, r.body)
            attempts = attempts + 1 if same == last else 1
            last = same if entry.status in (0, 408, 429) or entry.status >= 500 else None
            if attempts > ATTEMPTS_MAX:
                yield f"I21: attempt {attempts}:{entry}"


def _crowded_windows(world: World) -> Iterator[str]:
    """I21: within any minute of one process no more requests than the tracker allows."""
    sent = [entry for entry in world.tape.entries if entry.side == "right"]
    first = 0
    for number, entry in enumerate(sent):
        while sent[first].begun_s <= entry.begun_s - WINDOW_S or any(
            sent[first].number < start <= entry.number for start in world.starts
        ):
            first += 1
        if number - first + 1 > world.rate_limit:
            yield f"I21: {number - first + 1} requests within a minute:{entry}"
            return
