"""Context: one mapping made ready to run - its policy, its two trackers and scopes, and how their values correspond."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from hashlib import blake2b
from types import MappingProxyType
from typing import Any

from reconciler.errors import ConfigError
from reconciler.mapping.correspondence import Correspondence, Directory
from reconciler.mapping.custom_fields import Misfit, join
from reconciler.mapping.drift import unfamiliar
from reconciler.mapping.equality import people
from reconciler.mapping.names import Changes, compare, names_of, names_of_fields
from reconciler.mapping.renames import Renames
from reconciler.model.custom_field import CustomField
from reconciler.model.field import FIELDS, Kind, kind_of
from reconciler.model.item import Item
from reconciler.model.known_name import NOTHING_KNOWN, Memories, Memory
from reconciler.model.person import Person
from reconciler.model.policy import Policy
from reconciler.model.schema import Schema
from reconciler.model.side import SIDES, Side, other
from reconciler.richtext import Acquaintance
from reconciler.trackers.base import Scope, Tracker

STRANGERS_MAX = 200
"""How many people without an account are remembered of a side."""


@dataclass(slots=True)
class MappingContext:
    """`correspondence` is renewed by `refresh`, and with it the custom fields that the policy and the scopes name;
    everything else stays for the life of the process. `siblings` names, by side, the
    other mappings on the same tracker: what they have linked is theirs, wherever it moves. `memories` are the schemas
    as they were when the store last learnt of them; `is_fresh` says that what was read since has not been compared with
    them, `is_doubted` that something speaks against what was read. `strangers` are the people without an account on a
    side, by address, `arrived` those of them who have one by now. `labelled` are the items found by labels in texts,
    `searched` says by mapping, side and label up to which pair one was looked for in vain; both until `refresh`."""

    policy: Policy
    trackers: Mapping[Side, Tracker]
    scopes: Mapping[Side, Scope]
    correspondence: Correspondence
    siblings: Mapping[Side, tuple[str, ...]]
    own: Mapping[Side, Sequence[CustomField]]
    memories: Memories = field(default_factory=lambda: NOTHING_KNOWN)
    is_fresh: bool = True
    is_doubted: bool = False
    strangers: dict[Side, dict[str, None]] = field(default_factory=lambda: {side: {} for side in SIDES})
    arrived: dict[Side, list[str]] = field(default_factory=lambda: {side: [] for side in SIDES})
    labelled: dict[tuple[str, Side, str], str] = field(default_factory=dict)
    searched: dict[tuple[str, Side, str], int] = field(default_factory=dict)
    _news: set[tuple[Side, str, str]] = field(default_factory=set)

    @classmethod
    def open(
        cls,
        policy: Policy,
        trackers: Mapping[Side, Tracker],
        scopes: Mapping[Side, Scope],
        siblings: Mapping[Side, tuple[str, ...]] = MappingProxyType({"left": (), "right": ()}),
    ) -> MappingContext:
        """Reads both schemas. Raises what the trackers raise, each error a sentence about this mapping's scope. Names
        in the tables that a side does not have, and fields that cannot be joined, are no error here: see
        `Correspondence.unknown`."""
        own = _own_fields(policy, trackers, scopes)
        policy, scopes, correspondence = _joined(policy, trackers, scopes, own, {}, NOTHING_KNOWN)
        return cls(policy, trackers, scopes, correspondence, siblings, own)

    @property
    def name(self) -> str:
        return self.policy.name

    @property
    def fingerprint(self) -> str:
        """The same as long as the policy and both schemas are; of a fixed length."""
        schemas = self.correspondence.schemas
        facts = _ordered([self.policy, schemas["left"], schemas["right"], self.correspondence.custom])
        return blake2b(repr(facts).encode(), digest_size=16).hexdigest()

    def slip(self, started: bool) -> ConfigError | None:
        """Names in the tables that a side does not have, as an error while nothing was ever synchronised: then they are
        slips of the pen, and cost nothing yet. Later they are more likely to have been renamed or removed over there,
        which stops the values that need them and nothing else."""
        unknown = self.correspondence.unknown
        return ConfigError([entry.sentence for entry in unknown]) if unknown and not started else None

    def refresh(self) -> None:
        """Reads both schemas again; people already met stay known."""
        self.own = _own_fields(self.policy, self.trackers, self.scopes)
        self._join()
        self.labelled, self.searched = {}, {}
        self.is_fresh, self.is_doubted = True, False

    def recall(self, memories: Memories) -> None:
        """Learns what the schemas were, so that what was renamed since is followed. Costs requests only where a field
        of the mapping's own was renamed while nobody looked."""
        if memories == self.memories:
            return
        self.memories = memories
        for side in SIDES:
            self.strangers[side] |= dict.fromkeys(memories[side].strangers)
        lacking = any(isinstance(entry, Misfit) for entry in self.correspondence.unknown)
        self._join(None if lacking else self.correspondence.schemas)

    def _join(self, schemas: Mapping[Side, Schema] | None = None) -> None:
        known = {side: dict(self.correspondence.people[side].members) for side in SIDES}
        self.policy, self.scopes, self.correspondence = _joined(
            self.policy, self.trackers, self.scopes, self.own, known, self.memories, schemas
        )

    @property
    def has_news(self) -> bool:
        """Whether anything was learnt that is not remembered yet."""
        met = any(tuple(self.strangers[s])[-STRANGERS_MAX:] != self.memories[s].strangers for s in SIDES)
        return self.is_fresh or met or any(self.arrived.values())

    @property
    def memory(self) -> dict[Side, Memory]:
        """What is to be remembered of both sides as they are now."""
        made: dict[Side, Memory] = {}
        for side in SIDES:
            names = self.changes(side).names
            strangers = tuple(self.strangers[side])[-STRANGERS_MAX:]
            made[side] = Memory(self.scopes[side].name, names, strangers)
        return made

    def changes(self, side: Side) -> Changes:
        """What became of a side's schema since it was remembered. Another scope is compared with nothing."""
        before = self.memories[side]
        joined = [custom.fields[side] for custom in self.correspondence.custom.values()]
        now = names_of(self.correspondence.schemas[side], joined)
        return compare(before.names if before.scope == self.scopes[side].name else (), now)

    def is_surprised_by(self, items: Mapping[Side, Mapping[str, Item]]) -> bool:
        """Whether items hold a type, state or option that the schemas do not have; of each this is said once."""
        shown = {
            (side, *pair)
            for side in SIDES
            for item in items[side].values()
            for pair in unfamiliar(self.correspondence, side, item)
        }
        news = shown - self._news
        self._news |= news
        return bool(news)

    def doubt(self, field: str) -> None:
        """A tracker refused a value of that field: where there is a choice, it may have another one by now."""
        known = field in FIELDS or field in self.correspondence.custom
        if known and kind_of(field) is Kind.CHOICE:
            self.is_doubted = True

    def look_for_strangers(self) -> None:
        """Asks for those who had no account when they were last needed; a request each at most."""
        for side in SIDES:
            for address in [a for a in self.strangers[side] if self.trackers[side].person(a) is not None]:
                self._welcome(side, address)

    def _welcome(self, side: Side, address: str) -> None:
        if address in self.strangers[side]:
            del self.strangers[side][address]
            self.arrived[side].append(address)

    def meet(self, items: Mapping[Side, Iterable[Item]]) -> None:
        """Learns everybody assigned to `items`, and looks up their counterparts; costs requests only for people never
        met."""
        known = {side: dict(self.correspondence.people[side].members) for side in SIDES}
        for side in SIDES:
            for person in (p for item in items[side] for p in _everybody(item)):
                if person.address:
                    known[side].setdefault(person.address, person)
                self._meet(person, other(side), known[other(side)])
        for side in SIDES:
            several = self.trackers[side].capabilities.several_assignees
            self.correspondence.people[side] = Directory(several, known[side])

    def _meet(self, person: Person, target: Side, members: dict[str, Person]) -> None:
        address = self.correspondence.address_on(target, person.address)
        if address and address not in members:
            counterpart = self.trackers[target].person(address)
            if counterpart is None:
                self.strangers[target][address] = None
            else:
                members[address] = counterpart
                self._welcome(target, address)

    def acquainted(self, side: Side, key: str) -> Acquaintance:
        """Who the person of `side` with that key is on both; costs requests only for people never met."""
        person = replace(self.trackers[side].person_with(key) or Person(""), key=key)
        address = self.correspondence.address_on(other(side), person.address) if person.address else ""
        partner = self.trackers[other(side)].person(address) if address else None
        return Acquaintance(person, partner) if side == "left" else Acquaintance(partner, person)

    def key_of(self, side: Side, url: str) -> str | None:
        return self.trackers[side].key_of(url)


def _ordered(value: Any) -> Any:
    """The plain data of a value, with everything that has no order of its own put into one."""
    if is_dataclass(value):
        return _ordered({each.name: getattr(value, each.name) for each in fields(value)})
    if isinstance(value, Mapping):
        return sorted((str(key), _ordered(item)) for key, item in value.items())
    if isinstance(value, frozenset):
        return sorted(map(str, value))
    if isinstance(value, list | tuple):
        return [_ordered(item) for item in value]
    return None if callable(value) else value


def _everybody(item: Item) -> Iterable[Person]:
    """All people that any field of the item names."""
    return (person for name in item.fields if kind_of(name) is Kind.PEOPLE for person in people(item.fields[name]))


def _own_fields(
    policy: Policy, trackers: Mapping[Side, Tracker], scopes: Mapping[Side, Scope]
) -> Mapping[Side, Sequence[CustomField]]:
    """Every field that the mapping could carry as its own; asked for only where it carries any."""
    return {side: trackers[side].custom_fields(scopes[side]) if policy.custom_fields else () for side in SIDES}


def _joined(
    policy: Policy,
    trackers: Mapping[Side, Tracker],
    scopes: Mapping[Side, Scope],
    own: Mapping[Side, Sequence[CustomField]],
    known: Mapping[Side, Mapping[str, Person]],
    memories: Memories,
    schemas: Mapping[Side, Schema] | None = None,
) -> tuple[Policy, Mapping[Side, Scope], Correspondence]:
    """The policy with the directions of the mapping's own fields, the scopes with those fields, and the rest. Without
    `schemas` they are read."""
    before = {s: memories[s].names if memories[s].scope == scopes[s].name else () for s in SIDES}
    there = {side: names_of_fields(own[side]) for side in SIDES}
    custom, misfits = join(policy.custom_fields, own, Renames.between(before, there))
    if policy.custom_fields:
        directions = {joined.name: joined.direction for joined in custom}
        policy = replace(policy, directions={**policy.directions, **directions})
        scopes = {s: scopes[s].carrying({joined.name: joined.fields[s] for joined in custom}) for s in SIDES}
    directories: dict[Side, Directory] = {
        side: Directory(trackers[side].capabilities.several_assignees, known.get(side, {})) for side in SIDES
    }
    schemas = schemas or {side: trackers[side].schema(scopes[side]) for side in SIDES}
    now = {side: (*names_of(schemas[side], ()), *there[side]) for side in SIDES}
    choices = {side: {j.name: j.fields[side].id for j in custom if j.kind is Kind.CHOICE} for side in SIDES}
    renames = Renames.between(before, now).choosing(choices)
    left, right = schemas["left"], schemas["right"]
    return policy, scopes, Correspondence(policy, left, right, directories, custom, misfits, renames)
