"""Spans: which stretches of a line get which mark, where the delimiters can stand, and how they nest."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import quote

from reconciler.richtext.characters import is_word
from reconciler.richtext.escapes import literal
from reconciler.richtext.line import Mark, Run
from reconciler.richtext.private_marks import LITERAL

_DELIMITED = (Mark.STRONG, Mark.EMPHASIS, Mark.STRIKE)
_LINK = "link"
_UNFIT = re.compile(r"[\x00-\x20\x7f<>\\|`\"]")
_ENTITY_LIKE = re.compile(r"&(?=#?[a-zA-Z0-9]+;)")
_BACKTICKS = re.compile("`+")


def nested(runs: Sequence[Run], *, links_outside: bool = False, stars_only: bool = False) -> str:
    """The runs as Markdown, with special characters of the text announced for `escapes.resolve`.

    `links_outside` puts marks inside links instead of around them; `stars_only` writes emphasis with stars, which
    also works inside words.
    """
    return _Nesting(trimmed(runs), links_outside, stars_only).write()


def trimmed(runs: Sequence[Run]) -> list[Run]:
    """The runs with marks taken off the punctuation at their edges where no delimiter could stand otherwise:
    `**Note:**text` is not strong in Markdown, `**Note**:text` is."""
    result = list(runs)
    for mark in _DELIMITED:
        result = _trim_ends(_trim_starts(result, mark), mark)
    return result


def _trim_starts(runs: list[Run], mark: Mark) -> list[Run]:
    result: list[Run] = []
    before = ""
    for run in runs:
        outside = not result or mark not in result[-1].marks
        if mark in run.marks and outside and is_word(before) and not _is_leaf(run):
            size = next((i for i, char in enumerate(run.text) if is_word(char)), len(run.text))
            if size:
                result.append(replace(run, text=run.text[:size], marks=run.marks - {mark}))
                run = replace(run, text=run.text[size:])
        if run.text or run.image:
            result.append(run)
            before = run.text[-1:] if not _is_leaf(run) else "`"
    return result


def _trim_ends(runs: list[Run], mark: Mark) -> list[Run]:
    mirrored = [replace(run, text=run.text[::-1]) if not _is_leaf(run) else run for run in reversed(runs)]
    trimmed_runs = _trim_starts(mirrored, mark)
    return [replace(run, text=run.text[::-1]) if not _is_leaf(run) else run for run in reversed(trimmed_runs)]


def _is_leaf(run: Run) -> bool:
    return bool(run.image) or Mark.CODE in run.marks


class _Nesting:
    def __init__(self, runs: Sequence[Run], links_outside: bool, stars_only: bool) -> None:
        self._runs = runs
        self._links_outside = links_outside
        self._stars_only = stars_only

    def write(self) -> str:
        return self._part(0, len(self._runs), frozenset(), in_link=False)

    def _part(self, start: int, end: int, active: frozenset[str], in_link: bool) -> str:
        pieces: list[str] = []
        while start < end:
            layer, stop = self._widest(start, end, active)
            if not layer:
                pieces.append(_leaf(self._runs[start], in_link))
            else:
                inner = self._part(start, stop, active | {layer}, in_link or layer == _LINK)
                pieces.append(self._wrapped(layer, start, stop, inner))
            start = stop
        return "".join(pieces)

    def _widest(self, start: int, end: int, active: frozenset[str]) -> tuple[str, int]:
        """The layer of the run at `start` that reaches furthest, and where it ends."""
        best, best_stop = "", start + 1
        for layer in self._layers(start):
            if layer in active:
                continue
            stop = start + 1
            while stop < end and self._has(layer, start, stop):
                stop += 1
            stop = self._before_cut_link(layer, start, stop, end, active)
            if stop == start:
                continue
            if not best or stop > best_stop:
                best, best_stop = layer, stop
            if layer == _LINK and self._links_outside:
                break
        return best, best_stop

    def _before_cut_link(self, layer: str, start: int, stop: int, end: int, active: frozenset[str]) -> int:
        """A mark ends before a link that it does not cover whole: two marks look like one, two links do not."""
        if layer == _LINK or _LINK in active or stop == end or not self._runs[stop].href:
            return stop
        while stop > start and self._runs[stop - 1].href == self._runs[stop].href:
            stop -= 1
        return stop

    def _layers(self, position: int) -> list[str]:
        run = self._runs[position]
        return ([_LINK] if run.href else []) + [mark for mark in _DELIMITED if mark in run.marks and not run.image]

    def _has(self, layer: str, start: int, position: int) -> bool:
        first, run = self._runs[start], self._runs[position]
        return run.href == first.href if layer == _LINK else layer in run.marks and not run.image

    def _wrapped(self, layer: str, start: int, stop: int, inner: str) -> str:
        if layer == _LINK:
            return _outside_spaces(inner, "[", f"]({destination(self._runs[start].href)})")
        sign = self._sign(layer, start, stop)
        return _outside_spaces(inner, sign, sign)

    def _sign(self, layer: str, start: int, stop: int) -> str:
        if layer != Mark.EMPHASIS:
            return "**" if layer == Mark.STRONG else "~~"
        return "*" if self._stars_only or self._is_inside_word(start, stop) else "_"

    def _is_inside_word(self, start: int, stop: int) -> bool:
        before = self._runs[start - 1] if start else None
        after = self._runs[stop] if stop < len(self._runs) else None
        return (before is not None and not _is_leaf(before) and is_word(before.text[-1:])) or (
            after is not None and not _is_leaf(after) and is_word(after.text[:1])
        )


def _outside_spaces(inner: str, opening: str, closing: str) -> str:
    """No delimiter stands beside a space on its inner side."""
    core = inner.strip(" ")
    if not core:
        return inner
    left = len(inner) - len(inner.lstrip(" "))
    return f"{inner[:left]}{opening}{core}{closing}{inner[left + len(core) :]}"


def _leaf(run: Run, in_link: bool) -> str:
    if run.image:
        return f"![{_bracketed(run.text)}]({destination(run.image)})"
    if Mark.CODE in run.marks:
        return _code(run.text)
    return _bracketed(run.text) if in_link else literal(run.text)


def _bracketed(text: str) -> str:
    """Text between brackets, where every bracket counts."""
    return literal(text).replace(f"{LITERAL}[", "\\[").replace(f"{LITERAL}]", "\\]")


def _code(text: str) -> str:
    longest = max((len(found) for found in _BACKTICKS.findall(text)), default=0)
    fence = "`" * (longest + 1)
    padding = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{padding}{text}{padding}{fence}"


def destination(address: str) -> str:
    """An address as a link destination: what would end it or change it is percent-encoded."""
    address = _UNFIT.sub(lambda found: quote(found.group(), safe=""), address)
    if not _is_balanced(address):
        address = address.replace("(", "%28").replace(")", "%29")
    return _ENTITY_LIKE.sub("&amp;", address)


def _is_balanced(address: str) -> bool:
    depth = 0
    for char in address:
        depth += (char == "(") - (char == ")")
        if depth < 0:
            return False
    return depth == 0
