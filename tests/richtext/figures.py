"""The figures by which the conversion is judged, measured with the yardstick and not with the package's own lines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape

import cmarkgfm
from cmarkgfm.cmark import Options
from markdown_it import MarkdownIt

from reconciler.richtext import to_html, to_markdown
from tests.richtext.corpora import Entry
from tests.richtext.torture import PLACES, STRINGS
from tests.richtext.yardstick import SeenLine, seen_lines

_BETWEEN_TAGS = re.compile(r">\s+<")


@dataclass
class Figures:
    """How many of `total` documents pass each measure, and which do not."""

    total: int = 0
    passed: Counter[str] = field(default_factory=Counter)
    failures: dict[str, list[str]] = field(default_factory=dict)

    def note(self, name: str, holds: bool, document: str) -> None:
        self.passed[name] += holds
        self.failures.setdefault(name, [])
        if not holds:
            self.failures[name].append(document)

    def share(self, name: str) -> float:
        return 100 * self.passed[name] / self.total


def text_of(lines: Iterable[SeenLine]) -> str:
    """The characters shown, without white space."""
    return "".join(line.text.replace(" ", "") for line in lines)


def there_and_back(entries: Iterable[Entry]) -> Figures:
    """HTML to Markdown to HTML to Markdown."""
    figures = Figures()
    for entry in entries:
        figures.total += 1
        markdown = to_markdown(entry.text)
        html = to_html(markdown)
        before, after = seen_lines(entry.text), seen_lines(html)
        figures.note("md1 == md2", to_markdown(html) == markdown, entry.id)
        figures.note("text kept", text_of(before) == text_of(after), entry.id)
        figures.note("words and spaces", _words(before) == _words(after), entry.id)
        figures.note("lines equal", _texts(before) == _texts(after), entry.id)
        figures.note("structure", [line.context for line in before] == [line.context for line in after], entry.id)
        figures.note("marks", [line.marks for line in before] == [line.marks for line in after], entry.id)
        figures.note("links", [line.links for line in before] == [line.links for line in after], entry.id)
        figures.note("images", [line.images for line in before] == [line.images for line in after], entry.id)
        figures.note("text by cmark", text_of(before) == text_of(seen_lines(by_cmark(markdown))), entry.id)
    return figures


def semantic_round_trip(entries: Iterable[Entry]) -> Figures:
    """Markdown to HTML to Markdown: the second Markdown shows what the first one did."""
    figures = Figures()
    for entry in entries:
        figures.total += 1
        html = to_html(entry.text)
        markdown = to_markdown(html)
        before, after = seen_lines(html), seen_lines(to_html(markdown))
        figures.note("semantically equal", _everything(before) == _everything(after), entry.id)
        figures.note("text kept", text_of(before) == text_of(after), entry.id)
    return figures


def torture() -> Figures:
    """Every nasty string in every place."""
    figures = Figures()
    for name, template in PLACES.items():
        for string in STRINGS:
            figures.total += 1
            html = template.format(escape(string))
            markdown = to_markdown(html)
            case = f"{string!r} in {name}: {markdown!r}"
            figures.note("text kept", _texts(seen_lines(html)) == _texts(seen_lines(to_html(markdown))), case)
            figures.note("md1 == md2", to_markdown(to_html(markdown)) == markdown, case)
    return figures


def commonmark_conformance(entries: Iterable[Entry]) -> Figures:
    """The renderer underneath, in its CommonMark mode."""
    parser = MarkdownIt("commonmark")
    figures = Figures()
    for entry in entries:
        if entry.id.startswith("cm-"):
            figures.total += 1
            figures.note(
                "exact",
                _BETWEEN_TAGS.sub("><", parser.render(entry.text)) == _BETWEEN_TAGS.sub("><", entry.html),
                entry.id,
            )
    return figures


def by_cmark(markdown: str) -> str:
    """What another renderer makes of it; its checkboxes are elements, which the yardstick reads as "[ ] "."""
    return str(cmarkgfm.github_flavored_markdown_to_html(markdown, Options.CMARK_OPT_HARDBREAKS))


def _texts(lines: Iterable[SeenLine]) -> list[str]:
    return [line.text for line in lines]


def _words(lines: Iterable[SeenLine]) -> list[str]:
    return " ".join(line.text for line in lines).split()


def _everything(lines: Iterable[SeenLine]) -> list[tuple[object, ...]]:
    return [(line.context, line.text, line.marks, line.links, line.images) for line in lines]
