"""Native Markdown: ways to change, delete or insert leaves in a text and leave every other line byte for byte.

As for HTML, each function offers texts, the most careful first, and whoever asks reads them again.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from html import unescape
from itertools import groupby

from reconciler.richtext import fragments
from reconciler.richtext.inline import Place, write
from reconciler.richtext.leaf import Leaf, Leaves
from reconciler.richtext.line import Kind, Run
from reconciler.richtext.rewording import Seen, reworded, squeezed

_CHARACTER = re.compile(
    r"\\(?P<escaped>[!-/:-@\[-`{-~])|(?P<entity>&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});)"
    r"|(?P<target>\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*\))|(?P<char>.)",
    re.DOTALL,
)
_BOX = re.compile(r"\[[ xX]\](?=[ \t])")
_NUMBER = re.compile(r"\d+(?=[.)])")
_FENCE = re.compile(r"[ \t>]*")


class Body:
    """One native text by its source lines."""

    def __init__(self, now: Leaves) -> None:
        self._text = now.text.text
        self._leaves = now.leaves
        self._lines = self._text.split("\n")
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line) + 1)

    # --- the three kinds of edits ------------------------------------------------------------------------------------

    def change(self, at: int, after: Leaf) -> Iterator[str]:
        before = self._leaves[at]
        if after.kind is Kind.CODE or before.kind is Kind.CODE:
            if after.kind is before.kind:
                yield self._with_code(before, after)
            yield from self._replaced(at, after)
            return
        place = Place.CELL if before.kind is Kind.CELL else fragments.place_of(after)
        text = self._ticked(before, after) or self._text
        if text != self._text:
            yield text
        seen = self._seen(before, text)
        if seen is not None:
            yield from reworded(text, seen, after.shown[0].text, lambda words: _spell(words, place))
        yield text[: before.start] + fragments.inline_markdown(after, place) + text[before.end :]
        yield from self._replaced(at, after)

    def delete(self, start: int, end: int) -> Iterator[str]:
        leaves = self._leaves[start:end]
        gone = sorted({number for leaf in leaves for number in self._numbers(leaf)})
        kept = {n for leaf in (*self._leaves[:start], *self._leaves[end:]) for n in self._numbers(leaf)}
        if not kept.intersection(gone):
            yield self._without_lines(gone, close=True)
            yield self._without_lines(gone, close=False)
        text = self._text
        for leaf in reversed(leaves):
            text = text[: leaf.start] + text[leaf.end :]
        yield text

    def insert(self, at: int, new: Sequence[Leaf]) -> Iterator[str]:
        if not self._leaves:
            yield f"{self._text}\n\n{fragments.markdown(new)}".lstrip("\n")
            return
        above = self._leaves[at - 1] if at else None
        below = self._leaves[at] if at < len(self._leaves) else None
        for neighbour, behind in ((above, True), (below, False)):
            if neighbour is not None and all(_is_like(leaf, neighbour) for leaf in new):
                rows = [self._like(neighbour, leaf) for leaf in new]
                yield from self._with_lines(neighbour, rows, behind=behind)
        if new[0].kind is Kind.CELL and above is not None:
            yield from self._with_lines(above, _rows(new), behind=True)
        piece = fragments.markdown(new).split("\n")
        for neighbour, behind in ((above, True), (below, False)):
            if neighbour is not None:
                gap = [""] if behind else []
                yield from self._with_lines(neighbour, [*gap, *piece, *([] if behind else [""])], behind=behind)
                indent = self._indent(neighbour)
                yield from self._with_lines(
                    neighbour, [*gap, *(indent + row for row in piece), *([] if behind else [""])], behind=behind
                )
                yield from self._with_lines(neighbour, ["", *piece, ""], behind=behind)

    # --- changing ----------------------------------------------------------------------------------------------------

    def _with_code(self, before: Leaf, after: Leaf) -> str:
        number = self._number(before.start)
        fence = _FENCE.match(self._lines[number - 1 if number else 0])
        prefix = fence[0] if fence else ""
        body = "\n".join(prefix + line for line in fragments.code(after).split("\n"))
        return self._text[: before.start] + body + self._text[before.end :]

    def _ticked(self, before: Leaf, after: Leaf) -> str | None:
        if not fragments.box(before) or not fragments.box(after) or fragments.box(before) == fragments.box(after):
            return None
        line = self._starts[self._number(before.start)]
        found = list(_BOX.finditer(self._text, line, before.start))
        if not found:
            return None
        return self._text[: found[-1].start()] + fragments.box(after).strip() + self._text[found[-1].end() :]

    def _seen(self, leaf: Leaf, text: str) -> list[Seen] | None:
        """Which source characters show the line's text; markup between them is passed over. None with pictures."""
        if any(run.image for run in leaf.shown[0].runs):
            return None
        wanted, seen = leaf.shown[0].text, []
        position = 0
        for found in _CHARACTER.finditer(text, leaf.start, leaf.end):
            if position == len(wanted):
                break
            shown = found["escaped"] or (unescape(found["entity"]) if found["entity"] else found["char"]) or ""
            shown = " " if shown.isspace() else shown
            if shown == wanted[position]:
                seen.append(Seen(shown, found.start(), found.end()))
                position += 1
        return squeezed(seen) if position == len(wanted) else None

    def _replaced(self, at: int, after: Leaf) -> Iterator[str]:
        """The lines of the leaf taken out, and the leaf written anew in their place."""
        before = self._leaves[at]
        first, last = self._numbers(before)[0], self._numbers(before)[-1]
        if before.kind is Kind.CODE and first and _is_fence(self._lines[first - 1]):
            first, last = first - 1, min(last + 1, len(self._lines) - 1)
        piece = fragments.markdown([after]).split("\n")
        like = [self._like(before, after)] if before.kind in (Kind.TEXT, Kind.HEADING) else piece
        for rows in (like, piece, ["", *piece, ""]):
            yield "\n".join([*self._lines[:first], *rows, *self._lines[last + 1 :]])

    # --- inserting ---------------------------------------------------------------------------------------------------

    def _like(self, neighbour: Leaf, leaf: Leaf) -> str:
        """A source line with the neighbour's marker, the next number in a numbered list, and new characters."""
        number = self._number(neighbour.start)
        prefix = self._text[self._starts[number] : neighbour.start]
        prefix = _NUMBER.sub(lambda found: str(int(found[0]) + 1), prefix, count=1)
        prefix = re.sub(r"\[[ xX]\][ \t]+$", "", prefix) + fragments.box(leaf)
        if leaf.kind is Kind.HEADING:
            prefix = re.sub(r"#+", "#" * leaf.lines[0].level, prefix) or "#" * leaf.lines[0].level + " "
        if leaf.lines[0].path and not leaf.lines[0].path[-1].new:
            prefix = " " * len(prefix)
        return prefix + fragments.inline_markdown(leaf, fragments.place_of(leaf))

    def _with_lines(self, neighbour: Leaf, rows: Sequence[str], *, behind: bool) -> Iterator[str]:
        numbers = self._numbers(neighbour)
        place = numbers[-1] + 1 if behind else numbers[0]
        if neighbour.kind is Kind.CODE and self._is_fenced(numbers):
            place += 1 if behind else -1
        if neighbour.kind is Kind.CELL and behind and place < len(self._lines) and _is_delimiter(self._lines[place]):
            place += 1
        spaced = ["", *rows] if behind else [*rows, ""]
        ways = (spaced, rows) if self._is_spaced(numbers) and not neighbour.shown[0].path else (rows, spaced)
        for way in ways:
            yield "\n".join([*self._lines[:place], *way, *self._lines[place:]])

    def _is_spaced(self, numbers: range) -> bool:
        """Whether blank lines stand between the lines here."""
        around = (numbers.start - 1, numbers.stop)
        return any(0 <= number < len(self._lines) - 1 and not self._lines[number].strip() for number in around)

    def _indent(self, neighbour: Leaf) -> str:
        number = self._number(neighbour.start)
        prefix = self._text[self._starts[number] : neighbour.start]
        return prefix[: len(prefix) - len(prefix.lstrip(" \t"))]

    # --- source lines ------------------------------------------------------------------------------------------------

    def _number(self, position: int) -> int:
        return min(bisect_right(self._starts, position) - 1, len(self._lines) - 1)

    def _numbers(self, leaf: Leaf) -> range:
        return range(self._number(leaf.start), self._number(leaf.end) + 1)

    def _is_fenced(self, numbers: range) -> bool:
        return numbers.start > 0 and _is_fence(self._lines[numbers.start - 1])

    def _without_lines(self, gone: Sequence[int], *, close: bool) -> str:
        """Without these lines, the fences around code and, with `close`, one of two blank lines that would meet."""
        numbers = set(gone)
        for number in gone:
            if number and number - 1 not in numbers and _is_fence(self._lines[number - 1]):
                closing = next((n for n in range(number, len(self._lines)) if n not in numbers), number)
                numbers |= {number - 1, closing}
        if close:
            last = max(numbers)
            above = min(numbers) - 1
            if last + 1 < len(self._lines) and not self._lines[last + 1].strip():
                if above < 0 or not self._lines[above].strip():
                    numbers.add(last + 1)
            elif last + 1 == len(self._lines) and above > 0 and not self._lines[above].strip():
                numbers.add(above)
        return "\n".join(line for number, line in enumerate(self._lines) if number not in numbers)


def _spell(words: str, place: Place) -> str:
    core = words.strip()
    if not core:
        return words
    start = words.index(core[0])
    spelt = write((Run(core),), place if place is Place.CELL else Place.HEADING)
    return words[:start] + spelt + words[start + len(core) :]


def _rows(new: Sequence[Leaf]) -> list[str]:
    rows: list[str] = []
    numbered = []
    row = 0
    for leaf in new:
        row += leaf.lines[0].new
        numbered.append((row, leaf))
    for _, group in groupby(numbered, key=lambda entry: entry[0]):
        cells: dict[int, list[str]] = {}
        for _, leaf in group:
            cells.setdefault(leaf.lines[0].level, []).append(fragments.inline_markdown(leaf, Place.CELL))
        rows.append("| " + " | ".join("<br>".join(cells.get(i, ())) for i in range(max(cells) + 1)) + " |")
    return rows


def _is_like(leaf: Leaf, other: Leaf) -> bool:
    if leaf.kind is not other.kind or leaf.kind not in (Kind.TEXT, Kind.HEADING):
        return False
    return [s.container for s in leaf.shown[0].path] == [s.container for s in other.shown[0].path]


def _is_fence(line: str) -> bool:
    return line.lstrip(" \t>-+*0123456789.)").startswith(("```", "~~~"))


def _is_delimiter(line: str) -> bool:
    return "-" in line and not line.strip(" |:-")
