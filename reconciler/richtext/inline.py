"""The inline part of a line as Markdown, with a proof: a line that has marks, links or pictures is rendered again,
and what does not come out as it went in is written more plainly."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from reconciler.richtext.escapes import Place, resolve
from reconciler.richtext.line import PLAIN, Line, Mark, Run
from reconciler.richtext.lines_html import read_html
from reconciler.richtext.markdown_to_html import inline_to_html
from reconciler.richtext.normal import normal_lines
from reconciler.richtext.runs import tidy
from reconciler.richtext.spans import nested

_SACRIFICES = ({Mark.EMPHASIS}, {Mark.STRIKE}, {Mark.STRONG}, {Mark.STRONG, Mark.EMPHASIS, Mark.STRIKE})
_RUNS_MAX = 500
"""A line of more runs than this is not tried in every way."""

__all__ = ["Place", "write"]


def write(runs: Sequence[Run], place: Place) -> str:
    """One line, without its end. Text is never lost; a mark is given up where Markdown cannot express it."""
    runs = tidy(runs)
    line = ""
    for look, line in _attempts(runs, place):
        if _is_plain(look) or _shows(line, look):
            break
    return line.replace("|", "\\|") if place is Place.CELL else line


def _attempts(runs: Sequence[Run], place: Place) -> Iterator[tuple[Sequence[Run], str]]:
    """Ever plainer ways to write the line, each with the look it claims to have."""
    yield runs, resolve(nested(runs), place)
    if len(runs) <= _RUNS_MAX:
        yield runs, resolve(nested(runs, links_outside=True, stars_only=True), place)
    for given_up in _SACRIFICES if len(runs) <= _RUNS_MAX else ():
        look = tidy([replace(run, marks=run.marks - given_up) for run in runs])
        yield look, resolve(nested(look, links_outside=True, stars_only=True), place)
    look = tidy([replace(run, href="", marks=run.marks & {Mark.CODE}) for run in runs])
    yield look, resolve(nested(look), place)
    look = tidy([Run(run.text) for run in runs])
    yield look, resolve(nested(look), place)


def _is_plain(runs: Sequence[Run]) -> bool:
    return all(run.marks == PLAIN and not run.href and not run.image for run in runs)


def _shows(markdown: str, runs: Sequence[Run]) -> bool:
    return normal_lines(read_html(inline_to_html(markdown))) == normal_lines([Line(tuple(runs))])
