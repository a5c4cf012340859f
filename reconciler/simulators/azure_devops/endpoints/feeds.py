"""The reporting feeds, and the updates and revisions of one item (FACTS ado 6)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from reconciler.simulators.azure_devops import errors
from reconciler.simulators.azure_devops.endpoint import Call, answer, collection, endpoint, expansion
from reconciler.simulators.azure_devops.feeds import FeedPage, Feeds, RevisionRequest, paged
from reconciler.simulators.azure_devops.versions import version_of
from reconciler.simulators.kit.wire import Response

_REVISIONS = "/_apis/wit/reporting/workitemrevisions"
_PAGE = 200
_FEED_PAGE_MAX = 1_000


@endpoint("GET", _REVISIONS)
def revisions_feed(call: Call) -> Response:
    return _revisions(call, fields=call.names("fields"), types=call.names("types"), flags=call.flag)


@endpoint("POST", _REVISIONS, body="json", writes=False)
def revisions_feed_by_body(call: Call) -> Response:
    body = call.json_object()
    fields = [str(name) for name in body.get("fields") or ()]
    types = [str(name) for name in body.get("types") or ()]
    return _revisions(call, fields=fields, types=types, flags=lambda name: bool(body.get(name)))


@endpoint("GET", _REVISIONS + "/discussions")
def discussions_feed(call: Call) -> Response:
    return _revisions(
        call, fields=[], types=[], flags=lambda name: name in ("includeDiscussionChangesOnly", "includeDeleted")
    )


def _revisions(call: Call, *, fields: list[str], types: list[str], flags: Any) -> Response:
    token = _token(call)
    request = RevisionRequest(
        token=token,
        start=call.time(call.request.param("startDateTime")),
        fields=fields,
        types=types,
        include_identities=flags("includeIdentityRef"),
        include_deleted=flags("includeDeleted"),
        latest_only=flags("includeLatestOnly"),
        discussion_only=flags("includeDiscussionChangesOnly"),
        long_text=expansion(call.request.param("$expand")) == "fields",
        size=_size(call),
    )
    page = Feeds(call.world, call.user, call.render).revisions(call.project, request)
    return _feed(call, page, "workItemRevisions")


@endpoint("GET", "/_apis/wit/reporting/workitemlinks")
def links_feed(call: Call) -> Response:
    kinds = {name.lower() for name in call.names("linkTypes")}
    start = call.time(call.request.param("startDateTime"))
    page = Feeds(call.world, call.user, call.render).links(call.project, _token(call), start, kinds, _size(call))
    return _feed(call, page, "workItemLinks")


def _size(call: Call) -> int:
    return min(call.count("$maxPageSize", _FEED_PAGE_MAX) or _FEED_PAGE_MAX, _FEED_PAGE_MAX)


def _token(call: Call) -> str:
    token = call.request.param("continuationToken")
    if token and call.request.param("startDateTime"):
        raise errors.bad_request("The continuation token and the start date exclude each other.")
    return token


def _feed(call: Call, page: FeedPage, name: str) -> Response:
    """`nextLink` keeps what was asked, with the new token (FACTS ado 6.3)."""
    kept = [
        (key, value)
        for key, value in call.request.query
        if key not in ("continuationToken", "startDateTime", "api-version")
    ]
    query = urlencode([("continuationToken", page.token), *kept, ("api-version", version_of(call.request) or "7.1")])
    within = f"/{call.project.id}" if call.project else ""
    link = f"{call.base}{within}/_apis/wit/reporting/{name}?{query}"
    body = {"values": page.values, "nextLink": link, "continuationToken": page.token, "isLastBatch": page.last}
    return answer(body)


@endpoint("GET", "/_apis/wit/workItems/{id}/updates")
def updates(call: Call) -> Response:
    rows = Feeds(call.world, call.user, call.render).updates(call.item())
    return collection(paged(rows, call.count("$top", _PAGE), call.count("$skip", 0)))


@endpoint("GET", "/_apis/wit/workItems/{id}/updates/{number}")
def update(call: Call) -> Response:
    rows = Feeds(call.world, call.user, call.render).updates(call.item())
    number = call.number(call.values["number"])
    if number > len(rows):
        raise errors.item_missing(call.item().id)
    return answer(rows[number - 1])


@endpoint("GET", "/_apis/wit/workItems/{id}/revisions")
def revisions(call: Call) -> Response:
    item = call.item()
    expand = expansion(call.request.param("$expand"))
    shown = [call.render.work_item(item, revision, expand=expand, history=True) for revision in item.revisions]
    return collection(paged(shown, call.count("$top", _PAGE), call.count("$skip", 0)))


@endpoint("GET", "/_apis/wit/workItems/{id}/revisions/{number}")
def revision(call: Call) -> Response:
    item = call.item()
    number = call.number(call.values["number"])
    if number > item.rev:
        raise errors.item_missing(item.id)
    expand = expansion(call.request.param("$expand"))
    return answer(call.render.work_item(item, item.revisions[number - 1], expand=expand, links=True, history=True))
