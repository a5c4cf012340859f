"""Work items: reading one or many, creating, updating (FACTS ado 4, 7)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reconciler.simulators.azure_devops import errors, json_patch
from reconciler.simulators.azure_devops.edit import Edit
from reconciler.simulators.azure_devops.endpoint import Call, answer, collection, endpoint, expansion
from reconciler.simulators.azure_devops.errors import ApiError
from reconciler.simulators.azure_devops.item import WorkItem
from reconciler.simulators.azure_devops.render import Json
from reconciler.simulators.kit.wire import Response

IDS_MAX = 200
REVISIONS_MAX = 10_000


@endpoint("GET", "/_apis/wit/workitems/${type}", project="required")
def show_template(call: Call) -> Response:
    """What a new item of a type would be filled with."""
    kind = call.the_project.process.type(call.values["type"])
    if kind is None:
        raise errors.type_missing(call.values["type"])
    edit = Edit(call.world, WorkItem(-1), call.user, call.the_project, kind)
    item = edit.carry_out([json_patch.SetField("System.Title", "-", False)], validate_only=True)
    body = call.render.work_item(item)
    del body["fields"]["System.Title"]
    return answer({"fields": body["fields"]})


@endpoint("GET", "/_apis/wit/workitems/{id}")
def show(call: Call) -> Response:
    item = call.item()
    wanted, expand = call.names("fields"), expansion(call.request.param("$expand"))
    if wanted and expand not in ("none", "links"):
        raise errors.expand_with_fields()
    return answer(_shown(call, item, wanted, expand, call.request.param("asOf"), links=True))


@endpoint("GET", "/_apis/wit/workitems")
def show_many(call: Call) -> Response:
    ids = [call.number(text) for text in call.names("ids")]
    expand = expansion(call.request.param("$expand"))
    omit = call.request.param("errorPolicy").lower() == "omit"
    return _many(call, ids, call.names("fields"), expand, call.request.param("asOf"), omit=omit)


@endpoint("POST", "/_apis/wit/workitemsbatch", body="json", writes=False)
def show_batch(call: Call) -> Response:
    body = call.json_object()
    ids = body.get("ids")
    if not isinstance(ids, list) or not all(isinstance(number, int) for number in ids):
        raise errors.bad_request("The ids of the work items are missing.")
    omit = str(body.get("errorPolicy", "")).lower() in ("omit", "2")
    wanted = [str(name) for name in body.get("fields") or ()]
    return _many(call, ids, wanted, expansion(body.get("$expand")), str(body.get("asOf") or ""), omit=omit)


@endpoint("POST", "/_apis/wit/workitems/${type}", project="required", body="patch")
@endpoint("PATCH", "/_apis/wit/workitems/${type}", project="required", body="patch")
def create(call: Call) -> Response:
    """200, not 201 (FACTS ado 7.1)."""
    kind = call.the_project.process.type(call.values["type"])
    if kind is None:
        raise errors.type_missing(call.values["type"])
    operations = json_patch.parse(call.json())
    _check_notifications(call)
    item = WorkItem(0)
    bypass, dry = call.flag("bypassRules"), call.flag("validateOnly")
    edit = Edit(call.world, item, call.user, call.the_project, kind, bypass, call.batch_items)
    saved = edit.carry_out(operations, validate_only=dry)
    for operation in operations:
        if isinstance(operation, json_patch.SetId):
            call.batch_items[operation.id] = saved
    return answer(_written(call, saved))


@endpoint("PATCH", "/_apis/wit/workitems/{id}", body="patch")
def update(call: Call) -> Response:
    operations = json_patch.parse(call.json())
    item = call.batch_items.get(_negative(call.values["id"])) or call.item()
    _check_notifications(call)
    if item.rev >= REVISIONS_MAX:  # FACTS ado 6.12: over REST only; people may go on
        text = f"VS403668: The work item has the {REVISIONS_MAX} revisions it may have."
        raise ApiError(400, text, "WorkItemRevisionLimitExceededException")
    kind = item.project.process.types[item.type_name]
    edit = Edit(call.world, item, call.user, item.project, kind, call.flag("bypassRules"), call.batch_items)
    return answer(_written(call, edit.carry_out(operations, validate_only=call.flag("validateOnly"))))


def _check_notifications(call: Call) -> None:
    if call.flag("suppressNotifications") and not call.user.may_suppress_notifications:
        raise errors.forbidden("TF401320: The current user does not have permissions to suppress notifications.")


def _negative(text: str) -> int:
    return int(text) if text.startswith("-") and text[1:].isdigit() else 0


def _written(call: Call, item: WorkItem) -> Json:
    expand = expansion(call.request.param("$expand"))
    return call.render.work_item(item, expand=expand, links=True, history=True, relations=True)


def _many(call: Call, ids: Sequence[int], wanted: Sequence[str], expand: str, as_of: str, *, omit: bool) -> Response:
    if len(ids) > IDS_MAX:
        raise errors.too_many_ids(len(ids), IDS_MAX)
    if wanted and expand not in ("none", "links"):
        raise errors.expand_with_fields()
    shown: list[Json | None] = []
    for number in ids:
        try:
            shown.append(_shown(call, call.item(str(number)), wanted, expand, as_of))
        except ApiError as error:
            if not omit or error.status != 404:
                raise
            if call.world.switches.omitted_items == "null":
                shown.append(None)
    return collection(shown)


def _shown(call: Call, item: WorkItem, wanted: Sequence[str], expand: str, as_of: str, *, links: bool = False) -> Any:
    moment = call.time(as_of)
    revision = item.as_of(moment) if moment else item.current
    if revision is None:
        raise errors.item_missing(item.id)
    return call.render.work_item(item, revision, expand=expand, only=wanted, links=links)
