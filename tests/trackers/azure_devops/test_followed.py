"""The engine and an admission condition: it decides about taking an item in, never about following it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.trackers import azure_devops
from tests.support.duo import Duo


@pytest.fixture
def duo(tmp_path: Path) -> Iterator[Duo]:
    """A mapping that takes in only what is assigned to Mara."""
    made = Duo(tmp_path)
    [context] = made.contexts
    side = azure_devops.Side(project="Web", types=("Task",), wiql="[System.AssignedTo] = 'mara.lindqvist@example.com'")
    context.scopes = {**context.scopes, "left": azure_devops.scope(side)}
    yield made
    made.close()


def test_an_item_that_leaves_the_condition_stays_followed_and_strangers_stay_out(duo: Duo) -> None:
    hers = duo.developer.create("Web", "Task", "Hers", {"System.AssignedTo": "mara.lindqvist@example.com"})
    duo.developer.create("Web", "Task", "Stranger")
    duo.settle()
    assert duo.titles()[1] == ["Hers"]
    duo.clock.advance(3600)
    duo.developer.edit(hers, {"System.AssignedTo": None, "System.Title": "Hers no more"})
    duo.settle()
    assert duo.titles()[1] == ["Hers no more"]


def test_a_stranger_that_comes_to_meet_the_condition_is_taken_in(duo: Duo) -> None:
    item = duo.developer.create("Web", "Task", "Item")
    duo.settle()
    assert duo.titles()[1] == []
    duo.developer.edit(item, {"System.AssignedTo": "mara.lindqvist@example.com"})
    duo.settle()
    assert duo.titles()[1] == ["Item"]


def test_a_full_sweep_neither_takes_in_strangers_nor_loses_followed_items(duo: Duo) -> None:
    hers = duo.developer.create("Web", "Task", "Hers", {"System.AssignedTo": "mara.lindqvist@example.com"})
    duo.developer.create("Web", "Task", "Stranger")
    duo.settle()
    duo.developer.edit(hers, {"System.AssignedTo": None})
    duo.clock.advance(3600)
    duo.cycle(sweep=True)
    assert duo.titles()[1] == ["Hers"]
