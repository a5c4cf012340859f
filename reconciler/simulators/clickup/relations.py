"""Relations: dependencies, links, further Lists, and the move to another home (FACTS clickup 10)."""

from __future__ import annotations

from typing import Any

from reconciler.simulators.clickup import errors, fields, tasks
from reconciler.simulators.clickup.entities import Dependency, Link, Member, Status, Task, TaskList
from reconciler.simulators.clickup.switches import Change
from reconciler.simulators.clickup.world import World, in_trash

Body = dict[str, Any]


class MoveRefused(Exception):
    """Why a task cannot get another home; answered as 400 (FACTS clickup 10.7)."""


def add_dependency(world: World, actor: Member, task: Task, body: Body) -> None:
    """`depends_on` or `dependency_of`; neither is a success without effect (recorded, FACTS clickup 1.14)."""
    pair = _pair(world, actor, task, body.get("depends_on"), body.get("dependency_of"))
    if pair is None:
        return
    waiting, blocking = pair
    if _waits(blocking, waiting):
        raise errors.dependency_cycle()
    if any(known.waiting is waiting and known.blocking is blocking for known in task.dependencies):
        return
    dependency = Dependency(waiting, blocking, actor, world.now_ms())
    for end in pair:
        end.dependencies.append(dependency)
        world.record(end, Change.DEPENDENCY)


def remove_dependency(world: World, actor: Member, task: Task, depends_on: str, dependency_of: str) -> None:
    """Idempotent."""
    pair = _pair(world, actor, task, depends_on, dependency_of)
    if pair is None:
        return
    for end in pair:
        kept = [known for known in end.dependencies if (known.waiting, known.blocking) != pair]
        if len(kept) != len(end.dependencies):
            end.dependencies = kept
            world.record(end, Change.DEPENDENCY)


def link(world: World, actor: Member, task: Task, other_id: str) -> None:
    """Undirected and idempotent."""
    other = _linkable(world, actor, other_id)
    if any(known.other(task) is other for known in task.links):
        return
    made = Link(task, other, actor, world.now_ms())
    for end in (task, other):
        end.links.append(made)
        world.record(end, Change.LINK)


def unlink(world: World, actor: Member, task: Task, other_id: str) -> None:
    other = _linkable(world, actor, other_id)
    for end, far in ((task, other), (other, task)):
        end.links = [known for known in end.links if known.other(end) is not far]
        world.record(end, Change.LINK)


def add_location(world: World, task: Task, task_list: TaskList) -> None:
    """Shows the task in a further List; each call uses up quota (FACTS clickup 10.9)."""
    workspace = task.workspace
    quota = world.switches.location_uses_max
    if quota is not None and workspace.location_uses >= quota:
        raise errors.location_quota_spent()
    workspace.location_uses += 1
    if task_list is not task.home and task_list not in task.locations:
        task.locations.append(task_list)
        world.record(task, Change.LOCATION)


def remove_location(world: World, task: Task, task_list: TaskList) -> None:
    if task_list is task.home:
        raise errors.home_list_fixed()
    if task_list in task.locations:
        task.locations.remove(task_list)
        world.record(task, Change.LOCATION)


def move(world: World, task: Task, destination: TaskList, body: Body) -> None:
    """Another home List; id, comments and attachments stay, subtasks follow. Raises MoveRefused."""
    if task.parent:
        raise MoveRefused("Only root tasks can be moved to a new home list")
    mapping = _mapping(task, destination, body.get("status_mappings"))
    for moved in [task, *task.descendants()]:
        if moved.status.id in mapping:
            moved.status = mapping[moved.status.id]
    _carry_fields(world, task, destination, body)
    if world.switches.cross_space_move == "drops" and destination.space is not task.space:
        task.tags = []
    tasks.relocate(world, task, destination)


def _pair(world: World, actor: Member, task: Task, depends_on: Any, dependency_of: Any) -> tuple[Task, Task] | None:
    if depends_on and dependency_of:
        raise errors.dependency_ambiguous()
    if not depends_on and not dependency_of:
        return None
    other = world.living_task(actor, str(depends_on or dependency_of))
    return (task, other) if depends_on else (other, task)


def _waits(task: Task, on: Task) -> bool:
    """Whether `task` waits, through others perhaps, on `on`."""
    if task is on:
        return True
    return any(_waits(known.blocking, on) for known in task.dependencies if known.waiting is task)


def _linkable(world: World, actor: Member, other_id: str) -> Task:
    other = world.tasks.get(other_id)
    if other is None or not world.sees_task(actor, other):
        raise errors.link_foreign()
    if in_trash(other):
        raise errors.task_deleted()
    return other


def _mapping(task: Task, destination: TaskList, entries: Any) -> dict[str, Status]:
    """Statuses are matched by name; only those without a namesake may and must be mapped (FACTS clickup 10.7)."""
    names = {status.name for status in destination.statuses}
    needed = {moved.status.id for moved in [task, *task.descendants()] if moved.status.name not in names}
    by_id = {status.id: status for status in destination.statuses}
    mapping = {}
    for entry in entries or []:
        source, target = entry.get("source_status"), entry.get("destination_status")
        if source not in needed or target not in by_id:
            raise MoveRefused("Invalid status mappings")
        mapping[source] = by_id[target]
    if needed - mapping.keys():
        raise MoveRefused("Status mappings are required")
    return mapping


def _carry_fields(world: World, task: Task, destination: TaskList, body: Body) -> None:
    """Fields the destination lacks come along on request; otherwise their values stay hidden or are lost (U18)."""
    known = fields.usable_in(destination)
    missing = [field for field in fields.applicable(task) if field not in known and field.id in task.values]
    chosen = body.get("custom_fields_to_move")
    for field in missing:
        if body.get("move_custom_fields") and (not chosen or field.id in chosen):
            destination.fields.append(field)
        elif world.switches.cross_space_move == "drops":
            del task.values[field.id]
