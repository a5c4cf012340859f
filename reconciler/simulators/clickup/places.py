"""Places: making, changing and deleting Spaces, Folders and Lists, and their JSON (FACTS clickup 2)."""

from __future__ import annotations

from typing import Any

from reconciler.simulators.clickup import errors
from reconciler.simulators.clickup.entities import Folder, Member, Space, Status, TaskList
from reconciler.simulators.clickup.switches import Change
from reconciler.simulators.clickup.views import PRIORITIES, Json, folder_reference, priority_view, status_view
from reconciler.simulators.clickup.world import World

_SWITCHED_ON = [
    "tags",
    "checklists",
    "time_estimates",
    "check_unresolved",
    "custom_fields",
    "remap_dependencies",
    "dependency_warning",
    "multiple_assignees",
    "emails",
]
_SWITCHED_OFF = ["portfolios", "sprints", "points", "custom_items", "milestones", "status_pies"]


def add_folder(world: World, space: Space, name: Any) -> Folder:
    if not isinstance(name, str) or not name.strip():
        raise errors.folder_name_invalid()
    if any(folder.name == name and not folder.deleted and not folder.hidden for folder in space.folders):
        raise errors.folder_name_taken()
    folder = Folder(world.ids.place(), name, space)
    _enter_folder(world, folder)
    return folder


def add_hidden_folder(world: World, space: Space) -> Folder:
    """What a List without a Folder hangs in."""
    folder = Folder(world.ids.place(), "hidden", space, hidden=True)
    _enter_folder(world, folder)
    return folder


def add_list(world: World, folder: Folder, body: Json) -> TaskList:
    """The body of POST /folder/{}/list."""
    name = body.get("name")
    if not isinstance(name, str) or not name.strip():
        raise errors.list_name_invalid()
    task_list = TaskList(world.ids.place(), name, folder)
    task_list.content = str(body.get("content") or "")
    task_list.priority = body.get("priority") if body.get("priority") in PRIORITIES else None
    task_list.color = str(body.get("status") or "")
    folder.lists.append(task_list)
    world.lists[task_list.id] = task_list
    return task_list


def change_list(world: World, task_list: TaskList, body: Json) -> None:
    """PUT /list/{}; `folder_id` is ignored; statuses may be replaced, which is undocumented (FACTS clickup 2.16)."""
    if "name" in body:
        if not isinstance(body["name"], str) or not body["name"].strip():
            raise errors.list_name_invalid()
        task_list.name = body["name"]
    task_list.content = str(body.get("content", task_list.content))
    drafts = body.get("statuses")
    if body.get("override_statuses") and isinstance(drafts, list):
        replace_statuses(world, task_list, [(draft["status"], draft.get("type", "custom")) for draft in drafts])


def replace_statuses(world: World, task_list: TaskList, drafts: Any) -> None:
    """Gives the List its own statuses. Tasks keep theirs by name; those without a namesake get the first one."""
    old = {status.name: status for status in task_list.own_statuses}
    fresh = world.make_statuses(drafts, f"sc{task_list.id}", f"subcat_{task_list.id}")
    task_list.own_statuses = [_kept(old.get(status.name), status) for status in fresh]
    by_name = {status.name: status for status in task_list.own_statuses}
    for task in world.tasks.values():
        if task.home is task_list:
            task.status = by_name.get(task.status.name, task_list.own_statuses[0])
            world.record(task, Change.RENAME)


def _kept(old: Status | None, fresh: Status) -> Status:
    if old is None:
        return fresh
    old.type, old.color, old.order = fresh.type, fresh.color, fresh.order
    return old


def _enter_folder(world: World, folder: Folder) -> None:
    folder.space.folders.append(folder)
    world.folders[folder.id] = folder


# --- views --------------------------------------------------------------------------------------------------------


def space_reference(space: Space) -> Json:
    return {"id": space.id, "name": space.name, "access": True}


def space_view(space: Space) -> Json:
    features: Json = {name: {"enabled": True} for name in _SWITCHED_ON}
    features |= {name: {"enabled": False} for name in _SWITCHED_OFF}
    features["multiple_assignees"] = {"enabled": space.multiple_assignees}
    features["due_dates"] = {
        "enabled": True,
        "start_date": True,
        "remap_due_dates": True,
        "remap_closed_due_date": False,
    }
    features["time_tracking"] = {"enabled": True, "harvest": False, "rollup": False}
    features["priorities"] = {"enabled": True, "priorities": [priority_view(level) for level in PRIORITIES]}
    return {
        "id": space.id,
        "name": space.name,
        "color": "#03A2FD",
        "private": space.admits is not None,
        "avatar": None,
        "admin_can_manage": True,
        "statuses": [status_view(status) for status in space.statuses],
        "multiple_assignees": space.multiple_assignees,
        "features": features,
        "archived": space.archived,
    }


def folder_view(folder: Folder, *, archived: bool = False) -> Json:
    lists = [task_list for task_list in folder.lists if not task_list.deleted and task_list.archived == archived]
    return {
        "id": folder.id,
        "name": folder.name,
        "orderindex": folder.space.folders.index(folder),
        "override_statuses": bool(folder.own_statuses),
        "hidden": folder.hidden,
        "space": space_reference(folder.space),
        "task_count": str(sum(task_list.size for task_list in lists)),
        "archived": folder.archived,
        "statuses": [_listed_status(status) for status in folder.own_statuses],
        "deleted": folder.deleted,
        "lists": [list_row(task_list) for task_list in lists],
        "permission_level": "create",
    }


def list_row(task_list: TaskList) -> Json:
    """Without statuses and address, as listings have it (FACTS clickup 2.5)."""
    priority = priority_view(task_list.priority)
    return {
        "id": task_list.id,
        "name": task_list.name,
        "orderindex": task_list.folder.lists.index(task_list),
        "content": task_list.content,
        "status": _color(task_list),
        "priority": {"priority": priority["priority"], "color": priority["color"]} if priority else None,
        "assignee": None,
        "task_count": task_list.size,
        "due_date": None,
        "start_date": None,
        "folder": folder_reference(task_list),
        "space": space_reference(task_list.space),
        "archived": task_list.archived,
        "override_statuses": bool(task_list.own_statuses),
        "permission_level": "create",
    }


def list_view(task_list: TaskList, member: Member) -> Json:
    """One List. `status` is there only when a colour was chosen, as recorded."""
    view = list_row(task_list)
    if view["status"] is None:
        del view["status"]
    return view | {
        "deleted": task_list.within_deleted,
        "inbound_address": f"a.t.{task_list.id}.u-{member.id}.00000000-0000-4000-8000-000000000000@tasks.clickup.com",
        "statuses": [_listed_status(status) for status in task_list.statuses],
    }


def _listed_status(status: Status) -> Json:
    return status_view(status) | {"status_group": status.group}


def _color(task_list: TaskList) -> Json | None:
    if not task_list.color:
        return None
    return {"status": task_list.color, "color": "#d33d44", "hide_label": True}
