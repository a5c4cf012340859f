"""Comment writer: Markdown as the structured array that ClickUp takes. Pure.

Only forms documented for writing are used (FACTS clickup 11.5): headings become bold lines, tables code blocks, images
links, quotes lines beginning with ">".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from reconciler.richtext import MENTION
from reconciler.trackers.clickup.comment_blocks import Segment

_PARSER = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])
_CHECKBOX = re.compile(r"^\[([ xX])\]\s+")
_MARKS = {"strong": "bold", "em": "italic"}

Run = tuple[str, Mapping[str, Any]]


def to_segments(markdown: str) -> list[Segment]:
    """The segments of a comment; empty for blank Markdown. Reading them back gives the same visual lines, apart from
    the forms that ClickUp comments do not have."""
    segments = list(_Writer(markdown).segments())
    while segments and segments[-1] == _newline({}):
        segments.pop()
    return segments


def _newline(form: Mapping[str, Any]) -> Segment:
    return {"text": "\n", "attributes": dict(form)}


class _Writer:
    """Walks the parsed document, knowing in which lists and quotes it is."""

    def __init__(self, markdown: str) -> None:
        self._source = markdown.split("\n")
        self._tokens = _PARSER.parse(markdown)
        self._lists: list[str] = []
        self._quotes = 0
        self._item_begins = False
        self._heading = False
        self._table_until = 0

    def segments(self) -> Iterator[Segment]:
        previous_end = None
        for token in self._tokens:
            if token.map and token.map[1] <= self._table_until:
                continue
            if token.type in ("paragraph_open", "heading_open", "fence", "code_block", "table_open", "hr"):
                if previous_end is not None and not self._lists and token.map and token.map[0] > previous_end:
                    yield _newline({})
                previous_end = token.map[1] if token.map else previous_end
            yield from self._token(token)
            if token.type in ("bullet_list_close", "ordered_list_close") and not self._lists:
                previous_end = None

    def _token(self, token: Token) -> Iterator[Segment]:
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                self._lists.append("bullet" if token.type.startswith("bullet") else "ordered")
            case "bullet_list_close" | "ordered_list_close":
                self._lists.pop()
            case "list_item_open":
                self._item_begins = True
            case "blockquote_open":
                self._quotes += 1
            case "blockquote_close":
                self._quotes -= 1
            case "heading_open" | "heading_close":
                self._heading = token.type == "heading_open"
            case "inline":
                yield from self._inline(token)
            case "fence" | "code_block":
                yield from _code(token.content.removesuffix("\n").split("\n"), token.info.strip().split(" ")[0])
            case "table_open":
                first, self._table_until = token.map or (0, 0)
                yield from _code([line.strip() for line in self._source[first : self._table_until] if line.strip()])
            case "hr":
                yield {"text": "---", "attributes": {}}
                yield _newline({})

    def _inline(self, token: Token) -> Iterator[Segment]:
        for runs in _lines(token.children or []):
            style, runs = self._style(runs)
            if self._quotes:
                runs = [("> " * self._quotes, {}), *runs]
            for text, attributes in runs:
                marks = {**attributes, "bold": True} if self._heading else attributes
                yield _called(text, marks) or {"text": text, "attributes": dict(marks)}
            yield _newline(style)

    def _style(self, runs: list[Run]) -> tuple[Mapping[str, Any], list[Run]]:
        """The form of a line: the first of a list item carries the bullet, the others belong to it."""
        if not self._lists:
            return {}, runs
        style, depth = self._lists[-1], len(self._lists) - 1
        if not self._item_begins:
            return {"list": {"list": "none"}, "indent": depth + 1}, runs
        self._item_begins = False
        box = _CHECKBOX.match(runs[0][0]) if runs and style == "bullet" else None
        if box:
            style = "unchecked" if box[1] == " " else "checked"
            runs = [(runs[0][0][box.end() :], runs[0][1]), *runs[1:]]
        return {"list": {"list": style}, **({"indent": depth} if depth else {})}, [run for run in runs if run[0]]


def _called(text: str, marks: Mapping[str, Any]) -> Segment | None:
    """A mention as the guide has it (FACTS clickup 11.6); None for anything else."""
    key = str(marks.get("link", "")).removeprefix(MENTION)
    if not key.isdecimal() or marks["link"] == key:
        return None
    return {"type": "tag", "user": {"id": int(key)}, "text": text}


def _code(lines: list[str], language: str = "") -> Iterator[Segment]:
    for line in lines:
        if line:
            yield {"text": line, "attributes": {}}
        yield _newline({"code-block": {"code-block": language or "plain"}})


def _lines(children: list[Token]) -> Iterator[list[Run]]:
    """The runs of inline content, line by line; neighbours with the same marks are one run."""
    marks: dict[str, Any] = {}
    runs: list[Run] = []
    for child in children:
        if child.type in ("softbreak", "hardbreak"):
            yield runs
            runs = []
            continue
        name, _, end = child.type.rpartition("_")
        if end == "open" or end == "close":
            _toggle(marks, name, child)
            continue
        text, own = _content(child)
        if text:
            both = {**marks, **own}
            if runs and runs[-1][1] == both:
                runs[-1] = (runs[-1][0] + text, both)
            else:
                runs.append((text, both))
    yield runs


def _toggle(marks: dict[str, Any], name: str, token: Token) -> None:
    key = "link" if name == "link" else _MARKS.get(name)
    if key is None:
        return
    if token.nesting > 0:
        marks[key] = str(token.attrGet("href") or "") if key == "link" else True
    else:
        marks.pop(key, None)


def _content(token: Token) -> tuple[str, Mapping[str, Any]]:
    if token.type == "code_inline":
        return token.content, {"code": True}
    if token.type == "image":
        url = str(token.attrGet("src") or "")
        return token.content or url.rsplit("/", 1)[-1] or url, {"link": url}
    return token.content, {}
