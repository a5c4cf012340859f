"""Comments and what they do to their item."""

from __future__ import annotations

import pytest

from reconciler.simulators.azure_devops import AzureDevOps
from reconciler.simulators.azure_devops.nodes import Project
from reconciler.simulators.azure_devops.people import Person
from tests.simulators.azure_devops.caller import Caller, put

PREVIEW = "7.1-preview.4"
LIST = "/Web/_apis/wit/workItems/1/comments"


@pytest.fixture(autouse=True)
def _item(web: Project, bo: Person) -> None:
    bo.create(web, "Task", "Search")


def add(api: Caller, text: str, **params: str) -> dict[str, object]:
    answer = api.send("POST", LIST, version=PREVIEW, json={"text": text}, params=params)
    assert answer.status_code == 200, answer.text
    body: dict[str, object] = answer.json()
    return body


def listed(api: Caller, **params: object) -> dict[str, object]:
    body: dict[str, object] = api.send("GET", LIST, version=PREVIEW, params=params).json()
    return body


def test_a_comment_is_html_unless_stated_and_is_rewritten(api: Caller) -> None:
    comment = add(api, "<p>Done</p> <b>R&D</b> \U0001f512<script>x</script>")
    assert comment["text"] == "<p>Done </p> <b>R&amp;D</b> &#128274;"
    assert (comment["format"], comment["version"], comment["isDeleted"]) == ("html", 1, False)
    assert add(api, "**Done** \U0001f512", format="markdown")["text"] == "**Done** \U0001f512"


def test_the_comments_api_needs_the_preview_flag_and_a_project(api: Caller) -> None:
    answer = api.send("GET", LIST, version="7.1")
    assert (answer.status_code, answer.json()["typeKey"]) == (400, "VssInvalidPreviewVersionException")


def test_adding_editing_and_deleting_each_make_a_revision(api: Caller, azure: AzureDevOps) -> None:
    comment = add(api, "one")
    item = api.item(1)
    assert (item["rev"], item["fields"]["System.CommentCount"]) == (2, 1)
    assert item["commentVersionRef"]["commentId"] == comment["id"]
    assert "System.History" not in item["fields"]
    edited = api.send("PATCH", f"{LIST}/{comment['id']}", version=PREVIEW, json={"text": "two"}).json()
    assert (edited["version"], edited["text"], api.item(1)["rev"]) == (2, "two", 3)
    gone = api.send("DELETE", f"{LIST}/{comment['id']}", version=PREVIEW).json()
    assert (gone["version"], gone["isDeleted"]) == (3, True)
    assert (api.item(1)["rev"], api.item(1)["fields"]["System.CommentCount"]) == (4, 0)
    assert listed(api)["comments"] == []
    assert len(listed(api, includeDeleted="true")["comments"]) == 1  # type: ignore[arg-type]
    versions = api.send("GET", f"{LIST}/{comment['id']}/versions", version="7.1-preview.1").json()["value"]
    assert [version["text"] for version in versions] == ["one", "two", "two"]


def test_what_nobody_knows_is_a_switch(api: Caller, azure: AzureDevOps) -> None:
    azure.switches.comment_edit_bumps_rev = False
    comment = add(api, "one")
    api.send("PATCH", f"{LIST}/{comment['id']}", version=PREVIEW, json={"text": "two"})
    assert api.item(1)["rev"] == 2


def test_pages_by_token_in_the_asked_order(api: Caller) -> None:
    for text in ("a", "b", "c"):
        add(api, text)
    assert [one["text"] for one in listed(api)["comments"]] == ["c", "b", "a"]  # type: ignore[attr-defined]
    first = listed(api, order="asc", **{"$top": 2})
    assert (first["totalCount"], first["count"]) == (3, 2)
    last = listed(api, order="asc", continuationToken=first["continuationToken"], **{"$top": 2})
    assert [one["text"] for one in last["comments"]] == ["c"]  # type: ignore[attr-defined]
    assert not {"continuationToken", "nextPage"} & last.keys()


def test_markdown_does_not_become_html_again(api: Caller) -> None:
    comment = add(api, "**one**", format="markdown")
    path = f"{LIST}/{comment['id']}"
    answer = api.send("PATCH", path, version=PREVIEW, json={"text": "x"}, params={"format": "html"})
    assert answer.status_code == 400


def test_only_the_author_edits(api: Caller, azure: AzureDevOps, bo: Person) -> None:
    comment = bo.comment(1, "mine")
    path = f"{LIST}/{comment.id}"
    assert api.send("PATCH", path, version=PREVIEW, json={"text": "yours"}).status_code == 403
    assert comment.latest.text == "mine"
    azure.switches.others_comments_editable = True
    assert api.send("PATCH", path, version=PREVIEW, json={"text": "ours"}).json()["text"] == "ours"


def test_history_in_a_patch_is_a_comment_of_the_same_revision(api: Caller) -> None:
    item = api.update(1, put("System.Title", "Find"), put("System.History", {"format": "Markdown", "text": "**why**"}))
    assert (item["rev"], item["fields"]["System.History"]) == (2, "**why**")
    assert item["fields"]["System.CommentCount"] == 1
    assert item["commentVersionRef"]["version"] == 1
    assert [one["format"] for one in listed(api)["comments"]] == ["markdown"]  # type: ignore[attr-defined]


def test_reactions_make_no_revision(api: Caller) -> None:
    comment = add(api, "one")
    path = f"{LIST}/{comment['id']}/reactions/like"
    assert api.send("PUT", path, version="7.1-preview.1").json()["count"] == 1
    assert api.item(1)["rev"] == 2
    assert api.send("DELETE", path, version="7.1-preview.1").json()["count"] == 0


def test_an_unknown_comment_and_an_empty_one(api: Caller) -> None:
    assert api.send("GET", f"{LIST}/99", version=PREVIEW).status_code == 404
    assert api.send("POST", LIST, version=PREVIEW, json={"text": " "}).status_code == 400
