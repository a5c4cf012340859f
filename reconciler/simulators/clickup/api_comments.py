"""The v2 endpoints for comments of tasks and their replies."""

from __future__ import annotations

from reconciler.simulators.clickup import comments
from reconciler.simulators.clickup.call import ID_QUERY, Call, Endpoints
from reconciler.simulators.clickup.views import Json
from reconciler.simulators.kit.router import Router

_TEXT_KEYS = ("comment_text", "comment_markdown", "comment", "assignee", "group_assignee")
_POST_KEYS = (*_TEXT_KEYS, "notify_all")


def declare(router: Router) -> None:
    v2 = Endpoints(router, "/api/v2")

    @v2.route("GET", "/task/{task}/comment", query=(*ID_QUERY, "start", "start_id"))
    def page(call: Call) -> Json:
        request = call.request
        found = comments.page(call.world, call.living_task(), request.param("start"), request.param("start_id"))
        return {"comments": [comments.view(call.world, call.viewer, comment) for comment in found]}

    @v2.route("POST", "/task/{task}/comment", query=ID_QUERY, keys=_POST_KEYS)
    def add(call: Call) -> Json:
        made = comments.add(call.world, call.member, call.writable_task(), call.body())
        return comments.created(call.world, made)

    @v2.route("PUT", "/comment/{comment}", keys=(*_TEXT_KEYS, "resolved"))
    def edit(call: Call) -> Json:
        comments.edit(call.world, call.member, call.writable_comment(), call.body())
        return {}

    @v2.route("DELETE", "/comment/{comment}")
    def delete(call: Call) -> Json:
        comments.delete(call.world, call.writable_comment())
        return {}

    @v2.route("GET", "/comment/{comment}/reply")
    def replies(call: Call) -> Json:
        found = comments.replies(call.world, call.comment())
        return {"comments": [comments.view(call.world, call.viewer, comment) for comment in found]}

    @v2.route("POST", "/comment/{comment}/reply", keys=_POST_KEYS)
    def reply(call: Call) -> Json:
        made = comments.reply(call.world, call.member, call.writable_comment(), call.body())
        return comments.created(call.world, made)
