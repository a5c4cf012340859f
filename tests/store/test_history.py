"""Deletion evidence, runs, events, and what is forgotten when."""

from __future__ import annotations

import json

import pytest

from reconciler.clock import VirtualClock
from reconciler.log import register_secret
from reconciler.model.event import Event
from reconciler.model.rich_text import Form, RichText
from reconciler.model.run import Run
from reconciler.model.tombstone import Tombstone
from reconciler.store import Store
from tests.store.builders import at, comment, conflict, intent, pair

DAY_S = 86_400


def test_absences_count_separate_times_only(store: Store) -> None:
    assert store.absences("web", "left", "L1") == 0
    assert [store.add_absence("web", "left", "L1", at(s)) for s in (0, 0, 60)] == [1, 1, 2]
    assert store.add_absence("web", "right", "L1", at(60)) == 1
    assert store.absences("web", "left", "L1") == 2
    store.clear_absence("web", "left", "L1")
    assert store.add_absence("web", "left", "L1", at(61)) == 1


@pytest.mark.parametrize(("left", "right"), [("L1", "R2"), ("L2", "R1")])
def test_a_tombstone_stays_until_either_item_is_linked(store: Store, left: str, right: str) -> None:
    stone = Tombstone("web", "L1", "R1", "left", "deleted on the left", at(0))
    store.add_tombstone("web", "L1", "R1", gone="left", reason="deleted on the left", at=at(0))
    pair(store, "R1", "L1")
    assert store.tombstones("web") == [stone]
    assert store.tombstones("other") == []
    pair(store, left, right)
    assert store.tombstones("web") == []


def test_a_newer_tombstone_takes_the_place_of_older_ones_of_either_item(store: Store) -> None:
    store.add_tombstone("web", "L1", "R1", gone="left", reason="first", at=at(0))
    store.add_tombstone("web", "L2", "R2", gone="left", reason="first", at=at(0))
    store.add_tombstone("web", "L1", "R2", gone="left", reason="second", at=at(1))
    assert [(s.left_key, s.right_key, s.reason) for s in store.tombstones("web")] == [("L1", "R2", "second")]


def test_runs_are_told_newest_first_finished_or_not(store: Store, clock: VirtualClock) -> None:
    first = store.start_run("sync")
    started_at = clock.now()
    clock.advance(9)
    second = store.start_run("run")
    summary = json.loads('{"mappings": [{"name": "web", "creates": {"ado": 3}, "note": "\\u0000 é"}]}')
    store.finish_run(first, summary)
    assert store.last_runs(5) == [Run(second, "run", clock.now()), Run(first, "sync", started_at, clock.now(), summary)]
    assert [run.id for run in store.last_runs(1)] == [second]
    assert store.run(second + 1) is None
    run = store.run(first)
    assert run is not None
    assert run.summary == summary


def test_events_come_newest_first_page_by_page(store: Store) -> None:
    for number in range(5):
        store.add_event(None, "web", "updated", f"event {number}")
    pages = [[event.text for event in store.events(page, 2)] for page in (1, 2, 3, 4)]
    assert pages == [["event 4", "event 3"], ["event 2", "event 1"], ["event 0"], []]
    assert store.count_events() == 5


def test_events_are_chosen_by_mapping_and_key(store: Store) -> None:
    store.add_event(None, "web", "updated", "a", side="left", key="1")
    store.add_event(None, "web", "updated", "b", side="left", key="2")
    store.add_event(None, "mobile", "updated", "c", side="left", key="1")
    assert [event.text for event in store.events(1, 9, mapping="web")] == ["b", "a"]
    assert [event.text for event in store.events(1, 9, mapping="web", keys=["1"])] == ["a"]
    assert [event.text for event in store.events(1, 9, keys=["1"])] == ["c", "a"]
    assert (store.count_events("web"), store.count_events("web", ["1"])) == (2, 1)


def test_an_event_keeps_its_values_and_sentences_that_not_every_database_can_hold(
    store: Store, clock: VirtualClock
) -> None:
    run = store.start_run("sync")
    before = RichText(Form.HTML, "a\x00b")
    store.add_event(
        run,
        "web",
        "updated",
        "NUL \x00 and \ud800 and 🙂",
        side="right",
        key="7",
        field="title",
        before=before,
        after=(),
    )
    (event,) = store.events(1, 1)
    text = "NUL \ufffd and \ufffd and 🙂"
    assert event == Event(event.id, run, "web", clock.now(), "updated", text, "right", "7", "title", before, ())


def test_sentences_are_kept_without_secrets(store: Store) -> None:
    register_secret("canary-0123456789")
    store.set_problem("web", "refused: token=canary-0123456789")
    store.add_event(None, "web", "failed", "refused: token=canary-0123456789")
    assert store.problem("web") == store.events(1, 1)[0].text == "refused: token=[redacted]"


def test_old_history_is_forgotten_and_what_is_open_or_linked_is_not(store: Store, clock: VirtualClock) -> None:
    run = store.start_run("sync")
    link = pair(store)
    store.add_comment_link(link.id, comment("c1"), comment("x1"))
    store.close_intent(store.open_intent(intent(run=run)), "done")
    in_doubt = store.open_intent(intent(run=run))
    settled = store.add_conflict(conflict(winner="left", settled_at=clock.now()))
    held = store.add_conflict(conflict(run=run))
    store.add_event(run, "web", "created", "old")
    store.add_absence("web", "left", "gone", clock.now())
    store.add_tombstone("web", "a", "b", gone="left", reason="r", at=clock.now())
    store.add_pending("web", "left", "L9", "parked", due_at=clock.now(), parked=True)

    clock.advance(91 * DAY_S)
    newer = store.start_run("sync")
    store.close_intent(store.open_intent(intent(run=newer)), "done")
    store.add_event(newer, "web", "created", "new")
    store.add_tombstone("web", "c", "d", gone="left", reason="r", at=clock.now())
    store.prune()

    assert [r.id for r in store.last_runs(9)] == [newer]
    assert [e.text for e in store.events(1, 9)] == ["new"]
    assert store.intents_of_run(run) == []
    assert [(i.id, i.run) for i in store.open_intents()] == [(in_doubt, None)]
    assert len(store.intents_of_run(newer)) == 1
    assert {c.id for c in store.conflicts()} == {settled, held}
    assert [stone.left_key for stone in store.tombstones("web")] == ["c"]
    assert store.absences("web", "left", "gone") == 0
    assert len(store.pending("web")) == 1
    assert store.link_by_id(link.id) == link
    assert len(store.comment_links(link.id)) == 1


def test_settled_conflicts_are_kept_for_a_year_and_held_ones_for_ever(store: Store, clock: VirtualClock) -> None:
    store.add_conflict(conflict(winner="left", settled_at=clock.now()))
    held = store.add_conflict(conflict())
    clock.advance(366 * DAY_S)
    store.prune(keep_days=1)
    assert [c.id for c in store.conflicts()] == [held]


def test_pruning_keeps_as_many_days_as_asked_for(store: Store, clock: VirtualClock) -> None:
    store.add_event(None, "web", "created", "old")
    clock.advance(DAY_S)
    store.prune(keep_days=2)
    assert store.count_events() == 1
    store.prune(keep_days=0)
    clock.advance(1)
    store.prune(keep_days=0)
    assert store.count_events() == 0
