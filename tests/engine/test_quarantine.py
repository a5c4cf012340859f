"""What is refused waits, longer each time and for nobody else's account, until something changes."""

from __future__ import annotations

from pathlib import Path

from reconciler.errors import Rejected
from reconciler.model.draft import Draft
from reconciler.model.policy import Direction
from reconciler.trackers.base import Scope, Written
from reconciler.turn import LAST_RETRY, backoff
from tests.engine.conftest import MakeWorld
from tests.engine.world import World
from tests.support.memory import Fault, MemoryTracker

FOREVER = 1_000


def refuse(tracker: MemoryTracker, method: str, *, field: str = "", times: int = FOREVER) -> None:
    tracker.faults += [Fault(error=Rejected("no", field=field), method=method) for _ in range(times)]


def test_waits_double_up_to_six_hours_and_differ_between_items() -> None:
    waits = [backoff(n, "7").total_seconds() for n in range(1, 5)]
    assert all(30 * 2**n <= wait <= 45 * 2**n for n, wait in enumerate(waits))
    assert backoff(40, "7") == LAST_RETRY
    assert len({backoff(3, str(key)) for key in range(50)}) > 40
    assert backoff(3, "7") == backoff(3, "7")


def test_items_that_always_fail_delay_nobody_and_are_tried_five_times(tmp_path: Path) -> None:
    """The same day with and without three poisoned items costs the same requests, but for those that are refused."""
    requests: dict[int, int] = {}
    for poisoned in (0, 3):
        (tmp_path / str(poisoned)).mkdir()
        world = World(tmp_path / str(poisoned), directions={"comments": Direction.OFF})
        refused = refuse_poison(world.right)
        for number in range(poisoned):
            world.left.ui_create(f"Poison {number}")
        world.cycle()
        healthy = [world.left.ui_create(f"Item {number}") for number in range(5)]
        world.cycle()
        assert all(world.store.link("web", "left", key) for key in healthy)
        for _ in range(150):
            world.clock.advance(600)
            world.cycle()
        assert sum(row.parked for row in world.store.pending("web")) == poisoned
        assert len(refused) == 5 * poisoned
        requests[poisoned] = world.left.requests + world.right.requests
        world.store.close()
    assert requests[3] <= requests[0] + 2 * 5 * 3


def refuse_poison(tracker: MemoryTracker) -> list[str]:
    """Has the tracker refuse every item of that title; the returned list grows with each refusal."""
    refused: list[str] = []
    create = tracker.create

    def picky(scope: Scope, draft: Draft) -> Written:
        if "Poison" in str(draft.fields["title"]):
            refused.append(draft.origin.label)
            raise Rejected("poison", tracker=tracker.name)
        return create(scope, draft)

    tracker.create = picky  # type: ignore[method-assign]
    return refused


def test_a_refused_item_that_somebody_edits_is_tried_at_once_whatever_our_clock_says(world: World) -> None:
    world.left.ui_create("Before")
    world.settle()
    key = world.left.ui_create("Log in")
    refuse(world.right, "create", times=4)
    while world.right.faults:
        world.cycle()
    world.cycle()
    assert world.store.link("web", "left", key) is None
    world.left.ui_edit(key, title="Sign in")
    world.cycle()
    assert world.partner(key).title == "Sign in"


def test_a_parked_item_is_tried_anew_when_the_configuration_changes(world: World) -> None:
    key = world.left.ui_create("Log in")
    world.settle()
    refuse(world.right, "update", field="title", times=5)
    world.left.ui_edit(key, title="Sign in")
    for _ in range(8):
        world.clock.advance(3600)
        world.cycle()
    [row] = world.store.pending("web")
    assert row.parked
    assert not world.right.faults
    world.cycle()
    assert world.partner(key).title == "Log in"
    world.configure(directions={"due_date": Direction.OFF})
    world.settle()
    assert world.partner(key).title == "Sign in"
    assert world.store.pending("web") == []


def test_restarting_with_the_same_configuration_tries_nothing_anew(world: World) -> None:
    key = world.left.ui_create("Log in")
    world.settle()
    refuse(world.right, "update", field="title")
    world.left.ui_edit(key, title="Sign in")
    for _ in range(8):
        world.clock.advance(3600)
        world.cycle()
    tried = FOREVER - len(world.right.faults)
    world.restart()
    world.cycle()
    assert FOREVER - len(world.right.faults) == tried == 5


TABLE = {"1": "urgent"}


def test_a_value_missing_in_the_table_is_quarantined_and_travels_once_the_table_has_it(make_world: MakeWorld) -> None:
    world = make_world(priorities=TABLE)
    key = world.left.ui_create("Log in")
    world.settle()
    world.left.ui_edit(key, priority="2", title="Sign in")
    report = world.settle()
    assert world.partner(key).title == "Sign in"
    assert (report.quarantined, world.partner(key).fields["priority"]) == (1, None)
    world.configure(priorities={**TABLE, "2": "high"})
    report = world.settle()
    assert (report.quarantined, world.partner(key).fields["priority"]) == (0, "high")


def test_a_value_missing_in_the_table_when_the_item_was_made_travels_once_the_table_has_it(
    make_world: MakeWorld,
) -> None:
    world = make_world(priorities=TABLE)
    key = world.left.ui_create("Log in", priority="2")
    report = world.settle()
    assert (report.quarantined, world.partner(key).fields["priority"]) == (1, None)
    world.restart()
    world.configure(priorities={**TABLE, "2": "high"})
    world.settle()
    assert world.partner(key).fields["priority"] == "high"
    assert world.left.item(key).fields["priority"] == "2"


def test_what_could_not_be_translated_leaves_quarantine_when_somebody_sets_a_value_that_can(
    make_world: MakeWorld,
) -> None:
    world = make_world(priorities=TABLE)
    key = world.left.ui_create("Log in", priority="2")
    world.settle()
    world.left.ui_edit(key, priority="1")
    report = world.settle()
    assert (report.quarantined, world.partner(key).fields["priority"]) == (0, "urgent")
