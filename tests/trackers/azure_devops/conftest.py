"""A simulated organisation, and the tracker under test connected to it in process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from reconciler.clock import VirtualClock
from reconciler.model.draft import Draft
from reconciler.model.field import Value
from reconciler.model.item import Item
from reconciler.model.origin import Origin, marker_for
from reconciler.simulators import azure_devops as simulator
from reconciler.simulators.azure_devops.identity import User
from reconciler.simulators.azure_devops.nodes import Project
from reconciler.simulators.azure_devops.people import Person
from reconciler.simulators.azure_devops.switches import Switches
from reconciler.simulators.kit.request_log import RequestLog
from reconciler.simulators.kit.transport import InProcess
from reconciler.simulators.kit.wire import Service
from reconciler.trackers.azure_devops import AzureDevOps, Connection, ProjectScope
from reconciler.trackers.base import Followed, Written, nobody

URL = "https://dev.azure.com/contoso"
EARLY = datetime(2026, 1, 1, tzinfo=UTC)
TYPES = ("Epic", "User Story", "Bug", "Task", "Issue")


@dataclass
class Bench:
    """The service, the people in it, and our tracker, which uses the token of `bot`."""

    clock: VirtualClock
    service: simulator.AzureDevOps
    web: Project
    bot: User
    ada: User
    ann: Person
    tracker: AzureDevOps
    scope: ProjectScope

    @property
    def log(self) -> RequestLog:
        return self.service.log

    def another_tracker(self, service: Service | None = None, *, token: str = "", url: str = URL) -> AzureDevOps:
        """A tracker that knows nothing of what others did: another process, or a restart."""
        served = service or self.service
        connection = Connection.model_validate({"kind": "azure-devops", "url": url, "token": token or self.bot.token})
        transport = InProcess({"https://dev.azure.com": served, "https://vssps.dev.azure.com": served})
        return AzureDevOps("ado", connection, self.clock, transport)

    def within(self, **changes: Any) -> ProjectScope:
        """The scope with some of its facts replaced."""
        return replace(self.scope, **changes)

    def changes(
        self,
        since: datetime | None = EARLY,
        known: dict[str, str] | None = None,
        scopes: list[ProjectScope] | None = None,
        followed: Followed = nobody,
    ) -> list[Item]:
        pages = self.tracker.changed_since(scopes or [self.scope], since, known or {}, followed)
        return [item for page in pages for _, item in page.items]

    def read(self, key: object) -> Item:
        return self.tracker.read(self.scope, [str(key)])[str(key)]

    def create(self, number: int = 1, **fields: Value) -> Written:
        draft = Draft({"title": "Copy", "type": "Task", **fields}, origin(number))
        return self.tracker.create(self.scope, draft)

    def update(self, base: Item, scope: ProjectScope | None = None, **changes: Value) -> list[Written]:
        return list(self.tracker.update(scope or self.scope, base, changes))

    def requests_of(self, action: Callable[[], object]) -> int:
        """How many requests the action costs."""
        before = self.tracker.requests
        action()
        return self.tracker.requests - before

    def tick(self, seconds: float = 1.0) -> None:
        self.clock.advance(seconds)


def origin(number: int = 1) -> Origin:
    key = f"86c{number:06}"
    return Origin(f"https://app.clickup.com/t/{key}", f"CU-{key}", marker_for("web", "right", key))


def make_bench(**switches: Any) -> Bench:
    clock = VirtualClock()
    service = simulator.AzureDevOps(clock, switches=Switches(**switches))
    web = service.add_project("Web")
    bot, ada = service.add_user("Sync Bot", "bot@example.com"), service.add_user("Ada Beispiel", "ada@example.com")
    scope = ProjectScope("Web", TYPES, "Task")
    bench = Bench(clock, service, web, bot, ada, service.as_user(ada), tracker=None, scope=scope)  # type: ignore[arg-type]
    bench.tracker = bench.another_tracker()
    bench.tracker.schema(bench.scope)
    return bench


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = make_bench()
    yield made
    made.tracker.close()
