"""Laws of the diff: a side compared with itself."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from reconciler.diff import diff, unknown
from reconciler.mapping.equality import same_value
from reconciler.model.field import FIELDS
from reconciler.model.side import SIDES, Side
from reconciler.model.snapshot import Snapshot
from tests.laws import strategies as some
from tests.laws.pair import Pair

_sides = st.sampled_from(SIDES)


@given(some.pairs(), _sides)
def test_equal_views_have_no_difference(pair: Pair, side: Side) -> None:
    assert diff(pair.now[side], pair.now[side]) == {}


@given(some.pairs(), _sides)
def test_the_difference_applied_to_the_old_view_gives_the_new_one(pair: Pair, side: Side) -> None:
    before, after = pair.snapshots[side].item, pair.now[side]
    changes = diff(before, after)
    patched = {**before.fields, **{name: change.after for name, change in changes.items()}}
    assert all(same_value(name, patched[name], after.fields[name]) for name in after.fields)
    assert all(change.before == before.fields[name] for name, change in changes.items())


@given(some.pairs(), _sides)
def test_the_difference_names_only_what_differs_in_the_order_of_fields(pair: Pair, side: Side) -> None:
    changes = pair.changes(side)
    assert list(changes) == [name for name in FIELDS if name in changes]
    assert not [name for name, change in changes.items() if same_value(name, change.before, change.after)]


@given(some.pairs(), _sides)
def test_the_difference_backwards_takes_it_back(pair: Pair, side: Side) -> None:
    before, after = pair.snapshots[side].item, pair.now[side]
    there, back = diff(before, after), diff(after, before)
    assert {n: (c.before, c.after) for n, c in there.items()} == {n: (c.after, c.before) for n, c in back.items()}


@given(some.pairs(), _sides, st.sets(st.sampled_from(list(FIELDS))))
def test_a_trackers_own_spelling_of_our_write_is_no_change(pair: Pair, side: Side, rewritten: set[str]) -> None:
    after = replace(pair.now[side], rewritten=frozenset(rewritten))
    expected = {name: change for name, change in pair.changes(side).items() if name not in rewritten}
    assert diff(pair.snapshots[side].item, after) == expected


@given(some.pairs(), _sides)
def test_an_item_without_a_past_differs_in_everything_it_has(pair: Pair, side: Side) -> None:
    item = pair.now[side]
    changes = unknown(item)
    assert changes.keys() == item.fields.keys()
    assert not any(change.known_before for change in changes.values())
    assert changes == diff(Snapshot(item, forgotten=frozenset(item.fields)).base, item)


@given(some.pairs(), _sides, st.sets(st.sampled_from(list(FIELDS))), some.thrown(lambda dice: dice))
def test_what_is_not_settled_stays_a_net_change_until_it_is(
    pair: Pair, side: Side, settled: set[str], dice: some.Dice
) -> None:
    """However often the item is seen meanwhile, and whatever it shows in between."""
    agreed = pair.snapshots[side].item
    snapshot = pair.snapshots[side].advance(pair.now[side], frozenset(settled))
    later = some.perturbed(dice, pair.corr, side, pair.now[side], revision=5)
    open_fields = set(later.fields) - settled
    expected = {name for name in diff(agreed, later) if name in open_fields}
    assert set(diff(snapshot.base, later)) & open_fields == expected
    assert diff(snapshot.advance(later, frozenset(later.fields)).base, later) == {}
