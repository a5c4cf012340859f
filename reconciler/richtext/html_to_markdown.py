"""HTML of Azure DevOps to Markdown for ClickUp: markdownify, told what a line needs."""

# ruff: noqa: ARG002  markdownify calls every hook with the element, its text and its parents' names

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from bs4 import Tag
from bs4.element import NavigableString
from markdownify import MarkdownConverter

from reconciler.richtext.hostile import LONG_CHARS_MAX, RUNS_MAX
from reconciler.richtext.inline import Place, write
from reconciler.richtext.line import Kind, Line, Mark, Run
from reconciler.richtext.lines_html import read_html
from reconciler.richtext.prepass import tree
from reconciler.richtext.private_marks import BREAK, lines_of_runs, linked, marked, picture

_INDENT = "    "
_BACKTICKS = re.compile("`{3,}")
_LANGUAGE = re.compile(r"[A-Za-z0-9_+#.-]{1,40}")
_TASK = {True: "[x] ", False: "[ ] "}


def to_markdown(html: str) -> str:
    """The Markdown that shows the same lines as `html`. Never raises; rendered and converted again, the result comes
    out unchanged.

    A document that shows more than LONG_CHARS_MAX characters, or more than RUNS_MAX pieces of different look, comes out
    without formatting, a paragraph a line; only then may a second conversion differ.
    """
    return markdown_of(read_html(html))


def markdown_of(lines: Sequence[Line]) -> str:
    """The Markdown that shows these lines."""
    if _is_too_long(lines):
        return "\n\n".join(_verbatim(lines))
    return str(_Converter().convert_soup(tree(lines)))


def _is_too_long(lines: Sequence[Line]) -> bool:
    runs = [run for line in lines for run in line.runs]
    return len(runs) > RUNS_MAX or sum(len(run.text) for run in runs) > LONG_CHARS_MAX


def _verbatim(lines: Iterable[Line]) -> Iterable[str]:
    for line in lines:
        if line.kind is not Kind.RULE and line.runs:
            yield write((Run(line.text),), Place.LINE)


class _Converter(MarkdownConverter):
    """Inline elements become private marks, block elements whole lines. Blocks say themselves how far they stand from
    the block before; none ends with a line end."""

    def process_text(self, el: NavigableString, parent_tags: Any = None) -> str:
        return str(el)

    # --- inline ----------------------------------------------------------------------------------------------------

    def convert_strong(self, el: Tag, text: str, parent_tags: Any) -> str:
        return marked(Mark.STRONG, text)

    def convert_em(self, el: Tag, text: str, parent_tags: Any) -> str:
        return marked(Mark.EMPHASIS, text)

    def convert_del(self, el: Tag, text: str, parent_tags: Any) -> str:
        return marked(Mark.STRIKE, text)

    def convert_code(self, el: Tag, text: str, parent_tags: Any) -> str:
        return marked(Mark.CODE, text)

    def convert_a(self, el: Tag, text: str, parent_tags: Any) -> str:
        return linked(str(el["href"]), text)

    def convert_img(self, el: Tag, text: str, parent_tags: Any) -> str:
        return picture(str(el["src"]), str(el["alt"]))

    def convert_br(self, el: Tag, text: str, parent_tags: Any) -> str:
        return BREAK

    def convert_input(self, el: Tag, text: str, parent_tags: Any) -> str:
        return ""

    # --- blocks ----------------------------------------------------------------------------------------------------

    def convert_p(self, el: Tag, text: str, parent_tags: Any) -> str:
        first = el.contents[0]
        task = _TASK[first.has_attr("checked")] if isinstance(first, Tag) and first.name == "input" else ""
        lines = [write(runs, Place.LINE) for runs in lines_of_runs(text)]
        return _gap(el) + task + "  \n".join(lines)

    def convert_hN(self, n: int, el: Tag, text: str, parent_tags: Any) -> str:  # noqa: N802  markdownify's name
        return f"{_gap(el)}{'#' * n} " + " ".join(write(runs, Place.HEADING) for runs in lines_of_runs(text))

    def convert_pre(self, el: Tag, text: str, parent_tags: Any) -> str:
        fence = "`" * max((len(run) + 1 for run in _BACKTICKS.findall(text)), default=3)
        language = str(el["data-language"])
        return f"{_gap(el)}{fence}{language if _LANGUAGE.fullmatch(language) else ''}\n{text}\n{fence}"

    def convert_hr(self, el: Tag, text: str, parent_tags: Any) -> str:
        return f"{_gap(el)}* * *"

    def convert_blockquote(self, el: Tag, text: str, parent_tags: Any) -> str:
        return _gap(el) + "\n".join(f"> {line}" if line else ">" for line in text.split("\n"))

    def convert_ul(self, el: Tag, text: str, parent_tags: Any) -> str:
        return _gap(el) + text

    convert_ol = convert_ul

    def convert_li(self, el: Tag, text: str, parent_tags: Any) -> str:
        marker = _marker(el)
        first = el.contents[0]
        if not (isinstance(first, Tag) and first.name == "p"):
            marker = marker.ljust(len(_INDENT))
        indent = _INDENT if len(marker) <= len(_INDENT) else " " * len(marker)
        body = "\n".join(f"{indent}{line}" if line else "" for line in text.split("\n"))
        return _gap_in_list(el) + marker + body[len(indent) :]

    def convert_td(self, el: Tag, text: str, parent_tags: Any) -> str:
        return " " + "<br>".join(write(runs, Place.CELL) for runs in lines_of_runs(text)) + " |"

    def convert_tr(self, el: Tag, text: str, parent_tags: Any) -> str:
        table = el.parent
        if table is None or el.previous_sibling is not None:
            return f"\n|{text}"
        width = max(len(row.contents) for row in table.contents if isinstance(row, Tag))
        return f"|{text}{'  |' * (width - len(el.contents))}\n|{' --- |' * width}"

    def convert_table(self, el: Tag, text: str, parent_tags: Any) -> str:
        return _gap(el) + text


def _marker(item: Tag) -> str:
    owner = item.parent
    if owner is None or owner.name == "ul":
        return "- "
    return f"{item['value']}{owner.get('data-sign', '.')} "


def _gap(el: Tag) -> str:
    """What stands between a block and the one before it: nothing, a line end or a blank line."""
    before = el.previous_sibling
    if before is None:
        return ""
    interrupts = el.name == "ul" or (el.name == "ol" and el["start"] == "1")
    tight = isinstance(before, Tag) and before.name == "p" and el.parent is not None and el.parent.name == "li"
    return "\n" if interrupts and tight else "\n\n"


def _gap_in_list(item: Tag) -> str:
    before = item.previous_sibling
    if not isinstance(before, Tag):
        return ""
    last = before.contents[-1]
    return "\n" if isinstance(last, Tag) and last.name in ("p", "ul", "ol") else "\n\n"
