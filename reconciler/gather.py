"""Gather: completes what the poll saw into the facts a plan is made from.

Adds items left pending by earlier cycles, the originals of copies whose link is unknown, and, on the sweep's rhythm,
whatever no feed shows: missed edits, and items that are gone, with the evidence that proves it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from reconciler.clock import Clock
from reconciler.context import MappingContext
from reconciler.model.item import Item
from reconciler.model.link import Link
from reconciler.model.pending import AMBIGUOUS, Pending
from reconciler.model.side import SIDES, Side, other
from reconciler.pairing import source_key
from reconciler.planner import Facts
from reconciler.poll import Feed
from reconciler.store import Store
from reconciler.trackers.base import Fate

FATES_A_CYCLE = 50
"""How many vanished items are looked into at once. More at a time is a lost right sooner than so many deletions, and
each look costs requests; the next sweep finds what is left."""

DELETION_PROOFS = 2
"""How many cycles must prove a deletion before anything is done about it (I8)."""


@dataclass(slots=True)
class Gathered:
    """The facts, and what the shell has to remember: `pending` rows that were taken up, `vanished` links whose side
    could not be read and what became of it, `revived` tombstones to lift."""

    facts: Facts
    pending: list[Pending] = field(default_factory=list)
    vanished: list[tuple[Link, Side, Fate]] = field(default_factory=list)
    revived: list[tuple[Side, str]] = field(default_factory=list)
    swept: bool = False
    notes: list[str] = field(default_factory=list)


def gather(
    context: MappingContext,
    feeds: dict[Side, Feed],
    store: Store,
    clock: Clock,
    *,
    sweep: bool,
    siblings: Sequence[str],
) -> Gathered:
    """Reads what is missing for one mapping. `siblings` are the mappings that share both trackers. Writes nothing."""
    return _Gathering(context, feeds, store, clock, siblings).run(sweep)


class _Gathering:
    def __init__(
        self,
        context: MappingContext,
        feeds: dict[Side, Feed],
        store: Store,
        clock: Clock,
        siblings: Sequence[str],
    ) -> None:
        self._context = context
        self._store = store
        self._name = context.name
        self._now = clock.now()
        self._siblings = siblings
        self._items: dict[Side, dict[str, Item]] = {side: dict(feeds[side].items) for side in SIDES}
        self._links: dict[int, Link] = {}
        self._linked: dict[Side, set[str]] = {"left": set(), "right": set()}
        self._tombstoned: dict[Side, set[str]] = {"left": set(), "right": set()}
        self._missing: list[tuple[Link, Side]] = []
        self._complete = all(feeds[side].complete for side in SIDES)
        self._revived: list[tuple[Side, str]] = []
        self._notes: list[str] = []

    def run(self, sweep: bool) -> Gathered:
        swept = sweep and not self._complete
        if swept:
            for side in SIDES:
                self._sweep(side)
        pending = self._take_pending()
        for side in SIDES:
            self._find_links(side, list(self._items[side]))
        self._read_originals()
        self._lift_tombstones()
        vanished = self._fates()
        self._context.meet(
            {s: [*self._items[s].values(), *(link.side(s).item for link in self._links.values())] for s in SIDES}
        )
        return Gathered(self._facts(vanished), pending, vanished, self._revived, swept or self._complete, self._notes)

    # --- what is added to the poll ---------------------------------------------------------------------------------

    def _sweep(self, side: Side) -> None:
        """Walks the whole scope: unseen revisions join the observed items, linked keys that it misses are suspect."""
        met: set[str] = set()
        tracker, scope = self._context.trackers[side], self._context.scopes[side]
        for page in tracker.sweep(scope, lambda keys: set(self._store.links(self._name, side, keys))):
            fresh = {item.key: item for _, item in page.items}
            met |= fresh.keys()
            links = self._store.links(self._name, side, fresh)
            for key, item in fresh.items():
                known = links[key].side(side).item.revision if key in links else None
                if item.revision != known:
                    # A row of the poll is newer than one of the sweep (DBLog rule, reliability.md 3.8).
                    self._items[side].setdefault(key, item)
        for link in self._store.all_links(self._name):
            if link.key(side) not in met and link.key(side) not in self._items[side]:
                self._missing.append((link, side))

    def _take_pending(self) -> list[Pending]:
        """Reads the items whose time has come again. Ambiguous ones are read together: each matters to the others."""
        rows = self._store.pending(self._name)
        due = [row for row in rows if row.due_at <= self._now and not row.parked]
        if any(row.reason == AMBIGUOUS for row in due) or self._something_new():
            due += [row for row in rows if row.reason == AMBIGUOUS and row not in due]
        for side in SIDES:
            keys = [row.key for row in due if row.side == side]
            links = self._store.links(self._name, side, keys)
            self._read(side, [key for key in keys if key not in links])
            for link in links.values():
                self._read_pair(link)
        return due

    def _something_new(self) -> bool:
        """Whether any observed item has no link yet, so that it might be the partner of an ambiguous one."""
        return any(
            len(self._store.links(self._name, side, self._items[side])) < len(self._items[side]) for side in SIDES
        )

    def _read_pair(self, link: Link) -> None:
        for side in SIDES:
            key = link.key(side)
            if key not in self._items[side] and key not in self._read(side, [key]):
                self._missing.append((link, side))

    def _read(self, side: Side, keys: Iterable[str]) -> set[str]:
        wanted = [key for key in keys if key not in self._items[side]]
        if not wanted:
            return set()
        found = self._context.trackers[side].read(self._context.scopes[side], wanted)
        self._items[side] |= found
        return set(found)

    def _find_links(self, side: Side, keys: list[str]) -> None:
        for link in self._store.links(self._name, side, keys).values():
            self._links[link.id] = link
            for each in SIDES:
                self._linked[each].add(link.key(each))

    def _read_originals(self) -> None:
        """The originals of unlinked copies of ours, so that pairing can adopt instead of duplicating (I6, I12)."""
        for side in SIDES:
            sources = []
            for key, item in list(self._items[side].items()):
                if key not in self._linked[side]:
                    source = source_key(self._name, side, item, self._context.key_of)
                    if source is not None:
                        sources.append(source)
            self._find_links(other(side), sources)
            self._read(other(side), [key for key in sources if key not in self._linked[other(side)]])

    def _lift_tombstones(self) -> None:
        """An item whose pair was ended by a deletion is left alone, unless somebody took the deletion back: then it is
        paired again, or made anew where its partner was deleted in turn."""
        for stone in self._store.tombstones(self._name):
            for side in SIDES:
                key, partner = stone.key(side), stone.key(other(side))
                if key not in self._items[side] or key in self._linked[side]:
                    continue
                self._read(other(side), [partner])
                found = self._items[other(side)].get(partner)
                paired = found is not None and not found.archived and partner not in self._linked[other(side)]
                if paired or (found is None and side == stone.gone and self._is_back(side, key)):
                    self._revived.append((side, key))
                else:
                    self._tombstoned[side].add(key)

    def _is_back(self, side: Side, key: str) -> bool:
        """Whether a deleted item exists again; a listing may show it for a while after its end."""
        return self._context.trackers[side].fate(self._context.scopes[side], key) is Fate.PRESENT

    # --- what is gone ----------------------------------------------------------------------------------------------

    def _fates(self) -> list[tuple[Link, Side, Fate]]:
        verdicts = []
        missing = list({(link.id, side): (link, side) for link, side in self._missing}.values())
        if len(missing) > FATES_A_CYCLE:
            self._notes.append(
                f"{len(missing)} linked items are not visible; {FATES_A_CYCLE} are looked into now."
                " Was a list or project moved, or a right taken away?"
            )
        for link, side in missing[:FATES_A_CYCLE]:
            fate = self._context.trackers[side].fate(self._context.scopes[side], link.key(side))
            verdicts.append((link, side, fate))
            self._links.setdefault(link.id, link)
            for each in SIDES:
                self._linked[each].add(link.key(each))
        return verdicts

    def _elsewhere(self, side: Side) -> set[str]:
        """Keys that another mapping has linked: they moved here and must not be made again."""
        return {key for name in self._siblings for key in self._store.links(name, side, self._items[side])}

    def _facts(self, vanished: list[tuple[Link, Side, Fate]]) -> Facts:
        store, name = self._store, self._name
        in_doubt: dict[Side, set[str]] = {"left": set(), "right": set()}
        for intent in store.open_intents(name):
            if intent.kind == "create":
                in_doubt[other(intent.side)].add(intent.source_key)
        unreadable = {link.id for link, _, _ in vanished}
        proved = tuple(
            (link, side)
            for link, side, fate in vanished
            if fate is Fate.DELETED and store.absences(name, side, link.key(side)) + 1 >= DELETION_PROOFS
        )
        links = tuple(link for _, link in sorted(self._links.items()) if link.id not in unreadable)
        linked_count = store.count_links(name)
        return Facts(
            items=self._items,
            links=links,
            linked_keys={side: frozenset(self._linked[side]) for side in SIDES},
            linked_count=linked_count,
            first=linked_count == 0 and store.watermark(name, "left") is None,
            untouchable={
                side: frozenset(self._tombstoned[side] | in_doubt[side] | self._elsewhere(side)) for side in SIDES
            },
            verdicts={
                (c.link_id, c.field): c.winner
                for c in store.open_conflicts(name)
                if c.winner is not None and c.link_id is not None
            },
            deleted=proved,
        )
