"""Escaping: which literal characters of a line need a backslash, decided by their neighbours.

A literal special character arrives with LITERAL before it; everything else in the line is text or finished Markdown.
Nothing is escaped that Markdown would leave alone: each backslash is noise in somebody's editor.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import Enum, auto
from typing import NamedTuple

from reconciler.richtext.characters import is_word
from reconciler.richtext.private_marks import LITERAL

SPECIAL = re.compile(r"[\\`*_~<&\[\]!|]")
_LITERAL = re.compile(f"{LITERAL}(.)")
_PUNCTUATION = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
_ENTITY = re.compile(r"(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_MARKUP = re.compile(r"[a-zA-Z/!?]")

_LINE_START = re.compile(
    r"(?P<heading>#{1,6}(?=\s|$))"
    r"|(?P<bullet>[-+](?=\s|$))"
    r"|(?P<number>\d{1,9})(?=[.)](?:\s|$))"
    r"|(?P<quote>>)"
    r"|(?P<rule>(?:-[ \t]*){2,}$)"
    r"|(?P<underline>=+[ \t]*$)"
    r"|(?P<row>(?=[|: -]+$)(?=[|: ]*-)[|:-])"
)
_CLOSING_HASHES = re.compile(r"(?:^|(?<= ))(?=#+$)")


class Place(Enum):
    """Where a line stands: at the beginning of a source line, in a heading, or in a table cell."""

    LINE = auto()
    HEADING = auto()
    CELL = auto()


def literal(text: str) -> str:
    """The text with its special characters announced."""
    return SPECIAL.sub(lambda found: LITERAL + found.group(), text)


def resolve(marked: str, place: Place) -> str:
    """The line with every announced character escaped or not, and its beginning protected."""
    line = _LITERAL.sub(_decide, marked) if LITERAL in marked else marked
    if place is Place.LINE:
        return _protect_start(line)
    return _CLOSING_HASHES.sub(lambda _: "\\", line, count=1) if place is Place.HEADING else line


def _protect_start(line: str) -> str:
    found = _LINE_START.match(line)
    if not found:
        return line
    border = found.end() if found.lastgroup == "number" else 0
    return f"{line[:border]}\\{line[border:]}"


def _decide(found: re.Match[str]) -> str:
    line, char = found.string, found.group(1)
    before = line[found.start() - 1] if found.start() else ""
    after = line[found.end() : found.end() + 2].lstrip(LITERAL)[:1]
    return f"\\{char}" if _NEEDED[char](_Spot(line, found.end(), before, after)) else char


class _Spot(NamedTuple):
    """A literal special character with its neighbours ("" at either end of the line); `end` is where it ends."""

    line: str
    end: int
    before: str
    after: str

    @property
    def between_spaces(self) -> bool:
        return self.before == " " and self.after == " "

    @property
    def inside_word(self) -> bool:
        return is_word(self.before) and is_word(self.after)


_NEEDED: Mapping[str, Callable[[_Spot], bool]] = {
    "\\": lambda spot: spot.after == "" or spot.after in _PUNCTUATION,
    "`": lambda _spot: True,
    "*": lambda spot: not spot.between_spaces,
    "_": lambda spot: not spot.between_spaces and not spot.inside_word,
    "~": lambda spot: spot.line.find("~") != spot.line.rfind("~"),
    "<": lambda spot: bool(_MARKUP.match(spot.after)),
    "&": lambda spot: bool(_ENTITY.match(spot.line, spot.end)),
    "[": lambda spot: spot.after == "^",
    "]": lambda spot: spot.after != "" and spot.after in "([:",
    "!": lambda spot: spot.after == "[",
    "|": lambda spot: spot.before == "",
}
"""Whether each special character would mean something where it stands."""
