"""Inline Markdown: the runs of one line, read from what people write and written the way ClickUp does it.

The dialect is CommonMark with `~~strike~~`; HTML and entities stay literal text (FACTS clickup 7.3).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from markdown_it import MarkdownIt
from markdown_it.token import Token

_PARSER = MarkdownIt("commonmark", {"html": False}).enable("strikethrough").disable(["entity", "html_inline"])
_SPECIAL = re.compile(r"[\\`*_\[\]~]|<(?=[a-zA-Z][\w+.-]{1,31}:[^\s<>]*>|[^\s<>@]+@[^\s<>@]+>)")
_URL = re.compile(r"https?://[^\s<>\[\]|`\"]*[^\s<>\[\]|`\".,;:!?)'*_~]")
_MARKS = {"strong": "bold", "em": "italic", "s": "strike"}


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text under the same marks ("bold", "italic", "strike", "code"). An image has its target in `image`
    and no text: ClickUp loses the alternative text (FACTS clickup 7.3)."""

    text: str
    marks: frozenset[str] = field(default=frozenset())
    link: str = ""
    image: str = ""


def parse(line: str, *, link_bare_urls: bool = True) -> list[Run]:
    """The runs of a line of Markdown; neighbours differ in something."""
    tokens = _PARSER.parseInline(line)[0].children or []
    runs = list(_runs(tokens))
    if link_bare_urls:
        runs = [part for run in runs for part in _linked(run)]
    return _joined(runs)


def plain(text: str) -> list[Run]:
    """Text in which no character means anything."""
    return [Run(text)] if text else []


def render(runs: Sequence[Run]) -> str:
    """Markdown in ClickUp's style: `**bold**`, `_italic_`, escaped `[ ] _` (FACTS clickup 7.2, 7.3)."""
    return "".join(_link(runs[first:last]) for first, last in _spans([(run.link, run.image) for run in runs]))


def text_of(runs: Iterable[Run]) -> str:
    """What remains in plain text: no marks, no targets, no images (FACTS clickup 5.5)."""
    return "".join(run.text for run in runs)


def _runs(tokens: Sequence[Token]) -> Iterable[Run]:
    marks: frozenset[str] = frozenset()
    link = ""
    for token in tokens:
        kind, _, end = token.type.rpartition("_")
        if kind in _MARKS:
            marks = marks | {_MARKS[kind]} if end == "open" else marks - {_MARKS[kind]}
        elif kind == "link":
            link = str(token.attrs["href"]) if end == "open" else ""
        elif token.type == "image":
            yield Run("", image=str(token.attrs["src"]))
        elif token.type == "code_inline":
            yield Run(token.content, marks | {"code"}, link)
        elif token.type in ("softbreak", "hardbreak"):
            yield Run(" ", marks, link)
        elif token.content:
            yield Run(token.content, marks, link)


def _linked(run: Run) -> Iterable[Run]:
    if run.link or "code" in run.marks:
        yield run
        return
    end = 0
    for url in _URL.finditer(run.text):
        yield replace(run, text=run.text[end : url.start()])
        yield replace(run, text=url[0], link=_PARSER.normalizeLink(url[0]))
        end = url.end()
    yield replace(run, text=run.text[end:])


def _joined(runs: Iterable[Run]) -> list[Run]:
    joined: list[Run] = []
    for run in runs:
        if not run.text and not run.image:
            continue
        last = joined[-1] if joined else None
        if last and not run.image and (last.marks, last.link, last.image) == (run.marks, run.link, run.image):
            joined[-1] = replace(last, text=last.text + run.text)
        else:
            joined.append(run)
    return joined


def _spans(keys: Sequence[object]) -> Iterable[tuple[int, int]]:
    first = 0
    for last in range(1, len(keys) + 1):
        if last == len(keys) or keys[last] != keys[first]:
            yield first, last
            first = last


def _link(runs: Sequence[Run]) -> str:
    if runs[0].image:
        return "".join(f"![]({_target(run.image)})" for run in runs)
    text = _marked(runs, ("bold", "italic", "strike"))
    return f"[{text}]({_target(runs[0].link)})" if runs[0].link else text


def _marked(runs: Sequence[Run], marks: tuple[str, ...], around: tuple[str, str] = ("", "")) -> str:
    if not marks:
        return "".join(_code(run.text) if "code" in run.marks else _escaped(run.text) for run in runs)
    mark, rest = marks[0], marks[1:]
    parts = []
    for first, last in _spans([mark in run.marks for run in runs]):
        before = runs[first - 1].text[-1:] if first else around[0]
        after = runs[last].text[:1] if last < len(runs) else around[1]
        inner = _marked(runs[first:last], rest, (before, after))
        if mark in runs[first].marks:
            before, after = before * (inner[0] != " "), after * (inner[-1] != " ")
            inner = _wrapped(inner, _delimiter(mark, before, after))
        parts.append(inner)
    return "".join(parts)


def _delimiter(mark: str, before: str, after: str) -> str:
    if mark == "italic":  # an underscore within a word would mean nothing
        return "*" if before.isalnum() or after.isalnum() else "_"
    return {"bold": "**", "strike": "~~"}[mark]


def _wrapped(text: str, delimiter: str) -> str:
    """Marks stick to the words: blanks at the edges go outside."""
    inner = text.strip(" ")
    if not inner:
        return text
    start = text.index(inner)
    return f"{text[:start]}{delimiter}{inner}{delimiter}{text[start + len(inner) :]}"


def _code(text: str) -> str:
    longest = max((len(ticks) for ticks in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if text[:1] == "`" or text[-1:] == "`" or (text[:1] == text[-1:] == " " and text.strip()) else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda found: "\\" + found[0], text)


def _target(url: str) -> str:
    return url.replace("(", "%28").replace(")", "%29").replace(" ", "%20")
