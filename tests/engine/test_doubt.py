"""While it is not known whether a write happened, it is not made again."""

from __future__ import annotations

import pytest

from reconciler.model.comment import CommentDraft
from reconciler.model.rich_text import Form, RichText
from reconciler.model.side import Side, other
from reconciler.richtext import same
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


def test_a_copy_that_never_was_is_looked_for_at_once_and_once_at_the_end(world: World) -> None:
    """M15: in between, a look would cost requests and prove nothing."""
    key = world.left.ui_create("Log in")
    world.right.faults.append(Fault(when="before", method="create"))
    for _ in range(20):
        world.cycle()
    assert world.right.asked["find_copy"] == 2
    assert world.partner(key).title == "Log in"


def commented_in_doubt(world: World, side: Side) -> tuple[dict[Side, str], str]:
    """A pair whose `side` somebody commented on; the answer to its copy got lost. The keys, and that of the comment."""
    left = world.left.ui_create("Log in")
    world.settle()
    keys: dict[Side, str] = {"left": left, "right": world.partner(left).key}
    comment = world.tracker(side).ui_comment(keys[side], "one")
    world.tracker(other(side)).faults.append(Fault(when="after", method="add_comment"))
    world.let_looks_come()
    assert world.cycle().in_doubt == 1
    return keys, comment


def look(world: World) -> None:
    for _ in range(3):
        world.let_looks_come()
        world.settle()


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_comment_deleted_while_its_copy_is_in_doubt_takes_the_copy_along(world: World, side: Side) -> None:
    keys, comment = commented_in_doubt(world, side)
    world.tracker(side).ui_delete_comment(keys[side], comment)
    look(world)
    assert world.left.rows[keys["left"]].comments == world.right.rows[keys["right"]].comments == {}
    assert not world.store.open_intents()


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_copy_in_doubt_that_somebody_edited_stays_when_its_original_is_deleted(world: World, side: Side) -> None:
    keys, comment = commented_in_doubt(world, side)
    there = world.tracker(other(side))
    [copy] = there.rows[keys[other(side)]].comments
    there.ui_edit_comment(keys[other(side)], copy, "two")
    world.tracker(side).ui_delete_comment(keys[side], comment)
    look(world)
    assert [comment.text.text for comment in there.rows[keys[other(side)]].comments.values()] == ["two"]


@pytest.mark.parametrize("side", ["left", "right"])
def test_an_edit_of_a_comment_whose_copy_is_in_doubt_is_an_edit_and_no_conflict(world: World, side: Side) -> None:
    keys, comment = commented_in_doubt(world, side)
    world.tracker(side).ui_edit_comment(keys[side], comment, "two")
    look(world)
    [copy] = world.tracker(other(side)).rows[keys[other(side)]].comments.values()
    assert same(copy.text, RichText(Form.MARKDOWN, "two"))
    assert not world.store.conflicts("web")
