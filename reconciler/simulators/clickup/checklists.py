"""Checklists and their items (FACTS clickup 8.6 to 8.8). Success does not prove that anything exists."""

from __future__ import annotations

from typing import Any

from reconciler.simulators.clickup import errors
from reconciler.simulators.clickup.entities import Checklist, ChecklistItem, Member, Task
from reconciler.simulators.clickup.switches import Change
from reconciler.simulators.clickup.world import World

Body = dict[str, Any]


def create(world: World, actor: Member, task: Task, body: Body) -> Checklist:
    name = str(body.get("name") or "Checklist")
    order = max((known.order for known in task.checklists), default=-1) + 1
    checklist = Checklist(world.ids.unique(), task, name, actor, world.now_ms(), order)
    task.checklists.append(checklist)
    world.checklists[checklist.id] = checklist
    world.record(task, Change.CHECKLIST)
    return checklist


def change(world: World, checklist: Checklist, body: Body) -> None:
    checklist.name = str(body.get("name") or checklist.name)
    if isinstance(body.get("position"), int):
        checklist.order = body["position"]
        checklist.task.checklists.sort(key=lambda known: known.order)
    world.record(checklist.task, Change.CHECKLIST)


def delete(world: World, checklist: Checklist) -> None:
    del world.checklists[checklist.id]
    checklist.task.checklists.remove(checklist)
    world.record(checklist.task, Change.CHECKLIST)


def add_item(world: World, checklist: Checklist, body: Body) -> None:
    assignee = _assignee(checklist, body.get("assignee"))
    item = ChecklistItem(world.ids.unique(), str(body.get("name") or ""), world.now_ms(), assignee)
    item.resolved = body.get("resolved") is True
    item.parent = body.get("parent")
    checklist.items.append(item)
    world.record(checklist.task, Change.CHECKLIST)


def change_item(world: World, checklist: Checklist, item: ChecklistItem, body: Body) -> None:
    if "assignee" in body:
        item.assignee = _assignee(checklist, body["assignee"])
    item.name = str(body.get("name") or item.name)
    if isinstance(body.get("resolved"), bool):
        item.resolved = body["resolved"]
    if "parent" in body:
        item.parent = body["parent"]
    world.record(checklist.task, Change.CHECKLIST)


def delete_item(world: World, checklist: Checklist, item: ChecklistItem) -> None:
    checklist.items.remove(item)
    world.record(checklist.task, Change.CHECKLIST)


def item_of(checklist: Checklist, item_id: str) -> ChecklistItem | None:
    return next((item for item in checklist.items if item.id == item_id), None)


def _assignee(checklist: Checklist, member_id: Any) -> Member | None:
    if member_id is None:
        return None
    member = checklist.task.workspace.members.get(member_id)
    if member is None:
        raise errors.outsider_on_checklist()
    return member
