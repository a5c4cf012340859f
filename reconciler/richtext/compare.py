"""Comparison of rich texts by what a reader sees; the only way to tell an edit from a tracker's own rewriting."""

from __future__ import annotations

from hashlib import blake2b

from reconciler.model.rich_text import Form, RichText
from reconciler.richtext.line import Line
from reconciler.richtext.lines_html import read_html
from reconciler.richtext.markdown_to_html import to_html
from reconciler.richtext.normal import normal_lines
from reconciler.richtext.vocabulary import NO_WORDS, Vocabulary

_DIGEST_VERSION = "lines1"


def lines(text: RichText, vocabulary: Vocabulary = NO_WORDS) -> tuple[Line, ...]:
    """The visual lines of a text in normal form: equal, and hashed alike, for texts that look the same, in either
    form and after either tracker has rewritten them. Lines that show nothing are left out.
    With a vocabulary, what is called differently on two sides looks the same, too. Never raises."""
    html = text.text if text.form is Form.HTML else to_html(text.text)
    return normal_lines(map(vocabulary.seen, read_html(html, mentions=True)))


def same(a: RichText | None, b: RichText | None, vocabulary: Vocabulary = NO_WORDS) -> bool:
    """Whether a reader sees the same in both; None shows nothing."""
    if a == b:
        return True
    return (lines(a, vocabulary) if a else ()) == (lines(b, vocabulary) if b else ())


def digest(text: RichText) -> str:
    """A short hash of the lines, stable across processes; its prefix changes whenever their form does."""
    hashed = blake2b(digest_size=12)
    for line in lines(text):
        hashed.update(repr(_facts(line)).encode())
    return f"{_DIGEST_VERSION}:{hashed.hexdigest()}"


def _facts(line: Line) -> tuple[object, ...]:
    path = [(step.container.value, step.new, step.done) for step in line.path]
    runs = [(run.text, sorted(run.marks), run.href, run.image) for run in line.runs]
    return line.kind.value, line.level, line.new, path, runs
