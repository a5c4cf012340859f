"""Comments of a work item (FACTS ado 10)."""

from __future__ import annotations

from collections.abc import Sequence

from reconciler.simulators.azure_devops import errors
from reconciler.simulators.azure_devops.comments import (
    REACTIONS,
    add_comment,
    delete_comment,
    edit_comment,
    find_comment,
)
from reconciler.simulators.azure_devops.endpoint import Call, answer, collection, endpoint
from reconciler.simulators.azure_devops.item import Comment, WorkItem
from reconciler.simulators.azure_devops.render import Json
from reconciler.simulators.kit.wire import Response

_LIST = "/_apis/wit/workItems/{id}/comments"
_ONE = _LIST + "/{comment}"
_PAGE = 200


@endpoint("GET", _LIST, project="required", preview=True)
def list_comments(call: Call) -> Response:
    item = call.item()
    deleted = call.flag("includeDeleted")
    comments = [comment for comment in item.comments if deleted or not comment.latest.deleted]
    if ids := call.names("ids"):
        return answer(_listing(call, item, comments, [comment for comment in comments if str(comment.id) in ids]))
    if call.request.param("order").lower() != "asc":  # FACTS ado 10.2: newest first unless asked otherwise
        comments.reverse()
    start = _start(call.request.param("continuationToken"))
    size = min(call.count("$top", _PAGE) or _PAGE, _PAGE)
    body = _listing(call, item, comments, comments[start : start + size])
    if start + size < len(comments):
        token = str(start + size)
        body["continuationToken"] = token
        body["nextPage"] = f"{call.render.item_url(item)}/comments?continuationToken={token}&$top={size}"
    return answer(body)


def _start(token: str) -> int:
    if token and not token.isdigit():
        raise errors.bad_request("The continuation token is invalid.")
    return int(token or 0)


def _listing(call: Call, item: WorkItem, comments: Sequence[Comment], page: Sequence[Comment]) -> Json:
    return {"totalCount": len(comments), "count": len(page), "comments": [_shown(call, item, one) for one in page]}


def _shown(call: Call, item: WorkItem, comment: Comment) -> Json:
    expand = call.request.param("$expand").lower()
    rendered = expand in ("renderedtext", "renderedtextonly", "all")
    body = call.render.comment(item, comment, rendered=rendered, text=expand != "renderedtextonly")
    if expand in ("reactions", "all"):
        body["reactions"] = [_reaction(call, item, comment, name) for name in comment.reactions]
    return body


@endpoint("POST", _LIST, project="required", body="json", preview=True)
def add(call: Call) -> Response:
    item = call.item()
    form = call.request.param("format", "html").lower()  # FACTS ado 10.4: HTML unless stated
    comment = add_comment(call.world, item, call.user, _text(call), form)
    return answer(_shown(call, item, comment))


@endpoint("GET", _ONE, project="required", preview=True)
def show(call: Call) -> Response:
    item = call.item()
    return answer(_shown(call, item, _comment(call, item, deleted=call.flag("includeDeleted"))))


@endpoint("PATCH", _ONE, project="required", body="json", preview=True)
def edit(call: Call) -> Response:
    item = call.item()
    form = call.request.param("format").lower() or None
    comment = edit_comment(call.world, item, call.user, _comment(call, item), _text(call), form)
    return answer(_shown(call, item, comment))


@endpoint("DELETE", _ONE, project="required", preview=True)
def delete(call: Call) -> Response:
    item = call.item()
    return answer(_shown(call, item, delete_comment(call.world, item, call.user, _comment(call, item))))


@endpoint("GET", _ONE + "/versions", project="required", preview=True)
def versions(call: Call) -> Response:
    item = call.item()
    comment = _comment(call, item, deleted=True)
    return collection([call.render.comment_version(item, comment, version) for version in comment.versions])


@endpoint("GET", _ONE + "/versions/{version}", project="required", preview=True)
def version(call: Call) -> Response:
    item = call.item()
    comment = _comment(call, item, deleted=True)
    number = call.number(call.values["version"])
    if number > len(comment.versions):
        raise errors.comment_missing(comment.id)
    return answer(call.render.comment_version(item, comment, comment.versions[number - 1]))


@endpoint("GET", _ONE + "/reactions", project="required", preview=True)
def reactions(call: Call) -> Response:
    item = call.item()
    comment = _comment(call, item)
    return collection([_reaction(call, item, comment, name) for name in comment.reactions])


@endpoint("PUT", _ONE + "/reactions/{reaction}", project="required", preview=True)
def react(call: Call) -> Response:
    item = call.item()
    comment, name = _comment(call, item), _known_reaction(call)
    engaged = comment.reactions.setdefault(name, [])
    if call.user not in engaged:
        engaged.append(call.user)
    return answer(_reaction(call, item, comment, name))


@endpoint("DELETE", _ONE + "/reactions/{reaction}", project="required", preview=True)
def unreact(call: Call) -> Response:
    item = call.item()
    comment, name = _comment(call, item), _known_reaction(call)
    engaged = comment.reactions.setdefault(name, [])
    if call.user in engaged:
        engaged.remove(call.user)
    body = _reaction(call, item, comment, name)
    if not engaged:
        del comment.reactions[name]
    return answer(body)


def _known_reaction(call: Call) -> str:
    name = call.values["reaction"].lower()
    if name not in REACTIONS:
        raise errors.bad_request(f"The reaction {name} is unknown.")
    return name


def _reaction(call: Call, item: WorkItem, comment: Comment, name: str) -> Json:
    engaged = comment.reactions[name]
    return {
        "type": name,
        "commentId": comment.id,
        "count": len(engaged),
        "isCurrentUserEngaged": call.user in engaged,
        "url": f"{call.render.item_url(item)}/comments/{comment.id}/reactions/{name}",
    }


def _comment(call: Call, item: WorkItem, *, deleted: bool = False) -> Comment:
    return find_comment(item, call.number(call.values["comment"]), deleted=deleted)


def _text(call: Call) -> str:
    text = call.json_object().get("text")
    if not isinstance(text, str):
        raise errors.bad_request("The text of the comment is missing.", "ArgumentNullException")
    return text
