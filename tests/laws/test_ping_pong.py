"""The law of the breaker: it acts exactly where a field went to and fro between the same two values, and never else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.decision import Decision, Waits, Write
from reconciler.model.event import Event
from reconciler.model.link import Link
from reconciler.model.plan import PairPlan, Plan
from reconciler.model.policy import Policy
from reconciler.model.side import SIDES, Side, other
from reconciler.model.snapshot import Snapshot
from reconciler.ping_pong import WITHIN, Past, break_ping_pong
from tests.laws import strategies as some

Edit = tuple[Side, str, int]
"""On which side somebody sets the field, to what, and how many minutes after the edit before."""

_POLICY = Policy("web")


def _rallies() -> st.SearchStrategy[list[Edit]]:
    """Edits of a few values; often those of two sides that insist on their own."""
    minutes = st.sampled_from([1, 1, 1, 14, 16])
    any_edit = st.tuples(st.sampled_from(SIDES), st.sampled_from("ABC"), minutes)
    round_ = minutes.map(lambda gap: [("left", "A", gap), ("right", "B", gap)])
    return st.lists(any_edit.map(lambda edit: [edit]) | round_, max_size=8).map(
        lambda parts: [edit for part in parts for edit in part]
    )


def _plan(shown: Mapping[Side, str], write: Write) -> Plan:
    left, right = (some.item(side, {"title": shown[side]}, key=f"{side}-1") for side in SIDES)
    link = Link(1, "web", Snapshot(left), Snapshot(right), some.NOON)
    return Plan("web", pairs=(PairPlan(left, right, (Decision("title", "changed", (write,)),), link),))


def _went_to_and_fro(edits: list[tuple[Side, str, datetime]]) -> bool:
    last = edits[-5:]
    return (
        len(last) == 5
        and len({(side, value) for side, value, _ in last[::2]}) == 1
        and len({(side, value) for side, value, _ in last[1::2]}) == 1
        and last[0][0] != last[1][0]
        and last[-1][2] - last[0][2] <= WITHIN
    )


@given(_rallies())
def test_a_field_is_frozen_exactly_when_two_values_went_to_and_fro_twice_within_an_hour(edits: list[Edit]) -> None:
    value, now, carried = "", some.NOON, list[tuple[Side, str, datetime]]()
    events: list[Event] = []
    for side, wanted, minutes in edits:
        now += timedelta(minutes=minutes)
        if wanted == value:
            continue
        write = Write(other(side), value, wanted)
        carried.append((side, wanted, now))
        plan = _plan({side: wanted, write.side: value}, write)
        past = Past(tuple(reversed(events)))
        [decision] = break_ping_pong(plan, {(1, "title"): past}, _POLICY, now).pairs[0].decisions
        if _went_to_and_fro(carried):
            assert (decision.writes, decision.settled, decision.waits) == ((), False, Waits.A_PERSON)
            assert decision.kept_back == write
            return
        assert decision == plan.pairs[0].decisions[0]
        events.append(
            Event(
                len(events) + 1, None, "web", now, "updated", "", write.side, f"{write.side}-1", "title", value, wanted
            )
        )
        value = wanted
