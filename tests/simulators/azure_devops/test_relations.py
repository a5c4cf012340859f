"""Relations: links between items, which make no revision, and resources, which do."""

from __future__ import annotations

import pytest

from reconciler.simulators.azure_devops import AzureDevOps
from reconciler.simulators.azure_devops.nodes import Project
from reconciler.simulators.azure_devops.people import Person
from tests.simulators.azure_devops.caller import Caller, linked, pointing

UP, DOWN = "System.LinkTypes.Hierarchy-Reverse", "System.LinkTypes.Hierarchy-Forward"
RELATED = "System.LinkTypes.Related"


@pytest.fixture(autouse=True)
def _items(web: Project, bo: Person) -> None:
    """1 to 4 are tasks without relations."""
    for number in range(1, 5):
        bo.create(web, "Task", f"Task {number}")


def relations(api: Caller, number: int) -> list[tuple[str, str]]:
    item = api.item(number, **{"$expand": "relations"})
    return [(one["rel"], one["url"].rpartition("/")[2]) for one in item.get("relations", [])]


def removing(index: int) -> dict[str, str]:
    return {"op": "remove", "path": f"/relations/{index}"}


def test_links_show_on_both_ends_and_move_neither(api: Caller) -> None:
    watermark = api.item(1, fields="System.Watermark")["fields"]
    answer = api.update(1, linked(DOWN, 2), linked(DOWN, 3, comment="part"))
    assert (answer["rev"], len(answer["relations"])) == (1, 2)
    child = api.item(3, **{"$expand": "relations"})
    assert (child["rev"], child["fields"]["System.Parent"]) == (1, 1)
    assert child["relations"][0]["attributes"] == {"isLocked": False, "name": "Parent", "comment": "part"}
    assert child["relations"][0]["url"].startswith("https://dev.azure.com/contoso/")
    assert api.item(1, fields="System.Watermark")["fields"] == watermark


def test_the_order_of_answers_is_not_that_of_adding_and_indexes_follow_it(api: Caller) -> None:
    api.update(1, linked(DOWN, 2), linked(DOWN, 3), linked(DOWN, 4))
    before = relations(api, 1)
    assert sorted(before) == [(DOWN, "2"), (DOWN, "3"), (DOWN, "4")]
    assert before != sorted(before)
    api.update(1, removing(2), removing(0))
    assert relations(api, 1) == [before[1]]
    assert relations(api, int(before[0][1])) == []


def test_an_index_means_the_list_as_the_operations_before_have_left_it(api: Caller) -> None:
    api.update(1, linked(DOWN, 2), linked(DOWN, 3), linked(DOWN, 4))
    before = relations(api, 1)
    api.update(1, removing(0), removing(1))
    assert relations(api, 1) == [before[1]]
    assert api.try_update(1, removing(1)).status_code == 400


def test_a_second_parent_and_a_circle_are_refused(api: Caller) -> None:
    api.update(1, linked(DOWN, 2))
    second = api.try_update(3, linked(DOWN, 2)).json()
    assert second["message"] == (
        "TF201036: You cannot add a Child link between work items 3 and 2 because a work item can have only one "
        "Parent link."
    )
    circle = api.try_update(2, linked(DOWN, 1)).json()
    assert circle["message"].startswith("TF201035")
    assert (relations(api, 1), relations(api, 2)) == ([(DOWN, "2")], [(UP, "1")])


def test_a_new_parent_in_one_patch(api: Caller) -> None:
    api.update(2, linked(UP, 1))
    api.update(2, removing(0), linked(UP, 3))
    assert api.item(2)["fields"]["System.Parent"] == 3
    assert (relations(api, 1), relations(api, 3)) == ([], [(DOWN, "2")])


def test_duplicates_and_missing_targets_are_refused(api: Caller) -> None:
    api.update(1, linked(RELATED, 2))
    again = api.try_update(1, linked(RELATED, 2)).json()
    assert (again["message"], again["typeKey"]) == ("Relation already exists.", "RelationAlreadyExistsException")
    assert api.try_update(2, linked(RELATED, 1)).json()["message"] == "Relation already exists."
    assert api.try_update(1, linked(RELATED, 99)).status_code == 404
    assert (
        api.try_update(1, {"op": "add", "path": "/relations/-", "value": {"rel": "Nonsense", "url": "x"}}).status_code
        == 400
    )


def test_hyperlinks_make_revisions_and_are_found_by_address(api: Caller, azure: AzureDevOps) -> None:
    url = "https://app.example.com/t/86a#s=abc"
    answer = api.update(1, pointing(url, comment="copy"))
    assert answer["rev"] == 2
    attributes = answer["relations"][0]["attributes"]
    assert (attributes["comment"], attributes["revisedDate"]) == ("copy", "9999-01-01T00:00:00Z")
    found = api.post("/Web/_apis/wit/artifacturiquery", {"artifactUris": [url, "x"]})["artifactUrisQueryResult"]
    assert ([one["id"] for one in found[url]], found["x"]) == ([1], [])
    assert api.ids("[System.HyperLinkCount] > 0") == [1]
    azure.switches.artifact_query_finds_hyperlinks = False
    assert api.post("/_apis/wit/artifacturiquery", {"artifactUris": [url]})["artifactUrisQueryResult"][url] == []
    assert api.try_update(1, pointing(url)).status_code == 400
    assert api.update(1, removing(0))["rev"] == 3


def test_a_link_comment_can_be_edited(api: Caller) -> None:
    api.update(1, linked(RELATED, 2))
    api.update(1, {"op": "replace", "path": "/relations/0/attributes/comment", "value": "see"})
    assert api.item(2, **{"$expand": "all"})["relations"][0]["attributes"]["comment"] == "see"
    assert api.item(1)["rev"] == 1


def test_links_to_deleted_items_vanish_until_they_return(api: Caller, bo: Person) -> None:
    api.update(1, linked(DOWN, 2))
    bo.delete(1)
    assert "System.Parent" not in api.item(2)["fields"]
    assert relations(api, 2) == []
    bo.restore(1)
    assert api.item(2)["fields"]["System.Parent"] == 1


def test_a_failing_patch_leaves_both_ends_alone(api: Caller) -> None:
    api.try_update(1, linked(DOWN, 2), {"op": "add", "path": "/fields/System.State", "value": "Nonsense"})
    assert (relations(api, 1), relations(api, 2)) == ([], [])


def test_the_kinds_of_relations_are_listed(api: Caller) -> None:
    kinds = {one["referenceName"]: one for one in api.get("/_apis/wit/workItemRelationTypes")["value"]}
    assert len(kinds) == 21
    assert kinds[UP]["attributes"]["topology"] == "tree"
    assert kinds["Hyperlink"]["attributes"]["usage"] == "resourceLink"
