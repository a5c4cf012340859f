"""The name of a plan, by which a person lets it through."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from reconciler.model.decision import Decision, Write
from reconciler.model.item import Item
from reconciler.model.plan import PairPlan, Plan


def item(key: str) -> Item:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    return Item(key, "1", at, f"https://x.example.com/{key}", key, {"type": "Task", "state": "New"})


def writing(state: str) -> PairPlan:
    return PairPlan(item("l1"), item("r1"), (Decision("state", "changed", (Write("right", "New", state),)),))


def test_a_plan_that_writes_another_value_has_another_name() -> None:
    """A table of states that was changed between `plan` and `sync --allow` makes another plan of the same items."""
    assert Plan("web", pairs=(writing("done"),)).digest != Plan("web", pairs=(writing("cancelled"),)).digest


def test_a_plan_has_the_same_name_in_whatever_order_its_operations_come() -> None:
    one, two = writing("done"), replace(writing("done"), left=item("l2"), right=item("r2"))
    assert Plan("web", pairs=(one, two)).digest == Plan("web", pairs=(two, one)).digest
