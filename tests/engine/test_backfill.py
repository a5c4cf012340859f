"""A field that is carried only from now on reaches the pairs that exist, by the same rules as in a first sync."""

from __future__ import annotations

import pytest

from reconciler.model.policy import Direction, GuardLimits, Rule
from reconciler.model.rich_text import Form, RichText
from tests.engine.conftest import MakeWorld
from tests.engine.world import World

FOUR = ("only left", "only right", "same", "different")


def filled(make_world: MakeWorld, direction: Direction = Direction.OFF) -> tuple[World, dict[str, str]]:
    """Pairs whose descriptions were never carried, or only one way."""
    world = make_world(directions={"description": direction})
    keys = {title: world.left.ui_create(title) for title in FOUR}
    world.settle()
    for title, key in keys.items():
        if title != "only right":
            world.left.ui_edit(key, description=RichText(Form.HTML, "<p>same</p>"))
    world.clock.advance(5)
    for title, key in keys.items():
        if title != "only left":
            text = "other" if title == "different" else "same"
            world.right.ui_edit(world.partner(key).key, description=RichText(Form.MARKDOWN, text))
    world.settle()
    return world, keys


def switch_on(world: World, direction: Direction = Direction.BOTH) -> None:
    world.configure(directions={"description": direction})


def test_existing_pairs_get_what_one_side_has_and_the_rule_decides_where_both_differ(make_world: MakeWorld) -> None:
    world, keys = filled(make_world)
    assert len(world.differences()) == 3, "nothing was carried so far"
    switch_on(world)
    report = world.settle()
    assert sum(report.updates.values()) == 3
    assert world.differences() == []
    assert [conflict.field for conflict in world.store.conflicts("web")] == ["description"]
    assert "other" in str(world.left.item(keys["different"]).fields["description"])
    assert any("carried from now on" in note for note in report.notes)
    again = world.settle()
    assert (again.writes, again.notes) == (0, [])


def test_it_goes_on_after_a_restart_and_takes_a_part_in_each_cycle(make_world: MakeWorld) -> None:
    world = make_world(directions={"points": Direction.OFF}, guard=GuardLimits(max_changed_percent=100))
    keys = [world.left.ui_create(f"Item {n}") for n in range(45)]
    world.settle()
    for key in keys:
        world.left.ui_edit(key, points=3.0)
    world.settle()
    world.left.page_size = world.right.page_size = 1
    world.configure(directions={})
    report = world.cycle()
    assert report.problem is None, report.problem
    first = sum(report.updates.values())
    assert 0 < first < 45
    world.restart()
    total = first
    for _ in range(12):
        total += sum(world.cycle().updates.values())
    assert total == 45
    assert world.differences() == []


def test_a_way_that_is_opened_is_compared_too_and_one_that_is_closed_is_not(make_world: MakeWorld) -> None:
    world, _ = filled(make_world)
    switch_on(world, Direction.TO_RIGHT)
    world.settle()
    assert len(world.differences()) == 1, "what only the right has stays there"
    switch_on(world, Direction.BOTH)
    world.settle()
    assert world.differences() == []
    asked = world.left.asked["sweep"]
    switch_on(world, Direction.TO_LEFT)
    assert world.settle().writes == 0
    assert world.left.asked["sweep"] == asked


@pytest.mark.parametrize("full", [False, True])
def test_an_edit_made_while_it_is_under_way_is_not_lost(make_world: MakeWorld, full: bool) -> None:
    world, keys = filled(make_world)
    switch_on(world)
    world.left.ui_edit(keys["only right"], description=RichText(Form.HTML, "<p>just now</p>"))
    world.cycle(sweep=full)
    world.settle()
    assert world.differences() == []
    texts = {str(conflict.left_value) for conflict in world.store.conflicts("web")}
    kept = str(world.left.item(keys["only right"]).fields["description"])
    assert any("just now" in text for text in (kept, *texts))


@pytest.mark.parametrize("before", [Direction.OFF, Direction.TO_RIGHT])
@pytest.mark.parametrize(("name", "old", "new"), [("title", "old", "new"), ("priority", "2", "1")])
def test_what_both_sides_had_alike_is_agreed_so_that_an_edit_made_meanwhile_is_no_conflict(
    make_world: MakeWorld, before: Direction, name: str, old: str, new: str
) -> None:
    world = make_world(conflict=Rule.RIGHT)
    key = world.left.ui_create("Item")
    world.left.ui_edit(key, **{name: old})
    world.settle()
    world.configure(directions={name: before})
    world.settle()
    world.left.ui_edit(key, **{name: new})
    world.configure(directions={})
    world.settle()
    assert world.store.conflicts("web") == []
    assert world.left.item(key).fields[name] == new
    assert world.differences() == []
