"""The v3 endpoints: another home List, and attachments with pages (FACTS clickup 10.6, 12.7)."""

from __future__ import annotations

from reconciler.simulators.clickup import attachments, errors, relations
from reconciler.simulators.clickup.call import ANY, Call, Endpoints
from reconciler.simulators.clickup.entities import Attachment, Task
from reconciler.simulators.clickup.views import Json, attachment_url
from reconciler.simulators.clickup.world import World
from reconciler.simulators.kit.router import Router

_PAGE_SIZE, _PAGE_SIZE_MAX = 50, 100


def declare(router: Router) -> None:
    v3 = Endpoints(router, "/api/v3")

    @v3.route(
        "PUT",
        "/workspaces/{workspace}/tasks/{task}/home_list/{list}",
        keys=("move_custom_fields", "custom_fields_to_move", "status_mappings"),
    )
    def move(call: Call) -> Json:
        workspace, task = call.workspace(), call.living_task()
        if not call.request.body:
            raise errors.body_invalid()  # FACTS clickup 10.6: a body must be there
        destination = call.world.lists.get(call.ids["list"])
        if destination is None or destination.within_deleted or not call.world.sees_list(call.member, destination):
            raise errors.ApiError(404, "NOT_FOUND", "List not found")
        if task.workspace is not workspace:
            raise errors.ApiError(404, "NOT_FOUND", "Task not found")
        try:
            relations.move(call.world, task, destination, call.body())
        except relations.MoveRefused as refused:
            raise errors.ApiError(400, "BAD_REQUEST", str(refused)) from refused
        return {"data": {"task_id": task.id, "new_list_id": destination.id}}

    @v3.route("GET", "/workspaces/{workspace}/attachments/{task}/attachments", query=("cursor", "limit"))
    def page(call: Call) -> Json:
        call.workspace()
        task = call.living_task()
        limit, cursor = call.request.param("limit"), call.request.param("cursor")
        size = min(int(limit), _PAGE_SIZE_MAX) if limit.isdecimal() and int(limit) else _PAGE_SIZE
        first = int(cursor) if cursor.isdecimal() else 0
        rows = [_view(call.world, one, task) for one in task.attachments if not one.deleted]
        more = first + size < len(rows)
        return {"data": rows[first : first + size], "next_cursor": str(first + size) if more else ""}

    @v3.route("POST", "/workspaces/{workspace}/attachments/{task}/attachments", keys=(ANY,))
    def upload(call: Call) -> Json:
        call.workspace()
        task = call.writable_task()
        name, data = attachments.uploaded_file(call.request, (call.world.switches.v3_file_part,))
        return _view(call.world, attachments.attach(call.world, call.member, task, name, data), task)


def _view(world: World, attachment: Attachment, task: Task) -> Json:
    url = attachment_url(world, attachment, task)
    return {
        "id": attachment.id,
        "title": attachment.title,
        "extension": attachment.extension,
        "mime_type": attachment.mime_type,
        "size": len(attachment.data),
        "date_created": attachment.created_ms,
        "date_updated": attachment.created_ms,
        "parent_entity_type": "tasks",
        "parent_id": task.id,
        "url": url,
        "thumbnail_small": url,
        "thumbnail_medium": url,
        "thumbnail_large": url,
        "signed": False,
        "user_id": attachment.user.id,
    }
