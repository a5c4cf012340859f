"""$batch: up to 200 creates and updates in one request (FACTS ado 8)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from reconciler.simulators.azure_devops import errors
from reconciler.simulators.azure_devops.endpoint import Call, collection, endpoint
from reconciler.simulators.azure_devops.errors import ApiError
from reconciler.simulators.azure_devops.render import Json
from reconciler.simulators.kit.wire import Request, Response

REQUESTS_MAX = 200
_SUPPORTED = re.compile(r"/_apis/wit/workitems/(\$[^/]+|-?\d+)$", re.IGNORECASE)


@endpoint("PATCH", "/_apis/wit/$batch", project="none", body="json")
@endpoint("POST", "/_apis/wit/$batch", project="none", body="json")
def carry_out(call: Call) -> Response:
    entries = call.json()
    if not isinstance(entries, list) or not entries:
        raise errors.bad_request("The body of the batch must be a list of requests.")
    if len(entries) > REQUESTS_MAX:
        text = f"VS403474: You requested {len(entries)} work items which exceeds the limit of {REQUESTS_MAX}."
        raise ApiError(400, text, "WorkItemTrackingRequestLimitExceededException")
    requests = [_request(call, entry) for entry in entries]
    if call.world.switches.batch_is_atomic:
        for response in _answers(call, [_dry(request) for request in requests]):
            if response.status >= 400:
                return collection([_shown(response)])
    return collection([_shown(response) for response in _answers(call, requests)])


def _answers(call: Call, requests: list[Request]) -> list[Response]:
    assert call.dispatch
    batch_items: dict[int, Any] = {}
    return [call.dispatch(replace(call, request=request, batch_items=batch_items)) for request in requests]


def _request(call: Call, entry: Any) -> Request:
    if not isinstance(entry, Mapping) or not isinstance(entry.get("uri"), str):
        raise errors.bad_request("An entry of the batch must have a method, a uri and a body.")
    parts = urlsplit(entry["uri"])
    path = unquote(parts.path)
    if not _SUPPORTED.search(path) or str(entry.get("method")).upper() not in ("PATCH", "POST"):
        raise errors.bad_request(f"The batch supports creating and updating work items only, not {entry['uri']}.")
    headers = {**call.request.headers, "content-type": "application/json-patch+json"}
    headers |= {str(name).lower(): str(value) for name, value in (entry.get("headers") or {}).items()}
    query = tuple(parse_qsl(parts.query, keep_blank_values=True))
    organization = f"/{call.world.organization}"
    path = path if path.lower().startswith(organization.lower() + "/") else organization + path
    return Request(str(entry["method"]).upper(), path, query, headers, json.dumps(entry.get("body")).encode())


def _dry(request: Request) -> Request:
    return replace(request, query=(*request.query, ("validateOnly", "true")))


def _shown(response: Response) -> Json:
    """The body of an entry's answer is text that has to be parsed once more."""
    headers = {"Content-Type": response.headers.get("content-type", "application/json; charset=utf-8")}
    return {"code": response.status, "headers": headers, "body": response.body.decode()}
