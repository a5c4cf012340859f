from __future__ import annotations

from datetime import UTC, datetime

from reconciler.diff import diff
from reconciler.model.item import Item
from reconciler.model.snapshot import Snapshot

AT = datetime(2026, 3, 2, tzinfo=UTC)


def item(revision: str = "1", **fields: str) -> Item:
    return Item(
        "k", revision, AT, "https://x.example.com/k", "K", {"type": "Task", "title": "one", "priority": None, **fields}
    )


def test_a_settled_snapshot_is_its_own_base() -> None:
    snapshot = Snapshot(item())
    assert snapshot.base is snapshot.item
    assert diff(snapshot.base, item()) == {}


def test_an_unsettled_field_stays_a_net_change_until_it_is_settled() -> None:
    seen = item("2", title="two", priority="1")
    snapshot = Snapshot(item()).advance(seen, frozenset({"type", "priority"}))
    assert snapshot.item is seen
    assert {n: (c.before, c.after) for n, c in diff(snapshot.base, seen).items()} == {"title": ("one", "two")}
    assert snapshot.advance(seen, frozenset(seen.fields)).is_settled


def test_an_unsettled_field_that_went_back_is_no_change() -> None:
    snapshot = Snapshot(item()).advance(item("2", title="two"), frozenset({"type", "priority"}))
    back = item("3")
    assert diff(snapshot.base, back) == {}


def test_a_forgotten_field_has_no_past() -> None:
    snapshot = Snapshot(item(), forgotten=frozenset({"title"}))
    [change] = diff(snapshot.base, item()).values()
    assert (change.field, change.known_before) == ("title", False)
    assert not snapshot.is_settled
    later = snapshot.advance(item("2", title="two"), frozenset({"type", "priority"}))
    assert later.forgotten == {"title"}
