"""Families: what people do with parents and children, in a history of which the seed says that they have any.

It draws from a generator of its own, so that histories without families are what they were before there were any.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from reconciler.model.side import SIDES, Side
from tests.simulation.world import World


class Families:
    """Every method does nothing where there is nothing to do it to."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.random = Random(f"families {seed}")
        self.are_there = self.random.random() < 0.5

    def act(self) -> None:
        rule = self.random.choice([self.reparent, self.reparent, self.take_out, self.create_below])
        rule(self.random.choice(SIDES))
        self.world.happened(f"rule {rule.__name__}")

    def reparent(self, side: Side) -> None:
        if (key := self._one_of(self._present(side))) and (parent := self._one_of(self._possible_parents(side, key))):
            self.world.set_parent(side, key, parent)

    def take_out(self, side: Side) -> None:
        """Out of its family; that of a subtask in ClickUp is what no program can do."""
        if key := self._one_of(key for key in self._present(side) if self.world.people[side].parent(key)):
            self.world.set_parent(side, key, None)

    def create_below(self, side: Side) -> None:
        if parent := self._one_of(self._present(side)):
            title = f"Title {self.world.ledger.token()}"
            self.world.set_parent(side, self.world.create(side, title=title), parent)

    def _present(self, side: Side) -> Iterator[str]:
        people = self.world.people[side]
        return (key for key in people.live() if people.is_inside(key) and (side, key) not in self.world.ledger.away)

    def _possible_parents(self, side: Side, key: str) -> Iterator[str]:
        return (other for other in self._present(side) if key not in self._line(side, other))

    def _line(self, side: Side, key: str | None) -> Iterator[str]:
        """An item and everything above it."""
        while key is not None:
            yield key
            key = self.world.people[side].parent(key)

    def _one_of(self, keys: Iterator[str]) -> str | None:
        found = list(keys)
        return self.random.choice(found) if found else None
