"""Correspondence: one mapping's answer to "what is this value called over there, and do these two agree?"

Built once from the policy and the two schemas; people are learnt as they are met. Left and right are the only names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field

from reconciler.mapping.choices import Choices, by_category, by_rank, fold, from_table, overlay, without
from reconciler.mapping.custom_fields import JoinedField, Misfit
from reconciler.mapping.equality import folded_tags, folded_text, identities, people, same_value, tags
from reconciler.mapping.kinship import Kinship
from reconciler.mapping.renames import NO_RENAMES, Renames
from reconciler.mapping.tables import UnknownName, unknown_names
from reconciler.model.field import Kind, Value, kind_of, label_of
from reconciler.model.person import Person
from reconciler.model.policy import Policy
from reconciler.model.rich_text import RichText
from reconciler.model.schema import Category, Kept, Schema, TypeSchema, whole
from reconciler.model.side import Side, other
from reconciler.richtext import NO_WORDS, Vocabulary, same


class Untranslatable(Exception):
    """A value has no counterpart; the text says which and which table would give it one."""


class Unpaired(Untranslatable):
    """A value names an item that has no partner. `awaited`: it is on its way to get one."""

    def __init__(self, text: str, *, awaited: bool) -> None:
        super().__init__(text)
        self.awaited = awaited


@dataclass(frozen=True, slots=True)
class Directory:
    """Who can be assigned on a side, by address. `several` says whether an item may have more than one of them."""

    several: bool
    members: Mapping[str, Person] = field(default_factory=dict)


class Correspondence:
    """Pure once built. `left` and `right` are the trackers' schemas; the directories hold the people met so far,
    `kinship` the pairs that matter, `vocabulary` what texts point to, `custom` the fields that only this mapping
    carries, `renames` what names of the past are called now, `configured` the policy as the file has it. `unknown` are
    the names in the tables that a side does not have (any more): values that need them stay behind."""

    def __init__(
        self,
        policy: Policy,
        left: Schema,
        right: Schema,
        people: dict[Side, Directory],
        custom: Iterable[JoinedField] = (),
        misfits: Iterable[Misfit] = (),
        renames: Renames = NO_RENAMES,
    ) -> None:
        self.configured = policy
        self.policy = policy = renames.tables(policy)
        self.renames = renames
        self.custom = {joined.name: joined for joined in custom}
        self.schemas: Mapping[Side, Schema] = {"left": left, "right": right}
        self.people = people
        self.kinship = Kinship()
        self.vocabulary = NO_WORDS
        self._unknown_names = tuple(unknown_names(policy, left, right))
        self.unknown: tuple[UnknownName | Misfit, ...] = (*self._unknown_names, *misfits)
        self._types = self._type_choices()
        self._priorities = self._priority_choices()
        self._to_right_address = dict(policy.people)
        self._to_left_address = {right_address: left_address for left_address, right_address in policy.people.items()}
        self._states: dict[tuple[str, str], Choices] = {}

    def knowing(self, kinship: Kinship) -> Correspondence:
        """The same with these pairs known."""
        knowing = copy(self)
        knowing.kinship = kinship
        return knowing

    def speaking(self, vocabulary: Vocabulary) -> Correspondence:
        """The same with what the texts at hand point to known."""
        speaking = copy(self)
        speaking.vocabulary = vocabulary
        return speaking

    # --- types and schemas ---------------------------------------------------------------------------------------

    def counterpart_type(self, name: str, to: Side) -> str:
        """What an item of type `name` is on side `to`; the side's default type where no table and no name says."""
        return self._types.translate(name, to) or self.schemas[to].default_type

    def type_schema(self, side: Side, name: str) -> TypeSchema | None:
        return next((t for t in self.schemas[side].types.values() if fold(t.name) == fold(name)), None)

    def is_default_type(self, side: Side, name: str) -> bool:
        return fold(name) == fold(self.schemas[side].default_type)

    def closing_state(self, side: Side, type_name: str) -> str | None:
        """The first state that means done, for closing the survivor of a deletion."""
        schema = self.type_schema(side, type_name)
        return next((s.name for s in schema.states if s.category == Category.DONE), None) if schema else None

    def is_closed(self, side: Side, type_name: str, state: Value) -> bool:
        """Whether a state of that type means done or removed."""
        schema = self.type_schema(side, type_name)
        ended = (Category.DONE, Category.REMOVED)
        return schema is not None and any(
            s.category in ended and fold(s.name) == fold(str(state)) for s in schema.states
        )

    def _type_choices(self) -> Choices:
        right_names = {fold(t.name): t.name for t in self.schemas["right"].types.values()}
        table = {}
        for left in self.schemas["left"].types.values():
            configured = next((t.right for n, t in self.policy.types.items() if fold(n) == fold(left.name)), None)
            if configured and fold(configured) not in right_names:
                continue  # nothing is agreed about it while its counterpart is gone
            table[left.name] = (configured or right_names.get(fold(left.name)) or self.schemas["right"].default_type,)
        choices = from_table(table)
        # A shared default on the right says nothing about which left type it was: that falls to the left default.
        default = self.schemas["right"].default_type
        named = {fold(t.right) for t in self.policy.types.values() if t.right}
        to_left = dict(choices.to_left)
        if fold(default) not in named:
            to_left[fold(default)] = self.schemas["left"].default_type
        return Choices(choices.accepts, choices.to_right, to_left)

    def _states_for(self, left_type: str, right_type: str) -> Choices:
        key = (fold(left_type), fold(right_type))
        if key not in self._states:
            left, right = self.type_schema("left", left_type), self.type_schema("right", right_type)
            natural = by_category(left.states if left else (), right.states if right else ())
            path, table = self.table("state", left_type)
            possible = _possible(table, left, right)
            self._states[key] = self._known(overlay(natural, possible) if possible else natural, path, table)
        return self._states[key]

    def _priority_choices(self) -> Choices:
        path, table = self.table("priority", "")
        if not table:
            return by_rank(self.schemas["left"].priorities, self.schemas["right"].priorities)
        gone = {(entry.side, fold(entry.name)) for entry in self._unknown_names if entry.path == path}
        there = {
            left: rights
            for left, rights in table.items()
            if ("left", fold(left)) not in gone and ("right", fold(rights[0])) not in gone
        }
        return self._known(from_table(there), path, table)

    def table(self, name: str, left_type: str) -> tuple[str, Mapping[str, tuple[str, ...]]]:
        """The table in the configuration for a choice, with its path there."""
        if name == "priority":
            return "mappings.priorities", {left: (right,) for left, right in self.policy.priorities.items()}
        for own, entry in self.policy.types.items():
            if fold(own) == fold(left_type) and entry.states:
                return f'mappings.types."{own}".states', entry.states
        return "mappings.states", self.policy.states

    def _known(self, choices: Choices, path: str, table: Mapping[str, tuple[str, ...]]) -> Choices:
        def gone(side: Side) -> set[str]:
            return {fold(entry.name) for entry in self._unknown_names if entry.path == path and entry.side == side}

        return without(choices, table, gone("left"), gone("right"))

    def _choices(self, name: str, left_type: str, right_type: str) -> Choices:
        match name:
            case "state":
                return self._states_for(left_type, right_type)
            case "type":
                return self._types
            case _:
                return self._priorities

    # --- values --------------------------------------------------------------------------------------------------

    def agree(self, name: str, left: Value, right: Value, left_type: str, right_type: str) -> bool:
        """Whether a left and a right value may stand beside each other without a write. Titles, tags and
        numbers are compared by what both sides can keep of them."""
        left, right = self.kept(name, left), self.kept(name, right)
        match kind_of(name):
            case Kind.CHOICE:
                if left is None or right is None:
                    return left is None and right is None
                return self._choices_agree(name, str(left), str(right), left_type, right_type)
            case Kind.PEOPLE:
                return self._people_agree(people(left), people(right))
            case Kind.TAGS:
                return folded_tags(tags(left)) == folded_tags(tags(right))
            case Kind.TEXT:
                return folded_text(left) == folded_text(right)
            case Kind.ITEM:
                return (left is None) if right is None else self.kinship.partner("left", left) == right
            case Kind.RICH_TEXT:
                return same(_rich(left), _rich(right), self.vocabulary)
            case Kind.ITEMS:
                return self._links_agree(tags(left), tags(right))
            case _:
                return same_value(name, left, right)

    def kept(self, name: str, value: Value) -> Value:
        """What both sides can keep of a title, of tags or of a number; other values as they are."""
        if kind_of(name) not in (Kind.TEXT, Kind.TAGS, Kind.NUMBER):
            return value
        return self.schemas["left"].kept(name, self.schemas["right"].kept(name, value))

    def translate(
        self, name: str, value: Value, to: Side, from_type: str, to_type: str, present: Value = None
    ) -> Value:
        """A scalar value of the other side in the words of `to`, where it is to replace `present`. Raises
        Untranslatable."""
        if kind_of(name) is Kind.ITEM and value is not None:
            return self.partner_of(name, str(value), to)
        if isinstance(value, RichText):
            return self.vocabulary.spoken(value, to, _rich(present))
        if kind_of(name) is not Kind.CHOICE or value is None:
            return value
        left_type, right_type = (to_type, from_type) if to == "left" else (from_type, to_type)
        if name == "type":
            if gone := self._types_gone(str(value), to):
                raise _untranslatable(name, value, to, gone)
            return self.counterpart_type(str(value), to)
        if name in self.custom:
            return self._custom_choice(self.custom[name], str(value), to)
        translated = self._choices(name, left_type, right_type).translate(str(value), to)
        if translated is None:
            path, table = self.table(name, left_type)
            partners = _partners(table, str(value), to)
            gone = [e for e in self._unknown_names if e.path == path and e.side == to and fold(e.name) in partners]
            raise _untranslatable(name, value, to, gone)
        return translated

    def _types_gone(self, value: str, to: Side) -> list[UnknownName]:
        """The names that would be the counterpart of a type if they existed. A type of the right that no table knows
        may be the new name of one that a table names: it is not taken for the default then."""
        right_names = [entry for entry in self._unknown_names if entry.path.endswith(".right")]
        if to == "right":
            gone = [entry for entry in right_names if fold(entry.path) == fold(f'mappings.types."{value}".right')]
        else:
            gone = right_names if fold(value) not in self._types.to_left else []
        return gone

    def _links_agree(self, left: Sequence[str], right: Sequence[str]) -> bool:
        """What has no counterpart is a difference nowhere."""
        partner = self.kinship.partner
        there = {partner("left", key) for key in left} - {None}
        return there == {key for key in right if partner("right", key) is not None}

    def partner_of(self, name: str, key: str, to: Side) -> str:
        """The counterpart on `to` of an item that a field names. Raises Unpaired."""
        partner = self.kinship.partner(other(to), key)
        if partner is None:
            awaited = key in self.kinship.awaited[other(to)]
            state = "yet; it follows once that is there" if awaited else "and is left alone"
            raise Unpaired(f"the {name} {key} on the {other(to)} has no counterpart {state}", awaited=awaited)
        return partner

    def _custom_choice(self, joined: JoinedField, word: str, to: Side) -> str:
        translated = joined.translate(word, to)
        if translated is None:
            place = f'values of [[mappings.custom_fields]] left = "{label_of(joined.name)}"'
            field = joined.fields[to].name
            raise Untranslatable(f'"{word}" is no option of {field} on the {to} side; add it there, or to the {place}')
        return translated

    def _choices_agree(self, name: str, left: str, right: str, left_type: str, right_type: str) -> bool:
        if name in self.custom:
            return self.custom[name].agree(left, right)
        choices = self._choices(name, left_type, right_type)
        if choices.acceptable(left, right):
            return True
        if name == "type":
            return not self._types_gone(right, "left") and fold(self.counterpart_type(right, "left")) == fold(left)
        return fold(choices.translate(right, "left") or "") == fold(left)

    # --- people --------------------------------------------------------------------------------------------------

    def address_on(self, to: Side, address: str) -> str:
        """The e-mail under which the person with `address` on the other side is known on `to`."""
        table = self._to_right_address if to == "right" else self._to_left_address
        return table.get(address, address)

    def person_on(self, to: Side, person: Person) -> Person | None:
        if not person.address:
            return None
        return self.people[to].members.get(self.address_on(to, person.address))

    def people_on(self, to: Side, members: Iterable[Person]) -> tuple[tuple[Person, ...], tuple[Person, ...]]:
        """The people of the other side as they are on `to`, and those who have no account there."""
        found, missing = [], []
        for person in members:
            counterpart = self.person_on(to, person)
            if counterpart:
                found.append(counterpart)
            else:
                missing.append(person)
        return tuple(found), tuple(missing)

    def _people_agree(self, left: tuple[Person, ...], right: tuple[Person, ...]) -> bool:
        """By address, so that nobody needs to have been looked up. A side that takes one person agrees with any
        membership that includes its own; with none, it agrees as long as nobody there could be assigned here."""
        there = frozenset(self.address_on("right", person.address) for person in left if person.address)
        here = frozenset(person.address for person in right if person.address)
        one_left, one_right = not self.people["left"].several, not self.people["right"].several
        if there == here:
            return True
        if one_left and not left:
            return not self.people_on("left", right)[0]
        if one_right and not right:
            return not self.people_on("right", left)[0]
        return one_left != one_right and (there <= here if one_left else here <= there)


def _rich(value: Value) -> RichText | None:
    return value if isinstance(value, RichText) else None


def _possible(
    table: Mapping[str, tuple[str, ...]], left: TypeSchema | None, right: TypeSchema | None
) -> dict[str, list[str]]:
    """The part of a table of states that these two types have: one table serves several types, and a state that a type
    lacks leaves its partner to the categories."""
    possible = {}
    for name, partners in table.items():
        there = [partner for partner in partners if _has(right, partner)]
        if there and _has(left, name):
            possible[name] = there
    return possible


def _partners(table: Mapping[str, tuple[str, ...]], value: str, to: Side) -> frozenset[str]:
    """What a table calls a value of the other side, folded."""
    if to == "right":
        return frozenset(fold(name) for left, names in table.items() if fold(left) == fold(value) for name in names)
    return frozenset(fold(left) for left, names in table.items() if fold(value) in map(fold, names))


def _untranslatable(name: str, value: Value, to: Side, gone: Sequence[UnknownName]) -> Untranslatable:
    """`gone` are the names in the tables that would be its counterpart if they existed."""
    table = {"state": "states", "type": "types"}.get(name, "priorities")
    fix = f"{gone[0].what}; {gone[0].fix}" if gone else f"add it to [mappings.{table}]"
    return Untranslatable(f'{name} "{value}" has no counterpart on the {to} side; {fix}')


def _has(kind: TypeSchema | None, state: str) -> bool:
    return kind is None or any(fold(known.name) == fold(state) for known in kind.states)


def counterpart_people(
    corr: Correspondence, to: Side, before: tuple[Person, ...], after: tuple[Person, ...], present: tuple[Person, ...]
) -> tuple[tuple[Person, ...], tuple[Person, ...]]:
    """What the people field of `to` should hold after the other side went from `before` to `after`; and who is not
    carried for want of an account there. Members that the other side never had stay. Where `to` takes one person, its
    present one stays as long as it is among those assigned over there (design.md, decision 7); somebody who has no
    account over there stays until the first of those changes."""
    if not corr.people[to].several:
        candidates, missing = corr.people_on(to, after)
        strangers = tuple(person for person in present if corr.person_on(other(to), person) is None)
        if not candidates:
            removed, _ = corr.people_on(to, [p for p in before if p.identity not in identities(after)])
            stay = [p for p in present if p.identity not in identities(removed)] if after else strangers
            return tuple(stay), missing
        if strangers and identities(corr.people_on(to, before)[0][:1]) == identities(candidates[:1]):
            return strangers, ()
        kept = [person for person in present if person.identity in identities(candidates)]
        return (tuple(kept[:1]) or candidates[:1]), ()
    added, missing = corr.people_on(to, [p for p in after if p.identity not in identities(before)])
    removed, _ = corr.people_on(to, [p for p in before if p.identity not in identities(after)])
    return merged_people(removed, added, present), missing


def no_account(members: Iterable[Person], to: Side) -> str:
    """The sentence about people who are not known on `to`; "" for nobody."""
    names = ", ".join(person.address or person.name for person in members)
    return f"no account on the {to} side for {names}; pair them in [mappings.people] or invite them" if names else ""


def merged_people(
    before: tuple[Person, ...], after: tuple[Person, ...], present: tuple[Person, ...]
) -> tuple[Person, ...]:
    """`present` with the members added and removed between two views."""
    removed = identities(before) - identities(after)
    kept = [person for person in present if person.identity not in removed]
    known = identities(before) | identities(kept)
    return (*kept, *(person for person in after if person.identity not in known))


def merged_tags(
    before: tuple[str, ...], after: tuple[str, ...], present: tuple[str, ...], kept: Kept = whole
) -> tuple[str, ...]:
    """`present` with the members added and removed that the other side added and removed between two views. `kept` says
    what both sides can keep of a name, so that one that had to be changed on its way is recognised."""

    def folded(names: tuple[str, ...]) -> frozenset[str]:
        return folded_tags(tags(kept("tags", names)))

    removed = folded(before) - folded(after)
    stay = [name for name in present if folded((name,)).isdisjoint(removed)]
    there = folded(before) | folded(tuple(stay))
    added = [name for name in after if fold(name) not in folded_tags(before) and folded((name,)).isdisjoint(there)]
    return (*stay, *added)
