"""Attachments of work items: linked once however often it is tried, in chunks where they are large, and removed."""

from __future__ import annotations

from io import BytesIO

import pytest

from reconciler.errors import Gone, OutcomeUnknown, Rejected, StaleRevision
from reconciler.model.attachment import Attachment, AttachmentDraft
from reconciler.model.item import Item
from reconciler.trackers.azure_devops import files
from tests.trackers.azure_devops.conftest import Bench, origin


@pytest.fixture
def item(bench: Bench) -> Item:
    return bench.read(bench.ann.create(bench.web, "Task", "Item").id)


def add(bench: Bench, item: Item, content: bytes = b"content", number: int = 1) -> Attachment:
    draft = AttachmentDraft("a.txt", len(content), origin(number).marker)
    return bench.tracker.add_attachment(bench.scope, item, draft, BytesIO(content))


def shown(bench: Bench, item: Item) -> list[Attachment]:
    return bench.tracker.attachments(bench.scope, item)


def content_of(bench: Bench, attachment: Attachment) -> bytes:
    into = BytesIO()
    bench.tracker.fetch_attachment(bench.scope, attachment, into, 1000)
    return into.getvalue()


def test_our_mark_is_the_comment_of_the_relation(bench: Bench, item: Item) -> None:
    written = add(bench, item)
    [relation] = bench.service.world.items[int(item.key)].relations
    assert (relation.rel, relation.attributes["comment"]) == ("AttachedFile", origin(1).marker)
    assert shown(bench, item) == [written]
    assert (written.marker, written.ours) == (origin(1).marker, True)


def test_an_answer_lost_before_or_after_the_relation_leaves_one_file(bench: Bench, item: Item) -> None:
    for lose in (bench.service.faults.drop_request, bench.service.faults.drop_response):
        lose("^PATCH .*/workitems/")
        with pytest.raises(OutcomeUnknown):
            add(bench, item)
        bench.tick()
    assert add(bench, item) == add(bench, item)
    assert len(shown(bench, item)) == 1


def test_an_upload_whose_answer_was_lost_leaves_nothing_in_doubt(bench: Bench, item: Item) -> None:
    bench.service.faults.drop_response("^POST .*/attachments")
    with pytest.raises(Exception, match="got no answer") as refused:
        add(bench, item)
    assert not isinstance(refused.value, OutcomeUnknown)
    assert shown(bench, item) == []
    add(bench, item)
    assert len(shown(bench, item)) == 1


def test_an_edit_between_our_read_and_our_write_stops_nothing(bench: Bench, item: Item) -> None:
    edits = iter(range(files.ATTEMPTS - 1))
    send = bench.tracker._client.update

    def edited_meanwhile(*call: object) -> object:
        if (number := next(edits, None)) is not None:
            bench.ann.edit(int(item.key), {"System.Title": f"Edit {number}"})
        return send(*call)  # type: ignore[arg-type]

    bench.tracker._client.update = edited_meanwhile  # type: ignore[assignment, method-assign]
    add(bench, item)
    assert len(shown(bench, item)) == 1


def test_an_item_that_keeps_changing_is_left_for_later(bench: Bench, item: Item) -> None:
    send = bench.tracker._client.update

    def edited_meanwhile(*call: object) -> object:
        bench.tick()
        bench.ann.edit(int(item.key), {"System.Title": f"At {bench.clock.now()}"})
        return send(*call)  # type: ignore[arg-type]

    bench.tracker._client.update = edited_meanwhile  # type: ignore[assignment, method-assign]
    with pytest.raises(StaleRevision):
        add(bench, item)


def test_a_large_file_goes_up_in_chunks(bench: Bench, item: Item, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "SIMPLE_BYTES_MAX", 9)
    monkeypatch.setattr(files, "CHUNK_BYTES", 4)
    mark = bench.log.mark()
    attachment = add(bench, item, b"0123456789")
    assert content_of(bench, attachment) == b"0123456789"
    assert len([e for e in bench.log.since(mark) if e.method == "PUT"]) == 3


def test_a_file_that_the_service_finds_too_large_is_refused(bench: Bench, item: Item) -> None:
    bench.service.switches.attachment_bytes_max = 4
    with pytest.raises(Rejected, match="TF237082"):
        add(bench, item, b"12345")
    assert shown(bench, item) == []


def test_a_file_whose_content_is_gone_is_still_listed(bench: Bench, item: Item) -> None:
    file = bench.ann.attach(int(item.key), "a.txt", b"content")
    del bench.service.world.attachments[file.id]
    [attachment] = shown(bench, item)
    with pytest.raises(Gone):
        content_of(bench, attachment)


def test_the_right_one_of_several_is_removed(bench: Bench, item: Item) -> None:
    bench.ann.add_hyperlink(int(item.key), "https://example.com")
    first, second = add(bench, item, b"one", 1), add(bench, item, b"two", 2)
    bench.tracker.remove_attachment(bench.scope, item, first.key)
    assert shown(bench, item) == [second]
    bench.tracker.remove_attachment(bench.scope, item, first.key)
    assert len(bench.service.world.items[int(item.key)].relations) == 2


def test_a_comment_of_somebody_is_no_mark(bench: Bench, item: Item) -> None:
    bench.ann.attach(int(item.key), "a.txt", b"x", "the log of Tuesday")
    [attachment] = shown(bench, item)
    assert (attachment.marker, attachment.ours) == ("", False)


def test_the_limit_of_the_cloud_is_known_and_that_of_a_server_is_not(bench: Bench) -> None:
    assert bench.tracker.capabilities.attachment_bytes_max == files.CLOUD_BYTES_MAX
    server = bench.another_tracker(url="https://tfs.example.com/tfs/DefaultCollection")
    assert server.capabilities.attachment_bytes_max is None
