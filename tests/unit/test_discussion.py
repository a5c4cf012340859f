"""What the laws of a discussion found, as single cases."""

from __future__ import annotations

from reconciler.model.comment_link import CommentLink
from reconciler.model.plan import EditComment
from reconciler.model.policy import Direction, Policy
from reconciler.richtext import plain
from tests.laws.talk import Talk, said, talk_of


def edited_on_both_sides(direction: Direction) -> Talk:
    talk = talk_of(Policy("web", directions={"comments": direction}))
    original = said("left", "l1", "yes")
    twins = CommentLink(1, 1, original, talk.copy_of("right", original, "r1"))
    now = {"left": {"l1": said("left", "l1", "no")}, "right": {"r1": said("right", "r1", "never")}}
    return Talk(talk.policy, talk.link, (twins,), now)


def test_of_two_edits_the_one_that_may_travel_stays_at_once_and_the_other_is_kept() -> None:
    """The original's edit used to win and to stay where it was, and the copy's edit came over it a cycle later."""
    plan = edited_on_both_sides(Direction.TO_LEFT).plan()
    [operation] = plan.operations
    assert isinstance(operation, EditComment)
    assert (operation.side, plain(operation.text)) == ("left", "never")
    assert [(c.winner, c.left.text.text) for c in plan.conflicts] == [("right", "<p>no</p>")]


def test_where_comments_are_not_carried_two_edits_are_no_conflict() -> None:
    plan = edited_on_both_sides(Direction.OFF).plan()
    assert not plan.operations
    assert not plan.conflicts
    assert [(side, comment.text.text) for _, side, comment in plan.seen] == [("left", "<p>no</p>"), ("right", "never")]
