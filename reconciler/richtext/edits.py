"""Edits: how a sequence of leaves became another one, and how the edits of two sides go together. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from reconciler.richtext.leaf import Leaf
from reconciler.richtext.vocabulary import NO_WORDS, Vocabulary
from reconciler.richtext.words import merge_words

_SIMILAR = 0.6
_PAIRED_MAX = 60
"""Longer stretches of replaced leaves are not searched for leaves that are alike."""


@dataclass(frozen=True, slots=True)
class Edits:
    """Against a base of `size` leaves: `inserted[i]` stands before leaf i (or, at `size`, at the end), `changed[i]` is
    what leaf i became, None where it was deleted."""

    size: int
    inserted: dict[int, tuple[Leaf, ...]] = field(default_factory=dict)
    changed: dict[int, Leaf | None] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.inserted or self.changed)


@dataclass(frozen=True, slots=True)
class Slot:
    """A leaf of a merged text; `at` is the position of the leaf that it is made from in the text it is written into,
    None for a new one."""

    leaf: Leaf
    at: int | None


def edits(base: Sequence[Leaf], now: Sequence[Leaf]) -> Edits:
    """What happened to `base`: leaves keep their identity as long as their text stays alike."""
    found = Edits(len(base))
    before, after = 0, 0
    for left, right in [*alike(base, now), (len(base), len(now))]:
        for gone in range(before, left):
            found.changed[gone] = None
        if after < right:
            found.inserted[left] = tuple(now[after:right])
        if left < len(base) and base[left] != now[right]:
            found.changed[left] = now[right]
        before, after = left + 1, right + 1
    return found


def alike(one: Sequence[Leaf], two: Sequence[Leaf]) -> list[tuple[int, int]]:
    """Pairs of positions of leaves that are the same line, in order: by their text, then by likeness."""
    pairs: list[tuple[int, int]] = []
    matcher = SequenceMatcher(None, [leaf.text for leaf in one], [leaf.text for leaf in two], autojunk=False)
    for tag, start, end, first, last in matcher.get_opcodes():
        if tag == "equal":
            pairs += zip(range(start, end), range(first, last), strict=True)
        elif tag == "replace":
            pairs += _similar(one, two, range(start, end), range(first, last))
    return pairs


def _similar(one: Sequence[Leaf], two: Sequence[Leaf], rows: range, columns: range) -> list[tuple[int, int]]:
    """The best pairing in order of replaced leaves. Of as many replaced by as many, each is its successor's pair."""
    if len(rows) * len(columns) > _PAIRED_MAX**2:
        return []
    likeness = {(i, j): _likeness(one[i], two[j]) for i in rows for j in columns}
    best: dict[tuple[int, int], tuple[float, tuple[tuple[int, int], ...]]] = {}

    def score(i: int, j: int) -> tuple[float, tuple[tuple[int, int], ...]]:
        return best.get((i, j), (0.0, ()))

    for i in reversed(rows):
        for j in reversed(columns):
            options = [score(i + 1, j), score(i, j + 1)]
            if likeness[i, j] > _SIMILAR:
                after = score(i + 1, j + 1)
                options.append((likeness[i, j] + after[0], ((i, j), *after[1])))
            best[i, j] = max(options, key=lambda option: option[0])
    pairs = list(score(rows.start, columns.start)[1])
    if not pairs and len(rows) == len(columns) == 1 and one[rows.start].kind is two[columns.start].kind:
        return [(rows.start, columns.start)]
    return pairs


def _likeness(one: Leaf, two: Leaf) -> float:
    matcher = SequenceMatcher(None, one.text, two.text, autojunk=False)
    if matcher.real_quick_ratio() <= _SIMILAR or matcher.quick_ratio() <= _SIMILAR:
        return 0.0
    return matcher.ratio()


def moved_to(edited: Edits, pairs: Sequence[tuple[int, int]], size: int) -> Edits:
    """The same edits against another base of `size` leaves that shows the same lines as `pairs` say."""
    to = dict(pairs)
    moved = Edits(size)
    for at, leaves in edited.inserted.items():
        before = next((to[i] + 1 for i in range(at - 1, -1, -1) if i in to), 0)
        place = to[at] if at in to and (at == 0 or at - 1 not in to) else before
        moved.inserted[place] = (*moved.inserted.get(place, ()), *leaves)
    for at, leaf in edited.changed.items():
        if at in to:
            moved.changed[to[at]] = leaf
        elif leaf is not None:
            before = next((to[i] + 1 for i in range(at - 1, -1, -1) if i in to), 0)
            moved.inserted[before] = (*moved.inserted.get(before, ()), leaf)
    return moved


def merged(base: Sequence[Leaf], mine: Edits, theirs: Edits, vocabulary: Vocabulary = NO_WORDS) -> list[Slot] | None:
    """My text with their edits too; None where both changed the same words, or put different lines in the place of the
    same ones. `at` counts my leaves. A deletion never beats an edit; lines that both put at one place stand one after
    the other, in the same order on both sides."""
    if _both_replaced(mine, theirs):
        return None
    slots: list[Slot] = []
    position = 0
    for number in range(len(base) + 1):
        ours, others = mine.inserted.get(number, ()), theirs.inserted.get(number, ())
        kept = [Slot(leaf, position + offset) for offset, leaf in enumerate(ours)]
        new = [Slot(leaf, None) for leaf in others if leaf not in ours]
        slots += [*kept, *new] if _texts(ours) <= _texts(others) else [*new, *kept]
        position += len(ours)
        if number == len(base):
            return slots
        at = None if number in mine.changed and mine.changed[number] is None else position
        position += at is not None
        try:
            slots += _one(base[number], number, mine, theirs, at, vocabulary)
        except _Conflict:
            return None
    raise AssertionError("unreachable")


def _both_replaced(mine: Edits, theirs: Edits) -> bool:
    for here, ours in mine.inserted.items():
        for there, others in theirs.inserted.items():
            if _replaced(mine, here) & _replaced(theirs, there) and not (
                set(ours) <= set(others) or set(others) <= set(ours)
            ):
                return True
    return False


def _replaced(edited: Edits, at: int) -> set[int]:
    """The leaves directly before a place that were deleted: what was inserted there stands for them."""
    start = at
    while start and edited.changed.get(start - 1, ...) is None:
        start -= 1
    return set(range(start, at))


def _texts(leaves: Sequence[Leaf]) -> list[str]:
    return [leaf.text for leaf in leaves]


class _Conflict(Exception):
    """Both sides changed the same words."""


def _one(base: Leaf, number: int, mine: Edits, theirs: Edits, at: int | None, vocabulary: Vocabulary) -> Iterator[Slot]:
    my_own = mine.changed.get(number, base)
    if number not in theirs.changed:
        if my_own is not None:
            yield Slot(my_own, at)
        return
    their_own = theirs.changed[number]
    if number not in mine.changed or my_own == their_own:
        if their_own is not None:
            yield Slot(their_own, at)
    elif my_own is None or their_own is None:
        leaf = my_own or their_own
        assert leaf is not None
        yield Slot(leaf, at)
    else:
        leaf = merge_words(base, my_own, their_own, vocabulary)
        if leaf is None:
            raise _Conflict
        yield Slot(leaf, at)
