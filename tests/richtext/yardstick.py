"""The yardstick: visual lines by somebody else's HTML parser (lexbor), sharing no code with the package under test."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import unquote

from selectolax.lexbor import LexborHTMLParser, LexborNode

_BLOCK_NAMES = """address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption
    figure footer form h1 h2 h3 h4 h5 h6 header hgroup html legend li main menu nav ol optgroup option p pre section
    summary table tbody td tfoot th thead tr ul hr"""
_BLOCKS = frozenset(_BLOCK_NAMES.split())
_HIDDEN = frozenset({"head", "script", "style", "title", "iframe", "template", "noembed", "noframes", "-comment"})
_MARKS = {
    "b": "b", "strong": "b", "i": "i", "em": "i", "s": "s", "strike": "s", "del": "s",
    "code": "c", "tt": "c", "kbd": "c", "samp": "c",
}  # fmt: skip


@dataclass
class SeenLine:
    """What one line shows: its context (lists, heading, cell, code), characters with marks, links and pictures."""

    context: tuple[str, ...]
    chars: list[tuple[str, str, str]] = field(default_factory=list)
    images: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(char for char, _, _ in self.chars)).strip()

    @property
    def marks(self) -> tuple[tuple[str, str], ...]:
        """Marks of the letters and digits; strong is not counted in headings."""
        hidden = "b" if any(part.startswith("h") for part in self.context) else ""
        return tuple(
            (char, marks.replace("b", "") if hidden else marks) for char, marks, _ in self.chars if char.isalnum()
        )

    @property
    def links(self) -> tuple[str, ...]:
        """Targets without percent-encoding; "#" leads nowhere."""
        found: list[str] = []
        for _, _, href in self.chars:
            if href not in ("", "#") and (not found or found[-1] != unquote(href)):
                found.append(unquote(href))
        return tuple(found)


def seen_lines(html: str) -> list[SeenLine]:
    """The lines that show anything."""
    parser = LexborHTMLParser(html.replace("\0", ""))
    lines: list[SeenLine] = []
    root = parser.body
    if root is None:
        return []
    _walk(root, (), "", "", lines, [True])
    return [line for line in lines if line.text or line.images]


def _walk(
    node: LexborNode, context: tuple[str, ...], marks: str, href: str, lines: list[SeenLine], fresh: list[bool]
) -> None:
    for child in node.iter(include_text=True):
        tag = child.tag
        if tag in _HIDDEN:
            continue
        if tag == "-text":
            _add_text(child.text_content or "", context, marks, href, lines, fresh)
        elif tag == "br":
            fresh[0] = True
        elif tag == "img":
            _line(context, lines, fresh).images.append(unquote(child.attributes.get("src") or ""))
        elif tag == "input" and (child.attributes.get("type") or "").lower() == "checkbox":
            _add_text("[x] " if "checked" in child.attributes else "[ ] ", context, marks, href, lines, fresh)
        elif tag in _BLOCKS:
            fresh[0] = True
            _walk(child, _within(context, str(tag)), marks, href, lines, fresh)
            fresh[0] = True
        else:
            inner = "".join(sorted({*marks, _MARKS[tag]})) if tag in _MARKS else marks
            target = child.attributes.get("href") or "" if tag == "a" else href
            _walk(child, context, inner, target or "", lines, fresh)


def _within(context: tuple[str, ...], tag: str) -> tuple[str, ...]:
    if "pre" in context or ("cell" in context and tag != "pre"):
        return context
    if tag in ("ul", "ol", "menu"):
        return (*context, "ol" if tag == "ol" else "ul")
    if tag in ("td", "th"):
        return (*context, "cell")
    if tag in ("pre", "blockquote") or re.fullmatch("h[1-6]", tag):
        return (*context, tag)
    return context


def _line(context: tuple[str, ...], lines: list[SeenLine], fresh: list[bool]) -> SeenLine:
    if fresh[0] or not lines:
        lines.append(SeenLine(context))
        fresh[0] = False
    return lines[-1]


def _add_text(
    text: str, context: tuple[str, ...], marks: str, href: str, lines: list[SeenLine], fresh: list[bool]
) -> None:
    if "pre" in context:
        for position, part in enumerate(text.split("\n")):
            fresh[0] = fresh[0] or bool(position)
            _add_chars(part, context, "c" if "cell" in context else "", "", lines, fresh)
    else:
        _add_chars(text, context, marks, href, lines, fresh)


def _add_chars(
    text: str, context: tuple[str, ...], marks: str, href: str, lines: list[SeenLine], fresh: list[bool]
) -> None:
    if text and (text.strip() or not fresh[0]):
        _line(context, lines, fresh).chars.extend((char, marks, href) for char in text)
