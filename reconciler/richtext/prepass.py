"""The pre-pass: any HTML becomes a tree that Markdown can express, one block element per block, before markdownify.

The tree has only p, h1-h6, pre, hr, table/tr/td, blockquote, ul/ol/li and inside them strong, em, del, code, a, img,
br and a checkbox; no white space between blocks, every item and cell with something in it, marks within one line.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from bs4 import BeautifulSoup, Tag

from reconciler.richtext.line import Container, Kind, Line, Mark, Run, Step
from reconciler.richtext.table_grid import Extent

_TAGS = {Mark.STRONG: "strong", Mark.EMPHASIS: "em", Mark.STRIKE: "del", Mark.CODE: "code"}
_LIST_TAGS = {Container.BULLET: "ul", Container.ORDERED: "ol"}


def tree(lines: Iterable[Line]) -> BeautifulSoup:
    """The document that shows `lines`."""
    return _Builder().build(lines)


class _Builder:
    def __init__(self) -> None:
        self._soup = BeautifulSoup("", "html.parser")
        self._open: list[tuple[Step, Tag]] = []
        self._last: Line | None = None
        self._block: Tag = self._soup
        self._row: Tag = self._soup
        self._extent = Extent()

    def build(self, lines: Iterable[Line]) -> BeautifulSoup:
        for line in lines:
            parent = self._parent(line.path)
            match line.kind:
                case Kind.CODE:
                    self._code(parent, line)
                case Kind.CELL:
                    self._cell(parent, line)
                case Kind.RULE:
                    self._block = self._add(parent, "hr")
                case Kind.HEADING:
                    self._block = self._add(parent, f"h{line.level}")
                    self._fill(self._block, line.runs)
                case Kind.TEXT:
                    self._text(parent, line)
            self._last = line
        return self._soup

    # --- containers ------------------------------------------------------------------------------------------------

    def _parent(self, path: Sequence[Step]) -> Tag:
        """The element in which a line with this path belongs; opens and closes lists and quotations for it."""
        common = 0
        while common < min(len(path), len(self._open)) and _continues(path[common], self._open[common][0]):
            common += 1
        del self._open[common:]
        for step in path[common:]:
            self._open.append((step, self._enter(step)))
        return self._open[-1][1] if self._open else self._soup

    def _enter(self, step: Step) -> Tag:
        parent = self._open[-1][1] if self._open else self._soup
        if step.container is Container.QUOTE:
            return self._add(parent, "blockquote")
        name = _LIST_TAGS[step.container]
        before = parent.contents[-1] if parent.contents else None
        holder = before if isinstance(before, Tag) and before.name == name else None
        if holder is None or (name == "ol" and holder["data-list"] != str(step.list_id)):
            numbered = {"start": str(step.number), "data-list": str(step.list_id)} if name == "ol" else {}
            if holder is not None and holder.get("data-sign") != ")":
                numbered["data-sign"] = ")"
            holder = self._add(parent, name, numbered)
        return self._add(
            holder, "li", {"value": str(int(str(holder["start"])) + len(holder.contents))} if name == "ol" else {}
        )

    # --- blocks ----------------------------------------------------------------------------------------------------

    def _text(self, parent: Tag, line: Line) -> None:
        last = self._last
        in_item = bool(line.path) and line.path[-1].container is not Container.QUOTE
        goes_on = last is not None and last.kind is Kind.TEXT and self._block.parent is parent
        if goes_on and (in_item or line.joined):
            self._add(self._block, "br")
        else:
            self._block = self._add(parent, "p")
            if in_item and line.path[-1].done is not None:
                state = {"checked": ""} if line.path[-1].done else {}
                self._add(self._block, "input", {"type": "checkbox", **state})
        self._fill(self._block, line.runs)

    def _code(self, parent: Tag, line: Line) -> None:
        if line.new or self._last is None or self._last.block_id != line.block_id or self._block.parent is not parent:
            self._block = self._add(parent, "pre", {"data-language": line.language})
        else:
            self._block.append("\n")
        self._block.append(line.text)

    def _cell(self, parent: Tag, line: Line) -> None:
        last = self._last
        goes_on = last is not None and last.kind is Kind.CELL and last.block_id == line.block_id
        if not goes_on or self._block.parent is not parent:
            self._begin_table(parent, self._soup.new_tag("tr"))
        elif line.new:
            self._row = self._add(self._block, "tr")
            self._extent.next_row()
        if not self._extent.reach(line.level + 1):
            self._begin_table(parent, self._row.extract())
            self._extent.reach(line.level + 1)
        while len(self._row.contents) <= line.level:
            self._add(self._row, "td")
        cell = self._row.contents[line.level]
        assert isinstance(cell, Tag)
        if cell.contents:
            self._add(cell, "br")
        self._fill(cell, line.runs)

    def _begin_table(self, parent: Tag, row: Tag) -> None:
        self._block, self._row, self._extent = self._add(parent, "table"), row, Extent()
        self._block.append(row)

    def _fill(self, block: Tag, runs: Iterable[Run]) -> None:
        for href, linked in groupby(runs, key=lambda run: run.href):
            target = self._add(block, "a", {"href": href}) if href else block
            for run in linked:
                self._run(target, run)

    def _run(self, parent: Tag, run: Run) -> None:
        for mark in Mark:
            if mark in run.marks:
                parent = self._add(parent, _TAGS[mark])
        if run.image:
            self._add(parent, "img", {"src": run.image, "alt": run.text})
        else:
            parent.append(run.text)

    def _add(self, parent: Tag, name: str, attributes: dict[str, str] | None = None) -> Tag:
        tag = self._soup.new_tag(name, attrs=attributes or {})
        parent.append(tag)
        return tag


def _continues(step: Step, before: Step) -> bool:
    return step.container is before.container and not step.new and (step.list_id == before.list_id)
