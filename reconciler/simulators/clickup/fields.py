"""Fields: which custom fields a task has, what may be written to them and how they read back (FACTS clickup 9).

The stored form of a value is the neutral one: option ids, Members, Tasks, numbers, milliseconds.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from reconciler.simulators.clickup import errors
from reconciler.simulators.clickup.dates import day_only
from reconciler.simulators.clickup.entities import Field, Member, Task, TaskList
from reconciler.simulators.clickup.switches import Change
from reconciler.simulators.clickup.world import World, in_trash, places_of

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_COMPUTED = {"formula", "votes", "rollup", "automatic_progress"}
_TEXTS = {"text", "short_text", "url", "email", "phone"}


def usable_in(task_list: TaskList) -> list[Field]:
    """The fields of a List: its own and those of Folder, Space and Workspace (FACTS clickup 2.9)."""
    space = task_list.space
    levels = (space.workspace.fields, space.fields, task_list.folder.fields, task_list.fields)
    return [field for level in levels for field in level if not field.deleted]


def applicable(task: Task) -> list[Field]:
    """The fields of a task; which ones exist for its type and anywhere it is."""
    found: dict[str, Field] = {}
    for place in places_of(task):
        found |= {field.id: field for field in usable_in(place) if field.types is None or task.type_id in field.types}
    return list(found.values())


def set_value(world: World, actor: Member, task: Task, field_id: str, body: dict[str, Any]) -> None:
    """POST /task/{}/field/{}. Every use counts, also of an equal value (FACTS clickup 9.7). On a task in the trash it
    succeeds and does nothing (9.3)."""
    if in_trash(task):
        return
    field = _field(world, task, field_id)
    _spend(world, task)
    stored = stored_form(world, actor, field, body, task.values.get(field.id))
    _store(task, field, stored)
    world.record(task, Change.FIELD)


def unset(world: World, task: Task, field_id: str) -> None:
    if in_trash(task):
        return
    field = _field(world, task, field_id)
    task.values.pop(field.id, None)
    world.record(task, Change.FIELD)


def set_at_creation(world: World, actor: Member, task: Task, entries: Any) -> None:
    """The `custom_fields` of a new task. A bad entry fails the whole creation; fields that do not apply are dropped
    (FACTS clickup 6.10). Must be called before the task is registered."""
    if not isinstance(entries, list) or not all(isinstance(entry, dict) and "id" in entry for entry in entries):
        raise errors.fields_malformed()
    known = {field.id: field for field in applicable(task)}
    for entry in entries:
        field = known.get(str(entry["id"]))
        if field is None or entry.get("value") is None:
            continue
        _spend(world, task)
        _store(task, field, stored_form(world, actor, field, entry, None))


def stored_form(world: World, actor: Member, field: Field, body: dict[str, Any], before: Any) -> Any:
    """Checks a written value. Raises FieldError."""
    value = body.get("value")
    if value is None or field.type in _COMPUTED:
        raise errors.field_value_invalid()  # null does not clear (FACTS clickup 9.1)
    if field.type == "date":
        return _date(actor, value, body.get("value_options"))
    if field.type in ("drop_down", "labels"):
        return _options(field, value)
    if field.type == "users":
        return _people(world, value, before or [])
    if field.type == "tasks":
        return _related(world, actor, value, before or [])
    return _simple(field, value)


def read_form(world: World, field: Field, stored: Any, person: Callable[[Member], dict[str, Any]]) -> Any:
    """A stored value as it reads back, which is seldom what was written (FACTS clickup 9.4)."""
    plain = world.switches.plain_value_types
    match field.type:
        case "drop_down":
            return next((option["orderindex"] for option in _choices(field) if option["id"] == stored), None)
        case "date":
            return str(stored)
        case "number" | "currency" | "emoji":
            return stored if plain else str(stored)
        case "checkbox":
            return stored if plain else str(stored).lower()
        case "users":
            return [person(member) for member in stored]
        case "tasks":
            return [_relation(task) for task in stored]
        case "manual_progress":
            return {"percent_completed": stored, "current": str(stored)}
        case _:
            return stored


def _store(task: Task, field: Field, stored: Any) -> None:
    if stored == [] or stored == "":
        task.values.pop(field.id, None)
    else:
        task.values[field.id] = stored


def _field(world: World, task: Task, field_id: str) -> Field:
    if not _UUID.fullmatch(field_id):
        raise errors.field_id_invalid()
    field = world.fields.get(field_id)
    if field is None or all(field not in usable_in(place) for place in places_of(task)):
        raise errors.field_elsewhere()
    if field.types is not None and task.type_id not in field.types:
        raise errors.field_not_applicable()
    return field


def _spend(world: World, task: Task) -> None:
    quota = world.switches.field_uses_max
    if quota is not None and task.workspace.field_uses >= quota:
        raise errors.field_quota_spent()
    task.workspace.field_uses += 1


def _date(actor: Member, value: Any, options: Any) -> int:
    try:
        instant_ms = int(value)
    except (TypeError, ValueError):
        raise errors.field_date_invalid() from None
    timed = isinstance(options, dict) and options.get("time")
    return instant_ms if timed else day_only(instant_ms, actor.timezone)


def _choices(field: Field) -> list[dict[str, Any]]:
    options: list[dict[str, Any]] = field.config.get("options", [])
    return options


def _options(field: Field, value: Any) -> Any:
    ids = [option["id"] for option in _choices(field)]
    if field.type == "labels":
        if not isinstance(value, list):
            raise errors.labels_invalid()
        if any(choice not in ids for choice in value):
            raise errors.option_unknown()
        return list(dict.fromkeys(value))
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(ids):
        return ids[value]
    if value not in ids:
        raise errors.option_unknown()
    return value


def _people(world: World, value: Any, before: list[Member]) -> list[Member]:
    if not isinstance(value, dict):
        return []  # a wrong shape silently empties (FACTS clickup 9.4)
    members = {member.id: member for workspace in world.workspaces.values() for member in workspace.members.values()}
    removed = {int(member_id) for member_id in value.get("rem") or []}
    added = [members[int(member_id)] for member_id in value.get("add") or [] if int(member_id) in members]
    return [member for member in dict.fromkeys([*before, *added]) if member.id not in removed]


def _related(world: World, actor: Member, value: Any, before: list[Task]) -> list[Task]:
    if not isinstance(value, dict):
        raise errors.relation_invalid()
    added = [world.living_task(actor, task_id) for task_id in value.get("add") or []]
    removed = set(value.get("rem") or [])
    return [task for task in dict.fromkeys([*before, *added]) if task.id not in removed]


def _relation(task: Task) -> dict[str, Any]:
    return {
        "id": task.id,
        "name": task.name,
        "status": task.status.name,
        "color": task.status.color,
        "custom_type": task.type_id or None,
        "team_id": task.workspace.id,
        "deleted": task.trashed_ms is not None,
        "url": f"https://app.clickup.com/t/{task.id}",
        "access": True,
    }


def _simple(field: Field, value: Any) -> Any:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    match field.type:
        case kind if kind in _TEXTS:
            valid = isinstance(value, str)
        case "number" | "currency":
            valid = is_number
        case "emoji":
            valid = is_number and 0 <= value <= field.config.get("count", 5)
        case "checkbox":
            valid = isinstance(value, bool)
        case "manual_progress":
            valid = isinstance(value, dict) and "current" in value
            value = value["current"] if valid else value
        case "location":
            valid = isinstance(value, dict) and "location" in value
        case _:
            valid = True
    if not valid:
        raise errors.field_value_invalid()
    return value
