"""Links: both snapshots come back as they were saved, by either key, and only once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from reconciler.errors import StoreError
from reconciler.model.attachment_link import AttachmentLink
from reconciler.model.snapshot import Snapshot
from reconciler.store import Store, links
from tests.store.builders import at, attachment, comment, conflict, item, pair, snapshot


def test_a_link_comes_back_by_either_key_with_both_snapshots(store: Store) -> None:
    left = Snapshot(item("L1"), unsettled={"title": "agreed", "tags": ()}, forgotten=frozenset({"due_date", "state"}))
    right = snapshot("R1", archived=True, origin=None, created_at=None)
    link = store.add_link("web", left, right, run=None)
    assert store.link("web", "left", "L1") == link
    assert store.link("web", "right", "R1") == link
    assert store.link_by_id(link.id) == link
    assert (link.left, link.right) == (left, right)


def test_links_survive_reopening(url: str, open_store: Callable[..., Store]) -> None:
    first = open_store(url)
    link = pair(first)
    first.close()
    assert open_store(url).link_by_id(link.id) == link


def test_what_was_never_linked_is_not_found(store: Store) -> None:
    pair(store)
    assert store.link("web", "left", "R1") is None
    assert store.link("other", "left", "L1") is None
    assert store.link_by_id(4711) is None


def test_keys_differ_by_case_and_by_accent(store: Store) -> None:
    pair(store, "abc", "x")
    pair(store, "ABC", "X")
    pair(store, "äbc", "é")
    assert store.links("web", "left", ["abc", "ABC", "äbc", "Äbc"]).keys() == {"abc", "ABC", "äbc"}


@pytest.mark.parametrize(("left", "right"), [("L1", "R2"), ("L2", "R1"), ("L1", "R1")])
def test_a_second_link_of_either_item_is_refused_and_names_both(store: Store, left: str, right: str) -> None:
    pair(store)
    with pytest.raises(StoreError, match=f'T#{left} and T#{right} cannot be paired in "web": L1 and R1 are a pair'):
        pair(store, left, right)
    assert store.count_links("web") == 1


def test_the_same_items_may_be_linked_in_another_mapping(store: Store) -> None:
    pair(store)
    assert pair(store, mapping="mobile").id != store.links("web", "left", ["L1"])["L1"].id


def test_many_keys_are_looked_up_and_walked_in_chunks(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "KEYS_A_QUERY", 10)
    total = 21
    with store.transaction():
        for number in range(total):
            pair(store, f"L{number}", f"R{number}")
        pair(store, "elsewhere", "elsewhere", mapping="mobile")
    found = store.links("web", "right", (f"R{number}" for number in range(-5, total)))
    assert found.keys() == {f"R{number}" for number in range(total)}
    assert all(link.key("right") == key for key, link in found.items())
    walked = list(store.all_links("web"))
    assert [link.id for link in walked] == sorted(link.id for link in found.values())
    assert store.count_links("web") == total


def test_links_may_be_removed_while_all_are_walked(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "KEYS_A_QUERY", 10)
    with store.transaction():
        for number in range(25):
            pair(store, f"L{number}", f"R{number}")
    for link in store.all_links("web"):
        store.remove_link(link.id)
    assert store.count_links("web") == 0


def test_no_keys_cost_nothing_and_find_nothing(store: Store) -> None:
    pair(store)
    assert store.links("web", "left", []) == {}


def test_saving_a_snapshot_changes_one_side_and_its_searched_columns(store: Store) -> None:
    link = pair(store)
    newer = Snapshot(item("R1", revision="2", changed_at=at(50)), unsettled={"title": "was"})
    store.save_snapshot(link.id, "right", newer)
    found = store.link_by_id(link.id)
    assert found is not None
    assert (found.left, found.right) == (link.left, newer)
    assert store.recent_revisions("web", "right", at(50)) == {"R1": "2"}


def test_a_snapshot_of_a_removed_link_is_refused(store: Store) -> None:
    link = pair(store)
    store.remove_link(link.id)
    with pytest.raises(StoreError, match="not in the store any more"):
        store.save_snapshot(link.id, "left", link.left)


def test_recent_revisions_begin_at_the_instant_asked_for(store: Store) -> None:
    for number in range(4):
        left = snapshot(f"L{number}", revision=f"r{number}", changed_at=at(number))
        store.add_link("web", left, snapshot(f"R{number}", changed_at=at(-number)), run=None)
    assert store.recent_revisions("web", "left", at(2)) == {"L2": "r2", "L3": "r3"}
    assert store.recent_revisions("web", "right", at(0)) == {"R0": "1"}
    assert store.recent_revisions("mobile", "left", at(0)) == {}


def test_removing_a_link_takes_what_belongs_to_it_and_leaves_history(store: Store) -> None:
    link, other = pair(store), pair(store, "L2", "R2")
    for each in (link, other):
        store.add_comment_link(each.id, comment("a"), comment("b"))
        store.set_look(each.id, "left", due_at=at(0), looked_at=None)
    lost = store.add_conflict(conflict(link_id=link.id))
    store.remove_link(link.id)
    store.remove_link(link.id)
    assert store.link("web", "left", "L1") is None
    assert store.comment_links(link.id) == []
    assert [look.link_id for look in store.due_looks("web", at(1), 10)] == [other.id]
    assert len(store.comment_links(other.id)) == 1
    record = store.conflict(lost)
    assert record is not None
    assert (record.link_id, record.winner, record.note) == (None, None, "the pair was ended")
    assert record.left_value == conflict().left_value
    assert store.open_conflicts() == []


def test_a_pair_can_be_linked_again_after_its_link_was_removed(store: Store) -> None:
    store.remove_link(pair(store).id)
    pair(store)
    assert store.count_links("web") == 1


def test_what_hung_on_a_pair_hangs_on_it_again_and_on_no_other(store: Store) -> None:
    link = pair(store)
    twins = store.add_comment_link(link.id, comment("a"), comment("b"))
    files = store.add_attachment_link(AttachmentLink(0, link.id, attachment("f1"), attachment("x1"), "0" * 64))
    store.add_attachment_link(AttachmentLink(0, link.id, None, attachment("x2"), note="too large"))
    store.remove_link(link.id)
    other = pair(store, "L1", "R2")
    assert store.comment_links(other.id) == []
    store.remove_link(other.id)
    again = pair(store)
    [twins_again], [files_again, alone] = store.comment_links(again.id), store.attachment_links(again.id)
    assert (twins_again.left, twins_again.right) == (twins.left, twins.right)
    assert (files_again.left, files_again.right, files_again.sha256) == (files.left, files.right, "0" * 64)
    assert (alone.left, alone.note) == (None, "too large")


def test_what_hung_on_a_pair_is_what_hung_on_it_last(store: Store) -> None:
    link = pair(store)
    store.add_comment_link(link.id, comment("a"), comment("b"))
    store.remove_link(link.id)
    again = pair(store)
    [twins] = store.comment_links(again.id)
    store.remove_comment_link(twins.id)
    store.remove_link(again.id)
    assert store.comment_links(pair(store).id) == []


def test_large_bodies_and_long_keys_fit(store: Store) -> None:
    text = "".join(chr(0x4E00 + n % 20000) for n in range(300_000))
    left = snapshot("k" * 255, fields={"title": text}, revision="r" * 255)
    link = store.add_link("m" * 100, left, snapshot("R1"), run=None)
    assert store.link_by_id(link.id) == link


def test_partners_are_found_by_the_keys_of_either_side(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "KEYS_A_QUERY", 2)
    for number in range(5):
        pair(store, f"L{number}", f"R{number}")
    pair(store, "L9", "R9", mapping="mobile")
    assert store.partners("web", "left", [f"L{n}" for n in range(10)]) == {f"L{n}": f"R{n}" for n in range(5)}
    assert store.partners("web", "right", ["R3", "R9", "L1"]) == {"R3": "L3"}
    assert store.partners("web", "left", []) == {}
