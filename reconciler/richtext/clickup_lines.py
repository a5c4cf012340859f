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
_DELIMITER_ROW = re.compile(r"^[ |:-]*-[ |:-]*$")
_MARKER = re.compile(r"[ \t]*(>|[-+*](?=[ \t])|\d{1,9}(?=[.)][ \t]))")
_BLOCK_START = re.compile(r"^ ?(?:[>|#]|`{3}|~{3}|(?:[-+*]|\d{1,9}[.)])(?:[ \t]|$))")
_EMBED = re.compile(r"\[\n{1,2}[^\n\[\]]+\n{1,2}(https?://[^\s\[\]()]+)\n{1,2}\]\((https?://[^\s()]+)\)")
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
    lines = _EMBED.sub(r"[\1](\2)", markdown).split("\n")
    out: list[str] = []
    fence, above, in_list = "", _Above.NOTHING, False
    position = 0
    while position < len(lines):
        line = lines[position]
        position += 1
        if fence:
            fence = "" if _closes(line, fence) else fence
            out.append(line)
            continue
        line = _bearable(line)
        if _is_swallowed(line, above):
            out.append("")
            inside = _end_of_interlude(lines, position - 1) if above is _Above.ITEM else position - 1
            if inside >= position:
                out += _indented(lines[position - 1 : inside], lines[inside])
                position = inside
                continue
        out.append(line)
        fence = _opened_fence(line)
        above = _Above.NOTHING if fence else _kind(line, in_list)
        if line.strip():
            in_list = above is _Above.ITEM or (in_list and _is_indented(line))
    return "\n".join(out)


def _end_of_interlude(lines: Sequence[str], start: int) -> int:
    """Where plain lines between the items of a list end, if an indented item follows them at once; else `start`.

    Such lines belong to no item for ClickUp; for CommonMark they must, or the list below them would not be nested."""
    end = start
    while (
        end < len(lines) and lines[end].strip() and not _is_indented(lines[end]) and not _BLOCK_START.match(lines[end])
    ):
        end += 1
    nested = end < len(lines) and _is_indented(lines[end]) and _ITEM.match(lines[end])
    return end if nested else start


def _indented(interlude: Sequence[str], item: str) -> list[str]:
    indent = item[: len(item) - len(item.lstrip(" \t"))]
    return [*(indent + line for line in interlude), ""]


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
    return not text.startswith("|") and not _DELIMITER_ROW.match(text)


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
