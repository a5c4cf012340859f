"""Custom fields: which fields of the two sides a mapping joins, as what kind, and what their choices correspond to."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from reconciler.mapping.choices import Choices, fold, from_table
from reconciler.mapping.renames import NO_RENAMES, Renames
from reconciler.model.custom_field import CustomField, FieldPair
from reconciler.model.field import Kind, kind_of
from reconciler.model.policy import Direction
from reconciler.model.side import SIDES, Side, other

NAMES_SHOWN_MAX = 12

_AS_TEXT = {Kind.TEXT, Kind.RICH_TEXT, Kind.CHOICE, Kind.DATE, Kind.NUMBER}
"""What a plain text can stand for."""


@dataclass(frozen=True, slots=True)
class JoinedField:
    """A pair of fields under the `name` that both sides' items have it by ("number:Effort"). `limited` says why its
    changes travel one way only, where that is not the configuration's wish."""

    name: str
    fields: Mapping[Side, CustomField]
    direction: Direction
    choices: Choices
    limited: str = ""

    @property
    def kind(self) -> Kind:
        return kind_of(self.name)

    def agree(self, left: str, right: str) -> bool:
        """Whether two choices may stand beside each other."""
        return fold(self.translate(left, "right") or "") == fold(right) or (
            fold(self.translate(right, "left") or "") == fold(left)
        )

    def translate(self, word: str, to: Side) -> str | None:
        """A choice of the other side in the words of `to`: by the table, else the option of that name, else the word
        itself where any will do. None where nothing corresponds."""
        wanted = self.choices.translate(word, to) or word
        options = self.fields[to].options
        if not options:
            return wanted
        return next((option for option in options if fold(option) == fold(wanted)), None)


@dataclass(frozen=True, slots=True)
class Misfit:
    """Something in the table that is not so over there: `name` is a field or choice, `side` where it was looked for."""

    name: str
    side: Side
    what: str
    fix: str
    path: str = "mappings.custom_fields"

    @property
    def sentence(self) -> str:
        return f"{self.what}; {self.fix}"


def join(
    pairs: Iterable[FieldPair], known: Mapping[Side, Sequence[CustomField]], renames: Renames = NO_RENAMES
) -> tuple[tuple[JoinedField, ...], tuple[Misfit, ...]]:
    """The joined fields, and everything in the table that does not fit. Choices that do not exist leave their field
    joined: only values that need them stay behind. What was renamed is found by its former name."""
    joined: list[JoinedField] = []
    misfits: list[Misfit] = []
    for pair in pairs:
        fields: dict[Side, CustomField] = {}
        for side in SIDES:
            found = _find(pair, side, known[side], renames)
            if isinstance(found, Misfit):
                misfits.append(found)
            else:
                fields[side] = found
        if len(fields) == len(SIDES):
            one, said = _join(replace(pair, values=renames.values(pair, fields)), fields)
            misfits += said
            joined += [one] if one else []
    return tuple(joined), tuple(misfits)


def _find(pair: FieldPair, side: Side, known: Sequence[CustomField], renames: Renames) -> CustomField | Misfit:
    name = pair.left if side == "left" else pair.right
    where = f'mappings.custom_fields: "{name}"'
    found = [field for field in known if fold(field.id) == fold(name)]
    found = found or [field for field in known if fold(field.name) == fold(renames.field(side, name))]
    if not found:
        return Misfit(name, side, f"{where} does not exist on the {side} side", _nearest(name, known))
    if len(found) > 1:
        ids = ", ".join(field.id for field in found)
        what = f"{where} exists {len(found)} times on the {side} side"
        return Misfit(name, side, what, f"name one of them by its id: {ids}")
    if found[0].refusal:
        return Misfit(name, side, f"{where} on the {side} side cannot be carried", found[0].refusal)
    return found[0]


def _nearest(name: str, known: Sequence[CustomField]) -> str:
    names = [text for field in known for text in (field.name, field.id)]
    close = difflib.get_close_matches(fold(name), [fold(text) for text in names], n=1, cutoff=0.6)
    if close:
        return f'did you mean "{next(text for text in names if fold(text) == close[0])}"?'
    shown = ", ".join(f'"{field.name}"' for field in known[:NAMES_SHOWN_MAX])
    more = f" and {len(known) - NAMES_SHOWN_MAX} more" if len(known) > NAMES_SHOWN_MAX else ""
    return f"it has {shown}{more}" if known else "it has none"


def _join(pair: FieldPair, fields: Mapping[Side, CustomField]) -> tuple[JoinedField | None, list[Misfit]]:
    left, right = fields["left"], fields["right"]
    kind = common_kind(left.kind, right.kind)
    if kind is None:
        what = (
            f'mappings.custom_fields: "{pair.left}" ({left.form}) cannot be joined with "{pair.right}" ({right.form})'
        )
        return None, [Misfit(pair.left, "left", what, "join fields that hold the same, or one of them with a text")]
    direction, limited, misfits = _direction(pair, fields)
    misfits += _unknown_choices(pair, fields, kind)
    choices = from_table({word: (partner,) for word, partner in pair.values.items()})
    return JoinedField(f"{kind.value}:{pair.left}", fields, direction, choices, limited), misfits


def _direction(pair: FieldPair, fields: Mapping[Side, CustomField]) -> tuple[Direction, str, list[Misfit]]:
    """The way on which values can travel; why that is not both, where both was wished for."""
    direction, limited, misfits = Direction(pair.direction), "", []
    for side in SIDES:
        away = Direction(f"to-{other(side)}")
        if fields[side].writable or direction in (Direction.OFF, away):
            continue
        what = f"{fields[side].name} on the {side} side is filled in by the tracker itself"
        if direction is Direction.BOTH:
            direction, limited = away, what
        else:
            where = f"mappings.custom_fields: {what}"
            misfits.append(
                Misfit(fields[side].name, side, where, f'nothing can travel {direction}; say "{away}" or "off"')
            )
    return direction, limited, misfits


def _unknown_choices(pair: FieldPair, fields: Mapping[Side, CustomField], kind: Kind) -> list[Misfit]:
    where = f'mappings.custom_fields "{pair.left}": values'
    if kind is not Kind.CHOICE:
        what = f"{where}: there are no choices in a {fields['left'].form} and a {fields['right'].form} field"
        return [Misfit(pair.left, "left", what, "take the values away")] if pair.values else []
    words: Mapping[Side, Iterable[str]] = {"left": pair.values.keys(), "right": pair.values.values()}
    return [
        Misfit(
            word,
            side,
            f'{where}: "{word}" is no option of {fields[side].name} on the {side} side',
            _meant(word, fields[side].options) + f"it has {has}",
        )
        for side in SIDES
        for has in [", ".join(f'"{option}"' for option in fields[side].options)]
        for word in words[side]
        if has and fold(word) not in {fold(option) for option in fields[side].options}
    ]


def _meant(word: str, options: Sequence[str]) -> str:
    close = difflib.get_close_matches(fold(word), [fold(option) for option in options], n=1)
    return next((f'did you mean "{option}"? ' for option in options if close and fold(option) == close[0]), "")


def common_kind(left: Kind, right: Kind) -> Kind | None:
    """What two fields hold in common: a text stands for nearly everything, a choice may be a number; None for what
    cannot be joined."""
    kinds = {left, right}
    if len(kinds) == 1:
        return left
    if kinds == {Kind.CHOICE, Kind.TEXT} or kinds == {Kind.CHOICE, Kind.NUMBER}:
        return Kind.CHOICE
    if kinds == {Kind.TAGS, Kind.TEXT}:
        return Kind.TAGS
    return Kind.TEXT if Kind.TEXT in kinds and kinds <= _AS_TEXT else None
