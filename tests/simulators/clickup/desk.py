"""Desk: a small simulated workspace and the plainest client there can be."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, unquote

from reconciler.clock import VirtualClock
from reconciler.simulators.clickup import ClickUp, Switches
from reconciler.simulators.clickup.entities import Task
from reconciler.simulators.kit.wire import Request, Response, Service

Json = dict[str, Any]


class Answer:
    """An answer with its body read."""

    def __init__(self, response: Response) -> None:
        self.status = response.status
        self.headers = response.headers
        self.raw = response.body
        self.body: Any = json.loads(response.body) if response.body else None

    @property
    def code(self) -> str:
        return str(self.body["ECODE"])


class Desk:
    def __init__(self, switches: Switches | None = None, **options: Any) -> None:
        self.clock = VirtualClock()
        self.clickup = ClickUp(self.clock, switches=switches, **{"rate_limit": 100_000} | options)
        self.service: Service = self.clickup
        self.workspace = self.clickup.add_workspace("Northwind")
        self.ada = self.clickup.add_member(self.workspace, "Ada Sample", "ada@example.com", "America/New_York", role=1)
        self.ben = self.clickup.add_member(self.workspace, "Ben Sample", "ben@example.com", "Europe/Berlin")
        self.space = self.clickup.add_space(self.workspace, "Product")
        self.folder = self.clickup.add_folder(self.space, "Web")
        self.list = self.clickup.add_list(self.folder, "Backlog")
        self.as_ada = self.clickup.as_member(self.ada)
        self.as_ben = self.clickup.as_member(self.ben)

    def switch(self, **changes: Any) -> None:
        self.clickup.switches = replace(self.clickup.switches, **changes)

    def call(
        self,
        method: str,
        address: str,
        body: Any = None,
        *,
        token: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """`address` is path and query below /api; `token` may be "" for no header at all."""
        path, _, query = address.partition("?")
        sent = {"authorization": self.ada.token if token is None else token} | (headers or {})
        if token == "":
            del sent["authorization"]
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        pairs = tuple(parse_qsl(query, keep_blank_values=True))
        return Answer(self.service.handle(Request(method, "/api" + unquote(path), pairs, sent, data)))

    def get(self, address: str, **options: Any) -> Any:
        """The body of a successful GET below /api/v2."""
        answer = self.call("GET", "/v2" + address, **options)
        assert answer.status == 200, answer.body
        return answer.body

    def post(self, address: str, body: Any = None) -> Any:
        answer = self.call("POST", "/v2" + address, body)
        assert answer.status == 200, answer.body
        return answer.body

    def put(self, address: str, body: Any) -> Any:
        answer = self.call("PUT", "/v2" + address, body)
        assert answer.status == 200, answer.body
        return answer.body

    def refused(self, method: str, address: str, body: Any = None) -> tuple[int, str]:
        answer = self.call(method, "/v2" + address, body)
        return answer.status, answer.code

    def make(self, name: str = "Task", **keys: Any) -> Task:
        """A task made by Ada in the interface, a second after the one before."""
        self.clock.advance(1)
        return self.as_ada.create_task(self.list, name, **keys)

    def make_many(self, count: int) -> list[Task]:
        return [self.make(f"Task {number}") for number in range(count)]

    def listed(self, query: str = "") -> list[str]:
        """Names of one page of the List, in order."""
        return [row["name"] for row in self.get(f"/list/{self.list.id}/task?{query}")["tasks"]]

    def read(self, task: Task, query: str = "include_markdown_description=true") -> Json:
        found: Json = self.get(f"/task/{task.id}?{query}")
        return found
