"""Parents: both ways, over any number of cycles, and what becomes of children whose parent has no counterpart."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from reconciler.model.field import LINKS
from reconciler.model.pending import ORPHANED
from reconciler.model.policy import Direction, OnDelete, Rule
from reconciler.model.side import SIDES, Side, other
from reconciler.trackers.base import Fate
from reconciler.verify import verify
from tests.engine.world import World
from tests.support.memory import Fault, MemoryTracker

MakeWorld = Callable[..., World]


def tracker(world: World, side: Side) -> MemoryTracker:
    return world.left if side == "left" else world.right


def parent_of_copy(world: World, key: str) -> object:
    return world.partner(key).fields["parent"]


def family(world: World, side: Side, *titles: str) -> list[str]:
    """Each below the one before it."""
    keys: list[str] = []
    for title in titles:
        keys.append(tracker(world, side).ui_create(title, parent=keys[-1] if keys else None))
    return keys


def is_mirrored(world: World, *keys: str) -> bool:
    return [parent_of_copy(world, key) for key in keys] == [None, *(world.partner(key).key for key in keys[:-1])]


@pytest.mark.parametrize("side", SIDES)
def test_several_levels_are_made_in_one_cycle_and_one_request_each(world: World, side: Side) -> None:
    keys = family(world, side, "Epic", "Feature", "Story", "Task")
    report = world.cycle()
    assert is_mirrored(world, *keys)
    assert report.writes == 4
    assert world.settle().writes == 0


@pytest.mark.parametrize("side", SIDES)
def test_children_that_are_shown_before_their_parents_are_made_after_them(world: World, side: Side) -> None:
    there = tracker(world, side)
    task, story, epic = (there.ui_create(title) for title in ("Task", "Story", "Epic"))
    there.ui_edit(task, parent=story)
    there.ui_edit(story, parent=epic)
    report = world.cycle()
    assert is_mirrored(world, epic, story, task)
    assert report.writes == 3


@pytest.mark.parametrize("side", SIDES)
def test_an_item_moves_under_another_parent(world: World, side: Side) -> None:
    old, child = family(world, side, "Old", "Child")
    new = tracker(world, side).ui_create("New")
    world.settle()
    world.clock.advance(600)
    tracker(world, side).ui_edit(child, parent=new)
    assert world.settle().writes == 1
    assert parent_of_copy(world, child) == world.partner(new).key
    assert parent_of_copy(world, old) is None


@pytest.mark.parametrize("side", SIDES)
def test_a_root_becomes_a_child_and_a_copy_is_moved_back(world: World, side: Side) -> None:
    there, here = tracker(world, side), tracker(world, other(side))
    one, two = there.ui_create("One"), there.ui_create("Two")
    world.settle()
    here.ui_edit(world.partner(two).key, parent=world.partner(one).key)
    world.settle()
    assert there.item(two).fields["parent"] == one


def test_a_child_that_is_taken_out_on_the_left_stays_on_the_right_which_cannot_and_the_rest_travels(
    world: World,
) -> None:
    _, child = family(world, "left", "Parent", "Child")
    world.settle()
    world.left.ui_edit(child, parent=None, title="Renamed")
    world.cycle()
    assert world.partner(child).title == "Renamed"
    assert world.partner(child).fields["parent"] is not None
    [row] = world.store.pending("web")
    assert "a child cannot be taken out" in row.reason
    world.right.ui_edit(world.partner(child).key, parent=None)
    world.settle()
    assert world.store.pending("web") == []


def test_a_child_that_is_taken_out_on_the_right_is_taken_out_on_the_left(world: World) -> None:
    _, child = family(world, "right", "Parent", "Child")
    world.settle()
    world.right.ui_edit(child, parent=None)
    world.settle()
    assert parent_of_copy(world, child) is None


@pytest.mark.parametrize("side", SIDES)
def test_a_parent_that_is_refused_lets_its_child_be_made_and_is_followed_by_it_later(world: World, side: Side) -> None:
    parent = tracker(world, side).ui_create("Parent", description=None)
    child = tracker(world, side).ui_create("Child", parent=parent)
    here = tracker(world, other(side))
    here.refuses["title"] = "title"
    world.cycle()
    here.refuses.clear()
    tracker(world, side).ui_edit(child, title="Child again")
    world.cycle()
    assert parent_of_copy(world, child) is None
    assert world.store.link("web", side, parent) is None
    world.clock.advance(120)
    world.settle()
    assert is_mirrored(world, parent, child)


def test_a_child_whose_parent_waits_says_so_and_follows_it_at_once(world: World) -> None:
    parent = world.left.ui_create("Parent")
    world.right.faults.append(Fault(when="before", method="create"))
    world.cycle()
    child = world.left.ui_create("Child", parent=parent)
    world.cycle()
    world.cycle()
    assert [row.reason for row in world.store.pending("web") if row.key == child] == [ORPHANED]
    assert parent_of_copy(world, child) is None
    for _ in range(12):
        world.cycle()
    assert is_mirrored(world, parent, child)
    assert world.store.pending("web") == []


@pytest.mark.parametrize("side", SIDES)
def test_a_creation_whose_answer_was_lost_keeps_its_place(world: World, side: Side) -> None:
    parent = tracker(world, side).ui_create("Parent")
    world.settle()
    child = tracker(world, side).ui_create("Child", parent=parent)
    tracker(world, other(side)).faults.append(Fault(when="after", method="create"))
    world.cycle()
    world.settle()
    assert parent_of_copy(world, child) == world.partner(parent).key
    assert world.differences() == []


@pytest.mark.parametrize("side", SIDES)
def test_a_copy_that_was_moved_while_in_doubt_moves_its_original(world: World, side: Side) -> None:
    there, here = tracker(world, side), tracker(world, other(side))
    parent = there.ui_create("Parent")
    world.settle()
    child = there.ui_create("Child")
    here.faults.append(Fault(when="after", method="create"))
    world.cycle()
    [copy] = [item.key for item in here.live() if item.title == "Child"]
    world.clock.advance(1)
    here.ui_edit(copy, parent=world.partner(parent).key)
    world.cycle()
    world.settle()
    assert there.item(child).fields["parent"] == parent


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_move_whose_answer_was_lost_is_carried_once(world: World, side: Side, when: str) -> None:
    parent, child = (tracker(world, side).ui_create(title) for title in ("Parent", "Child"))
    world.settle()
    tracker(world, side).ui_edit(child, parent=parent)
    tracker(world, other(side)).faults.append(Fault(when=when, method="update"))
    world.cycle()
    world.settle()
    assert parent_of_copy(world, child) == world.partner(parent).key
    assert tracker(world, side).item(child).fields["parent"] == parent


def test_a_parent_outside_is_left_alone_and_told_once(world: World) -> None:
    child = world.left.ui_create("Child", parent="a999")
    report = world.settle()
    assert not [note for note in report.notes if "a999" in note]
    world.clock.advance(86_400)
    world.settle(sweep=True)
    world.settle(sweep=True)
    assert world.store.pending("web") == []
    told = [event for event in world.store.events(1, 100) if event.key == child and event.field == "parent"]
    assert len(told) == 1
    assert "a999" in told[0].text
    assert verify(world.context, world.store).is_clean


def test_who_moved_below_a_stranger_may_stand_elsewhere_on_the_other_side(world: World) -> None:
    parent = world.left.ui_create("Parent")
    child = world.left.ui_create("Child", parent=parent)
    world.settle()
    world.left.ui_edit(child, parent="a999")
    world.settle()
    assert parent_of_copy(world, child) == world.partner(parent).key
    assert verify(world.context, world.store).is_clean


def test_who_stood_below_what_is_out_of_sight_may_stand_elsewhere_on_the_other_side(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent, _ = family(world, "left", "Parent", "Child")
    world.settle()
    monkeypatch.setattr(world.left, "fate", lambda scope, key: Fate.UNKNOWN)
    world.left.ui_delete(parent)
    world.settle(sweep=True)
    verdict = verify(world.context, world.store)
    assert (len(verdict.missing), verdict.differences) == (1, [])


def test_a_parent_that_comes_into_sight_is_followed_with_the_next_comparison(world: World) -> None:
    child = world.left.ui_create("Child", parent="a2")
    world.settle()
    parent = world.left.ui_create("Parent")
    assert parent == "a2"
    world.settle()
    world.settle(sweep=True)
    assert is_mirrored(world, parent, child)


def test_pairs_that_exist_on_both_sides_get_the_hierarchy_that_one_of_them_has(world: World) -> None:
    parent, child = family(world, "left", "Parent", "Child")
    for title in ("Child", "Parent"):
        world.right.ui_create(title)
    assert world.settle().writes == 1
    assert is_mirrored(world, parent, child)


@pytest.mark.parametrize("winner", SIDES)
def test_both_sides_move_a_child_to_different_parents(make_world: MakeWorld, winner: Side) -> None:
    world = make_world(conflict=Rule(winner))
    one, two, child = (world.left.ui_create(title) for title in ("One", "Two", "Child"))
    world.settle()
    world.left.ui_edit(child, parent=one)
    world.right.ui_edit(world.partner(child).key, parent=world.partner(two).key)
    world.settle()
    wanted = one if winner == "left" else two
    assert world.left.item(child).fields["parent"] == wanted
    assert parent_of_copy(world, child) == world.partner(wanted).key
    [kept] = world.store.conflicts("web", limit=10)
    assert {kept.left_value, kept.right_value} == {one, world.partner(two).key}


def test_edits_that_would_close_a_circle_are_refused_and_wait(world: World) -> None:
    one, two = world.left.ui_create("One"), world.left.ui_create("Two")
    world.settle()
    world.left.ui_edit(one, parent=two)
    world.right.ui_edit(world.partner(two).key, parent=world.partner(one).key)
    for _ in range(5):
        world.cycle()
    assert (world.left.item(one).fields["parent"], world.left.item(two).fields["parent"]) == (two, None)
    assert parent_of_copy(world, one) is None
    reasons = " ".join(row.reason for row in world.store.pending("web"))
    assert "is below it" in reasons
    world.left.ui_edit(one, parent=None)
    world.clock.advance(3600)
    world.settle()
    assert world.differences() == []


@pytest.mark.parametrize("direction", [Direction.OFF, Direction.TO_RIGHT])
def test_what_may_not_travel_stays(make_world: MakeWorld, direction: Direction) -> None:
    world = make_world(directions={"parent": direction})
    parent, child = family(world, "right", "Parent", "Child")
    world.settle()
    assert parent_of_copy(world, child) is None
    world.right.ui_edit(child, title="Renamed")
    world.settle()
    assert parent_of_copy(world, child) is None
    assert world.partner(parent).title == "Parent"


def test_where_neither_parents_nor_links_are_carried_nobody_is_asked_for_them(make_world: MakeWorld) -> None:
    world = make_world(directions=dict.fromkeys(("parent", *LINKS), Direction.OFF))
    world.left.ui_create("Item")
    world.settle()
    assert world.left.asked["relinked_since"] == 0


# --- deletions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("on_delete", [OnDelete.CLOSE, OnDelete.DELETE])
def test_the_children_of_a_deleted_parent_live_on_where_only_it_was_deleted(
    make_world: MakeWorld, on_delete: OnDelete
) -> None:
    world = make_world(on_delete=on_delete)
    parent, child = family(world, "left", "Parent", "Child")
    world.settle()
    copy = world.partner(child).key
    world.left.ui_delete(parent)
    world.left.ui_edit(child, title="Still needed")
    for _ in range(6):
        world.cycle(sweep=True)
    assert not world.right.rows[copy].deleted
    assert world.right.item(copy).title == "Still needed"
    assert not world.left.rows[child].deleted
    assert world.right.item(copy).fields["parent"] is not None
    assert not [row for row in world.store.pending("web") if row.key in (child, copy)]


def test_a_parent_that_comes_back_has_its_children_again(world: World) -> None:
    parent, child = family(world, "left", "Parent", "Child")
    world.settle()
    world.left.ui_delete(parent)
    world.left.ui_edit(child, title="Meanwhile")
    world.cycle()
    world.left.ui_restore(parent)
    world.settle(sweep=True)
    assert is_mirrored(world, parent, child)
    assert world.left.item(child).fields["parent"] == parent


def test_children_that_went_into_the_trash_with_their_parent_are_deletions_like_any_other(world: World) -> None:
    keys = family(world, "right", "Parent", "Child")
    copies = [world.partner(key).key for key in keys] if world.settle() else []
    world.right.ui_delete(keys[0])
    for _ in range(6):
        world.cycle(sweep=True)
    assert [world.left.item(copy).fields["state"] for copy in copies] == ["Closed", "Closed"]
    assert not any(world.left.rows[copy].deleted for copy in copies)


def test_a_parent_that_is_made_again_has_its_children_again(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes and takes its child along, which is only out of sight for us; it is brought back when its counterpart,
    which the child's counterpart was below, is deleted already."""
    world = make_world(on_delete=OnDelete.DELETE)
    parent, child = family(world, "right", "Parent", "Child")
    world.settle()
    first, fate = world.partner(parent).key, world.right.fate
    monkeypatch.setattr(world.right, "fate", lambda scope, key: Fate.UNKNOWN if key == child else fate(scope, key))
    world.right.ui_delete(parent)
    for _ in range(3):
        world.cycle(sweep=True)
    assert world.left.rows[first].deleted
    for key in (parent, child):
        world.right.ui_restore(key)
    world.settle()
    world.settle(sweep=True)
    assert world.partner(parent).key != first
    assert is_mirrored(world, parent, child)
