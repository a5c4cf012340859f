"""Duo: the real engine, clients and store between the two simulated trackers, in process and on a virtual clock.

Time passes everywhere at once (`clock`), but the program and each server have a clock of their own that may be wrong
(`local`, `azure.clock` and `clickup_clock`, each with `ahead_s`). Requests are counted by the simulators. Nothing here
sends a request of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reconciler.clock import VirtualClock
from reconciler.context import MappingContext
from reconciler.cycle import Options, run_cycle
from reconciler.model.policy import GuardLimits, Policy
from reconciler.model.report import MappingReport
from reconciler.model.side import SIDES, Side
from reconciler.simulators.azure_devops import AzureDevOps
from reconciler.simulators.clickup import ClickUp
from reconciler.simulators.clickup.entities import TaskList
from reconciler.simulators.kit.request_log import Exchanges, RequestLog
from reconciler.simulators.kit.simulation import ServerClock, Simulated
from reconciler.simulators.kit.transport import InProcess
from reconciler.simulators.kit.wire import Service
from reconciler.store import Store
from reconciler.trackers import azure_devops, clickup
from reconciler.trackers.http import Transport

STATUSES = (("to do", "open"), ("in progress", "custom"), ("in review", "custom"), ("complete", "closed"))
UNLIMITED = GuardLimits(1_000_000, 1_000_000, 1_000_000, 100)


@dataclass(frozen=True)
class Marks:
    ado: int
    clickup: int


class Duo:
    """`mappings` projects, each joined with a list of its own, all under one pair of credentials. `azure_url` is an
    organisation of the service or a collection of a server."""

    def __init__(
        self,
        folder: Path,
        *,
        mappings: int = 1,
        requests_per_minute: int = 100,
        store_url: str | None = None,
        azure_url: str = "https://dev.azure.com/contoso",
        clock: VirtualClock | None = None,
        watched: Callable[[Side, Service], Service] = lambda _side, service: service,
        **policy: Any,
    ) -> None:
        """`watched` may put something in front of each side's server."""
        self.clock = clock or VirtualClock()
        self.local = ServerClock(self.clock)
        self.clickup_clock = ServerClock(self.clock)
        self._azure_url = azure_url
        self.azure = AzureDevOps(self.clock, azure_url.rpartition("/")[2])
        self.clickup = ClickUp(self.clickup_clock, rate_limit=requests_per_minute)
        self.clickup_log = RequestLog(route=self.clickup.route_of)
        self.clickup_service = Simulated(self.clickup, self.clickup_clock, log=self.clickup_log)
        self._services: dict[Side, Service] = {
            "left": watched("left", self.azure),
            "right": watched("right", self.clickup_service),
        }
        self.bot = self.azure.add_user("Sync Bot", "sync@example.com")
        self.mara = self.azure.add_user("Mara Lindqvist", "mara.lindqvist@example.com")
        self.developer = self.azure.as_user(self.mara)
        self.workspace = self.clickup.add_workspace()
        self.sync_member = self.clickup.add_member(self.workspace, "Sync Bot", "sync@example.com")
        self.mara_member = self.clickup.add_member(self.workspace, "Mara Lindqvist", "mara.lindqvist@example.com")
        self.piet = self.clickup.add_member(self.workspace, "Piet Okafor", "piet.okafor@example.com")
        self.planner = self.clickup.as_member(self.piet)
        self.clickup.add_task_type(self.workspace, "Bug")
        space = self.clickup.add_space(self.workspace, "Product")
        self.projects = [self.azure.add_project(f"Web{n}" if n else "Web") for n in range(mappings)]
        self.lists: list[TaskList] = [
            self.clickup.add_list(space, f"List {n}", statuses=STATUSES)  # type: ignore[arg-type]
            for n in range(mappings)
        ]
        self.refused: set[str] = set()
        self.store_url = store_url or f"sqlite:///{folder}/store.db"
        self._requests_per_minute = requests_per_minute
        self._policy = {"confirm_first_sync": False, "guard": UNLIMITED, **policy}
        self.store = Store.open(self.store_url, clock=self.local)
        self.contexts = self.open_contexts(self.transport())

    def services(self) -> dict[str, Service]:
        """Both servers by the addresses they answer at."""
        return {
            self._azure_url.rpartition("/")[0]: self._services["left"],
            "https://vssps.dev.azure.com": self._services["left"],
            "https://api.clickup.com": self._services["right"],
            f"https://t{self.workspace.id}.p.clickup-attachments.com": self.clickup.files,
        }

    def transport(self) -> Transport:
        """What the program's requests go through."""
        transport = InProcess(self.services())
        transport.refused = self.refused
        return transport

    def open_contexts(self, transport: Transport) -> list[MappingContext]:
        """The mappings over new clients that know nothing yet."""
        ado_connection = azure_devops.Connection(kind="azure-devops", url=self._azure_url, token=self.bot.token)
        clickup_connection = clickup.Connection(
            kind="clickup",
            workspace=self.workspace.id,
            token=self.sync_member.token,
            requests_per_minute=self._requests_per_minute,
        )
        left = azure_devops.make("ado", ado_connection, self.local, transport)
        right = clickup.make("clickup", clickup_connection, self.local, transport)
        left.connect()
        right.connect()
        types = ("Epic", "User Story", "Bug", "Task")
        return [
            MappingContext.open(
                Policy(name=project.name.lower(), **self._policy),
                {"left": left, "right": right},
                {
                    "left": azure_devops.scope(azure_devops.Side(project=project.name, types=types)),
                    "right": clickup.scope(clickup.Side(list=task_list.id)),
                },
                {side: tuple(p.name.lower() for p in self.projects if p is not project) for side in SIDES},
            )
            for project, task_list in zip(self.projects, self.lists, strict=True)
        ]

    def restart(self) -> None:
        """The process ends without a word and starts again on the same store."""
        self.store.close()
        self.store = Store.open(self.store_url, clock=self.local)
        self.contexts = self.open_contexts(self.transport())

    def set_policy(self, **policy: Any) -> None:
        """Changes the configuration, from the next start on."""
        self._policy |= policy

    def close(self) -> None:
        self.store.close()

    # --- running ---------------------------------------------------------------------------------------------------

    def cycle(self, *, after_s: float = 30.0, **options: Any) -> list[MappingReport]:
        self.clock.advance(after_s)
        reports = run_cycle(self.contexts, self.store, self.local, None, Options(**options))
        problems = [report.problem for report in reports if report.problem]
        assert not problems, problems
        return reports

    def settle(self, cycles: int = 12, **options: Any) -> None:
        """Cycles until one writes nothing; fails if that never comes."""
        for _ in range(cycles):
            mark = self.mark()
            self.cycle(**options)
            ado, click = self.since(mark)
            if not ado.writes and not click.writes:
                return
        raise AssertionError(f"still writing after {cycles} cycles")

    def mark(self) -> Marks:
        return Marks(self.azure.log.mark(), self.clickup_log.mark())

    def since(self, marks: Marks) -> tuple[Exchanges, Exchanges]:
        """What reached each server since: Azure DevOps, ClickUp."""
        return self.azure.log.since(marks.ado), self.clickup_log.since(marks.clickup)

    # --- content ---------------------------------------------------------------------------------------------------

    def seed_pairs(self, count: int) -> None:
        """`count` items under the same titles on both sides, spread over the mappings, long ago."""
        for number in range(count):
            index = number % len(self.projects)
            self.developer.create(self.projects[index], "Task", f"Item {number}")
            self.planner.create_task(self.lists[index], f"Item {number}")
        self.clock.advance(3600)

    def titles(self) -> tuple[Sequence[str], Sequence[str]]:
        """The titles of all live items, sorted: work items, tasks."""
        items = sorted(item.title for item in self.azure.world.items.values() if not item.deleted)
        tasks = sorted(task.name for task in self.clickup.world.tasks.values() if task.trashed_ms is None)
        return items, tasks
