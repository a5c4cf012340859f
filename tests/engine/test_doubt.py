"""While it is not known whether a write happened, it is not made again."""

from __future__ import annotations

from reconciler.model.comment import CommentDraft
from tests.engine.world import World
from tests.support.memory import BOT, Fault


def test_a_comment_that_comes_late_is_not_written_a_second_time_meanwhile(world: World) -> None:
    """Its answer is lost, its commit comes minutes later, and in between somebody comments on the same item."""
    key = world.left.ui_create("Log in")
    world.settle()
    task, sent = world.partner(key).key, list[CommentDraft]()
    add_comment = world.right.add_comment

    def remember(scope: object, item: object, draft: CommentDraft) -> object:
        sent.append(draft)
        return add_comment(scope, item, draft)  # type: ignore[arg-type]

    world.right.add_comment = remember  # type: ignore[assignment,method-assign]
    world.left.ui_comment(key, "yes")
    world.right.faults.append(Fault(when="before", method="add_comment"))
    world.cycle()
    world.left.ui_comment(key, "no")
    world.cycle()
    first = sent[0]
    world.right._put_comment(task, BOT, first.text, first.origin, first.author, ours=True)
    for _ in range(10):
        world.cycle()
    assert sorted(comment.text.text.strip() for comment in world.right.rows[task].comments.values()) == ["no", "yes"]
