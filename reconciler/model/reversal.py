"""Reversal: what takes one run back in one mapping, as values that can be shown before anything is written."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.model.decision import Write
from reconciler.model.item import Item
from reconciler.model.link import Link
from reconciler.model.plan import PairPlan
from reconciler.model.side import Side


@dataclass(frozen=True, slots=True)
class Removal:
    """`copy`, which the run made on `side`, is deleted, and its pair released, so that it is not made again."""

    side: Side
    link: Link
    copy: Item


@dataclass(frozen=True, slots=True)
class Alone:
    """An item that has no partner any more gets back what it was; `writes` by field."""

    side: Side
    item: Item
    writes: dict[str, Write]


@dataclass(frozen=True, slots=True)
class Stay:
    """Something that the run did and that is not taken back. `field` is "" where it is no field that is meant."""

    item: str
    field: str
    why: str


@dataclass(frozen=True, slots=True)
class Reversal:
    """`released` are pairs that the run made of existing items; once what it wrote to them is taken back they are
    separate again."""

    mapping: str
    pairs: tuple[PairPlan, ...] = ()
    alone: tuple[Alone, ...] = ()
    removals: tuple[Removal, ...] = ()
    released: tuple[Link, ...] = ()
    stays: tuple[Stay, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.alone or self.removals or self.released or any(pair.needs_requests() for pair in self.pairs))
