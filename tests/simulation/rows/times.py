"""Rows 36 to 45: pages, stamps and clocks."""

from __future__ import annotations

import json
from dataclasses import replace

from reconciler.model.policy import OnDelete
from reconciler.model.side import Side
from reconciler.simulators.kit.wire import Request, Response
from tests.simulation.ledger import tokens_in
from tests.simulation.rows.row import (
    BOTH,
    LISTINGS,
    Row,
    later_than_the_write,
    nth,
    on,
    sent,
    some_live,
    some_side,
    text,
)
from tests.simulation.world import YEAR_S, World


def _crowd(world: World, count: int) -> list[str]:
    """Tasks that were all last changed in the same millisecond; pages of three."""
    world.small_pages(3)
    keys = [world.create("right", title=f"Title {world.ledger.token()}") for _ in range(count)]
    world.quiet(cycles=20)
    return keys


def equal_stamps(world: World) -> None:
    """Several items change in the same instant."""
    side = some_side(world)
    for key in world.people[side].live()[:5]:
        world.edit(side, key, "description", text(world))
    world.happened("fault_36_equal_timestamps")


def equal_stamps_at_the_border(world: World) -> None:
    keys = _crowd(world, 8)
    for _ in range(2):
        for key in keys:
            world.edit("right", key, "description", text(world))
        world.happened("fault_36_equal_timestamps")
        world.quiet()
    for key in keys:
        partner = world.partner("right", key)
        assert partner
        assert world.people["right"].face(key)["description"] in world.people["left"].face(partner)["description"]


def drift(world: World, how: str, name: str, after: int = 0) -> None:
    """Between two pages of a listing somebody edits, or deletes, what was on the first."""

    def act() -> None:
        later_than_the_write(world)
        key = some_live(world, "right")
        if key is None:
            return
        if how == "edit":
            world.edit("right", key, "description", text(world))
        else:
            world.delete("right", key)

    on(world, name, "right", "between", LISTINGS["right"], act, after=after)


def drift_by_edits(world: World) -> None:
    keys = _crowd(world, 7)
    for key in keys:
        world.edit("right", key, "description", text(world))
    for after in range(3):
        drift(world, "edit", "fault_37_pages_drift_by_edits", after)
    world.quiet()


def drift_by_deletes(world: World) -> None:
    _crowd(world, 7)
    world.configure(on_delete=OnDelete.DELETE)
    for after in range(2):
        drift(world, "delete", "fault_38_pages_drift_by_deletes", after)
    world.cycle(sweep=True)
    assert len(world.people["left"].live()) == 7
    world.quiet(cycles=20)
    assert len(world.people["left"].live()) == len(world.people["right"].live()) == 5
    for key in set(world.people["right"].live()):
        partner = world.partner("right", key)
        assert partner
        assert world.people["left"].face(partner)["state"] == 0, "missed by a page is not deleted"


def twice_in_a_listing(world: World) -> None:
    keys = _crowd(world, 4)
    mark = world.tape.mark

    def again() -> None:
        world.edit("right", keys[0], "description", text(world))

    for key in keys[1:]:
        world.edit("right", key, "description", text(world))
    again()
    name = "fault_39_twice_in_a_listing"
    on(world, name, "right", "between", LISTINGS["right"], again)
    world.quiet()
    partner = world.partner("right", keys[0])
    assert partner
    assert 1 <= len(sent(world, mark, "left", rf"^PATCH .*/workitems/{partner}$")) <= 2


def endless(world: World, after: int = 0, times: int = 4) -> None:
    """Every page claims that there is another, and is the first one again."""
    name = "fault_40_endless_paging"

    def not_the_last(_: Request, answer: Response) -> Response:
        try:
            body = json.loads(answer.body)
        except ValueError:
            return answer
        return replace(answer, body=json.dumps({**body, "last_page": False}).encode())

    faults = world.faults("right")
    world.strike(name, faults.inject("endless", LISTINGS["right"], on_response=not_the_last, times=times, after=after))


def endless_paging(world: World) -> None:
    left, _ = world.pair()
    world.edit("left", left, "description", text(world))
    endless(world, times=1_000_000)
    mark = world.tape.mark
    world.cycle()
    assert len(sent(world, mark, "right", LISTINGS["right"])) < 20
    world.faults("right").clear()
    world.quiet()


def show_late(world: World, side: Side, seconds: float = 30.0) -> None:
    world.show_late(side, seconds)
    world.later(100.0, lambda: world.show_late(side, 0.0))
    world.happened("fault_41_visible_late")


def visible_late(world: World) -> None:
    left, right = world.pair()
    for side, key in zip(BOTH, (left, right), strict=True):
        show_late(world, side)
        world.edit(side, key, "description", text(world))
        world.create(side, title=f"Title {world.ledger.token()}")
        for _ in range(9):
            world.cycle(after_s=7.0)
        shown = [tokens_in(world.people[s].face(k)["description"]) for s, k in zip(BOTH, (left, right), strict=True)]
        assert shown[0] == shown[1], "seen without a sweep"
        world.quiet()
    assert len(world.people["left"].live()) == len(world.people["right"].live()) == 3


def backdate(world: World) -> None:
    """A migration tool dates its own edit to just after the last one."""
    key = some_live(world, "left")
    if key is not None:
        world.edit_backdated(key, "description", text(world))
        world.happened("fault_42_backdated_change")


def backdated(world: World) -> None:
    _, right = world.pair()
    world.pass_time(7_200.0)
    world.cycle()
    backdate(world)
    world.cycle()
    assert "text" not in world.people["right"].face(right)["description"], "no feed shows it"
    world.cycle(sweep=True)
    world.quiet()
    assert "text" in world.people["right"].face(right)["description"]


def wrong_clocks(world: World) -> None:
    for side in BOTH:
        world.skew(side, world.random.choice([-600.0, 600.0]))
    world.duo.local.ahead_s = world.random.choice([-10 * YEAR_S, 10 * YEAR_S])
    world.happened("fault_44_wrong_clocks")


def clocks_are_wrong(world: World) -> None:
    world.skew("left", -600.0)
    world.skew("right", 600.0)
    for years in (0, -10, 10, 0):
        world.duo.local.ahead_s = years * YEAR_S
        world.happened("fault_44_wrong_clocks")
        left, right = world.pair()
        for side, key in zip(BOTH, (left, right), strict=True):
            world.edit(side, key, "description", text(world))
            world.quiet()
        assert world.store.open_intents() == []


def stamp_in_the_future(world: World) -> None:
    """A server's clock is ten minutes ahead for the moment of one edit."""
    side = some_side(world)
    key = some_live(world, side)
    if key is not None:
        ahead_s = world.skew_of(side)
        world.skew(side, ahead_s + 600.0)
        world.edit(side, key, "description", text(world))
        world.skew(side, ahead_s)
        world.happened("fault_45_stamp_in_the_future")


def one_stamp_in_the_future(world: World) -> None:
    pairs = [world.pair() for _ in range(3)]
    for _ in range(2):
        stamp_in_the_future(world)
        world.quiet()
        for side, keys in zip(BOTH, zip(*pairs, strict=True), strict=True):
            for key in keys:
                world.edit(side, key, "title", f"Title {world.ledger.token()}")
            world.quiet()


ROWS = (
    Row(36, "equal_timestamps", "all of them are seen", equal_stamps, equal_stamps_at_the_border),
    Row(
        37,
        "pages_drift_by_edits",
        "at most seen twice; nothing is skipped",
        lambda world: drift(world, "edit", "fault_37_pages_drift_by_edits", nth(world)),
        drift_by_edits,
    ),
    Row(
        38,
        "pages_drift_by_deletes",
        "what a page misses is not deleted",
        lambda world: drift(world, "delete", "fault_38_pages_drift_by_deletes", nth(world)),
        drift_by_deletes,
    ),
    Row(
        39,
        "twice_in_a_listing",
        "the newer version counts",
        lambda world: drift(world, "edit", "fault_39_twice_in_a_listing"),
        twice_in_a_listing,
    ),
    Row(40, "endless_paging", "given up; the watermark stays", lambda w: endless(w, nth(w)), endless_paging),
    Row(
        41,
        "visible_late",
        "the overlap catches it",
        lambda world: show_late(world, some_side(world), world.random.choice([5.0, 30.0])),
        visible_late,
    ),
    Row(42, "backdated_change", "the sweep catches it", backdate, backdated),
    Row(43, "expired_continuation_token", "", elsewhere="the feed is a query, which has no tokens"),
    Row(44, "wrong_clocks", "only the servers' stamps count; nothing is missed", wrong_clocks, clocks_are_wrong),
    Row(
        45,
        "stamp_in_the_future",
        "the watermark does not follow it",
        stamp_in_the_future,
        one_stamp_in_the_future,
    ),
)
