"""The same against the simulated services: statuses, options and fields that administrators of ClickUp rename."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.model.custom_field import FieldPair
from tests.support.duo import Duo

STATES = {"New": ("to do",), "Active": ("in progress", "in review"), "Closed": ("complete",)}


@pytest.fixture
def duo(tmp_path: Path) -> Iterator[Duo]:
    made = Duo(tmp_path, states=STATES)
    yield made
    made.close()


def an_hour_passes(duo: Duo) -> None:
    for context in duo.contexts:
        context.refresh()


def test_a_status_that_was_renamed_is_followed(duo: Duo) -> None:
    item = duo.developer.create(duo.projects[0], "Task", "Log in")
    duo.settle()
    status = next(s for s in duo.lists[0].statuses if s.name == "in progress")
    duo.planner.rename_status(status, "under way")
    an_hour_passes(duo)
    duo.developer.edit(item, {"System.State": "Active"})
    duo.settle()
    [task] = duo.clickup.world.tasks.values()
    assert task.status is status
    assert [row.reason for row in duo.store.pending(duo.contexts[0].name)] == []
    [event] = duo.store.events(1, 10, kind="schema")
    assert event.text.endswith('write "under way" instead of "in progress" there')


@pytest.mark.parametrize("restart", [False, True], ids=["running", "restarted"])
def test_a_field_and_an_option_that_were_renamed_are_followed(duo: Duo, restart: bool) -> None:
    reference = duo.azure.add_field(duo.projects[0], "Team", "string", allowed=("Core", "Web"))
    field = duo.clickup.add_field(duo.lists[0], "Team", "drop_down", options=("platform", "frontend"))
    pair = FieldPair(reference, "Team", values={"Core": "platform", "Web": "frontend"})
    duo.set_policy(custom_fields=(pair,))
    duo.restart()
    item = duo.developer.create(duo.projects[0], "Task", "Log in", {reference: "Core"})
    duo.settle()
    platform, frontend = (option["id"] for option in field.config["options"])
    duo.planner.rename_field(field, "Squad")
    duo.planner.rename_option(field, platform, "foundation")
    duo.planner.rename_option(field, frontend, "surface")
    if restart:
        duo.restart()
    an_hour_passes(duo)
    duo.settle()
    [task] = duo.clickup.world.tasks.values()
    duo.developer.edit(item, {reference: "Web"})
    duo.settle()
    assert duo.clickup.world.tasks[task.id].values[field.id] == frontend
    duo.planner.set_field(task, field, platform)
    duo.settle()
    assert duo.azure.item(item.id).fields[reference] == "Core"
    assert {
        event.text.partition(" now on the right side; ")[0] for event in duo.store.events(1, 10, kind="schema")
    } == {
        'mappings.custom_fields: "Team" is called "Squad"',
        f'values of mappings.custom_fields "{reference}": "platform" is called "foundation"',
        f'values of mappings.custom_fields "{reference}": "frontend" is called "surface"',
    }
