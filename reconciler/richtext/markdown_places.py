"""Places: where in a Markdown source each visual line stands.

The source is rendered as always, with a mark of no effect before each line; the reader of HTML then says which line
came from which mark. So there is one opinion on what Markdown shows, not two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from markdown_it.token import Token

from reconciler.richtext.clickup_lines import EMBED, separate_blocks
from reconciler.richtext.hostile import BRACKETS_MAX
from reconciler.richtext.markdown_to_html import LINE_BREAK, parser

_PREFIX = re.compile(r"[ \t]*(?:(?:>|[-+*](?=[ \t])|\d{1,9}[.)](?=[ \t]))[ \t]*)*(?:#{1,6}[ \t]+|\[[ xX]\][ \t]+)?")
_CLOSING_HASHES = re.compile(r"[ \t]+#+[ \t]*$")
_HARD_END = re.compile(r"(?:\\|[ \t]+)$")


class Place(NamedTuple):
    """`start` and `end` of the characters in the source; of code, of all its lines."""

    start: int
    end: int


class Located(NamedTuple):
    """The rendered HTML, and for each position in it where a line's mark stands, the place in the source."""

    html: str
    places: list[tuple[int, Place]]


class _Spot(NamedTuple):
    """A source line after `separate_blocks`, the cell in it, the part between `<br>` in that; `until` for code."""

    line: int
    cell: int | None = None
    part: int = 0
    until: int | None = None


_MARK = re.compile(r'<at n="(\d+)">')


def located_html(markdown: str) -> Located | None:
    """None where lines cannot be told apart: an address that the editor made a card, or hostile nesting."""
    if EMBED.search(markdown) or markdown.count("[") > BRACKETS_MAX:
        return None
    prepared = separate_blocks(markdown)
    spots: list[_Spot] = []
    try:
        html = str(parser().renderer.render(_marked(parser().parse(prepared), spots), parser().options, {}))
    except RecursionError:
        return None
    source = _Source(markdown, prepared)
    return Located(html, [(found.start(), source.place(spots[int(found[1])])) for found in _MARK.finditer(html)])


def _marked(tokens: Sequence[Token], spots: list[_Spot]) -> list[Token]:
    def mark(spot: _Spot) -> Token:
        spots.append(spot)
        return Token("html_inline", "", 0, content=f'<at n="{len(spots) - 1}">')

    marked: list[Token] = []
    row, cell = 0, -1
    for token in tokens:
        first = token.map[0] if token.map else row
        if token.type == "tr_open":
            row, cell = first, -1
        elif token.type in ("td_open", "th_open"):
            cell += 1
        elif token.type == "tr_close":
            cell = -1
        elif token.type == "fence" and token.map:
            marked.append(mark(_Spot(first + 1, until=token.map[1] - 1)))
        elif token.type == "code_block" and token.map:
            marked.append(mark(_Spot(first, until=token.map[1])))
        elif token.type == "hr":
            marked.append(mark(_Spot(first)))
        elif token.type == "inline" and token.children is not None:
            token.children = list(_children(token.children, first if cell < 0 else row, cell, mark))
        marked.append(token)
    return marked


def _children(children: Sequence[Token], line: int, cell: int, mark: object) -> Iterator[Token]:
    assert callable(mark)
    column, part = (cell if cell >= 0 else None), 0
    yield mark(_Spot(line, column))
    for child in children:
        yield child
        if child.type in ("softbreak", "hardbreak"):
            if child.meta.get("typed"):
                part += 1
            else:
                line, part = line + 1, 0
            yield mark(_Spot(line, column, part))


class _Source:
    """Positions in the text as it was before blank lines were put into it."""

    def __init__(self, markdown: str, prepared: str) -> None:
        self._lines = markdown.split("\n")
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line) + 1)
        self._original: list[int] = []
        at = 0
        for line in prepared.split("\n"):
            self._original.append(at)
            inserted = not line.strip() and at < len(self._lines) and self._lines[at].strip()
            at += 0 if inserted else 1

    def place(self, spot: _Spot) -> Place:
        number = self._number(spot.line)
        if spot.until is not None:
            return Place(self._starts[number], max(self._starts[number], self._starts[self._number(spot.until)] - 1))
        start, end = _cell(self._lines[number], spot.cell) if spot.cell is not None else _content(self._lines[number])
        start, end = _part(self._lines[number], start, end, spot.part)
        return Place(self._starts[number] + start, self._starts[number] + end)

    def _number(self, prepared_line: int) -> int:
        if prepared_line >= len(self._original):
            return len(self._lines)
        return min(self._original[prepared_line], len(self._lines) - 1)


def _content(line: str) -> tuple[int, int]:
    prefix = _PREFIX.match(line)
    start = prefix.end() if prefix else 0
    heading = "#" in line[:start]
    closing = (_CLOSING_HASHES if heading else _HARD_END).search(line, start)
    return start, closing.start() if closing else len(line.rstrip())


def _cell(line: str, column: int) -> tuple[int, int]:
    """The characters between the pipes that are not escaped."""
    borders = [i for i, char in enumerate(line) if char == "|" and (i == 0 or line[i - 1] != "\\")]
    if borders and line[: borders[0]].strip(" \t>"):
        borders.insert(0, -1)
    if column >= len(borders):
        return len(line), len(line)
    start = borders[column] + 1
    end = borders[column + 1] if column + 1 < len(borders) else len(line)
    return _stripped(line, start, end)


def _part(line: str, start: int, end: int, part: int) -> tuple[int, int]:
    if LINE_BREAK.search(line, start, end) is None:
        return start, end
    borders = [(start, start), *((b.start(), b.end()) for b in LINE_BREAK.finditer(line, start, end)), (end, end)]
    part = min(part, len(borders) - 2)
    return _stripped(line, borders[part][1], borders[part + 1][0])


def _stripped(line: str, start: int, end: int) -> tuple[int, int]:
    while start < end and line[start] in " \t":
        start += 1
    while end > start and line[end - 1] in " \t":
        end -= 1
    return start, end
