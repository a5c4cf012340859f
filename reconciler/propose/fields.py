"""Fields: which two fields of the trackers' own may be joined, by name and by what they hold."""

from __future__ import annotations

from collections.abc import Sequence

from reconciler.mapping.choices import fold
from reconciler.mapping.custom_fields import common_kind
from reconciler.model.custom_field import CustomField
from reconciler.model.field import Kind
from reconciler.propose.likeness import SURE, alike
from reconciler.propose.proposal import FieldSuggestion

_WORTH_SHOWING = 75
_LOOSE_KIND = 10
"""What is taken off where the two hold different things that can be joined all the same."""


def fields(left: Sequence[CustomField], right: Sequence[CustomField]) -> tuple[FieldSuggestion, ...]:
    """The best partner for each field, none in two pairs, in the order of the left side. Fields that cannot be
    carried, and pairs that nobody can write to, are left out; so are names that a side has twice."""
    candidates = []
    for one in _unmistakable(left):
        for other in _unmistakable(right):
            likeness = alike(one.name, other.name)
            kind = common_kind(one.kind, other.kind)
            if likeness >= _WORTH_SHOWING and kind is not None and (one.writable or other.writable):
                candidates.append(_suggestion(one, other, kind, likeness))
    taken: set[tuple[str, str]] = set()
    found = []
    for entry in sorted(candidates, key=lambda entry: (-entry.confidence, entry.left.id, entry.right.id)):
        if not taken & {("left", entry.left.id), ("right", entry.right.id)}:
            taken |= {("left", entry.left.id), ("right", entry.right.id)}
            found.append(entry)
    order = [field.id for field in left]
    return tuple(sorted(found, key=lambda entry: order.index(entry.left.id)))


def _unmistakable(known: Sequence[CustomField]) -> list[CustomField]:
    names = [fold(field.name) for field in known]
    return [field for field in known if not field.refusal and names.count(fold(field.name)) == 1]


def _suggestion(one: CustomField, other: CustomField, kind: Kind, likeness: int) -> FieldSuggestion:
    confidence = likeness if one.kind is other.kind else likeness - _LOOSE_KIND
    values, missing = _values(one, other) if kind is Kind.CHOICE else ({}, 0)
    if missing:
        confidence = min(confidence, SURE - 5)
    direction = "both" if one.writable and other.writable else "to-left" if one.writable else "to-right"
    reason = f"{one.form} and {other.form}" + f"; {missing} options without a counterpart" * bool(missing)
    return FieldSuggestion(one, other, max(0, confidence), reason, direction, values)


def _values(one: CustomField, other: CustomField) -> tuple[dict[str, str], int]:
    """The options that are called differently and still clearly the same, and how many left ones have none."""
    if not one.options or not other.options:
        return {}, 0
    known = {fold(option) for option in other.options}
    free = [option for option in other.options if fold(option) not in {fold(mine) for mine in one.options}]
    values: dict[str, str] = {}
    missing = 0
    for option in one.options:
        if fold(option) in known:
            continue
        best = max(free, key=lambda name: alike(option, name), default=None)
        if best is not None and alike(option, best) >= SURE:
            values[option] = best
            free.remove(best)
        else:
            missing += 1
    return values, missing
