"""Mentions: who is called on one side is called on the other where that can be written, else named, and never twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.simulators.azure_devops.item import WorkItem
from reconciler.simulators.clickup.entities import Comment, Task
from reconciler.simulators.clickup.segments import mention
from reconciler.verify import verify
from tests.support.duo import Duo


@pytest.fixture
def duo(tmp_path: Path) -> Duo:
    """Mara is called otherwise in ClickUp; Omar has an account in Azure DevOps only, Piet in ClickUp only."""
    duo = Duo(tmp_path)
    duo.azure.world.switches.others_comments_editable = True
    duo.mara_member.name = "Mara L."
    duo.restart()
    return duo


def call(duo: Duo, words: str = "@Mara Lindqvist", key: str = "") -> str:
    return f'<a href="#" data-vss-mention="version:2.0,{key or duo.mara.id}">{words}</a>'


def pair(duo: Duo, description: str = "") -> tuple[WorkItem, Task]:
    item = duo.developer.create(duo.projects[0], "Task", "One", {"System.Description": description})
    duo.settle()
    return item, next(iter(duo.clickup.world.tasks.values()))


def comments_of(duo: Duo, task: Task) -> list[Comment]:
    return [comment for comment in duo.clickup.world.comments.values() if comment.place is task]


def called(comment: Comment) -> list[int]:
    return [segment["user"]["id"] for segment in comment.segments if segment.get("type") == "tag"]


def look(duo: Duo) -> None:
    for _ in range(3):
        duo.clock.advance(660)
        duo.settle()


def test_a_mention_in_a_comment_calls_the_paired_person_and_an_edit_calls_nobody_anew(duo: Duo) -> None:
    item, task = pair(duo)
    comment = duo.developer.comment(item, f"<div>ask {call(duo)}, please</div>")
    look(duo)
    [copy] = comments_of(duo, task)
    assert called(copy) == [duo.mara_member.id]
    before = comment.latest.text
    copied = [segment for segment in copy.segments if segment.get("type") != "tag" or "user" in segment]
    edited = [{**s, "text": s["text"].replace("please", "soon")} if s.get("text") else s for s in copied]
    duo.clickup.as_member(duo.sync_member).edit_comment(copy, edited)
    look(duo)
    assert comment.latest.text == before.replace("please", "soon")
    duo.developer.edit_comment(item, comment, comment.latest.text.replace("ask", "do ask"))
    look(duo)
    [copy] = comments_of(duo, task)
    assert called(copy) == [duo.mara_member.id]
    assert "do ask @Mara L., soon" in "".join(segment.get("text", "") for segment in copy.segments)


def test_a_mention_written_in_clickup_calls_the_paired_person_in_azure_devops(duo: Duo) -> None:
    item, task = pair(duo)
    said = duo.planner.comment(task, [{"text": "ask "}, mention(duo.mara_member), {"text": " and "}, mention(duo.piet)])
    look(duo)
    [copy] = item.comments
    assert f"ask {call(duo)} and @Piet Okafor" in copy.latest.text
    duo.planner.edit_comment(
        said, [{"text": "do ask "}, mention(duo.mara_member), {"text": " and "}, mention(duo.piet)]
    )
    look(duo)
    assert f"do ask {call(duo)} and @Piet Okafor" in copy.latest.text
    assert copy.latest.text.count("data-vss-mention") == 1


def test_a_mention_added_to_a_copy_calls_its_person_too(duo: Duo) -> None:
    item, task = pair(duo)
    comment = duo.developer.comment(item, "<div>ask her</div>")
    look(duo)
    [copy] = comments_of(duo, task)
    asked = [*copy.segments, {"text": " I mean "}, mention(duo.mara_member)]
    duo.clickup.as_member(duo.sync_member).edit_comment(copy, asked)
    look(duo)
    assert comment.latest.text == f"<div>ask her I mean {call(duo)} </div>"


def test_somebody_without_an_account_there_is_named(duo: Duo) -> None:
    omar = duo.azure.add_user("Omar Haddad", "omar@example.com")
    item, task = pair(duo)
    duo.developer.comment(item, f"<div>ask {call(duo, '@Omar Haddad', omar.id)}</div>")
    gone = "00000000-0000-4000-8000-000000000009"
    duo.developer.comment(item, f"ask @<{omar.id}> and @<{duo.mara.id}> and @<{gone}>", "markdown")
    look(duo)
    first, second = comments_of(duo, task)
    assert called(first) == []
    assert "ask @Omar Haddad" in "".join(segment.get("text", "") for segment in first.segments)
    assert called(second) == [duo.mara_member.id]


def test_in_a_description_people_are_named_in_clickup_and_stay_called_in_azure_devops(duo: Duo) -> None:
    item, task = pair(duo, f"<div>ask {call(duo)} soon</div><div>x</div>")
    assert task.markdown.startswith("ask @Mara L. soon\n\nx")
    before = str(item.fields["System.Description"])
    duo.planner.edit(task, markdown_content=task.markdown.replace("soon", "now").replace("\n\nx", "\n\nx of @Mara L."))
    duo.settle()
    assert item.fields["System.Description"] == before.replace("soon", "now").replace("x", "x of @Mara Lindqvist")
    duo.developer.edit(item, {"System.Description": str(item.fields["System.Description"]).replace("ask", "do ask")})
    duo.settle()
    assert task.markdown.startswith("do ask @Mara L. now\n\nx of @Mara L.")
    [verdict] = [verify(context, duo.store) for context in duo.contexts]
    assert not verdict.differences


def test_in_a_description_in_markdown_too(duo: Duo) -> None:
    names = ["System.Description"]
    item = duo.developer.create(
        duo.projects[0], "Task", "One", {names[0]: f"ask @<{duo.mara.id}> soon"}, markdown=names
    )
    duo.settle()
    task = next(iter(duo.clickup.world.tasks.values()))
    assert task.markdown.startswith("ask @Mara L. soon")
    duo.planner.edit(task, markdown_content=task.markdown.replace("soon", "now"))
    duo.settle()
    assert item.fields["System.Description"] == f"ask @<{duo.mara.id}> now"
