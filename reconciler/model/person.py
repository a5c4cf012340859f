"""Person: somebody as one tracker knows them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """`address` is the lower-case e-mail ("" where the tracker hides it), `key` the tracker's own id as text."""

    address: str
    name: str = ""
    key: str = ""

    @property
    def identity(self) -> str:
        """What makes two Person values of one tracker the same person: the address, else the tracker's id."""
        return self.address or self.key
