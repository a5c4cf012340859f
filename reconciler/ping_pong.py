"""Ping-pong: a field that both trackers' own automation keeps rewriting is frozen before it is written once more. Pure.

We write A on one side, a rule there makes B of it, which travels; a rule on the other side makes it A again, which
travels, and so on without an end. After two such rounds within an hour nothing more is written to the field until a
person says so, or sets another value; everything else of the item goes on. What one person does on one side is never
taken for that, since what we wrote is then still there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import takewhile

from reconciler.mapping.equality import is_empty, same_value
from reconciler.model.change import called, plain_value
from reconciler.model.decision import Case, Decision, Waits, Write
from reconciler.model.event import FROZEN, Event
from reconciler.model.field import Value, label_of
from reconciler.model.plan import PairPlan, Plan
from reconciler.model.policy import Direction, Policy
from reconciler.model.side import SIDES, Side, other

ROUNDS = 2
"""So many times in a row the same two values must have been carried to and fro."""

WITHIN = timedelta(hours=1)

KINDS = ("updated", FROZEN, "retried")
"""The events that tell of it."""

_VALUE_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Past:
    """What is remembered of one field of a pair: events of KINDS, newest first, and who changed it last on each side,
    "" where nobody says."""

    events: tuple[Event, ...] = ()
    actors: Mapping[Side, str] = field(default_factory=dict)


def candidates(plan: Plan, policy: Policy) -> Iterator[tuple[int, PairPlan, Decision]]:
    """What could go to and fro, with the id of the link: a field that travels both ways, and no person's decision."""
    for pair in plan.pairs:
        for decision in pair.decisions:
            both_ways = policy.direction_of(decision.field) is Direction.BOTH
            if pair.link is not None and decision.writes and both_ways and decision.case is not Case.PERSON:
                yield pair.link.id, pair, decision


def break_ping_pong(plan: Plan, pasts: Mapping[tuple[int, str], Past], policy: Policy, now: datetime) -> Plan:
    """The plan without the writes that would only be turned back again. `pasts` is by link and field."""
    frozen: dict[tuple[int, str], Decision] = {}
    for link_id, pair, decision in candidates(plan, policy):
        past = pasts.get((link_id, decision.field), Past())
        events = [event for event in past.events if _is_about(event, pair, decision.field)]
        for write in decision.writes:
            standing = _standing(events, pair, decision.field, write)
            if standing is not None or _goes_in_circles(events, decision.field, write, now):
                note = standing.text if standing else _sentence(pair, decision.field, write, past.actors)
                frozen[link_id, decision.field] = _kept_back(decision, write, note)
    if not frozen:
        return plan

    def rested(pair: PairPlan) -> PairPlan:
        link_id = pair.link.id if pair.link else 0
        return replace(pair, decisions=tuple(frozen.get((link_id, d.field), d) for d in pair.decisions))

    return replace(plan, pairs=tuple(map(rested, plan.pairs)))


def _is_about(event: Event, pair: PairPlan, name: str) -> bool:
    of_the_pair = event.side is not None and event.key == pair.item(event.side).key
    return of_the_pair and event.field == (None if event.kind == "retried" else name)


def _kept_back(decision: Decision, write: Write, note: str) -> Decision:
    return Decision(
        decision.field,
        decision.reason,
        settled=False,
        note=note,
        case=decision.case,
        waits=Waits.A_PERSON,
        kept_back=write,
    )


def _goes_in_circles(events: list[Event], name: str, write: Write, now: datetime) -> bool:
    """Whether the last that was written to the field, here and there in turn, were always the same two values, and this
    write is the next of them."""
    since = takewhile(lambda event: event.kind != "retried", events)
    written = [event for event in since if event.kind == "updated"][: 2 * ROUNDS]
    there, here = written[::2], written[1::2]
    return (
        len(written) == 2 * ROUNDS
        and all(event.side == write.side for event in here)
        and all(event.side == other(write.side) for event in there)
        and all(same_value(name, event.after, write.after) for event in here)
        and all(same_value(name, event.before, write.before) for event in here[: ROUNDS - 1])
        and all(same_value(name, event.after, there[0].after) for event in there)
        and abs(now - written[-1].at) <= WITHIN
    )


def _standing(events: list[Event], pair: PairPlan, name: str, write: Write) -> Event | None:
    """The event with which this write was frozen, where nobody has said or done anything about it since."""
    assert pair.link is not None
    views = [pair.link.side(side) for side in SIDES]
    newest = next((event for event in events if event.kind == "retried" or event.side == write.side), None)
    is_open = any(name in view.unsettled or name in view.forgotten for view in views)
    if newest is None or newest.kind != FROZEN or not is_open:
        return None
    is_same = same_value(name, newest.before, write.before) and same_value(name, newest.after, write.after)
    return newest if is_same else None


def _sentence(pair: PairPlan, name: str, write: Write, actors: Mapping[Side, str]) -> str:
    """Names both sides of it. The one that changed now was just seen; what is known of the other is from before."""
    here, there = pair.item(write.side), pair.item(other(write.side))
    by = {write.side: actors.get(write.side, ""), other(write.side): called(there.changed_by)}
    one, two = (
        by[side] or "a rule or a person that its tracker does not name" for side in (other(write.side), write.side)
    )
    return (
        f"{label_of(name)} is frozen: {one} sets it to {_shown(there.fields.get(name))} on {there.label},"
        f" {two} to {_shown(write.before)} on {here.label}, and what was carried was turned back {ROUNDS} times"
    )


def _shown(value: Value) -> str:
    if is_empty(value):
        return "nothing"
    plain = plain_value(value)
    text = " ".join((", ".join(plain) if isinstance(plain, tuple) else str(plain)).split())
    return f'"{text}"' if len(text) <= _VALUE_SHOWN else f'"{text[: _VALUE_SHOWN - 1]}…"'
