"""The v2 endpoints for people and places: who is here, and the tree of Spaces, Folders and Lists."""

from __future__ import annotations

from reconciler.simulators.clickup import comments, errors, fields, places, tags
from reconciler.simulators.clickup.call import Call, Endpoints
from reconciler.simulators.clickup.entities import GUEST, OWNER, Field, Folder, Member, TaskList, Workspace
from reconciler.simulators.clickup.listing import flag
from reconciler.simulators.clickup.views import Json, Viewer, field_view, tag_view
from reconciler.simulators.kit.router import Router

_ROLE_KEYS = {1: "owner", 2: "admin", 3: "member", 4: "guest"}
_LIST_KEYS = ["name", "content", "markdown_content", "due_date", "due_date_time", "priority", "assignee", "status"]
_FLAGS = [
    "display_profile",
    "verified_ambassador",
    "verified_consultant",
    "top_tier_user",
    "ai_expert",
    "viewed_verified_ambassador",
    "viewed_verified_consultant",
    "viewed_top_tier_user",
    "viewed_ai_expert",
]


def declare(router: Router) -> None:
    v2 = Endpoints(router, "/api/v2")
    _people(v2)
    _spaces(v2)
    _folders(v2)
    _lists(v2)
    _fields(v2)


def _people(v2: Endpoints) -> None:
    @v2.route("GET", "/user")
    def user(call: Call) -> Json:
        view = call.viewer.person(call.member)
        return {
            "user": view | {"week_start_day": 1, "global_font_support": False, "timezone": call.member.timezone},
        }

    @v2.route("GET", "/team")
    def workspaces(call: Call) -> Json:
        mine = [one for one in call.world.workspaces.values() if call.member.id in one.members]
        granted = call.grant.workspaces
        return {"teams": [_workspace(call.viewer, one) for one in mine if granted is None or one.id in granted]}

    @v2.route("GET", "/team/{workspace}/seats")
    def seats(call: Call) -> Json:
        roles = list(call.workspace().roles.values())
        guests = roles.count(GUEST)
        members = len(roles) - guests
        return {
            "members": {"filled_members_seats": members, "total_member_seats": members, "empty_member_seats": 0},
            "guests": {"filled_guest_seats": guests, "total_guest_seats": guests + 5, "empty_guest_seats": 5},
        }

    @v2.route("GET", "/team/{workspace}/plan")
    def plan(call: Call) -> Json:
        return {"plan_name": call.workspace().plan, "plan_id": 3}

    @v2.route("GET", "/team/{workspace}/custom_item")
    def task_types(call: Call) -> Json:
        kinds = call.workspace().task_types.values()
        return {
            "custom_items": [
                {
                    "id": kind.id,
                    "name": kind.name,
                    "name_plural": kind.plural,
                    "description": kind.description,
                    "avatar": {"source": None, "value": None},
                }
                for kind in kinds
            ]
        }

    @v2.route("GET", "/team/{workspace}/shared")
    def shared(call: Call) -> Json:
        return {"shared": _shared(call, call.workspace())}

    @v2.route("GET", "/group", query=("team_id", "group_ids"))
    def groups(call: Call) -> Json:
        workspace = call.world.workspace(call.member, call.request.param("team_id"))
        wanted = set(call.request.param("group_ids").split(",")) - {""}
        return {
            "groups": [
                {
                    "id": group.id,
                    "team_id": workspace.id,
                    "userid": group.creator.id,
                    "name": group.name,
                    "handle": group.name.lower().replace(" ", "-"),
                    "date_created": str(group.created_ms),
                    "initials": group.name[:2].upper(),
                    "members": [call.viewer.person(member) for member in group.members],
                    "avatar": {"attachment_id": None, "color": None, "source": None, "icon": None},
                }
                for group in workspace.groups.values()
                if not wanted or group.id in wanted
            ]
        }


def _spaces(v2: Endpoints) -> None:
    @v2.route("GET", "/team/{workspace}/space", query=("archived",))
    def spaces(call: Call) -> Json:
        archived = flag(call.request, "archived")
        found = [
            space
            for space in call.workspace().spaces
            if not space.deleted and space.archived == archived and call.world.sees_space(call.member, space)
        ]
        return {"spaces": [places.space_view(space) for space in found]}

    @v2.route("GET", "/space/{space}")
    def space(call: Call) -> Json:
        return places.space_view(call.space())

    @v2.route("DELETE", "/space/{space}")
    def delete_space(call: Call) -> Json:
        call.space().deleted = True
        call.world.index.invalidate()
        return {}

    @v2.route("GET", "/space/{space}/tag")
    def space_tags(call: Call) -> Json:
        space = call.space()
        return {"tags": [tag_view(tag) | {"project_id": space.id} for tag in space.tags.values()]}

    @v2.route("POST", "/space/{space}/tag", keys=("tag",))
    def create_tag(call: Call) -> Json:
        tags.create(call.world, call.member, call.space(), call.body().get("tag"))
        return {}

    @v2.route("PUT", "/space/{space}/tag/{tag*}", keys=("tag",))
    def change_tag(call: Call) -> Json:
        tags.change(call.world, call.space(), call.ids["tag"], call.body().get("tag"))
        return {}

    @v2.route("DELETE", "/space/{space}/tag/{tag*}", keys=("tag",))
    def delete_tag(call: Call) -> Json:
        tags.delete(call.world, call.space(), call.ids["tag"])
        return {}


def _folders(v2: Endpoints) -> None:
    @v2.route("GET", "/space/{space}/folder", query=("archived",))
    def folders(call: Call) -> Json:
        archived = flag(call.request, "archived")
        found = [
            folder
            for folder in call.space().folders
            if not folder.deleted and not folder.hidden and folder.archived == archived
        ]
        return {"folders": [places.folder_view(folder, archived=archived) for folder in found]}

    @v2.route("POST", "/space/{space}/folder", keys=("name",))
    def create_folder(call: Call) -> Json:
        return places.folder_view(places.add_folder(call.world, call.space(), call.body().get("name")))

    @v2.route("GET", "/folder/{folder}", query=("include_subfolders",))
    def folder(call: Call) -> Json:
        return places.folder_view(call.folder())

    @v2.route("PUT", "/folder/{folder}", keys=("name",))
    def change_folder(call: Call) -> Json:
        folder = _living(call.folder())
        name = call.body().get("name")
        if not isinstance(name, str) or not name.strip():
            raise errors.folder_name_invalid()
        folder.name = name
        call.world.index.invalidate()
        return places.folder_view(folder)

    @v2.route("DELETE", "/folder/{folder}")
    def delete_folder(call: Call) -> Json:
        call.folder().deleted = True
        call.world.index.invalidate()
        return {}


def _lists(v2: Endpoints) -> None:
    @v2.route("GET", "/folder/{folder}/list", query=("archived",))
    def folder_lists(call: Call) -> Json:
        return {"lists": _rows(call, [call.folder()])}

    @v2.route("GET", "/space/{space}/list", query=("archived",))
    def space_lists(call: Call) -> Json:
        return {"lists": _rows(call, [folder for folder in call.space().folders if folder.hidden])}

    @v2.route("POST", "/folder/{folder}/list", keys=_LIST_KEYS)
    def create_list(call: Call) -> Json:
        made = places.add_list(call.world, _living(call.folder()), call.body())
        return places.list_view(made, call.member)

    @v2.route("POST", "/space/{space}/list", keys=_LIST_KEYS)
    def create_folderless_list(call: Call) -> Json:
        space, body = call.space(), call.body()
        if not str(body.get("name") or "").strip():
            raise errors.list_name_invalid()
        made = places.add_list(call.world, places.add_hidden_folder(call.world, space), body)
        return places.list_view(made, call.member)

    @v2.route("GET", "/list/{list}")
    def task_list(call: Call) -> Json:
        return places.list_view(call.task_list(), call.member)

    @v2.route("PUT", "/list/{list}", keys=(*_LIST_KEYS, "unset_status", "override_statuses", "statuses"))
    def change_list(call: Call) -> Json:
        task_list = call.task_list()
        places.change_list(call.world, task_list, call.body())
        call.world.index.invalidate()
        return places.list_view(task_list, call.member)

    @v2.route("DELETE", "/list/{list}")
    def delete_list(call: Call) -> Json:
        call.task_list().deleted = True  # and again: 200 (FACTS clickup 2.17)
        call.world.index.invalidate()
        return {}

    @v2.route("GET", "/list/{list}/member")
    def list_members(call: Call) -> Json:
        return {"members": [explicit_member(call.viewer, one) for one in call.task_list().shared_with.values()]}

    @v2.route("GET", "/list/{list}/comment", query=("start", "start_id"))
    def list_comments(call: Call) -> Json:
        request = call.request
        found = comments.page(call.world, call.task_list(), request.param("start"), request.param("start_id"))
        return {"comments": [comments.view(call.world, call.viewer, comment) for comment in found]}

    @v2.route(
        "POST",
        "/list/{list}/comment",
        keys=("comment_text", "comment_markdown", "comment", "assignee", "group_assignee", "notify_all"),
    )
    def comment_on_list(call: Call) -> Json:
        return comments.created(call.world, comments.add(call.world, call.member, call.task_list(), call.body()))


def _fields(v2: Endpoints) -> None:
    query = ("include_applied_objects",)

    @v2.route("GET", "/list/{list}/field", query=query)
    def list_fields(call: Call) -> Json:
        return _field_views(call, fields.usable_in(call.task_list()))

    @v2.route("GET", "/folder/{folder}/field", query=query)
    def folder_fields(call: Call) -> Json:
        return _field_views(call, call.folder().fields)

    @v2.route("GET", "/space/{space}/field", query=query)
    def space_fields(call: Call) -> Json:
        return _field_views(call, call.space().fields)

    @v2.route("GET", "/team/{workspace}/field", query=query)
    def workspace_fields(call: Call) -> Json:
        return _field_views(call, call.workspace().fields)

    @v2.route("POST", "/list/{list}/field", keys=("name", "type", "type_config"))
    def create_field(call: Call) -> Json:
        call.task_list()
        if not call.body().get("type"):
            raise errors.field_type_missing()  # FACTS clickup 2.15; a human creates fields
        raise errors.field_access_denied()

    @v2.route("PATCH", "/field/{field}", keys=("name", "type_config"))
    def change_field(call: Call) -> Json:
        raise errors.field_access_denied()


def explicit_member(viewer: Viewer, member: Member) -> Json:
    """A person with explicit access to a List or task (FACTS clickup 2.12)."""
    return viewer.person(member) | {"profileInfo": dict.fromkeys(_FLAGS)}


def _workspace(viewer: Viewer, workspace: Workspace) -> Json:
    return {
        "id": workspace.id,
        "name": workspace.name,
        "color": "#40BC86",
        "avatar": None,
        "members": [
            {"user": _with_role(viewer, member, workspace.roles[member.id])} for member in workspace.members.values()
        ],
    }


def _with_role(viewer: Viewer, member: Member, role: int) -> Json:
    joined = str(member.joined_ms)
    return viewer.person(member) | {
        "role": role,
        "role_subtype": 0,
        "role_key": _ROLE_KEYS.get(role, _ROLE_KEYS[OWNER]),
        "custom_role": None,
        "last_active": joined,
        "date_joined": joined,
        "date_invited": joined,
    }


def _shared(call: Call, workspace: Workspace) -> Json:
    """What was shared with the member one by one, not what whole Spaces give (FACTS clickup 2.13)."""
    lists = [one for one in call.world.lists.values() if call.member.id in one.shared_with and not one.within_deleted]
    rows = [places.list_row(one) for one in lists if one.space.workspace is workspace]
    for row in rows:
        row["task_count"] = str(row["task_count"])
        row["content"] = row["content"] or None
    tasks = [
        task.id
        for task in call.world.tasks.values()
        if call.member.id in task.shared_with and task.workspace is workspace and task.trashed_ms is None
    ]
    return {"tasks": tasks, "lists": rows, "folders": []}


def _rows(call: Call, folders: list[Folder]) -> list[Json]:
    archived = flag(call.request, "archived")
    lists = [task_list for folder in folders if not folder.deleted for task_list in folder.lists]
    return [places.list_row(one) for one in lists if _shown(call, one, archived)]


def _shown(call: Call, task_list: TaskList, archived: bool) -> bool:
    if task_list.deleted or not call.world.sees_list(call.member, task_list):
        return False
    return (task_list.archived or task_list.folder.archived) == archived


def _living(folder: Folder) -> Folder:
    if folder.deleted:
        raise errors.place_gone("Folder")
    return folder


def _field_views(call: Call, found: list[Field]) -> Json:
    with_types = flag(call.request, "include_applied_objects")
    views = []
    for field in found:
        if field.deleted:
            continue
        view = field_view(field)
        if with_types:
            view["applied_objects"] = [
                {"object_type": 19, "object_id": str(type_id)} for type_id in sorted(field.types or ())
            ]
        views.append(view)
    return {"fields": views}
