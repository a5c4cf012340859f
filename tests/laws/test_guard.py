"""Laws of the guard: what it lets through, and what a plan's name stands for."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from reconciler.errors import GuardTripped
from reconciler.guard import guard
from reconciler.model.decision import Decision, Write
from reconciler.model.draft import Draft
from reconciler.model.plan import Plan
from reconciler.model.policy import GuardLimits, Policy
from tests.laws.crowds import crowds
from tests.laws.test_planner import plan_of

_limits = st.builds(
    GuardLimits,
    st.integers(min_value=0, max_value=3),
    st.integers(min_value=0, max_value=3),
    st.integers(min_value=0, max_value=2),
    st.integers(min_value=0, max_value=100),
)
_plans = st.builds(
    lambda crowd, linked: replace(plan_of(crowd), linked=linked),
    crowds(),
    st.sampled_from([1, 19, 20, 21, 40]),
)


def lets_through(plan: Plan, limits: GuardLimits, *, confirmed: bool = False, allow: str | None = None) -> bool:
    try:
        guard(plan, Policy("web", guard=limits), confirmed=confirmed, allow=allow)
    except GuardTripped as refusal:
        return refusal.digest != plan.digest  # a refusal that names another plan is none
    return True


@given(_plans, _limits, _limits, st.booleans())
def test_wider_limits_never_refuse_what_narrower_ones_let_through(
    plan: Plan, one: GuardLimits, two: GuardLimits, confirmed: bool
) -> None:
    wider = GuardLimits(
        max(one.max_creates, two.max_creates),
        max(one.max_updates, two.max_updates),
        max(one.max_deletes, two.max_deletes),
        max(one.max_changed_percent, two.max_changed_percent),
    )
    assert lets_through(plan, wider, confirmed=confirmed) or not lets_through(plan, one, confirmed=confirmed)


@given(_plans, _limits, st.booleans(), st.sampled_from(["creates", "pairs", "deletes"]))
def test_a_plan_that_does_less_is_not_refused_where_one_that_does_more_is_not(
    plan: Plan, limits: GuardLimits, confirmed: bool, part: str
) -> None:
    less = replace(plan, **{part: getattr(plan, part)[1:]})
    assert lets_through(less, limits, confirmed=confirmed) or not lets_through(plan, limits, confirmed=confirmed)


@given(_plans, _limits)
def test_what_goes_through_is_within_every_limit(plan: Plan, limits: GuardLimits) -> None:
    plan = replace(plan, first=False)
    assume(lets_through(plan, limits))
    ending = [d for d in plan.deletes if d.action.value in ("delete", "close")]
    updates = list(plan.updates())
    assert len(plan.creates) <= limits.max_creates
    assert len(updates) <= limits.max_updates
    assert len(ending) <= limits.max_deletes
    assert plan.linked < 20 or 100 * (len(updates) + len(ending)) <= limits.max_changed_percent * plan.linked


@given(_plans)
def test_a_first_plan_waits_until_a_person_has_seen_it(plan: Plan) -> None:
    first = replace(plan, first=True)
    assert lets_through(first, GuardLimits()) == first.is_empty
    assert lets_through(first, GuardLimits(), confirmed=True)
    assert lets_through(first, GuardLimits(max_creates=0, max_updates=0, max_changed_percent=0), confirmed=True)


@given(_plans, _plans, _limits)
def test_the_name_of_a_plan_lets_through_that_plan_and_no_other(one: Plan, two: Plan, limits: GuardLimits) -> None:
    assert lets_through(one, limits, allow=one.digest)
    if two.digest != one.digest:
        assert lets_through(one, limits, allow=two.digest) == lets_through(one, limits)


# --- the name ------------------------------------------------------------------------------------------------------


@given(_plans, st.data())
def test_the_name_of_a_plan_does_not_depend_on_the_order_of_what_it_does(plan: Plan, order: st.DataObject) -> None:
    turned = replace(
        plan,
        creates=tuple(order.draw(st.permutations(plan.creates))),
        pairs=tuple(order.draw(st.permutations(plan.pairs))),
        deletes=tuple(order.draw(st.permutations(plan.deletes))),
        notes=tuple(reversed(plan.notes)),
    )
    assert turned.digest == plan.digest


@given(_plans)
def test_a_plan_that_writes_something_else_has_another_name(plan: Plan) -> None:
    """Also where the items and their revisions are the same: a changed table makes another plan of the same facts."""
    for others in (*_with_another_draft(plan), *_with_another_write(plan), *_with_another_end(plan)):
        assert others.digest != plan.digest


def _with_another_draft(plan: Plan) -> list[Plan]:
    if not plan.creates:
        return []
    first, *rest = plan.creates
    other = replace(first, draft=Draft({**first.draft.fields, "title": "something else"}, first.draft.origin))
    newer = replace(first, source=replace(first.source, revision="another"))
    return [replace(plan, creates=(each, *rest)) for each in (other, newer)] + [replace(plan, creates=tuple(rest))]


def _with_another_write(plan: Plan) -> list[Plan]:
    if not plan.pairs:
        return []
    first, *rest = plan.pairs
    before = first.left.fields["title"]
    added = Decision("title", "added", (Write("left", before, "something else"),))
    return [replace(plan, pairs=(replace(first, decisions=(*first.decisions, added)), *rest))]


def _with_another_end(plan: Plan) -> list[Plan]:
    if not plan.deletes:
        return []
    first, *rest = plan.deletes
    newer = replace(first, victim=replace(first.victim, revision="another"))
    closed = replace(first, changes={"state": "something else"})
    return [replace(plan, deletes=(each, *rest)) for each in (newer, closed)]
