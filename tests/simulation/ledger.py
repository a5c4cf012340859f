"""Ledger: what people did. Every value that somebody sets is unique, so that its fate can be told."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

from reconciler.model.side import Side

Place = tuple[Side, str]
"""An item: its side and its key."""

UNIQUE = ("title", "description", "start_date", "due_date")
"""Fields of which every value occurs once, so that it can be followed."""

_TOKEN = re.compile(r"v\d+x")
_FIRST_DAY = date(2027, 1, 1)


def tokens_in(text: str) -> list[str]:
    return _TOKEN.findall(text)


def token_of(value: object) -> str:
    """What makes a value of a unique field recognisable; "" for an empty one."""
    if isinstance(value, date):
        return value.isoformat()
    found = _TOKEN.search(getattr(value, "text", None) or str(value or ""))
    return found.group() if found else ""


@dataclass(frozen=True, slots=True)
class Edit:
    """A person set `field` of an item to a value that shows `token`, at `at_s` of the world's clock."""

    side: Side
    key: str
    field: str
    token: str
    at_s: float

    @property
    def place(self) -> Place:
        return self.side, self.key


@dataclass(slots=True)
class Ledger:
    """`overwritten` are tokens that somebody replaced who saw them, `kept` those that a store kept in a conflict, also
    one that was lost since, `unseen` those set on what lay outside of the mapping. `touched` are the fields of an item
    that people ever set, `linked` the items that were ever seen paired, `partners` with which.
    `inherited` are the tokens that an item has from the one that somebody copied it from. `past_was_lost` tells of
    an older store, `without_past` of an empty one."""

    edits: list[Edit] = field(default_factory=list)
    overwritten: set[str] = field(default_factory=set)
    kept: set[str] = field(default_factory=set)
    unseen: set[str] = field(default_factory=set)
    touched: dict[Place, set[str]] = field(default_factory=dict)
    deleted: dict[Place, int] = field(default_factory=dict)
    restored: set[Place] = field(default_factory=set)
    copied: set[Place] = field(default_factory=set)
    away: set[Place] = field(default_factory=set)
    was_away: set[Place] = field(default_factory=set)
    linked: set[Place] = field(default_factory=set)
    comments: dict[str, Place] = field(default_factory=dict)
    comments_gone: set[str] = field(default_factory=set)
    comments_edited: set[str] = field(default_factory=set)
    past_was_lost: bool = False
    without_past: bool = False
    partners: defaultdict[Place, set[str]] = field(default_factory=lambda: defaultdict(set))
    inherited: defaultdict[Place, set[str]] = field(default_factory=lambda: defaultdict(set))
    one_way: set[str] = field(default_factory=set)
    serial: int = 0

    def token(self) -> str:
        self.serial += 1
        return f"v{self.serial}x"

    def day(self) -> date:
        self.serial += 1
        return _FIRST_DAY + timedelta(days=self.serial)

    def note(self, side: Side, key: str, name: str, value: object, at_s: float) -> None:
        self.touched.setdefault((side, key), set()).add(name)
        if name in UNIQUE and (token := token_of(value)):
            self.overwritten.discard(token)
            self.edits.append(Edit(side, key, name, token, at_s))

    def merged(self, gone: Place, kept: Place) -> None:
        """One task went into another; what was said there is said here now."""
        for token, place in self.comments.items():
            if place == gone:
                self.comments[token] = kept
