"""Listing: which tasks a List's or a Workspace's listing shows, in which order, page by page (FACTS clickup 3).

There is no cursor and no snapshot: each page is cut from the tasks as they are at that moment, so pages drift when
something changes between two calls (3.13).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from reconciler.simulators.clickup import errors
from reconciler.simulators.clickup.entities import Member, Task, TaskList, Workspace
from reconciler.simulators.clickup.field_filters import Condition, conditions
from reconciler.simulators.clickup.views import Json, Viewer
from reconciler.simulators.clickup.world import World, in_trash
from reconciler.simulators.kit.wire import Request

_ARRAYS = ("assignees", "statuses", "tags", "watchers", "space_ids", "project_ids", "list_ids", "custom_items")
_SPANS: dict[str, Callable[[Task], int | None]] = {
    "due_date": lambda task: task.due_ms,
    "date_created": lambda task: task.created_ms,
    "date_updated": lambda task: task.updated_ms,
    "date_done": lambda task: task.done_ms,
}
_ORDERS: dict[str, Callable[[Task], tuple[int, int]]] = {
    "id": lambda task: (task.ordinal, 0),
    "created": lambda task: (task.created_ms, task.ordinal),
    "updated": lambda task: (task.updated_ms, task.ordinal),
    "due_date": lambda task: (task.due_ms or 0, task.ordinal),
}
_SHARED = [
    "page",
    "order_by",
    "reverse",
    "subtasks",
    "include_closed",
    "include_markdown_description",
    "custom_fields",
    "statuses[]",
    "assignees[]",
    "tags[]",
    "custom_items[]",
]
_SHARED += [f"{span}_{end}" for span in _SPANS for end in ("gt", "lt")]
LIST_QUERY = (*_SHARED, "archived", "include_timl", "watchers[]", "custom_field")
TEAM_QUERY = (*_SHARED, "space_ids[]", "project_ids[]", "list_ids[]", "parent")

Keep = Callable[[Task], bool]


class Listings:
    """Remembers the last full selection, so that walking through ten thousand tasks is not quadratic."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._remembered: tuple[object, list[Task]] | None = None

    def of_list(self, member: Member, task_list: TaskList, request: Request) -> Json:
        """GET /list/{}/task: tasks at home there; with `include_timl` also guests from other Lists."""
        timl = flag(request, "include_timl")

        def here(task: Task) -> bool:
            return task.home is task_list or (timl and task_list in task.locations)

        keep = [here, self._archived(request), *_watchers(request), *_roots_only(request)]
        return self._page(member, request, task_list.id, keep)

    def of_workspace(self, member: Member, workspace: Workspace, request: Request) -> Json:
        """GET /team/{}/task: everything the member may see; archived tasks never (FACTS clickup 3.9)."""
        seen: dict[TaskList, bool] = {}

        def visible(task: Task) -> bool:
            if task.workspace is not workspace:
                return False
            if task.home not in seen:
                seen[task.home] = self._world.sees_list(member, task.home)
            return seen[task.home] or self._world.sees_task(member, task)

        def current(task: Task) -> bool:
            return not self._is_archived(task)

        keep = [*_places(request), visible, current]
        parent = request.param("parent")
        keep += [_child_of(parent)] if parent else _roots_only(request)
        return self._page(member, request, workspace.id, keep)

    def _page(self, member: Member, request: Request, where: str, keep: list[Keep]) -> Json:
        for name in _ARRAYS:
            if request.params(name):
                raise errors.not_an_array(name)
        self._world.settle_index()
        selection = self._selection(member, request, where, keep)
        number = request.param("page")
        size = self._world.switches.page_size
        first = int(number) * size if number.isdecimal() else 0
        viewer = Viewer(self._world, member)
        markdown = flag(request, "include_markdown_description")
        rows = [viewer.row(task, markdown=markdown) for task in selection[first : first + size]]
        return {"tasks": rows, "last_page": first + size >= len(selection)}

    def _selection(self, member: Member, request: Request, where: str, keep: list[Keep]) -> list[Task]:
        query = tuple(part for part in request.query if part[0] != "page")
        key = (member.id, where, query, self._world.index.version, self._world.switches)
        if self._remembered and self._remembered[0] == key:
            return self._remembered[1]
        keep = [lambda task: not in_trash(task), *keep, *self._common(request)]
        selection = [task for task in self._candidates(request) if all(kept(task) for kept in keep)]
        selection = _ordered(selection, request)
        self._remembered = (key, selection)
        return selection

    def _candidates(self, request: Request) -> list[Task]:
        since = request.param("date_updated_gt")
        return self._world.index.touched_from(int(since)) if since.isdecimal() else self._world.index.all()

    def _archived(self, request: Request) -> Keep:
        wanted = flag(request, "archived")
        also = wanted and self._world.switches.archived_filter == "also"
        return lambda task: also or self._is_archived(task) == wanted

    def _is_archived(self, task: Task) -> bool:
        return task.archived or (self._world.switches.archived_places_hide_tasks and task.home.within_archived)

    def _common(self, request: Request) -> Iterable[Keep]:
        yield from self._spans(request)
        yield self._status(request)
        if assignees := set(request.params("assignees[]")):
            yield lambda task: any(str(member.id) in assignees for member in task.assignees)
        if tags := {name.lower() for name in request.params("tags[]")}:
            yield lambda task: any(tag.name in tags for tag in task.tags)
        if types := set(request.params("custom_items[]")):
            yield lambda task: str(task.type_id) in types
        yield from (condition.holds for condition in _field_conditions(request, self._world))

    def _spans(self, request: Request) -> Iterable[Keep]:
        inclusive = self._world.switches.after_includes_equal
        for name, instant_of in _SPANS.items():
            after, before = request.param(f"{name}_gt"), request.param(f"{name}_lt")
            if after:
                yield _after(instant_of, _instant(after) - inclusive)
            if before:
                yield _before(instant_of, _instant(before))

    def _status(self, request: Request) -> Keep:
        """Closed tasks are hidden unless asked for, by flag or by the name of their status (FACTS clickup 3.2)."""
        names = {name.lower() for name in request.params("statuses[]")}
        if names:
            return lambda task: task.status.name in names
        if flag(request, "include_closed"):
            return lambda task: True
        hidden = {"closed"} if self._world.switches.done_is_listed else {"closed", "done"}
        return lambda task: task.status.type not in hidden


def flag(request: Request, name: str) -> bool:
    return request.param(name).lower() == "true"


def _after(instant_of: Callable[[Task], int | None], bound: int) -> Keep:
    def keep(task: Task) -> bool:
        instant = instant_of(task)
        return instant is not None and instant > bound

    return keep


def _before(instant_of: Callable[[Task], int | None], bound: int) -> Keep:
    def keep(task: Task) -> bool:
        instant = instant_of(task)
        return instant is not None and instant < bound

    return keep


def _instant(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise errors.date_invalid() from None


def _ordered(selection: list[Task], request: Request) -> list[Task]:
    order = request.param("order_by", "created")
    if order not in _ORDERS:
        raise errors.order_unknown()
    return sorted(selection, key=_ORDERS[order], reverse=not flag(request, "reverse"))


def _roots_only(request: Request) -> list[Keep]:
    return [] if flag(request, "subtasks") else [lambda task: task.parent is None]


def _child_of(parent_id: str) -> Keep:
    return lambda task: task.parent is not None and task.parent.id == parent_id


def _watchers(request: Request) -> Iterable[Keep]:
    if wanted := set(request.params("watchers[]")):
        yield lambda task: any(str(member.id) in wanted for member in task.watchers)


def _places(request: Request) -> Iterable[Keep]:
    if spaces := set(request.params("space_ids[]")):
        yield lambda task: task.space.id in spaces
    if folders := set(request.params("project_ids[]")):
        yield lambda task: task.home.folder.id in folders
    if lists := set(request.params("list_ids[]")):
        yield lambda task: task.home.id in lists


def _field_conditions(request: Request, world: World) -> Iterable[Condition]:
    for name in ("custom_fields", "custom_field"):
        if text := request.param(name):
            try:
                wanted: Any = json.loads(text)
            except ValueError:
                raise errors.fields_malformed() from None
            yield from conditions(world, wanted if isinstance(wanted, list) else [wanted])
