"""Rows 26 to 35: values that do not fit, and edits that get between."""

from __future__ import annotations

import re
from functools import partial

from reconciler.model.side import Side, other
from reconciler.simulators.azure_devops import errors
from reconciler.simulators.kit.wire import Request
from tests.simulation.ledger import token_of
from tests.simulation.rows.row import (
    BOTH,
    UPDATES,
    Row,
    is_about,
    later_than_the_write,
    nth,
    on,
    sent,
    some_live,
    some_pair,
    some_side,
    text,
    title,
)
from tests.simulation.world import World

TORTURE = "e\u0301 \U0001f600 \u202eabc\u202c \u200b x\u0001y \ufffd"


# --- 26 to 30: values that do not fit ------------------------------------------------------------------------------


def rename_status(world: World, seconds: float = 100.0) -> None:
    status = next((s for s in world.duo.lists[0].statuses if s.name == "in review"), None)
    if status is not None:
        world.duo.planner.rename_status(status, "under review")
        world.later(seconds, partial(world.duo.planner.rename_status, status, "in review"))
        world.happened("fault_26_status_renamed")


def status_renamed(world: World) -> None:
    left, right = world.pair()
    rename_status(world, 10_000.0)
    world.edit("left", left, "state", 1)
    world.edit("left", left, "description", text(world))
    world.quiet(cycles=20)
    assert world.people["right"].face(right)["description"]
    world.pass_time(10_000.0)
    world.quiet(cycles=20)


def break_rule(world: World, key: str | None = None, times: int = 2) -> None:
    """The workflow refuses the state; the error names its field."""
    flags = "required, hasValues, limitedToValues, invalidListValue"
    said = "The field 'State' contains the value 'Active' that is not in the list of supported values"
    answer = errors.rule_errors([("System.State", flags, said)]).response()
    match = is_about("left", key) if key else UPDATES["left"]

    def refuses(request: Request) -> bool:
        return re.search(match, f"{request.method} {request.path}") is not None and b"System.State" in request.body

    on(world, "fault_27_invalid_transition", "left", "answer", refuses, 400, headers=answer.headers, body=answer.body,
       times=times)  # fmt: skip


def invalid_transition(world: World) -> None:
    left, right = world.pair()
    break_rule(world, left, times=2)
    world.edit("right", right, "state", 1)
    world.edit("right", right, "description", text(world))
    world.cycle()
    assert world.people["left"].face(left)["description"], "the other field travelled all the same"
    assert world.people["left"].face(left)["state"] == 0
    for _ in range(6):
        world.cycle(after_s=60.0)
    assert world.people["left"].face(left)["state"] == 1, "refused twice, and then no more"


def lose_member(world: World, seconds: float = 100.0) -> None:
    duo = world.duo
    if duo.mara_member.id not in duo.workspace.members:
        return
    duo.clickup.remove_member(duo.workspace, duo.mara_member)
    world.later(seconds, partial(duo.clickup.join, duo.workspace, duo.mara_member))
    world.happened("fault_28_unknown_assignee")


def unknown_assignee(world: World) -> None:
    left, right = world.pair()
    lose_member(world, 10_000.0)
    world.restart()
    world.edit("left", left, "assignees", (world.duo.mara.address,))
    world.edit("left", left, "description", text(world))
    mark = world.tape.mark
    world.quiet(cycles=20)
    assert world.people["right"].face(right)["description"]
    assert world.people["right"].face(right)["assignees"] == ()
    assert len(sent(world, mark, "right", UPDATES["right"])) == 1
    world.pass_time(10_000.0)


def oversize(world: World) -> None:
    if key := some_live(world, "right"):
        world.edit("right", key, "title", f"{title(world)} {'very long ' * 30}".strip())
        world.edit("right", key, "description", f"{text(world)} {'and more ' * 2_000}".strip())
        world.happened("fault_29_oversize")


def too_long(world: World) -> None:
    left, _ = world.pair()
    oversize(world)
    mark = world.tape.mark
    world.quiet(cycles=20)
    assert len(world.people["left"].face(left)["title"]) == 255
    assert len(sent(world, mark, "right", UPDATES["right"])) == 0, "what was cut off stays on the other side"


def strange_characters(world: World) -> None:
    side = some_side(world)
    if key := some_live(world, side):
        world.edit(side, key, "title", f"{title(world)} {TORTURE}")
        world.edit(side, key, "description", f"{text(world)} {TORTURE}")
        world.happened("fault_30_strange_characters")


def torture(world: World) -> None:
    left, right = world.pair()
    for side, key in zip(BOTH, (left, right), strict=True):
        mark = world.tape.mark
        world.edit(side, key, "title", f"{title(world)} {TORTURE}")
        world.edit(side, key, "description", f"{text(world)} {TORTURE}")
        world.happened("fault_30_strange_characters")
        world.quiet()
        assert len(sent(world, mark, other(side), UPDATES[other(side)])) == 1
        assert not sent(world, mark, side, UPDATES[side]), "stable after one pass"


# --- 31 to 35: edits -----------------------------------------------------------------------------------------------


def rewritten_on_save(world: World) -> None:
    side = some_side(world)
    if key := some_live(world, side):
        value = text(world)
        rich = f"<b>{value}</b> &amp; <i>more</i><br>x" if side == "left" else f"__{value}__ *more*\n\n* a\n* b"
        world.edit(side, key, "description", rich)
        world.happened("fault_31_rewritten_on_save")


def canonicalised(world: World) -> None:
    world.pair()
    for _ in range(4):
        mark = world.tape.mark
        rewritten_on_save(world)
        world.quiet()
        assert sum(len(sent(world, mark, side, UPDATES[side])) for side in BOTH) == 1


def set_both(world: World, *, same: bool) -> None:
    pair = some_pair(world)
    if pair is None:
        return
    first = text(world)
    world.edit("left", pair[0], "description", first)
    world.edit("right", pair[1], "description", first if same else text(world))
    world.happened("fault_32_same_value_on_both_sides" if same else "fault_33_different_values_on_both_sides")


def same_value(world: World) -> None:
    world.pair()
    mark = world.tape.mark
    set_both(world, same=True)
    world.quiet()
    assert not [entry for entry in world.tape.since(mark) if entry.writes]
    assert not world.store.conflicts()


def different_values(world: World) -> None:
    world.pair()
    set_both(world, same=False)
    world.quiet()
    assert len(world.store.conflicts()) == 1


def edit_before_write(world: World, side: Side, fault: str, after: int = 0, field: str = "") -> None:
    """Somebody sets a field of an item between our look and our write."""

    def meanwhile() -> None:
        later_than_the_write(world)
        if key := some_live(world, side):
            name = field or world.random.choice(["description", "due_date"])
            world.edit(side, key, name, text(world) if name == "description" else world.ledger.day())

    on(world, fault, side, "before", UPDATES[side], meanwhile, after=after)


def edit_before_patch(world: World) -> None:
    left, right = world.pair()
    edit_before_write(world, "left", "fault_34_edit_before_the_patch", field="description")
    mark = world.tape.mark
    world.edit("right", right, "description", text(world))
    world.cycle()
    assert [entry.status for entry in sent(world, mark, "left", UPDATES["left"])] == [412]
    world.quiet()
    assert len(world.store.conflicts()) == 1
    assert world.partner("left", left) == right


def edit_before_put(world: World) -> None:
    left, right = world.pair()
    for field in ("description", "due_date"):
        edit_before_write(world, "right", "fault_35_edit_before_the_put", field=field)
        world.edit("left", left, "title", title(world))
        world.quiet()
        shown = [world.people[side].face(key)[field] for side, key in zip(BOTH, (left, right), strict=True)]
        assert token_of(shown[0]) == token_of(shown[1]) != "", "the other field travels like any edit"


ROWS = (
    Row(26, "status_renamed", "concerns that value only", rename_status, status_renamed),
    Row(27, "invalid_transition", "concerns that field only", break_rule, invalid_transition),
    Row(28, "unknown_assignee", "left unassigned, said once, no loop", lose_member, unknown_assignee),
    Row(29, "oversize", "cut, and stable when read again", oversize, too_long),
    Row(30, "strange_characters", "a fixpoint after one pass", strange_characters, torture),
    Row(31, "rewritten_on_save", "kept as that side's own, no echo", rewritten_on_save, canonicalised),
    Row(
        32,
        "same_value_on_both_sides",
        "accepted: no write, no conflict",
        lambda world: set_both(world, same=True),
        same_value,
    ),
    Row(
        33,
        "different_values_on_both_sides",
        "the rule's winner is written, the loser kept",
        lambda world: set_both(world, same=False),
        different_values,
    ),
    Row(
        34,
        "edit_before_the_patch",
        "refused by its revision, decided anew, nothing lost",
        lambda world: edit_before_write(world, "left", "fault_34_edit_before_the_patch", nth(world, 1)),
        edit_before_patch,
    ),
    Row(
        35,
        "edit_before_the_put",
        "seen afterwards; only the field just written may give way",
        lambda world: edit_before_write(world, "right", "fault_35_edit_before_the_put", nth(world, 1)),
        edit_before_put,
    ),
)
