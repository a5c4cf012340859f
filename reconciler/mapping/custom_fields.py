"""Custom fields: which fields of the two sides a mapping joins, as what kind, and what their choices correspond to."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from reconciler.mapping.choices import Choices, fold, from_table
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


def join(
    pairs: Iterable[FieldPair], known: Mapping[Side, Sequence[CustomField]]
) -> tuple[tuple[JoinedField, ...], list[str]]:
    """The joined fields, and a sentence for everything in the table that cannot be."""
    joined: list[JoinedField] = []
    problems: list[str] = []
    for pair in pairs:
        fields: dict[Side, CustomField] = {}
        for side in SIDES:
            found = _find(pair, side, known[side])
            if isinstance(found, str):
                problems.append(found)
            else:
                fields[side] = found
        if len(fields) == len(SIDES):
            one, said = _join(pair, fields)
            problems += said
            joined += [one] if one else []
    return tuple(joined), problems


def _find(pair: FieldPair, side: Side, known: Sequence[CustomField]) -> CustomField | str:
    name = pair.left if side == "left" else pair.right
    where = f'mappings.custom_fields: "{name}"'
    found = [field for field in known if fold(field.id) == fold(name)]
    found = found or [field for field in known if fold(field.name) == fold(name)]
    if not found:
        return f"{where} does not exist on the {side} side; {_nearest(name, known)}"
    if len(found) > 1:
        return f"{where} exists {len(found)} times on the {side} side; name one by its id: " + ", ".join(
            field.id for field in found
        )
    return f"{where} on the {side} side cannot be carried: {found[0].refusal}" if found[0].refusal else found[0]


def _nearest(name: str, known: Sequence[CustomField]) -> str:
    names = [text for field in known for text in (field.name, field.id)]
    close = difflib.get_close_matches(fold(name), [fold(text) for text in names], n=1, cutoff=0.6)
    if close:
        return f'did you mean "{next(text for text in names if fold(text) == close[0])}"?'
    shown = ", ".join(f'"{field.name}"' for field in known[:NAMES_SHOWN_MAX])
    more = f" and {len(known) - NAMES_SHOWN_MAX} more" if len(known) > NAMES_SHOWN_MAX else ""
    return f"it has {shown}{more}" if known else "it has none"


def _join(pair: FieldPair, fields: Mapping[Side, CustomField]) -> tuple[JoinedField | None, list[str]]:
    where = f'mappings.custom_fields "{pair.left}"'
    left, right = fields["left"], fields["right"]
    kind = common_kind(left.kind, right.kind)
    if kind is None:
        return None, [f"{where}: a {left.form} field cannot be joined with a {right.form} field"]
    problems = []
    if pair.values and kind is not Kind.CHOICE:
        problems.append(f"{where}: values are for choices, not for a {left.form} and a {right.form} field")
    if kind is Kind.CHOICE:
        problems += [
            f'{where}: values: "{word}" is no option of {field.name} on the {side} side; it has '
            + ", ".join(f'"{option}"' for option in field.options)
            for side, field, words in (("left", left, pair.values), ("right", right, pair.values.values()))
            for word in words
            if field.options and fold(word) not in {fold(option) for option in field.options}
        ]
    direction, limited = Direction(pair.direction), ""
    for side in SIDES:
        if fields[side].writable or direction in (Direction.OFF, Direction(f"to-{other(side)}")):
            continue
        if direction is Direction.BOTH:
            direction = Direction(f"to-{other(side)}")
            limited = f"{fields[side].name} on the {side} side is filled in by the tracker itself"
        else:
            problems.append(
                f"{where}: nothing can be written to {fields[side].name} on the {side} side; it is read-only"
            )
    choices = from_table({word: (partner,) for word, partner in pair.values.items()})
    name = f"{kind.value}:{pair.left}"
    return JoinedField(name, fields, direction, choices, limited), problems


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
