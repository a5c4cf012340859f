"""Difference: a field of a linked pair on which the two sides do not agree."""

from __future__ import annotations

from dataclasses import dataclass, field

from reconciler.model.field import Value


@dataclass(frozen=True, slots=True)
class Difference:
    """`left` and `right` are labels of the items; `why` says what is known: a held conflict, an item that waits."""

    left: str
    right: str
    field: str
    left_value: Value
    right_value: Value
    why: str = ""


@dataclass(slots=True)
class Verdict:
    """What comparing every linked pair of a mapping found. `missing` names items that could not be read."""

    mapping: str
    pairs: int = 0
    equal: int = 0
    differences: list[Difference] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not self.differences and not self.missing
