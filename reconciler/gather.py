"""Gather: completes what the poll saw into the facts a plan is made from.

Adds items left pending by earlier cycles, the originals of copies whose link is unknown, and, on the sweep's rhythm,
whatever no feed shows: missed edits, and items that are gone, with the evidence that proves it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from itertools import islice

from reconciler.clock import Clock
from reconciler.context import MappingContext
from reconciler.generations import known_generations, raised
from reconciler.mapping.kinship import Kinship, named, named_by, names_items
from reconciler.model.field import MUTUAL
from reconciler.model.item import Item
from reconciler.model.link import Link
from reconciler.model.pending import AMBIGUOUS, ORPHANED, Pending
from reconciler.model.side import SIDES, Side, other
from reconciler.model.tombstone import UNSEEN, Tombstone
from reconciler.pairing import source_key
from reconciler.planner import Facts
from reconciler.poll import Feed
from reconciler.store import Store
from reconciler.sweep import Swept, completed, sweep
from reconciler.trackers.base import Fate
from reconciler.wording import texts_of, vocabulary_of

FATES_A_CYCLE = 50
"""How many vanished items are looked into at once. More at a time is a lost right sooner than so many deletions, and
each look costs requests; the next sweep finds what is left."""

CANARIES = 3
"""So many other items are read before a deletion is believed; one of them is enough."""

DELETION_PROOFS = 2
"""How many cycles must prove a deletion before anything is done about it (I8)."""


class Extent(StrEnum):
    """How much is compared whatever the feeds say."""

    NOTHING = "nothing"
    A_PART = "a part"
    EVERYTHING = "everything"


@dataclass(slots=True)
class Gathered:
    """The facts, and what the shell has to remember: `pending` rows that were taken up, `vanished` links whose side
    could not be read and what became of it, `remade` items that came back and whose copy is made again, so that their
    tombstones are to be lifted, `orphans` tombstones to set: copies of ours whose original is deleted, or cannot be
    seen, though nobody remembers it, `unseen` ids of all links of which a side is not visible."""

    facts: Facts
    pending: list[Pending] = field(default_factory=list)
    vanished: list[tuple[Link, Side, Fate]] = field(default_factory=list)
    remade: list[tuple[Side, str]] = field(default_factory=list)
    orphans: list[Tombstone] = field(default_factory=list)
    unseen: frozenset[int] = frozenset()
    swept: Swept | None = None
    notes: list[str] = field(default_factory=list)


def gather(
    context: MappingContext,
    feeds: dict[Side, Feed],
    store: Store,
    clock: Clock,
    *,
    extent: Extent = Extent.NOTHING,
) -> Gathered:
    """Reads what is missing for one mapping; `extent` says how much of everything is compared. Writes nothing."""
    return _Gathering(context, feeds, store, clock).run(extent)


def waiting(context: MappingContext, store: Store, now: datetime) -> list[Pending]:
    """What waits to be looked at again. Where the configuration of the mapping, or what a side can hold, is not what it
    was when that was last noted, all of it is due, whatever it was refused for, and as if for the first time; so is
    every pair of which something was not carried."""
    name, rows = context.name, store.pending(context.name)
    if store.meta(f"configuration:{name}") in (None, context.fingerprint):
        return rows
    known = {(row.side, row.key) for row in rows}
    rows += [
        Pending(name, "left", link.key("left"), "the configuration changed", due_at=now, added_at=now)
        for link in store.all_links(name)
        if not (link.left.is_settled and link.right.is_settled) and ("left", link.key("left")) not in known
    ]
    return [replace(row, due_at=now, attempts=0, parked=False) for row in rows]


class _Gathering:
    def __init__(
        self,
        context: MappingContext,
        feeds: dict[Side, Feed],
        store: Store,
        clock: Clock,
    ) -> None:
        self._context = context
        self._store = store
        self._name = context.name
        self._now = clock.now()
        self._items: dict[Side, dict[str, Item]] = {side: dict(feeds[side].items) for side in SIDES}
        self._links: dict[int, Link] = {}
        self._linked: dict[Side, set[str]] = {"left": set(), "right": set()}
        self._left_alone: dict[Side, set[str]] = {"left": set(), "right": set()}
        self._stones = store.tombstones(self._name)
        self._pending = waiting(context, store, self._now)
        self._missing: list[tuple[Link, Side]] = []
        self._complete = all(feeds[side].complete for side in SIDES)
        self._reunited: dict[tuple[str, str], tuple[Item, Item]] = {}
        self._remade: list[tuple[Side, str]] = []
        self._orphans: list[Tombstone] = []
        self._unseen: frozenset[int] = frozenset()
        self._notes: list[str] = [note for side in SIDES for note in feeds[side].notes]
        self._relinked: dict[Side, set[str]] = {side: feeds[side].relinked for side in SIDES}

    def run(self, extent: Extent) -> Gathered:
        swept: Swept | None = None
        if self._complete:
            swept = Swept(completed(self._store, self._name, self._now))
        elif extent is not Extent.NOTHING:
            swept = self._sweep(whole=extent is Extent.EVERYTHING)
        pending = self._take_pending()
        for side in SIDES:
            self._read(side, sorted(self._relinked[side]))
            self._find_links(side, list(self._items[side]))
        self._read_originals()
        self._lift_tombstones()
        self._look_at_other_ends()
        vanished = self._confirmed(self._fates())
        self._context.meet(
            {s: [*self._items[s].values(), *(link.side(s).item for link in self._links.values())] for s in SIDES}
        )
        return Gathered(
            facts=self._facts(vanished),
            pending=pending,
            vanished=vanished,
            remade=self._remade,
            orphans=self._orphans,
            swept=swept,
            unseen=self._unseen,
            notes=self._notes,
        )

    # --- what is added to the poll ---------------------------------------------------------------------------------

    def _sweep(self, whole: bool) -> Swept:
        """A part of the comparison of everything, or all of it. What the poll saw in this cycle is newer."""
        swept = sweep(self._context, self._store, self._now, whole=whole)
        for side in SIDES:
            for key, item in swept.items[side].items():
                self._items[side].setdefault(key, item)
        self._missing += [(link, side) for link, side in swept.missing if link.key(side) not in self._items[side]]
        self._notes += swept.notes
        return swept

    def _take_pending(self) -> list[Pending]:
        """Reads the items whose time has come again. Ambiguous ones are read together: each matters to the others."""
        rows = self._pending
        due = [row for row in rows if row.is_due(self._now)]
        if any(row.reason == AMBIGUOUS for row in due) or self._something_new():
            due += [row for row in rows if row.reason == AMBIGUOUS and row not in due]
        due += [row for row in self._orphans_of_pairs(rows) if row not in due]
        wanted: dict[Side, set[str]] = {"left": set(), "right": set()}
        links: dict[int, Link] = {}
        for side in SIDES:
            keys = {row.key for row in due if row.side == side}
            wanted[side] |= keys
            for link in self._store.links(self._name, side, keys).values():
                links[link.id] = link
                wanted[other(side)].add(link.key(other(side)))
        for side in SIDES:
            self._read(side, sorted(wanted[side]))
            self._missing += [(link, side) for link in links.values() if link.key(side) not in self._items[side]]
        return due

    def _orphans_of_pairs(self, rows: list[Pending]) -> list[Pending]:
        """Those that waited for the partner of an item that they name, and wait for it no longer."""
        found = []
        for side in SIDES:
            waiting = [row for row in rows if row.side == side and row.reason == ORPHANED]
            links = self._store.links(self._name, side, [row.key for row in waiting])
            views = {key: link.side(side) for key, link in links.items()}
            awaited = {key: named_by(view.item.fields) - named_by(view.base.fields) for key, view in views.items()}
            paired = self._store.partners(self._name, side, (each for keys in awaited.values() for each in keys))
            found += [row for row in waiting if not paired.keys().isdisjoint(awaited.get(row.key, ()))]
        return found

    def _something_new(self) -> bool:
        """Whether any observed item has no link yet, so that it might be the partner of an ambiguous one."""
        return any(
            len(self._store.links(self._name, side, self._items[side])) < len(self._items[side]) for side in SIDES
        )

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
        in_doubt = self._in_doubt()
        for side in SIDES:
            copies: dict[str, str] = {}
            released = {stone.key(side) for stone in self._stones if stone.gone is None}
            for key, item in self._items[side].items():
                source = source_key(self._name, side, item, self._context.key_of)
                if source is None or key in self._linked[side] or key in released:
                    continue
                if source in in_doubt[other(side)]:
                    self._left_alone[side].add(key)  # `recover` will find it
                else:
                    copies[key] = source
            self._find_links(other(side), list(copies.values()))
            self._read(other(side), [key for key in copies.values() if key not in self._linked[other(side)]])
            there = self._items[other(side)].keys() | self._linked[other(side)]
            self._bury(side, {key: source for key, source in copies.items() if source not in there})

    def _bury(self, side: Side, copies: dict[str, str]) -> None:
        """A copy without an original is left alone: for ever where the original is proved deleted, else until it comes
        into sight."""
        known = {stone.key(side) for stone in self._stones}
        for number, (key, source) in enumerate((k, s) for k, s in copies.items() if k not in known):
            left, right = (key, source) if side == "left" else (source, key)
            proved = number < FATES_A_CYCLE and self._fate(other(side), source) is Fate.DELETED
            reason = "its original is deleted" if proved else UNSEEN
            self._orphans.append(Tombstone(self._name, left, right, other(side), reason, self._now))

    def _lift_tombstones(self) -> None:
        """An item whose pair was ended by a deletion is left alone, unless somebody took the deletion back: then it is
        paired again, or made anew where its partner was deleted in turn. What is paired again keeps its tombstone until
        it is linked. What a person released is left alone."""
        for stone in self._stones:
            for side in SIDES:
                key, partner = stone.key(side), stone.key(other(side))
                if key not in self._items[side] or key in self._linked[side]:
                    continue
                if stone.gone is None:
                    self._left_alone[side].add(key)
                    continue
                self._read(other(side), [partner])
                both = self._items["left"].get(stone.left_key), self._items["right"].get(stone.right_key)
                if both[0] and both[1] and self._may_reunite(both[0], both[1]):
                    self._reunited[stone.left_key, stone.right_key] = both[0], both[1]
                elif None in both and self._is_back(stone, side):
                    self._remade.append((side, key))
                else:
                    self._left_alone[side].add(key)

    def _may_reunite(self, left: Item, right: Item) -> bool:
        linked = left.key in self._linked["left"] or right.key in self._linked["right"]
        return not linked and not left.archived and not right.archived

    def _is_back(self, stone: Tombstone, side: Side) -> bool:
        """Whether a deleted item exists again, and alone; a listing may show it for a while after its end. One that was
        only out of sight was not deleted: it says nothing about the deletion of its partner."""
        if side != stone.gone or stone.reason == UNSEEN:
            return False
        partner = stone.key(other(side))
        return self._fate(side, stone.key(side)) is Fate.PRESENT and self._fate(other(side), partner) is Fate.DELETED

    def _fate(self, side: Side, key: str) -> Fate:
        return self._context.trackers[side].fate(self._context.scopes[side], key)

    def _look_at_other_ends(self) -> None:
        """An item that lost its parent or a link may have lost it to a deletion, which nobody has noticed yet and which
        is no edit of the item. A link that both ends name is news of both, or the end that nobody looked at would undo
        its removal later."""
        met: set[tuple[Side, str]] = set()
        while ends := {end for link in self._links.values() for end in self._other_ends(link)} - met:
            met |= ends
            for side in SIDES:
                links = self._store.links(self._name, side, [key for each, key in ends if each == side])
                self._read(side, sorted(links))
                self._find_links(side, list(links))
                self._missing += [(link, side) for key, link in links.items() if key not in self._items[side]]

    def _other_ends(self, link: Link) -> Iterator[tuple[Side, str]]:
        for side in SIDES:
            now, base = self._items[side].get(link.key(side)), link.side(side).base
            for name in filter(names_items, now.fields if now is not None else ()):
                before, after = named(base.fields.get(name)), named(now.fields[name] if now else None)
                if name in MUTUAL:
                    yield from ((side, key) for key in {*before} ^ {*after})
                elif name == "parent" and after:  # somebody moved it
                    continue
                else:
                    yield from ((side, key) for key in before if key not in after)

    # --- what is gone ----------------------------------------------------------------------------------------------

    def _fates(self) -> list[tuple[Link, Side, Fate]]:
        verdicts = []
        missing = list({(link.id, side): (link, side) for link, side in self._missing}.values())
        self._unseen = frozenset(link.id for link, _ in missing)
        if len(missing) > FATES_A_CYCLE:
            self._notes.append(
                f"{len(missing)} linked items are not visible; {FATES_A_CYCLE} are looked into now."
                " Was a list or project moved, or a right taken away?"
            )
        for link, side in missing[:FATES_A_CYCLE]:
            verdicts.append((link, side, self._fate(side, link.key(side))))
            self._links.setdefault(link.id, link)
            for each in SIDES:
                self._linked[each].add(link.key(each))
        return verdicts

    def _confirmed(self, vanished: list[tuple[Link, Side, Fate]]) -> list[tuple[Link, Side, Fate]]:
        """Deletions count only while other items of that side can be read (I8): else it is our sight that is gone."""
        blind = {
            side for side in SIDES if any(s == side for _, s, _ in vanished) and not self._sees_others(side, vanished)
        }
        for side in blind:
            self._notes.append(f"no linked item can be read on the {side}; nothing is taken for deleted there")
        return [(link, side, Fate.UNKNOWN if side in blind else fate) for link, side, fate in vanished]

    def _sees_others(self, side: Side, vanished: list[tuple[Link, Side, Fate]]) -> bool:
        doubted = {link.key(side) for link, s, _ in vanished if s == side}
        if (self._linked[side] & self._items[side].keys()) - doubted:
            return True
        canaries = [link.key(side) for link in islice(self._store.all_links(self._name), len(doubted) + CANARIES)]
        canaries = [key for key in canaries if key not in doubted][:CANARIES]
        if not canaries:
            return len(doubted) <= CANARIES  # a small mapping may well be emptied
        return bool(self._context.trackers[side].read(self._context.scopes[side], canaries))

    def _elsewhere(self, side: Side) -> set[str]:
        """Keys that another mapping has linked: they moved here and must not be made again."""
        return {
            key for name in self._context.siblings[side] for key in self._store.links(name, side, self._items[side])
        }

    def _backing_off(self, side: Side) -> set[str]:
        """Items that were refused, whose time has not come and that nobody changed since, that is, since the last cycle
        began by the tracker's own clock. A poll shows what was never paired again and again while in the overlap."""
        dealt_with = self._store.watermark(self._name, side)
        waiting = set()
        for row in self._pending:
            item = self._items[side].get(row.key) if row.side == side and row.attempts else None
            changed = item is None or dealt_with is None or item.changed_at >= dealt_with
            if not changed and not row.is_due(self._now):
                waiting.add(row.key)
        return waiting

    def _kinship(self, vanished: list[tuple[Link, Side, Fate]]) -> Kinship:
        """What is known of the items that the observed ones name, or named before."""
        keys: dict[Side, set[str]] = {"left": set(), "right": set()}
        for side in SIDES:
            keys[side] = {key for view in self._views(side) for key in named_by(view.fields)}
        unseen = {side: frozenset(link.key(side) for link, _, _ in vanished) for side in SIDES}
        waiting = {(row.side, row.key) for row in self._pending}
        in_doubt = self._in_doubt()
        partners: dict[Side, dict[str, str]] = {
            side: {
                key: partner
                for key, partner in self._store.partners(self._name, side, keys[side]).items()
                if key not in unseen[side]
            }
            for side in SIDES
        }
        awaited: dict[Side, frozenset[str]] = {
            side: frozenset(
                key
                for key in keys[side] - self._linked[side] - self._at_rest(side)
                if key in self._items[side] or key in in_doubt[side] or (side, key) in waiting
            )
            for side in SIDES
        }
        return Kinship(partners, unseen, awaited)

    def _views(self, side: Side) -> list[Item]:
        """The items of a side as observed, as last seen and as last agreed."""
        views = [*self._items[side].values()]
        return views + [view for link in self._links.values() for view in (link.side(side).item, link.side(side).base)]

    def _at_rest(self, side: Side) -> set[str]:
        """Items without a partner that nothing is going to give one."""
        remade = {key for each, key in self._remade if each == side}
        archived = {key for key, item in self._items[side].items() if item.archived}
        return self._left_alone[side] | archived | ({stone.key(side) for stone in self._stones} - remade)

    def _in_doubt(self) -> dict[Side, set[str]]:
        """Items whose copy may or may not exist."""
        found: dict[Side, set[str]] = {"left": set(), "right": set()}
        for intent in self._store.open_intents(self._name):
            if intent.kind == "create":
                found[other(intent.side)].add(intent.source_key)
        return found

    def _written_in_doubt(self) -> set[int]:
        """Pairs with a write whose target nobody has seen since: what is agreed between them is not known."""
        updates = [intent for intent in self._store.open_intents(self._name) if intent.kind == "update"]
        return {
            link.id
            for side in SIDES
            for link in self._store.links(self._name, side, [i.key for i in updates if i.side == side]).values()
        }

    def _facts(self, vanished: list[tuple[Link, Side, Fate]]) -> Facts:
        store, name = self._store, self._name
        in_doubt = self._in_doubt()
        unreadable = {link.id for link, _, _ in vanished} | self._written_in_doubt()
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
            first=store.watermark(name, "left") is None,
            untouchable={
                side: frozenset(self._left_alone[side] | in_doubt[side] | self._elsewhere(side)) for side in SIDES
            },
            waiting={side: frozenset(self._backing_off(side)) for side in SIDES},
            verdicts={
                (c.link_id, c.field): c
                for c in store.open_conflicts(name)
                if c.winner is not None and c.link_id is not None
            },
            deleted=proved,
            reunited=tuple(self._reunited.values()),
            kinship=self._kinship(vanished),
            vocabulary=vocabulary_of(self._context, store, {side: texts_of(self._views(side)) for side in SIDES}),
            generations=raised(known_generations(store, name), self._remade),
        )
