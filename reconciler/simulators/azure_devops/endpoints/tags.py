"""The tag definitions of a project (FACTS ado 12.14, 5.15)."""

from __future__ import annotations

from reconciler.simulators.azure_devops import errors
from reconciler.simulators.azure_devops.endpoint import Call, answer, collection, endpoint, nothing
from reconciler.simulators.azure_devops.item import Tag
from reconciler.simulators.azure_devops.render import Json, iso
from reconciler.simulators.kit.wire import Response


@endpoint("GET", "/_apis/wit/tags", project="required")
def list_tags(call: Call) -> Response:
    project = call.the_project
    return collection([_shown(call, tag) for (owner, _), tag in call.world.tags.items() if owner == project.id])


@endpoint("GET", "/_apis/wit/tags/{tag}", project="required")
def show(call: Call) -> Response:
    return answer(_shown(call, _tag(call)))


@endpoint("PATCH", "/_apis/wit/tags/{tag}", project="required", body="json")
def rename(call: Call) -> Response:
    """The text changes in all items at once, and no revision is made."""
    tag = _tag(call)
    name = str(call.json_object().get("name") or "").strip()
    if not name or call.world.tag(call.the_project, name) not in (None, tag):
        raise errors.bad_request("TF401407: The tag name is not valid.")
    _forget(call, tag)
    tag.name, tag.updated_at = name, call.world.now()
    call.world.tags[(call.the_project.id, name.lower())] = tag
    return answer(_shown(call, tag))


@endpoint("DELETE", "/_apis/wit/tags/{tag}", project="required")
def delete(call: Call) -> Response:
    tag = _tag(call)
    _forget(call, tag)
    tag.deleted = True
    return nothing()


def _forget(call: Call, tag: Tag) -> None:
    for key in [key for key, known in call.world.tags.items() if known is tag]:
        del call.world.tags[key]


def _tag(call: Call) -> Tag:
    wanted = call.values["tag"].lower()
    for (owner, _), tag in call.world.tags.items():
        if owner == call.the_project.id and wanted in (tag.id, tag.name.lower()):
            return tag
    raise errors.ApiError(404, f"TF401243: The tag {wanted} does not exist.", "TagNotFoundException")


def _shown(call: Call, tag: Tag) -> Json:
    url = f"{call.base}/{call.the_project.id}/_apis/wit/tags/{tag.id}"
    return {"id": tag.id, "name": tag.name, "url": url, "lastUpdated": iso(tag.updated_at)}
