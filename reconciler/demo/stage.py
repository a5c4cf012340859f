"""Stage: the two simulated trackers with a realistic project in them, and the people who work there.

The trackers are real servers on loopback; they and the engine share one virtual clock, so hours pass in seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from reconciler.clock import VirtualClock
from reconciler.demo import backlog
from reconciler.simulators.azure_devops import AzureDevOps
from reconciler.simulators.azure_devops.item import WorkItem
from reconciler.simulators.azure_devops.people import Person as Developer
from reconciler.simulators.clickup import ClickUp
from reconciler.simulators.clickup.acting import Acting as Planner
from reconciler.simulators.clickup.entities import Field, Member, Task, TaskList
from reconciler.simulators.kit.request_log import RequestLog
from reconciler.simulators.kit.serving import serve
from reconciler.simulators.kit.simulation import Simulated

ORGANIZATION, PROJECT, WORKSPACE = "contoso", "Web", "9013012345"

REQUESTS_PER_MINUTE = 1_000
"""A plan under which the looks at what ClickUp's feed does not show keep up with every pair of the demo."""

STATUSES = (
    ("to do", "open"),
    ("in progress", "custom"),
    ("blocked", "custom"),
    ("in review", "custom"),
    ("complete", "closed"),
)


@dataclass
class Stage:
    """Everything the script acts on. `mara` develops in Azure DevOps, `piet` plans in ClickUp, `noor` works in both."""

    clock: VirtualClock
    azure: AzureDevOps
    clickup: ClickUp
    clickup_service: Simulated
    clickup_log: RequestLog
    task_list: TaskList
    severity: Field
    mara: Developer
    noor_at_azure: Developer
    piet: Planner
    noor_at_clickup: Planner
    members: dict[str, Member]
    tokens: dict[str, str]
    organization_url: str = f"https://dev.azure.com/{ORGANIZATION}"
    work_items: dict[str, WorkItem] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)

    def work_item(self, title: str) -> WorkItem:
        """The live work item with that title."""
        return next(
            item
            for item in self.azure.world.items.values()
            if not item.deleted and item.fields["System.Title"] == title
        )

    def option(self, word: str) -> str:
        """The id of a severity."""
        return str(next(option["id"] for option in self.severity.config["options"] if option["name"] == word))

    def word(self, option: str) -> str:
        """The severity of that id."""
        return str(next(known["name"] for known in self.severity.config["options"] if known["id"] == option))

    def task(self, title: str) -> Task:
        """The live task with that title."""
        return next(t for t in self.clickup.world.tasks.values() if t.trashed_ms is None and t.name == title)


def build(clock: VirtualClock) -> Stage:
    """Both trackers filled, nothing linked yet: a few tasks share their titles with work items."""
    azure = AzureDevOps(clock, ORGANIZATION)
    project = azure.add_project(PROJECT, "Agile")
    users = {name: azure.add_user(full, address) for name, (full, address) in backlog.PEOPLE.items()}
    clickup = ClickUp(clock, rate_limit=REQUESTS_PER_MINUTE)
    workspace = clickup.add_workspace("Contoso Product", workspace_id=WORKSPACE)
    members = {name: clickup.add_member(workspace, full, address) for name, (full, address) in backlog.PEOPLE.items()}
    for kind in ("Epic", "User Story", "Bug"):
        clickup.add_task_type(workspace, kind)
    space = clickup.add_space(workspace, "Product")
    task_list = clickup.add_list(space, "Web shop", statuses=STATUSES)  # type: ignore[arg-type]
    severity = clickup.add_field(task_list, "Severity", "drop_down", options=tuple(backlog.SEVERITIES.values()))
    log = RequestLog(route=clickup.route_of)
    stage = Stage(
        clock=clock,
        azure=azure,
        clickup=clickup,
        clickup_service=Simulated(clickup, clock, log=log),
        clickup_log=log,
        task_list=task_list,
        severity=severity,
        mara=azure.as_user(users["mara"]),
        noor_at_azure=azure.as_user(users["noor"]),
        piet=clickup.as_member(members["piet"]),
        noor_at_clickup=clickup.as_member(members["noor"]),
        members=members,
        tokens={"ado": users["sync"].token, "clickup": members["sync"].token},
    )
    _fill_azure(stage, project.name)
    _fill_clickup(stage)
    return stage


def _fill_azure(stage: Stage, project: str) -> None:
    parents: dict[str, WorkItem] = {}
    for number, draft in enumerate(backlog.work_items()):
        stage.clock.advance(timedelta(minutes=7).total_seconds())
        author = stage.mara if number % 3 else stage.noor_at_azure
        parent = parents.get(draft.parent) if draft.parent else None
        item = author.create(project, draft.type, draft.title, draft.fields, parent=parent)
        parents[draft.title] = item
        for text in draft.comments:
            author.comment(item, text)


def _fill_clickup(stage: Stage) -> None:
    for number, draft in enumerate(backlog.tasks()):
        stage.clock.advance(timedelta(minutes=11).total_seconds())
        author = stage.piet if number % 3 else stage.noor_at_clickup
        assignees = [stage.members[name].id for name in draft.assignees]
        task = author.create_task(stage.task_list, draft.title, **draft.keys, assignees=assignees)
        for text in draft.comments:
            author.comment(task, text)


@contextmanager
def on_air(stage: Stage, ado_port: int = 0, clickup_port: int = 0) -> Iterator[dict[str, str]]:
    """Serves both trackers on loopback, on free ports by default, and what ClickUp keeps its files with; yields the
    trackers' base addresses by name."""
    with (
        serve(stage.azure, port=ado_port) as azure,
        serve(stage.clickup_service, port=clickup_port) as clickup,
        serve(stage.clickup.files) as files,
    ):
        stage.clickup.serve_files_at(files)
        stage.organization_url = f"{azure}/{ORGANIZATION}"
        yield {"ado": stage.organization_url, "clickup": clickup}


def config_text(addresses: dict[str, str], task_list: TaskList) -> str:
    """The configuration of the demo, as a user would write it; tokens come from the environment."""
    return f'''version = 1

[store]
url = "sqlite:///reconciler.db"

[dashboard]
listen = ""

[trackers.ado]
kind = "azure-devops"
url = "{addresses["ado"]}"
token = "$RECONCILER_DEMO_ADO_TOKEN"

[trackers.clickup]
kind = "clickup"
url = "{addresses["clickup"]}"
workspace = "{WORKSPACE}"
token = "$RECONCILER_DEMO_CLICKUP_TOKEN"
requests_per_minute = {REQUESTS_PER_MINUTE}

[[mappings]]
name = "web"
poll_every = "30s"
conflict = "newest"
on_delete = "close"

[mappings.left]
tracker = "ado"
project = "{PROJECT}"
types = ["Epic", "User Story", "Bug", "Task"]
create_type = "Task"

[mappings.right]
tracker = "clickup"
list = "{task_list.id}"

[mappings.states]
"New" = "to do"
"Active" = ["in progress", "blocked"]
"Resolved" = "in review"
"Closed" = "complete"

[mappings.conflicts]
description = "hold"

[[mappings.custom_fields]]
left = "{backlog.SEVERITY}"
right = "Severity"
values = {{ {", ".join(f'"{left}" = "{right}"' for left, right in backlog.SEVERITIES.items())} }}
'''
