"""States: which right states each left one may stand beside, by category first and by name second."""

from __future__ import annotations

from collections.abc import Iterable

from reconciler.mapping.choices import by_category, fold
from reconciler.model.schema import Category, Schema, State
from reconciler.propose.likeness import DOUBTFUL, alike
from reconciler.propose.proposal import Suggestion

_SAME_THING: tuple[frozenset[str], ...] = tuple(
    frozenset(words)
    for words in (
        ("new", "to do", "todo", "open", "backlog", "proposed", "planned", "not started", "requested"),
        ("approved", "accepted", "ready", "ready for development", "selected", "selected for development"),
        ("active", "in progress", "doing", "committed", "started", "working", "wip", "in development", "development"),
        ("resolved", "in review", "review", "ready for review", "testing", "in testing", "test", "qa", "verify"),
        ("blocked", "on hold", "waiting", "stuck", "paused"),
        ("closed", "done", "complete", "completed", "finished", "shipped"),
        ("removed", "cancelled", "canceled", "rejected", "abandoned", "won't do", "obsolete"),
    )
)
"""What states are called where people work; each group means one thing."""

_SYNONYM, _ONLY_ONE, _CATEGORY, _NEAREST = 90, 80, 60, 55


def states(left: Schema, right: Schema) -> tuple[Suggestion, ...]:
    """One suggestion for every left state, in workflow order. Right states that none of them is written as are read
    for the one that they are most like, where that is clear."""
    ours, theirs = _all(left), _all(right)
    if not ours or not theirs:
        return ()
    natural = by_category(ours, theirs)
    found = []
    for state in ours:
        best = max(theirs, key=lambda other: (_score(state, other, theirs), -theirs.index(other)))
        score = _score(state, best, theirs)
        if score > _CATEGORY:
            found.append((state, best.name, score, _reason(state, best)))
        elif name := natural.to_right.get(fold(state.name)):
            partner = next(other for other in theirs if other.name == name)
            sure = _CATEGORY if partner.category is state.category else _NEAREST
            found.append((state, name, sure, _reason(state, partner)))
    written = {fold(name) for _, name, _, _ in found}
    others: dict[str, list[str]] = {}
    for other in theirs:
        if fold(other.name) not in written and (home := _home(other, ours)) is not None:
            others.setdefault(home.name, []).append(other.name)
    return tuple(
        Suggestion(state.name, (name, *others.get(state.name, ())), score, reason)
        for state, name, score, reason in found
    )


def _all(schema: Schema) -> tuple[State, ...]:
    """The states of all types, each name once."""
    met: dict[str, State] = {}
    for kind in schema.types.values():
        for state in kind.states:
            met.setdefault(fold(state.name), state)
    return tuple(met.values())


def _score(one: State, other: State, others: Iterable[State]) -> int:
    if fold(one.name) == fold(other.name):
        return 100
    if one.category is not other.category:
        return DOUBTFUL - 1 if _same_thing(one.name, other.name) else 0
    if _same_thing(one.name, other.name):
        return _SYNONYM
    if sum(state.category is one.category for state in others) == 1:
        return _ONLY_ONE
    likeness = alike(one.name, other.name)
    return likeness if likeness > _ONLY_ONE else _CATEGORY


def _home(other: State, ours: tuple[State, ...]) -> State | None:
    """Where a right state that is never written belongs: by name, else the first of its category that is under way."""
    best = max(ours, key=lambda state: (_score(state, other, ours), -ours.index(state)))
    if _score(best, other, ours) > _CATEGORY:
        return best
    if other.category is not Category.ACTIVE:
        return None
    return next((state for state in ours if state.category is Category.ACTIVE), None)


def _same_thing(one: str, other: str) -> bool:
    return any(fold(one) in words and fold(other) in words for words in _SAME_THING)


def _reason(one: State, other: State) -> str:
    if fold(one.name) == fold(other.name):
        return "same name"
    if one.category is not other.category:
        return f"nothing here means {one.category}"
    how = " and name" if _same_thing(one.name, other.name) else ""
    return f"by category{how}: both {one.category}"
