"""Attachments: pairs of files below a link, and those that have no counterpart."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.errors import StoreError
from reconciler.model.attachment_link import AttachmentLink
from reconciler.store import Store
from tests.store.builders import attachment, pair


def test_pairs_come_back_as_they_were_in_the_order_they_were_linked(store: Store) -> None:
    link = pair(store)
    ours = attachment("x1", marker="abcdefghij23", ours=True, size_bytes=None)
    first = store.add_attachment_link(AttachmentLink(0, link.id, attachment("f9"), ours, "0" * 64))
    second = store.add_attachment_link(AttachmentLink(0, link.id, attachment("f1"), attachment("x2"), missing="right"))
    alone = store.add_attachment_link(AttachmentLink(0, link.id, None, attachment("x3"), note="too large"))
    another = store.add_attachment_link(AttachmentLink(0, link.id, None, attachment("x4"), note="too large"))
    assert store.attachment_links(link.id) == [first, second, alone, another]
    assert (first.left, first.right, first.sha256) == (attachment("f9"), ours, "0" * 64)


@pytest.mark.parametrize(("left", "right"), [("f1", "x2"), ("f2", "x1"), ("f1", None), (None, "x1")])
def test_an_attachment_is_on_record_once(store: Store, left: str | None, right: str | None) -> None:
    link = pair(store)
    store.add_attachment_link(AttachmentLink(0, link.id, attachment("f1"), attachment("x1")))
    again = AttachmentLink(0, link.id, attachment(left) if left else None, attachment(right) if right else None)
    with pytest.raises(StoreError, match="has a counterpart already"):
        store.add_attachment_link(again)
    assert len(store.attachment_links(link.id)) == 1


def test_the_same_file_may_hang_on_two_items(store: Store) -> None:
    for link in (pair(store, "L1", "R1"), pair(store, "L2", "R2")):
        store.add_attachment_link(AttachmentLink(0, link.id, attachment("f1"), attachment("x1")))
        assert len(store.attachment_links(link.id)) == 1


def test_what_is_known_of_a_pair_is_replaced(store: Store) -> None:
    link = pair(store)
    known = store.add_attachment_link(AttachmentLink(0, link.id, attachment("f1"), attachment("x1")))
    alone = replace(known, right=None, note="removed on the right")
    store.save_attachment_link(alone)
    assert store.attachment_links(link.id) == [alone]


def test_removed_pairs_are_gone_with_their_link_or_alone(store: Store) -> None:
    link = pair(store)
    known = store.add_attachment_link(AttachmentLink(0, link.id, attachment("f1"), attachment("x1")))
    store.add_attachment_link(AttachmentLink(0, link.id, attachment("f2"), None, note="gone"))
    store.remove_attachment_link(known.id)
    store.remove_attachment_link(known.id)
    assert len(store.attachment_links(link.id)) == 1
    with pytest.raises(StoreError, match="not in the store any more"):
        store.save_attachment_link(known)
    store.remove_link(link.id)
    assert store.attachment_links(link.id) == []
