"""ClickUp: the simulated service, built only from what is known of the real one.

Construction methods lay out a workspace without the API's rules; `as_member` lets people act in the user interface;
`handle` is the API; `files` the host that serves attachments.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from reconciler.clock import Clock
from reconciler.simulators.clickup import api_comments, api_places, api_tasks, api_v3, errors, places
from reconciler.simulators.clickup.acting import Acting
from reconciler.simulators.clickup.attachments import FileHost
from reconciler.simulators.clickup.authorization import Grant, Tokens
from reconciler.simulators.clickup.call import Call, Ignored, check_strictly, declared_by
from reconciler.simulators.clickup.entities import (
    MEMBER,
    MILESTONE_TYPE,
    TASK_TYPE,
    Field,
    Folder,
    Group,
    Member,
    Space,
    Task,
    TaskList,
    TaskType,
    Workspace,
)
from reconciler.simulators.clickup.errors import ApiError
from reconciler.simulators.clickup.listing import Listings
from reconciler.simulators.clickup.rate_limit import RateLimit, Verdict
from reconciler.simulators.clickup.switches import Switches
from reconciler.simulators.clickup.world import DEFAULT_STATUSES, StatusDraft, World
from reconciler.simulators.kit.router import Router
from reconciler.simulators.kit.wire import Request, Response

_JSON = "application/json; charset=utf-8"
_SHARD = "shard-prod-eu-west-1-3"  # recorded (FACTS clickup 14.9)


class ClickUp:
    """A Service. `rate_limit` requests a minute and token in `window`s; see RateLimit. The state may also be read
    directly, in `world`."""

    def __init__(
        self,
        clock: Clock,
        *,
        switches: Switches | None = None,
        rate_limit: int = 100,
        window: Literal["fixed", "sliding"] = "fixed",
    ) -> None:
        self.clock = clock
        self.world = World(clock, switches or Switches())
        self.files = FileHost(self.world)
        self.rate_limit = RateLimit(clock, rate_limit, window)
        self.tokens = Tokens()
        self._listings = Listings(self.world)
        self._router = Router()
        for part in (api_places, api_tasks, api_comments, api_v3):
            part.declare(self._router)

    @property
    def switches(self) -> Switches:
        return self.world.switches

    @switches.setter
    def switches(self, switches: Switches) -> None:
        self.world.switches = switches

    def serve_files_at(self, base: str) -> None:
        """Makes attachment addresses start with `base` instead of ClickUp's own host; `{workspace}` in it stands for
        the Workspace's id."""
        self.world.file_base = base.rstrip("/")

    # --- layout ---------------------------------------------------------------------------------------------------

    def add_workspace(self, name: str = "Northwind", *, workspace_id: str = "") -> Workspace:
        workspace = Workspace(workspace_id or self.world.ids.workspace(), name)
        workspace.task_types = {
            TASK_TYPE: TaskType(TASK_TYPE, "Task", "Tasks"),
            MILESTONE_TYPE: TaskType(MILESTONE_TYPE, "Milestone", "Milestones"),
        }
        self.world.workspaces[workspace.id] = workspace
        return workspace

    def add_member(
        self,
        workspace: Workspace,
        name: str,
        address: str,
        timezone: str = "UTC",
        *,
        role: int = MEMBER,
        member_id: int | None = None,
    ) -> Member:
        """A person with a personal token. `role` is one of OWNER, ADMIN, MEMBER, GUEST."""
        number = member_id or self.world.ids.member()
        token = self.world.ids.token(number)
        member = Member(number, name, address, timezone, token, joined_ms=self.world.now_ms())
        self.tokens.add(Grant(token, member))
        self.join(workspace, member, role=role)
        return member

    def join(self, workspace: Workspace, member: Member, *, role: int = MEMBER) -> None:
        """Makes somebody a member of a further Workspace."""
        workspace.members[member.id] = member
        workspace.roles[member.id] = role
        self.world.index.invalidate()

    def remove_member(self, workspace: Workspace, member: Member) -> None:
        """They leave; what they wrote keeps their id and name (FACTS clickup 13.3)."""
        del workspace.members[member.id], workspace.roles[member.id]
        self.world.index.invalidate()

    def add_oauth_token(self, member: Member, workspaces: Iterable[Workspace]) -> str:
        """A token for an app that may see only these Workspaces."""
        token = f"{member.id}_{self.world.ids.letters(40)}"
        self.tokens.add(Grant(token, member, frozenset(workspace.id for workspace in workspaces)))
        return token

    def add_group(self, workspace: Workspace, name: str, members: Sequence[Member]) -> Group:
        group = Group(self.world.ids.unique(), name, list(members), members[0], self.world.now_ms())
        workspace.groups[group.id] = group
        return group

    def add_task_type(self, workspace: Workspace, name: str, type_id: int | None = None) -> TaskType:
        number = type_id or 1000 + len(workspace.task_types)
        workspace.task_types[number] = TaskType(number, name, f"{name}s", f"Custom task type {name}")
        return workspace.task_types[number]

    def add_space(
        self,
        workspace: Workspace,
        name: str,
        *,
        statuses: Sequence[StatusDraft] = DEFAULT_STATUSES,
        custom_id_prefix: str = "",
        admits: Iterable[Member] | None = None,
        space_id: str = "",
    ) -> Space:
        """`admits` makes it private to these people."""
        space = Space(space_id or self.world.ids.place(), name, workspace, custom_id_prefix=custom_id_prefix)
        space.statuses = self.world.make_statuses(statuses, f"p{space.id}", f"proj_{space.id}")
        space.admits = None if admits is None else {member.id for member in admits}
        workspace.spaces.append(space)
        self.world.spaces[space.id] = space
        return space

    def add_folder(self, space: Space, name: str, *, statuses: Sequence[StatusDraft] = ()) -> Folder:
        folder = places.add_folder(self.world, space, name)
        folder.own_statuses = self.world.make_statuses(statuses, f"sc{folder.id}", f"cat_{folder.id}")
        return folder

    def add_list(
        self,
        place: Space | Folder,
        name: str,
        *,
        statuses: Sequence[StatusDraft] = (),
        default_type: TaskType | None = None,
    ) -> TaskList:
        """A List in a Folder or directly in a Space. Without `statuses` it inherits; a status is a name or (name,
        type), where by default the first is open and the last closed."""
        folder = places.add_hidden_folder(self.world, place) if isinstance(place, Space) else place
        task_list = places.add_list(self.world, folder, {"name": name})
        task_list.own_statuses = self.world.make_statuses(statuses, f"sc{task_list.id}", f"subcat_{task_list.id}")
        task_list.default_type = default_type.id if default_type else TASK_TYPE
        return task_list

    def add_field(
        self,
        place: Workspace | Space | Folder | TaskList,
        name: str,
        kind: str,
        *,
        options: Sequence[str] = (),
        types: Iterable[TaskType] | None = None,
        config: dict[str, Any] | None = None,
    ) -> Field:
        """A custom field at some level of the tree; `options` are the texts of a drop_down or labels field."""
        key = "label" if kind == "labels" else "name"  # FACTS clickup 9.4
        chosen = dict(config or {})
        if kind in ("drop_down", "labels"):
            chosen["options"] = [
                {"id": self.world.ids.unique(), key: text, "color": "#81B1FF", "orderindex": order}
                for order, text in enumerate(options)
            ]
        field = Field(self.world.ids.unique(), name, kind, chosen, self.world.now_ms())
        field.types = None if types is None else frozenset(one.id for one in types)
        place.fields.append(field)
        self.world.fields[field.id] = field
        return field

    def as_member(self, member: Member) -> Acting:
        """That person in the user interface. While requests are served from other threads, act under the lock of the
        Simulated around this service."""
        return Acting(self.world, member)

    def task(self, task_id: str) -> Task:
        """The task with that id, in the trash or not. Raises KeyError."""
        return self.world.tasks[task_id]

    # --- the API --------------------------------------------------------------------------------------------------

    def handle(self, request: Request) -> Response:
        try:
            grant = self.tokens.grant(request)
        except ApiError as refused:
            return self._refusal(request, refused, {})
        verdict = self.rate_limit.admit(grant.token)
        headers = verdict.headers() | {"x-received-from": _SHARD}
        try:
            if not verdict.allowed:
                raise errors.rate_exceeded()
            return self._answer(request, grant, headers)
        except ApiError as refused:
            return self._refusal(request, refused, headers | self._retry_after(verdict))

    def route_of(self, request: Request) -> str:
        """The request's route as declared, for logs: "GET /api/v2/task/{task}"."""
        match = self._router.match(request.method, request.path)
        return match.name if match else f"{request.method} {request.path}"

    def _answer(self, request: Request, grant: Grant, headers: dict[str, str]) -> Response:
        match = self._router.match(request.method, request.path)
        if match is None:
            raise errors.route_unknown()
        declared = declared_by(match.endpoint)
        call = Call(self.world, self._listings, grant, request, match.values)
        if self.switches.strict:
            check_strictly(declared, call)
        try:
            answer = declared.run(call)
        except Ignored:
            answer = {}
        if answer is None:
            return Response(declared.empty_status, headers)
        response = Response(200, headers | {"content-type": _JSON}, _encoded(answer))
        for act in call.late:
            act()
        return response

    def _refusal(self, request: Request, refused: ApiError, headers: dict[str, str]) -> Response:
        dropped = () if refused.counted else ("x-ratelimit",)
        if refused.code.startswith("SHARD_"):
            dropped = ("x-",)  # recorded: no shard has seen it
        kept = {name: value for name, value in headers.items() if not name.startswith(dropped)}
        if request.path.startswith("/api/v3/"):
            body: dict[str, Any] = {
                "status": refused.status,
                "message": refused.text,
                "trace_id": None,
                "timestamp": self.world.now_ms(),
            }
        else:
            body = {"err": refused.text, "ECODE": refused.code}
        return Response(refused.status, kept | {"content-type": _JSON}, _encoded(body))

    def _retry_after(self, verdict: Verdict) -> dict[str, str]:
        if verdict.allowed or not self.switches.retry_after_on_429:
            return {}
        return {"retry-after": str(math.ceil(verdict.wait_s))}


def _encoded(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
