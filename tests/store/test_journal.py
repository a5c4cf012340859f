"""Journal: what is open stays open until it is closed, once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from reconciler.clock import VirtualClock
from reconciler.store import Store
from tests.store.builders import at, intent


def test_an_intent_comes_back_with_everything_recovery_needs(store: Store) -> None:
    run = store.start_run("sync")
    written = intent(run=run, key="R9", note="")
    number = store.open_intent(written)
    assert store.open_intents() == [replace(written, id=number)]


def test_an_open_intent_survives_reopening(url: str, open_store: Callable[..., Store]) -> None:
    first = open_store(url)
    first.open_intent(intent())
    first.close()
    (found,) = open_store(url).open_intents("web")
    assert found.is_open
    assert found.after == intent().after


def test_open_intents_are_told_oldest_first_and_per_mapping(store: Store) -> None:
    first, second = store.open_intent(intent(kind="update")), store.open_intent(intent(mapping="mobile"))
    third = store.open_intent(intent(kind="delete"))
    assert [i.id for i in store.open_intents()] == [first, second, third]
    assert [i.id for i in store.open_intents("web")] == [first, third]


def test_a_closed_intent_is_not_open_and_closing_again_changes_nothing(store: Store, clock: VirtualClock) -> None:
    run = store.start_run("sync")
    number = store.open_intent(intent(run=run))
    store.close_intent(number, "done")
    closed_at = clock.now()
    clock.advance(5)
    store.close_intent(number, "abandoned", "too late")
    assert store.open_intents() == []
    (kept,) = store.intents_of_run(run)
    assert (kept.outcome, kept.note, kept.closed_at) == ("done", "", closed_at)


def test_probes_are_counted_on_an_open_intent(store: Store) -> None:
    number = store.open_intent(intent())
    store.update_intent(number, probes=2, probed_at=at(120))
    (found,) = store.open_intents()
    assert (found.probes, found.probed_at) == (2, at(120))


def test_the_intents_of_a_run_come_in_order_whatever_became_of_them(store: Store) -> None:
    run, other = store.start_run("sync"), store.start_run("sync")
    mine = [store.open_intent(intent(run=run, label=str(n))) for n in range(3)]
    store.open_intent(intent(run=other))
    store.close_intent(mine[1], "rejected", "400: no such state")
    assert [(i.id, i.outcome) for i in store.intents_of_run(run)] == [
        (mine[0], ""),
        (mine[1], "rejected"),
        (mine[2], ""),
    ]
