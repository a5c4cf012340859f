"""HTML as a flat sequence of tags and texts, read the way browsers read it and never longer than its input.

Own tokenizer, because the standard library's is quadratic on unclosed tags and comments (richtext.md 2e) and differs
between Python versions, and because the footer must be cut out of the native text by position. A tag that is never
closed is text, so nothing a person wrote disappears.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import unescape
from types import MappingProxyType
from typing import NamedTuple

_NO_ATTRIBUTES: Mapping[str, str] = MappingProxyType({})


class Start(NamedTuple):
    """A start tag; `name` and attribute names lower case, attribute values decoded."""

    name: str
    attributes: Mapping[str, str]
    start: int
    end: int


class End(NamedTuple):
    """An end tag."""

    name: str
    start: int
    end: int


class Text(NamedTuple):
    """Decoded characters between tags."""

    text: str
    start: int
    end: int


Token = Start | End | Text

_TAG_NAME = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")
_ATTRIBUTE = re.compile(r"""[\s/]*([^\s/>][^\s/>=]*)(?:\s*=\s*("[^"]*"|'[^']*'|(?!["'])[^\s>]*|$))?""")
_TAG_END = re.compile(r"[\s/]*>")
_UNSHOWN = frozenset({"script", "style", "title", "iframe", "noembed", "noframes", "template"})
"""Elements whose content is not text of the document."""


def tokens(html: str) -> Iterator[Token]:
    """The tags and texts of `html` in order; comments, declarations and content that is never shown are left out."""
    return _Scanner(html).scan()


class _Scanner:
    """`_quoting` turns False once a quoted attribute has run into the end: from then on quotes mean nothing, so that
    no part of the input is searched twice."""

    def __init__(self, html: str) -> None:
        self._html = html
        self._last_close = html.rfind(">")
        self._quoting = True

    def scan(self) -> Iterator[Token]:
        html, size = self._html, len(self._html)
        position = text_start = 0
        while position < size:
            opening = html.find("<", position)
            if opening < 0 or opening > self._last_close:
                break
            token, after = self._markup(opening)
            if after < 0:
                position = opening + 1
                continue
            if text_start < opening:
                yield self._text(text_start, opening)
            position = text_start = after
            if token is None:
                continue
            if isinstance(token, Start) and token.name in _UNSHOWN:
                position = text_start = self._after_unshown(token.name, after)
                continue
            yield token
        if text_start < size:
            yield self._text(text_start, size)

    def _text(self, start: int, end: int) -> Text:
        raw = self._html[start:end]
        return Text(unescape(raw) if "&" in raw else raw, start, end)

    def _markup(self, opening: int) -> tuple[Token | None, int]:
        """What begins at `opening` and where it ends; -1 where the "<" is only a character."""
        html = self._html
        following = html[opening + 1 : opening + 2]
        if following in ("!", "?"):
            return None, self._after_comment(opening)
        name = _TAG_NAME.match(html, opening)
        if name is None:
            return None, self._after(">", opening) if following == "/" else -1
        attributes, end = self._attributes(name.end())
        tag = name.group(2).lower()
        return (End(tag, opening, end) if name.group(1) else Start(tag, attributes, opening, end)), end

    def _after_comment(self, opening: int) -> int:
        html = self._html
        if html.startswith("<!--", opening):
            if html.startswith((">", "->"), opening + 4):
                return html.index(">", opening) + 1
            end = self._after("-->", opening + 4)
        else:
            end = self._after(">", opening)
        return end if end >= 0 else len(html)

    def _after(self, what: str, start: int) -> int:
        found = self._html.find(what, start)
        return found + len(what) if found >= 0 else -1

    def _attributes(self, start: int) -> tuple[Mapping[str, str], int]:
        html, position = self._html, start
        if html.startswith(">", position):
            return _NO_ATTRIBUTES, position + 1
        found: dict[str, str] = {}
        while self._quoting:
            end = _TAG_END.match(html, position)
            if end:
                return found, end.end()
            attribute = _ATTRIBUTE.match(html, position)
            if attribute is None:
                self._quoting = False
                break
            position = attribute.end()
            found.setdefault(attribute.group(1).lower(), _attribute_value(attribute.group(2)))
        return found, self._after(">", start)

    def _after_unshown(self, name: str, position: int) -> int:
        closing = re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE).search(self._html, position)
        end = self._after(">", closing.end()) if closing else -1
        return end if end >= 0 else len(self._html)


def _attribute_value(raw: str | None) -> str:
    if not raw:
        return ""
    if raw[0] in "\"'":
        raw = raw[1:-1]
    return _unescape_attribute(raw) if "&" in raw else raw


_REFERENCE = re.compile(r"&(?:#[0-9]{1,7};?|#[xX][0-9a-fA-F]{1,6};?|[a-zA-Z][a-zA-Z0-9]{1,31}(?:;|(?![a-zA-Z0-9=])))")


def _unescape_attribute(raw: str) -> str:
    """HTML leaves `&copy=1` in an address alone: a name without semicolon before "=" or a letter is no reference."""
    return _REFERENCE.sub(lambda found: unescape(found.group()), raw)
