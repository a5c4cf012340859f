"""A client for these tests: plain HTTP with a token, and the operations of a patch in short."""

from __future__ import annotations

from typing import Any

import httpx

from reconciler.simulators.kit.transport import InProcess
from reconciler.simulators.kit.wire import Service

BASE = "https://dev.azure.com/contoso"


class Caller:
    """Speaks HTTP as a client with a token would. `path` begins behind the organisation."""

    def __init__(self, service: Service, token: str) -> None:
        transport = InProcess({"https://dev.azure.com": service})
        self.http = httpx.Client(base_url=BASE, transport=transport, auth=("", token), timeout=60.0)

    def send(self, method: str, path: str, *, version: str = "7.1", **more: Any) -> httpx.Response:
        """The plain answer; `version` "" leaves the version out."""
        params = {**more.pop("params", {}), **({"api-version": version} if version else {})}
        return self.http.request(method, path, params=params, **more)

    def get(self, path: str, **params: Any) -> Any:
        return self._good(self.send("GET", path, params=params))

    def post(self, path: str, body: Any, **params: Any) -> Any:
        return self._good(self.send("POST", path, json=body, params=params))

    def patch(self, path: str, *operations: Any, **params: Any) -> Any:
        """A JSON Patch; the item as answered."""
        return self._good(self.try_patch(path, *operations, **params))

    def try_patch(self, path: str, *operations: Any, method: str = "PATCH", **params: Any) -> httpx.Response:
        headers = {"Content-Type": "application/json-patch+json"}
        return self.send(method, path, json=list(operations), headers=headers, params=params)

    def create(self, kind: str, title: str, *operations: Any, project: str = "Web") -> Any:
        path = f"/{project}/_apis/wit/workitems/${kind}"
        return self._good(self.try_patch(path, put("System.Title", title), *operations, method="POST"))

    def update(self, number: int, *operations: Any) -> Any:
        return self.patch(f"/_apis/wit/workitems/{number}", *operations)

    def try_update(self, number: int, *operations: Any) -> httpx.Response:
        return self.try_patch(f"/_apis/wit/workitems/{number}", *operations)

    def item(self, number: int, **params: Any) -> Any:
        return self.get(f"/_apis/wit/workitems/{number}", **params)

    def try_wiql(self, query: str, **params: Any) -> httpx.Response:
        return self.send("POST", "/Web/_apis/wit/wiql", json={"query": query}, params=params)

    def ids(self, where: str, order: str = "", *, precise: bool = True, top: int = 0) -> list[int]:
        """The ids of what a WIQL condition finds."""
        query = f"SELECT [System.Id] FROM WorkItems WHERE {where} {order}"
        more = {**({"$top": top} if top else {}), **({"timePrecision": "true"} if precise else {})}
        return [found["id"] for found in self._good(self.try_wiql(query, **more))["workItems"]]

    def _good(self, response: httpx.Response) -> Any:
        assert response.status_code == 200, f"{response.status_code} {response.text}"
        return response.json()


def put(field: str, value: Any) -> dict[str, Any]:
    return {"op": "add", "path": f"/fields/{field}", "value": value}


def replacing(field: str, value: Any) -> dict[str, Any]:
    return {"op": "replace", "path": f"/fields/{field}", "value": value}


def at_rev(rev: int) -> dict[str, Any]:
    return {"op": "test", "path": "/rev", "value": rev}


def linked(rel: str, number: int, **attributes: Any) -> dict[str, Any]:
    url = f"{BASE}/_apis/wit/workItems/{number}"
    return {"op": "add", "path": "/relations/-", "value": {"rel": rel, "url": url, "attributes": attributes}}


def pointing(url: str, **attributes: Any) -> dict[str, Any]:
    return {"op": "add", "path": "/relations/-", "value": {"rel": "Hyperlink", "url": url, "attributes": attributes}}
