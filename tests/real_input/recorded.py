"""Recorded: an organisation whose work items are the JSON that the real service once sent.

Metadata comes from the simulated organisation; queries, reads and saves of work items are answered from the recorded
bodies, byte for byte but for the id, the project and the area, which are moved into one place.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reconciler.simulators.azure_devops import AzureDevOps
from reconciler.simulators.kit.wire import Request, Response

APIS = Path(__file__).parents[3] / "shared" / "apis" / "azure-devops"
JSON_HEADERS = {"content-type": "application/json; charset=utf-8; api-version=7.1"}


def recorded_bodies() -> list[dict[str, Any]]:
    """Every distinct work item in the recordings and official samples that says what it is; latest revision each."""
    latest: dict[tuple[str, int], dict[str, Any]] = {}
    for source in sorted([*APIS.glob("recordings/*.json"), *APIS.glob("examples/wit/**/*.json")]):
        for body in _work_items(json.loads(source.read_text(encoding="utf-8"))):
            key = (str(body["fields"]["System.TeamProject"]), int(body["id"]))
            if key not in latest or latest[key]["rev"] <= body["rev"]:
                latest[key] = body
    return list(latest.values())


def _work_items(node: Any) -> Iterator[dict[str, Any]]:
    """Whatever in a document looks like a whole work item as a read or a save returns it."""
    if isinstance(node, dict):
        fields = node.get("fields")
        needed = ("System.WorkItemType", "System.State", "System.Title", "System.TeamProject", "System.ChangedDate")
        if isinstance(fields, dict) and {"id", "rev"} <= node.keys() and all(name in fields for name in needed):
            # Feeds and bins have names for identities; updates have old and new values for everything.
            if isinstance(fields.get("System.CreatedBy"), dict) and isinstance(fields["System.WorkItemType"], str):
                yield node
            return
        for child in node.values():
            yield from _work_items(child)
    elif isinstance(node, list):
        for child in node:
            yield from _work_items(child)


class RecordedOrganisation:
    """A Service in front of `azure`, whose project `projects[process]` holds the recorded items of that process."""

    def __init__(self, azure: AzureDevOps, projects: dict[str, str]) -> None:
        self.azure = azure
        self.items: dict[int, dict[str, Any]] = {}
        self.patches: list[tuple[int, list[dict[str, Any]]]] = []
        for number, body in enumerate(recorded_bodies(), start=1):
            project = projects[self._process(body)]
            item = copy.deepcopy(body)
            item["id"] = number
            item["fields"] |= {
                "System.TeamProject": project,
                "System.AreaPath": project,
                "System.IterationPath": project,
            }
            item["fields"] |= {"System.Id": number} if "System.Id" in item["fields"] else {}
            self.items[number] = item

    def _process(self, body: dict[str, Any]) -> str:
        """The process whose workflow has this type in this state."""
        kind, state = body["fields"]["System.WorkItemType"], body["fields"]["System.State"]
        for project in self.azure.world.projects:
            known = project.process.type(kind)
            if known is not None and state in [s.name for s in known.states]:
                return str(project.process.name)
        return "Agile"

    def handle(self, request: Request) -> Response:
        path = request.path.lower()
        if path.endswith("/_apis/wit/wiql") and "workitems" in request.json()["query"].lower():
            return self._query(request)
        if path.endswith("/_apis/wit/workitemsbatch"):
            wanted = [int(key) for key in request.json()["ids"]]
            return self._answer({"count": len(wanted), "value": [self.items.get(key) for key in wanted]})
        single = re.search(r"/_apis/wit/workitems/(\d+)$", path)
        if single and int(single[1]) in self.items:
            return (
                self._save(int(single[1]), request)
                if request.method == "PATCH"
                else self._answer(self.items[int(single[1])])
            )
        if re.search(r"/workitems/\d+/comments$", path):
            return self._answer({"totalCount": 0, "count": 0, "comments": []})
        return self.azure.handle(request)

    def _query(self, request: Request) -> Response:
        query = request.json()["query"]
        since = re.search(r"\[System\.ChangedDate\] >= '([^']+)'", query)
        after = re.search(r"\[System\.Id\] > (\d+)", query)
        found = [
            {"id": key, "url": f"https://dev.azure.com/contoso/_apis/wit/workItems/{key}"}
            for key, item in sorted(self.items.items())
            if (not since or item["fields"]["System.ChangedDate"] >= since[1]) and (not after or key > int(after[1]))
        ]
        as_of = self.azure.clock.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        body = {"queryType": "flat", "queryResultType": "workItem", "asOf": as_of, "columns": [], "workItems": found}
        return self._answer(body)

    def _save(self, key: int, request: Request) -> Response:
        """Carries out a patch of fields on the recorded body, as the service does."""
        item, operations = self.items[key], request.json()
        for operation in operations:
            if operation["op"] == "test":
                if item["rev"] != operation["value"]:
                    body = {
                        "message": "VS403351: Test Operation failed",
                        "typeKey": "TestPatchOperationFailedException",
                    }
                    return Response(412, JSON_HEADERS, json.dumps(body).encode())
            else:
                item["fields"][operation["path"].removeprefix("/fields/")] = operation["value"]
        item["rev"] += 1
        item["fields"]["System.ChangedDate"] = self.azure.clock.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        self.patches.append((key, operations))
        return self._answer(item)

    def _answer(self, body: Any) -> Response:
        return Response(200, JSON_HEADERS, json.dumps(body).encode())
