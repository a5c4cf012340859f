"""Places: the Lists behind each scope, with their statuses, as last read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from reconciler.errors import Rejected
from reconciler.model.schema import Category, State
from reconciler.trackers.clickup.client import Client
from reconciler.trackers.clickup.scope import Place

Json = dict[str, Any]

_CATEGORIES = {"open": Category.PROPOSED, "done": Category.DONE, "closed": Category.DONE}


@dataclass(slots=True)
class Territory:
    """The Lists of one scope. `states` are the statuses of `create_list` and then those that only other Lists have;
    `sources` names, for every List, the one whose statuses it shares."""

    list_ids: tuple[str, ...]
    states: tuple[State, ...]
    sources: dict[str, str] = field(default_factory=dict)


class Places:
    """Reads Lists, Folders and Spaces. Every sentence it raises names the place and what is wrong with it."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._territories: dict[Place, Territory] = {}
        self._states: dict[str, tuple[State, ...]] = {}

    def territory(self, place: Place) -> Territory:
        """As last read; reads it where that never happened."""
        return self._territories.get(place) or self.read(place)

    def read(self, place: Place) -> Territory:
        """Reads the place afresh. Raises Rejected where it, or the List for new tasks, does not exist, is archived or
        in the trash, or where that List lies outside."""
        rows = [{"id": place.id}] if place.kind == "list" else list(self._lists_of(place))
        list_ids = tuple(str(row["id"]) for row in rows)
        if place.create_list not in list_ids:
            raise Rejected(f"create_list {place.create_list} is not one of the Lists of {place.name}")
        self._states[place.create_list] = self._read_states(place.create_list)
        sources = self._sources(rows, place.create_list)
        for list_id in dict.fromkeys(sources.values()):
            if list_id != place.create_list:
                self._states[list_id] = self._read_states(list_id)
        territory = Territory(list_ids, self._merged([place.create_list, *sources.values()]), sources)
        self._territories[place] = territory
        return territory

    def shared(self, one: Place, two: Place) -> list[str]:
        """The ids of the Lists that both places hold, as last read. Raises as `read` does."""
        there = self._list_ids(two)
        return [list_id for list_id in self._list_ids(one) if list_id in there]

    def _list_ids(self, place: Place) -> tuple[str, ...]:
        if place.kind == "list":
            return (place.id,)
        known = (t for p, t in self._territories.items() if (p.kind, p.id) == (place.kind, place.id))
        return (next(known, None) or self.read(place)).list_ids

    def status(self, list_id: str, name: str) -> str:
        """The status exactly as the List spells it (FACTS clickup 2.7). Raises Rejected, after one fresh look, where
        the List has no such status."""
        wanted = name.strip().casefold()
        source = next((t.sources[list_id] for t in self._territories.values() if list_id in t.sources), list_id)
        for states in self._looks(source):
            found = next((state.name for state in states if state.name.casefold() == wanted), None)
            if found is not None:
                return found
        raise Rejected(f'List {list_id} has no status "{name}"', code="CRTSK_001", field="state")

    def forget_states(self, list_id: str) -> None:
        """After a refusal: what we know of the List's statuses is no longer true."""
        for territory in self._territories.values():
            self._states.pop(territory.sources.get(list_id, list_id), None)
        self._states.pop(list_id, None)

    def _looks(self, list_id: str) -> Iterator[tuple[State, ...]]:
        if list_id in self._states:
            yield self._states[list_id]
        self._states[list_id] = self._read_states(list_id)
        yield self._states[list_id]

    def _read_states(self, list_id: str) -> tuple[State, ...]:
        row = self._existing(f"List {list_id}", lambda: self._client.get_list(list_id))
        statuses = sorted(row.get("statuses") or [], key=lambda status: float(status.get("orderindex") or 0))
        return tuple(_state(status) for status in statuses)

    def _lists_of(self, place: Place) -> Iterator[Json]:
        """The Lists of a Folder, or of a Space: those in its Folders and those in none."""
        if place.kind == "folder":
            self._existing(f"Folder {place.id}", lambda: self._client.get_folder(place.id))
            yield from self._client.lists("folder", place.id)
            return
        self._existing(f"Space {place.id}", lambda: self._client.get_space(place.id))
        for folder in self._client.folders(place.id):
            yield from ({"folder": folder, **row} for row in folder.get("lists") or [])
        yield from self._client.lists("space", place.id)

    def _existing(self, name: str, read: Callable[[], Json]) -> Json:
        try:
            row = read()
        except Rejected as error:
            raise Rejected(
                f"{name} does not exist or is not visible with this token: {error}", code=error.code
            ) from error
        for flag, what in (("deleted", "in the trash"), ("archived", "archived")):
            if row.get(flag):
                raise Rejected(f"{name} ({row.get('name')}) is {what}; restore it or map another")  # FACTS clickup 2.17
        return row

    def _sources(self, rows: list[Json], create_list: str) -> dict[str, str]:
        """Lists that inherit their statuses share those of any other heir in the same Folder (FACTS clickup 2.8)."""
        heirs: dict[str, str] = {}
        sources: dict[str, str] = {}
        for row in sorted(rows, key=lambda row: str(row["id"]) != create_list):
            list_id = str(row["id"])
            folder = str((row.get("folder") or {}).get("id") or "")
            inherits = row.get("override_statuses") is False and bool(folder)
            sources[list_id] = heirs.setdefault(folder, list_id) if inherits else list_id
        return sources

    def _merged(self, list_ids: list[str]) -> tuple[State, ...]:
        states: dict[str, State] = {}
        for list_id in list_ids:
            for state in self._states[list_id]:
                states.setdefault(state.name.casefold(), state)
        return tuple(states.values())


def _state(status: Json) -> State:
    """Types that newer workspaces may have count as active (FACTS clickup 2.7)."""
    category = _CATEGORIES.get(str(status.get("type") or ""), Category.ACTIVE)
    return State(str(status.get("status") or ""), category, str(status.get("id") or ""))
