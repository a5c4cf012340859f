"""Recorded traffic of the real service, replayed against the simulator: same statuses, same keys, same kinds."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest

from reconciler.simulators.azure_devops import AzureDevOps
from reconciler.simulators.kit.wire import Request, Response
from tests.openapi.validator import SHARED

FOLDER = SHARED / "apis" / "azure-devops" / "recordings"
COMPARED = (
    "id",
    "rev",
    "count",
    "name",
    "type",
    "rel",
    "comment",
    "isLocked",
    "structureType",
    "hasChildren",
    "typeKey",
)
COMPARED_FIELDS = (
    "Title",
    "State",
    "Reason",
    "Tags",
    "Parent",
    "CommentCount",
    "Priority",
    "Severity",
    "WorkItemType",
    "Rev",
)


def interactions(name: str) -> list[Any]:
    """The interactions of a recording in order; skips the calling test where it is absent."""
    path = FOLDER / f"{name}.json"
    if not path.exists():
        pytest.skip("the recordings are not here")
    recorded: list[Any] = json.loads(path.read_text(encoding="utf-8"))["interactions"]
    return recorded


def first_number(azure: AzureDevOps, series: str, number: int) -> None:
    """Makes `number` the next id of a series, so that ids are those of the recording."""
    azure.world.count(series, number - 1)


@dataclass
class Replay:
    """Sends recorded requests and compares the answers. `nodes` translates recorded ids of nodes; the ids of items
    are made equal beforehand."""

    azure: AzureDevOps
    token: str
    nodes: dict[int, int] = field(default_factory=dict)
    _recorded_relations: dict[int, list[Any]] = field(default_factory=dict)

    def play(self, interaction: Any) -> Response:
        """Replays one interaction; fails on the first difference."""
        response = self.azure.handle(self.request(interaction["request"]))
        expected = interaction["response"]
        where = f"#{interaction['index']} {interaction['request']['method']} {interaction['request']['uri']}"
        assert response.status == expected["status"], f"{where}: {response.body!r}"
        assert _kind(response.headers) == _kind(expected["headers"]), where
        body = _parsed(response)
        self._learn(expected["body"], body)
        assert_alike(body, expected["body"], where)
        return response

    def request(self, recorded: Any) -> Request:
        """A recorded request as the simulator understands it: its organisation, its node ids, its order of links."""
        parts = urlsplit(recorded["uri"])
        path = unquote(re.sub(r"^/[^/]+", f"/{self.azure.world.organization}", parts.path))
        query = [(name, self._node_ids(name, value)) for name, value in parse_qsl(parts.query, keep_blank_values=True)]
        headers = {name.lower(): value for name, value in recorded["headers"].items()}
        headers |= {"authorization": f"Bearer {self.token}", "host": "dev.azure.com"}
        item = re.search(r"/workItems/(\d+)$", path, re.IGNORECASE)
        body = recorded.get("body")
        if isinstance(body, list) and item:
            body = [self._operation(int(item[1]), operation) for operation in body]
        elif isinstance(body, dict) and "id" in body:
            body = {**body, "id": self.nodes.get(body["id"], body["id"])}
        data = b"" if body is None else json.dumps(body).encode()
        return Request(recorded["method"], path, tuple(query), headers, data)

    def _node_ids(self, name: str, value: str) -> str:
        return str(self.nodes.get(int(value), int(value))) if name == "ids" and value.isdigit() else value

    def _operation(self, item_id: int, operation: Any) -> Any:
        """The index of a relation means the recorded order; ours is another one."""
        found = re.fullmatch(r"/relations/(\d+)", operation["path"])
        if not found:
            return operation
        wanted = _key(self._recorded_relations[item_id][int(found[1])])
        ours = self.azure.item(item_id).visible_relations
        keys = [(one.rel, str(one.target.id) if one.target else one.url.rpartition("/")[2]) for one in ours]
        return {**operation, "path": f"/relations/{keys.index(wanted)}"}

    def _learn(self, recorded: Any, ours: Any) -> None:
        if isinstance(recorded, dict) and isinstance(ours, dict):
            if "structureType" in recorded and "structureType" in ours:
                self.nodes[recorded["id"]] = ours["id"]
            if "fields" in recorded:
                self._recorded_relations[recorded["id"]] = recorded.get("relations", [])
            for key in ("value", "children"):
                for one, other in zip(recorded.get(key) or [], ours.get(key) or [], strict=False):
                    self._learn(one, other)


def assert_alike(ours: Any, recorded: Any, where: str, *, field_name: str = "") -> None:
    """Same keys, same kinds of values, same length of lists, and equal values where those are facts."""
    if isinstance(recorded, dict) and isinstance(ours, dict):
        assert ours.keys() == recorded.keys(), f"{where}: {sorted(ours.keys() ^ recorded.keys())}"
        for key in recorded:
            assert_alike(ours[key], recorded[key], f"{where} {key}", field_name=key)
    elif isinstance(recorded, list) and isinstance(ours, list):
        assert len(ours) == len(recorded), where
        pairs = zip(_sorted(ours), _sorted(recorded), strict=True)
        for index, (one, other) in enumerate(pairs):
            assert_alike(one, other, f"{where}[{index}]")
    else:
        assert _type(ours) == _type(recorded), f"{where}: {ours!r} and {recorded!r}"
        if field_name in COMPARED and not _opaque(recorded, where):
            assert ours == recorded, where
        if field_name.rpartition(".")[2] in COMPARED_FIELDS:
            assert ours == recorded, where


def _opaque(value: Any, where: str) -> bool:
    """Ids of nodes, links, projects and people, and names of projects, are the server's own."""
    return "lassificationNodes" in where or "attributes" in where or (isinstance(value, str) and len(value) == 36)


def _sorted(values: list[Any]) -> list[Any]:
    return sorted(values, key=_key) if values and isinstance(values[0], dict) and "rel" in values[0] else values


def _key(relation: Any) -> tuple[str, str]:
    return relation["rel"], str(relation["url"]).rpartition("/")[2]


def _type(value: Any) -> str:
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


def _kind(headers: Any) -> str:
    found = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    return str(found).partition(";")[0]


def _parsed(response: Response) -> Any:
    text = response.body.decode("utf-8-sig")
    return json.loads(text) if "json" in _kind(response.headers) else text
