"""Rows 1 to 10: connections that break, and answers that do not come through."""

from __future__ import annotations

from functools import partial

from reconciler.model.side import Side, other
from reconciler.simulators.kit.wire import Request, Response
from tests.simulation.ledger import tokens_in
from tests.simulation.rows.row import (
    BOTH,
    CREATES,
    LISTINGS,
    UPDATES,
    WRITES,
    Row,
    nth,
    on,
    sent,
    some_side,
    text,
    title,
)
from tests.simulation.world import World

# --- 1: no connection ----------------------------------------------------------------------------------------------


def refuse(world: World, side: Side, seconds: float = 20.0) -> None:
    world.refuse(side)
    world.later(seconds, partial(world.refuse, side, refused=False))
    world.happened("fault_01_connection_refused")


def no_connection(world: World) -> None:
    left, right = world.pair()
    refuse(world, "right", 70.0)
    world.edit("left", left, "description", text(world))
    before = world.store.watermark("web", "left")
    report = world.cycle()
    assert report is not None
    assert report.problem_kind == "Unavailable"
    world.cycle()
    assert world.store.watermark("web", "left") == before, "nothing was applied, so nothing is behind us"
    assert world.quiet() <= 2
    assert tokens_in(world.people["right"].face(right)["description"]), "it has travelled"


# --- 2 to 5: a creation of unknown fate ----------------------------------------------------------------------------


def _creation(world: World, side: Side, break_it: str, name: str) -> int:
    """Somebody makes an item whose copying to `side` breaks; how many creations were sent in the end."""
    world.pair()
    mark = world.tape.mark
    world.create(other(side), title=title(world), description=text(world))
    on(world, name, side, break_it, CREATES[side])
    world.cycle()
    world.quiet(cycles=20)
    copies = [key for keys in world.people[side].copies().values() for key in keys]
    assert len(copies) == len(set(copies))
    return len(sent(world, mark, side, CREATES[side]))


def lost_before_commit(world: World) -> None:
    for side in BOTH:
        assert _creation(world, side, "drop_request", "fault_02_timeout_before_commit_create") == 2


def lost_after_commit(world: World) -> None:
    for side in BOTH:
        assert _creation(world, side, "drop_response", "fault_03_timeout_after_commit_create") == 1


def delayed_commit(world: World, side: Side, match: str, after: int = 0, seconds: float = 100.0) -> None:
    """The request is under way for long; we hear that the connection broke."""

    def hold(request: Request) -> Response:
        world.later(seconds, partial(world.deliver, side, request))
        return Response(0, dropped=True)

    name = "fault_04_commit_after_first_probe"
    world.strike(name, world.faults(side).inject("held", match, on_request=hold, after=after))


def commit_after_first_probe(world: World) -> None:
    for side in BOTH:
        world.pair()
        world.create(other(side), title=title(world))
        mark = world.tape.mark
        delayed_commit(world, side, CREATES[side])
        world.quiet(cycles=20)
        assert len(sent(world, mark, side, CREATES[side])) == 1, "it was found, not sent again"


def truncated_write(world: World) -> None:
    for side in BOTH:
        assert _creation(world, side, "truncate", "fault_05_truncated_response_on_write") == 1


# --- 6: a listing --------------------------------------------------------------------------------------------------


def truncated_page(world: World) -> None:
    left, right = world.pair()
    before = world.store.watermark("web", "right")
    for side in BOTH:
        on(world, "fault_06_truncated_list_page", side, "truncate", LISTINGS[side], times=3)
    report = world.cycle()
    assert report is not None
    assert report.problem_kind == "Unavailable"
    assert world.store.watermark("web", "right") == before
    world.quiet()
    assert world.partner("left", left) == right


# --- 7, 8: an update of unknown fate -------------------------------------------------------------------------------


def _update(world: World, side: Side, name: str) -> None:
    pair = world.pair()
    here, there = pair if side == "left" else pair[::-1]
    mark, before = world.tape.mark, world.rev(side, here)
    world.edit(other(side), there, "description", text(world))
    on(world, name, side, "drop_response", UPDATES[side])
    world.cycle()
    world.quiet()
    assert len(sent(world, mark, side, UPDATES[side])) == 1, "what arrived is not sent again"
    if side == "left":
        assert world.rev(side, here) == before + 1
    assert not sent(world, mark, other(side), UPDATES[other(side)]), "nor does it come back"


def timeout_after_commit_patch(world: World) -> None:
    _update(world, "left", "fault_07_timeout_after_commit_patch")


def timeout_after_commit_put(world: World) -> None:
    _update(world, "right", "fault_08_timeout_after_commit_put")


def _somewhere(world: World, act: str, name: str, matches: dict[Side, str], **options: int) -> None:
    side = some_side(world)
    on(world, name, side, act, matches[side], after=nth(world, 1), **options)


def _delay_somewhere(world: World) -> None:
    side = some_side(world)
    delayed_commit(world, side, CREATES[side], after=nth(world, 1))


ROWS = (
    Row(
        1,
        "connection_refused",
        "not sent; transient; both watermarks stay, and what the other tracker showed is listed again",
        lambda world: refuse(world, some_side(world)),
        no_connection,
    ),
    Row(
        2,
        "timeout_before_commit_create",
        "in doubt, then sent again with the same marker: one object",
        lambda world: _somewhere(world, "drop_request", "fault_02_timeout_before_commit_create", CREATES),
        lost_before_commit,
    ),
    Row(
        3,
        "timeout_after_commit_create",
        "found by its marker and adopted: one object, none sent again",
        lambda world: _somewhere(world, "drop_response", "fault_03_timeout_after_commit_create", CREATES),
        lost_after_commit,
    ),
    Row(
        4,
        "commit_after_first_probe",
        "absence is not proved before the bound; then as 3",
        lambda world: _delay_somewhere(world),
        commit_after_first_probe,
    ),
    Row(
        5,
        "truncated_response_on_write",
        "in doubt, as 2 and 3",
        lambda world: _somewhere(world, "truncate", "fault_05_truncated_response_on_write", WRITES),
        truncated_write,
    ),
    Row(
        6,
        "truncated_list_page",
        "asked again; the watermark stays; nothing counts as deleted",
        lambda world: _somewhere(world, "truncate", "fault_06_truncated_list_page", LISTINGS, times=3),
        truncated_page,
    ),
    Row(
        7,
        "timeout_after_commit_patch",
        "read back: own values are there, no further revision",
        lambda world: (
            on(
                world,
                "fault_07_timeout_after_commit_patch",
                "left",
                "drop_response",
                UPDATES["left"],
                after=nth(world, 1),
            )
            and None
        ),
        timeout_after_commit_patch,
    ),
    Row(
        8,
        "timeout_after_commit_put",
        "read back: own values are there, no echo",
        lambda world: (
            on(
                world,
                "fault_08_timeout_after_commit_put",
                "right",
                "drop_response",
                UPDATES["right"],
                after=nth(world, 1),
            )
            and None
        ),
        timeout_after_commit_put,
    ),
    Row(9, "half_a_batch", "", elsewhere="the client sends no $batch: every item is written by its own request"),
    Row(10, "mixed_batch_results", "", elsewhere="the client sends no $batch: every item is judged by its own answer"),
)
