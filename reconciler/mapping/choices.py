"""Tables of named values: states, types and priorities of one side in the words of the other.

A table says which right names a left name may stand beside. Several names on either side may share a partner; a value
whose present partner is already acceptable needs no write, so many-to-one tables never cause one by themselves.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from reconciler.model.schema import Category, State
from reconciler.model.side import Side


@dataclass(frozen=True, slots=True)
class Choices:
    """`accepts` maps a folded left name to the right names it may stand beside; `to_right` and `to_left` say what is
    written, by folded source name. Names keep the spelling of the side that they are written to."""

    accepts: Mapping[str, frozenset[str]]
    to_right: Mapping[str, str]
    to_left: Mapping[str, str]

    def acceptable(self, left: str, right: str) -> bool:
        return fold(right) in self.accepts.get(fold(left), frozenset())

    def translate(self, name: str, to: Side) -> str | None:
        """What `name` of the other side is called on `to`; None if the table does not say."""
        return (self.to_right if to == "right" else self.to_left).get(fold(name))


def fold(name: str) -> str:
    return name.strip().casefold()


def from_table(table: Mapping[str, Iterable[str]]) -> Choices:
    """The first right name of an entry is the one written; a right name written for no left name belongs to the first
    entry that lists it."""
    accepts = {fold(left): frozenset(fold(name) for name in rights) for left, rights in table.items()}
    to_right = {fold(left): next(iter(rights)) for left, rights in table.items()}
    to_left: dict[str, str] = {}
    for left, rights in table.items():
        to_left.setdefault(fold(next(iter(rights))), left)
    for left, rights in table.items():
        for name in rights:
            to_left.setdefault(fold(name), left)
    return Choices(accepts, to_right, to_left)


_NEAREST: Mapping[Category, tuple[Category, ...]] = {
    Category.PROPOSED: (Category.PROPOSED, Category.ACTIVE),
    Category.ACTIVE: (Category.ACTIVE, Category.PROPOSED),
    Category.DONE: (Category.DONE,),
    Category.REMOVED: (Category.REMOVED, Category.DONE),
}


def by_category(left: tuple[State, ...], right: tuple[State, ...]) -> Choices:
    """States paired by what they mean; among several of one category the same name wins, else the first in order. Two
    states may stand beside each other whichever of them would have become the other."""
    accepts = {
        fold(state.name): frozenset(
            fold(other.name)
            for other in right
            if other.category == _partner_category(state.category, right)
            or state.category == _partner_category(other.category, left)
        )
        for state in left
    }
    to_right = {fold(state.name): name for state in left if (name := _partner(state, right))}
    to_left = {fold(state.name): name for state in right if (name := _partner(state, left))}
    return Choices(accepts, to_right, to_left)


def _partner_category(category: Category, states: tuple[State, ...]) -> Category | None:
    present = {state.category for state in states}
    return next((near for near in _NEAREST[category] if near in present), None)


def _partner(state: State, states: tuple[State, ...]) -> str | None:
    category = _partner_category(state.category, states)
    same = [other.name for other in states if other.category == category]
    return next((name for name in same if fold(name) == fold(state.name)), same[0] if same else None)


def by_rank(left: tuple[str, ...], right: tuple[str, ...]) -> Choices:
    """Ordered values paired by position; where one side has more, neighbours share a partner."""
    if not left or not right:
        return Choices({}, {}, {})

    def project(names: tuple[str, ...], onto: tuple[str, ...]) -> dict[str, str]:
        return {
            fold(name): onto[min(index * len(onto) // len(names), len(onto) - 1)] for index, name in enumerate(names)
        }

    to_right, to_left = project(left, right), project(right, left)
    accepts = {
        fold(name): frozenset(
            [fold(to_right[fold(name)])] + [r for r, partner in to_left.items() if fold(partner) == fold(name)]
        )
        for name in left
    }
    return Choices(accepts, to_right, to_left)


def overlay(base: Choices, table: Mapping[str, Iterable[str]]) -> Choices:
    """`base` with the entries of `table` put over it, for tables that name only what differs."""
    over = from_table(table)
    return Choices(
        {**base.accepts, **over.accepts}, {**base.to_right, **over.to_right}, {**base.to_left, **over.to_left}
    )


def without(
    choices: Choices, table: Mapping[str, Iterable[str]], unknown_left: Collection[str], unknown_right: Collection[str]
) -> Choices:
    """`choices` without a word for the names whose entries in `table` name nothing that exists (any more): nobody knows
    what they are called now, and what they mean elsewhere is no substitute for what a person wrote."""
    to_right, to_left = dict(choices.to_right), dict(choices.to_left)
    known_left = {fold(right) for left, rights in table.items() if fold(left) not in unknown_left for right in rights}
    for left, rights in table.items():
        if all(fold(right) in unknown_right for right in rights):
            to_right.pop(fold(left), None)
        if fold(left) in unknown_left:
            for right in {fold(right) for right in rights} - known_left:
                to_left.pop(right, None)
    return Choices(choices.accepts, to_right, to_left)
