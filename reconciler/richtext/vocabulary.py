"""Vocabulary: what the texts of two sides call the same thing, so that a link to an item here and a link to its
counterpart there are seen as one link. Pure; nothing here knows what an address looks like.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby

from reconciler.model.rich_text import RichText
from reconciler.model.side import Side
from reconciler.richtext.addresses import (
    Find,
    addresses,
    exchanged,
    pictures,
    readdressed,
    shorthand,
    with_pictures,
    without_pictures,
)
from reconciler.richtext.line import Kind, Line, Mark, Run
from reconciler.richtext.normal import address_key
from reconciler.richtext.people import NOBODY, People
from reconciler.richtext.runs import tidy

BySide = Mapping[Side, Mapping[str, str]]


def _nothing() -> BySide:
    return {"left": {}, "right": {}}


def _mirrored(both: BySide) -> BySide:
    return {"left": both["right"], "right": both["left"]}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """`things` says what an address (as `address_key` has it) stands for: the same for everything that leads to the
    same pair of items; `short` the same of short names. `there` holds, by side, what is written on that side instead of
    an address of the other; `names` the short names of the other side, and where they lead on this one. `unpaired`
    are, by side, addresses and short names of its items that have no counterpart, with their keys. `people` are those
    whom the texts call. Of files, `alone` are those that have no copy, each with the words that say so; `linked` those
    that are a link on one side and a picture on the other; `uncopied`, by side, addresses of those that wait."""

    things: Mapping[str, str] = field(default_factory=dict)
    short: Mapping[str, str] = field(default_factory=dict)
    there: BySide = field(default_factory=_nothing)
    names: BySide = field(default_factory=_nothing)
    unpaired: BySide = field(default_factory=_nothing)
    people: People = NOBODY
    alone: Mapping[str, str] = field(default_factory=dict)
    linked: frozenset[str] = frozenset()
    uncopied: Mapping[Side, frozenset[str]] = field(default_factory=lambda: {"left": frozenset(), "right": frozenset()})

    @property
    def mirrored(self) -> Vocabulary:
        """The same with the sides exchanged."""
        return Vocabulary(
            self.things,
            self.short,
            _mirrored(self.there),
            _mirrored(self.names),
            _mirrored(self.unpaired),
            self.people.mirrored,
            self.alone,
            self.linked,
            {"left": self.uncopied["right"], "right": self.uncopied["left"]},
        )

    def spoken(self, text: RichText, to: Side, instead_of: RichText | None = None) -> RichText:
        """A text of the other side with what it points to as `to` has it: by the very address that the text it stands
        for has for that, where it has one. What has no counterpart there stays. The very same text where that is
        everything."""
        spoken = self.people.spoken(text, to, instead_of)
        if self.alone:
            spoken = without_pictures(spoken, lambda address: self.alone.get(self._thing(address) or ""))
        if self.there[to] or self.names[to]:
            spoken = readdressed(spoken, self._finding(to, instead_of), self.names[to])
        shown = {address_key(address) for address in (pictures(instead_of) if instead_of and self.linked else ())}
        if shown:
            spoken = with_pictures(spoken, lambda address: address_key(address) in shown)
        return text if spoken == text else spoken

    def _finding(self, to: Side, instead_of: RichText | None) -> Find:
        own, there = self._addresses_of(instead_of), self.there[to]

        def find(address: str) -> str | None:
            key = address_key(address)
            return own.get(self.things.get(key, ""), there[key]) if key in there else None

        return find

    def _addresses_of(self, text: RichText | None) -> dict[str, str]:
        """By what it stands for, the first address of it in a text."""
        found: dict[str, str] = {}
        for address in addresses(text) if text is not None else ():
            if (thing := self._thing(address)) is not None:
                found.setdefault(thing, address)
        return found

    def awaits_copies(self, text: RichText, side: Side) -> bool:
        """Whether the text of `side` shows pictures that are yet to be copied."""
        return bool(self.uncopied[side]) and any(address_key(each) in self.uncopied[side] for each in pictures(text))

    def strangers(self, text: RichText, side: Side) -> set[str]:
        """The keys of the items of `side` without counterpart that the text points to."""
        unpaired = self.unpaired[side]
        if not unpaired:
            return set()
        pointed = {unpaired[key] for address in addresses(text) if (key := address_key(address)) in unpaired}
        return pointed | {key for name, key in unpaired.items() if name in self.short and name in text.text}

    def seen(self, line: Line) -> Line:
        """The line with things in the place of addresses, for comparing; equal for lines that lead to the same. Short
        names are links, however they are written."""
        if line.kind is Kind.CODE or not (self.things or self.short or self.people):
            return line
        runs = [self._run(run) for run in line.runs]
        if self.linked:
            runs = [key for key, _ in groupby(map(self._as_picture, runs))]
        if self.people:
            runs = [part for run in runs for part in self.people.seen(run)]
        pattern = shorthand(tuple(self.short))
        if pattern is not None:
            runs = [part for run in runs for part in self._linked(run, pattern.split(run.text))]
        return replace(line, runs=tidy(runs))

    def _as_picture(self, run: Run) -> Run:
        """A picture and a link to it look alike where one side can only link to it."""
        thing = next((thing for thing in (run.image, run.href) if thing in self.linked), "")
        return Run("", image=thing) if thing else run

    def _run(self, run: Run) -> Run:
        href, image = self._as_thing(run.href), self._as_thing(run.image)
        return replace(run, text=exchanged(run.text, self._thing), href=href, image=image)

    def _linked(self, run: Run, parts: list[str]) -> Iterator[Run]:
        """`parts` are the words between short names, and these, in turn."""
        if len(parts) == 1 or run.href or run.image or Mark.CODE in run.marks:
            yield run
            return
        for position, text in enumerate(parts):
            yield replace(run, text=text, href=self.short[text.replace("\\", "")] if position % 2 else "")

    def _as_thing(self, address: str) -> str:
        return self._thing(address) or address if address else ""

    def _thing(self, address: str) -> str | None:
        return self.things.get(address_key(address))


NO_WORDS = Vocabulary()
"""Of two sides that have nothing in common, or of one side alone."""
