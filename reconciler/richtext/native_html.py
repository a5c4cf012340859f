"""Native HTML: ways to change, delete or insert leaves in a body of Azure DevOps and leave all else byte for byte.

Each function offers texts, the most careful first; whoever asks reads them again and takes the first that shows what it
should. So a way may be wrong for the case in hand, but never silently.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from html import escape, unescape
from itertools import groupby

from reconciler.richtext import fragments
from reconciler.richtext.leaf import Leaf, Leaves
from reconciler.richtext.line import Kind
from reconciler.richtext.lines_html import BLOCKS
from reconciler.richtext.markup import End, Start, Text, Token, tokens
from reconciler.richtext.outline import CELLS, LISTS
from reconciler.richtext.rewording import Seen, reworded, squeezed
from reconciler.richtext.signature_html import widened

_CHARACTER = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});?|.", re.DOTALL)
_BOX = re.compile(r"\[[ xX]\]\s?")
_CHECKED = re.compile(r"\s+checked(?:=(?:\"[^\"]*\"|'[^']*'|[^\s>]+))?", re.IGNORECASE)


def _spell(words: str) -> str:
    return escape(words, quote=False)


class Body:
    """One native text with its tags."""

    def __init__(self, now: Leaves) -> None:
        self._html = now.text.text
        self._leaves = now.leaves
        self._tokens = list(tokens(self._html))
        self._starts = [token.start for token in self._tokens]
        self._ends = [token.end for token in self._tokens]

    # --- the three kinds of edits ------------------------------------------------------------------------------------

    def change(self, at: int, after: Leaf) -> Iterator[str]:
        before = self._leaves[at]
        if after.kind is Kind.CODE:
            if before.kind is Kind.CODE:
                yield self._with_code(before, after)
            yield from self._replaced(at, after)
            return
        first, last = self._region(before)
        inner = self._html[before.start : before.end]
        ticked = self._ticked(before, after)
        if ticked is not None:
            yield ticked
        seen = self._seen(first, last, bool(fragments.box(before)))
        if seen is not None:
            yield from reworded(self._html, seen, after.shown[0].text, _spell)
        content = fragments.inline_html(after)
        if inner[:6].lower() == "<input":
            content = self._tick(inner[: inner.index(">") + 1], after) + content.removeprefix(fragments.box(after))
        start, end = self._grown(first, last)
        yield self._html[:start] + content + self._html[end:]
        yield from self._replaced(at, after)

    def delete(self, start: int, end: int) -> Iterator[str]:
        regions = [self._region(leaf) for leaf in self._leaves[start:end]]
        yield self._without([widened(self._tokens, regions[0][0], regions[-1][1])])
        yield self._without([widened(self._tokens, *region) for region in regions])
        yield self._without([self._grown(*region) for region in regions])

    def insert(self, at: int, new: Sequence[Leaf]) -> Iterator[str]:
        if not self._leaves:
            yield self._html + fragments.html(new)
            return
        above = self._leaves[at - 1] if at else None
        below = self._leaves[at] if at < len(self._leaves) else None
        for neighbour, behind in ((above, True), (below, False)):
            if neighbour is not None and all(_is_like(leaf, neighbour) for leaf in new):
                yield from self._clones(neighbour, new, behind=behind)
        if new[0].kind is Kind.CELL:
            yield from self._rows(above or below or new[0], new)
        gaps = list(self._gaps(above, below))
        if above and len(new[0].shown[0].path) < len(above.shown[0].path):
            gaps.reverse()
        for place in gaps:
            for piece in self._pieces(new, place):
                yield self._html[:place] + piece + self._html[place:]

    # --- changing ----------------------------------------------------------------------------------------------------

    def _with_code(self, before: Leaf, after: Leaf) -> str:
        start, end = before.start, before.end
        first, last = self._region(before)
        opening, closing = self._tokens[first], self._tokens[last]
        if isinstance(opening, Start) and opening.name == "code" and isinstance(closing, End):
            start, end = opening.end, closing.start
        return self._html[:start] + _spell(fragments.code(after)) + self._html[end:]

    def _ticked(self, before: Leaf, after: Leaf) -> str | None:
        """The checkbox set as it is in `after`, where that is what changed."""
        if not fragments.box(before) or not fragments.box(after) or fragments.box(before) == fragments.box(after):
            return None
        inner = self._html[before.start : before.end]
        if inner[:6].lower() == "<input":
            border = inner.index(">") + 1
            inner = self._tick(inner[:border], after) + inner[border:]
        else:
            inner = _BOX.sub(fragments.box(after), inner, count=1)
        return self._html[: before.start] + inner + self._html[before.end :]

    def _tick(self, tag: str, leaf: Leaf) -> str:
        bare = _CHECKED.sub("", tag)
        done = fragments.box(leaf).startswith("[x")
        return f"{bare.rstrip('/> ')} checked>" if done else bare

    def _seen(self, first: int, last: int, has_box: bool) -> list[Seen] | None:
        """What shows in these tokens, character by character; None where a picture stands between the words."""
        seen: list[Seen] = []
        for token in self._tokens[first : last + 1]:
            if isinstance(token, Start) and token.name == "img":
                return None
            if isinstance(token, Text):
                for found in _CHARACTER.finditer(self._html, token.start, token.end):
                    shown = unescape(found[0])
                    seen += [Seen(char, found.start(), found.end()) for char in shown[:1]]
                    if len(shown) != 1:
                        return None
        seen = squeezed(seen)
        typed = _BOX.match("".join(each.char for each in seen)) if has_box else None
        return seen[typed.end() :] if typed else seen

    def _replaced(self, at: int, after: Leaf) -> Iterator[str]:
        """The element of the leaf taken out, and the leaf written anew in its place."""
        for first, last in self._shells(self._leaves[at]):
            start, end = self._tokens[first].start, self._tokens[last].end
            for piece in self._pieces([after], start):
                yield self._html[:start] + piece + self._html[end:]

    def _pieces(self, new: Sequence[Leaf], place: int) -> Iterator[str]:
        """The leaves written anew; within a list first as items of it."""
        depth = 0
        for token in self._tokens[: bisect_left(self._starts, place)]:
            if not isinstance(token, Text) and token.name in LISTS:
                depth += 1 if isinstance(token, Start) else -1
        items = fragments.items(new) if depth > 0 else None
        if items:
            yield items
        yield fragments.html(new)

    # --- inserting ---------------------------------------------------------------------------------------------------

    def _clones(self, neighbour: Leaf, new: Sequence[Leaf], *, behind: bool) -> Iterator[str]:
        """The neighbour's element once more, with new characters in it; or a new line in the neighbour's element."""
        contents = [fragments.inline_html(leaf) for leaf in new]
        region = self._region(neighbour)
        innermost = self._grown(*region)
        shells = list(self._shells(neighbour))
        for first, last in shells:
            start, end = self._tokens[first].start, self._tokens[last].end
            opening, closing = self._html[start : innermost[0]], self._html[innermost[1] : end]
            clone = "".join(opening + content + closing for content in contents)
            place = end if behind else start
            yield self._html[:place] + clone + self._html[place:]
        if behind:
            place = innermost[1]
            yield self._html[:place] + "".join("<br>" + content for content in contents) + self._html[place:]
        else:
            place = innermost[0]
            yield self._html[:place] + "".join(content + "<br>" for content in contents) + self._html[place:]

    def _rows(self, neighbour: Leaf, new: Sequence[Leaf]) -> Iterator[str]:
        """New rows, with the tags of the neighbour's row."""
        first, _ = self._region(neighbour)
        opening = next((i for i in range(first, -1, -1) if _is_start(self._tokens[i], "tr")), None)
        if opening is None:
            return
        closing = next((i for i in range(first, len(self._tokens)) if _is_end(self._tokens[i], "tr")), None)
        if closing is None:
            return
        cells = [t for t in self._tokens[opening:closing] if isinstance(t, Start) and t.name in CELLS]
        rows = []
        for _, row in groupby(_numbered_rows(new), key=lambda entry: entry[0]):
            filled: dict[int, list[str]] = {}
            for _, leaf in row:
                filled.setdefault(leaf.lines[0].level, []).append(fragments.inline_html(leaf))
            width = max(len(cells), max(filled) + 1)
            tags = [self._html[c.start : c.end] if i < len(cells) else "<td>" for i, c in _padded(cells, width)]
            names = [cells[i].name if i < len(cells) else "td" for i in range(width)]
            body = [f"{tags[i]}{'<br>'.join(filled.get(i, ()))}</{names[i]}>" for i in range(width)]
            rows.append(self._html[self._tokens[opening].start : self._tokens[opening].end] + "".join(body) + "</tr>")
        for place in (self._tokens[closing].end, self._tokens[opening].start):
            yield self._html[:place] + "".join(rows) + self._html[place:]

    def _gaps(self, above: Leaf | None, below: Leaf | None) -> Iterator[int]:
        """Places between two leaves, from the inside of what the upper one stands in to the outside."""
        start = self._grown(*self._region(above))[1] if above else 0
        end = self._grown(*self._region(below))[0] if below else len(self._html)
        borders = self._ends[bisect_left(self._starts, start) : bisect_right(self._ends, end)]
        yield from dict.fromkeys((*borders, start, end))

    # --- tokens ------------------------------------------------------------------------------------------------------

    def _region(self, leaf: Leaf) -> tuple[int, int]:
        first = bisect_left(self._starts, leaf.start)
        return first, max(first, bisect_right(self._ends, leaf.end) - 1)

    def _grown(self, first: int, last: int) -> tuple[int, int]:
        """Where it begins and ends with the inline tags directly around."""
        first, last = self._with_inline_tags(first, last)
        return self._tokens[first].start, self._tokens[last].end

    def _with_inline_tags(self, first: int, last: int) -> tuple[int, int]:
        """They begin before the first character and end after the last."""
        found = self._tokens
        while first and isinstance(found[first - 1], Start) and not _is_border(found[first - 1]):
            first -= 1
        while last + 1 < len(found) and isinstance(found[last + 1], End) and not _is_border(found[last + 1]):
            last += 1
        return first, last

    def _shells(self, leaf: Leaf) -> Iterator[tuple[int, int]]:
        """The elements that hold this leaf and nothing else, from the innermost block outwards."""
        found = self._tokens
        first, last = self._with_inline_tags(*self._region(leaf))
        while True:
            left, right = self._past_blank(first, -1), self._past_blank(last, 1)
            if left < 0 or right >= len(found):
                return
            before, after = found[left], found[right]
            if not (isinstance(before, Start) and isinstance(after, End) and before.name == after.name):
                return
            first, last = left, right
            if before.name in BLOCKS:
                yield first, last

    def _past_blank(self, position: int, step: int) -> int:
        position += step
        while 0 <= position < len(self._tokens):
            token = self._tokens[position]
            if not isinstance(token, Text) or token.text.strip():
                break
            position += step
        return position

    def _without(self, stretches: Sequence[tuple[int, int]]) -> str:
        html = self._html
        for start, end in sorted(stretches, reverse=True):
            html = html[:start] + html[end:]
        return html


def _is_like(leaf: Leaf, other: Leaf) -> bool:
    kinds = leaf.kind is other.kind and leaf.kind in (Kind.TEXT, Kind.HEADING)
    containers = [[step.container for step in each.shown[0].path] for each in (leaf, other)]
    return kinds and leaf.lines[0].level == other.lines[0].level and containers[0] == containers[1]


def _numbered_rows(new: Sequence[Leaf]) -> Iterator[tuple[int, Leaf]]:
    row = 0
    for leaf in new:
        row += leaf.lines[0].new
        yield row, leaf


def _padded(cells: Sequence[Start], width: int) -> Iterator[tuple[int, Start]]:
    for i in range(width):
        yield i, cells[min(i, len(cells) - 1)]


def _is_border(token: Token) -> bool:
    return not isinstance(token, Text) and (token.name in BLOCKS or token.name in ("br", "hr"))


def _is_start(token: Token, name: str) -> bool:
    return isinstance(token, Start) and token.name == name


def _is_end(token: Token, name: str) -> bool:
    return isinstance(token, End) and token.name == name
