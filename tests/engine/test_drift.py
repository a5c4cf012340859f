"""What administrators rename, add and remove in a tracker while the program runs, and people who join."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.decide import decide
from reconciler.errors import Rejected
from reconciler.mapping.drift import out_of_date
from reconciler.model.person import Person
from reconciler.model.policy import Rule, TypeTable
from reconciler.model.schema import Category
from reconciler.model.side import Side
from tests.engine.conftest import MakeWorld
from tests.engine.world import World
from tests.support.memory import Fault

DORA = Person("dora@example.com", "Dora", "dora")

TABLE = {"New": ("to do",), "Active": ("in progress",), "Closed": ("complete",)}


def paired(make_world: MakeWorld, **options: Any) -> tuple[World, str]:
    """A pair that was synchronised, its key on the left."""
    world = make_world(**options)
    key = world.left.ui_create("Log in", state="Active")
    world.settle()
    return world, key


def an_hour_passes(world: World) -> None:
    world.context.refresh()


def news(world: World) -> list[str]:
    return [event.text for event in world.store.events(1, 100, "web", kind="schema")]


def test_the_table_goes_on_meaning_a_state_that_was_renamed(make_world: MakeWorld) -> None:
    world, key = paired(make_world, states=TABLE)
    world.right.rename_state("in progress", "doing")
    an_hour_passes(world)
    report = world.settle()
    told = 'mappings.states: "in progress" is called "doing" now on the right side'
    assert report.notes == [f'{told}; write "doing" instead of "in progress" there']
    assert (report.writes, world.store.pending("web")) == (0, [])
    world.left.ui_edit(key, state="Closed")
    world.settle()
    world.left.ui_edit(key, state="Active")
    world.settle()
    assert world.partner(key).fields["state"] == "doing"
    new = world.right.ui_create("Log out", state="doing")
    world.settle()
    assert world.partner(new).fields["state"] == "Active"
    assert world.differences() == []
    assert len(news(world)) == 1


@pytest.mark.parametrize("restart", [False, True], ids=["running", "restarted"])
def test_a_rename_is_nobodys_edit(make_world: MakeWorld, restart: bool) -> None:
    world, key = paired(make_world, states=TABLE, conflict=Rule.RIGHT)
    task = world.partner(key).key
    world.right.rename_state("in progress", "doing")
    world.left.ui_edit(key, state="Closed")
    world.right.ui_edit(task, title="Sign in")
    if restart:
        world.restart()
    world.settle()
    assert world.right.item(task).fields["state"] == "complete"
    assert world.left.item(key).title == "Sign in"
    assert world.store.open_conflicts("web") == []


@pytest.mark.parametrize("decided", ["before", "after"])
@pytest.mark.parametrize("winner", ["left", "right"])
def test_a_decision_about_a_state_holds_under_its_new_name(make_world: MakeWorld, decided: str, winner: Side) -> None:
    world, key = paired(make_world, states=TABLE, conflict=Rule.HOLD)
    world.left.ui_edit(key, state="Closed")
    world.right.ui_edit(world.partner(key).key, state="to do")
    world.settle()
    [conflict] = world.store.open_conflicts("web")
    if decided == "before":
        decide(world.store, world.clock, conflict.id, winner)
    world.right.rename_state("to do", "open")
    world.right.ui_edit(world.partner(key).key, title="Sign in")
    an_hour_passes(world)
    world.settle()
    if decided == "after":
        assert [each.id for each in world.store.open_conflicts("web")] == [conflict.id]
        decide(world.store, world.clock, conflict.id, winner)
        world.settle()
    assert [(each.id, each.winner) for each in world.store.conflicts("web")] == [(conflict.id, winner)]
    assert world.partner(key).fields["state"] == {"left": "complete", "right": "open"}[winner]
    assert world.differences() == []


def test_a_state_renamed_twice_with_a_restart_between_is_still_the_one(make_world: MakeWorld) -> None:
    world, key = paired(make_world, states=TABLE)
    for old, new in (("in progress", "doing"), ("doing", "under way")):
        world.right.rename_state(old, new)
        world.restart()
        world.settle()
    world.left.ui_edit(key, state="Closed")
    world.settle()
    world.left.ui_edit(key, state="Active")
    world.settle()
    assert world.partner(key).fields["state"] == "under way"
    [entry] = out_of_date(world.context.correspondence)
    assert (entry.name, entry.now) == ("in progress", "under way")
    world.configure(states={**TABLE, "Active": ("under way",)})
    world.settle()
    assert out_of_date(world.context.correspondence) == ()
    assert world.differences() == []


def test_a_name_that_another_state_has_taken_is_meant_as_it_stands(make_world: MakeWorld) -> None:
    world, key = paired(make_world, states=TABLE)
    world.right.rename_state("in progress", "parked")
    world.right.rename_state("blocked", "in progress")
    an_hour_passes(world)
    world.settle()
    assert any('another one is called "in progress" now' in text for text in news(world))
    world.left.ui_edit(key, state="Closed")
    world.settle()
    world.left.ui_edit(key, state="Active")
    world.settle()
    assert world.partner(key).fields["state"] == "in progress"


def test_a_type_that_was_renamed_is_followed(make_world: MakeWorld) -> None:
    world = make_world(types=("Task", "Bug", "Defect"))
    world.configure(types={"Bug": TypeTable("Defect")})
    key = world.left.ui_create("Crash", type="Bug")
    world.settle()
    world.right.rename_type("Defect", "Flaw")
    an_hour_passes(world)
    report = world.settle()
    assert [note for note in report.notes if 'types."Bug".right: "Defect" is called "Flaw" now' in note]
    world.left.ui_edit(key, title="Crash at start")
    other = world.left.ui_create("Hang", type="Bug")
    world.settle()
    assert world.partner(key).fields["type"] == world.partner(other).fields["type"] == "Flaw"
    assert world.store.pending("web") == []


def test_a_new_state_without_counterpart_is_told_with_its_line_in_the_cycle_that_first_meets_it(
    make_world: MakeWorld,
) -> None:
    world, key = paired(make_world, states=TABLE)
    world.left.drop_states("Closed")
    an_hour_passes(world)
    world.settle()
    world.right.learn_states(("shipped", Category.DONE))
    world.right.ui_edit(world.partner(key).key, state="shipped")
    report = world.cycle()
    text = 'state "shipped" is new on the right and has no counterpart on the left: it stays behind'
    [told] = [note for note in report.notes if note.startswith("state ")]
    assert told == f'{text}; write [mappings.states] "New" = ["to do", "shipped"]'
    assert report.notes.index(told) == 0, "before the item that needs it"
    assert [row.parked for row in world.store.pending("web")] == [True]
    world.configure(states={**TABLE, "New": ("to do", "shipped")})
    world.settle()
    assert world.left.item(key).fields["state"] == "New"


def test_a_new_state_with_a_counterpart_is_told_and_carried(make_world: MakeWorld) -> None:
    world, key = paired(make_world, states=TABLE)
    world.left.learn_states(("Review", Category.ACTIVE))
    world.left.ui_edit(key, state="Review")
    report = world.settle()
    [told] = [note for note in report.notes if '"Review" is new on the left' in note]
    assert 'stands for "in progress" on the right; for another one write [mappings.states] "Review" = "…"' in told
    assert world.store.pending("web") == []
    assert world.settle().notes == []


def test_what_was_removed_is_told_once(make_world: MakeWorld) -> None:
    world, _ = paired(make_world)
    world.left.drop_states("Resolved")
    world.right.drop_states("blocked")
    world.left.lose_field("points")
    an_hour_passes(world)
    world.settle()
    gone = 'state "{}" does not exist on the {} any more'
    assert set(news(world)) == {
        f"{gone.format('Resolved', 'left')}, or was renamed: nothing there tells which",
        gone.format("blocked", "right"),
        "Task on the left has no points any more; it stays behind there",
    }
    an_hour_passes(world)
    assert world.settle().notes == []


def test_an_idle_cycle_reads_no_schema_and_commits_nothing(make_world: MakeWorld) -> None:
    world, key = paired(make_world)
    world.left.ui_edit(key, state="New")
    world.settle()
    before = world.left.asked["schema"], world.right.asked["schema"], world.store.memories("web")
    for _ in range(3):
        world.cycle()
    assert (world.left.asked["schema"], world.right.asked["schema"], world.store.memories("web")) == before


def test_an_item_in_a_state_that_nobody_knows_has_the_schema_read_once(make_world: MakeWorld) -> None:
    world, key = paired(make_world)
    world.left.rows[key].item.fields["state"] = "Ghost"  # type: ignore[index]
    asked = world.left.asked["schema"]
    for title in ("One", "Two", "Three"):
        world.left.ui_edit(key, title=title)
        world.cycle()
    assert world.left.asked["schema"] == asked + 1


def test_a_refused_choice_has_the_schema_read_before_the_next_cycle(make_world: MakeWorld) -> None:
    world, key = paired(make_world, states=TABLE)
    world.right.rename_state("complete", "shipped")
    world.right.faults.append(Fault("before", Rejected("no such status", field="state"), "update"))
    world.left.ui_edit(key, state="Closed")
    world.cycle()
    assert world.partner(key).fields["state"] == "in progress"
    world.clock.advance(60)
    world.settle()
    assert world.partner(key).fields["state"] == "shipped"


@pytest.mark.parametrize("restart", [False, True], ids=["running", "restarted"])
def test_who_joins_is_assigned_where_they_were_missing(make_world: MakeWorld, restart: bool) -> None:
    world = make_world()
    world.left.learn_people(DORA)
    key = world.left.ui_create("Log in", assignees=(DORA,))
    untouched = world.left.ui_create("Log out")
    world.settle()
    assert world.partner(key).fields["assignees"] == ()
    world.right.learn_people(DORA)
    world.settle()
    assert world.partner(key).fields["assignees"] == (), "nobody has looked yet"
    if restart:
        world.restart()
    an_hour_passes(world)
    report = world.settle()
    assert [person.address for person in world.partner(key).fields["assignees"]] == [DORA.address]  # type: ignore[union-attr]
    assert "dora@example.com has an account on the right now" in report.notes
    assert world.partner(untouched).fields["assignees"] == ()
    assert world.store.memories("web")["right"].strangers == ()
