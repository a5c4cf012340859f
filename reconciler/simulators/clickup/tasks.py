"""Tasks: the rules of creating and updating, with everything ClickUp drops in silence (FACTS clickup 6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from reconciler.simulators.clickup import errors, fields, markdown
from reconciler.simulators.clickup.dates import day_only
from reconciler.simulators.clickup.entities import Group, Link, Member, Status, Task, TaskList, Workspace
from reconciler.simulators.clickup.switches import Change
from reconciler.simulators.clickup.world import World, in_trash

Body = dict[str, Any]
NAME_CHARACTERS_MAX = 2048  # FACTS clickup 6.2
DESCRIPTION_BYTES_MAX = 256 * 1024  # FACTS clickup 6.20
LIST_TASKS_MAX = 50_000
SUBTASKS_MAX = 1_000
_Known = TypeVar("_Known")


def create(world: World, actor: Member, task_list: TaskList, body: Body) -> tuple[Task, Callable[[], None]]:
    """Makes a task of the body of POST /list/{}/task. The second value must be called when the answer has been built:
    it attaches tags that were new to the Space (FACTS clickup 6.7). Nothing is made where ApiError is raised."""
    parent = _parent_in(world, task_list, body.get("parent"))
    linked = _linked(world, actor, body.get("links_to"))
    _check_room(task_list, parent)
    now_ms = world.now_ms()
    status = _status(world, task_list, body.get("status"), "CRTSK_001")
    task = Task(
        id=world.ids.task(),
        ordinal=len(world.tasks) + 1,
        name=_name(world, body.get("name")),
        home=task_list,
        status=status,
        creator=actor,
        created_ms=now_ms,
        updated_ms=now_ms,
        type_id=_type(world, task_list, body.get("custom_item_id")),
        parent=parent,
        watchers=[actor],
    )
    _describe(world, task, body)
    _schedule(actor, task, body)
    _weigh(world, task, body)
    task.assignees = _members(task.workspace, body.get("assignees"))
    task.group_assignees = _groups(task.workspace, body.get("group_assignees"))
    task.archived = body.get("archived") is True
    if body.get("custom_fields"):
        fields.set_at_creation(world, actor, task, body["custom_fields"])
    _enter_status(task, status, now_ms)
    _register(world, task)
    if linked:
        link = Link(task, linked, actor, now_ms)
        task.links.append(link)
        linked.links.append(link)
    return task, _tag(world, actor, task, body.get("tags"))


def update(world: World, actor: Member, task: Task, body: Body) -> None:
    """The body of PUT /task/{}. Absent keys stay; `date_updated` moves even when nothing changes (FACTS clickup 6.23).
    Nothing changes where ApiError is raised."""
    draft = task.frozen()
    if "name" in body:
        draft.name = _name(world, body["name"])
    if body.get("status") is not None:
        draft.status = _status(world, task.home, body["status"], world.switches.update_status_code)
    if body.get("custom_item_id") not in (None, task.type_id):
        draft.type_id = _type(world, task.home, body["custom_item_id"])
    _describe(world, draft, body)
    _schedule(actor, draft, body)
    _weigh(world, draft, body)
    draft.assignees = _changed_assignees(world, task, body.get("assignees"))
    draft.group_assignees = _changed(task.group_assignees, body.get("group_assignees"), task.workspace.groups)
    draft.watchers = _changed(task.watchers, body.get("watchers"), task.workspace.members)
    new_parent = _new_parent(world, actor, task, body.get("parent"))
    if isinstance(body.get("archived"), bool):
        draft.archived = body["archived"]
    _adopt(task, draft)
    _enter_status(task, draft.status, world.now_ms())
    if new_parent:
        reparent(world, task, new_parent)
    world.record(task, Change.EDIT)


def reparent(world: World, task: Task, parent: Task | None) -> None:
    """Hangs a task under another one, into whose List it goes with all its subtasks; None makes it a root task, which
    only people can do (FACTS clickup 6.16)."""
    if task.parent:
        task.parent.children.remove(task)
        world.record(task.parent, Change.SUBTASK)
    task.parent = parent
    if parent:
        parent.children.append(task)
        world.record(parent, Change.SUBTASK)
        relocate(world, task, parent.home)
    world.record(task, Change.EDIT)


def relocate(world: World, task: Task, destination: TaskList) -> None:
    """Makes `destination` the home of a task and of its subtasks. A status name unknown there becomes the first one
    of the List; whoever wants it otherwise maps it before."""
    for moved in [task, *task.descendants()]:
        if moved.home is destination:
            continue
        moved.home.size -= 1
        destination.size += 1
        moved.home = destination
        moved.locations = [place for place in moved.locations if place is not destination]
        name = moved.status.name
        status = next((status for status in destination.statuses if status.name == name), destination.statuses[0])
        _enter_status(moved, status, world.now_ms())
        world.record(moved, Change.MOVE)


# --- one aspect each ----------------------------------------------------------------------------------------------


def _name(world: World, name: Any) -> str:
    if not isinstance(name, str) or not name.strip() or len(name) > NAME_CHARACTERS_MAX:
        raise errors.name_invalid()
    return " ".join(name.split()) if world.switches.trims_names else name


def _status(world: World, task_list: TaskList, name: Any, code: str) -> Status:
    if name is None:
        return task_list.statuses[0]  # FACTS clickup 6.4
    wanted = name if world.switches.status_case_matters else str(name).lower()
    for status in task_list.statuses:
        if status.name == wanted:
            return status
    raise errors.status_unknown(code)


def _type(world: World, task_list: TaskList, type_id: Any) -> int:
    workspace = task_list.space.workspace
    chosen = task_list.default_type if type_id is None else type_id
    if chosen not in workspace.task_types:
        raise errors.type_unknown()
    if chosen > 1:  # neither Task nor Milestone
        quota = world.switches.custom_type_uses_max
        if quota is not None and workspace.custom_type_uses >= quota:
            raise errors.type_quota_spent()
        workspace.custom_type_uses += 1
    return int(chosen)


def _describe(world: World, task: Task, body: Body) -> None:
    """`markdown_content` wins; "" is ignored and " " clears (FACTS clickup 6.3, 6.14)."""
    source, blocks = body.get("markdown_content"), None
    if isinstance(source, str) and source:
        if not source.strip() and not world.switches.blank_clears_markdown:
            return
        blocks = markdown.parse(source, world.switches)
    elif isinstance(source := body.get("description"), str) and source:
        blocks = markdown.literal(source)
    if blocks is None or source is None:
        return
    if len(source.encode()) > DESCRIPTION_BYTES_MAX:
        raise errors.limit_reached("Description size")
    task.markdown = markdown.render(blocks, world.switches)
    task.text = markdown.plain_text(blocks)


def _schedule(actor: Member, task: Task, body: Body) -> None:
    for key, attribute in (("due_date", "due_ms"), ("start_date", "start_ms")):
        if key not in body:
            continue
        value = body[key]
        if value is None:
            setattr(task, attribute, None)
            continue
        try:
            instant_ms = int(value)
        except (TypeError, ValueError):
            raise errors.date_invalid() from None
        timed = body.get(f"{key}_time") is True
        setattr(task, attribute, instant_ms if timed else day_only(instant_ms, actor.timezone))  # FACTS clickup 5.6


def _weigh(world: World, task: Task, body: Body) -> None:
    if "priority" in body:
        if body["priority"] not in (None, 1, 2, 3, 4) or isinstance(body["priority"], bool):
            raise errors.priority_invalid()
        task.priority = body["priority"]
    if "points" in body and (body["points"] is not None or world.switches.null_clears_points):
        task.points = body["points"]
    if "time_estimate" in body and (body["time_estimate"] is not None or world.switches.null_clears_time_estimate):
        task.estimate_ms = body["time_estimate"]


def _members(workspace: Workspace, ids: Any) -> list[Member]:
    """People that exist; others are dropped in silence (FACTS clickup 6.6)."""
    ids = ids if isinstance(ids, list) else []
    return list(dict.fromkeys(workspace.members[one] for one in ids if one in workspace.members))


def _groups(workspace: Workspace, ids: Any) -> list[Group]:
    ids = ids if isinstance(ids, list) else []
    return list(dict.fromkeys(workspace.groups[one] for one in ids if one in workspace.groups))


def _changed_assignees(world: World, task: Task, change: Any) -> list[Member]:
    known = task.workspace.members
    added = change.get("add") or [] if isinstance(change, dict) else []
    if world.switches.unknown_assignee_on_update == "refused" and any(one not in known for one in added):
        raise errors.assignee_unknown()
    assignees = _changed(task.assignees, change, known)
    return assignees if task.space.multiple_assignees else assignees[-1:]  # FACTS clickup 13.6


def _changed(now: list[_Known], change: Any, known: dict[Any, _Known]) -> list[_Known]:
    """`{"add": [...], "rem": [...]}`; anything else is ignored without error (FACTS clickup 6.15)."""
    if not isinstance(change, dict):
        return now
    added: list[_Known] = [known[one] for one in change.get("add") or [] if one in known]
    removed: list[_Known] = [known[one] for one in change.get("rem") or [] if one in known]
    return [one for one in dict.fromkeys([*now, *added]) if one not in removed]


def _tag(world: World, actor: Member, task: Task, names: Any) -> Callable[[], None]:
    names = [name for name in names or [] if isinstance(name, str) and name.strip()]
    known = task.space.tags
    task.tags = [known[name.lower()] for name in dict.fromkeys(names) if name.lower() in known]
    late = [name for name in names if name.lower() not in known]

    def attach() -> None:
        if not late or not world.switches.new_tags_arrive_late:
            return
        for name in late:
            tag = world.space_tag(task.space, name, actor)
            if tag not in task.tags:
                task.tags.append(tag)
        world.index_again(task)

    return attach


def _parent_in(world: World, task_list: TaskList, parent_id: Any) -> Task | None:
    if not parent_id:
        return None
    parent = world.tasks.get(parent_id)
    if parent is None or in_trash(parent) or parent.home is not task_list:
        raise errors.parent_elsewhere()
    if parent.depth >= world.switches.nesting_depth_max:
        raise errors.nested_too_deep()
    return parent


def _new_parent(world: World, actor: Member, task: Task, parent_id: Any) -> Task | None:
    """None and "" change nothing: a subtask cannot be detached (FACTS clickup 6.16)."""
    if not parent_id or (task.parent and task.parent.id == parent_id):
        return None
    if parent_id == task.id:
        raise errors.parent_is_itself()
    parent = world.living_task(actor, str(parent_id))
    if parent in task.descendants():
        raise errors.parent_is_itself()
    if parent.depth + 1 + task.height > world.switches.nesting_depth_max:
        raise errors.nested_too_deep()
    return parent


def _linked(world: World, actor: Member, task_id: Any) -> Task | None:
    if not task_id:
        return None
    other = world.tasks.get(task_id)
    if other is None or in_trash(other) or not world.sees_task(actor, other):
        raise errors.no_access()
    return other


def _check_room(task_list: TaskList, parent: Task | None) -> None:
    if task_list.size >= LIST_TASKS_MAX:
        raise errors.limit_reached("List task")
    if parent and len((parent.top_level_parent or parent).descendants()) >= SUBTASKS_MAX:
        raise errors.limit_reached("Subtask")


def _register(world: World, task: Task) -> None:
    space = task.space
    if space.custom_id_prefix:
        space.custom_ids += 1
        task.custom_id = f"{space.custom_id_prefix}-{space.custom_ids}"
    world.enter(task)
    if task.parent:
        task.parent.children.append(task)
        world.record(task.parent, Change.SUBTASK)


def _enter_status(task: Task, status: Status, now_ms: int) -> None:
    """Done and closed statuses stamp `date_done`, closed ones `date_closed`; leaving clears (FACTS clickup 2.7)."""
    if task.status is not status or not task.status_since:
        task.status_since.append((status, now_ms))
    task.status = status
    finished = status.type in ("done", "closed")
    task.done_ms = (task.done_ms or now_ms) if finished else None
    task.closed_ms = (task.closed_ms or now_ms) if status.type == "closed" else None


def _adopt(task: Task, draft: Task) -> None:
    for name in [
        "name",
        "type_id",
        "markdown",
        "text",
        "due_ms",
        "start_ms",
        "priority",
        "points",
        "estimate_ms",
        "assignees",
        "group_assignees",
        "watchers",
        "archived",
    ]:
        setattr(task, name, getattr(draft, name))
