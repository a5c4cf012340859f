"""WIQL, saved queries, and the search for items by what they link to (FACTS ado 3, 7.28)."""

from __future__ import annotations

from typing import Any

from reconciler.simulators.azure_devops import errors
from reconciler.simulators.azure_devops.endpoint import Call, answer, endpoint
from reconciler.simulators.azure_devops.errors import ApiError
from reconciler.simulators.azure_devops.item import WorkItem
from reconciler.simulators.azure_devops.process import Field
from reconciler.simulators.azure_devops.render import Json, iso
from reconciler.simulators.azure_devops.wiql import QueryRun
from reconciler.simulators.azure_devops.wiql_syntax import WiqlError, parse
from reconciler.simulators.kit.wire import Response


@endpoint("POST", "/_apis/wit/wiql", project="team", body="json", writes=False)
def query_by_wiql(call: Call) -> Response:
    return answer(_result(call, str(call.json_object().get("query") or "")))


@endpoint("GET", "/_apis/wit/wiql/{id}", project="team")
def query_by_id(call: Call) -> Response:
    saved = call.world.queries.get(call.values["id"].lower())
    if saved is None:
        raise ApiError(404, "TF401243: The query does not exist.", "QueryItemNotFoundException")
    body = _result(call, saved.wiql)
    return answer(body, headers={"x-total-count": str(len(body["workItems"]))})


def _result(call: Call, text: str) -> Json:
    """Ids only, whatever was selected (FACTS ado 3.3). A project in the route gives @project its meaning and narrows
    nothing by itself: a query that names no project spans all of them (3.22)."""
    world = call.world
    run = QueryRun(world, call.user, call.project, call.flag("timePrecision"))
    try:
        query = parse(text)
    except WiqlError as error:
        raise ApiError(
            400, f"TF51006: The query statement is not valid. {error}", world.switches.query_error_type_key
        ) from error
    body: Json = {"queryType": "flat", "queryResultType": "workItem", "asOf": iso(world.now())}
    body["columns"] = [_column(call, run.field(name)) for name in query.columns]
    if query.order:
        body["sortColumns"] = [
            {"field": _column(call, run.field(name)), "descending": descending} for name, descending in query.order
        ]
    found = _capped(call, run.items(query))
    body["workItems"] = [{"id": item.id, "url": call.render.item_url(item, project=False)} for item in found]
    return body


def _capped(call: Call, items: list[WorkItem]) -> list[WorkItem]:
    """`$top` cuts silently; without it too many matches are an error, or are cut as well (FACTS ado 3.10, U17)."""
    cap = call.world.switches.query_cap
    top = call.count("$top", 0)
    if top > cap:
        raise errors.bad_request(f"The value of $top is larger than {cap}.")
    if top:
        return items[:top]
    if len(items) > cap and call.world.switches.query_over_cap == "error":
        text = (
            f"VS402337: The number of work items returned exceeds the size limit of {cap}. Change the query to return "
            "fewer items."
        )
        raise ApiError(400, text, "WorkItemTrackingQueryResultSizeLimitExceededException")
    return items[:cap]


def _column(call: Call, field: Field) -> Json:
    url = f"{call.base}/_apis/wit/fields/{field.reference}"
    return {"referenceName": field.reference, "name": field.name, "url": url}


@endpoint("POST", "/_apis/wit/artifacturiquery", body="json", writes=False)
def query_by_artifact(call: Call) -> Response:
    addresses = call.json_object().get("artifactUris")
    if not isinstance(addresses, list):
        raise errors.bad_request("The artifact addresses are missing.")
    kinds = {"ArtifactLink"} | ({"Hyperlink"} if call.world.switches.artifact_query_finds_hyperlinks else set())
    wanted: dict[str, list[Any]] = {str(address): [] for address in addresses}
    for item in call.world.items.values():
        if item.deleted or not call.world.sees(call.user, item) or call.project not in (None, item.project):
            continue
        for relation in item.relations:
            if relation.rel in kinds and relation.url in wanted:
                wanted[relation.url].append({"id": item.id, "url": call.render.item_url(item, project=False)})
    return answer({"artifactUrisQueryResult": wanted})
