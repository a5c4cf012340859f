"""What nobody knows about the real service can be had both ways."""

from __future__ import annotations

import pytest

from reconciler.simulators.azure_devops import AzureDevOps
from reconciler.simulators.azure_devops.nodes import Project
from reconciler.simulators.azure_devops.people import Person
from tests.simulators.azure_devops.caller import Caller, linked, put

PREVIEW = "7.1-preview.4"
LIST = "/Web/_apis/wit/workItems/1/comments"


@pytest.fixture(autouse=True)
def _item(web: Project, bo: Person) -> None:
    bo.create(web, "Task", "Search")


def test_deleting_a_comment(api: Caller, azure: AzureDevOps, bo: Person) -> None:
    azure.switches.comment_delete_lowers_count = False
    azure.switches.deleted_comment_keeps_text = False
    bo.delete_comment(1, bo.comment(1, "one"))
    assert (api.item(1)["rev"], api.item(1)["fields"]["System.CommentCount"]) == (3, 1)
    gone = api.send("GET", LIST, version=PREVIEW, params={"includeDeleted": "true"}).json()["comments"]
    assert [(one["text"], one["isDeleted"]) for one in gone] == [("", True)]
    azure.switches.comment_delete_bumps_rev = False
    bo.delete_comment(1, bo.comment(1, "two"))
    assert api.item(1)["rev"] == 4


def test_hidden_markers_in_html(api: Caller, azure: AzureDevOps, bo: Person) -> None:
    assert bo.comment(1, "a<!-- m -->").latest.text == "a"
    azure.switches.html_comments_survive = True
    assert bo.comment(1, "a<!-- m -->").latest.text == "a<!-- m -->"
    assert api.update(1, put("System.Description", "a<!-- m -->"))["fields"]["System.Description"] == "a<!-- m -->"


def test_how_many_and_how_long_comments_may_be(api: Caller, azure: AzureDevOps) -> None:
    azure.switches.comments_per_item = 1
    azure.switches.comment_length = 3
    statuses = [
        api.send("POST", LIST, version=PREVIEW, json={"text": text}).status_code for text in ("long", "one", "two")
    ]
    assert statuses == [400, 200, 400]


def test_the_case_of_tags(api: Caller, azure: AzureDevOps) -> None:
    assert api.update(1, put("System.Tags", "Web"))["fields"]["System.Tags"] == "Web"
    assert api.update(1, put("System.Tags", "web; ui"))["fields"]["System.Tags"] == "ui; Web"
    azure.switches.tag_case_matters = True
    assert "WEB" in api.create("Task", "Find", put("System.Tags", "WEB"))["fields"]["System.Tags"]


def test_renaming_an_area_and_revisions(api: Caller, azure: AzureDevOps, web: Project) -> None:
    azure.add_area(web, "Shop")
    api.update(1, put("System.AreaPath", "Web\\Shop"))
    azure.switches.node_rename_bumps_rev = True
    api.send("PATCH", "/Web/_apis/wit/classificationnodes/areas/Shop", json={"name": "Store"})
    assert (api.item(1)["rev"], api.item(1)["fields"]["System.AreaPath"]) == (3, "Web\\Store")


def test_the_keys_of_errors(api: Caller, azure: AzureDevOps) -> None:
    azure.switches.query_error_type_key = "SyntaxException"
    azure.switches.link_error_type_key = "WorkItemLinkException"
    assert api.try_wiql("SELECT [Nothing] FROM WorkItems").json()["typeKey"] == "SyntaxException"
    circle = api.try_update(1, linked("System.LinkTypes.Related", 1)).json()
    assert circle["typeKey"] == "WorkItemLinkException"


def test_an_older_server(api: Caller, azure: AzureDevOps) -> None:
    azure.switches.latest_version = (6, 0)
    answer = api.send("GET", "/_apis/wit/workitems/1")
    assert (answer.status_code, answer.json()["typeKey"]) == (400, "VssVersionOutOfRangeException")
    assert api.send("GET", "/_apis/wit/workitems/1", version="6.0").status_code == 200


def test_removing_what_is_empty(api: Caller, azure: AzureDevOps) -> None:
    removal = {"op": "remove", "path": "/fields/System.Description"}
    assert api.update(1, removal)["rev"] == 1
    azure.switches.remove_of_empty_fails = True
    assert api.try_update(1, removal).status_code == 400


def test_an_unknown_identity(api: Caller, azure: AzureDevOps) -> None:
    params = {"searchFilter": "General", "filterValue": "nobody@example.com"}
    assert api.get("/_apis/identities", **params)["value"] == []
    azure.switches.identity_lookup_pads_with_null = True
    assert api.get("/_apis/identities", **params)["value"] == [None]
