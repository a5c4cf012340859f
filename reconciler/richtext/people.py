"""People: who is who on the two sides, as far as the texts at hand call them, and how they are called there. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from html import escape
from typing import NamedTuple

from reconciler.model.person import Person
from reconciler.model.rich_text import Form, RichText
from reconciler.model.side import SIDES, Side, other
from reconciler.richtext.addresses import with_words
from reconciler.richtext.line import Run
from reconciler.richtext.mentions import MENTION, Called, renamed


class Acquaintance(NamedTuple):
    """Somebody as both sides know them; None where a side does not."""

    left: Person | None
    right: Person | None

    def on(self, side: Side) -> Person | None:
        return self.left if side == "left" else self.right


class People:
    """`live` says on which sides a mention can be written that reaches whom it names; where both can, to be called is
    more than to be named, and seen so."""

    def __init__(self, known: Iterable[Acquaintance], live: Mapping[Side, bool]) -> None:
        self._known = tuple(known)
        self._live = live
        self._called: dict[Side, dict[str, Person | None]] = {
            side: {own.key: one.on(side) for one in self._known if (own := one.on(other(side))) and own.key}
            for side in SIDES
        }
        self._names: dict[Side, dict[str, str]] = {"left": {}, "right": {}}
        self._seen: dict[str, tuple[str, str]] = {}
        for one in self._known:
            self._meet(one)
        self._pattern = _pattern(self._seen)

    def __bool__(self) -> bool:
        return bool(self._known)

    @property
    def mirrored(self) -> People:
        known = (Acquaintance(one.right, one.left) for one in self._known)
        return People(known, {side: self._live[other(side)] for side in SIDES}) if self._known else self

    def _meet(self, one: Acquaintance) -> None:
        """`_seen` has, by what stands for them in a text, a name and, where that calls them, a thing to link to."""
        name = next((person.name for person in one if person is not None and person.name), "")
        thing = f"person:{min(filter(None, (person.key for person in one if person is not None)), default=name)}"
        called = thing if all(one) and all(self._live.values()) else ""
        for side in SIDES:
            mine, theirs = one.on(side), one.on(other(side))
            if mine is None:
                continue
            if mine.key:
                self._seen[f"{MENTION}{mine.key}"] = "", called
                if name:
                    self._seen[f"@<{mine.key}>"] = f"@{name}", called
            if theirs is not None and mine.name and theirs.name and mine.name != theirs.name:
                self._seen.setdefault(f"@{mine.name}", (f"@{name}", ""))
                self._names[other(side)].setdefault(f"@{mine.name}", f"@{theirs.name}")

    def spoken(self, text: RichText, to: Side, instead_of: RichText | None = None) -> RichText:
        """The text of the other side with everybody in it called as they are on `to`, by their very key where the text
        that it stands for calls them so."""
        if not self._known:
            return text
        called: Called = self._called[to]
        keys = self._keyed(to, instead_of)
        text = renamed(text, called, live=self._live[to], by_key=frozenset(keys.values()))
        # Who has the name of this side already, which may begin with that of the other, keeps it.
        names = {name: name for name in self._own_names(to)} | self._names[to]
        names |= {name: f"@<{key}>" for name, key in keys.items()}
        pattern = _pattern(names)
        if pattern is None:
            return text
        spell = (lambda name: escape(name, quote=False)) if text.form is Form.HTML else str
        return with_words(text, lambda words: pattern.sub(lambda found: spell(names[found[0]]), words))

    def _own_names(self, side: Side) -> list[str]:
        return [f"@{mine.name}" for one in self._known if (mine := one.on(side)) and mine.name]

    def _keyed(self, to: Side, text: RichText | None) -> dict[str, str]:
        """By their names on the other side, the keys of those whom a text in Markdown calls by key."""
        if text is None or text.form is Form.HTML:
            return {}
        there = ((one.on(to), one.on(other(to))) for one in self._known)
        return {
            f"@{theirs.name}": mine.key
            for mine, theirs in there
            if mine is not None and theirs is not None and f"@<{mine.key}>" in text.text
        }

    def seen(self, run: Run) -> Iterator[Run]:
        """A run as it is compared: one name for everybody, and who is called."""
        if run.href.startswith(MENTION):
            run = replace(run, href=self._seen.get(run.href, ("", ""))[1])
        if self._pattern is None or run.image:
            yield run
            return
        at = 0
        for found in self._pattern.finditer(run.text):
            name, called = self._seen[found[0]]
            yield replace(run, text=run.text[at : found.start()])
            yield replace(run, text=name, href=run.href or called)
            at = found.end()
        yield replace(run, text=run.text[at:])


def _pattern(names: Mapping[str, object]) -> re.Pattern[str] | None:
    shown = sorted((re.escape(name) for name in names if name.startswith("@")), key=len, reverse=True)
    return re.compile(rf"(?:{'|'.join(shown)})(?!\w)") if shown else None


NOBODY = People((), {"left": False, "right": False})
