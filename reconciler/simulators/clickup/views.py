"""Views: tasks and what hangs on them as JSON, key by key as recorded (FACTS clickup 5, 12.3, 13.1).

A `Viewer` is somebody's eyes: a guest may not see addresses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from reconciler.simulators.clickup import fields
from reconciler.simulators.clickup.entities import (
    GUEST,
    Attachment,
    Checklist,
    ChecklistItem,
    Dependency,
    Field,
    Group,
    Link,
    Member,
    Status,
    Tag,
    Task,
    TaskList,
)
from reconciler.simulators.clickup.world import World

Json = dict[str, Any]
PRIORITIES = {1: ("urgent", "#f50000"), 2: ("high", "#f8ae00"), 3: ("normal", "#6fddff"), 4: ("low", "#d8d8d8")}
_PUBLIC_FIELDS = [
    "assignees",
    "priority",
    "due_date",
    "content",
    "comments",
    "attachments",
    "customFields",
    "subtasks",
    "tags",
    "checklists",
    "coverimage",
]


def text_ms(instant_ms: int | None) -> str | None:
    """Task times are texts (FACTS clickup 4.7)."""
    return None if instant_ms is None else str(instant_ms)


def number(value: float | None) -> float | None:
    return int(value) if value is not None and value == int(value) else value


def priority_view(priority: int | None) -> Json | None:
    if priority is None:
        return None
    name, color = PRIORITIES[priority]
    return {"color": color, "id": str(priority), "orderindex": str(priority), "priority": name}


def status_view(status: Status) -> Json:
    return {
        "id": status.id,
        "status": status.name,
        "color": status.color,
        "orderindex": status.order,
        "type": status.type,
    }


def tag_view(tag: Tag) -> Json:
    return {"name": tag.name, "tag_fg": tag.foreground, "tag_bg": tag.background, "creator": tag.creator_id}


def folder_reference(task_list: TaskList) -> Json:
    folder = task_list.folder
    return {
        "id": folder.id,
        "name": "hidden" if folder.hidden else folder.name,
        "hidden": folder.hidden,
        "access": True,
    }


@dataclass(frozen=True, slots=True)
class Viewer:
    world: World
    member: Member

    # --- people ---------------------------------------------------------------------------------------------------

    def creator(self, member: Member) -> Json:
        """A person without initials, as in `creator` (FACTS clickup 5.12)."""
        return {
            "id": member.id,
            "username": member.name,
            "color": member.color,
            "email": self._address(member),
            "profilePicture": None,
        }

    def person(self, member: Member) -> Json:
        return self.creator(member) | {"initials": member.initials}

    def group(self, group: Group) -> Json:
        return {"id": group.id, "name": group.name, "initials": group.name[:2].upper(), "members": []}

    def _address(self, member: Member) -> str | None:
        masked = self.world.switches.masks_addresses_for_guests and any(
            workspace.roles.get(self.member.id) == GUEST for workspace in self.world.workspaces.values()
        )
        return None if masked and member is not self.member else member.address

    # --- tasks ----------------------------------------------------------------------------------------------------

    def task(self, task: Task, *, markdown: bool = False) -> Json:
        """GET's form without `attachments`; what POST answers."""
        view = self._core(task, markdown=markdown)
        view["checklists"] = [self.checklist(checklist) for checklist in task.checklists]
        view["time_spent"] = task.spent_ms
        return view

    def full(self, task: Task, *, markdown: bool = False) -> Json:
        """GET's form; PUT answers it too (FACTS clickup 6.13)."""
        attachments = [self.attachment(attachment, task) for attachment in task.attachments]
        return self.task(task, markdown=markdown) | {"attachments": attachments}

    def row(self, task: Task, *, markdown: bool = False) -> Json:
        """A listing's form: no attachments, empty checklists, `time_spent` only where there is some (3.5)."""
        view = self._core(task, markdown=markdown)
        if task.spent_ms:
            view["time_spent"] = task.spent_ms
        return view

    def subtask(self, task: Task) -> Json:
        """A row of `subtasks`, which lacks places and priority (FACTS clickup 5.11)."""
        view = self._core(task, markdown=False)
        for key in ("list", "project", "folder", "priority"):
            del view[key]
        return view

    def _core(self, task: Task, *, markdown: bool) -> Json:
        top = task.top_level_parent
        view: Json = {
            "id": task.id,
            "custom_id": task.custom_id,
            "custom_item_id": task.type_id,
            "name": task.name,
            "text_content": task.text,
            "description": task.text,
        }
        if markdown:
            view["markdown_description"] = task.markdown
        return view | {
            "status": status_view(task.status),
            "orderindex": f"{39_908_275 + task.ordinal}.{'0' * 32}",
            "date_created": str(task.created_ms),
            "date_updated": str(task.updated_ms),
            "date_closed": text_ms(task.closed_ms),
            "date_done": text_ms(task.done_ms),
            "archived": task.archived,
            "creator": self.creator(task.creator),
            "assignees": [self.person(member) for member in task.assignees],
            "group_assignees": [self.group(group) for group in task.group_assignees],
            "watchers": [self.person(member) for member in task.watchers],
            "checklists": [],
            "tags": [tag_view(tag) for tag in task.tags],
            "parent": task.parent.id if task.parent else None,
            "top_level_parent": top.id if top else None,
            "priority": priority_view(task.priority),
            "due_date": text_ms(task.due_ms),
            "start_date": text_ms(task.start_ms),
            "points": number(task.points),
            "time_estimate": task.estimate_ms,
            "custom_fields": [self._field(field, task) for field in fields.applicable(task)],
            "dependencies": [self._dependency(dependency) for dependency in task.dependencies],
            "linked_tasks": [self._link(link) for link in task.links],
            "locations": [{"id": place.id, "name": place.name} for place in task.locations],
            "team_id": task.workspace.id,
            "url": f"https://app.clickup.com/t/{task.id}",
            "sharing": {
                "public": False,
                "public_share_expires_on": None,
                "public_fields": _PUBLIC_FIELDS,
                "token": None,
                "seo_optimized": False,
            },
            "permission_level": "create",
            "list": {"id": task.home.id, "name": task.home.name, "access": True},
            "project": folder_reference(task.home),
            "folder": folder_reference(task.home),
            "space": {"id": task.space.id},
        }

    def _field(self, field: Field, task: Task) -> Json:
        view = field_view(field)
        if field.id in task.values:  # an unset field has no `value` (FACTS clickup 5.7)
            view["value"] = fields.read_form(self.world, field, task.values[field.id], self.person)
        return view

    def _dependency(self, dependency: Dependency) -> Json:
        return {
            "task_id": dependency.waiting.id,
            "depends_on": dependency.blocking.id,
            "type": 1,
            "date_created": str(dependency.created_ms),
            "userid": str(dependency.creator.id),
            "workspace_id": dependency.waiting.workspace.id,
            "chain_id": None,
        }

    def _link(self, link: Link) -> Json:
        return {
            "task_id": link.source.id,
            "link_id": link.target.id,
            "date_created": str(link.created_ms),
            "userid": str(link.creator.id),
            "workspace_id": link.source.workspace.id,
        }

    # --- what hangs on tasks --------------------------------------------------------------------------------------

    def checklist(self, checklist: Checklist) -> Json:
        resolved = sum(item.resolved for item in checklist.items)
        return {
            "id": checklist.id,
            "task_id": checklist.task.id,
            "name": checklist.name,
            "date_created": str(checklist.created_ms),
            "orderindex": checklist.order,
            "creator": checklist.creator.id,
            "resolved": resolved,
            "unresolved": len(checklist.items) - resolved,
            "items": [self._item(item) for item in checklist.items],
        }

    def _item(self, item: ChecklistItem) -> Json:
        return {
            "id": item.id,
            "name": item.name,
            "orderindex": None,  # recorded for items made by the API (FACTS clickup 8.7)
            "assignee": self.person(item.assignee) if item.assignee else None,
            "group_assignee": None,
            "resolved": item.resolved,
            "parent": item.parent,
            "date_created": str(item.created_ms),
            "start_date": None,
            "start_date_time": False,
            "due_date": None,
            "due_date_time": False,
            "sent_due_date_notif": None,
            "children": [],
        }

    def attachment(self, attachment: Attachment, task: Task) -> Json:
        """As in GET /task; the answer to an upload has fewer keys (FACTS clickup 12.1, 12.3)."""
        return self.uploaded(attachment, task) | {
            "date": str(attachment.created_ms),
            "version": 0,
            "type": 1,
            "is_folder": None,
            "mimetype": attachment.mime_type,
            "hidden": False,
            "parent_id": task.id,
            "size": len(attachment.data),
            "total_comments": 0,
            "resolved_comments": 0,
            "user": self.person(attachment.user),
            "deleted": attachment.deleted,
            "orientation": None,
            "email_data": None,
        }

    def uploaded(self, attachment: Attachment, task: Task) -> Json:
        url = attachment_url(self.world, attachment, task)
        return {
            "id": attachment.id,
            "version": "0",
            "date": attachment.created_ms,
            "name": attachment.title,
            "title": attachment.title,
            "extension": attachment.extension,
            "source": 1,
            "thumbnail_small": None,
            "thumbnail_medium": None,
            "thumbnail_large": None,
            "url": url,
            "url_w_query": f"{url}?view=open",
            "url_w_host": url,
        }


def attachment_url(world: World, attachment: Attachment, task: Task) -> str:
    workspace = task.workspace.id
    key = attachment.id.partition(".")[0]
    return f"{world.file_base.format(workspace=workspace)}/t{workspace}/{key}/{quote(attachment.file_name)}"


def field_view(field: Field) -> Json:
    return {
        "id": field.id,
        "name": field.name,
        "type": field.type,
        "type_config": field.config,
        "date_created": str(field.created_ms),
        "hide_from_guests": False,
        "required": field.required,
    }
