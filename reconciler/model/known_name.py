"""KnownName: something that a side's schema had when it was last looked at, so that a change of it is recognised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from reconciler.model.side import Side

FORMER_NAMES_MAX = 20
"""How many of its former names are remembered of one thing."""


class Sort(StrEnum):
    """`CARRIED` are the fields that every mapping knows, `OWN` those that only this one carries."""

    STATE = "state"
    TYPE = "type"
    PRIORITY = "priority"
    CARRIED = "field"
    OWN = "custom field"
    OPTION = "option"


@dataclass(frozen=True, slots=True)
class KnownName:
    """`within` is the type or field that it belongs to, "" where it belongs to the side as a whole; `id` is what the
    tracker calls it among machines, "" where it has nothing but its name; `former` are its earlier names."""

    sort: Sort
    within: str
    id: str
    name: str
    former: tuple[str, ...] = ()

    @property
    def place(self) -> tuple[Sort, str]:
        return self.sort, self.within

    @property
    def key(self) -> tuple[Sort, str, str]:
        """What stays when the name changes."""
        return self.sort, self.within, self.id or self.name.strip().casefold()


@dataclass(frozen=True, slots=True)
class Memory:
    """One side's schema as it was last looked at, in the scope of that name; `strangers` are the addresses of people
    who were named on the other side and had no account here."""

    scope: str = ""
    names: tuple[KnownName, ...] = ()
    strangers: tuple[str, ...] = ()


Memories = Mapping[Side, Memory]

NOTHING_KNOWN: Memories = {"left": Memory(), "right": Memory()}
