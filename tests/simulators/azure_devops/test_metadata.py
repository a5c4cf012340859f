"""Projects, types, states, fields, nodes, tags, identities."""

from __future__ import annotations

import pytest

from reconciler.simulators.azure_devops import AzureDevOps
from reconciler.simulators.azure_devops.identity import User
from reconciler.simulators.azure_devops.nodes import Project
from reconciler.simulators.azure_devops.people import Person
from reconciler.simulators.azure_devops.process import process_named
from tests.simulators.azure_devops.caller import Caller, put

NODES = "/Web/_apis/wit/classificationnodes"


def test_who_is_calling(api: Caller, ada: User) -> None:
    answer = api.send("GET", "/_apis/connectionData", version="7.1-preview.1").json()
    assert answer["authenticatedUser"]["id"] == ada.id
    assert answer["authenticatedUser"]["properties"]["Account"]["$value"] == "ada@example.com"
    assert answer["deploymentType"] == "hosted"


def test_projects_are_paged_and_show_their_process(api: Caller, azure: AzureDevOps) -> None:
    azure.add_project("Shop", "Scrum")
    first = api.send("GET", "/_apis/projects", params={"$top": "1"})
    assert [one["name"] for one in first.json()["value"]] == ["Web"]
    token = first.headers["x-ms-continuationtoken"]
    assert [one["name"] for one in api.get("/_apis/projects", continuationToken=token)["value"]] == ["Shop"]
    shown = api.get("/_apis/projects/shop", includeCapabilities="true")
    assert shown["capabilities"]["processTemplate"]["templateName"] == "Scrum"
    assert api.get(f"/_apis/projects/{shown['id']}")["name"] == "Shop"


@pytest.mark.parametrize(
    ("process", "kind", "states"),
    [
        ("Agile", "User Story", ["New", "Active", "Resolved", "Closed", "Removed"]),
        ("Scrum", "Product Backlog Item", ["New", "Approved", "Committed", "Done", "Removed"]),
        ("Basic", "Issue", ["To Do", "Doing", "Done"]),
        ("CMMI", "Requirement", ["Proposed", "Active", "Resolved", "Closed"]),
    ],
)
def test_states_in_the_order_of_work(
    api: Caller, azure: AzureDevOps, process: str, kind: str, states: list[str]
) -> None:
    azure.add_project("P", process)
    assert [one["name"] for one in api.get(f"/P/_apis/wit/workitemtypes/{kind}/states")["value"]] == states


@pytest.mark.parametrize("process", ["Agile", "Scrum", "Basic", "CMMI"])
def test_every_state_can_be_reached_from_the_first(process: str) -> None:
    for kind in process_named(process).types.values():
        reached = {kind.initial_state}
        while more := {to for origin, to in kind.transitions if origin in reached} - reached:
            reached |= more
        assert reached == {state.name for state in kind.states}


def test_types_with_transitions_and_fields(api: Caller) -> None:
    types = {one["name"]: one for one in api.get("/Web/_apis/wit/workitemtypes")["value"]}
    assert set(types) == {"Bug", "Epic", "Feature", "Issue", "Task", "User Story"}
    assert types["Task"]["transitions"][""] == [{"to": "New", "actions": None}]
    assert {one["to"] for one in types["Task"]["transitions"]["Removed"]} == {"Removed", "New"}
    bug = {one["referenceName"] for one in api.get("/Web/_apis/wit/workitemtypes/Bug/fields")["value"]}
    assert "Microsoft.VSTS.TCM.ReproSteps" in bug
    priority = api.get(
        "/Web/_apis/wit/workitemtypes/Bug/fields/Microsoft.VSTS.Common.Priority", **{"$expand": "allowedValues"}
    )
    assert (priority["allowedValues"], priority["defaultValue"]) == (["1", "2", "3", "4"], "2")


def test_fields_of_the_organisation(api: Caller) -> None:
    fields = {one["referenceName"]: one for one in api.get("/_apis/wit/fields")["value"]}
    assert (fields["System.AssignedTo"]["type"], fields["System.AssignedTo"]["isIdentity"]) == ("string", True)
    assert (fields["System.Description"]["type"], fields["System.Watermark"]["readOnly"]) == ("html", True)
    assert api.get("/_apis/wit/fields/System.Title")["name"] == "Title"
    assert api.send("GET", "/_apis/wit/fields/Custom.X").status_code == 404


def test_categories_and_transitions(api: Caller, web: Project, bo: Person) -> None:
    category = api.get("/Web/_apis/wit/workitemtypecategories/Microsoft.RequirementCategory")
    assert category["defaultWorkItemType"]["name"] == "User Story"
    bo.create(web, "Bug", "x")
    assert (
        api.get("/_apis/wit/workitemtransitions", ids="1", action="checkin")["value"][0]["stateOnTransition"]
        == "Resolved"
    )


def test_nodes_are_made_moved_renamed_and_deleted(api: Caller, azure: AzureDevOps, bo: Person) -> None:
    made = api.send("POST", f"{NODES}/areas", json={"name": "Shop"})
    assert (made.status_code, made.json()["path"]) == (201, "\\Web\\Area\\Shop")
    cart = api.send("POST", f"{NODES}/areas/Shop", json={"name": "Cart"}).json()
    item = bo.create("Web", "Task", "x", {"System.AreaPath": "Web\\Shop\\Cart"})
    renamed = api.send("PATCH", f"{NODES}/areas/Shop", json={"name": "Store"})
    assert renamed.status_code == 200
    assert (api.item(item.id)["fields"]["System.AreaPath"], item.rev) == ("Web\\Store\\Cart", 1)
    moved = api.send("POST", f"{NODES}/areas", json={"id": cart["id"]})
    assert (moved.status_code, moved.json()["path"]) == (200, "\\Web\\Area\\Cart")
    tree = api.get(f"{NODES}/areas", **{"$depth": 1})
    assert [child["name"] for child in tree["children"]] == ["Store", "Cart"]
    assert api.send("DELETE", f"{NODES}/areas/Cart").status_code == 204
    assert (api.item(item.id)["fields"]["System.AreaPath"], item.rev) == ("Web", 2)


def test_iterations_have_dates(api: Caller) -> None:
    body = {
        "name": "Sprint 1",
        "attributes": {"startDate": "2026-06-17T00:00:00", "finishDate": "2026-06-28T00:00:00Z"},
    }
    made = api.send("POST", f"{NODES}/iterations", json=body).json()
    assert made["attributes"] == {"startDate": "2026-06-17T00:00:00Z", "finishDate": "2026-06-28T00:00:00Z"}
    assert [one["structureType"] for one in api.get(NODES)["value"]] == ["area", "iteration"]
    assert api.send("GET", f"{NODES}/areas/Nowhere").status_code == 404
    found = api.send("GET", NODES, params={"ids": f"{made['id']},99", "errorPolicy": "omit"}).json()["value"]
    assert [one and one["name"] for one in found] == ["Sprint 1", None]


def test_tags_are_renamed_and_deleted_without_revisions(api: Caller) -> None:
    api.create("Task", "Search", put("System.Tags", "ui; web"))
    tags = "/Web/_apis/wit/tags"
    assert {one["name"] for one in api.get(tags)["value"]} == {"ui", "web"}
    api.send("PATCH", f"{tags}/ui", json={"name": "front"})
    assert api.item(1)["fields"]["System.Tags"] == "front; web"
    assert api.send("DELETE", f"{tags}/web").status_code == 204
    assert (api.item(1)["fields"]["System.Tags"], api.item(1)["rev"]) == ("front", 1)


def test_identities_are_found_by_mail_name_and_id(api: Caller, azure: AzureDevOps, ada: User) -> None:
    azure.add_user("Di Fremd", "di@example.com", member=False)

    def found(kind: str, value: str) -> list[str]:
        return [one["id"] for one in api.get("/_apis/identities", searchFilter=kind, filterValue=value)["value"]]

    assert found("General", "ADA@example.com") == found("DisplayName", "Ada Beispiel") == [ada.id]
    assert found("MailAddress", "ada@example.com") == found("DirectoryAlias", "ada") == [ada.id]
    assert found("General", "di@example.com") == found("General", "nobody@example.com") == []
    by_id = api.get("/_apis/identities", identityIds=f"{ada.id},x")["value"]
    assert (by_id[0]["subjectDescriptor"], by_id[1]) == (ada.descriptor, None)
    assert api.get(f"/_apis/identities/{ada.id}")["providerDisplayName"] == "Ada Beispiel"


def test_a_template_shows_the_defaults(api: Caller) -> None:
    fields = api.get("/Web/_apis/wit/workitems/$Bug")["fields"]
    assert (fields["System.State"], fields["Microsoft.VSTS.Common.Severity"]) == ("New", "3 - Medium")
    assert "System.Title" not in fields
