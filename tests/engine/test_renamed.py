"""Names in the tables that a side does not have any more: the values that need them wait, everything else goes on."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.cycle import make_plans
from reconciler.errors import ConfigError
from reconciler.model.policy import TypeTable
from tests.engine.conftest import MakeWorld
from tests.engine.world import World


def broken(make_world: MakeWorld, *, kinds: tuple[str, ...] = ("Task",), **tables: Any) -> tuple[World, str]:
    """A pair that was synchronised before the tables named what does not exist; the key of its left item."""
    world = make_world(types=kinds)
    key = world.left.ui_create("Log in")
    world.settle()
    world.configure(**tables)
    return world, key


def parked(world: World) -> list[str]:
    return [row.reason for row in world.store.pending("web") if row.parked]


@pytest.mark.parametrize(
    ("tables", "repaired", "edit", "field"),
    [
        ({"states": {"Closed": ("finished",)}}, {"states": {"Closed": ("complete",)}}, {"state": "Closed"}, "complete"),
        ({"priorities": {"1": "dire"}}, {"priorities": {"1": "urgent"}}, {"priority": "1"}, "urgent"),
        ({"types": {"Bug": TypeTable("Defekt")}}, {"types": {"Bug": TypeTable("Defect")}}, {"type": "Bug"}, "Defect"),
    ],
    ids=["state", "priority", "type"],
)
def test_a_value_whose_counterpart_is_gone_waits_alone_until_the_table_is_right(
    make_world: MakeWorld, tables: dict[str, Any], repaired: dict[str, Any], edit: dict[str, str], field: str
) -> None:
    world, key = broken(make_world, kinds=("Task", "Bug", "Defect"), **tables)
    [name] = edit
    before = world.partner(key).fields[name]
    world.left.ui_edit(key, **edit, title="Sign in")
    report = world.settle()
    assert report.problem is None
    assert (world.partner(key).title, world.partner(key).fields[name]) == ("Sign in", before)
    assert [note for note in report.notes if note.startswith("mappings.") and "does not exist on the right" in note]
    assert len(parked(world)) == 1
    assert "does not exist on the right side" in parked(world)[0]
    assert world.settle().notes == []
    world.configure(**repaired)
    world.settle()
    assert world.partner(key).fields[name] == field
    assert world.store.pending("web") == []


def test_other_values_of_the_same_table_travel_on(make_world: MakeWorld) -> None:
    world, key = broken(make_world, states={"Closed": ("finished",), "Active": ("blocked",)})
    world.left.ui_edit(key, state="Active")
    world.settle()
    assert world.partner(key).fields["state"] == "blocked"
    assert parked(world) == []


def test_what_a_table_said_of_a_name_that_is_gone_is_not_guessed_from_its_category(make_world: MakeWorld) -> None:
    world, key = broken(make_world, states={"Shut": ("complete",)})
    task = world.partner(key).key
    world.right.ui_edit(task, state="complete")
    world.settle()
    assert world.left.item(key).fields["state"] == "New"
    assert "does not exist on the left side" in parked(world)[0]
    world.configure(states={"Closed": ("complete",)})
    world.settle()
    assert world.left.item(key).fields["state"] == "Closed"


def test_a_type_that_was_renamed_is_not_taken_for_the_default(make_world: MakeWorld) -> None:
    world = make_world(types=("Task", "Bug", "Defect"))
    world.left.drop_types("Defect")
    world.configure(types={"Bug": TypeTable("Bug")})
    key = world.left.ui_create("Crash", type="Bug")
    world.settle()
    world.configure(types={"Bug": TypeTable("Flaw")})
    task = world.partner(key).key
    world.right.ui_edit(task, type="Defect")
    new = world.right.ui_create("Hang", type="Defect")
    world.settle()
    assert world.left.item(key).fields["type"] == "Bug"
    assert len(parked(world)) == 2
    world.configure(types={"Bug": TypeTable("Defect")})
    world.settle()
    assert world.left.item(key).fields["type"] == world.partner(new).fields["type"] == "Bug"
    assert world.right.item(task).fields["type"] == "Defect"
    assert world.store.pending("web") == []


def test_before_the_first_sync_a_name_that_does_not_exist_is_an_error(make_world: MakeWorld) -> None:
    world = make_world(states={"Closed": ("complet",)})
    world.left.ui_create("Log in")
    reads = world.left.reads + world.right.reads
    report = world.cycle()
    assert report.problem_kind == "ConfigError"
    assert 'did you mean "complete"' in str(report.problem)
    [error] = make_plans([world.context], world.store, world.clock)
    assert isinstance(error, ConfigError)
    assert world.left.reads + world.right.reads == reads
    assert world.right.live() == []
    world.configure(states={"Closed": ("complete",)})
    world.settle()
    assert len(world.right.live()) == 1
