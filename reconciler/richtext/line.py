"""Line: one visual line of a formatted text - what a reader sees, whichever language it is written in."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Mark(StrEnum):
    """How characters are set off. Colour, underline and size are not carried and therefore not seen."""

    STRONG = "strong"
    EMPHASIS = "emphasis"
    STRIKE = "strike"
    CODE = "code"


class Container(StrEnum):
    """What a line can stand in."""

    QUOTE = "quote"
    BULLET = "bullet"
    ORDERED = "ordered"


class Kind(StrEnum):
    """What a line is. A code block has one line per line of code; a table has one or more lines per cell."""

    TEXT = "text"
    HEADING = "heading"
    CODE = "code"
    CELL = "cell"
    RULE = "rule"


PLAIN: frozenset[Mark] = frozenset()


@dataclass(frozen=True, slots=True)
class Run:
    """Characters that look alike. With `image` (an address) the run is a picture and `text` its alternative text."""

    text: str
    marks: frozenset[Mark] = PLAIN
    href: str = ""
    image: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One container around a line. `new`: the line begins an item of this list; `done`: the state of that item's
    checkbox, None where it has none. Numbers are not compared: ClickUp renumbers (FACTS clickup 7.2)."""

    container: Container
    new: bool = False
    done: bool | None = None
    number: int = field(default=1, compare=False)
    list_id: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Line:
    """`path` runs from the outermost container inwards. `level` is the heading's level or the cell's column; `new`
    begins a code block or a table row. `joined` (only a line break before it), `language` and `block_id` (which table
    or code block it belongs to) serve conversion, `span` says where its characters, or its whole code block, stand in
    the HTML it was read from; none of these is compared."""

    runs: tuple[Run, ...]
    kind: Kind = Kind.TEXT
    level: int = 0
    new: bool = False
    path: tuple[Step, ...] = ()
    joined: bool = field(default=False, compare=False)
    language: str = field(default="", compare=False)
    block_id: int = field(default=0, compare=False)
    span: tuple[int, int] = field(default=(0, 0), compare=False)

    @property
    def text(self) -> str:
        """The characters of the line, pictures left out."""
        return "".join(run.text for run in self.runs if not run.image)
