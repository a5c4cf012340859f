"""Rows 11 to 20: a tracker that wants to be left alone, is not itself, or takes rights away."""

from __future__ import annotations

import json
from dataclasses import replace

from reconciler.model.side import Side
from reconciler.simulators.azure_devops import errors
from reconciler.simulators.kit.wire import Request, Response
from tests.simulation.rows.row import (
    BOTH,
    CREATES,
    LISTINGS,
    READS,
    UPDATES,
    WRITES,
    Row,
    is_about,
    nth,
    on,
    sent,
    some_side,
    text,
    title,
)
from tests.simulation.world import World

_PAGE = "<!DOCTYPE html><html><body><p>Sign in to continue</p></body></html>"
_HTML = {"content-type": "text/html; charset=utf-8"}


# --- 11 to 14: the tracker wants to be left alone ------------------------------------------------------------------


def _throttled(world: World, name: str, headers: dict[str, str], times: int = 1) -> list[float]:
    """Both sides answer 429; how long we were silent after the last refusal of each."""
    left, right = world.pair()
    silences = []
    for side, key in zip(BOTH, (left, right), strict=True):
        world.edit(side, key, "description", text(world))
        on(world, name, side, "answer", LISTINGS[side], 429, headers=headers, times=times)
        mark = world.tape.mark
        world.cycle()
        world.quiet()
        mine = [entry for entry in world.tape.since(mark) if entry.side == side]
        refused = [entry for entry in mine if entry.status == 429]
        assert len(refused) == times
        following = next(entry for entry in mine if entry.number > refused[-1].number)
        silences.append(following.begun_s - refused[-1].ended_s)
    return silences


def told_to_wait(world: World) -> None:
    assert min(_throttled(world, "fault_11_429_with_retry_after", {"retry-after": "20"})) >= 20.0


def strange_reset(world: World) -> None:
    for told in ("1", "99999999999", "soon"):
        silences = _throttled(world, "fault_12_429_with_strange_reset", {"x-ratelimit-reset": told})
        assert max(silences) <= 121.0


def unexplained_429(world: World) -> None:
    _throttled(world, "fault_13_429_without_headers", {}, times=2)


def slowed_down(world: World, side: Side, times: int = 1, after: int = 0) -> None:
    """200, and the wish to be left alone for a while."""

    def held(_: Request, answer: Response) -> Response:
        return replace(answer, headers={**answer.headers, "retry-after": "15"})

    fault = world.faults(side).inject("200 + Retry-After", ".", on_response=held, times=times, after=after)
    world.strike("fault_14_200_with_retry_after", fault)


def asked_to_slow_down(world: World) -> None:
    pair = world.pair()
    for side, key in zip(BOTH, pair, strict=True):
        slowed_down(world, side)
        world.edit(side, key, "description", text(world))
        mark = world.tape.mark
        world.cycle(after_s=1.0)
        world.cycle(after_s=1.0)
        first, second = [entry for entry in world.tape.since(mark) if entry.side == side][:2]
        assert second.begun_s - first.ended_s >= 15.0
        world.quiet()


# --- 15 to 18: not the tracker itself ------------------------------------------------------------------------------


def many_5xx(world: World) -> None:
    left, _ = world.pair()
    on(world, "fault_15_burst_of_5xx", "left", "answer", ".", 503, times=1_000_000)
    world.edit("left", left, "description", text(world))
    before, mark = {side: world.store.watermark("web", side) for side in BOTH}, world.tape.mark
    for _ in range(20):
        report = world.cycle()
        assert report is not None
        assert report.problem_kind == "Unavailable"
    asked = [entry for entry in world.tape.since(mark) if entry.side == "left"]
    assert len(asked) <= 12, f"{len(asked)} requests in ten minutes of outage"
    assert {side: world.store.watermark("web", side) for side in BOTH} == before
    world.faults("left").clear()
    world.pass_time(300.0)
    world.quiet()


def revision_limit(world: World, key: str, times: int = 1_000) -> None:
    body = errors.ApiError(500, "VS402625: The work item has reached 10,000 revisions.", "WorkItemRevisionLimit")
    answer = body.response()
    match = is_about("left", key)
    on(world, "fault_16_revision_limit", "left", "answer", match, 500, headers=answer.headers, body=answer.body,
       times=times)  # fmt: skip


def hopeless_item(world: World) -> None:
    (left, right), (_, fine) = world.pair(), world.pair()
    revision_limit(world, left)
    mark = world.tape.mark
    world.edit("right", right, "description", text(world))
    world.edit("right", fine, "description", text(world))
    for _ in range(60):
        world.cycle()
    attempts = sent(world, mark, "left", is_about("left", left))
    assert 1 <= len(attempts) <= 6, f"{len(attempts)} attempts in 30 minutes"
    assert len(sent(world, mark, "left", UPDATES["left"])) == len(attempts) + 1, "the other one was not held up"


def maintenance_page(world: World) -> None:
    left, right = world.pair()
    for side in BOTH:
        on(world, "fault_17_html_with_200", side, "html", READS[side], 200, times=2)
    for _ in range(3):
        world.cycle()
    world.quiet()
    assert world.partner("left", left) == right


def sign_in_page(world: World) -> None:
    left, right = world.pair()
    on(world, "fault_18_sign_in_page", "left", "answer", ".", 203, headers=_HTML, body=_PAGE)
    report = world.cycle()
    assert report is not None
    assert report.problem_kind == "Unauthorized"
    world.quiet()
    assert world.partner("left", left) == right
    on(world, "fault_18_sign_in_page", "left", "answer", CREATES["left"], 203, headers=_HTML, body=_PAGE)
    mark = world.tape.mark
    world.create("right", title=title(world))
    world.cycle()
    assert not world.store.open_intents(), "a page proves that nothing was made"
    world.quiet()
    assert len(sent(world, mark, "left", CREATES["left"])) == 2


# --- 19, 20: rights ------------------------------------------------------------------------------------------------


def _unauthorized(world: World, side: Side, after: int = 0) -> None:
    code = "OAUTH_025" if side == "right" else "TF400813"
    body = json.dumps({"err": "Token invalid", "ECODE": code, "message": f"{code}: not authorized"})
    match = ("^GET /api/v2/user$|" if side == "right" else "") + WRITES[side]
    on(world, "fault_19_401_while_applying", side, "answer", match, 401, headers={"content-type": "application/json"},
       body=body, after=after)  # fmt: skip


def refused_while_applying(world: World) -> None:
    pairs = [world.pair(), world.pair(), world.pair()]
    for _, right in pairs:
        world.edit("right", right, "description", text(world))
    mark = world.tape.mark
    _unauthorized(world, "left", after=1)
    report = world.cycle()
    assert report is not None
    assert report.problem_kind == "Unauthorized"
    assert len(sent(world, mark, "left", UPDATES["left"])) == 2, "the third was not tried"
    assert not world.store.open_intents()
    world.quiet()
    assert len(sent(world, mark, "left", UPDATES["left"])) == 4


def forbidden(world: World, side: Side, key: str, times: int) -> None:
    if side == "left":
        answer = errors.forbidden("TF237111: no permission to save work items under the area path.").response()
        status, body = 403, answer.body
    else:
        status, body = 401, json.dumps({"err": "You do not have access", "ECODE": "ACCESS_083"}).encode()
    on(world, "fault_20_403_on_one_item", side, "answer", is_about(side, key), status,
       headers={"content-type": "application/json"}, body=body, times=times)  # fmt: skip


def forbidden_item(world: World) -> None:
    left, right = world.pair()
    forbidden(world, "left", left, 2)
    world.edit("right", right, "description", text(world))
    world.cycle()
    assert any(row.key == left for row in world.store.pending("web")), "it waits, with its reason"
    world.quiet(cycles=20)
    assert world.people["left"].is_live(left)
    assert world.people["right"].is_live(right)


def _somewhere(world: World, act: str, name: str, matches: dict[Side, str], **options: int) -> None:
    side = some_side(world)
    on(world, name, side, act, matches[side], after=nth(world, 1), **options)


def _any_item(world: World, side: Side) -> str:
    live = world.people[side].live()
    return world.random.choice(live) if live else "0"


def _answer(world: World, name: str, status: int, headers: dict[str, str], times: int) -> None:
    side = some_side(world)
    on(world, name, side, "answer", ".", status, headers=headers, times=times, after=nth(world))


_ANY: dict[Side, str] = {"left": ".", "right": "."}


def _forbid_somewhere(world: World) -> None:
    side = some_side(world)
    forbidden(world, side, _any_item(world, side), 2)


ROWS = (
    Row(
        11,
        "429_with_retry_after",
        "silence until then",
        lambda world: _answer(world, "fault_11_429_with_retry_after", 429, {"retry-after": "20"}, 1),
        told_to_wait,
    ),
    Row(
        12,
        "429_with_strange_reset",
        "clamped to 1-120 s",
        lambda world: _answer(
            world,
            "fault_12_429_with_strange_reset",
            429,
            {"x-ratelimit-reset": world.random.choice(["1", "99999999999", "soon"])},
            1,
        ),
        strange_reset,
    ),
    Row(
        13,
        "429_without_headers",
        "half the rate, which recovers",
        lambda world: _answer(world, "fault_13_429_without_headers", 429, {}, 2),
        unexplained_429,
    ),
    Row(
        14,
        "200_with_retry_after",
        "the answer is used, the next request waits",
        lambda world: slowed_down(world, some_side(world), after=nth(world)),
        asked_to_slow_down,
    ),
    Row(
        15,
        "burst_of_5xx",
        "backoff; the watermark stays",
        lambda world: _answer(world, "fault_15_burst_of_5xx", 503, {}, 10),
        many_5xx,
    ),
    Row(
        16,
        "revision_limit",
        "the item waits for a person; nothing else does, and no storm",
        lambda world: revision_limit(world, _any_item(world, "left"), times=2),
        hopeless_item,
    ),
    Row(
        17,
        "html_with_200",
        "transient; nothing is read out of it",
        lambda world: _somewhere(world, "html", "fault_17_html_with_200", _ANY, status=200),
        maintenance_page,
    ),
    Row(
        18,
        "sign_in_page",
        "a refused token, not an empty tracker; a POST counts as not done",
        lambda world: (
            on(world, "fault_18_sign_in_page", "left", "answer", ".", 203, headers=_HTML, body=_PAGE, after=nth(world))
            and None
        ),
        sign_in_page,
    ),
    Row(
        19,
        "401_while_applying",
        "no further write with that token; nothing in doubt",
        lambda world: _unauthorized(world, some_side(world), after=nth(world, 1)),
        refused_while_applying,
    ),
    Row(
        20,
        "403_on_one_item",
        "the item waits with its reason; nothing is deleted",
        lambda world: _forbid_somewhere(world),
        forbidden_item,
    ),
)
