"""Deleting, looking into the bin, restoring, destroying."""

from __future__ import annotations

import pytest

from reconciler.clock import VirtualClock
from reconciler.simulators.azure_devops import AzureDevOps
from reconciler.simulators.azure_devops.nodes import Project
from reconciler.simulators.azure_devops.people import Person
from tests.simulators.azure_devops.caller import Caller

BIN = "/Web/_apis/wit/recyclebin"


@pytest.fixture(autouse=True)
def _items(web: Project, bo: Person) -> None:
    for title in ("one", "two"):
        bo.create(web, "Task", title)


def test_a_deleted_item_is_gone_everywhere_but_in_the_bin(api: Caller, clock: VirtualClock) -> None:
    clock.advance(4 * 3600 + 13)
    answer = api.send("DELETE", "/Web/_apis/wit/workitems/1").json()
    assert (answer["deletedDate"], answer["deletedBy"]) == ("3/2/2026 12:00:13 PM", "Ada Beispiel <ada@example.com>")
    assert (answer["code"], answer["name"], answer["resource"]["rev"]) == (200, "one", 2)
    assert answer["resource"]["fields"]["System.CreatedBy"] == "Bo Muster <bo@example.com>"
    missing = api.send("GET", "/_apis/wit/workitems/1")
    assert missing.json()["message"] == (
        "TF401232: Work item 1 does not exist, or you do not have permissions to read it."
    )
    assert [one["id"] for one in api.get(BIN)["value"]] == [1]
    assert [one["name"] for one in api.get(BIN, ids="1,2")["value"]] == ["one"]
    assert api.get(f"{BIN}/1")["resource"]["id"] == 1
    assert api.send("GET", f"{BIN}/2").status_code == 404


def test_a_restored_item_has_one_more_revision(api: Caller, bo: Person) -> None:
    bo.delete(1)
    answer = api.send("PATCH", f"{BIN}/1", json={"isDeleted": False}).json()
    assert answer["resource"]["rev"] == 3
    assert api.item(1)["rev"] == 3
    assert api.get(BIN)["value"] == []


def test_destroying_leaves_nothing(api: Caller, bo: Person) -> None:
    api.send("DELETE", "/Web/_apis/wit/workitems/1", params={"destroy": "true"})
    bo.delete(2)
    assert api.send("DELETE", f"{BIN}/2").status_code == 204
    assert api.get(BIN)["value"] == []
    assert api.get("/_apis/wit/reporting/workitemrevisions", includeDeleted="true")["values"] == []


def test_many_at_once(api: Caller) -> None:
    assert api.send("POST", "/Web/_apis/wit/workitemsdelete", json={"ids": [1, 2]}).status_code == 200
    assert len(api.get(BIN)["value"]) == 2


def test_the_bin_may_be_emptied_by_time(api: Caller, azure: AzureDevOps, bo: Person, clock: VirtualClock) -> None:
    azure.switches.recycle_bin_days = 30
    bo.delete(1)
    clock.advance(31 * 86_400)
    assert api.get(BIN)["value"] == []
