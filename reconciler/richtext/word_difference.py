"""Word difference: what became of a text, line by line and word by word, for people to read. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from reconciler.richtext.words import WORD

Piece = tuple[str, str]
"""What became of a piece of text, "-" (taken away), "+" (new) or " " (as it was), and the piece."""

COMPARED_MAX = 4_000
"""Lines or words beyond which only the beginning and the end that are equal are looked for."""


def word_difference(before: str, after: str) -> list[list[Piece]]:
    """The lines that differ, each in pieces; lines that are equal on both sides are left out."""
    old, new = before.splitlines(), after.splitlines()
    shown: list[list[Piece]] = []
    for start, end, first, last in _changed(old, new):
        gone, come = old[start:end], new[first:last]
        together = min(len(gone), len(come))
        shown += [list(_words(*lines)) for lines in zip(gone[:together], come[:together], strict=True)]
        shown += [[("-", line)] for line in gone[together:]]
        shown += [[("+", line)] for line in come[together:]]
    return shown


def _words(before: str, after: str) -> Iterator[Piece]:
    old, new = WORD.findall(before), WORD.findall(after)
    position = 0
    for start, end, first, last in _changed(old, new):
        if position < start:
            yield " ", "".join(old[position:start])
        if start < end:
            yield "-", "".join(old[start:end])
        if first < last:
            yield "+", "".join(new[first:last])
        position = end
    if position < len(old):
        yield " ", "".join(old[position:])


def _changed(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int, int, int]]:
    if len(old) + len(new) > COMPARED_MAX:
        return [_middle(old, new)]
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return [positions for tag, *positions in matcher.get_opcodes() if tag != "equal"]  # type: ignore[misc]


def _middle(old: Sequence[str], new: Sequence[str]) -> tuple[int, int, int, int]:
    shorter = min(len(old), len(new))
    same = next((i for i in range(shorter) if old[i] != new[i]), shorter)
    tail = next((i for i in range(shorter - same) if old[-1 - i] != new[-1 - i]), shorter - same)
    return same, len(old) - tail, same, len(new) - tail
