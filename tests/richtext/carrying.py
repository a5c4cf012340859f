"""Edits of real documents carried from one form into the other: how much of the rest stays byte for byte?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from reconciler.model.rich_text import Form, RichText
from reconciler.richtext import convert, lines, weave
from reconciler.richtext.leaf import read_leaves
from tests.richtext.corpora import Entry
from tests.richtext.echo import clickup_saves, edit_html, edit_markdown


@dataclass
class Carried:
    """`pure`: no other leaf of the native text changed a byte. `given_up`: whole texts had to be decided between."""

    edits: int = 0
    given_up: int = 0
    pure: int = 0
    leaves: int = 0
    kept: int = 0

    @property
    def pure_share(self) -> float:
        return 100 * self.pure / max(1, self.edits - self.given_up)

    @property
    def kept_share(self) -> float:
        return 100 * self.kept / max(1, self.leaves)


@dataclass
class Merged:
    """Edits of both sides at once. `conflicts`: both touched the same words. `missing`: of the words that either side
    put in, those that a side does not show afterwards."""

    pairs: int = 0
    conflicts: int = 0
    disagreeing: int = 0
    missing: int = 0


def into_html(entries: Iterable[Entry], seed: int, edits: int) -> Carried:
    """Edits of the Markdown side carried into HTML as people's editors wrote it."""
    found, random = Carried(), Random(seed)
    for entry in entries:
        body = RichText(Form.HTML, entry.text)
        twin = convert(body, Form.MARKDOWN)
        for _ in range(edits):
            edited = RichText(Form.MARKDOWN, edit_markdown(twin.text, random))
            woven = weave(body, body, twin, edited)
            _count(found, body, woven.left if woven else None)
    return found


def into_markdown(entries: Iterable[Entry], seed: int, edits: int) -> Carried:
    """Edits of the HTML side carried into Markdown as ClickUp keeps it."""
    found, random = Carried(), Random(seed)
    for entry in entries:
        body = RichText(Form.HTML, entry.text)
        twin = RichText(Form.MARKDOWN, clickup_saves(convert(body, Form.MARKDOWN).text))
        for _ in range(edits):
            edited = RichText(Form.HTML, edit_html(body.text, random))
            woven = weave(body, edited, twin, twin)
            _count(found, twin, woven.right if woven else None)
    return found


def both_ways(entries: Iterable[Entry], seed: int, edits: int) -> Merged:
    """Both sides edited at once."""
    found, random = Merged(), Random(seed)
    for entry in entries:
        body = RichText(Form.HTML, entry.text)
        twin = RichText(Form.MARKDOWN, clickup_saves(convert(body, Form.MARKDOWN).text))
        for _ in range(edits):
            left = RichText(Form.HTML, edit_html(body.text, random))
            right = RichText(Form.MARKDOWN, edit_markdown(twin.text, random))
            woven = weave(body, left, twin, right)
            found.pairs += 1
            if woven is None:
                found.conflicts += 1
                continue
            words = [_words(text) for text in woven]
            found.disagreeing += words[0] != words[1]
            new = (_words(left) - _words(body), _words(right) - _words(twin))
            found.missing += sum(bool(each - shown) for each in new for shown in words)
    return found


def _count(found: Carried, before: RichText, after: RichText | None) -> None:
    found.edits += 1
    if after is None:
        found.given_up += 1
        return
    native = [_native_leaves(text) for text in (before, after)]
    lost = sum((native[0] - native[1]).values())
    found.pure += lost <= 1
    found.leaves += sum(native[0].values())
    found.kept += sum(native[0].values()) - max(0, lost - 1)


def _native_leaves(text: RichText) -> Counter[str]:
    read = read_leaves(text)
    assert read is not None
    return Counter(read.text.text[leaf.start : leaf.end] for leaf in read.leaves)


def _words(text: RichText) -> Counter[str]:
    return Counter(word for line in lines(text) for word in line.text.split())
