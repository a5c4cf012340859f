"""ClickUp's Markdown is one block a line; CommonMark needs to be told where each block ends.

`separate_blocks` puts a blank line where ClickUp begins a new block and CommonMark would swallow the line into the
list item, quotation or table row above it (richtext.md 3, class 18), and brings nesting that no parser could follow
down to a bearable depth.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import Enum, auto

from reconciler.richtext.hostile import DEPTH_MAX

_FENCE = re.compile(r"^[ \t>]*(?:(?:[-+*]|\d{1,9}[.)])[ \t]+)*(`{3,}(?=[^`]*$)|~{3,})")
_ITEM = re.compile(r"^[ \t]*(?:[-+*]|\d{1,9}[.)])(?:[ \t]|$)")
_MARKER = re.compile(r"[ \t]*(>|[-+*](?=[ \t])|\d{1,9}(?=[.)][ \t]))")
_BLOCK_START = re.compile(r"^ ?(?:[>|#]|`{3}|~{3}|(?:[-+*]|\d{1,9}[.)])(?:[ \t]|$))")
EMBED = re.compile(r"\[\n{1,2}[^\n\[\]]+\n{1,2}(https?://[^\s\[\]()]+)\n{1,2}\]\((https?://[^\s()]+)\)")
_MARKERS_MAX = DEPTH_MAX + 2
_INDENT_MAX = 5 * DEPTH_MAX


class _Above(Enum):
    """What the line above would swallow the next one into."""

    NOTHING = auto()
    ITEM = auto()
    QUOTE = auto()
    ROW = auto()


def separate_blocks(markdown: str) -> str:
    """The same text with the blank lines that CommonMark needs; fenced code is left as it is. An address that the
    editor turned into a card (FACTS clickup 7.3) is a link again."""
    lines = EMBED.sub(r"[\1](\2)", markdown).split("\n")
    separator = _Separator()
    position = 0
    while position < len(lines):
        end = _end_of_interlude(lines, position) if separator.in_list else position
        if end > position:
            separator.take_interlude(lines[position:end], lines[end])
            position = end
        else:
            separator.take(lines[position])
            position += 1
    return "\n".join(separator.lines)


class _Separator:
    """Collects the lines; `in_list` while indented lines would belong to an item."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.in_list = False
        self._fence = ""
        self._above = _Above.NOTHING

    def take(self, line: str) -> None:
        if self._fence:
            self._fence = "" if _closes(line, self._fence) else self._fence
            self.lines.append(line)
            return
        line = _bearable(line)
        if _is_swallowed(line, self._above):
            self.lines.append("")
        self.lines.append(line)
        self._fence = _opened_fence(line)
        self._above = _Above.NOTHING if self._fence else _kind(line, self.in_list)
        if line.strip():
            self.in_list = self._above is _Above.ITEM or (self.in_list and _is_indented(line))

    def take_interlude(self, plain: Sequence[str], item: str) -> None:
        """Plain lines between the items of a list. For ClickUp they belong to no item; for CommonMark they must, or
        the list below them would not be nested."""
        if self._fence:
            for line in plain:
                self.take(line)
            return
        indent = item[: len(item) - len(item.lstrip(" \t"))]
        self.lines += ["", *(indent + line for line in plain), ""]
        self._above = _Above.NOTHING


def _end_of_interlude(lines: Sequence[str], start: int) -> int:
    """Where plain lines end, if an indented item follows them at once; else `start`."""
    end = start
    while end < len(lines) and _is_plain(lines[end]):
        end += 1
    return end if end < len(lines) and _is_indented(lines[end]) and _ITEM.match(lines[end]) else start


def _is_plain(line: str) -> bool:
    return bool(line.strip()) and not _is_indented(line) and not _BLOCK_START.match(line)


def outside_fences(lines: Sequence[str]) -> Iterator[int]:
    """The positions of the lines that are not fenced code."""
    fence = ""
    for position, line in enumerate(lines):
        if fence:
            fence = "" if _closes(line, fence) else fence
        else:
            fence = _opened_fence(line)
            if not fence:
                yield position


def _opened_fence(line: str) -> str:
    found = _FENCE.match(line)
    return found.group(1) if found else ""


def _closes(line: str, fence: str) -> bool:
    text = line.strip(" \t>")
    return len(text) >= len(fence) and not text.strip(fence[0])


def _kind(line: str, in_list: bool) -> _Above:
    text = line.lstrip(" ")
    if _ITEM.match(line) or (in_list and text and _is_indented(line)):
        return _Above.ITEM
    if text.startswith(">"):
        return _Above.QUOTE
    return _Above.ROW if text.startswith("|") else _Above.NOTHING


def _is_swallowed(line: str, above: _Above) -> bool:
    if above is _Above.NOTHING or not line.strip() or _is_indented(line):
        return False
    if above is _Above.ITEM:
        return not _ITEM.match(line)
    text = line.lstrip(" ")
    if above is _Above.QUOTE:
        return not text.startswith(">")
    return not text.startswith("|") and not _is_delimiter_row(text)


def _is_delimiter_row(line: str) -> bool:
    return "-" in line and not line.strip(" |:-")


def _is_indented(line: str) -> bool:
    return line.startswith(("  ", "\t", " \t"))


def _bearable(line: str) -> str:
    """The line with no more markers and no deeper indentation than any reader needs."""
    text = line.lstrip(" \t")
    if len(line) - len(text) > _INDENT_MAX // 4 and len(line[: len(line) - len(text)].expandtabs(4)) > _INDENT_MAX:
        line = " " * _INDENT_MAX + text
    position = 0
    for _ in range(_MARKERS_MAX):
        marker = _MARKER.match(line, position)
        if not marker:
            return line
        position = marker.end()
    surplus = _MARKER.match(line, position)
    if not surplus:
        return line
    border = surplus.end() if surplus.group(1).isdigit() else surplus.start(1)
    return f"{line[:border]}\\{line[border:]}"
