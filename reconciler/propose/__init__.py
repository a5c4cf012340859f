"""Propose: a mapping suggested from what was read of both sides. Pure; whoever starts decides what is kept."""

from __future__ import annotations

from collections.abc import Sequence

from reconciler.mapping.choices import by_rank, fold
from reconciler.model.schema import Schema
from reconciler.propose.fields import fields
from reconciler.propose.likeness import DOUBTFUL, SURE, alike
from reconciler.propose.people import people
from reconciler.propose.proposal import FieldSuggestion, Proposal, Suggestion, Survey
from reconciler.propose.states import states

__all__ = ["DOUBTFUL", "SURE", "FieldSuggestion", "Proposal", "Suggestion", "Survey", "alike", "places", "propose"]

_BY_RANK = 70


def propose(left: Survey, right: Survey) -> Proposal:
    """Every table of a mapping between two places. Each name in it exists on its side, and none of a table's left
    names comes twice, so that a file made of it is valid whatever is kept."""
    types, same_types = _types(left.schema, right.schema)
    who, same_people = people(left.people, right.people)
    return Proposal(
        states=states(left.schema, right.schema),
        types=types,
        same_types=same_types,
        priorities=_priorities(left.schema, right.schema),
        people=who,
        same_people=same_people,
        fields=fields(left.fields, right.fields),
    )


def places(left: Sequence[str], right: Sequence[str]) -> list[tuple[int, int, int]]:
    """Which places look alike by name: positions on the left and right and how sure, the best first; nobody is in two
    of them."""
    scores = sorted(
        ((i, j, alike(one, other)) for i, one in enumerate(left) for j, other in enumerate(right)),
        key=lambda entry: (-entry[2], entry[:2]),
    )
    found: list[tuple[int, int, int]] = []
    for i, j, score in scores:
        if score >= DOUBTFUL and all(i != a and j != b for a, b, _ in found):
            found.append((i, j, score))
    return found


def _types(left: Schema, right: Schema) -> tuple[tuple[Suggestion, ...], tuple[str, ...]]:
    theirs = {fold(kind.name): kind.name for kind in right.types.values()}
    same = tuple(kind.name for kind in left.types.values() if fold(kind.name) in theirs)
    free = [name for folded, name in theirs.items() if folded not in {fold(name) for name in same}]
    found = []
    for kind in left.types.values():
        best = max(free, key=lambda name: alike(kind.name, name), default=None)
        if kind.name not in same and best is not None and alike(kind.name, best) >= DOUBTFUL:
            found.append(Suggestion(kind.name, (best,), alike(kind.name, best), "by name"))
    return tuple(found), same


def _priorities(left: Schema, right: Schema) -> tuple[Suggestion, ...]:
    ranks = by_rank(left.priorities, right.priorities)
    sure = 100 if len(left.priorities) == len(right.priorities) else _BY_RANK
    return tuple(
        Suggestion(name, (ranks.to_right[fold(name)],), sure, "by rank") for name in left.priorities if ranks.to_right
    )
