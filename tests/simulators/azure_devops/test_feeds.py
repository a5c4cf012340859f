"""The reporting feeds, and an item's updates and revisions."""

from __future__ import annotations

import pytest

from reconciler.clock import VirtualClock
from reconciler.simulators.azure_devops import AzureDevOps
from reconciler.simulators.azure_devops.nodes import Project
from reconciler.simulators.azure_devops.people import Person
from tests.simulators.azure_devops.caller import Caller

REVISIONS = "/_apis/wit/reporting/workitemrevisions"
LINKS = "/_apis/wit/reporting/workitemlinks"
UP = "System.LinkTypes.Hierarchy-Reverse"


@pytest.fixture(autouse=True)
def _items(web: Project, bo: Person) -> None:
    bo.create(web, "Task", "one", {"System.Description": "<p>x</p>"})
    bo.create(web, "Bug", "two")
    bo.edit(1, {"System.Title": "uno"})


def test_revisions_come_in_the_order_of_saving_and_the_token_continues(api: Caller, bo: Person) -> None:
    first = api.get(REVISIONS, **{"$maxPageSize": 2})
    assert ([(one["id"], one["rev"]) for one in first["values"]], first["isLastBatch"]) == ([(1, 1), (2, 1)], False)
    second = api.get(REVISIONS, continuationToken=first["continuationToken"])
    assert ([(one["id"], one["rev"]) for one in second["values"]], second["isLastBatch"]) == ([(1, 2)], True)
    bo.edit(2, {"System.Title": "due"})
    again = api.get(REVISIONS, continuationToken=second["continuationToken"])
    assert [(one["id"], one["rev"]) for one in again["values"]] == [(2, 2)]
    assert "System.Description" not in first["values"][0]["fields"]
    assert first["values"][0]["fields"]["System.CreatedBy"] == "Bo Muster <bo@example.com>"
    assert f"continuationToken={first['continuationToken'].replace(';', '%3B')}" in first["nextLink"]


def test_revisions_can_be_narrowed_by_body(api: Caller, bo: Person) -> None:
    body = {"fields": ["System.Title"], "types": ["task"], "includeLatestOnly": True, "includeIdentityRef": True}
    assert api.post(REVISIONS, body)["values"] == [{"id": 1, "rev": 2, "fields": {"System.Title": "uno"}}]
    bo.delete(1)
    assert api.post(REVISIONS, body)["values"] == []
    deleted = api.post(REVISIONS, {"fields": ["System.IsDeleted"], "includeDeleted": True})["values"]
    assert deleted[-1] == {"id": 1, "rev": 3, "fields": {"System.IsDeleted": True}}


def test_a_start_and_a_token_exclude_each_other(api: Caller) -> None:
    params = {"continuationToken": "1;1;1", "startDateTime": "2026-03-02T00:00:00Z"}
    assert api.send("GET", REVISIONS, params=params).status_code == 400


def test_links_have_a_feed_of_their_own(api: Caller, bo: Person) -> None:
    bo.link(2, UP, 1)
    first = api.get(LINKS)
    assert first["values"] == [
        {
            "rel": "System.LinkTypes.Hierarchy",
            "sourceId": 1,
            "targetId": 2,
            "changedDate": "2026-03-02T08:00:00Z",
            "isActive": True,
        }
    ]
    bo.unlink(2, UP, 1)
    later = api.get(LINKS, continuationToken=first["continuationToken"])
    assert [(one["sourceId"], one["isActive"]) for one in later["values"]] == [(1, False)]
    assert api.get(LINKS, linkTypes="System.LinkTypes.Related")["values"] == []


def test_a_feed_may_lag_behind(api: Caller, azure: AzureDevOps, bo: Person, clock: VirtualClock) -> None:
    clock.advance(100)
    azure.switches.feed_lag_s = 10
    bo.edit(2, {"System.Title": "due"})
    first = api.get(REVISIONS)
    assert [one["rev"] for one in first["values"]] == [1, 1, 2]
    clock.advance(20)
    assert len(api.get(REVISIONS, continuationToken=first["continuationToken"])["values"]) == 1


def test_updates_count_link_edits_too(api: Caller, bo: Person) -> None:
    bo.link(2, UP, 1)
    bo.comment(2, "why")
    bo.edit(2, {"System.Description": "<p>y</p>"})
    bo.edit(2, {"System.Description": None})
    updates = api.get("/Web/_apis/wit/workItems/2/updates")["value"]
    assert [(one["id"], one["rev"]) for one in updates] == [(1, 1), (2, 1), (3, 2), (4, 3), (5, 4)]
    assert "fields" not in updates[1]
    assert updates[1]["relations"]["added"][0]["rel"] == UP
    assert updates[2]["fields"]["System.History"] == {"newValue": "why"}
    assert updates[3]["fields"]["System.Description"] == {"newValue": "<p>y </p>"}
    assert updates[4]["fields"]["System.Description"] == {"oldValue": "<p>y </p>"}
    assert updates[4]["revisedDate"] == "9999-01-01T00:00:00Z"
    assert api.get("/_apis/wit/workItems/2/updates", **{"$top": 1, "$skip": 2})["value"] == [updates[2]]
    assert api.get("/_apis/wit/workItems/2/updates/3") == updates[2]


def test_revisions_are_full_snapshots(api: Caller) -> None:
    revisions = api.get("/Web/_apis/wit/workItems/1/revisions")["value"]
    assert [(one["rev"], one["fields"]["System.Title"]) for one in revisions] == [(1, "one"), (2, "uno")]
    assert api.get("/_apis/wit/workItems/1/revisions/1")["fields"]["System.Description"] == "<p>x </p>"


def test_a_project_sees_its_own_items_only(api: Caller, azure: AzureDevOps, bo: Person) -> None:
    azure.add_project("Shop", "Agile")
    bo.move(1, "Shop")
    assert {one["id"] for one in api.get("/Web" + REVISIONS)["values"]} == {2}
    assert [one["rev"] for one in api.get("/Shop" + REVISIONS)["values"]] == [1, 2, 3]
    azure.switches.feed_shows_history_of_moved = False
    assert [one["rev"] for one in api.get("/Shop" + REVISIONS)["values"]] == [3]
