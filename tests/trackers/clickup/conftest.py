"""A simulated workspace, and the tracker under test connected to it in process."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from reconciler.clock import VirtualClock
from reconciler.model.item import Item
from reconciler.model.origin import Origin, marker_for
from reconciler.simulators import clickup as simulator
from reconciler.simulators.clickup.entities import Member, Space, TaskList, Workspace
from reconciler.simulators.kit.faults import Faults
from reconciler.simulators.kit.request_log import RequestLog
from reconciler.simulators.kit.simulation import Simulated
from reconciler.simulators.kit.transport import InProcess
from reconciler.trackers.clickup import ClickUp, Connection, Place

URL = "https://api.clickup.com"
PLENTY = 100_000
EARLY = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Bench:
    """The service, the people in it, and our tracker, which uses the token of `bot`."""

    clock: VirtualClock
    service: simulator.ClickUp
    wire: Simulated
    workspace: Workspace
    space: Space
    tasks: TaskList
    bot: Member
    ann: Member
    tracker: ClickUp

    @property
    def scope(self) -> Place:
        return Place("list", self.tasks.id, self.tasks.id)

    @property
    def log(self) -> RequestLog:
        return self.wire.log

    def another_tracker(
        self,
        *,
        requests_per_minute: int = PLENTY,
        member: Member | None = None,
        workspace: str = "",
        **settings: object,
    ) -> ClickUp:
        """A tracker that knows nothing of what others did: another process, or a restart."""
        connection = Connection.model_validate(
            {
                "kind": "clickup",
                "url": URL,
                "workspace": workspace or self.workspace.id,
                "token": (member or self.bot).token,
                "requests_per_minute": requests_per_minute,
                **settings,
            }
        )
        files = f"https://t{self.workspace.id}.p.clickup-attachments.com"
        tracker = ClickUp("clickup", connection, self.clock, InProcess({URL: self.wire, files: self.service.files}))
        tracker.connect()
        return tracker

    def changes(self, since: datetime, known: dict[str, str] | None = None) -> list[Item]:
        return [item for page in self.tracker.changed_since([self.scope], since, known or {}) for _, item in page.items]

    def read(self, key: str) -> Item:
        return self.tracker.read(self.scope, [key])[key]

    def tick(self, seconds: float = 1.0) -> None:
        self.clock.advance(seconds)


def origin(number: int = 1) -> Origin:
    key = str(number)
    url = f"https://dev.azure.com/contoso/Web/_workitems/edit/{key}"
    return Origin(url, f"AB#{key}", marker_for("web", "left", key))


def make_bench(*, zone: str = "UTC", strict: bool = True, **switches: Any) -> Bench:
    clock = VirtualClock()
    service = simulator.ClickUp(
        clock,
        switches=simulator.Switches(strict=strict, **switches),
        rate_limit=PLENTY,
    )
    wire = Simulated(service, clock, faults=Faults())
    workspace = service.add_workspace()
    bot = service.add_member(workspace, "Sync Bot", "bot@example.com", zone, role=simulator.OWNER)
    ann = service.add_member(workspace, "Ann Archer", "ann@example.com")
    space = service.add_space(workspace, "Team")
    tasks = service.add_list(space, "Work")
    bench = Bench(clock, service, wire, workspace, space, tasks, bot, ann, tracker=None)  # type: ignore[arg-type]
    bench.tracker = bench.another_tracker()
    bench.tracker.schema(bench.scope)
    return bench


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = make_bench()
    yield made
    made.tracker.close()
