"""Mentions: people called in a text, found in it and called by what they are on the other side.

HTML has them as `data-vss-mention`, Markdown as `[@Name](#user_mention#key)` or `@<key>` (FACTS ado 10.10, richtext.md
4.4). Between the two a mention is a link to `#user_mention#key` in either language; who writes it makes it native.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from html import escape

from reconciler.model.person import Person
from reconciler.model.rich_text import Form, RichText
from reconciler.richtext.clickup_lines import outside_fences
from reconciler.richtext.markup import End, Start, tokens

MENTION = "#user_mention#"

_NATIVE_HTML = re.compile(r"version:2\.0,\s*([0-9a-zA-Z-]+)")
_KEY = re.compile(rf"{MENTION}([^()\s\"]+)")
_MARKDOWN = re.compile(
    rf"\[((?:\\.|[^\[\]\\])*)\]\({MENTION}([^()\s]+)\)|@\\?<([0-9a-fA-F]{{8}}-[0-9a-fA-F-]{{27}})\\?>"
)

_SIGNS = re.compile(r"[\\`*_\[\]<>~|&]")

Called = Mapping[str, Person | None]
"""By key on the side that a text comes from, who is called: the person on the other side, None for nobody there."""


def mentioned(attributes: Mapping[str, str]) -> str:
    """The key of the person whom a link in HTML calls; "" for other links."""
    if native_key := _NATIVE_HTML.match(attributes.get("data-vss-mention", "")):
        return native_key[1].lower()
    neutral = _KEY.fullmatch(attributes.get("href", "").strip())
    return neutral[1] if neutral else ""


def mentions(text: RichText) -> Iterator[str]:
    """The keys of everybody whom the text calls."""
    if text.form is Form.HTML:
        if "mention" in text.text:
            yield from filter(None, (mentioned(t.attributes) for t in tokens(text.text) if isinstance(t, Start)))
    else:
        yield from ((found[2] or found[3].lower()) for found in _MARKDOWN.finditer(text.text))


def renamed(text: RichText, called: Called, *, live: bool, by_key: frozenset[str] = frozenset()) -> RichText:
    """The text with everybody in `called` called as they are on the other side: with `live` in a way that reaches
    them, else, and where there is nobody, by name alone; `by_key` in Markdown by nothing but the key. The very same
    text where there is nothing to do."""
    is_html = text.form is Form.HTML
    changed = _html(text.text, called, live) if is_html else _markdown(text.text, called, live, by_key)
    return text if changed == text.text else RichText(text.form, changed)


def _html(html: str, called: Called, live: bool) -> str:
    pieces: list[str] = []
    at, key = 0, ""
    opened: Start | None = None
    for token in tokens(html):
        if isinstance(token, Start) and token.name == "a":
            key, opened = mentioned(token.attributes), token
        elif isinstance(token, End) and token.name == "a" and opened is not None and key in called:
            person, words = called[key], html[opened.end : token.start]
            name = escape(f"@{person.name}", quote=False) if person is not None else words
            if person is not None and person.key and live:
                name = f'<a href="{MENTION}{escape(person.key)}">{name}</a>'
            pieces += [html[at : opened.start], name]
            at, opened = token.end, None
    return "".join([*pieces, html[at:]])


def _markdown(markdown: str, called: Called, live: bool, by_key: frozenset[str]) -> str:
    def name(found: re.Match[str]) -> str:
        key = found[2] or found[3].lower()
        if key not in called:
            return found[0]
        person = called[key]
        if person is None:
            return found[1] or found[0]
        if person.key in by_key:
            return f"@<{person.key}>"
        words = _SIGNS.sub(lambda sign: f"\\{sign[0]}", f"@{person.name}")
        return f"[{words}]({MENTION}{person.key})" if live and person.key else words

    lines = markdown.split("\n")
    for number in outside_fences(lines):
        lines[number] = _MARKDOWN.sub(name, lines[number])
    return "\n".join(lines)


def native(text: RichText, html: Callable[[str], str], markdown: Callable[[str, str], str]) -> RichText:
    """The text with mentions in the words of a tracker: `html` makes the tag that opens one from the key, `markdown`
    the whole of one from its words and the key."""
    if MENTION not in text.text:
        return text
    if text.form is Form.MARKDOWN:
        changed = _MARKDOWN.sub(lambda found: markdown(found[1], found[2]) if found[2] else found[0], text.text)
        return RichText(Form.MARKDOWN, changed)
    pieces: list[str] = []
    at = 0
    for token in tokens(text.text):
        href = token.attributes.get("href", "") if isinstance(token, Start) and token.name == "a" else ""
        if neutral := _KEY.fullmatch(href):
            pieces += [text.text[at : token.start], html(neutral[1])]
            at = token.end
    return RichText(Form.HTML, "".join([*pieces, text.text[at:]]))
