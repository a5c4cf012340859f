"""Runs of a line put in order: white space as a browser shows it, neighbours that look alike joined."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from reconciler.richtext.line import Mark, Run

SPACE = re.compile(r"\s+")
"""White space of any kind, the no-break space included: trackers swap them freely (FACTS clickup 5.5, ado 18.8)."""


def tidy(runs: Iterable[Run]) -> tuple[Run, ...]:
    """The runs with single spaces, none at either end of the line and none at the edge of a mark or link; adjacent
    runs that look alike are one. Empty when the line shows nothing."""
    tidied = _Tidied()
    gap = False
    for run in runs:
        if run.image:
            tidied.append(run, run.text, gap)
            gap = False
            continue
        text = SPACE.sub(" ", run.text)
        core = text.strip(" ")
        gap = gap or text.startswith(" ")
        if core:
            tidied.append(run, core, gap)
            gap = text.endswith(" ")
    return tidied.runs()


class _Tidied:
    """Looks and, for each, the pieces of its text; joined only at the end, since lines may have very many pieces."""

    def __init__(self) -> None:
        self._looks: list[Run] = []
        self._texts: list[list[str]] = []

    def append(self, run: Run, text: str, gap: bool) -> None:
        if self._looks and gap:
            self._put(_space(self._looks[-1], run), " ")
        self._put(run, text)

    def runs(self) -> tuple[Run, ...]:
        return tuple(replace(look, text="".join(texts)) for look, texts in zip(self._looks, self._texts, strict=True))

    def _put(self, look: Run, text: str) -> None:
        if self._looks and _alike(self._looks[-1], look):
            self._texts[-1].append(text)
        else:
            self._looks.append(look)
            self._texts.append([text])


def _space(before: Run, after: Run) -> Run:
    """A space belongs to what both its neighbours have in common, so that no mark begins or ends with it."""
    common = before.marks & after.marks
    href = before.href if before.href == after.href else ""
    within_code = before.marks == after.marks and before.href == after.href
    return Run(" ", common if within_code else common - {Mark.CODE}, href)


def _alike(a: Run, b: Run) -> bool:
    return not a.image and not b.image and a.marks == b.marks and a.href == b.href
