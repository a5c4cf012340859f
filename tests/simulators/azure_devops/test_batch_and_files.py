"""$batch and attachments."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from reconciler.simulators.azure_devops import AzureDevOps
from reconciler.simulators.azure_devops.people import Person
from tests.simulators.azure_devops.caller import BASE, Caller, linked, put

FILES = "/Web/_apis/wit/attachments"
BYTES = {"Content-Type": "application/octet-stream"}


def creating(*operations: Any) -> dict[str, Any]:
    return entry("/Web/_apis/wit/workitems/$Task?api-version=7.1", *operations)


def entry(uri: str, *operations: Any) -> dict[str, Any]:
    headers = {"Content-Type": "application/json-patch+json"}
    return {"method": "PATCH", "uri": uri, "headers": headers, "body": list(operations)}


def batch(api: Caller, *entries: dict[str, Any]) -> list[tuple[int, Any]]:
    answer = api.send("PATCH", "/_apis/wit/$batch", json=list(entries)).json()
    return [(one["code"], json.loads(one["body"])) for one in answer["value"]]


def test_entries_are_answered_in_order_as_text(api: Caller) -> None:
    answers = batch(
        api,
        creating({"op": "add", "path": "/id", "value": -1}, put("System.Title", "parent")),
        creating(put("System.Title", "child"), linked("System.LinkTypes.Hierarchy-Reverse", -1)),
        entry("/_apis/wit/workitems/99?api-version=7.1", put("System.Title", "x")),
    )
    assert [code for code, _ in answers] == [200, 200, 404]
    assert answers[1][1]["fields"]["System.Parent"] == answers[0][1]["id"]


def test_one_failure_may_fail_all(api: Caller, azure: AzureDevOps) -> None:
    azure.switches.batch_is_atomic = True
    answers = batch(api, creating(put("System.Title", "a")), creating(put("System.Title", "")))
    assert [code for code, _ in answers] == [400]
    assert azure.world.items == {}
    assert [code for code, _ in batch(api, creating(put("System.Title", "a")))] == [200]


def test_a_batch_takes_two_hundred_writes_and_no_reads(api: Caller) -> None:
    too_many = [creating(put("System.Title", "a"))] * 201
    assert api.send("PATCH", "/_apis/wit/$batch", json=too_many).status_code == 400
    read = {"method": "GET", "uri": "/_apis/wit/workitems/1?api-version=7.1"}
    assert api.send("PATCH", "/_apis/wit/$batch", json=[read]).status_code == 400


def upload(api: Caller, data: bytes, **params: str) -> httpx.Response:
    return api.send("POST", FILES, content=data, headers=BYTES, params={"fileName": "a.png", **params})


def attached(url: str) -> dict[str, Any]:
    return {"op": "add", "path": "/relations/-", "value": {"rel": "AttachedFile", "url": url}}


def test_a_file_is_uploaded_linked_and_downloaded(api: Caller) -> None:
    answer = upload(api, b"12345")
    assert answer.status_code == 201
    url = answer.json()["url"]
    assert url.startswith(f"{BASE}/_apis/wit/attachments/")
    api.create("Task", "Search")
    item = api.update(1, attached(url))
    assert (item["rev"], item["relations"][0]["attributes"]["resourceSize"]) == (2, 5)
    file = api.http.get(f"{url}&api-version=7.1")
    assert (file.content, file.headers["content-type"]) == (b"12345", "image/png")


def test_a_file_in_chunks(api: Caller) -> None:
    url = upload(api, b"", uploadType="Chunked").json()["url"]
    path = url.removeprefix(BASE).partition("?")[0]
    for part, span, status in ((b"123", "bytes 0-2/5", 200), (b"45", "bytes 3-4/5", 201)):
        headers = {**BYTES, "Content-Range": span}
        sent = api.http.put(path, content=part, headers=headers, params={"api-version": "7.1"})
        assert sent.status_code == status
    assert api.http.get(f"{url}&api-version=7.1").content == b"12345"


def test_what_a_file_must_not_be(api: Caller, azure: AzureDevOps, bo: Person) -> None:
    assert api.send("POST", FILES, json={}).status_code == 400
    azure.switches.attachment_bytes_max = 4
    assert upload(api, b"12345").json()["message"].startswith("TF237082")
    azure.switches.attachment_bytes_max = 60
    other = Caller(azure, bo.user.token)
    api.create("Task", "Search")
    refused = api.try_update(1, attached(upload(other, b"x").json()["url"]))
    assert (refused.status_code, refused.json()["message"][:8]) == (403, "VS402330")


@pytest.mark.parametrize("path", ["0c9e4d2e-0000-0000-0000-000000000000", "nonsense"])
def test_an_unknown_file_is_404(api: Caller, path: str) -> None:
    assert api.send("GET", f"{FILES}/{path}").status_code == 404
