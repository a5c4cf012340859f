"""Leaf: one visual line, or one whole code block, and where its characters stand in the native text.

Leaves are what people edit; everything between them is glue that stays byte for byte (richtext.md 4.2).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from reconciler.model.rich_text import Form, RichText
from reconciler.richtext.hostile import LONG_CHARS_MAX, clean
from reconciler.richtext.line import Kind, Line
from reconciler.richtext.lines_html import read_html
from reconciler.richtext.markdown_places import Place, located_html
from reconciler.richtext.normal import normal_lines
from reconciler.richtext.vocabulary import NO_WORDS, Vocabulary


@dataclass(frozen=True, slots=True)
class Leaf:
    """`lines` are in normal form and all that is compared; `shown` are the same lines as read, for writing. `start` and
    `end` are positions in the native text: of the characters, in Markdown without the marker before them."""

    lines: tuple[Line, ...]
    shown: tuple[Line, ...] = field(compare=False)
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)

    @property
    def text(self) -> str:
        """What a reader reads, pictures as their addresses: by this leaves are aligned."""
        return "\n".join("".join(run.image or run.text for run in line.runs) for line in self.lines)

    @property
    def look(self) -> tuple[object, ...]:
        """All but what follows from the neighbours: whether an item, a row or a block begins here."""
        return tuple(
            (line.runs, line.kind, line.level, tuple((step.container, step.done) for step in line.path))
            for line in self.lines
        )

    @property
    def kind(self) -> Kind:
        return self.lines[0].kind


@dataclass(frozen=True, slots=True)
class Leaves:
    """A native text, without what no tracker keeps, and its leaves in order, seen with a vocabulary."""

    text: RichText
    leaves: tuple[Leaf, ...]
    vocabulary: Vocabulary = field(default=NO_WORDS, compare=False, repr=False)

    def reread(self, text: RichText) -> Leaves | None:
        """Another text seen in the same way."""
        return read_leaves(text, self.vocabulary)


def read_leaves(text: RichText, vocabulary: Vocabulary = NO_WORDS) -> Leaves | None:
    """None for a text whose lines cannot be placed in it: too long, or with addresses that the editor tore apart."""
    native = clean(text.text)
    if len(native) > LONG_CHARS_MAX:
        return None
    if text.form is Form.HTML:
        leaves = tuple(
            seen_leaf(group, vocabulary, *group[0].span) for group in _groups(read_html(native, mentions=True))
        )
        return Leaves(RichText(Form.HTML, native), tuple(leaf for leaf in leaves if leaf), vocabulary)
    located = located_html(native)
    if located is None:
        return None
    offsets = [offset for offset, _ in located.places]
    found = []
    for group in _groups(read_html(located.html)):
        at = bisect_right(offsets, group[0].span[0]) - 1
        if at < 0:
            return None
        found.append(seen_leaf(group, vocabulary, *_region(located.places[at][1])))
    return Leaves(RichText(Form.MARKDOWN, native), tuple(leaf for leaf in found if leaf), vocabulary)


def _region(place: Place) -> tuple[int, int]:
    return place.start, place.end


def _groups(lines: Iterable[Line]) -> Iterator[tuple[Line, ...]]:
    """Code blocks whole, everything else line by line."""
    numbered = enumerate(lines, start=1)
    for _, group in groupby(numbered, key=lambda entry: -entry[1].block_id if entry[1].kind is Kind.CODE else entry[0]):
        yield tuple(line for _, line in group)


def seen_leaf(shown: tuple[Line, ...], vocabulary: Vocabulary, start: int = 0, end: int = 0) -> Leaf | None:
    """None for lines that show nothing."""
    lines = normal_lines(map(vocabulary.seen, shown))
    return Leaf(lines, shown, start, end) if lines else None
