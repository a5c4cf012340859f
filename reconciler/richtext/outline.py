"""Outline: where a line stands - in which lists, quotation, table cell or heading - while a document is read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import zip_longest

from reconciler.richtext.hostile import DEPTH_MAX
from reconciler.richtext.line import Container, Kind, Line, Step
from reconciler.richtext.table_grid import Grid

HEADINGS = {f"h{level}": level for level in range(1, 7)}
LISTS = {"ul": Container.BULLET, "menu": Container.BULLET, "dir": Container.BULLET, "ol": Container.ORDERED}
CELLS = frozenset({"td", "th"})
CODE_BLOCKS = frozenset({"pre", "listing", "xmp", "plaintext"})
HOLDERS = frozenset((*HEADINGS, *LISTS, *CELLS, *CODE_BLOCKS, "li", "blockquote", "table", "tr"))
"""Elements that say something about the lines inside them; all others only separate lines."""

_HOLDERS_MAX = 5 * DEPTH_MAX
_TASK = re.compile(r"\[([ xX])\] ")
_NUMBER_MAX = 999_999_999


@dataclass(slots=True, eq=False)
class Holder:
    """An open element. `number`: a list's next number, an item's number, a cell's column. `pending`: an item without
    a line so far."""

    name: str
    id: int
    number: int = 1
    pending: bool = False


@dataclass(slots=True)
class _Table:
    id: int
    first: int
    grid: Grid = field(default_factory=Grid)
    stray: list[Line] = field(default_factory=list)


class Outline:
    """Collects the lines of a document; each is placed where the elements open at that moment put it."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self._holders: list[Holder] = []
        self._previous: tuple[Step, ...] = ()
        self._table: _Table | None = None
        self._ids = 0

    @property
    def is_closed(self) -> bool:
        """Inside a code block or a cell, in which Markdown can nest nothing."""
        return bool(self._holders) and (self._holders[-1].name in CELLS or self._holders[-1].name in CODE_BLOCKS)

    @property
    def in_cell(self) -> bool:
        return bool(self._holders) and self._holders[-1].name in CELLS

    def enter(self, name: str, attributes: Mapping[str, str]) -> Holder | None:
        """Opens an element of HOLDERS. None where it means nothing: nested in a closed place, or too deep."""
        if self.is_closed or self._is_too_deep(name) or (name == "table" and self._table):
            return None
        holder = Holder(name, self.next_id())
        if name in LISTS:
            holder.number = _number(attributes.get("start", ""), 1)
        elif name == "li":
            self._number_item(holder, attributes)
        elif name == "table":
            self._table = _Table(holder.id, len(self.lines))
        elif name == "tr" and self._table:
            self._table.grid.next_row()
        elif name in CELLS and self._table:
            spans = _number(attributes.get("colspan", ""), 1), _number(attributes.get("rowspan", ""), 1)
            holder.number = self._table.grid.next_cell(*spans)
        self._holders.append(holder)
        return holder

    def _is_too_deep(self, name: str) -> bool:
        if name == "li":
            return bool(self._holders) and self._holders[-1].name == "li"
        nests = name in LISTS or name == "blockquote"
        return len(self._holders) >= _HOLDERS_MAX or (nests and len(self._chain()) >= DEPTH_MAX)

    def _number_item(self, item: Holder, attributes: Mapping[str, str]) -> None:
        item.pending = True
        owner = self._holders[-1] if self._holders and self._holders[-1].name in LISTS else None
        if owner:
            item.number = _number(attributes.get("value", ""), owner.number)
            owner.number = min(item.number + 1, _NUMBER_MAX)

    def leave(self, holder: Holder) -> None:
        """Closes the element opened last."""
        self._holders.pop()
        if holder.name == "table" and self._table and self._table.id == holder.id:
            self.lines[self._table.first : self._table.first] = self._table.stray
            self._table = None

    def next_id(self) -> int:
        self._ids += 1
        return self._ids

    def add(self, line: Line) -> None:
        """Places `line`, which knows its runs and whether it is code or a rule, and appends it."""
        line = self._in_block(line)
        path = self._path()
        if line.kind is Kind.TEXT and path and path[-1].new:
            path, line = _with_task(path, line)
        self._previous = path
        line = replace(line, path=path)
        if self._table and not self.in_cell:
            self._table.stray.append(line)
        else:
            self.lines.append(line)

    def _in_block(self, line: Line) -> Line:
        if self.in_cell and self._table:
            new, self._table.grid.row_shown = not self._table.grid.row_shown, True
            column = self._holders[-1].number
            return replace(line, kind=Kind.CELL, level=column, new=new, block_id=self._table.id)
        if line.kind is Kind.TEXT:
            level = next((HEADINGS[h.name] for h in reversed(self._holders) if h.name in HEADINGS), 0)
            if level:
                return replace(line, kind=Kind.HEADING, level=level)
        return line

    def _path(self) -> tuple[Step, ...]:
        """The containers of the next line. A list counts only if the line begins one of its items or goes on with an
        item that showed a line before: items that only hold another list do not exist for a reader."""
        kept: list[Step] = []
        follows = True
        for step in self._chain():
            position = len(kept)
            before = self._previous[position] if follows and position < len(self._previous) else None
            if step.container is Container.QUOTE:
                follows = before is not None and before.container is Container.QUOTE
            elif step.new:
                follows = False
            elif before is None or before.list_id != step.list_id:
                continue
            kept.append(step)
        self._begin_items()
        return tuple(kept)

    def _begin_items(self) -> None:
        for holder, following in zip_longest(self._holders, self._holders[1:]):
            if holder.name == "li" and not (following and following.name in LISTS):
                holder.pending = False

    def _chain(self) -> list[Step]:
        chain: list[Step] = []
        for position, holder in enumerate(self._holders):
            if holder.name == "blockquote":
                chain.append(Step(Container.QUOTE))
            elif holder.name in LISTS:
                chain.append(Step(LISTS[holder.name], list_id=holder.id))
            elif holder.name == "li":
                chain.append(self._item_step(chain, position, holder))
        return chain

    def _item_step(self, chain: list[Step], position: int, item: Holder) -> Step:
        has_list = position > 0 and self._holders[position - 1].name in LISTS
        step = chain.pop() if has_list else Step(Container.BULLET, list_id=-1)
        following = self._holders[position + 1].name if position + 1 < len(self._holders) else ""
        if item.pending and following not in LISTS:
            return replace(step, new=True, number=item.number)
        return step


def _with_task(path: tuple[Step, ...], line: Line) -> tuple[tuple[Step, ...], Line]:
    """`[ ] text` at the beginning of an item is a checkbox, in both languages."""
    first = line.runs[0]
    found = None if first.image or first.href else _TASK.match(first.text)
    if not found or (found.end() == len(first.text) and len(line.runs) == 1):
        return path, line
    rest = first.text[found.end() :]
    runs = (replace(first, text=rest), *line.runs[1:]) if rest else line.runs[1:]
    return (*path[:-1], replace(path[-1], done=found.group(1) != " ")), replace(line, runs=runs)


def _number(text: str, default: int) -> int:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else default
