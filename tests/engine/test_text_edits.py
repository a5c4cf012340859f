"""Edits of descriptions: each side keeps its own formatting; edits of different words on both sides both survive."""

from __future__ import annotations

import pytest

from reconciler.model.policy import Rule
from reconciler.model.rich_text import Form, RichText
from reconciler.richtext import same
from tests.engine.conftest import MakeWorld
from tests.engine.world import World
from tests.support.memory import Fault

BODY = '<div style="color:red">one <u>two</u></div><div>three</div>'


def html(text: str) -> RichText:
    return RichText(Form.HTML, text)


def markdown(text: str) -> RichText:
    return RichText(Form.MARKDOWN, text)


def described(world: World) -> tuple[str, str]:
    key = world.left.ui_create("Log in", description=html(BODY))
    world.settle()
    return key, world.partner(key).key


def texts(world: World, key: str, task: str) -> tuple[object, object]:
    left, right = world.left.item(key).fields["description"], world.right.item(task).fields["description"]
    assert isinstance(left, RichText)
    assert isinstance(right, RichText)
    return left.text, right.text.strip()


def test_an_edit_on_one_side_leaves_the_formatting_that_only_the_other_can_show(world: World) -> None:
    key, task = described(world)
    world.right.ui_edit(task, description=markdown("one two\n\nthree\n\nfour"))
    world.settle()
    assert texts(world, key, task)[0] == BODY + "<div>four</div>"


def test_edits_of_different_lines_on_both_sides_are_no_conflict(make_world: MakeWorld) -> None:
    world = make_world(conflict=Rule.HOLD)
    key, task = described(world)
    world.left.ui_edit(key, description=html(BODY.replace("three", "3")))
    world.right.ui_edit(task, description=markdown("one two!\n\nthree"))
    world.settle()
    assert texts(world, key, task) == (BODY.replace("two</u>", "two!</u>").replace("three", "3"), "one two!\n\n3")
    assert world.store.conflicts("web") == []


def test_the_same_words_edited_on_both_sides_are_a_conflict_that_keeps_both(world: World) -> None:
    key, task = described(world)
    world.left.ui_edit(key, description=html(BODY.replace("three", "left")))
    world.clock.advance(1)
    world.right.ui_edit(task, description=markdown("one two\n\nright"))
    world.settle()
    [conflict] = world.store.conflicts("web")
    assert conflict.left_value == html(BODY.replace("three", "left"))
    assert isinstance(conflict.right_value, RichText)
    assert same(conflict.right_value, markdown("one two\n\nright"))
    assert world.differences() == []


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("side", ["left", "right"])
def test_a_lost_answer_to_either_half_of_a_merge_loses_no_edit(world: World, side: str, when: str) -> None:
    key, task = described(world)
    world.left.ui_edit(key, description=html(BODY + "<div>from left</div>"))
    world.right.ui_edit(task, description=markdown("from right\n\none two\n\nthree"))
    getattr(world, side).faults.append(Fault(when=when, method="update"))
    world.cycle()
    world.right.ui_edit(task, title="renamed meanwhile")
    world.settle(cycles=20)
    assert texts(world, key, task) == (
        '<div style="color:red">from right</div>' + BODY + "<div>from left</div>",
        "from right\n\none two\n\nthree\n\nfrom left",
    )
    assert world.store.conflicts("web") == []


def test_an_edit_of_a_comment_leaves_the_rest_of_its_copy_alone(world: World) -> None:
    key = world.left.ui_create("Log in")
    world.settle()
    comment = world.left.ui_comment(key, "<div>see <b>this</b></div><div>and that</div>")
    world.settle()
    twin_key = next(iter(world.right.rows[world.partner(key).key].comments))
    world.right.ui_edit_comment(world.partner(key).key, twin_key, "see **this**\n\nand those")
    world.let_looks_come()
    world.settle()
    assert world.left.rows[key].comments[comment].text.text == "<div>see <b>this</b></div><div>and those</div>"
