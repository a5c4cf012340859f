"""What Azure DevOps refuses for reasons of its own (rules, workflows, limits): that field waits, the others travel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.simulators.azure_devops import errors
from reconciler.simulators.azure_devops.item import WorkItem
from reconciler.simulators.clickup.entities import Task
from reconciler.simulators.kit.wire import Request
from tests.support.duo import Duo


@pytest.fixture
def duo(tmp_path: Path) -> Iterator[Duo]:
    duo = Duo(tmp_path)
    duo.developer.create(duo.projects[0], "Task", "Log in")
    duo.settle()
    yield duo
    duo.close()


def pair(duo: Duo) -> tuple[WorkItem, Task]:
    [item], [task] = duo.azure.world.items.values(), duo.clickup.world.tasks.values()
    return item, task


def test_an_item_at_its_limit_of_revisions_costs_one_request_and_is_in_quarantine(duo: Duo) -> None:
    _, task = pair(duo)
    said = errors.ApiError(500, "VS402625: The work item has reached 10,000 revisions.", "WorkItemRevisionLimit")
    refusal = said.response()
    limit = duo.azure.faults.answer("^PATCH", 500, headers=refusal.headers, body=refusal.body, times=1_000)
    duo.planner.edit(task, name="Sign in", priority=1, status="in progress", due_date=1_790_000_000_000)
    for _ in range(20):
        duo.cycle(after_s=600)
    assert limit.hits == 1
    [row] = duo.store.pending("web")
    assert row.parked
    assert "10,000" in row.reason
    limit.cancel()
    duo.planner.edit(task, name="Come in")
    duo.settle()
    item, _ = pair(duo)
    assert (item.title, item.fields["System.State"]) == ("Come in", "Active")
    assert duo.store.pending("web") == []


def spend_a_day(duo: Duo) -> None:
    for _ in range(24):
        duo.cycle(after_s=3600)


def forbid(duo: Duo, state: str) -> None:
    """The workflow of tasks has no way to that state any more; the process is the project's own from now on."""
    project = duo.projects[0]
    task = project.process.types["Task"]
    ways = {way: how for way, how in task.transitions.items() if way[1] != state}
    types = {**project.process.types, "Task": replace(task, transitions=ways)}
    project.process = replace(project.process, types=types)


@pytest.mark.parametrize("known", [True, False], ids=["forbidden at the start", "forbidden since"])
def test_a_state_that_the_workflow_forbids_waits_alone(duo: Duo, known: bool) -> None:
    item, task = pair(duo)
    process = duo.projects[0].process
    forbid(duo, "Closed")
    if known:
        duo.restart()
    duo.planner.edit(task, name="Sign in", status="complete", priority=1)
    duo.cycle()
    assert (item.title, item.fields["Microsoft.VSTS.Common.Priority"]) == ("Sign in", 1)
    assert item.fields["System.State"] != "Closed"
    mark = duo.mark()
    spend_a_day(duo)
    refused, _ = duo.since(mark)
    assert refused.writes == 4, "it was tried once, and four times more"
    [row] = duo.store.pending("web")
    assert row.parked
    assert "State" in row.reason
    duo.planner.edit(task, name="Enter")
    duo.settle()
    assert item.title == "Enter"
    duo.projects[0].process = process
    duo.restart()
    duo.planner.edit(task, name="Come in")
    duo.settle()
    assert (item.title, item.fields["System.State"]) == ("Come in", "Closed")
    assert duo.store.pending("web") == []


@pytest.mark.parametrize("missing", ["Custom.Approver", "Microsoft.VSTS.Scheduling.DueDate"])
def test_a_state_that_needs_a_field_nobody_filled_in_waits_alone(duo: Duo, missing: str) -> None:
    item, task = pair(duo)
    text = f"TF401320: Rule Error for field {missing}. Error code: Required, InvalidEmpty."
    said = errors.rule_errors([(missing, "required, invalidEmpty", text)]).response()

    def closes(request: Request) -> bool:
        return request.method == "PATCH" and b"/fields/System.State" in request.body

    rule = duo.azure.faults.answer(closes, said.status, headers=said.headers, body=said.body, times=1_000)
    duo.planner.edit(task, name="Sign in", status="complete", priority=1)
    duo.cycle()
    assert (item.title, item.fields["Microsoft.VSTS.Common.Priority"]) == ("Sign in", 1)
    spend_a_day(duo)
    [row] = duo.store.pending("web")
    assert row.parked
    assert missing in row.reason
    assert item.fields["System.State"] != "Closed"
    assert rule.hits <= 3 + 4, "searched for once, then tried alone"
    rule.cancel()
    duo.planner.edit(task, name="Enter")
    duo.settle()
    assert (item.title, item.fields["System.State"]) == ("Enter", "Closed")
    assert duo.store.pending("web") == []
