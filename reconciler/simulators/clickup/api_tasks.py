"""The v2 endpoints for tasks and everything that hangs on them, comments excepted."""

from __future__ import annotations

from reconciler.simulators.clickup import (
    attachments,
    checklists,
    fields,
    relations,
    tags,
    tasks,
    time_tracking,
    trash,
)
from reconciler.simulators.clickup.api_places import explicit_member
from reconciler.simulators.clickup.call import ANY, ID_QUERY, Call, Endpoints
from reconciler.simulators.clickup.entities import Status, Task
from reconciler.simulators.clickup.listing import LIST_QUERY, TEAM_QUERY, flag
from reconciler.simulators.clickup.views import Json
from reconciler.simulators.kit.router import Router

_SHARED_KEYS = [
    "name",
    "description",
    "markdown_content",
    "status",
    "priority",
    "due_date",
    "due_date_time",
    "start_date",
    "start_date_time",
    "time_estimate",
    "points",
    "parent",
    "custom_item_id",
    "archived",
    "assignees",
    "group_assignees",
]
CREATE_KEYS = (
    *_SHARED_KEYS,
    *["tags", "notify_all", "links_to", "check_required_custom_fields", "custom_fields"],
)
UPDATE_KEYS = (*_SHARED_KEYS, "watchers")


def declare(router: Router) -> None:
    v2 = Endpoints(router, "/api/v2")
    _listings(v2)
    _tasks(v2)
    _tags_and_fields(v2)
    _relations(v2)
    _checklists(v2)
    _time(v2)


def _listings(v2: Endpoints) -> None:
    @v2.route("GET", "/list/{list}/task", query=LIST_QUERY)
    def list_tasks(call: Call) -> Json:
        return call.listings.of_list(call.member, call.task_list(), call.request)

    @v2.route("GET", "/team/{workspace}/task", query=TEAM_QUERY)
    def workspace_tasks(call: Call) -> Json:
        return call.listings.of_workspace(call.member, call.workspace(), call.request)


def _tasks(v2: Endpoints) -> None:
    @v2.route("POST", "/list/{list}/task", keys=CREATE_KEYS)
    def create(call: Call) -> Json:
        task_list = call.task_list()
        if task_list.within_deleted:
            raise call.world.not_resolved()
        task, attach_late = tasks.create(call.world, call.member, task_list, call.body())
        call.late.append(attach_late)
        return call.viewer.task(task)

    @v2.route(
        "GET",
        "/task/{task}",
        query=(*ID_QUERY, "include_subtasks", "include_markdown_description", "custom_fields"),
    )
    def get(call: Call) -> Json:
        task = call.living_task()
        view = call.viewer.full(task, markdown=flag(call.request, "include_markdown_description"))
        if flag(call.request, "include_subtasks"):
            below = task.descendants() if call.world.switches.shows_grandchildren else task.children
            view["subtasks"] = [call.viewer.subtask(child) for child in below]
        return view

    @v2.route("PUT", "/task/{task}", query=ID_QUERY, keys=UPDATE_KEYS)
    def update(call: Call) -> Json:
        task = call.living_task()
        tasks.update(call.world, call.member, task, call.body())
        return call.viewer.full(task)

    @v2.route("DELETE", "/task/{task}", query=ID_QUERY, empty_status=204)
    def delete(call: Call) -> None:
        trash.delete(call.world, call.living_task())

    @v2.route("POST", "/task/{task}/merge", keys=("source_task_ids",))
    def merge(call: Call) -> Json:
        trash.merge(call.world, call.member, call.living_task(), call.body().get("source_task_ids"))
        return {}

    @v2.route("GET", "/task/{task}/member")
    def members(call: Call) -> Json:
        return {"members": [explicit_member(call.viewer, one) for one in call.living_task().shared_with.values()]}

    @v2.route("GET", "/task/{task}/time_in_status", query=ID_QUERY)
    def time_in_status(call: Call) -> Json:
        return _time_in_status(call.living_task(), call.world.now_ms())

    @v2.route("POST", "/task/{task}/attachment", query=ID_QUERY, keys=(ANY,))
    def upload(call: Call) -> Json:
        task = call.writable_task()
        name, data = attachments.uploaded_file(call.request)
        made = attachments.attach(call.world, call.member, task, name, data)
        return call.viewer.uploaded(made, task)


def _tags_and_fields(v2: Endpoints) -> None:
    @v2.route("POST", "/task/{task}/tag/{tag*}", query=ID_QUERY)
    def add_tag(call: Call) -> Json:
        tags.add(call.world, call.member, call.writable_task(), call.ids["tag"])
        return {}

    @v2.route("DELETE", "/task/{task}/tag/{tag*}", query=ID_QUERY)
    def remove_tag(call: Call) -> Json:
        tags.remove(call.world, call.writable_task(), call.ids["tag"])
        return {}

    @v2.route("POST", "/task/{task}/field/{field}", query=ID_QUERY, keys=("value", "value_options"))
    def set_field(call: Call) -> Json:
        fields.set_value(call.world, call.member, call.task(), call.ids["field"], call.body())
        return {}

    @v2.route("DELETE", "/task/{task}/field/{field}", query=ID_QUERY)
    def unset_field(call: Call) -> Json:
        fields.unset(call.world, call.task(), call.ids["field"])
        return {}


def _relations(v2: Endpoints) -> None:
    pair = ("depends_on", "dependency_of")

    @v2.route("POST", "/task/{task}/dependency", query=ID_QUERY, keys=pair)
    def depend(call: Call) -> Json:
        relations.add_dependency(call.world, call.member, call.writable_task(), call.body())
        return {}

    @v2.route("DELETE", "/task/{task}/dependency", query=(*ID_QUERY, *pair))
    def depend_no_more(call: Call) -> Json:
        ends = [call.request.param(name) for name in pair]
        relations.remove_dependency(call.world, call.member, call.writable_task(), *ends)
        return {}

    @v2.route("POST", "/task/{task}/link/{other}", query=ID_QUERY)
    def link(call: Call) -> Json:
        task = call.writable_task()
        relations.link(call.world, call.member, task, call.ids["other"])
        return {"task": call.viewer.full(task)}

    @v2.route("DELETE", "/task/{task}/link/{other}", query=ID_QUERY)
    def unlink(call: Call) -> Json:
        task = call.writable_task()
        relations.unlink(call.world, call.member, task, call.ids["other"])
        return {"task": call.viewer.full(task)}

    @v2.route("POST", "/list/{list}/task/{task}")
    def add_location(call: Call) -> Json:
        relations.add_location(call.world, call.living_task(), call.task_list())
        return {}

    @v2.route("DELETE", "/list/{list}/task/{task}")
    def remove_location(call: Call) -> Json:
        relations.remove_location(call.world, call.living_task(), call.task_list())
        return {}


def _checklists(v2: Endpoints) -> None:
    item_keys = ("name", "assignee", "resolved", "parent")

    @v2.route("POST", "/task/{task}/checklist", query=ID_QUERY, keys=("name",))
    def create(call: Call) -> Json:
        made = checklists.create(call.world, call.member, call.writable_task(), call.body())
        view = call.viewer.checklist(made)
        del view["date_created"], view["creator"]  # recorded: this answer lacks them
        return {"checklist": view}

    @v2.route("PUT", "/checklist/{checklist}", keys=("name", "position"))
    def change(call: Call) -> Json:
        checklist = call.world.checklists.get(call.ids["checklist"])
        if checklist is None:
            return {}
        checklists.change(call.world, checklist, call.body())
        return {"checklist": call.viewer.checklist(checklist)}

    @v2.route("DELETE", "/checklist/{checklist}")
    def delete(call: Call) -> Json:
        if checklist := call.world.checklists.get(call.ids["checklist"]):
            checklists.delete(call.world, checklist)
        return {}

    @v2.route("POST", "/checklist/{checklist}/checklist_item", keys=item_keys)
    def add_item(call: Call) -> Json:
        checklist = call.world.checklists.get(call.ids["checklist"])
        if checklist is None:
            raise call.world.not_resolved()
        checklists.add_item(call.world, checklist, call.body())
        return {"checklist": call.viewer.checklist(checklist)}

    @v2.route("PUT", "/checklist/{checklist}/checklist_item/{item}", keys=item_keys)
    def change_item(call: Call) -> Json:
        checklist = call.world.checklists.get(call.ids["checklist"])
        item = checklists.item_of(checklist, call.ids["item"]) if checklist else None
        if checklist is None or item is None:
            return {}  # recorded: 200 although it is gone (FACTS clickup 8.8)
        checklists.change_item(call.world, checklist, item, call.body())
        return {"checklist": call.viewer.checklist(checklist)}

    @v2.route("DELETE", "/checklist/{checklist}/checklist_item/{item}")
    def delete_item(call: Call) -> Json:
        checklist = call.world.checklists.get(call.ids["checklist"])
        if checklist and (item := checklists.item_of(checklist, call.ids["item"])):
            checklists.delete_item(call.world, checklist, item)
        return {}


def _time(v2: Endpoints) -> None:
    keys = ("description", "tags", "start", "stop", "end", "billable", "duration", "assignee", "tid")

    @v2.route("POST", "/team/{workspace}/time_entries", keys=keys)
    def add(call: Call) -> Json:
        workspace = call.workspace()
        entry = time_tracking.add(call.world, call.member, call.body())
        return {"data": time_tracking.view(call.viewer, workspace, entry, "add")}

    @v2.route("POST", "/team/{workspace}/time_entries/start", keys=keys)
    def start(call: Call) -> Json:
        workspace = call.workspace()
        entry = time_tracking.start(call.world, call.member, call.body())
        return {"data": time_tracking.view(call.viewer, workspace, entry, "start")}

    @v2.route("POST", "/team/{workspace}/time_entries/stop")
    def stop(call: Call) -> Json:
        workspace = call.workspace()
        entry = time_tracking.stop(call.world, call.member)
        return {"data": time_tracking.view(call.viewer, workspace, entry, "stop")}


def _time_in_status(task: Task, now_ms: int) -> Json:
    ends = [since for _, since in task.status_since[1:]] + [now_ms]
    spans = [(status, since, end) for (status, since), end in zip(task.status_since, ends, strict=True)]
    return {
        "current_status": _time_in(*spans[-1]),
        "status_history": [
            _time_in(status, since, end) | {"type": status.type, "orderindex": status.order}
            for status, since, end in spans
        ],
    }


def _time_in(status: Status, since_ms: int, end_ms: int) -> Json:
    minutes = (end_ms - since_ms) // 60_000
    return {
        "status": status.name,
        "color": status.color,
        "total_time": {"by_minute": minutes, "since": str(since_ms)},
    }
