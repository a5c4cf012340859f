"""Words: a line in the pieces that people change, and the merge of two changes to different words of one line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from itertools import pairwise
from typing import NamedTuple

from reconciler.richtext.leaf import Leaf, seen_leaf
from reconciler.richtext.line import Line, Mark, Run
from reconciler.richtext.normal import normal
from reconciler.richtext.runs import tidy
from reconciler.richtext.vocabulary import Vocabulary

WORD = re.compile(r"\w+|\s+|[^\w\s]")
_PIECES_MAX = 5_000


class _Piece(NamedTuple):
    """A word, a space, a sign or a picture; compared by `key`, which is blind to what the normal form is blind to."""

    key: tuple[object, ...]
    run: Run


@dataclass(frozen=True, slots=True)
class _Change:
    """The pieces from `start` to `end` become `after`; equal where the new pieces look alike."""

    start: int
    end: int
    keys: tuple[tuple[object, ...], ...]
    after: tuple[_Piece, ...] = field(compare=False)


def merge_words(base: Leaf, one: Leaf, two: Leaf, vocabulary: Vocabulary) -> Leaf | None:
    """The leaf with both changes to `base`, where they concern different words; None where they meet. What kind of
    line it is may have changed on one side."""
    if not len(base.shown) == len(one.shown) == len(two.shown):
        return None
    merged = []
    for lines in zip(base.shown, one.shown, two.shown, strict=True):
        line = _merge_lines(*lines)
        if line is None:
            return None
        merged.append(line)
    return seen_leaf(tuple(merged), vocabulary)


def _merge_lines(base: Line, one: Line, two: Line) -> Line | None:
    frames = [replace(normal(line), runs=()) for line in (base, one, two)]
    if frames[0] not in frames[1:] and frames[1] != frames[2]:
        return None
    frame = two if frames[1] == frames[0] else one
    pieces = [_pieces(line) for line in (base, one, two)]
    if max(map(len, pieces)) > _PIECES_MAX:
        return None
    changes = _combined(_changes(pieces[0], pieces[1]), _changes(pieces[0], pieces[2]))
    if changes is None:
        return None
    runs: list[Run] = []
    position = 0
    for change in changes:
        runs += [piece.run for piece in (*pieces[0][position : change.start], *change.after)]
        position = change.end
    runs += [piece.run for piece in pieces[0][position:]]
    return replace(frame, runs=tidy(runs))


def _combined(one: Sequence[_Change], two: Sequence[_Change]) -> list[_Change] | None:
    """Both sets of changes in order, equal ones once; None where two of them concern the same place."""
    merged = sorted(dict.fromkeys((*one, *two)), key=lambda change: (change.start, change.end))
    for before, after in pairwise(merged):
        if after.start < before.end or (after.start == before.start and after.end == before.end):
            return None
    return merged


def _changes(base: Sequence[_Piece], now: Sequence[_Piece]) -> list[_Change]:
    matcher = SequenceMatcher(None, [p.key for p in base], [p.key for p in now], autojunk=False)
    return [
        _Change(start, end, tuple(piece.key for piece in now[first:last]), tuple(now[first:last]))
        for tag, start, end, first, last in matcher.get_opcodes()
        if tag != "equal"
    ]


def _pieces(line: Line) -> list[_Piece]:
    pieces = []
    for run in line.runs:
        seen = normal(Line((run,))).runs
        href = seen[0].href if seen else ""
        if run.image:
            pieces.append(_Piece(("image", seen[0].image if seen else run.image), run))
            continue
        for text in WORD.findall(run.text):
            marks = run.marks if text[0].isalnum() or Mark.CODE in run.marks else frozenset()
            pieces.append(_Piece((text if not text.isspace() else " ", marks, href), replace(run, text=text)))
    return pieces
