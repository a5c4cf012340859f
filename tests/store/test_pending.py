"""Pending, watermarks, meta: small facts that replace each other."""

from __future__ import annotations

from collections.abc import Callable

from reconciler.clock import VirtualClock
from reconciler.model.pending import Pending
from reconciler.store import Store
from tests.store.builders import at


def test_an_item_waits_with_its_reason_until_it_is_cleared(store: Store, clock: VirtualClock) -> None:
    store.add_pending("web", "left", "L1", "refused: 400", due_at=at(30), attempts=2, parked=True)
    assert store.pending("web") == [Pending("web", "left", "L1", "refused: 400", at(30), clock.now(), 2, True)]
    store.clear_pending("web", "left", "L1")
    store.clear_pending("web", "left", "L1")
    assert store.pending("web") == []


def test_a_second_reason_replaces_the_first_but_not_since_when_it_waits(store: Store, clock: VirtualClock) -> None:
    store.add_pending("web", "left", "L1", "first", due_at=at(0), attempts=4, parked=True)
    since = clock.now()
    clock.advance(60)
    store.add_pending("web", "left", "L1", "second", due_at=at(9))
    assert store.pending("web") == [Pending("web", "left", "L1", "second", at(9), since)]


def test_the_same_again_is_no_error(store: Store) -> None:
    for _ in range(2):
        store.add_pending("web", "left", "L1", "same", due_at=at(0))
    assert len(store.pending("web")) == 1


def test_due_ones_come_earliest_first_without_parked_ones(store: Store) -> None:
    store.add_pending("web", "left", "late", "r", due_at=at(30))
    store.add_pending("web", "right", "early", "r", due_at=at(10))
    store.add_pending("web", "left", "parked", "r", due_at=at(5), parked=True)
    store.add_pending("web", "left", "future", "r", due_at=at(31))
    store.add_pending("mobile", "left", "elsewhere", "r", due_at=at(0))
    assert [row.key for row in store.pending("web", due_by=at(30))] == ["early", "late"]
    assert [row.key for row in store.pending("web")] == ["parked", "early", "late", "future"]


def test_sides_and_mappings_are_kept_apart(store: Store) -> None:
    store.add_pending("web", "left", "7", "left", due_at=at(0))
    store.add_pending("web", "right", "7", "right", due_at=at(0))
    store.clear_pending("web", "left", "7")
    assert [row.reason for row in store.pending("web")] == ["right"]


def test_a_watermark_is_kept_to_the_microsecond_per_mapping_and_side(
    url: str, open_store: Callable[..., Store]
) -> None:
    store = open_store(url)
    assert store.watermark("web", "left") is None
    store.set_watermark("web", "left", at(1))
    store.set_watermark("web", "left", at(0.000001))
    store.set_watermark("web", "right", at(2))
    store.close()
    store = open_store(url)
    assert store.watermark("web", "left") == at(0.000001)
    assert store.watermark("web", "right") == at(2)
    assert store.watermark("mobile", "left") is None


def test_meta_keeps_any_text_and_the_last_one_counts(store: Store) -> None:
    store.set_meta("sweep:web", "first")
    store.set_meta("sweep:web", "второй 🙂")
    assert store.meta("sweep:web") == "второй 🙂"
    assert store.meta("absent") is None


def test_the_instance_keeps_its_name_and_another_store_has_another(
    sqlite_url: str, open_store: Callable[..., Store]
) -> None:
    first = open_store(sqlite_url)
    name = first.instance_id
    first.close()
    assert len(name) == 32
    assert open_store(sqlite_url).instance_id == name
    assert open_store("sqlite:///:memory:").instance_id != name
