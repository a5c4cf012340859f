"""Time tracking, as far as it is recorded: entries move the task's date to their own instant (FACTS clickup 4.1)."""

from __future__ import annotations

from reconciler.simulators.clickup import errors
from reconciler.simulators.clickup.entities import Member, Task, TimeEntry, Workspace
from reconciler.simulators.clickup.switches import Change
from reconciler.simulators.clickup.views import Json, Viewer, status_view
from reconciler.simulators.clickup.world import World


def add(world: World, actor: Member, body: Json) -> TimeEntry:
    start_ms, duration_ms = body.get("start"), body.get("duration")
    if not isinstance(start_ms, int) or not isinstance(duration_ms, int):
        raise errors.body_invalid()
    entry = _entry(world, actor, body, start_ms)
    _finish(world, entry, duration_ms)
    return entry


def start(world: World, actor: Member, body: Json) -> TimeEntry:
    """A running timer; it counts for the task when it stops."""
    entry = _entry(world, actor, body, world.now_ms())
    world.running_timers[actor.id] = entry
    if entry.task:
        world.record(entry.task, Change.TIME)
    return entry


def stop(world: World, actor: Member) -> TimeEntry:
    entry = world.running_timers.pop(actor.id, None)
    if entry is None:
        raise errors.body_invalid()
    entry.at_ms = world.now_ms()
    _finish(world, entry, entry.at_ms - entry.start_ms)
    return entry


def view(viewer: Viewer, workspace: Workspace, entry: TimeEntry, moment: str) -> Json:
    """Which of the instants are numbers and which texts depends on the call, as recorded: `moment` is "add", "start"
    or "stop"."""
    end_ms = entry.start_ms + (entry.duration_ms or 0)
    user = viewer.person(entry.user)
    found: Json = {
        "id": str(entry.id),
        "task": _task(entry.task, moment),
        "wid": workspace.id,
        "user": user | {"timezone": entry.user.timezone} if moment == "add" else user,
        "billable": entry.billable,
        "start": str(entry.start_ms) if moment == "stop" else entry.start_ms,
        "duration": -max(1, entry.at_ms - entry.start_ms) if moment == "start" else entry.duration_ms,
        "description": entry.description,
        "tags": [],
        "at": entry.at_ms,
        "is_locked": False,
        "task_location": {},
    }
    if moment == "add":
        found["end"] = str(end_ms)
    if moment == "stop":
        found |= {"end": end_ms, "source": "api_automatic", "approval_id": None}
    return found


def _task(task: Task | None, moment: str) -> Json | None:
    if task is None:
        return None
    status = status_view(task.status)
    if moment == "stop":
        del status["id"]
        return {"id": task.id, "name": task.name, "status": status, "custom_type": task.type_id or None}
    return {"id": task.id, "name": task.name, "status": status}


def _entry(world: World, actor: Member, body: Json, start_ms: int) -> TimeEntry:
    task = world.living_task(actor, str(body["tid"])) if body.get("tid") else None
    entry = TimeEntry(world.ids.history(), task, actor, start_ms, world.now_ms())
    entry.billable = body.get("billable") is True
    entry.description = str(body.get("description") or "")
    return entry


def _finish(world: World, entry: TimeEntry, duration_ms: int) -> None:
    entry.duration_ms = duration_ms
    if entry.task:
        entry.task.spent_ms += duration_ms
        world.record(entry.task, Change.TIME)
