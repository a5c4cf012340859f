"""Areas and iterations: the classification nodes of a project (FACTS ado 12.7, 12.8)."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from reconciler.simulators.azure_devops import errors
from reconciler.simulators.azure_devops.endpoint import Call, answer, collection, endpoint, nothing
from reconciler.simulators.azure_devops.nodes import Node, Project
from reconciler.simulators.azure_devops.render import Json, iso
from reconciler.simulators.azure_devops.values import KindError, moment
from reconciler.simulators.kit.wire import Response

_ALL = "/_apis/wit/classificationnodes"
_GROUP = _ALL + "/{group}"
_ONE = _GROUP + "/{path*}"


@endpoint("GET", _ALL, project="required")
def list_nodes(call: Call) -> Response:
    """The two roots, or the nodes with the wanted ids."""
    project = call.the_project
    depth = call.count("$depth", 0)
    ids = call.names("ids")
    if not ids:
        return collection([_shown(call, project, root, depth) for root in (project.areas, project.iterations)])
    shown: list[Json | None] = []
    for text in ids:
        node = _by_id(project, call.number(text))
        if node is None and call.request.param("errorPolicy").lower() != "omit":
            raise errors.node_missing(text)
        shown.append(_shown(call, project, node, depth, links=True) if node else None)
    return collection(shown)


@endpoint("GET", _GROUP, project="required")
@endpoint("GET", _ONE, project="required")
def show(call: Call) -> Response:
    return answer(_shown(call, call.the_project, _node(call), call.count("$depth", 0), links=True))


@endpoint("POST", _GROUP, project="required", body="json")
@endpoint("POST", _ONE, project="required", body="json")
def create_or_move(call: Call) -> Response:
    """A name makes a node below (201), an id moves one there (200)."""
    parent, body = _node(call), call.json_object()
    if "id" in body:
        node = _moved(call, parent, int(body["id"]))
        _set_dates(node, body)
        return answer(_shown(call, call.the_project, node, 0, links=True))
    name = str(body.get("name") or "").strip()
    if not name or "\\" in name or "/" in name:
        raise errors.bad_request("VS402870: The name of the classification node is not valid.")
    if parent.child(name):
        text = f"VS402371: Classification node name {name} is already in use by a different child of the parent node."
        raise errors.ApiError(409, text, "ClassificationNodeDuplicateNameException")
    node = call.world.add_node(parent, name)
    _set_dates(node, body)
    url = _url(call, call.the_project, node)
    return answer(_shown(call, call.the_project, node, 0, links=True), 201, {"location": url})


@endpoint("PATCH", _ONE, project="required", body="json")
def update(call: Call) -> Response:
    node, body = _node(call), call.json_object()
    if name := str(body.get("name") or ""):
        call.world.rename_node(node, name, call.user)
    _set_dates(node, body)
    return answer(_shown(call, call.the_project, node, 0, links=True))


@endpoint("DELETE", _ONE, project="required")
def delete(call: Call) -> Response:
    """Items in it move to the node of `$reclassifyId`, to the root where none is named."""
    node = _node(call)
    if node.parent is None:
        raise errors.bad_request("The root of a tree cannot be deleted.")
    root = call.the_project.areas if node.group == "area" else call.the_project.iterations
    heir = _by_id(call.the_project, call.count("$reclassifyId", root.id))
    if heir is None or heir.under(node):
        raise errors.node_missing(call.request.param("$reclassifyId"))
    call.world.drop_node(node, heir, call.user)
    return nothing()


def _node(call: Call) -> Node:
    root = call.the_project.tree(call.values["group"])
    path = call.values.get("path", "").replace("/", "\\").strip("\\")
    node = root.find(f"{root.name}\\{path}") if root else None
    if node is None:
        raise errors.node_missing(path or call.values["group"])
    return node


def _by_id(project: Project, number: int) -> Node | None:
    nodes = [*project.areas.walk(), *project.iterations.walk()]
    return next((node for node in nodes if node.id == number), None)


def _moved(call: Call, parent: Node, number: int) -> Node:
    node = _by_id(call.the_project, number)
    if node is None or node.parent is None or parent.under(node) or node.group != parent.group:
        raise errors.node_missing(str(number))
    node.parent.children.remove(node)
    node.parent = parent
    parent.children.append(node)
    node.start = node.finish = None  # as recorded: a move keeps only the dates that it states
    return node


def _set_dates(node: Node, body: Json) -> None:
    attributes: Any = body.get("attributes") or {}
    if node.group == "iteration" and isinstance(attributes, dict):
        node.start = _date(attributes.get("startDate")) or node.start
        node.finish = _date(attributes.get("finishDate")) or node.finish


def _date(value: Any) -> str | None:
    """A date without a zone is read as UTC here (FACTS ado 12.9)."""
    try:
        return iso(moment(str(value), 0, "date")) if value else None
    except KindError as error:
        raise errors.bad_request(str(error)) from error


def _url(call: Call, project: Project, node: Node) -> str:
    below = "".join(f"/{quote(name)}" for name in node.levels[1:])
    group = "Areas" if node.group == "area" else "Iterations"
    return f"{call.base}/{project.id}/_apis/wit/classificationNodes/{group}{below}"


def _shown(call: Call, project: Project, node: Node, depth: int, *, links: bool = False) -> Json:
    body: Json = {
        "id": node.id,
        "identifier": node.identifier,
        "name": node.name,
        "structureType": node.group,
        "hasChildren": bool(node.children),
    }
    if node.children and depth > 0:
        body["children"] = [_shown(call, project, child, depth - 1) for child in node.children]
    dates = {"startDate": node.start, "finishDate": node.finish}
    if any(dates.values()):
        body["attributes"] = {name: date for name, date in dates.items() if date}
    body["path"] = node.node_path
    url = _url(call, project, node)
    if links:
        body["_links"] = {"self": {"href": url}}
        if node.parent:
            body["_links"]["parent"] = {"href": _url(call, project, node.parent)}
    body["url"] = url
    return body
