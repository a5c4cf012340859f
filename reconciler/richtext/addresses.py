"""Addresses: what a text points to, found in it and exchanged, everything else byte for byte.

An address stands in a link, in a picture, or bare among the words. A short name ("AB#12") stands among the words alone.
Code is left as it is: what looks like an address there is an example of one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from html import escape, unescape

from reconciler.model.rich_text import Form, RichText
from reconciler.richtext.clickup_lines import outside_fences
from reconciler.richtext.lines_html import read_html
from reconciler.richtext.markdown_to_html import to_html
from reconciler.richtext.markup import Start, Text, tokens
from reconciler.richtext.normal import address_key
from reconciler.richtext.spans import destination

Find = Callable[[str], str | None]
"""What is to stand in the place of an address; None where it stays."""

_ADDRESS = re.compile(
    r"https?://(?:\\[!-/:-@\[-`{-~]|\([^\s()<>\"]*\)|[^\s<>\"'`\\|\[\](){}*])+",
    re.IGNORECASE,
)
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_ENDS_NO_ADDRESS = frozenset(".,;:!?_~)")
_ENDS_MAX = 8
_MAY_POINT = re.compile(r"://|\b(?:href|src)\b", re.IGNORECASE)
_CODE = frozenset({"pre", "code", "tt", "kbd", "samp"})
_ATTRIBUTES = {
    name: re.compile(rf"""(?<=\s)({attribute}\s*=\s*)("[^"]*"|'[^']*'|[^\s>]+)""", re.IGNORECASE)
    for name, attribute in (("a", "href"), ("img", "src"))
}
_TARGETS = {"a": "href", "img": "src"}
_CODE_SPAN = re.compile(r"(?<![\\`])(`+)(?!`).*?(?<!`)\1(?!`)")
_LINK = re.compile(r"(!?)\[((?:\\.|[^\[\]\\])*)\]\(([^()\s]*(?:\([^()\s]*\)[^()\s]*)*)\)")


def addresses(text: RichText) -> Iterator[str]:
    """Everything the text points to, as it is meant, whether it is written as a link or bare."""
    if text.form is Form.MARKDOWN:
        for found in _ADDRESS.finditer(text.text):
            yield from _readings(_plain_markdown(found[0]))
        return
    if not _MAY_POINT.search(text.text):  # most texts point nowhere, and this is asked of every one
        return
    for token in tokens(text.text):
        if isinstance(token, Start):
            address = token.attributes.get(_TARGETS.get(token.name, ""), "").strip()
            if address:
                yield address
        elif isinstance(token, Text):
            for found in _ADDRESS.finditer(token.text):
                yield from _readings(found[0])


def pictures(text: RichText) -> Iterator[str]:
    """The addresses of the pictures in the text."""
    if text.form is Form.MARKDOWN:
        if "![" in text.text:
            shown = (run.image for line in read_html(to_html(text.text)) for run in line.runs)
            yield from filter(None, shown)
        return
    for token in tokens(text.text):
        if isinstance(token, Start) and token.name == "img" and (source := token.attributes.get("src", "").strip()):
            yield source


def without_pictures(text: RichText, words: Callable[[str], str | None]) -> RichText:
    """The text with links in the place of the pictures for whose address there are `words` to be said instead."""
    if text.form is Form.MARKDOWN:

        def link(found: re.Match[str]) -> str:
            said = words(_plain_markdown(found[3])) if found[1] else None
            return found[0] if said is None else f"[{' '.join(filter(None, (found[2], said)))}]({found[3]})"

        return with_words(text, lambda raw: _LINK.sub(link, raw))
    pieces: list[str] = []
    at = 0
    for token in tokens(text.text):
        if isinstance(token, Start) and token.name == "img":
            address = token.attributes.get("src", "").strip()
            said = words(address)
            if said is not None:
                shown = " ".join(filter(None, (token.attributes.get("alt", ""), said)))
                pieces += [text.text[at : token.start], f'<a href="{_escaped(address)}">{_escaped(shown)}</a>']
                at = token.end
    return RichText(Form.HTML, "".join([*pieces, text.text[at:]]))


def with_pictures(text: RichText, is_picture: Callable[[str], bool]) -> RichText:
    """The text with pictures in the place of links to addresses that are some."""
    if text.form is Form.MARKDOWN:
        return with_words(
            text,
            lambda raw: _LINK.sub(
                lambda f: f"![]({f[3]})" if not f[1] and is_picture(_plain_markdown(f[3])) else f[0], raw
            ),
        )
    pieces: list[str] = []
    at, opened = 0, None
    for token in tokens(text.text):
        if isinstance(token, Text) or token.name != "a":
            continue
        if isinstance(token, Start):
            opened = token if is_picture(token.attributes.get("href", "").strip()) else None
        elif opened is not None:
            address = _escaped(opened.attributes["href"].strip())
            pieces += [text.text[at : opened.start], f'<img src="{address}">']
            at, opened = token.end, None
    return RichText(Form.HTML, "".join([*pieces, text.text[at:]]))


def exchanged(words: str, find: Find) -> str:
    """Plain words with the bare addresses in them exchanged."""
    return _exchanged(words, find, str, str) if "://" in words else words


def readdressed(text: RichText, find: Find, names: Mapping[str, str]) -> RichText:
    """The text with its addresses exchanged; `names` are short names that become links, and where to."""
    pattern = shorthand(tuple(names))
    if text.form is Form.HTML:
        return RichText(Form.HTML, _html(text.text, find, names, pattern))
    return RichText(Form.MARKDOWN, _markdown(text.text, find, names, pattern))


def with_words(text: RichText, change: Callable[[str], str]) -> RichText:
    """The text with its words changed, as they are spelled in its language; code and links' addresses stay."""
    if text.form is Form.MARKDOWN:
        lines = text.text.split("\n")
        for number in outside_fences(lines):
            lines[number] = _outside(_CODE_SPAN, lines[number], change)
        return RichText(Form.MARKDOWN, "\n".join(lines))
    pieces: list[str] = []
    at = code = 0
    for token in tokens(text.text):
        if isinstance(token, Text):
            if not code:
                pieces += [text.text[at : token.start], change(text.text[token.start : token.end])]
                at = token.end
        elif token.name in _CODE:
            code = max(0, code + (1 if isinstance(token, Start) else -1))
    return RichText(Form.HTML, "".join([*pieces, text.text[at:]]))


@lru_cache(maxsize=64)
def shorthand(names: tuple[str, ...]) -> re.Pattern[str] | None:
    """Where one of these names stands by itself, as its only group; None for none."""
    if not names:
        return None
    spelled = (re.escape(name).replace(r"\#", r"\\?\#") for name in sorted(names, key=len, reverse=True))
    return re.compile(rf"(?<![\w#&/\\-])({'|'.join(spelled)})(?![\w-])")


def _readings(address: str) -> Iterator[str]:
    """The address, and shorter ones, since signs behind it may belong to the sentence."""
    yield address
    for _ in range(_ENDS_MAX):
        if not address or address[-1] not in _ENDS_NO_ADDRESS:
            return
        address = address[:-1]
        yield address


def _exchanged(raw: str, find: Find, decode: Callable[[str], str], encode: Callable[[str], str]) -> str:
    def replacement(found: re.Match[str]) -> str:
        for reading in _readings(found[0]):
            target = find(decode(reading))
            if target is not None:
                return encode(target) + found[0][len(reading) :]
        return found[0]

    return _ADDRESS.sub(replacement, raw)


# --- HTML ------------------------------------------------------------------------------------------------------------


def _html(html: str, find: Find, names: Mapping[str, str], pattern: re.Pattern[str] | None) -> str:
    pieces: list[str] = []
    at = code = 0
    in_link = False
    for token in tokens(html):
        raw = html[token.start : token.end]
        new = raw
        if isinstance(token, Text):
            if not code:
                new = _exchanged(raw, find, unescape, _escaped)
                if pattern is not None and not in_link:
                    new = pattern.sub(lambda found: f'<a href="{_escaped(names[found[0]])}">{found[0]}</a>', new)
        elif token.name in _CODE:
            code = max(0, code + (1 if isinstance(token, Start) else -1))
        elif token.name in _TARGETS:
            in_link = isinstance(token, Start) if token.name == "a" else in_link
            if isinstance(token, Start):
                new = _retargeted(raw, token, find)
        if new != raw:
            pieces += [html[at : token.start], new]
            at = token.end
    return "".join([*pieces, html[at:]])


def _retargeted(raw: str, tag: Start, find: Find) -> str:
    target = find(tag.attributes.get(_TARGETS[tag.name], "").strip())
    if target is None:
        return raw
    return _ATTRIBUTES[tag.name].sub(lambda found: f'{found[1]}"{_escaped(target)}"', raw, count=1)


def _escaped(address: str) -> str:
    return escape(address, quote=True)


# --- Markdown --------------------------------------------------------------------------------------------------------


def _markdown(markdown: str, find: Find, names: Mapping[str, str], pattern: re.Pattern[str] | None) -> str:
    lines = markdown.split("\n")
    for number in outside_fences(lines):
        lines[number] = _outside(_CODE_SPAN, lines[number], lambda words: _words(words, find, names, pattern))
    return "\n".join(lines)


def _words(words: str, find: Find, names: Mapping[str, str], pattern: re.Pattern[str] | None) -> str:
    words = _exchanged(words, find, _plain_markdown, destination) if "://" in words else words
    if pattern is None:
        return words

    def link(found: re.Match[str]) -> str:
        return f"[{found[0]}]({destination(names[_plain_markdown(found[0])])})"

    return _outside(_LINK, words, lambda plain: pattern.sub(link, plain))


def _outside(pattern: re.Pattern[str], text: str, change: Callable[[str], str]) -> str:
    """The text changed everywhere but where the pattern matches."""
    pieces: list[str] = []
    at = 0
    for found in pattern.finditer(text):
        pieces += [change(text[at : found.start()]), found[0]]
        at = found.end()
    return "".join([*pieces, change(text[at:])])


def _plain_markdown(raw: str) -> str:
    return unescape(_ESCAPED.sub(r"\1", raw))


__all__ = [
    "Find",
    "address_key",
    "addresses",
    "exchanged",
    "pictures",
    "readdressed",
    "shorthand",
    "with_pictures",
    "with_words",
    "without_pictures",
]
