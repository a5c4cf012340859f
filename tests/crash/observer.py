"""Observer: what both servers show, seen through clients of its own and on copies.

Neither the program's clients nor the servers' logs notice. One observer serves all stages of a scenario."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from reconciler.model.comment import Comment
from reconciler.model.item import Item
from reconciler.model.side import SIDES, Side
from reconciler.simulators.azure_devops.identity import User
from reconciler.simulators.azure_devops.item import WorkItem
from reconciler.simulators.azure_devops.nodes import Node, Project
from reconciler.simulators.clickup.entities import Task
from reconciler.simulators.kit.transport import InProcess
from reconciler.simulators.kit.wire import Request, Response, Service
from tests.crash.stage import Frozen, Stage

_OF_ONE_RUN = re.compile(
    r"Id$|Rev$|Watermark$|(Changed|Created|Authorized|Revised|Activated|Resolved|Closed|StateChange)Date$"
)
_TASK = re.compile(r"app\.clickup\.com/t/(?:\d+/)?(\w+)")
_WORK_ITEM = re.compile(r"(?:_workitems/edit/|wit/workitems/)(\d+)", re.IGNORECASE)


_FILE = re.compile(r"wit/attachments/[0-9a-f-]{36}")
_SHOWN = ("comment", "name", "resourceSize")

View = dict[Side, dict[str, Item]]
"""Living items by side and key."""


class Observer:
    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        services: dict[str, Service] = {base: _Elsewhere(self, base) for base in stage.services()}
        [self._context] = stage.open_contexts(InProcess(services))

    def handle(self, base: str, request: Request) -> Response:
        return self._stage.services()[base].handle(request)

    def look_at(self, servers: Frozen) -> None:
        """Everything asked from now on is about these."""
        self._stage = Stage.thaw(servers, "")

    def view(self) -> View:
        return {
            side: {
                item.key: item
                for page in self._context.trackers[side].sweep(self._context.scopes[side])
                for _, item in page.items
            }
            for side in SIDES
        }

    def comments(self, side: Side, item: Item) -> list[Comment]:
        return self._context.trackers[side].comments(self._context.scopes[side], item)


def agreed(stage: Stage) -> View:
    """What the store holds to be agreed, as if it were shown."""
    return {side: {link.key(side): link.side(side).base for link in stage.store.all_links("web")} for side in SIDES}


class _Elsewhere:
    def __init__(self, observer: Observer, base: str) -> None:
        self._observer, self._base = observer, base

    def handle(self, request: Request) -> Response:
        return self._observer.handle(self._base, request)


# --- the servers' own view -------------------------------------------------------------------------------------------


def titles(stage: Stage) -> dict[Side, dict[str, str]]:
    """Titles by key, of all items that ever were."""
    return {
        "left": {str(number): item.title for number, item in stage.azure.world.items.items()},
        "right": {key: task.name for key, task in stage.clickup.world.tasks.items()},
    }


def as_kept(stage: Stage) -> dict[Side, list[str]]:
    """Everything both servers keep, modulo ids and stamps: one text an item, sorted."""
    names = titles(stage)

    def neutral(text: str) -> str:
        text = _TASK.sub(lambda found: f"task <{names['right'].get(found[1], '?')}>", text)
        return _WORK_ITEM.sub(lambda found: f"item <{names['left'].get(found[1], '?')}>", text)

    return {
        "left": sorted(neutral(_work_item(item)) for item in stage.azure.world.items.values()),
        "right": sorted(neutral(_task(task)) for task in stage.clickup.world.tasks.values()),
    }


def _work_item(item: WorkItem) -> str:
    fields = {name: _plain(v) for name, v in sorted(item.fields.items()) if not _OF_ONE_RUN.search(name)}
    links = sorted(
        (r.rel, _address(r.url), str(r.target and r.target.title), *(repr(r.attributes.get(n)) for n in _SHOWN))
        for r in item.relations
    )
    comments = [(c.latest.by.address, c.latest.text) for c in item.comments if not c.latest.deleted]
    return f"{item.title!r} deleted={item.deleted} {fields} {links} {comments}"


def _task(task: Task) -> str:
    fields = {
        "status": task.status.name,
        "type": task.type_id,
        "markdown": task.markdown,
        "priority": task.priority,
        "assignees": sorted(member.address for member in task.assignees),
        "tags": sorted(tag.name for tag in task.tags),
        "due": task.due_ms,
        "start": task.start_ms,
        "archived": task.archived,
        "parent": task.parent and task.parent.name,
    }
    comments = [(c.user.address, [_segment(segment) for segment in c.segments]) for c in task.comments]
    files = sorted((file.title, file.data, file.user.address) for file in task.attachments if not file.deleted)
    return f"{task.name!r} trashed={task.trashed_ms is not None} {fields} {files} {comments}"


def _address(url: str | None) -> str:
    """Files are numbered in the order of their uploads, those included that nothing links to."""
    return _FILE.sub("wit/attachments/…", url or "")


def _segment(segment: dict[str, Any]) -> str:
    return repr({name: value for name, value in segment.items() if "id" not in name})


def _plain(value: Any) -> object:
    match value:
        case User():
            return value.address
        case Node() | Project():
            return value.name
        case tuple():
            return sorted(tag.name for tag in value)
        case datetime():
            return value.isoformat()
    return value
