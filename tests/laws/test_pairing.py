"""Laws of pairing: who belongs together among items without a partner."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from reconciler.mapping.equality import folded_text
from reconciler.model.item import Item
from reconciler.model.origin import marker_for
from reconciler.model.side import SIDES, Side, other
from reconciler.pairing import Pairing, pair, source_key
from tests.laws import strategies as some
from tests.laws.crowds import key_of, loners

Unlinked = dict[Side, dict[str, Item]]


def unlinked(dice: some.Dice) -> Unlinked:
    return loners(dice, some.correspondence(dice))


_unlinked = some.thrown(unlinked, bytes_needed=400)


def paired(items: Unlinked, *, by_title: bool = True, linked: frozenset[tuple[Side, str]] = frozenset()) -> Pairing:
    return pair("web", items, key_of=key_of, is_linked=lambda side, key: (side, key) in linked, by_title=by_title)


def _places(pairing: Pairing) -> Counter[tuple[Side, str]]:
    """How often each item occurs in the result."""
    places: Counter[tuple[Side, str]] = Counter()
    for adopt in pairing.adopted:
        places.update([("left", adopt.left.key), ("right", adopt.right.key)])
    for group in pairing.ambiguous:
        places.update([("left", item.key) for item in group.left] + [("right", item.key) for item in group.right])
    places.update([("left", item.key) for item in pairing.left] + [("right", item.key) for item in pairing.right])
    places.update((each.side, each.item.key) for each in pairing.left_alone)
    return places


def _side(item: Item) -> Side:
    return next(side for side in SIDES if key_of(side, item.url) is not None)


@given(_unlinked, st.booleans())
def test_every_item_has_exactly_one_place(items: Unlinked, by_title: bool) -> None:
    places = _places(paired(items, by_title=by_title))
    assert max(places.values(), default=1) == 1
    for side in SIDES:
        assert all(places[side, key] == 1 for key in items[side])


@given(_unlinked)
def test_exchanging_the_sides_exchanges_the_pairs(items: Unlinked) -> None:
    """By title; a mark names the side of its original and is not the same the other way round."""
    plain: Unlinked = {s: {k: replace(i, origin=None) for k, i in items[s].items()} for s in SIDES}
    there, here = paired(plain), paired({"left": plain["right"], "right": plain["left"]})
    assert {(a.left.key, a.right.key) for a in there.adopted} == {(a.right.key, a.left.key) for a in here.adopted}
    assert (there.left, there.right) == (here.right, here.left)
    assert [(g.left, g.right) for g in there.ambiguous] == [(g.right, g.left) for g in here.ambiguous]


@given(_unlinked)
def test_a_title_that_is_not_unique_on_both_sides_pairs_nobody(items: Unlinked) -> None:
    pairing = paired(items)
    by_mark = {
        (side, a.left.key if side == "left" else a.right.key) for a in pairing.adopted if a.created for side in SIDES
    }
    taken = by_mark | {(each.side, each.item.key) for each in pairing.left_alone}
    titles: dict[Side, Counter[str]] = {
        side: Counter(
            _title(item) for key, item in items[side].items() if not item.archived and (side, key) not in taken
        )
        for side in SIDES
    }
    for adopt in pairing.adopted:
        if not adopt.created:
            assert _title(adopt.left) == _title(adopt.right) != ""
            assert titles["left"][_title(adopt.left)] == titles["right"][_title(adopt.right)] == 1
    for group in pairing.ambiguous:
        assert max(len(group.left), len(group.right)) > 1


def _title(item: Item) -> str:
    return folded_text(item.title).casefold()


@given(_unlinked, st.booleans())
def test_a_copy_of_ours_is_paired_with_its_original_or_with_nobody(items: Unlinked, by_title: bool) -> None:
    pairing = paired(items, by_title=by_title)
    partner = {("left", a.left.key): a.right.key for a in pairing.adopted}
    partner |= {("right", a.right.key): a.left.key for a in pairing.adopted}
    for side in SIDES:
        for key, item in items[side].items():
            source = source_key("web", side, item, key_of)
            if source is not None and (side, key) in partner:
                original = partner[side, key]
                assert original == source or source_key("web", other(side), items[other(side)][original], key_of) == key
    assert not [i for i in (*pairing.left, *pairing.right) if source_key("web", _side(i), i, key_of)], "never copied"


@given(_unlinked)
def test_a_mark_that_a_person_copied_counts_for_nothing(items: Unlinked) -> None:
    copied: Unlinked = {s: {k: replace(i, ours=False) for k, i in items[s].items()} for s in SIDES}
    plain: Unlinked = {s: {k: replace(i, origin=None) for k, i in copied[s].items()} for s in SIDES}
    assert _places(paired(copied)) == _places(paired(plain))
    assert all(each.item.archived for each in paired(copied).left_alone)


@given(_unlinked)
def test_a_mark_that_another_mapping_made_counts_for_nothing(items: Unlinked) -> None:
    def foreign(side: Side, item: Item) -> Item:
        if item.origin is None:
            return item
        key = key_of(other(side), item.origin.url)
        return replace(item, origin=replace(item.origin, marker=marker_for("another mapping", other(side), str(key))))

    marked: Unlinked = {s: {k: foreign(s, i) for k, i in items[s].items()} for s in SIDES}
    plain: Unlinked = {s: {k: replace(i, origin=None) for k, i in items[s].items()} for s in SIDES}
    assert _places(paired(marked)) == _places(paired(plain))
    assert not any(adopt.created for adopt in paired(marked).adopted)


@given(_unlinked, st.data())
def test_the_order_in_which_items_are_met_makes_no_difference(items: Unlinked, order: st.DataObject) -> None:
    other_order: Unlinked = {s: dict(order.draw(st.permutations(list(items[s].items())))) for s in SIDES}
    there, here = paired(items), paired(other_order)
    assert {(a.left.key, a.right.key) for a in there.adopted} == {(a.left.key, a.right.key) for a in here.adopted}
    assert (there.left, there.right) == (here.left, here.right)
    assert _places(there) == _places(here)
