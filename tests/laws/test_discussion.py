"""Laws of a discussion: comments of both sides, one base, changed on both."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from reconciler.discussion import needs_both
from reconciler.model.comment_link import CommentLink
from reconciler.model.plan import AddComment, DeleteComment, EditComment
from reconciler.model.policy import Rule
from reconciler.model.side import SIDES, Side, other
from reconciler.richtext import same
from tests.laws.talk import Talk, mirrored, talks

_talks = talks()
_sides = st.sampled_from(SIDES)


def _done(talk: Talk) -> Counter[tuple[object, ...]]:
    """What a plan does, by what it does it to."""
    plan = talk.plan()
    found: Counter[tuple[object, ...]] = Counter()
    for operation in plan.operations:
        match operation:
            case AddComment(side=side, source=source):
                found["add", side, source.key] += 1
            case EditComment(side=side, target=target, text=text):
                found["edit", side, target.key, text] += 1
            case DeleteComment(side=side, target=target):
                found["delete", side, target.key] += 1
    found.update(("adopt", left.key, right.key) for left, right in plan.adopted)
    found.update(("drop", pair.id) for pair in plan.dropped)
    found.update(("see", pair.id, side) for pair, side, _ in plan.seen)
    found.update(("conflict", conflict.pair.id, conflict.winner) for conflict in plan.conflicts)
    return found


def _turned(done: Counter[tuple[object, ...]]) -> Counter[tuple[object, ...]]:
    turned: Counter[tuple[object, ...]] = Counter()
    sides: dict[object, Side] = {"left": "right", "right": "left"}
    for what, count in done.items():
        kind, *rest = what
        parts = list(reversed(rest)) if kind == "adopt" else [sides.get(part, part) for part in rest]
        turned[kind, *parts] += count
    return turned


@given(_talks)
def test_exchanging_the_sides_mirrors_the_plan(talk: Talk) -> None:
    assert _turned(_done(talk)) == _done(mirrored(talk))


@given(_talks)
def test_once_carried_out_nothing_is_left_to_do(talk: Talk) -> None:
    after = talk.carried_out()
    again = after.plan()
    assert not again.operations
    assert not again.adopted
    held = {conflict.pair.id for conflict in talk.plan().conflicts if conflict.winner is None}
    assert {c.pair.id for c in again.conflicts} <= held | {p.id for p in after.pairs} - {p.id for p in talk.pairs}


@given(_talks)
def test_once_carried_out_twins_say_the_same_unless_held_or_one_way(talk: Talk) -> None:
    after = talk.carried_out()
    held = {c.pair.id for c in after.plan().conflicts}
    one_way = not all(after.policy.travels("comments", side) for side in SIDES)
    for pair in after.pairs:
        left, right = (after.now[side].get(pair.side(side).key) for side in SIDES)
        if left is not None and right is not None:
            assert same(left.text, right.text) or pair.id in held or one_way
        else:
            assert one_way, "of two twins one is gone and the other is not"


@given(_talks)
def test_nothing_is_written_where_comments_do_not_travel(talk: Talk) -> None:
    assert all(talk.policy.travels("comments", operation.side) for operation in talk.plan().operations)


@given(_talks)
def test_a_copy_of_ours_is_never_copied_back(talk: Talk) -> None:
    for operation in talk.plan().operations:
        if isinstance(operation, AddComment):
            assert not operation.source.ours
            assert operation.source.origin is None
            assert operation.source.key in talk.now[other(operation.side)]


@given(_talks)
def test_a_comment_takes_part_in_one_operation_at_most(talk: Talk) -> None:
    touched: Counter[tuple[Side, str]] = Counter()
    for operation in talk.plan().operations:
        match operation:
            case AddComment(side=side, source=source):
                touched[other(side), source.key] += 1
            case EditComment(side=side, source=source, target=target):
                touched.update([(side, target.key), (other(side), source.key)])
            case DeleteComment(side=side, target=target):
                touched[side, target.key] += 1
    assert max(touched.values(), default=1) == 1


@given(_talks)
def test_every_text_somebody_wrote_is_there_afterwards_or_kept_as_a_conflict(talk: Talk) -> None:
    """Deleted by a person, it may go; edited on both sides, the loser is kept whole."""
    before = talk if not talk.plan().adopted else _linked(talk)
    kept = {c.left.key: c for c in before.plan().conflicts} | {c.right.key: c for c in before.plan().conflicts}
    after = talk.carried_out()
    for side in SIDES:
        for key, comment in talk.now[side].items():
            now = after.now[side].get(key)
            if now is not None and same(now.text, comment.text):
                continue
            pair = next((p for p in before.pairs if p.side(side).key == key), None)
            assert pair is not None, "what has no twin is neither edited nor deleted"
            unedited = same(pair.side(side).text, comment.text)
            assert unedited or key in kept


def _linked(talk: Talk) -> Talk:
    """The talk with the twins found again linked, as before anything is written."""
    new = [CommentLink(100 + n, 1, left, right) for n, (left, right) in enumerate(talk.plan().adopted)]
    return replace(talk, pairs=(*talk.pairs, *new))


@given(_talks)
def test_a_comment_is_deleted_only_where_its_twin_was_and_nobody_edited_it(talk: Talk) -> None:
    for operation in talk.plan().operations:
        if isinstance(operation, DeleteComment):
            gone = operation.pair.side(other(operation.side))
            assert gone.key not in talk.now[other(operation.side)]
            assert same(operation.pair.side(operation.side).text, operation.target.text)


@given(_talks, _sides)
def test_a_side_that_was_not_read_counts_as_unchanged(talk: Talk, unread: Side) -> None:
    """Not so for comments without a link: their twins may be over there, and `needs_both` has them looked for."""
    read = other(unread)
    linked = {pair.side(read).key: talk.now[read].get(pair.side(read).key) for pair in talk.pairs}
    now = {
        read: {key: c for key, c in linked.items() if c},
        unread: {p.side(unread).key: p.side(unread) for p in talk.pairs},
    }
    known = replace(talk, now=now)
    assert known.plan((read,)) == known.plan()


@given(_talks, _sides)
def test_one_side_is_enough_where_it_shows_nothing_new(talk: Talk, side: Side) -> None:
    comments = list(talk.now[side].values())
    if not needs_both(comments, talk.pairs, side):
        assert not talk.plan((side,)).operations


@given(_talks)
def test_a_person_decides_a_conflict_whatever_the_rule_says(talk: Talk) -> None:
    held = replace(talk, policy=replace(talk.policy, conflict=Rule.HOLD, directions={}))
    plan = held.plan()
    edits = [operation for operation in plan.operations if isinstance(operation, EditComment)]
    for conflict in plan.conflicts:
        assert conflict.winner == talk.verdicts.get(conflict.pair.id)
        mine = [edit for edit in edits if edit.pair == conflict.pair]
        assert all(edit.side != conflict.winner for edit in mine)
        assert conflict.winner is not None or not mine


@given(_talks)
def test_where_comments_travel_one_way_the_text_that_may_travel_stays(talk: Talk) -> None:
    heard = [side for side in SIDES if talk.policy.travels("comments", other(side))]
    for conflict in talk.plan().conflicts:
        assert len(heard) == 2 or conflict.winner == heard[0]
