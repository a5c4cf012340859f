"""What the tables do not know yet: noted once, kept, and carried as soon as a table or a tracker knows it."""

from __future__ import annotations

import pytest

from reconciler.model.person import Person
from reconciler.model.schema import Category
from tests.engine.conftest import MakeWorld
from tests.engine.world import ADA, BEN, CLEO, World

DORA = Person("dora@example.com", "Dora", "dora")


@pytest.fixture
def world(make_world: MakeWorld) -> World:
    """A state of each side that has no counterpart on the other, and a person of each who has no account there."""
    world = make_world()
    world.right.drop_states("complete", "cancelled")
    world.left.learn_people(DORA)
    world.restart()
    return world


def reasons(world: World) -> list[str]:
    return [row.reason for row in world.store.pending("web") if row.parked]


def test_a_state_that_nothing_corresponds_to_waits_for_the_table_and_then_travels(world: World) -> None:
    key = world.left.ui_create("Log in")
    world.settle()
    world.left.ui_edit(key, state="Closed", title="Sign in")
    world.settle()
    assert world.partner(key).title == "Sign in"
    assert world.partner(key).fields["state"] == "to do"
    assert len(reasons(world)) == 1
    assert 'state "Closed" has no counterpart on the right side' in reasons(world)[0]
    reads = world.left.reads + world.right.reads
    world.cycle()
    assert world.left.reads + world.right.reads == reads + 3, "a feed each, and that of links: an idle cycle"
    world.configure(states={"Closed": ("blocked",)})
    world.settle()
    assert world.partner(key).fields["state"] == "blocked"
    assert world.store.pending("web") == []


def test_an_item_made_without_its_state_gets_it_when_the_table_knows_it(world: World) -> None:
    key = world.left.ui_create("Log in", state="Closed")
    world.settle()
    assert world.partner(key).fields["state"] == "to do"
    assert world.left.item(key).fields["state"] == "Closed"
    assert len(reasons(world)) == 1
    world.configure(states={"Closed": ("blocked",)})
    world.settle()
    assert world.partner(key).fields["state"] == "blocked"
    assert world.store.pending("web") == []


def test_a_state_that_the_tracker_learns_is_carried_like_one_that_the_table_learns(world: World) -> None:
    key = world.left.ui_create("Log in")
    world.settle()
    world.left.ui_edit(key, state="Closed")
    world.settle()
    world.right.learn_states(("complete", Category.DONE))
    world.context.refresh()
    world.settle()
    assert world.partner(key).fields["state"] == "complete"


def test_a_person_without_an_account_is_told_once_and_follows_when_the_table_knows_them(world: World) -> None:
    key = world.left.ui_create("Log in", assignees=(ADA,))
    world.settle()
    world.left.ui_edit(key, assignees=(DORA,))
    report = world.settle()
    assert [note for note in report.notes if "dora@example.com" in note]
    assert world.partner(key).fields["assignees"] == ()
    assert world.left.item(key).fields["assignees"] == (DORA,)
    assert reasons(world) == []
    assert not world.cycle().notes
    world.configure(people={DORA.address: BEN.address})
    world.settle()
    assert world.partner(key).fields["assignees"] == (BEN,)
    assert world.left.item(key).fields["assignees"] == (DORA,)


def test_a_person_without_an_account_is_named_once_for_all_their_items(world: World) -> None:
    keys = [world.left.ui_create(f"Item {number}", assignees=(DORA,)) for number in range(3)]
    made = world.cycle().notes
    assert [note for note in made if DORA.address in note] == made[:1]
    world.settle()
    for key in keys:
        world.left.ui_edit(key, priority="1")
    assert world.settle().notes == made[:1], "now that the pairs exist it is said of them"
    writes = len(world.left.writes + world.right.writes)
    for key in keys:
        world.left.ui_edit(key, priority="2")
    assert world.settle().notes == []
    assert len(world.left.writes + world.right.writes) == writes + len(keys)


def test_who_is_invited_is_assigned_with_the_next_comparison_of_everything(world: World) -> None:
    key = world.left.ui_create("Log in", assignees=(DORA,))
    world.settle()
    assert world.partner(key).fields["assignees"] == ()
    world.right.learn_people(DORA)
    world.cycle(sweep=True)
    assert world.partner(key).fields["assignees"] == (DORA,)


def test_an_item_made_without_its_assignee_gets_one_when_the_table_knows_them(world: World) -> None:
    key = world.right.ui_create("Pay", assignees=(CLEO,))
    world.settle()
    assert world.partner(key).fields["assignees"] == ()
    world.configure(people={DORA.address: CLEO.address})
    world.settle()
    assert world.partner(key).fields["assignees"] == (DORA,)
    assert world.right.item(key).fields["assignees"] == (CLEO,)


def test_who_was_assigned_again_meanwhile_is_not_taken_away(world: World) -> None:
    """The removal that came with a person unknown there is carried once."""
    task = world.right.ui_create("Pay", assignees=(ADA,))
    world.settle()
    key = world.partner(task).key
    world.left.ui_edit(key, assignees=(DORA,))
    world.settle()
    world.right.ui_edit(task, assignees=(ADA, CLEO))
    world.settle()
    assert world.left.item(key).fields["assignees"] == (ADA,)
    assert set(world.right.item(task).fields["assignees"]) == {ADA, CLEO}  # type: ignore[arg-type]


def test_somebody_unknown_there_stays_assigned_when_others_change_or_leave(world: World) -> None:
    task = world.right.ui_create("Pay", assignees=(ADA, BEN))
    world.settle()
    key = world.partner(task).key
    world.left.ui_edit(key, assignees=(DORA,))
    world.settle()
    assert world.right.item(task).fields["assignees"] == (BEN,)
    world.right.ui_edit(task, assignees=())
    world.settle()
    assert world.left.item(key).fields["assignees"] == (DORA,)


def test_what_is_in_quarantine_is_tried_again_with_another_configuration(world: World) -> None:
    key = world.left.ui_create("Log in")
    world.settle()
    world.right.refuses = {"tags": "tags"}
    world.left.ui_edit(key, tags=("api",))
    for _ in range(40):
        world.clock.advance(3 * 3600)
        world.cycle()
    assert len(reasons(world)) == 1
    world.right.refuses = {}
    world.restart()
    world.settle()
    assert world.partner(key).fields["tags"] == ()
    world.configure(priorities={"1": "urgent"})
    world.settle()
    assert world.partner(key).fields["tags"] == ("api",)
    assert world.store.pending("web") == []
