"""AzureDevOps: one simulated organisation, ready to be served, and the hands that set it up."""

from __future__ import annotations

from collections.abc import Sequence

from reconciler.clock import Clock
from reconciler.simulators.azure_devops.api import Api
from reconciler.simulators.azure_devops.identity import User
from reconciler.simulators.azure_devops.incidents import Incidents
from reconciler.simulators.azure_devops.item import WorkItem
from reconciler.simulators.azure_devops.nodes import Node, Project
from reconciler.simulators.azure_devops.people import Person
from reconciler.simulators.azure_devops.process import Rule, define
from reconciler.simulators.azure_devops.switches import Switches
from reconciler.simulators.azure_devops.throttle import Throttle
from reconciler.simulators.azure_devops.world import SavedQuery, World
from reconciler.simulators.kit.faults import Faults
from reconciler.simulators.kit.request_log import RequestLog
from reconciler.simulators.kit.simulation import ServerClock, Simulated
from reconciler.simulators.kit.wire import Request, Response


class AzureDevOps:
    """A Service. It answers below `/{organization}`, so its address is a host's with that path:
    `InProcess({"https://dev.azure.com": azure})` makes `https://dev.azure.com/contoso` work, and so does
    `serve(azure)` with the address it yields. Identities are answered there too, as older servers do; map
    `https://vssps.dev.azure.com` to the same service for clients that ask the cloud's own host.

    `faults` and `log` are the network's, `incidents` faults in the service's own words; `throttle` and `switches` are
    the service's, `world` is what it holds.
    """

    def __init__(
        self,
        clock: Clock,
        organization: str = "contoso",
        *,
        switches: Switches | None = None,
        ahead_s: float = 0.0,
    ) -> None:
        """`ahead_s` is by how much the server's clock is ahead of `clock`; change it later in `clock.ahead_s`."""
        self.clock = ServerClock(clock, ahead_s)
        self.switches = switches or Switches()
        self.world = World(organization, self.clock, self.switches)
        self.throttle = Throttle(self.clock)
        api = Api(self.world, self.throttle)
        self._simulated = Simulated(api, self.clock, log=RequestLog(writes=api.writes, route=api.route))
        self.incidents = Incidents(organization, self._simulated.faults, self.switches)

    @property
    def faults(self) -> Faults:
        return self._simulated.faults

    @property
    def log(self) -> RequestLog:
        return self._simulated.log

    def handle(self, request: Request) -> Response:
        return self._simulated.handle(request)

    # --- setting up --------------------------------------------------------------------------------------------------

    def add_user(self, name: str, address: str, *, member: bool = True) -> User:
        """Somebody with a token of their own in `token`; without membership the organisation refuses it."""
        with self._simulated.lock:
            return self.world.add_user(name, address, member=member)

    def issue_token(self, user: User, *, write: bool = True) -> str:
        """One more personal access token, with the scope to write or to read only."""
        with self._simulated.lock:
            return self.world.issue_token(user, write=write)

    def revoke_token(self, token: str) -> None:
        with self._simulated.lock:
            del self.world.grants[token]

    def add_project(self, name: str, process: str = "Agile") -> Project:
        """`process` is Agile, Scrum, Basic or CMMI."""
        with self._simulated.lock:
            return self.world.add_project(name, process)

    def add_field(self, project: Project, name: str, kind: str, *, allowed: Sequence[str] = ()) -> str:
        """Gives every type of the project a field of its own, and answers its reference name. `kind` as in
        `process.Field`; `allowed` are the only values it takes."""
        with self._simulated.lock:
            reference = define(name, kind).reference
            project.process = project.process.with_field(reference, Rule(tuple(allowed)))
            return reference

    def add_area(self, project: Project, path: str) -> Node:
        """`path` below the project ("Web\\Shop"); missing parents are made too."""
        return self._add_nodes(project.areas, path)

    def add_iteration(self, project: Project, path: str) -> Node:
        return self._add_nodes(project.iterations, path)

    def _add_nodes(self, root: Node, path: str) -> Node:
        with self._simulated.lock:
            node = root
            for name in path.split("\\"):
                node = node.child(name) or self.world.add_node(node, name)
            return node

    def hide_area(self, user: User, area: Node, *, hidden: bool = True) -> None:
        """Takes from `user` the right to see items there, or gives it back."""
        change = self.world.hidden_areas.add if hidden else self.world.hidden_areas.discard
        with self._simulated.lock:
            change((user.id, area.id))

    def freeze_area(self, user: User, area: Node, *, frozen: bool = True) -> None:
        """Takes from `user` the right to save items there, or gives it back."""
        change = self.world.frozen_areas.add if frozen else self.world.frozen_areas.discard
        with self._simulated.lock:
            change((user.id, area.id))

    def save_query(self, project: Project, name: str, wiql: str) -> str:
        """A shared query; returns its id."""
        with self._simulated.lock:
            number = self.world.guid("query", project.id, name)
            self.world.queries[number] = SavedQuery(number, project, name, wiql)
            return number

    # --- acting and looking ------------------------------------------------------------------------------------------

    def as_user(self, user: User) -> Person:
        """Somebody at the web pages."""
        return Person(self.world, user, self._simulated.lock)

    def item(self, item_id: int) -> WorkItem:
        """The item as the server keeps it, deleted or not; raises KeyError for one that is not there at all."""
        return self.world.items[item_id]
