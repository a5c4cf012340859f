"""Context: one mapping made ready to run - its policy, its two trackers and scopes, and how their values correspond."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from hashlib import blake2b
from types import MappingProxyType
from typing import Any

from reconciler.errors import ConfigError
from reconciler.mapping.correspondence import Correspondence, Directory
from reconciler.mapping.custom_fields import JoinedField, Misfit, join
from reconciler.mapping.equality import people
from reconciler.model.field import Kind, kind_of
from reconciler.model.item import Item
from reconciler.model.person import Person
from reconciler.model.policy import Policy
from reconciler.model.side import SIDES, Side, other
from reconciler.richtext import Acquaintance
from reconciler.trackers.base import Scope, Tracker


@dataclass(slots=True)
class MappingContext:
    """`correspondence` is renewed by `refresh`, and with it the custom fields that the policy and the scopes name;
    everything else stays for the life of the process. `siblings` names, by side, the
    other mappings on the same tracker: what they have linked is theirs, wherever it moves."""

    policy: Policy
    trackers: Mapping[Side, Tracker]
    scopes: Mapping[Side, Scope]
    correspondence: Correspondence
    siblings: Mapping[Side, tuple[str, ...]]

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
        policy, scopes, correspondence = _joined(policy, trackers, scopes, {})
        return cls(policy, trackers, scopes, correspondence, siblings)

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
        known = {side: dict(self.correspondence.people[side].members) for side in SIDES}
        self.policy, self.scopes, self.correspondence = _joined(self.policy, self.trackers, self.scopes, known)

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
            if counterpart is not None:
                members[address] = counterpart

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
        return _ordered({field.name: getattr(value, field.name) for field in fields(value)})
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


def _joined(
    policy: Policy,
    trackers: Mapping[Side, Tracker],
    scopes: Mapping[Side, Scope],
    known: Mapping[Side, Mapping[str, Person]],
) -> tuple[Policy, Mapping[Side, Scope], Correspondence]:
    """The policy with the directions of the mapping's own fields, the scopes with those fields, and the rest."""
    custom: tuple[JoinedField, ...] = ()
    misfits: tuple[Misfit, ...] = ()
    if policy.custom_fields:
        there = {side: trackers[side].custom_fields(scopes[side]) for side in SIDES}
        custom, misfits = join(policy.custom_fields, there)
        directions = {joined.name: joined.direction for joined in custom}
        policy = replace(policy, directions={**policy.directions, **directions})
        scopes = {s: scopes[s].carrying({joined.name: joined.fields[s] for joined in custom}) for s in SIDES}
    directories: dict[Side, Directory] = {
        side: Directory(trackers[side].capabilities.several_assignees, known.get(side, {})) for side in SIDES
    }
    left, right = trackers["left"].schema(scopes["left"]), trackers["right"].schema(scopes["right"])
    return policy, scopes, Correspondence(policy, left, right, directories, custom, misfits)
