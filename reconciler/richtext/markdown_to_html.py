"""Markdown to HTML for Azure DevOps: CommonMark with tables and strike-through, read the way ClickUp means it.

Raw HTML is text, except for line breaks; every line end is one. What a person typed is never interpreted as markup of
the other side, and links that run code stay text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from html import escape
from urllib.parse import quote

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from reconciler.richtext.clickup_lines import separate_blocks
from reconciler.richtext.hostile import BRACKETS_MAX, LONG_CHARS_MAX, clean, is_safe_source

_NESTING_MAX = 100
LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_UNFIT_IN_ADDRESS = re.compile(r'[\x00-\x20\x7f"<>\\]')
_LANGUAGE = re.compile(r"[A-Za-z0-9_+#.-]{1,40}")


def to_html(markdown: str) -> str:
    """The HTML that shows the same lines as `markdown`. Never raises.

    Texts beyond LONG_CHARS_MAX characters, and such as no parser can follow, come out word for word in plain
    paragraphs: one line of the source a line.
    """
    text = clean(markdown)
    if len(text) > LONG_CHARS_MAX or text.count("[") > BRACKETS_MAX:
        return verbatim(text)
    try:
        return str(parser().render(separate_blocks(text))).strip()
    except RecursionError:
        return verbatim(text)


def inline_to_html(line: str) -> str:
    """The HTML of one line of running text, without a block around it."""
    return str(parser().renderInline(line))


def verbatim(text: str) -> str:
    """The text as plain paragraphs."""
    return "\n".join(f"<p>{escape(line, quote=False)}</p>" for line in text.split("\n") if line.strip())


class _Parser(MarkdownIt):
    """CommonMark with tables, strike-through and `<br>`; addresses stay as they were typed."""

    def __init__(self) -> None:
        options = {"html": False, "breaks": True, "xhtmlOut": False, "maxNesting": _NESTING_MAX}
        super().__init__("commonmark", options)
        self.enable(["table", "strikethrough"])
        self.inline.ruler.before("autolink", "line_break", _line_break)
        self.add_render_rule("fence", _fence)

    def normalizeLink(self, url: str) -> str:  # noqa: N802  markdown-it's name
        return _UNFIT_IN_ADDRESS.sub(lambda found: quote(found.group(), safe=""), url)

    def normalizeLinkText(self, link: str) -> str:  # noqa: N802  markdown-it's name
        return link

    def validateLink(self, url: str) -> bool:  # noqa: N802  markdown-it's name
        return is_safe_source(url)


@cache
def parser() -> MarkdownIt:
    return _Parser()


def _line_break(state: StateInline, silent: bool) -> bool:
    """`<br>` is what both trackers write for a line break inside a table cell."""
    found = LINE_BREAK.match(state.src, state.pos)
    if not found:
        return False
    if not silent:
        state.push("hardbreak", "br", 0).meta = {"typed": True}
    state.pos = found.end()
    return True


def _fence(_renderer: RendererHTML, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: EnvType) -> str:
    info = tokens[index].info.split(maxsplit=1)
    language = info[0] if info and info[0] != "plain" and _LANGUAGE.fullmatch(info[0]) else ""
    opening = f'<code class="language-{language}">' if language else "<code>"
    return f"<pre>{opening}{escape(tokens[index].content, quote=False)}</code></pre>\n"
