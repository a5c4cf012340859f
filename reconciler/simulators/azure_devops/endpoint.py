"""How an endpoint is declared, and what it is given: the call, as far as it is the same for all of them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from reconciler.simulators.azure_devops import errors
from reconciler.simulators.azure_devops.identity import Grant, User
from reconciler.simulators.azure_devops.item import WorkItem
from reconciler.simulators.azure_devops.nodes import Project
from reconciler.simulators.azure_devops.render import Json, Renderer
from reconciler.simulators.azure_devops.values import KindError, moment
from reconciler.simulators.azure_devops.world import World
from reconciler.simulators.kit.router import Router
from reconciler.simulators.kit.wire import Request, Response

EXPANSIONS = ("none", "relations", "fields", "links", "all")
ROUTER = Router(ignore_case=True)
_Function = TypeVar("_Function", bound=Callable[..., Response])


class ControllerError(Exception):
    """The path leads nowhere, which is answered in plain text (FACTS ado 15.2)."""


@dataclass
class Call:
    """One request of one user. `base` is the organisation's address as the caller wrote it, `values` are the captured
    parts of the path, `batch_items` the earlier items of a $batch by their negative ids."""

    world: World
    request: Request
    grant: Grant
    base: str
    values: Mapping[str, str] = field(default_factory=dict)
    batch_items: dict[int, WorkItem] = field(default_factory=dict)
    dispatch: Callable[[Call], Response] | None = None

    @property
    def user(self) -> User:
        return self.grant.user

    @property
    def render(self) -> Renderer:
        return Renderer(self.world, self.base)

    @property
    def project(self) -> Project | None:
        """The project of the route, if it has one; raises ApiError 404 for an unknown one."""
        name = self.values.get("project")
        if not name:
            return None
        project = self.world.project(name)
        if project is None:
            raise errors.project_missing(name)
        return project

    @property
    def the_project(self) -> Project:
        """For routes that cannot do without."""
        project = self.project
        if project is None:
            raise errors.project_missing("")
        return project

    def item(self, number: str | None = None, *, deleted: bool = False) -> WorkItem:
        """The item of the route's id, of the route's project, that the caller can see; raises ApiError 404."""
        wanted = self.number(number if number is not None else self.values["id"])
        item = self.world.items.get(wanted)
        hidden = item is None or item.deleted is not deleted or not self.world.sees(self.user, item)
        if item is None or hidden or self.project not in (None, item.project):
            raise errors.item_missing(wanted)
        return item

    def number(self, text: str) -> int:
        """A positive id; raises ControllerError for anything else."""
        if not re.fullmatch(r"[1-9]\d{0,9}", text):
            raise ControllerError
        return int(text)

    def flag(self, name: str) -> bool:
        return self.request.param(name).lower() == "true"

    def count(self, name: str, default: int) -> int:
        text = self.request.param(name)
        if not text:
            return default
        if not text.isdigit():
            raise errors.bad_request(f"The value {text} of {name} is not a number.")
        return int(text)

    def names(self, name: str) -> list[str]:
        """A comma separated parameter."""
        return [part.strip() for value in self.request.params(name) for part in value.split(",") if part.strip()]

    def time(self, text: str) -> datetime | None:
        try:
            return moment(text, 0, "asOf") if text else None
        except KindError as error:
            raise errors.bad_request(str(error)) from error

    def json(self) -> Any:
        try:
            return json.loads(self.request.body or b"null")
        except ValueError as error:
            text = "The body of the request is not valid JSON."
            raise errors.bad_request(text, "VssRequestBodyException") from error

    def json_object(self) -> Json:
        body = self.json()
        if not isinstance(body, dict):
            raise errors.bad_request("Value cannot be null.", "ArgumentNullException")
        return body


@dataclass(frozen=True)
class Endpoint:
    """`body` is the kind of body it takes: "" for none, "json", "patch" or "bytes". `writes` whether it may change
    anything, whatever the method. `preview` whether it needs the -preview flag, `versioned` whether any version."""

    function: Callable[[Call], Response]
    body: str
    writes: bool
    preview: bool
    versioned: bool

    def __call__(self, call: Call) -> Response:
        return self.function(call)


def endpoint(
    method: str,
    path: str,
    *,
    project: str = "optional",
    body: str = "",
    writes: bool | None = None,
    preview: bool = False,
    versioned: bool = True,
) -> Callable[[_Function], _Function]:
    """Declares a function as the endpoint for `path`, which begins behind the organisation and the project.

    `project`: "optional", "required", "none", or "team" for routes that may also name a team. `writes` is what the
    method says unless stated.
    """
    prefixes = {"optional": ["", "/{project}"], "required": ["/{project}"], "none": [""]}
    within = prefixes.get(project, ["", "/{project}", "/{project}/{team}"])
    changes = method not in ("GET", "HEAD", "OPTIONS") if writes is None else writes

    def declare(function: _Function) -> _Function:
        declared = Endpoint(function, body, changes, preview, versioned)
        ROUTER.route(method, *(prefix + path for prefix in within))(declared)
        return function

    return declare


def answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(status, {"content-type": "application/json; charset=utf-8", **(headers or {})}, text.encode())


def collection(values: Sequence[Any], headers: Mapping[str, str] | None = None) -> Response:
    return answer({"count": len(values), "value": list(values)}, headers=headers)


def nothing() -> Response:
    return Response(204)


def expansion(text: Any) -> str:
    """A $expand value by name or number, lower case; raises ApiError 400."""
    word = str(text or "none").lower()
    if word.isdigit() and int(word) < len(EXPANSIONS):
        return EXPANSIONS[int(word)]
    if word not in EXPANSIONS:
        raise errors.bad_request(f"The value {text} of $expand is unknown.")
    return word
