"""Comments and looks: twins below a link, and when they are to be read again."""

from __future__ import annotations

import pytest

from reconciler.errors import StoreError
from reconciler.model.comment_link import CommentLink
from reconciler.model.look import Look
from reconciler.model.origin import Origin
from reconciler.store import Store
from tests.store.builders import at, comment, pair


def test_twins_come_back_as_they_were_in_the_order_they_were_linked(store: Store) -> None:
    link = pair(store)
    copy = comment("x1", origin=Origin("https://tracker.example.com", "T#1", "abcdefghij23"), credit="Kim", ours=True)
    first = store.add_comment_link(link.id, comment("c9"), copy)
    second = store.add_comment_link(link.id, comment("c1", "<b>" + "long " * 500), comment("x2"))
    assert store.comment_links(link.id) == [first, second]
    assert first == CommentLink(first.id, link.id, comment("c9"), copy)


@pytest.mark.parametrize(("left", "right"), [("c1", "x2"), ("c2", "x1")])
def test_a_comment_has_one_twin(store: Store, left: str, right: str) -> None:
    link = pair(store)
    store.add_comment_link(link.id, comment("c1"), comment("x1"))
    with pytest.raises(StoreError, match="has a twin already"):
        store.add_comment_link(link.id, comment(left), comment(right))
    assert len(store.comment_links(link.id)) == 1


def test_a_new_view_replaces_one_side(store: Store) -> None:
    link = pair(store)
    twins = store.add_comment_link(link.id, comment("c1"), comment("x1"))
    store.save_comment(twins.id, "right", comment("x1", "edited"))
    (found,) = store.comment_links(link.id)
    assert (found.left.text.text, found.right.text.text) == ("<p>Hello</p>", "edited")


def test_removed_twins_are_gone_and_their_new_view_is_refused(store: Store) -> None:
    link = pair(store)
    twins = store.add_comment_link(link.id, comment("c1"), comment("x1"))
    store.remove_comment_link(twins.id)
    store.remove_comment_link(twins.id)
    assert store.comment_links(link.id) == []
    with pytest.raises(StoreError, match="not in the store any more"):
        store.save_comment(twins.id, "left", comment("c1"))


def test_looks_are_due_longest_overdue_first_and_no_more_than_asked_for(store: Store) -> None:
    links = [pair(store, f"L{n}", f"R{n}") for n in range(4)]
    for link, due_at in zip(links, (at(30), at(10), at(20), at(40)), strict=True):
        store.set_look(link.id, "right", due_at=due_at, looked_at=None)
    due = store.due_looks("web", at(30), 2)
    assert due == [Look(links[1].id, "right", at(10), None), Look(links[2].id, "right", at(20), None)]
    assert len(store.due_looks("web", at(30), 10)) == 3
    assert store.due_looks("mobile", at(30), 10) == []


def test_a_look_taken_off_the_rhythm_is_never_due(store: Store) -> None:
    link = pair(store)
    store.set_look(link.id, "left", due_at=at(0), looked_at=None)
    store.set_look(link.id, "left", due_at=None, looked_at=at(1))
    assert store.due_looks("web", at(99), 10) == []


def test_asking_for_a_look_keeps_when_the_last_one_was(store: Store) -> None:
    link = pair(store)
    store.set_look(link.id, "left", due_at=at(100), looked_at=at(0))
    store.set_look(link.id, "left", due_at=at(5), looked_at=None)
    assert store.due_looks("web", at(5), 10) == [Look(link.id, "left", at(5), at(0))]


def test_the_oldest_look_is_that_of_the_rhythm(store: Store) -> None:
    assert store.oldest_look("web") is None
    looked = {"L1": (at(50), at(3)), "L2": (at(50), at(2)), "L3": (None, at(1)), "L4": (at(50), None)}
    for key, (due_at, looked_at) in looked.items():
        store.set_look(pair(store, key, key).id, "left", due_at=due_at, looked_at=looked_at)
    assert store.oldest_look("web") == at(2)


def test_a_look_at_a_removed_pair_is_refused(store: Store) -> None:
    link = pair(store)
    store.remove_link(link.id)
    with pytest.raises(StoreError, match="not in the store any more"):
        store.set_look(link.id, "left", due_at=at(0), looked_at=None)
