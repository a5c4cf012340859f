"""Conflicts: both values stay verbatim, whatever becomes of the conflict."""

from __future__ import annotations

from dataclasses import replace

from reconciler.clock import VirtualClock
from reconciler.store import Store
from tests.store.builders import at, conflict, pair


def test_a_conflict_keeps_both_values_and_their_bases_verbatim(store: Store) -> None:
    written = conflict(link_id=pair(store).id, run=store.start_run("sync"))
    number = store.add_conflict(written)
    assert store.conflict(number) == replace(written, id=number)
    assert store.conflict(number + 1) is None


def test_a_held_conflict_is_open_until_it_is_settled(store: Store, clock: VirtualClock) -> None:
    number = store.add_conflict(conflict())
    store.add_conflict(conflict(mapping="mobile"))
    assert [c.id for c in store.open_conflicts("web")] == [number]
    store.settle_conflict(number, None, "both sides agree now")
    settled = store.conflict(number)
    assert settled is not None
    assert (settled.settled_at, settled.winner, settled.note) == (clock.now(), None, "both sides agree now")
    assert [c.mapping for c in store.open_conflicts()] == ["mobile"]


def test_one_that_a_rule_settled_is_never_open(store: Store) -> None:
    number = store.add_conflict(conflict(winner="left", settled_at=at(0)))
    assert store.open_conflicts() == []
    assert [c.id for c in store.conflicts("web", 10)] == [number]


def test_a_persons_decision_leaves_it_open_for_the_next_cycle(store: Store) -> None:
    number = store.add_conflict(conflict())
    assert store.decide_conflict(number, "right")
    assert [(c.id, c.winner) for c in store.open_conflicts()] == [(number, "right")]


def test_a_settled_or_unknown_conflict_cannot_be_decided(store: Store) -> None:
    number = store.add_conflict(conflict(winner="left", settled_at=at(0)))
    assert not store.decide_conflict(number, "right")
    assert not store.decide_conflict(number + 1, "right")
    kept = store.conflict(number)
    assert kept is not None
    assert kept.winner == "left"


def test_the_open_conflict_of_one_field_is_found(store: Store) -> None:
    link, other = pair(store), pair(store, "L2", "R2")
    past = store.add_conflict(conflict(link_id=link.id))
    store.settle_conflict(past, None, "replaced")
    held = store.add_conflict(conflict(link_id=link.id))
    store.add_conflict(conflict(link_id=other.id))
    found = store.open_conflict_for(link.id, "description")
    assert found is not None
    assert found.id == held
    assert store.open_conflict_for(link.id, "title") is None


def test_the_newest_come_first_and_no_more_than_asked_for(store: Store) -> None:
    numbers = [store.add_conflict(conflict(mapping=m)) for m in ("web", "web", "mobile", "web")]
    assert [c.id for c in store.conflicts("web", 2)] == [numbers[3], numbers[1]]
    assert [c.id for c in store.conflicts(limit=2)] == [numbers[3], numbers[2]]


def test_all_come_by_default_because_their_losing_values_exist_nowhere_else(store: Store) -> None:
    numbers = [store.add_conflict(conflict()) for _ in range(120)]
    assert [c.id for c in store.conflicts()] == numbers[::-1]
