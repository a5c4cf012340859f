"""Attachments of tasks: read from the task, fetched without the token from where ClickUp keeps them, never removed."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pytest

from reconciler.errors import Gone, OutcomeUnknown, Rejected
from reconciler.model.attachment import Attachment, AttachmentDraft
from reconciler.model.item import Item
from reconciler.simulators.clickup.acting import Acting
from reconciler.simulators.clickup.entities import Task
from tests.trackers.clickup.conftest import Bench


@pytest.fixture
def ann(bench: Bench) -> Acting:
    return bench.service.as_member(bench.ann)


@pytest.fixture
def task(bench: Bench, ann: Acting) -> Task:
    return ann.create_task(bench.tasks, "Task")


@pytest.fixture
def item(bench: Bench, task: Task) -> Item:
    item = bench.read(task.id)
    bench.tick()
    return item


def shown(bench: Bench, item: Item) -> list[Attachment]:
    return bench.tracker.attachments(bench.scope, item)


def content_of(bench: Bench, attachment: Attachment) -> bytes:
    into = BytesIO()
    bench.tracker.fetch_attachment(bench.scope, attachment, into, 1000)
    return into.getvalue()


def add(bench: Bench, item: Item, content: bytes = b"content") -> Attachment:
    draft = AttachmentDraft("a.txt", len(content), "abcdefghij23")
    return bench.tracker.add_attachment(bench.scope, item, draft, BytesIO(content))


def test_what_somebody_added_names_them(bench: Bench, ann: Acting, task: Task, item: Item) -> None:
    ann.attach(task, "a.txt", b"x")
    [attachment] = shown(bench, item)
    assert (attachment.author.address, attachment.ours) == ("ann@example.com", False)


def test_a_look_at_a_task_and_at_its_files_is_one_request(bench: Bench, ann: Acting, task: Task, item: Item) -> None:
    ann.attach(task, "a.txt", b"x")
    mark = bench.log.mark()
    assert shown(bench, bench.read(item.key))[0].name == "a.txt"
    assert len(bench.log.since(mark)) == 1
    bench.tick()
    shown(bench, item)
    assert len(bench.log.since(mark)) == 2


def test_deleted_files_stay_in_the_list_and_are_not_shown(bench: Bench, ann: Acting, task: Task, item: Item) -> None:
    ann.delete_attachment(task, ann.attach(task, "a.txt", b"x"))
    assert len(bench.tracker._client.task(task.id)["attachments"]) == 1
    assert shown(bench, item) == []


def test_a_task_that_shows_no_list_of_files_proves_nothing(
    bench: Bench, item: Item, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench.tracker._client, "task", lambda key: {"id": key})
    with pytest.raises(Rejected, match="does not show its attachments"):
        shown(bench, item)


def test_the_token_is_not_shown_to_who_keeps_the_files(bench: Bench, item: Item) -> None:
    assert content_of(bench, add(bench, item)) == b"content"  # the simulated host refuses whoever shows one


def test_private_links_lead_to_a_page_which_is_no_file(bench: Bench, item: Item) -> None:
    attachment = add(bench, item)
    bench.service.switches = replace(bench.service.switches, private_attachment_links=True)
    with pytest.raises(Rejected, match="links are private"):
        content_of(bench, attachment)


@pytest.mark.parametrize("url", ["https://drive.example.com/file/1", "https://clickup.com.example.com/x", "", "/x"])
def test_a_link_into_another_drive_is_not_followed(bench: Bench, item: Item, url: str) -> None:
    with pytest.raises(Rejected, match=r"not a file of ClickUp's"):
        content_of(bench, replace(add(bench, item), url=url))


def test_a_file_whose_content_is_gone_is_gone(bench: Bench, item: Item) -> None:
    attachment = add(bench, item)
    del bench.service.world.attachments[attachment.key.partition(".")[0]]
    with pytest.raises(Gone):
        content_of(bench, attachment)


@pytest.mark.parametrize("lose", ["drop_request", "drop_response"])
def test_a_lost_answer_leaves_in_doubt_what_became_of_it(bench: Bench, item: Item, lose: str) -> None:
    getattr(bench.wire.faults, lose)("^POST .*/attachment")
    with pytest.raises(OutcomeUnknown):
        add(bench, item)
    assert len(shown(bench, item)) == (1 if lose == "drop_response" else 0)


def test_what_the_workspace_has_no_room_for_is_refused(bench: Bench, item: Item) -> None:
    bench.service.switches = replace(bench.service.switches, storage_bytes_max=10)
    add(bench, item, b"1234567")
    with pytest.raises(Rejected, match="GBUSED_005"):
        add(bench, item, b"1234567")
    assert len(shown(bench, item)) == 1
