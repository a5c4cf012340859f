"""The simulator answers recorded requests as the real service did."""

from __future__ import annotations

import json

import pytest

from reconciler.clock import VirtualClock
from reconciler.simulators.azure_devops import AzureDevOps, Switches
from reconciler.simulators.azure_devops.identity import User
from tests.simulators.azure_devops.recordings import Replay, assert_alike, first_number, interactions

PULL_REQUEST = (
    "vstfs:///Git/PullRequestId/233f184f-32a7-441e-a9c7-48601c38ecb9%2F85b51565-cffa-4a6d-8deb-27af16e453b9%2F14"
)


@pytest.fixture
def old() -> AzureDevOps:
    """The service as it was before long texts had formats."""
    return AzureDevOps(VirtualClock(), switches=Switches(multiline_formats=False))


def user(azure: AzureDevOps) -> User:
    return azure.add_user("Recorded User 1", "user1@example.com")


@pytest.mark.parametrize(
    ("name", "process", "number"),
    [
        ("wit_workitem_lifecycle_2025-01", "Basic", 191),
        ("wit_workitem_lifecycle_bug_2021-09", "Agile", 7),
        ("wit_tags_2022-03", "Agile", 204),
    ],
)
def test_the_life_of_an_item(old: AzureDevOps, name: str, process: str, number: int) -> None:
    recorded = interactions(name)
    project = "WorkItemAddListRemoveTagTests" if "tags" in name else "WorkItemCreateShowUpdateDeleteTests"
    old.add_project(project, process)
    first_number(old, "item", number)
    replay = Replay(old, user(old).token)
    played = [replay.play(interaction) for interaction in recorded if "/wit/workItems" in interaction["request"]["uri"]]
    assert len(played) >= 5


def test_links_between_items(azure: AzureDevOps) -> None:
    recorded = interactions("wit_relations_2026-03")
    azure.add_project("WIRel000001", "Basic")
    first_number(azure, "item", 973)
    replay = Replay(azure, user(azure).token)
    played = [replay.play(interaction) for interaction in recorded if "/wit/" in interaction["request"]["uri"]]
    assert len(played) == 44
    assert [azure.item(number).rev for number in range(973, 978)] == [1] * 5


def test_artifact_links_and_their_duplicates(old: AzureDevOps) -> None:
    recorded = interactions("wit_artifactlinks_duplicate_400_2021-09")
    project = old.add_project("PullRequestLiveTest", "Basic")
    person = user(old)
    somebody = old.as_user(person)
    for title in ("one", "two"):
        item = somebody.create(project, "Task", title)
        somebody.edit(item, {"System.Title": f"{title}!"})
    replay = Replay(old, person.token)
    for number in (2, 1):
        value = {"rel": "ArtifactLink", "url": PULL_REQUEST, "attributes": {"name": "Pull Request"}}
        request = replay.request(
            {
                "method": "PATCH",
                "uri": f"https://dev.azure.com/x/_apis/wit/workItems/{number}?api-version=5.0",
                "headers": {"Content-Type": "application/json-patch+json"},
                "body": [{"op": 0, "path": "/relations/-", "value": value}],
            }
        )
        assert old.handle(request).status == 200
    refused = [one for one in recorded if one["response"]["status"] == 400]
    assert len(refused) == 2
    for interaction in refused:
        replay.play(interaction)


def test_an_unknown_project_and_an_impossible_id(azure: AzureDevOps) -> None:
    replay = Replay(azure, user(azure).token)
    for interaction in interactions("wit_workitem_wrong_project_2026-03"):
        body = replay.play(interaction).body
        recorded = interaction["response"]["body"]
        if isinstance(recorded, dict):
            assert json.loads(body)["message"] == recorded["message"]


@pytest.mark.parametrize(
    ("name", "project"), [("wit_areas_2025-01", "Area1000001"), ("wit_iterations_2026-03", "IterationProj_000001")]
)
def test_areas_and_iterations(azure: AzureDevOps, name: str, project: str) -> None:
    recorded = interactions(name)
    azure.add_iteration(azure.add_project(project, "Basic"), "Sprint 1")
    replay = Replay(azure, user(azure).token)
    nodes = [one for one in recorded if "/wit/classificationNodes" in one["request"]["uri"]]
    played = [replay.play(interaction) for interaction in nodes]
    assert len(played) >= 16


def test_a_query_and_its_items(old: AzureDevOps) -> None:
    recorded = interactions("wit_query_show_wiql_2025-01")
    project = old.add_project("WorkItemCreateShowUpdateDeleteTests", "Basic")
    person = user(old)
    first_number(old, "item", 40)
    somebody = old.as_user(person)
    somebody.create(project, "Issue", "Test")
    item = somebody.create(project, "Task", "Test2")
    for title in ("a", "b", "c", "Test2"):
        somebody.edit(item, {"System.Title": title})
    replay = Replay(old, person.token)
    by_text = next(one for one in recorded if one["request"]["method"] == "POST")
    assert json.loads(replay.play(by_text).body)["workItems"][0]["id"] == 41


def test_kinds_of_links(azure: AzureDevOps) -> None:
    recorded = next(one for one in interactions("wit_relations_2026-03") if one["index"] == 14)
    ours = json.loads(Replay(azure, user(azure).token).play(recorded).body)
    for one, other in zip(ours["value"], recorded["response"]["body"]["value"], strict=True):
        assert (one["referenceName"], one["attributes"]) == (other["referenceName"], other["attributes"])


def test_a_bad_credential(azure: AzureDevOps) -> None:
    for interaction in interactions("error_401_basic_2025-01"):
        answer = Replay(azure, "unknown").play(interaction)
        assert answer.headers["www-authenticate"].startswith("Basic realm=")


def test_a_stranger(azure: AzureDevOps) -> None:
    stranger = azure.add_user("Di Fremd", "user5@example.com", member=False)
    for interaction in interactions("error_401_tf400813_2021-08"):
        Replay(azure, stranger.token).play(interaction)


def test_who_is_calling_and_who_is_found(azure: AzureDevOps) -> None:
    recorded = interactions("identities_connectiondata_2025-01")
    replay = Replay(azure, user(azure).token)
    for interaction in recorded:
        if "ConnectionData" in interaction["request"]["uri"]:
            replay.play(interaction)
        else:
            properties = interaction["response"]["body"]["value"][0]["properties"]
            for name in [
                name for name in properties if name not in ("Account", "Mail", "DirectoryAlias", "SchemaClassName")
            ]:
                del properties[name]
            request = replay.request(interaction["request"])
            ours = json.loads(azure.handle(request).body)
            kept = ours["value"][0]["properties"]
            ours["value"][0]["properties"] = {name: kept[name] for name in properties}
            assert_alike(ours, interaction["response"]["body"], "identities")
