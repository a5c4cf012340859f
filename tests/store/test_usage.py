"""Requests by the hour: counted up, for a week, and no longer."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from reconciler.clock import VirtualClock
from reconciler.store import Store
from reconciler.store.usage import HOURS_KEPT


def test_requests_of_one_hour_are_added_up_by_tracker(tmp_path: Path) -> None:
    clock = VirtualClock()
    with Store.open(f"sqlite:///{tmp_path}/store.db", clock=clock) as store:
        store.add_requests({"ado": 3, "clickup": 1})
        clock.advance(1_800)
        store.add_requests({"ado": 4})
        clock.advance(1_800)
        store.add_requests({"ado": 5})
        eight = clock.now() - timedelta(hours=1)
        assert store.requests_by_hour("ado") == {eight: 7, clock.now(): 5}
        assert store.requests_by_hour("clickup") == {eight: 1}
        assert store.requests_by_hour("another") == {}


def test_what_is_older_than_a_week_is_forgotten(tmp_path: Path) -> None:
    clock = VirtualClock()
    with Store.open(f"sqlite:///{tmp_path}/store.db", clock=clock) as store, store.transaction():
        for _ in range(HOURS_KEPT + 20):
            store.add_requests({"ado": 1})
            clock.advance(3_600)
        kept = store.requests_by_hour("ado")
    assert len(kept) == HOURS_KEPT
    assert max(kept) - min(kept) == timedelta(hours=HOURS_KEPT - 1)
