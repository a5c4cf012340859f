"""HTML to visual lines: what a browser would show, line by line, with its lists, marks and links.

A state machine over tags rather than a tree: marks persist across blocks as browsers let them, lists inside lists
without an item in between (Azure DevOps' indent button) come out nested, and the depth of the input costs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from reconciler.richtext.hostile import clean, is_safe_href, is_safe_source
from reconciler.richtext.line import PLAIN, Kind, Line, Mark, Run
from reconciler.richtext.markup import Start, Text, tokens
from reconciler.richtext.mentions import MENTION, mentioned
from reconciler.richtext.outline import CELLS, CODE_BLOCKS, HEADINGS, HOLDERS, LISTS, Holder, Outline
from reconciler.richtext.runs import tidy

_MARKS = {
    "b": Mark.STRONG,
    "strong": Mark.STRONG,
    "i": Mark.EMPHASIS,
    "em": Mark.EMPHASIS,
    "s": Mark.STRIKE,
    "strike": Mark.STRIKE,
    "del": Mark.STRIKE,
    "code": Mark.CODE,
    "tt": Mark.CODE,
    "kbd": Mark.CODE,
    "samp": Mark.CODE,
}
_ROW_GROUPS = frozenset({"tbody", "thead", "tfoot"})
_TABLE_PARTS = CELLS | _ROW_GROUPS | {"tr", "caption"}
_FLOW = """address article aside body center dd details dialog div dl dt fieldset figcaption figure footer form header
hgroup html legend main nav option p section summary"""
BLOCKS = HOLDERS | _TABLE_PARTS | frozenset(_FLOW.split())
"""Elements that begin and end a line."""

_ENDS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "li": (frozenset({"li"}), frozenset({*LISTS, *CELLS, "table", "blockquote"})),
    **dict.fromkeys(CELLS, (CELLS, frozenset({"table", "tr"}))),
    **dict.fromkeys(_ROW_GROUPS | {"tr", "caption"}, (frozenset({"tr", "caption"}), frozenset({"table"}))),
    **dict.fromkeys(HEADINGS, (frozenset(HEADINGS), HOLDERS - frozenset(HEADINGS) | frozenset({"div"}))),
}
"""Which open element a start tag ends without saying so, and where the search for it stops."""

_TABLE = frozenset({"table"})
_SCOPE = CELLS | {"table", "caption"}
_SEARCH_MAX = 200
_LANGUAGE = re.compile(r"(?:^|\s)lang(?:uage)?-([^\s`]+)")


def read_html(html: str, *, mentions: bool = False) -> list[Line]:
    """The visual lines of any string, as far as a browser would show it. With `mentions`, who is called is a link, else
    only a name. Never raises; linear in its input."""
    return _Reader(mentions).read(clean(html))


@dataclass(slots=True)
class _Element:
    name: str
    holder: Holder | None = None
    formats: dict[str, int] = field(default_factory=dict)


class _Reader:
    """`_formats` counts the open marks by tag name; `_code` holds the text of an open code block."""

    def __init__(self, mentions: bool) -> None:
        self._mentions = mentions
        self._outline = Outline()
        self._stack: list[_Element] = []
        self._open: dict[str, int] = {}
        self._formats: dict[str, int] = {}
        self._outer_marks = PLAIN
        self._marks = PLAIN
        self._href = ""
        self._runs: list[Run] = []
        self._joined = False
        self._code: list[str] | None = None
        self._code_from = 0
        self._language = ""
        self._at = (0, 0)
        self._shown_from: int | None = None
        self._shown_to = 0

    def read(self, html: str) -> list[Line]:
        for token in tokens(html):
            self._at = token.start, token.end
            if isinstance(token, Text):
                self._text(token.text)
            elif isinstance(token, Start):
                self._start(token.name, token.attributes)
            else:
                self._end(token.name)
        self._at = len(html), len(html)
        self._end_block()
        while self._stack:
            self._pop()
        return self._outline.lines

    # --- texts and pictures ----------------------------------------------------------------------------------------

    def _text(self, text: str) -> None:
        text = text if text.isascii() and "\0" not in text else clean(text)
        if self._code is not None:
            self._code.append(text)
        elif any(self._open.get(name) for name in CODE_BLOCKS):
            self._code_in_cell(text)
        elif self._runs or not text.isspace():
            self._show(Run(text, self._marks, self._href))

    def _show(self, run: Run) -> None:
        if self._shown_from is None:
            self._shown_from = self._at[0]
        self._shown_to = self._at[1]
        self._runs.append(run)

    def _code_in_cell(self, text: str) -> None:
        for position, part in enumerate(text.split("\n")):
            if position:
                self._end_block()
            self._show(Run(part, self._marks | {Mark.CODE}, self._href))

    def _picture(self, attributes: Mapping[str, str]) -> None:
        source = clean(attributes.get("src", "")).strip()
        alt = " ".join(clean(attributes.get("alt", "")).split())
        inside_code = self._code is not None
        if inside_code:
            self._end_code()
        if source and is_safe_source(source):
            self._show(Run(alt, PLAIN, self._href, source))
        elif alt:
            self._show(Run(alt, self._marks, self._href))
        if inside_code:
            self._end_block()
            self._code, self._code_from = [], self._at[1]

    # --- tags ------------------------------------------------------------------------------------------------------

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name in _MARKS:
            self._format(name, 1)
            self._note_language(attributes)
        elif name == "a":
            key = mentioned(attributes) if self._mentions else ""
            self._href = f"{MENTION}{key}" if key else _target(attributes)
        elif name == "br":
            self._break()
        elif name == "img":
            self._picture(attributes)
        elif name == "hr":
            self._rule()
        elif name == "input" and attributes.get("type", "").lower() == "checkbox":
            self._text("[x] " if "checked" in attributes else "[ ] ")
        elif name in BLOCKS:
            self._start_block(name, attributes)

    def _end(self, name: str) -> None:
        if name in _MARKS:
            self._format(name, -1)
        elif name == "a":
            self._href = ""
        elif name == "br":
            self._break()
        elif name in BLOCKS:
            self._end_of_block(name)

    def _end_of_block(self, name: str) -> None:
        wanted = frozenset(HEADINGS) if name in HEADINGS else frozenset({name})
        if name == "p" or any(self._open.get(open_name) for open_name in wanted):
            self._end_block()
            self._close(wanted, _TABLE if name in _TABLE_PARTS | _TABLE else _SCOPE)

    def _format(self, name: str, change: int) -> None:
        self._formats[name] = max(0, self._formats.get(name, 0) + change)
        self._refresh_marks()

    def _refresh_marks(self) -> None:
        own = frozenset(_MARKS[name] for name, count in self._formats.items() if count)
        self._marks = own | self._outer_marks

    def _note_language(self, attributes: Mapping[str, str]) -> None:
        found = _LANGUAGE.search(attributes.get("class", ""))
        if found and self._code is not None and not self._language:
            self._language = clean(found.group(1))

    def _start_block(self, name: str, attributes: Mapping[str, str]) -> None:
        if name in _TABLE_PARTS and not self._open.get("table"):
            return
        self._end_block()
        if name in _ENDS:
            self._close(*_ENDS[name])
        if name in CELLS and not self._in_row():
            self._push("tr", {})
        self._push(name, attributes)

    def _in_row(self) -> bool:
        recent = (element.name for element in reversed(self._stack[-_SEARCH_MAX:]))
        return next((name for name in recent if name in ("tr", "table")), "tr") == "tr"

    def _push(self, name: str, attributes: Mapping[str, str]) -> None:
        element = _Element(name)
        if name in HOLDERS:
            element.holder = self._outline.enter(name, attributes)
        self._stack.append(element)
        self._open[name] = self._open.get(name, 0) + 1
        if element.holder is None:
            return
        if name in CELLS:
            element.formats, self._formats, self._outer_marks = self._formats, {}, self._marks
        elif name in CODE_BLOCKS:
            self._code, self._code_from, self._language = [], self._at[1], ""
            self._note_language(attributes)

    def _close(self, wanted: frozenset[str], stops: frozenset[str]) -> None:
        """Ends the nearest open element that is `wanted`, with all inside it, unless one of `stops` is nearer."""
        if not any(self._open.get(name) for name in wanted):
            return
        for depth, element in enumerate(reversed(self._stack[-_SEARCH_MAX:]), start=1):
            if element.name in wanted:
                for _ in range(depth):
                    self._pop()
                return
            if element.name in stops:
                return

    def _pop(self) -> None:
        element = self._stack.pop()
        self._open[element.name] -= 1
        if element.holder is None:
            return
        if element.name in CODE_BLOCKS:
            self._end_code()
        elif element.name in CELLS:
            self._formats, self._outer_marks = element.formats, PLAIN
            self._refresh_marks()
        self._outline.leave(element.holder)

    # --- lines -----------------------------------------------------------------------------------------------------

    def _break(self) -> None:
        if self._code is not None:
            self._code.append("\n")
        else:
            self._joined = self._flush()

    def _end_block(self) -> None:
        if self._code is not None:
            if self._code and not self._code[-1].endswith("\n"):
                self._code.append("\n")
            return
        self._flush()
        self._joined = False

    def _rule(self) -> None:
        self._end_block()
        if not self._outline.is_closed:
            self._outline.add(Line((), Kind.RULE, span=self._at))

    def _flush(self) -> bool:
        """Ends the line in hand; whether it showed anything."""
        if not self._runs:
            return False
        runs, self._runs = tidy(self._runs), []
        span, self._shown_from = (self._shown_from or 0, self._shown_to), None
        if runs:
            self._outline.add(Line(runs, joined=self._joined, span=span))
        return bool(runs)

    def _end_code(self) -> None:
        text, self._code = "".join(self._code or ()).replace("\xa0", " "), None
        lines = [line.rstrip() for line in text.split("\n")]
        shown = [position for position, line in enumerate(lines) if line]
        block_id = self._outline.next_id()
        for position in range(shown[0], shown[-1] + 1) if shown else ():
            runs = (Run(lines[position]),) if lines[position] else ()
            code = Line(runs, Kind.CODE, new=position == shown[0], language=self._language, block_id=block_id)
            self._outline.add(replace(code, span=(self._code_from, self._at[0])))


def _target(attributes: Mapping[str, str]) -> str:
    """Where a link leads; "" where it leads nowhere, runs code, or is a mention, whose text says it all."""
    href = clean(attributes.get("href", "")).strip()
    return href if href != "#" and is_safe_href(href) else ""
