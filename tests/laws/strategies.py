"""Strategies: a pair as both sides last agreed on it, and what people did to it since.

Always one base perturbed on both sides: two items drawn independently would have next to nothing in common, and a merge
of such items says little. Values come from small pools, so that both sides often change the same field, sometimes to
values that agree, and members of sets are often removed on one side and kept on the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import TypeVar

from hypothesis import strategies as st

from reconciler.mapping.correspondence import Correspondence, Directory, Untranslatable
from reconciler.mapping.equality import people
from reconciler.mapping.kinship import Kinship, named
from reconciler.model.field import FIELDS, Kind, Value
from reconciler.model.item import Item
from reconciler.model.person import Person
from reconciler.model.policy import Direction, Policy, Rule
from reconciler.model.rich_text import Form, RichText
from reconciler.model.schema import Category, Schema, State, TypeSchema
from reconciler.model.side import SIDES, Side, other
from reconciler.model.snapshot import Snapshot
from tests.laws.pair import FORMS, Pair, stored

T = TypeVar("T")

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)

STATES: Mapping[Side, tuple[State, ...]] = {
    "left": (
        State("New", Category.PROPOSED),
        State("Active", Category.ACTIVE),
        State("Resolved", Category.ACTIVE),
        State("Closed", Category.DONE),
        State("Removed", Category.REMOVED),
    ),
    "right": (
        State("to do", Category.PROPOSED),
        State("in progress", Category.ACTIVE),
        State("blocked", Category.ACTIVE),
        State("closed", Category.DONE),
        State("shipped", Category.DONE),
    ),
}
TYPES: Mapping[Side, tuple[str, ...]] = {"left": ("Task", "Bug", "Epic"), "right": ("Task", "Bug")}
PRIORITIES: Mapping[Side, tuple[str, ...]] = {
    "left": ("1", "2", "3", "4"),
    "right": ("urgent", "high", "normal", "low"),
}

ADA, BEN, CLEO = (Person(f"{name}@example.com", name.title(), name) for name in ("ada", "ben", "cleo"))
DAN: Mapping[Side, Person] = {
    "left": Person("dan@example.com", "Dan", "dan"),
    "right": Person("d@agency.example", "Dan", "17"),
}
HIDDEN = Person("", "Eve", "eve")
"""Somebody whose address the tracker does not show, so that nobody can say who that is on the other side."""

PEOPLE: Mapping[Side, tuple[Person, ...]] = {
    "left": (ADA, BEN, DAN["left"]),
    "right": (ADA, BEN, CLEO, DAN["right"], HIDDEN),
}
WORDS = ("one", "two", "three", "One", "one  two", " two", "é", "a title longer than what a side keeps")
TAGS = ("red", "Red", "blue", "green", "a;b", "a,b")
DATES = tuple(date(2026, 3, day) for day in (1, 2, 3))
NUMBERS = (0.0, 1.0, 2.5, 2.501, -3.0)
KEPT_OF_A_TITLE = 20


def limited(field: str, value: Value) -> Value:
    """The `Kept` of a side that cuts titles, knows no semicolon in a tag and counts in hundredths."""
    if field == "title" and isinstance(value, str):
        return value[:KEPT_OF_A_TITLE].rstrip()
    if field == "tags" and isinstance(value, tuple):
        return tuple(str(name).replace(";", ",") for name in value)
    if field == "estimate" and isinstance(value, float):
        return round(value, 2)
    return value


class Dice:
    """Reads choices from bytes that Hypothesis draws at once: a hundred draws of their own for every example would cost
    more than the law itself. Zeros, to which Hypothesis shrinks, are the first choice everywhere."""

    def __init__(self, thrown: bytes) -> None:
        self._thrown = iter(thrown)

    def upto(self, most: int) -> int:
        return next(self._thrown, 0) % (most + 1)

    def pick(self, choices: Sequence[T]) -> T:
        return choices[self.upto(len(choices) - 1)]

    def often(self) -> bool:
        return self.upto(3) > 0

    def seldom(self) -> bool:
        return self.upto(3) == 3

    def some(self, choices: Sequence[T], most: int) -> list[T]:
        """At most `most` different ones, in the order of `choices`."""
        chosen = {self.upto(len(choices) - 1) for _ in range(self.upto(most))}
        return [choice for index, choice in enumerate(choices) if index in chosen]


def thrown(build: Callable[[Dice], T], bytes_needed: int = 160) -> st.SearchStrategy[T]:
    return st.binary(min_size=bytes_needed, max_size=bytes_needed).map(lambda drawn: build(Dice(drawn)))


KINSHIP = Kinship(
    {"left": {f"l{n}": f"r{n}" for n in "123"}, "right": {f"r{n}": f"l{n}" for n in "123"}},
    unseen={"left": frozenset(("lunseen",)), "right": frozenset(("runseen",))},
    awaited={"left": frozenset(("lawaited",)), "right": frozenset(("rawaited",))},
)

# --- how the sides correspond --------------------------------------------------------------------------------------


def policy(dice: Dice, *, tables: bool) -> Policy:
    """Any rules and directions; with `tables` also states by table, several to one."""
    states = {}
    if tables and dice.seldom():
        for name in dice.some([state.name for state in STATES["left"]], 4):
            states[name] = tuple(state.name for state in dice.some(STATES["right"], 2)) or ("to do",)
    names = list(FIELDS)
    return Policy(
        name="web",
        conflict=dice.pick(list(Rule)),
        conflicts={name: dice.pick(list(Rule)) for name in dice.some(names, 2)},
        directions={name: dice.pick(list(Direction)) for name in dice.some(names, 2)},
        states=states,
        people={DAN["left"].address: DAN["right"].address},
    )


def schema(dice: Dice, side: Side) -> Schema:
    """Some of the side's types, states and priorities; some sides keep less of a title or tag than is sent."""
    types = [TYPES[side][0], *dice.some(TYPES[side][1:], 2)]
    states = tuple(STATES[side]) if dice.often() else tuple(dice.some(STATES[side], 4)) or STATES[side][:1]
    return Schema(
        {name: TypeSchema(name, states, frozenset(FIELDS)) for name in types},
        PRIORITIES[side] if dice.often() else PRIORITIES[side][: 1 + dice.upto(3)],
        types[0],
        **({"kept": limited} if dice.upto(1) else {}),
    )


def correspondence(dice: Dice, *, tables: bool = True, several: bool = False) -> Correspondence:
    people: dict[Side, Directory] = {
        side: Directory(several or bool(dice.upto(1)), {p.address: p for p in PEOPLE[side] if p.address})
        for side in SIDES
    }
    corr = Correspondence(policy(dice, tables=tables), schema(dice, "left"), schema(dice, "right"), people)
    return corr.knowing(KINSHIP)


# --- values and items ----------------------------------------------------------------------------------------------


def value(dice: Dice, corr: Correspondence, side: Side, field: str) -> Value:
    """What people can set `field` to on `side`."""
    known = corr.schemas[side]
    match FIELDS[field]:
        case Kind.TEXT:
            return known.kept("title", dice.pick(WORDS))
        case Kind.RICH_TEXT:
            return rich_text(dice, FORMS[side])
        case Kind.TAGS:
            names = known.kept("tags", tuple(dice.some(TAGS, 3)))
            assert isinstance(names, tuple)
            return tuple({str(name).casefold(): str(name) for name in names}.values())
        case Kind.PEOPLE:
            return tuple(dice.some(PEOPLE[side], 3 if corr.people[side].several else 1))
        case Kind.DATE:
            return dice.pick((None, *DATES))
        case Kind.ITEM:
            return dice.pick((None, *(f"{side[0]}{mark}" for mark in ("1", "2", "3", "unseen", "awaited", "strange"))))
        case Kind.ITEMS:
            marks = dice.some(("1", "2", "3", "unseen", "awaited", "strange"), 3)
            return tuple(f"{side[0]}{mark}" for mark in marks)
        case Kind.NUMBER:
            return known.kept(field, dice.pick((None, *NUMBERS)))
    match field:
        case "type":
            return dice.pick(list(known.types))
        case "state":
            return dice.pick([state.name for state in known.types[known.default_type].states])
        case _:
            return dice.pick((*known.priorities, None))


def rich_text(dice: Dice, form: Form) -> RichText | None:
    lines = dice.some(("one", "two", "three"), 3)
    if not lines:
        return None
    if form is Form.HTML:
        return RichText(form, "".join(f"<p>{line}</p>" for line in lines))
    return RichText(form, "\n\n".join(lines))


def item(side: Side, fields: Mapping[str, Value], *, key: str = "", revision: int = 1) -> Item:
    key = key or side[0]
    at = NOON + timedelta(seconds=revision)
    return Item(key, str(revision), at, f"https://{side}.example.com/{key}", f"{side.upper()}#{key}", fields)


def agreed(dice: Dice, corr: Correspondence, number: int = 0) -> dict[Side, Item]:
    """Two items that are one piece of work: the right one has what the left one's values are called over there. Some
    fields may exist on one side only."""
    left = {name: value(dice, corr, "left", name) for name in FIELDS}
    right: dict[str, Value] = {"type": corr.counterpart_type(str(left["type"]), "right")}
    for name in FIELDS:
        if name == "type":
            continue
        if FIELDS[name] is Kind.PEOPLE:
            found, _ = corr.people_on("right", people(left[name]))
            right[name] = found if corr.people["right"].several else found[:1]
            continue
        if FIELDS[name] is Kind.ITEMS:
            found = (corr.kinship.partner("left", key) for key in named(left[name]))
            right[name] = tuple(filter(None, found))
            continue
        try:
            there = corr.translate(name, left[name], "right", str(left["type"]), str(right["type"]))
        except Untranslatable:
            there = value(dice, corr, "right", name)
        right[name] = stored(corr, "right", name, there)
    if dice.seldom():
        lacking = left if dice.upto(1) else right
        del lacking[dice.pick(("priority", "due_date", "tags", "assignees"))]
    return {"left": item("left", left, key=f"l{number}"), "right": item("right", right, key=f"r{number}")}


def perturbed(dice: Dice, corr: Correspondence, side: Side, before: Item, *, revision: int = 2) -> Item:
    """The item after people changed some of its fields, or none."""
    names = [name for name in FIELDS if name in before.fields]
    changed = dice.some(names, 4)
    if not changed:
        return before
    fields = {name: value(dice, corr, side, name) if name in changed else before.fields[name] for name in names}
    return item(side, fields, key=before.key, revision=revision + dice.upto(2))


def pair(dice: Dice, *, tables: bool = True, past: bool = True, both_ways: bool = False, several: bool = False) -> Pair:
    corr = correspondence(dice, tables=tables, several=several)
    if both_ways:
        corr = rebuilt(corr, replace(corr.policy, directions={}))
    base = agreed(dice, corr)
    now = {side: perturbed(dice, corr, side, base[side]) for side in SIDES}
    snapshots = {
        side: Snapshot(base[side]) if past else Snapshot(now[side], forgotten=frozenset(now[side].fields))
        for side in SIDES
    }
    return Pair(corr, snapshots, now)


def pairs(**how: bool) -> st.SearchStrategy[Pair]:
    """A linked pair that was in agreement and was changed on both sides since; without `past`, one just matched. With
    `tables`, states go by table; `both_ways`: every field travels both ways; `several`: both sides take any number of
    assignees, where else either may take but one."""
    return thrown(partial(pair, **how))


def edited(pair: Pair, side: Side, dice: Dice, revision: int) -> Pair:
    """The pair after people changed one side once more."""
    return replace(pair, now={**pair.now, side: perturbed(dice, pair.corr, side, pair.now[side], revision=revision)})


Edits = list[tuple[Side, Dice]]


def histories(*, edits: int = 4, both_ways: bool = False) -> st.SearchStrategy[tuple[Pair, Edits]]:
    """A pair, and further edits by side to come."""

    def build(dice: Dice) -> tuple[Pair, Edits]:
        first = pair(dice, both_ways=both_ways)
        return first, [(dice.pick(SIDES), dice) for _ in range(dice.upto(edits))]

    return thrown(build)


def rebuilt(corr: Correspondence, policy: Policy) -> Correspondence:
    again = Correspondence(policy, corr.schemas["left"], corr.schemas["right"], dict(corr.people))
    return again.knowing(corr.kinship)


# --- the other way round -------------------------------------------------------------------------------------------

_MIRRORED_RULES = {Rule.LEFT: Rule.RIGHT, Rule.RIGHT: Rule.LEFT, Rule.NEWEST: Rule.NEWEST, Rule.HOLD: Rule.HOLD}
_MIRRORED_DIRECTIONS = {
    Direction.TO_LEFT: Direction.TO_RIGHT,
    Direction.TO_RIGHT: Direction.TO_LEFT,
    Direction.BOTH: Direction.BOTH,
    Direction.OFF: Direction.OFF,
}


def mirrored_policy(policy: Policy) -> Policy:
    """The same policy with left and right exchanged. Tables of states say several to one, which has no mirror image."""
    assert not policy.states
    return replace(
        policy,
        conflict=_MIRRORED_RULES[policy.conflict],
        conflicts={name: _MIRRORED_RULES[rule] for name, rule in policy.conflicts.items()},
        directions={name: _MIRRORED_DIRECTIONS[way] for name, way in policy.directions.items()},
        people={right: left for left, right in policy.people.items()},
    )


def mirrored_kinship(kinship: Kinship) -> Kinship:
    return Kinship(*({side: known[other(side)] for side in SIDES} for known in astuple(kinship)))


def mirrored(pair: Pair) -> Pair:
    corr = Correspondence(
        mirrored_policy(pair.corr.policy),
        pair.corr.schemas["right"],
        pair.corr.schemas["left"],
        {side: pair.corr.people[other(side)] for side in SIDES},
    ).knowing(mirrored_kinship(pair.corr.kinship))
    return Pair(corr, {s: pair.snapshots[other(s)] for s in SIDES}, {s: pair.now[other(s)] for s in SIDES})
