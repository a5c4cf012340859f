"""Rewording: new words put into a native text, everything around them left byte for byte."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from reconciler.richtext.words import WORD

_WORDS_MAX = 4_000


class Seen(NamedTuple):
    """A character that a reader sees and the stretch of the native text that shows it."""

    char: str
    start: int
    end: int


def squeezed(seen: Sequence[Seen]) -> list[Seen]:
    """White space as a reader sees it: one space for any, none at either end."""
    found: list[Seen] = []
    for each in seen:
        if not each.char.isspace():
            found.append(each)
        elif found and found[-1].char != " ":
            found.append(Seen(" ", each.start, each.end))
    if found and found[-1].char == " ":
        found.pop()
    return found


def reworded(text: str, seen: Sequence[Seen], new: str, spell: Callable[[str], str]) -> Iterator[str]:
    """The text with what `seen` shows changed to `new`, word by word. What is inserted joins the word before it, or, in
    a second attempt, the one after it; `spell` writes characters so that they mean themselves."""
    old = "".join(each.char for each in seen)
    before, after = WORD.findall(old), WORD.findall(new)
    if not seen or max(len(before), len(after)) > _WORDS_MAX:
        return
    starts = [0]
    for word in before:
        starts.append(starts[-1] + len(word))
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    changes = [
        (starts[i], starts[j], "".join(after[k:m])) for tag, i, j, k, m in matcher.get_opcodes() if tag != "equal"
    ]
    for joins_before in (True, False):
        result = text
        for start, end, words in reversed(changes):
            result = _change(result, seen, start, end, spell(words), joins_before)
        yield result


def _change(text: str, seen: Sequence[Seen], start: int, end: int, words: str, joins_before: bool) -> str:
    if start == end:
        joins_before = joins_before and start > 0
        at = seen[start - 1].end if joins_before or start == len(seen) else seen[start].start
        return text[:at] + words + text[at:]
    for each in reversed(seen[start + 1 : end]):
        text = text[: each.start] + text[each.end :]
    return text[: seen[start].start] + words + text[seen[start].end :]
