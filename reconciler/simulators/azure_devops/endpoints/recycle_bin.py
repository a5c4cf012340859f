"""Deleting items, the recycle bin, and coming back from it (FACTS ado 16)."""

from __future__ import annotations

from reconciler.simulators.azure_devops import errors
from reconciler.simulators.azure_devops.endpoint import Call, answer, collection, endpoint, nothing
from reconciler.simulators.azure_devops.identity import User
from reconciler.simulators.azure_devops.item import WorkItem
from reconciler.simulators.azure_devops.world import World
from reconciler.simulators.kit.wire import Response


def delete_item(world: World, item: WorkItem, user: User) -> None:
    """Into the bin: one more revision, and gone for everybody who does not look there (FACTS ado 5.9)."""
    if not world.may_write(user, item.fields["System.AreaPath"]):
        raise errors.forbidden("TF237111: The current user does not have permissions to delete this work item.")
    at = world.stamp(item)
    item.deleted_at, item.deleted_by = at, user
    world.save(item, user, item.fields, at=at, deleted=True)


def restore_item(world: World, item: WorkItem, user: User) -> None:
    world.save(item, user, item.fields, at=world.stamp(item))
    item.deleted_at = item.deleted_by = None


@endpoint("DELETE", "/_apis/wit/workitems/{id}")
def delete(call: Call) -> Response:
    item = call.item()
    delete_item(call.world, item, call.user)
    body = call.render.deleted(item)
    if call.flag("destroy"):
        call.world.forget(item)
    return answer(body)


@endpoint("POST", "/_apis/wit/workitemsdelete", body="json")
def delete_many(call: Call) -> Response:
    body = call.json_object()
    items = [call.item(str(number)) for number in body.get("ids") or ()]
    for item in items:
        delete_item(call.world, item, call.user)
    results = [call.render.deleted(item) for item in items]
    if not body.get("destroy"):
        return answer({"results": results})
    for item in items:
        call.world.forget(item)
    return nothing()


@endpoint("GET", "/_apis/wit/recyclebin")
def list_bin(call: Call) -> Response:
    """Bare references, or details of the wanted ids; ids that are not there are left out."""
    binned = [
        item
        for item in call.world.items.values()
        if item.deleted and call.project in (None, item.project) and call.world.sees(call.user, item)
    ]
    wanted = call.names("ids")
    if wanted:
        shown = [call.render.deleted(item, resource=False) for item in binned if str(item.id) in wanted]
    else:
        shown = [{"id": item.id, "url": f"{call.base}/_apis/wit/recyclebin/{item.id}"} for item in binned]
    return collection(shown)


@endpoint("GET", "/_apis/wit/recyclebin/{id}")
def show(call: Call) -> Response:
    return answer(call.render.deleted(call.item(deleted=True)))


@endpoint("PATCH", "/_apis/wit/recyclebin/{id}", body="json")
def restore(call: Call) -> Response:
    if call.json_object().get("isDeleted") is not False:
        raise errors.bad_request("The only change of a deleted work item is to restore it.")
    item = call.item(deleted=True)
    deleted_on = call.render.deleted(item, resource=False)
    restore_item(call.world, item, call.user)
    return answer(deleted_on | call.render.restored(item))


@endpoint("DELETE", "/_apis/wit/recyclebin/{id}")
def destroy(call: Call) -> Response:
    call.world.forget(call.item(deleted=True))
    return nothing()
