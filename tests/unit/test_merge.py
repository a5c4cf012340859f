"""What the laws of the merge found, as single cases."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from reconciler.diff import diff
from reconciler.mapping.correspondence import Correspondence, Directory
from reconciler.merge import merge
from reconciler.model.item import Item
from reconciler.model.person import Person
from reconciler.model.policy import Policy, Rule
from reconciler.model.schema import Category, Schema, State, TypeSchema
from reconciler.model.side import Side

ADA, BEN, CLEO = (Person(f"{name}@example.com", name.title(), name) for name in ("ada", "ben", "cleo"))
ADA_THERE = Person("ada@agency.example", "Ada", "17")
HIDDEN = Person("", "Eve", "eve")
SCHEMA = Schema(
    {"Task": TypeSchema("Task", (State("New", Category.PROPOSED),), frozenset({"assignees"}))}, ("1",), "Task"
)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def item(side: Side, *assignees: Person) -> Item:
    return Item(side, "1", NOON, f"https://{side}.example.com/1", side, {"type": "Task", "assignees": assignees})


def single_on_both_sides(rule: Rule = Rule.NEWEST) -> Correspondence:
    directories: dict[Side, Directory] = {
        "left": Directory(False, {person.address: person for person in (ADA, BEN)}),
        "right": Directory(False, {person.address: person for person in (ADA_THERE, BEN, CLEO)}),
    }
    return Correspondence(
        Policy("web", conflict=rule, people={ADA.address: ADA_THERE.address}), SCHEMA, SCHEMA, directories
    )


def test_the_assignee_who_wins_a_conflict_is_written_as_the_other_side_knows_them() -> None:
    left, right = item("left", ADA), item("right", CLEO)
    corr = single_on_both_sides(Rule.LEFT)
    [decision] = merge(corr, left, right, diff(item("left"), left), diff(item("right"), right))
    [write] = decision.writes
    assert (write.side, write.after) == ("right", (ADA_THERE,))


def test_an_assignee_who_wins_but_has_no_account_over_there_is_named() -> None:
    left, right = item("left", BEN), item("right", CLEO)
    corr = single_on_both_sides(Rule.RIGHT)
    [decision] = merge(corr, left, right, diff(item("left"), left), diff(item("right"), right))
    assert not decision.writes
    assert "no account on the left side for cleo@example.com" in decision.note


@pytest.mark.parametrize(
    ("left", "right", "agree"),
    [
        ((ADA,), (ADA_THERE,), True),
        ((ADA,), (BEN,), False),
        ((ADA,), (HIDDEN,), False),
        ((HIDDEN,), (ADA_THERE,), False),
        ((), (CLEO,), True),
        ((HIDDEN,), (), True),
        ((), (BEN,), False),
    ],
)
def test_two_sides_with_one_assignee_each_are_compared_alike(
    left: tuple[Person, ...], right: tuple[Person, ...], agree: bool
) -> None:
    assert single_on_both_sides().agree("assignees", left, right, "Task", "Task") is agree
