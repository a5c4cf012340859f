"""Work items as the real service sent them arrive in ClickUp, and what people do there comes back."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.clock import VirtualClock
from reconciler.context import MappingContext
from reconciler.cycle import Options, run_cycle
from reconciler.model.policy import GuardLimits, Policy
from reconciler.model.rich_text import Form, RichText
from reconciler.richtext import detach_footer, plain
from reconciler.simulators.azure_devops import AzureDevOps
from reconciler.simulators.clickup import ClickUp
from reconciler.simulators.clickup.entities import Task
from reconciler.simulators.kit.transport import InProcess
from reconciler.store import Store
from reconciler.trackers import azure_devops, clickup
from tests.real_input.recorded import APIS, RecordedOrganisation

pytestmark = pytest.mark.skipif(not APIS.exists(), reason="the recordings are not here")

STATUSES = (("to do", "open"), ("in progress", "custom"), ("complete", "closed"))
TYPES = ("Epic", "Feature", "User Story", "Issue", "Bug", "Task")


class Joined:
    """The recorded organisation and a simulated workspace, joined by two mappings, one per process."""

    def __init__(self, folder: Path) -> None:
        self.clock = VirtualClock()
        azure = AzureDevOps(self.clock)
        for process in ("Agile", "Basic"):
            azure.add_project(process, process)
        token = azure.add_user("Sync Bot", "sync@example.com").token
        self.recorded = RecordedOrganisation(azure, {"Agile": "Agile", "Basic": "Basic"})
        self.clickup = ClickUp(self.clock, rate_limit=10_000)
        workspace = self.clickup.add_workspace()
        member = self.clickup.add_member(workspace, "Sync Bot", "sync@example.com")
        self.piet = self.clickup.as_member(self.clickup.add_member(workspace, "Piet", "piet@example.com"))
        space = self.clickup.add_space(workspace, "Product", statuses=STATUSES)  # type: ignore[arg-type]
        lists = {name: self.clickup.add_list(space, name) for name in ("Agile", "Basic")}
        network = InProcess({"https://dev.azure.com": self.recorded, "https://api.clickup.com": self.clickup})
        left = azure_devops.make(
            "ado",
            azure_devops.Connection(kind="azure-devops", url="https://dev.azure.com/contoso", token=token),
            self.clock,
            network,
        )
        right = clickup.make(
            "clickup",
            clickup.Connection(kind="clickup", workspace=workspace.id, token=member.token, requests_per_minute=10_000),
            self.clock,
            network,
        )
        left.connect()
        right.connect()
        policy = {"confirm_first_sync": False, "match_by_title": False, "guard": GuardLimits(10_000, 10_000, 0, 100)}
        self.contexts = []
        for name, task_list in lists.items():
            known = {kind.name for kind in azure.world.project(name).process.types.values()}  # type: ignore[union-attr]
            side = azure_devops.Side(project=name, types=tuple(t for t in TYPES if t in known))
            scopes = {"left": azure_devops.scope(side), "right": clickup.scope(clickup.Side(list=task_list.id))}
            self.contexts.append(
                MappingContext.open(Policy(name=name, **policy), {"left": left, "right": right}, scopes)  # type: ignore[arg-type]
            )
        self.store = Store.open(f"sqlite:///{folder}/store.db", clock=self.clock)

    def cycle(self) -> None:
        self.clock.advance(300)
        reports = run_cycle(self.contexts, self.store, self.clock, None, Options())
        assert [report.problem for report in reports] == [None, None]

    def task_of(self, number: int) -> Task:
        for context in self.contexts:
            link = self.store.link(context.name, "left", str(number))
            if link is not None:
                return self.clickup.task(link.key("right"))
        raise AssertionError(f"work item {number} has no task")


@pytest.fixture
def joined(tmp_path: Path) -> Joined:
    return Joined(tmp_path)


def test_every_recorded_work_item_arrives_as_a_task_with_what_it_says(joined: Joined) -> None:
    joined.cycle()
    joined.cycle()
    covered = [n for n, body in joined.recorded.items.items() if body["fields"]["System.WorkItemType"] in TYPES]
    assert len(covered) >= 20
    for number in covered:
        fields, task = joined.recorded.items[number]["fields"], joined.task_of(number)
        assert task.name == " ".join(fields["System.Title"].split())
        tags = {tag.strip().lower() for tag in fields.get("System.Tags", "").split(";") if tag.strip()}
        assert {tag.name for tag in task.tags} == tags
        priority = fields.get("Microsoft.VSTS.Common.Priority")
        assert task.priority == priority
        place = "Microsoft.VSTS.TCM.ReproSteps" if fields["System.WorkItemType"] == "Bug" else "System.Description"
        form = Form(joined.recorded.items[number].get("multilineFieldsFormat", {}).get(place, "html"))
        original = RichText(form, fields.get(place, ""))
        body, footer = detach_footer(RichText(Form.MARKDOWN, task.markdown))
        assert footer is not None
        assert footer.url.endswith(f"/_workitems/edit/{number}")
        assert plain(body).split() == plain(original).split()
    assert joined.recorded.patches == []


def test_edits_of_their_tasks_come_back_to_the_recorded_work_items(joined: Joined) -> None:
    joined.cycle()
    joined.cycle()
    covered = [n for n, body in joined.recorded.items.items() if body["fields"]["System.WorkItemType"] in TYPES]
    before = {number: joined.recorded.items[number]["rev"] for number in covered}
    for number in covered:
        joined.piet.edit(joined.task_of(number), name=f"Renamed {number}", priority=1)
    joined.cycle()
    joined.cycle()
    for number in covered:
        fields = joined.recorded.items[number]["fields"]
        assert fields["System.Title"] == f"Renamed {number}"
        assert fields["Microsoft.VSTS.Common.Priority"] == 1
        assert joined.recorded.items[number]["rev"] == before[number] + 1
