"""Call: one authorised request with its path taken apart, and the table of endpoints.

An endpoint takes a Call and returns JSON, or None for an empty answer. It names the query parameters and body keys it
knows, which strict mode checks (FACTS clickup 1.14).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from reconciler.simulators.clickup import errors
from reconciler.simulators.clickup.authorization import Grant
from reconciler.simulators.clickup.entities import Comment, Folder, Member, Space, Task, TaskList, Workspace
from reconciler.simulators.clickup.listing import Listings
from reconciler.simulators.clickup.views import Json, Viewer
from reconciler.simulators.clickup.world import World, in_trash
from reconciler.simulators.kit.router import Router
from reconciler.simulators.kit.wire import Request

ID_QUERY = ("custom_task_ids", "team_id")
ANY = "*"


class Ignored(Exception):
    """The write is answered with 200 `{}` and has no effect."""


@dataclass(slots=True)
class Call:
    world: World
    listings: Listings
    grant: Grant
    request: Request
    ids: Mapping[str, str]
    late: list[Callable[[], None]] = field(default_factory=list)
    """What happens when the answer has been built."""

    @property
    def member(self) -> Member:
        return self.grant.member

    @property
    def viewer(self) -> Viewer:
        return Viewer(self.world, self.member)

    def body(self) -> Json:
        """The JSON object of the request; an empty body is an empty object."""
        most = self.world.switches.body_bytes_max
        if most is not None and len(self.request.body) > most:
            raise errors.body_too_large()
        if not self.request.body:
            return {}
        try:
            body = self.request.json()
        except ValueError:
            raise errors.body_invalid() from None
        if not isinstance(body, dict):
            raise errors.body_invalid()
        return body

    # --- what the path names --------------------------------------------------------------------------------------

    def workspace(self) -> Workspace:
        return self._granted(self.world.workspace(self.member, self.ids["workspace"]))

    def space(self) -> Space:
        space = self.world.space(self.member, self.ids["space"])
        self._granted(space.workspace)
        return space

    def folder(self) -> Folder:
        folder = self.world.folder(self.member, self.ids["folder"])
        self._granted(folder.space.workspace)
        return folder

    def task_list(self) -> TaskList:
        task_list = self.world.task_list(self.member, self.ids["list"])
        self._granted(task_list.space.workspace)
        return task_list

    def task(self) -> Task:
        """Also in the trash. Custom ids need both query parameters (FACTS clickup 5.1)."""
        workspace_id = self.request.param("team_id")
        if self.request.param("custom_task_ids") == "true" and workspace_id:
            task = self.world.task_by_custom_id(self.member, workspace_id, self.ids["task"])
        else:
            task = self.world.task(self.member, self.ids["task"])
        self._granted(task.workspace)
        return task

    def living_task(self) -> Task:
        task = self.task()
        if in_trash(task):
            raise errors.task_deleted()
        return task

    def writable_task(self) -> Task:
        """For writes of which nobody knows what they do to a task in the trash (U20)."""
        task = self.task()
        self._check_trash(task)
        return task

    def comment(self) -> Comment:
        comment = self.world.comment(self.member, self.ids["comment"])
        place = comment.place
        self._granted(place.workspace if isinstance(place, Task) else place.space.workspace)
        return comment

    def writable_comment(self) -> Comment:
        comment = self.comment()
        if isinstance(comment.place, Task):
            self._check_trash(comment.place)
        return comment

    def _check_trash(self, task: Task) -> None:
        if in_trash(task):
            raise Ignored if self.world.switches.trash_writes == "ignored" else errors.task_deleted()

    def _granted(self, workspace: Workspace) -> Workspace:
        if self.grant.workspaces is not None and workspace.id not in self.grant.workspaces:
            raise errors.link_foreign()  # OAUTH_023, FACTS clickup 17
        return workspace


Endpoint = Callable[[Call], Json | None]


@dataclass(frozen=True, slots=True)
class Declared:
    """An endpoint as the router finds it; `empty_status` answers where it returns None."""

    run: Endpoint
    query: frozenset[str]
    keys: frozenset[str]
    empty_status: int


class Endpoints:
    """The routes of one part of the API, below `prefix`."""

    def __init__(self, router: Router, prefix: str) -> None:
        self._router = router
        self._prefix = prefix

    def route(
        self, method: str, path: str, *, query: Iterable[str] = (), keys: Iterable[str] = (), empty_status: int = 200
    ) -> Callable[[Endpoint], Endpoint]:
        """Declares an endpoint with all query parameters and body keys it knows; ANY lets every body key pass."""

        def declare(endpoint: Endpoint) -> Endpoint:
            declared = Declared(endpoint, frozenset(query), frozenset(keys), empty_status)
            self._router.route(method, self._prefix + path)(_dispatch(declared))
            return endpoint

        return declare


def check_strictly(declared: Declared, call: Call) -> None:
    """Strict mode: a typing error is an error. Raises ApiError naming the unknown keys."""
    unknown = sorted({name for name, _ in call.request.query} - declared.query)
    if unknown:
        raise errors.keys_unknown("query parameters", unknown)
    if ANY in declared.keys or "multipart" in call.request.headers.get("content-type", ""):
        return
    unknown = sorted(call.body().keys() - declared.keys)
    if unknown:
        raise errors.keys_unknown("body keys", unknown)


def _dispatch(declared: Declared) -> Callable[[], Declared]:
    def get() -> Declared:
        return declared

    return get


def declared_by(endpoint: Callable[..., Any]) -> Declared:
    """The declaration behind a matched route."""
    found = endpoint()
    assert isinstance(found, Declared)
    return found
