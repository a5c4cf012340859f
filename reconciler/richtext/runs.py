"""Runs of a line put in order: white space as a browser shows it, neighbours that look alike joined."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from reconciler.richtext.line import PLAIN, Mark, Run

SPACE = re.compile(r"\s+")
"""White space of any kind, the no-break space included: trackers swap them freely (FACTS clickup 5.5, ado 18.8)."""

_EDGES = re.compile(r"^(\s*)(.*?)(\s*)$", re.DOTALL)


def tidy(runs: Iterable[Run]) -> tuple[Run, ...]:
    """The runs with single spaces, none at either end of the line and none at the edge of a mark or link; adjacent
    runs that look alike are one. Empty when the line shows nothing."""
    tidied: list[Run] = []
    gap = False
    for run in runs:
        if run.image:
            _append(tidied, run, gap)
            gap = False
            continue
        text = SPACE.sub(" ", run.text)
        core = text.strip(" ")
        gap = gap or text.startswith(" ")
        if not core:
            continue
        _append(tidied, replace(run, text=core), gap)
        gap = text.endswith(" ")
    return tuple(tidied)


def _append(tidied: list[Run], run: Run, gap: bool) -> None:
    if tidied and gap:
        _space(tidied, run)
    last = tidied[-1] if tidied else None
    if last is not None and _alike(last, run):
        tidied[-1] = replace(last, text=last.text + run.text)
    else:
        tidied.append(run)


def _space(tidied: list[Run], run: Run) -> None:
    """A space belongs to what both its neighbours have in common, so that no mark begins or ends with it."""
    last = tidied[-1]
    code = last.marks & run.marks & {Mark.CODE} if last.marks == run.marks and last.href == run.href else PLAIN
    marks = (last.marks & run.marks) - {Mark.CODE} | code
    href = last.href if last.href == run.href else ""
    space = Run(" ", marks, href)
    if _alike(last, space):
        tidied[-1] = replace(last, text=last.text + " ")
    else:
        tidied.append(space)


def _alike(a: Run, b: Run) -> bool:
    return not a.image and not b.image and a.marks == b.marks and a.href == b.href
