"""Comment blocks: the structured array of a ClickUp comment, and Markdown. Pure.

A comment is a list of segments. Marks sit on a segment, the form of a line on the "\\n" segment that ends it (FACTS
clickup 11.5). What is written uses only what is documented for writing; what is read may hold much more, and whatever
is unknown there shows as its text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from reconciler.richtext import MENTION

Segment = dict[str, Any]

_BULLETS = {"bullet": "- ", "toggled": "- ", "ordered": "1. ", "checked": "- [x] ", "unchecked": "- [ ] "}
_INDENT = "    "

_SPECIAL = re.compile(r"([\\`*\[\]<~|])|(?<![^\W_])(_)|(_)(?![^\W_])|(&)(?=#?\w+;)")
_LINE_START = re.compile(r"^(\s*)(?:([#>=+-])|(\d+)([.)])(?=\s|$))")
_OUTER_BLANKS = re.compile(r"^(\s*)(.*?)(\s*)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of one line with the marks that Markdown has. `url` makes it a link, `image` a picture."""

    text: str
    bold: bool = False
    italic: bool = False
    strike: bool = False
    code: bool = False
    url: str = ""
    image: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One line and the attributes of the "\\n" that ends it."""

    runs: tuple[Run, ...]
    form: Mapping[str, Any]

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


def to_markdown(segments: Sequence[Mapping[str, Any]]) -> str:
    """The comment as Markdown in which every line of the comment is a line. A mention is a link to the person's id."""
    written: list[str] = []
    previous = ""
    for (kind, language), lines in groupby(_lines(segments), lambda line: (_kind(line.form), _language(line.form))):
        if kind == "code":
            written += _fenced([line.text for line in lines], language)
        else:
            if written and _needs_gap(previous, kind):
                written.append("")
            written += [_prefix(kind, line.form) + _guarded(_inline(line.runs), kind) for line in lines]
        previous = kind
    return "\n".join(written).strip("\n")


def _lines(segments: Sequence[Mapping[str, Any]]) -> Iterator[Line]:
    runs: list[Run] = []
    for segment in segments:
        for position, piece in enumerate(_shown(segment).split("\n")):
            if position:
                yield Line(tuple(runs), _mapping(segment.get("attributes")))
                runs = []
            if piece:
                runs.append(_run(piece, segment))
    if runs:
        yield Line(tuple(runs), {})


def _run(text: str, segment: Mapping[str, Any]) -> Run:
    attributes = _mapping(segment.get("attributes"))
    return Run(
        text,
        bold=bool(attributes.get("bold")),
        italic=bool(attributes.get("italic")),
        strike=bool(attributes.get("strike")),
        code=bool(attributes.get("code")),
        url=str(_called(segment) or _target(segment).get("url") or attributes.get("link") or ""),
        image=segment.get("type") == "image",
    )


def _shown(segment: Mapping[str, Any]) -> str:
    """The text of a segment of any type (FACTS clickup 11.6)."""
    text = str(segment.get("text") or "")
    if segment.get("type") == "emoticon":
        return _emoji(_mapping(segment.get("emoticon"))) or text
    if segment.get("type") == "tag" and not text:
        name = _mapping(segment.get("user")).get("username")
        return f"@{name}" if name else "@?"
    if not text:
        return str(_target(segment).get("name") or _target(segment).get("url") or "")
    return text


def _called(segment: Mapping[str, Any]) -> str:
    """Whom a mention calls, where it says so (FACTS clickup 11.6)."""
    key = _mapping(segment.get("user")).get("id") if segment.get("type") == "tag" else None
    return f"{MENTION}{key}" if key else ""


def _emoji(emoticon: Mapping[str, Any]) -> str:
    try:
        return "".join(chr(int(code, 16)) for code in str(emoticon.get("code") or "").split("-") if code)
    except (ValueError, OverflowError):
        return ""


def _target(segment: Mapping[str, Any]) -> Mapping[str, Any]:
    """The object that a segment of type "image", "attachment", "bookmark"… carries under that very name."""
    return _mapping(segment.get(str(segment.get("type") or "")))


def _inline(runs: Sequence[Run]) -> str:
    """A line's runs with their marks; each is told what stands beside it, because marks depend on that."""
    borders = ["", *(run.text for run in runs), ""]
    return "".join(_marked(run, borders[at][-1:], borders[at + 2][:1]) for at, run in enumerate(runs))


def _marked(run: Run, left: str, right: str) -> str:
    """One run. Blanks stay outside its marks, and so does punctuation beside a word, or Markdown would show the marks
    instead of obeying them."""
    before, core, after = _outer(run.text)
    if not core:
        return run.text
    if run.image and run.url:
        return f"{before}![{escaped(core)}]({_address(run.url)}){after}"
    if run.bold or run.italic or run.strike:
        lead, core, tail = _flanks(core, not before and left.isalnum(), not after and right.isalnum())
        before, after = before + escaped(lead), escaped(tail) + after
    shown = _code(core) if run.code else escaped(core)
    in_word = (not before and left.isalnum()) or (not after and right.isalnum())
    marks = ((run.italic, "*" if in_word else "_"), (run.bold, "**"), (run.strike, "~~"))
    for mark in (mark for wanted, mark in marks if wanted and core):
        shown = f"{mark}{shown}{mark}"
    return f"{before}[{shown}]({_address(run.url)}){after}" if run.url else f"{before}{shown}{after}"


def _flanks(text: str, word_before: bool, word_after: bool) -> tuple[str, str, str]:
    start = next((at for at, char in enumerate(text) if char.isalnum()), len(text)) if word_before else 0
    end = next((at for at in range(len(text), start, -1) if text[at - 1].isalnum()), start) if word_after else len(text)
    return text[:start], text[start:end], text[end:]


def escaped(text: str) -> str:
    """Text in which no character means anything to Markdown."""
    return _SPECIAL.sub(lambda found: f"\\{found[0]}", text)


def _outer(text: str) -> tuple[str, str, str]:
    found = _OUTER_BLANKS.match(text)
    return (found[1], found[2], found[3]) if found else ("", text, "")


def _code(text: str) -> str:
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    padding = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{padding}{text}{padding}{fence}"


def _fenced(lines: Sequence[str], language: str) -> list[str]:
    runs = [len(run) for line in lines for run in re.findall("`+", line)]
    fence = "`" * max(3, *(length + 1 for length in runs), 3)
    return [fence + language, *lines, fence]


def _address(url: str) -> str:
    return url.replace(" ", "%20").replace("(", "%28").replace(")", "%29").replace("<", "%3C").replace(">", "%3E")


def _kind(form: Mapping[str, Any]) -> str:
    if form.get("code-block"):
        return "code"
    style = _list_style(form)
    if style:
        return style if style in _BULLETS else "continued"
    if form.get("header"):
        return "header"
    return "quote" if "blockquote" in form else "text"


def _list_style(form: Mapping[str, Any]) -> str:
    """`list` is an object that repeats the word, or the bare string (FACTS clickup 11.5)."""
    value = form.get("list")
    return str(value.get("list") or "") if isinstance(value, Mapping) else str(value or "")


def _language(form: Mapping[str, Any]) -> str:
    value = form.get("code-block")
    name = str(value.get("code-block") or "") if isinstance(value, Mapping) else ""
    return "" if name == "plain" else name


def _prefix(kind: str, form: Mapping[str, Any]) -> str:
    depth = _number(form.get("indent"))
    if kind in _BULLETS:
        return _INDENT * depth + _BULLETS[kind]
    if kind == "continued":
        return _INDENT * max(1, depth)
    if kind == "header":
        return "#" * min(max(_number(form.get("header")), 1), 6) + " "
    return "> " if kind == "quote" else ""


def _guarded(markdown: str, kind: str) -> str:
    """A line whose beginning cannot be taken for a list, a heading, a quote or a rule."""
    if kind == "header":
        return markdown.lstrip()
    return _LINE_START.sub(lambda found: f"\\{found[2]}" if found[2] else f"{found[3]}\\{found[4]}", markdown.lstrip())


def _needs_gap(previous: str, kind: str) -> bool:
    """Markdown draws a line that follows a list or a quote into it, unless a blank line lies between."""
    in_list = kind in _BULLETS or kind == "continued"
    was_list = previous in _BULLETS or previous == "continued"
    return (was_list and not in_list) or (previous == "quote" and kind != "quote")


def _number(value: object) -> int:
    if isinstance(value, Mapping):
        value = next(iter(value.values()), 0)
    try:
        return int(str(value or 0))
    except ValueError:
        return 0


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
