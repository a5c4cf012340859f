"""The normal form of a line: equal for lines that look the same, whatever a tracker made of them when saving.

Not seen: the alternative text and the link of pictures (ClickUp keeps only the address, FACTS clickup 7.3), a link
whose text is its own address (ClickUp writes a bare address so), strong headings (FACTS clickup 7.2), marks on
punctuation (Markdown cannot set them everywhere), invisible characters, tabs against spaces in code, entities against
the characters they stand for (FACTS ado 18.7), and whether a line that begins no item still belongs to the one above
(ClickUp has one block a line).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from html import unescape
from urllib.parse import unquote

from reconciler.richtext.hostile import clean
from reconciler.richtext.line import PLAIN, Container, Kind, Line, Mark, Run, Step
from reconciler.richtext.runs import tidy

_INVISIBLE = re.compile("[\u200b\ufeff]")
_UNESCAPES_MAX = 4
_WORDS = re.compile(r"[^\W_]+|[\W_]+")
_ORIGIN = re.compile(r"^[a-zA-Z][a-zA-Z0-9+.-]*:(?://[^/?#]*)?")
_SCHEME = re.compile(r"^(?:https?://|mailto:)")


def normal_lines(lines: Iterable[Line]) -> tuple[Line, ...]:
    """The lines that show anything, each in normal form."""
    return tuple(line for line in map(normal, lines) if line.runs or line.kind in (Kind.RULE, Kind.CODE))


def normal(line: Line) -> Line:
    line = replace(line, path=_normal_path(line.path))
    if line.kind is Kind.CODE:
        text = _normal_text(line.text).expandtabs(4).rstrip()
        return replace(line, runs=(Run(text),) if text else ())
    hidden = {Mark.STRONG} if line.kind is Kind.HEADING else frozenset[Mark]()
    runs = _self_links_as_text([_normal_run(run, hidden) for run in line.runs])
    return replace(line, runs=tidy(_marks_on_words(tidy(runs))))


def _normal_path(path: tuple[Step, ...]) -> tuple[Step, ...]:
    begun = max((position for position, step in enumerate(path) if step.new), default=-1)
    return tuple(step for position, step in enumerate(path) if position <= begun or step.container is Container.QUOTE)


def _normal_text(text: str) -> str:
    text = _INVISIBLE.sub("", text)
    for _ in range(_UNESCAPES_MAX):
        if "&" not in text:
            break
        text = clean(unescape(text))
    return text


def _normal_run(run: Run, hidden: Iterable[Mark]) -> Run:
    if run.image:
        return Run("", image=address_key(run.image))
    return Run(_normal_text(run.text), run.marks.difference(hidden), address_key(run.href))


def address_key(href: str) -> str:
    """An address as compared: its spelling does not count, nor whether it ends with a slash; "" for a mention."""
    if not href:
        return ""
    if href.startswith("#user_mention#"):
        return ""
    return _ORIGIN.sub(lambda found: found.group().lower(), unquote(href)).strip().rstrip("/")


def _self_links_as_text(runs: list[Run]) -> Iterator[Run]:
    start = 0
    while start < len(runs):
        href, end = runs[start].href, start + 1
        while href and end < len(runs) and runs[end].href == href:
            end += 1
        group = runs[start:end]
        if href and not any(run.image for run in group) and _shows_itself(href, "".join(run.text for run in group)):
            group = [replace(run, href="") for run in group]
        yield from group
        start = end


def _shows_itself(href: str, text: str) -> bool:
    shown = address_key(text.strip())
    return shown in (href, _SCHEME.sub("", href)) or _SCHEME.sub("", shown) == _SCHEME.sub("", href)


def _marks_on_words(runs: tuple[Run, ...]) -> list[Run]:
    """Punctuation and spaces get the marks that the words on both sides of them share."""
    if not any(run.marks for run in runs):
        return list(runs)
    pieces = [piece for run in runs for piece in _pieces(run)]
    before = _nearest_marks(pieces)
    after = _nearest_marks(pieces[::-1])[::-1]
    return [
        piece if _is_solid(piece) else replace(piece, marks=left & right)
        for piece, left, right in zip(pieces, before, after, strict=True)
    ]


def _pieces(run: Run) -> Iterator[Run]:
    if run.image or Mark.CODE in run.marks:
        yield run
    else:
        yield from (replace(run, text=text) for text in _WORDS.findall(run.text))


def _is_solid(piece: Run) -> bool:
    return bool(piece.image) or Mark.CODE in piece.marks or piece.text[:1].isalnum()


def _nearest_marks(pieces: list[Run]) -> list[frozenset[Mark]]:
    """For each piece the marks of the nearest word before it."""
    nearest: list[frozenset[Mark]] = []
    marks = PLAIN
    for piece in pieces:
        nearest.append(marks)
        if _is_solid(piece) and not piece.image:
            marks = piece.marks - {Mark.CODE}
    return nearest
