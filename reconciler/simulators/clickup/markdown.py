"""Markdown as ClickUp stores it: one block a line, read back in ClickUp's own style (FACTS clickup 7).

`stored` is what happens to `markdown_content` on its way in and back out as `markdown_description`. It is a fixpoint:
storing what was read changes nothing. `plain_text` is the same document as `text_content` shows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from reconciler.simulators.clickup import inline
from reconciler.simulators.clickup.inline import Run
from reconciler.simulators.clickup.switches import Switches

Kind = Literal[
    "text", "heading", "bullet", "ordered", "todo", "done", "quote", "code", "rule", "table", "bookmark", "gap"
]

NBSP = "\u00a0"
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})\s*([^`\s]*)[^`]*$")
_HEADING = re.compile(r"^ {0,3}(#{1,6})(?:[ \t]+(.*?))??(?:[ \t]+#+)?[ \t]*$")
_RULE = re.compile(r"^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$")
_ITEM = re.compile(r"^([ \t]*)(?:([-+*])|(\d{1,9})[.)])(?:[ \t]+(.*))?$")
_TASK = re.compile(r"^\[([ xX])\](?:[ \t]+(.*))?$")
_QUOTE = re.compile(r"^ {0,3}>[ ]?(.*)$")
_DELIMITER_ROW = re.compile(r"^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$")
_CELL_END = re.compile(r"(?<!\\)\|")
_BARE_URL = re.compile(r"^https?://[^\s/]+\S*$")
_BOOKMARK = re.compile(r"^\[\n\n([^\n]+)\n\n(https?://[^\n]+)\n\n\]\(([^\n]+)\)$", re.MULTILINE)
_BOOKMARK_MARK = "\x00"  # cannot occur in the text: it is removed before
_LINE_START = re.compile(r"^(#{1,6}(?=\s|$)|[-+](?=\s|$)|>|\||(?=[=]+\s*$)|(?=-{2,}\s*$))|^(\d+)([.)](?=\s|$))")


@dataclass(frozen=True, slots=True)
class Block:
    """`level` is a heading's rank or a list item's depth, both from 1; `lines` a code block's; `cells` a table's."""

    kind: Kind
    runs: tuple[Run, ...] = ()
    level: int = 0
    language: str = ""
    lines: tuple[str, ...] = ()
    cells: tuple[tuple[tuple[Run, ...], ...], ...] = field(default=())


def stored(markdown: str, switches: Switches) -> str:
    return render(parse(markdown, switches), switches)


def plain_text(blocks: Sequence[Block]) -> str:
    """Text without marks. A blank line is a line holding U+00A0; rules, images and bookmarks leave nothing (5.5)."""
    lines: list[str] = []
    for position, block in enumerate(blocks):
        if block.kind == "gap":
            if position and blocks[position - 1].kind != "rule":
                lines.append(NBSP)
        elif block.kind == "code":
            lines += block.lines
        elif block.kind == "table":
            lines += ["\t".join(inline.text_of(cell) for cell in row) for row in block.cells]
        elif block.kind not in ("rule", "bookmark"):
            lines.append(inline.text_of(block.runs))
    return "\n".join(lines)


def literal(text: str) -> list[Block]:
    """A plain `description`: every character means itself (FACTS clickup 6.3)."""
    lines = (line.replace(NBSP, " ").strip() for line in text.replace("\r\n", "\n").split("\n"))
    return _tidy([Block("text", tuple(inline.plain(line))) if line else Block("gap") for line in lines])


def parse(markdown: str, switches: Switches) -> list[Block]:
    """The blocks of a document. Blank lines survive as single gaps, not at the ends."""
    text = markdown.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    text = _BOOKMARK.sub(lambda found: _BOOKMARK_MARK + found[2], text)
    return _tidy(list(_Reader(text.split("\n"), switches)))


def render(blocks: Sequence[Block], switches: Switches) -> str:
    lines: list[str] = []
    for position, block in enumerate(blocks):
        lines.append(_rendered(block, switches))
        last_of_quote = block.kind == "quote" and (position + 1 == len(blocks) or blocks[position + 1].kind != "quote")
        if last_of_quote and switches.ragged_quotes and block.runs:
            lines.append(">")
    return "\n".join(lines)


class _Reader:
    """Takes lines apart, one block after another."""

    def __init__(self, lines: list[str], switches: Switches) -> None:
        self._lines = lines
        self._at = 0
        self._indents: list[int] = []
        self._switches = switches

    def __iter__(self) -> Iterator[Block]:
        while self._at < len(self._lines):
            yield self._next()

    def _next(self) -> Block:
        line = self._take()
        if not line.strip():
            return Block("gap")
        if block := self._item(line):
            return block
        if not line.startswith((" ", "\t")):
            self._indents = []
        if fence := _FENCE.match(line):
            return self._code(fence[1], fence[2])
        if _RULE.match(line):
            return Block("rule")
        if heading := _HEADING.match(line):
            return Block("heading", self._runs(heading[2] or ""), len(heading[1]))
        if quote := _QUOTE.match(line):
            return Block("quote", self._runs(quote[1].strip()))
        if "|" in line and self._at < len(self._lines) and _is_delimiter_row(self._lines[self._at]):
            return self._table(line)
        return self._text(line.strip())

    def _take(self) -> str:
        self._at += 1
        return self._lines[self._at - 1]

    def _item(self, line: str) -> Block | None:
        found = _ITEM.match(line)
        if not found or _RULE.match(line):
            return None
        level = self._level(len(found[1].expandtabs(4)))
        text = (found[4] or "").strip()
        if not text:
            return Block("text", tuple(inline.plain("null.")))  # FACTS clickup 7.3: empty items corrupt
        if found[3]:
            return Block("ordered", self._runs(text), level)
        if task := _TASK.match(text):
            return Block("todo" if task[1] == " " else "done", self._runs((task[2] or "").strip()), level)
        return Block("bullet", self._runs(text), level)

    def _level(self, indent: int) -> int:
        while self._indents and indent < self._indents[-1]:
            self._indents.pop()
        if not self._indents or indent >= self._indents[-1] + 2:
            self._indents.append(indent)
        return len(self._indents)

    def _code(self, fence: str, language: str) -> Block:
        lines: list[str] = []
        closing = re.compile(rf"^ {{0,3}}{re.escape(fence[0])}{{{len(fence)},}}\s*$")
        while self._at < len(self._lines):
            line = self._take()
            if closing.match(line):
                break
            lines.append(line)
        language = {"kept": language or "plain", "plain": "plain", "dropped": ""}[self._switches.code_language]
        return Block("code", language=language, lines=tuple(lines))

    def _table(self, header: str) -> Block:
        self._take()
        rows = [_cells(header)]
        while self._at < len(self._lines) and self._lines[self._at].lstrip().startswith("|"):
            rows.append(_cells(self._take()))
        width = len(rows[0])
        padded = [[*row, *[""] * width][:width] for row in rows]
        return Block("table", cells=tuple(tuple(self._runs(cell) for cell in row) for row in padded))

    def _text(self, line: str) -> Block:
        bookmark = line.startswith(_BOOKMARK_MARK) or self._switches.bare_urls == "bookmark"
        if bookmark and _BARE_URL.match(url := line.removeprefix(_BOOKMARK_MARK)):
            return Block("bookmark", (Run(url, link=url),))
        underline = self._lines[self._at].strip() if self._at < len(self._lines) else ""
        if re.fullmatch("=+|-+", underline) and not _ITEM.match(underline):
            self._take()
            return Block("heading", self._runs(line), 1 if underline[0] == "=" else 2)
        return Block("text", self._runs(line))

    def _runs(self, text: str) -> tuple[Run, ...]:
        return tuple(inline.parse(text, link_bare_urls=self._switches.bare_urls != "kept"))


def _tidy(blocks: list[Block]) -> list[Block]:
    """No blank line before a rule and one behind it (FACTS clickup 7.2), never two, none at the ends; quotes end with
    text; lines of nothing are blank lines."""
    tidy: list[Block] = []
    for block in blocks:
        if block.kind in ("text", "heading") and not block.runs:
            block = Block("gap")
        last = tidy[-1].kind if tidy else "gap"
        if last == "quote" and block.kind != "quote":
            while tidy and tidy[-1].kind == "quote" and not tidy[-1].runs:
                tidy.pop()
            last = tidy[-1].kind if tidy else "gap"
        if block.kind == "gap" and last == "gap":
            continue
        if block.kind == "quote" and not block.runs and (last != "quote" or not tidy[-1].runs):
            continue
        if block.kind == "rule" and last == "gap" and len(tidy) > 1 and tidy[-2].kind != "rule":
            tidy.pop()
        if last == "rule" and block.kind != "gap":
            tidy.append(Block("gap"))
        tidy.append(block)
    while tidy and (tidy[-1].kind == "gap" or (tidy[-1].kind == "quote" and not tidy[-1].runs)):
        tidy.pop()
    return tidy


def _rendered(block: Block, switches: Switches) -> str:
    text = inline.render(block.runs)
    indent = "    " * (block.level - 1)
    match block.kind:
        case "gap":
            return ""
        case "rule":
            return "* * *"
        case "heading":
            return f"{'#' * block.level} {_heading_text(text)}"
        case "bullet":
            return f"{indent}*   {_unstarted(text)}"
        case "ordered":
            return f"{indent}1. {_unstarted(text)}"
        case "todo" | "done":
            return f"{indent}- [{'x' if block.kind == 'done' else ' '}] {text}".rstrip()
        case "quote":
            return ">" if not text else f"> {_unstarted(text)}{'  ' if switches.ragged_quotes else ''}"
        case "code":
            return _fenced(block)
        case "table":
            return _rows(block)
        case "bookmark":
            url = block.runs[0].link
            return f"[\n\n{url.split('/')[2]}\n\n{url}\n\n]({url})"
        case _:
            return _unstarted(text)


def _unstarted(text: str) -> str:
    """Escapes what at the start of a line would begin a block."""
    return _LINE_START.sub(lambda found: f"{found[2]}\\{found[3]}" if found[2] else f"\\{found[1]}", text)


def _heading_text(text: str) -> str:
    return re.sub(r"(?<=\s)(#+)$|^(#+)$", lambda found: "\\" + found[0], text)


def _fenced(block: Block) -> str:
    ticks = max((len(run) for line in block.lines for run in re.findall("^ *(`{3,})", line)), default=2) + 1
    return "\n".join(["`" * ticks + block.language, *block.lines, "`" * ticks])


def _rows(block: Block) -> str:
    rows = [f"| {' | '.join(_cell(cell) for cell in row)} |" for row in block.cells]
    return "\n".join([rows[0], f"| {'| '.join(['---'] * len(block.cells[0]))} |", *rows[1:]])


def _cell(runs: Sequence[Run]) -> str:
    return _CELL_END.sub(r"\\|", inline.render(runs))


def _cells(row: str) -> list[str]:
    inner = row.strip().removeprefix("|")
    if re.search(r"(?<!\\)\|$", inner):
        inner = inner[:-1]
    return [cell.strip().replace("\\|", "|") for cell in _CELL_END.split(inner)]


def _is_delimiter_row(line: str) -> bool:
    return "-" in line and "|" in line and _DELIMITER_ROW.match(line) is not None
