"""Weave: an edit of one native text carried into the other, line by line, everything else byte for byte.

Each side is compared with its own base. What one side changed is looked up in the other by its lines, and the native
text there is changed at that line only. Every step is read again; what does not show what it should is tried in a
coarser way, and at last the whole text is written anew - from the merged lines, never from one side's (richtext.md 4).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, pairwise
from typing import NamedTuple

from reconciler.model.rich_text import Form, RichText
from reconciler.richtext import fragments, native_html, native_markdown
from reconciler.richtext.edits import Edits, Slot, alike, edits, merged, moved_to
from reconciler.richtext.leaf import Leaf, Leaves, read_leaves
from reconciler.richtext.vocabulary import NO_WORDS, Vocabulary

_TRIES_MAX = 40
_STEPS_MAX = 200
"""A text with more changed places than this is written anew."""


class Woven(NamedTuple):
    """Both texts with both sides' edits; the very same values where a side needs none. They show the same lines."""

    left: RichText
    right: RichText


class Step(NamedTuple):
    """The leaves from `start` to `end` become `after`."""

    start: int
    end: int
    after: tuple[Leaf, ...]


def weave(
    left_base: RichText,
    left: RichText,
    right_base: RichText,
    right: RichText,
    vocabulary: Vocabulary = NO_WORDS,
) -> Woven | None:
    """Both texts with the edits of both sides, given what each was when they agreed. None where both changed the same
    words, where lines cannot be placed, or where the two would not show the same afterwards; whoever asks then has
    to decide between whole texts. Swapping the sides swaps the result. Weaving again adds nothing. Never raises.

    With a vocabulary, what comes over points to what it is called here, and what points to the same is no edit."""
    to_right = [*(vocabulary.spoken(text, "right", right) for text in (left_base, left)), right_base, right]
    to_left = [left_base, left, *(vocabulary.spoken(text, "left", left) for text in (right_base, right))]
    one = _weave(to_right, vocabulary)
    two = one if to_left == to_right else _weave(to_left, vocabulary)
    return Woven(two.left, one.right) if one and two else None


def _weave(texts: Sequence[RichText], vocabulary: Vocabulary) -> Woven | None:
    left, right = texts[1], texts[3]
    read = [read_leaves(text, vocabulary) for text in texts]
    was_left, is_left, was_right, is_right = read
    if was_left is None or is_left is None or was_right is None or is_right is None:
        return None
    by_left, by_right = edits(was_left.leaves, is_left.leaves), edits(was_right.leaves, is_right.leaves)
    pairs = alike(was_left.leaves, was_right.leaves)
    backwards = [(right_at, left_at) for left_at, right_at in pairs]
    to_right = _with(was_right, is_right, by_right, moved_to(by_left, pairs, len(was_right.leaves)))
    to_left = _with(was_left, is_left, by_left, moved_to(by_right, backwards, len(was_left.leaves)))
    if to_left is None or to_right is None or to_left.leaves != to_right.leaves:
        return None
    return Woven(left if to_left is is_left else to_left.text, right if to_right is is_right else to_right.text)


def replay(before: RichText, after: RichText, base: RichText) -> RichText | None:
    """`base` with what happened between `before` and `after`, three texts of one side; None where that cannot be
    told."""
    read = [read_leaves(text) for text in (before, after, base)]
    was, now, onto = read
    if was is None or now is None or onto is None:
        return None
    pairs = alike(was.leaves, onto.leaves)
    moved = moved_to(edits(was.leaves, now.leaves), pairs, len(onto.leaves))
    result = _with(onto, onto, Edits(len(onto.leaves)), moved)
    return result.text if result else None


def _with(was: Leaves, now: Leaves, mine: Edits, theirs: Edits) -> Leaves | None:
    if not theirs:
        return now
    slots = merged(was.leaves, mine, theirs, was.vocabulary)
    return None if slots is None else rewrite(now, slots)


def rewrite(now: Leaves, slots: Sequence[Slot]) -> Leaves | None:
    """The text with the leaves of `slots`, changed at as few places as possible; None where no way of writing shows
    them."""
    wanted = tuple(slot.leaf for slot in slots)
    if wanted == now.leaves:
        return now
    carried = _stepwise(now, list(_steps(now.leaves, slots)))
    if carried is not None and carried.leaves == wanted:
        return carried
    anew = now.reread(fragments.whole(_at_home(now.leaves, slots), now.text.form))
    if anew is not None and anew.leaves == wanted:
        return anew
    # What is left differs in where an item or a row begins, not in what it says.
    return carried


def _steps(leaves: Sequence[Leaf], slots: Sequence[Slot]) -> Iterator[Step]:
    """What is to be done, in order: at most one leaf changed, or several neighbours deleted or inserted, at a time."""
    kept = [slot.at for slot in slots if slot.at is not None]
    for before, after in pairwise((-1, *kept, len(leaves))):
        if after - before > 1:
            yield Step(before + 1, after, ())
        new = _inserted_before(slots, after if after < len(leaves) else None)
        if new:
            yield Step(after, after, new)
        if after < len(leaves):
            leaf = next(slot.leaf for slot in slots if slot.at == after)
            if leaf.look != leaves[after].look:
                yield Step(after, after + 1, (leaf,))


def _inserted_before(slots: Sequence[Slot], at: int | None) -> tuple[Leaf, ...]:
    end = next((i for i, slot in enumerate(slots) if slot.at == at), len(slots)) if at is not None else len(slots)
    start = end
    while start and slots[start - 1].at is None:
        start -= 1
    return tuple(slot.leaf for slot in slots[start:end])


def _stepwise(now: Leaves, steps: Sequence[Step]) -> Leaves | None:
    """From the end to the beginning, so that positions before a step stay what they were."""
    if len(steps) > _STEPS_MAX:
        return None
    for step in reversed(steps):
        after = _taken(now, step)
        if after is None:
            return None
        now = after
    return now


def _taken(now: Leaves, step: Step) -> Leaves | None:
    """The first way that shows the expected leaves; else the first that differs from them only in what begins where,
    which a step nearby may put right."""
    expected = (*now.leaves[: step.start], *step.after, *now.leaves[step.end :])
    looks = [leaf.look for leaf in expected]
    second = None
    for text in islice(dict.fromkeys(_ways(now, step)), _TRIES_MAX):
        shown = now.reread(RichText(now.text.form, text))
        if shown is None:
            continue
        if shown.leaves == expected:
            return shown
        if second is None and [leaf.look for leaf in shown.leaves] == looks:
            second = shown
    return second


def _ways(now: Leaves, step: Step) -> Iterator[str]:
    body = native_html.Body(now) if now.text.form is Form.HTML else native_markdown.Body(now)
    if not step.after:
        return body.delete(step.start, step.end)
    if step.start == step.end:
        return body.insert(step.start, step.after)
    return body.change(step.start, step.after[0])


def _at_home(leaves: Sequence[Leaf], slots: Sequence[Slot]) -> list[Leaf]:
    """The leaves as one document: those of the other one join the lists and tables they stand in."""
    found: list[Leaf] = []
    for slot in slots:
        is_native = slot.at is not None and slot.leaf == leaves[slot.at]
        if is_native and slot.at is not None:
            found.append(leaves[slot.at])
        else:
            found.append(fragments.adopted(slot.leaf, found[-1] if found else None))
    return found
