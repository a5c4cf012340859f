"""A field that both trackers' own automation keeps rewriting is frozen; people who change it are not taken for that."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

from reconciler.decide import retry
from reconciler.explain import explain
from reconciler.model.field import Value
from reconciler.model.item import Item
from reconciler.model.policy import Direction
from reconciler.model.report import MappingReport
from reconciler.naming import Reference
from reconciler.status import status
from tests.engine.world import World
from tests.support.configured import configured
from tests.support.duo import Duo


def never(old: str, new: str) -> Callable[[Item], Mapping[str, Value]]:
    """A rule that has no item called `old`."""
    return lambda item: {"title": new} if item.title == old else {}


def paired(world: World) -> tuple[str, str]:
    left = world.left.ui_create("Start")
    world.settle()
    return left, world.partner(left).key


def at_odds(world: World) -> tuple[str, str]:
    """A pair between two rules of which each undoes what the other wants, and a person who set it off."""
    left, right = paired(world)
    world.left.automation, world.right.automation = never("Shut", "Open"), never("Open", "Shut")
    world.left.ui_edit(left, title="Open")
    return left, right


def play(world: World, cycles: int = 12) -> tuple[int, list[str]]:
    """How many updates both trackers got until there was nothing more to do, and what was noted."""
    total, before = MappingReport("web"), len(world.left.writes) + len(world.right.writes)
    for _ in range(cycles):
        report = world.cycle()
        total.absorb(report)
        if not report.writes:
            break
    return len(world.left.writes) + len(world.right.writes) - before, total.notes


def frozen(world: World) -> list[str]:
    return [event.text for event in world.store.events(1, 100, "web", kind="frozen")]


def test_after_two_rounds_nothing_more_is_written_and_it_is_said_once(world: World) -> None:
    at_odds(world)
    writes, notes = play(world)
    assert writes == 4, "two on either side"
    [said] = frozen(world)
    assert said == (
        'title is frozen: rule@example.com sets it to "Open" on ADO#a1, rule@example.com to "Shut" on CLICKUP#c1,'
        " and what was carried was turned back 2 times"
    )
    assert notes.count(said) == 1
    [row] = world.store.pending("web")
    assert (row.side, row.parked, row.attempts, row.reason) == ("left", True, 0, f"ADO#a1: {said}")


def test_the_rest_of_the_item_goes_on_and_time_does_not_thaw_the_field(world: World) -> None:
    left, right = at_odds(world)
    play(world)
    world.clock.advance(timedelta(days=2).total_seconds())
    world.left.ui_edit(left, tags=("red",))
    world.right.ui_edit(right, priority="high")
    play(world)
    assert world.right.item(right).fields["tags"] == ("red",)
    assert world.left.item(left).fields["priority"] == "2"
    assert (world.left.item(left).title, world.right.item(right).title) == ("Open", "Shut")
    assert len(frozen(world)) == len(world.store.pending("web")) == 1
    world.restart()
    world.cycle(sweep=True)
    assert play(world)[0] == 0


def test_another_value_frees_it(world: World) -> None:
    left, right = at_odds(world)
    play(world)
    world.right.ui_edit(right, title="Ajar")
    play(world)
    assert world.left.item(left).title == world.right.item(right).title == "Ajar"
    assert world.store.pending("web") == []
    world.left.ui_edit(left, title="Open")
    assert play(world)[0] == 4, "which both rules undo again, twice"
    world.left.ui_edit(left, title="Wide open")
    play(world)
    assert world.right.item(right).title == "Wide open"
    assert world.store.pending("web") == []


def test_an_agreement_by_hand_ends_it(world: World) -> None:
    left, right = at_odds(world)
    play(world)
    world.left.automation = None
    world.left.ui_edit(left, title="Shut")
    play(world)
    assert world.store.pending("web") == []
    world.right.automation = None
    world.clock.advance(timedelta(hours=2).total_seconds())
    world.left.ui_edit(left, title="Open")
    play(world)
    assert world.right.item(right).title == "Open"


def test_retry_has_it_carried_again(world: World) -> None:
    left, right = at_odds(world)
    play(world)
    world.right.automation = None
    retry(world.store, world.clock, [Reference("web", "right", right)], "CLICKUP#c1")
    assert play(world)[0] == 1
    assert world.right.item(right).title == world.left.item(left).title == "Open"
    assert world.store.pending("web") == []


def test_retry_while_both_rules_still_stand_costs_two_rounds_more(world: World) -> None:
    left, _ = at_odds(world)
    play(world)
    retry(world.store, world.clock, [Reference("web", "left", left)], "ADO#a1")
    assert play(world)[0] == 4
    assert [row.parked for row in world.store.pending("web")] == [True]


def test_one_way_is_a_way_out(world: World) -> None:
    left, right = at_odds(world)
    play(world)
    world.configure(directions={"title": Direction.TO_LEFT})
    play(world)
    world.right.ui_edit(right, title="Ajar")
    play(world)
    assert world.left.item(left).title == "Ajar"
    assert world.store.pending("web") == []


def test_one_rule_wins_against_nobody(world: World) -> None:
    left, right = paired(world)
    world.right.automation = never("Open", "Shut")
    for _ in range(3):
        world.left.ui_edit(left, title="Open")
        play(world, 3)
        assert world.left.item(left).title == world.right.item(right).title == "Shut"
        world.clock.advance(timedelta(minutes=40).total_seconds())
    assert frozen(world) == []


def test_both_services_are_named_and_status_and_explain_know_it(tmp_path: Path) -> None:
    duo = Duo(tmp_path)
    config = configured(duo, tmp_path)
    robot = duo.azure.as_user(duo.azure.add_user("Board Rule", "board@example.com"))
    item = duo.developer.create(duo.projects[0], "Task", "Door", {"System.State": "New"})
    duo.settle()
    [task] = duo.clickup.world.tasks.values()
    duo.developer.edit(item, {"System.State": "Active"})
    for _ in range(12):
        duo.cycle()
        if task.status.name == "in progress":
            duo.planner.edit(task, status="to do")
        if item.fields["System.State"] == "New":
            robot.edit(item, {"System.State": "Active"})
    mark = duo.mark()
    duo.cycle()
    assert [side.writes for side in duo.since(mark)] == [0, 0]
    [answer] = explain(config, duo.store, f"AB#{item.id}", duo.clock.now())
    said = (
        f'state is frozen: board@example.com sets it to "Active" on AB#{item.id}, a rule or a person that its tracker'
        f' does not name to "to do" on CU-{task.id}, and what was carried was turned back 2 times'
    )
    assert [f"{field.state}: {field.why}" for field in answer.fields if field.field == "state"] == [f"waits: {said}"]
    [reason] = answer.reasons
    assert reason.what == f"in quarantine on the left: AB#{item.id}: {said}"
    assert reason.fix.startswith("switch off one of the two rules")
    assert reason.fix.endswith(f"reconciler retry AB#{item.id}")
    [standing] = status(config, duo.store)
    assert (standing.quarantined, standing.waiting) == (1, (f"AB#{item.id}: {said}",))
    duo.close()
