"""Points and estimates between the real clients: units, what a type lacks, and what a server does not keep."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.model.policy import Direction
from tests.support.duo import Duo

POINTS = "Microsoft.VSTS.Scheduling.StoryPoints"
ESTIMATE = "Microsoft.VSTS.Scheduling.OriginalEstimate"
HOUR_MS = 3_600_000


@pytest.fixture
def duo(tmp_path: Path) -> Duo:
    return Duo(tmp_path)


def test_points_and_estimates_travel_in_the_units_of_each_side(duo: Duo) -> None:
    story = duo.developer.create(duo.projects[0], "User Story", "Log in", {POINTS: 5})
    chore = duo.developer.create(duo.projects[0], "Task", "Sweep", {ESTIMATE: 1.5})
    made = duo.planner.create_task(duo.lists[0], "Paint", time_estimate=2 * HOUR_MS)
    duo.settle()
    tasks = {task.name: task for task in duo.clickup.world.tasks.values()}
    assert (tasks["Log in"].points, tasks["Log in"].estimate_ms) == (5, None)
    assert (tasks["Sweep"].points, tasks["Sweep"].estimate_ms) == (None, 1.5 * HOUR_MS)
    assert {i.title: i.fields.get(ESTIMATE) for i in duo.azure.world.items.values()}[made.name] == 2

    duo.planner.edit(tasks["Log in"], points=0.5)
    duo.planner.edit(tasks["Sweep"], time_estimate=None)
    duo.settle()
    assert duo.azure.item(story.id).fields[POINTS] == 0.5
    assert duo.azure.item(chore.id).fields.get(ESTIMATE) is None

    duo.developer.edit(story, {POINTS: ""})
    duo.settle()
    assert tasks["Log in"].points is None


def test_an_hour_that_is_no_whole_number_of_milliseconds_agrees_with_the_nearest(duo: Duo) -> None:
    chore = duo.developer.create(duo.projects[0], "Task", "Sweep", {ESTIMATE: 0.333333333})
    duo.settle()
    [task] = duo.clickup.world.tasks.values()
    assert task.estimate_ms == 1_200_000
    duo.settle(sweep=True)
    assert duo.azure.item(chore.id).fields[ESTIMATE] == 0.333333333
    agree = duo.contexts[0].correspondence.agree
    assert agree("estimate", 0.333333333, task.estimate_ms / HOUR_MS, "Task", "Task")
    assert not agree("estimate", 0.3334, task.estimate_ms / HOUR_MS, "Task", "Task")


def test_points_stay_where_the_other_type_has_none(duo: Duo) -> None:
    chore = duo.developer.create(duo.projects[0], "Task", "Sweep")
    duo.settle()
    [task] = duo.clickup.world.tasks.values()
    duo.planner.edit(task, points=8)
    duo.settle()
    assert task.points == 8
    assert POINTS not in duo.azure.item(chore.id).fields
    assert duo.store.pending("web") == []


def test_points_may_be_kept_out(tmp_path: Path) -> None:
    duo = Duo(tmp_path, directions={"points": Direction.OFF})
    duo.developer.create(duo.projects[0], "User Story", "Log in", {POINTS: 5})
    duo.settle()
    assert [task.points for task in duo.clickup.world.tasks.values()] == [None]


def test_points_that_clickup_does_not_clear_are_told_and_not_sent_again(duo: Duo) -> None:
    story = duo.developer.create(duo.projects[0], "User Story", "Log in", {POINTS: 5})
    duo.settle()
    duo.clickup.world.switches = replace(duo.clickup.world.switches, null_clears_points=False)
    duo.developer.edit(story, {POINTS: "", "System.Title": "Sign in"})
    [report] = duo.cycle()
    assert any("ClickUp did not keep the points" in note for note in report.notes)
    duo.settle(cycles=2)
    [task] = duo.clickup.world.tasks.values()
    assert (task.name, task.points) == ("Sign in", 5)
