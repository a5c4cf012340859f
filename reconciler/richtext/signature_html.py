"""The footer and the attribution line in HTML: found by position, so that the rest stays byte for byte."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

from reconciler.model.origin import split_marker
from reconciler.richtext.hostile import clean
from reconciler.richtext.lines_html import BLOCKS
from reconciler.richtext.markup import End, Start, Text, Token, tokens
from reconciler.richtext.runs import SPACE

_NESTED = frozenset({"li", "td", "th", "pre", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6"})
_BLANK_LINE = re.compile(r"<(div|p)\b[^<>]*>(?:\s|&nbsp;|&#160;|<br\s*/?>)*</\1\s*>\s*$", re.IGNORECASE)
_BLANK_LINE_MAX = 1_000
_CANDIDATES_MAX = 50
"""So many links with markers are looked at, from the end; nobody has more, and each costs a walk through the text."""

_SHOWN_VOID = frozenset({"img", "input", "hr"})


def cut_footer(html: str) -> tuple[str, str, str] | None:
    """The text without its footer, the footer's address and its label; None if there is no such line.

    The last line that consists of nothing but a link with a marker, outside lists, cells, quotations and code."""
    found = list(tokens(html))
    links = ((first, _marked_link(found, first)) for first in reversed(range(len(found))))
    for first, link in islice(((first, link) for first, link in links if link), _CANDIDATES_MAX):
        last, href, label = link
        if _is_line_start(found, first) and _is_line_end(found, last) and not _is_nested(found[:first]):
            start, end = widened(found, first, last)
            return _joined(html[:start], html[end:]), href, label
    return None


def cut_attribution(html: str) -> tuple[str, str, str, str] | None:
    """The text without its attribution, and the words before the link, its address and its label. A quotation of one is
    none."""
    found = list(tokens(html))
    first = next((i for i, token in enumerate(found) if _shows(token)), None)
    if first is None or _is_nested(found[:first]):
        return None
    words = ""
    for position in range(first, len(found)):
        token = found[position]
        link = _marked_link(found, position)
        if link is not None:
            last, href, label = link
            start, end = widened(found, _with_tags(found, first), last)
            return html[:start] + html[end:], _squeezed(words), href, label
        if _is_border(token) or (isinstance(token, Start) and token.name == "img"):
            return None
        words += token.text if isinstance(token, Text) else ""
    return None


def _marked_link(found: Sequence[Token], first: int) -> tuple[int, str, str] | None:
    """The end, address and label of the link with a marker that begins here; a bare address counts as one."""
    token = found[first]
    if isinstance(token, Text):
        address = clean(token.text).strip()
        marked = (
            "#s=" in address
            and split_marker(address)[1]
            and not SPACE.search(address)
            and _is_outside_link(found, first)
        )
        return (first, address, "") if marked else None
    if isinstance(token, End) or token.name != "a":
        return None
    href = clean(token.attributes.get("href", "")).strip()
    if not split_marker(href)[1]:
        return None
    label = ""
    for last in range(first + 1, len(found)):
        inside = found[last]
        if isinstance(inside, End) and inside.name == "a":
            return last, href, _squeezed(label)
        if _is_border(inside) or (isinstance(inside, Start) and inside.name == "a"):
            return None
        label += inside.text if isinstance(inside, Text) else ""
    return None


def _is_outside_link(found: Sequence[Token], position: int) -> bool:
    for token in reversed(found[:position]):
        if not isinstance(token, Text) and token.name == "a":
            return isinstance(token, End)
        if _is_border(token):
            return True
    return True


def _squeezed(text: str) -> str:
    return SPACE.sub(" ", clean(text)).strip()


def _shows(token: Token) -> bool:
    if isinstance(token, Text):
        return bool(clean(token.text).strip())
    return isinstance(token, Start) and token.name in _SHOWN_VOID


def _is_border(token: Token) -> bool:
    return not isinstance(token, Text) and (token.name in BLOCKS or token.name in ("br", "hr"))


def _is_line_start(found: Sequence[Token], first: int) -> bool:
    for token in reversed(found[:first]):
        if _is_border(token):
            return True
        if _shows(token):
            return False
    return True


def _is_line_end(found: Sequence[Token], last: int) -> bool:
    for token in found[last + 1 :]:
        if _is_border(token):
            return True
        if _shows(token):
            return False
    return True


def _is_nested(before: Sequence[Token]) -> bool:
    depth = dict.fromkeys(_NESTED, 0)
    for token in before:
        if not isinstance(token, Text) and token.name in depth:
            depth[token.name] = max(0, depth[token.name] + (1 if isinstance(token, Start) else -1))
    return any(depth.values())


def _with_tags(found: Sequence[Token], first: int) -> int:
    """Back over the inline tags directly before the line's first character: they end before the link does."""
    while first and isinstance(found[first - 1], Start) and not _is_border(found[first - 1]):
        first -= 1
    return first


def widened(found: Sequence[Token], first: int, last: int) -> tuple[int, int]:
    """The stretch of `html` to remove: the tokens, the elements that hold nothing else, and one line border."""
    while True:
        left, right = _past_blank(found, first, -1), _past_blank(found, last, 1)
        before = found[left] if left >= 0 else None
        after = found[right] if right < len(found) else None
        if isinstance(after, Start) and after.name == "br":
            last = right
        elif isinstance(before, Start) and isinstance(after, End) and before.name == after.name:
            first, last = left, right
        elif isinstance(before, Start) and before.name == "br" and first > 0:
            return before.start, found[last].end
        else:
            return found[first].start, found[last].end


def _past_blank(found: Sequence[Token], position: int, step: int) -> int:
    position += step
    while 0 <= position < len(found):
        token = found[position]
        if not isinstance(token, Text) or token.text.strip():
            break
        position += step
    return position


def _joined(before: str, after: str) -> str:
    if after.strip():
        return before + after
    spacer = _BLANK_LINE.search(before, max(0, len(before) - _BLANK_LINE_MAX))
    return (before[: spacer.start()] if spacer else before).rstrip() + after.strip()
