"""Laws of finding pairs that were made before: nobody is in two sure ones, and nothing depends on the order."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.item import Item
from reconciler.model.side import SIDES, Side, other
from reconciler.propose.adoption import LIKE_ONE_MAX, NAMED, NAMED_BOTH, SAME_TITLE, Candidate, Named, candidates

TITLES = st.sampled_from(["Log in", "log in ", "Log in again", "Sign up", "Sign-up", "", "Payment fails on iOS"])


def item(side: Side, number: int, title: str) -> Item:
    return Item(f"{side[0]}{number}", "1", datetime(2026, 3, 2, tzinfo=UTC), "", f"{side[0]}{number}", {"title": title})


World = tuple[dict[Side, list[Item]], Named]


@st.composite
def worlds(draw: st.DrawFn) -> World:
    items: dict[Side, list[Item]] = {
        side: [item(side, n, title) for n, title in enumerate(draw(st.lists(TITLES, max_size=5)))] for side in SIDES
    }
    named: dict[Side, dict[str, set[str]]] = {side: {} for side in SIDES}
    for side in SIDES:
        keys = [one.key for one in items[other(side)]]
        for one in items[side]:
            named[side][one.key] = set(draw(st.lists(st.sampled_from(keys), max_size=2))) if keys else set()
    return items, named


def facts(found: list[Candidate]) -> list[tuple[str, str, int]]:
    return [(entry.left.key, entry.right.key, entry.confidence) for entry in found]


@given(worlds())
def test_nobody_is_in_two_sure_pairs_nor_in_a_sure_and_a_doubtful_one(
    world: World,
) -> None:
    found = candidates(*world)
    for side in SIDES:
        ends = [getattr(entry, side).key for entry in found]
        sure = [getattr(entry, side).key for entry in found if entry.sure]
        assert all(ends.count(key) == 1 for key in sure)
        assert all(ends.count(key) <= LIKE_ONE_MAX for key in ends)
    assert len({entry[:2] for entry in facts(found)}) == len(found)


@given(worlds(), st.randoms())
def test_the_order_of_items_does_not_matter(world: World, random: object) -> None:
    items, named = world
    shuffled = {side: sorted(items[side], key=lambda one: random.random()) for side in SIDES}  # type: ignore[attr-defined]
    sure = [[entry for entry in candidates(each, named) if entry.sure] for each in (items, shuffled)]
    assert sorted(facts(sure[0])) == sorted(facts(sure[1]))


@given(worlds())
def test_a_sure_pair_has_a_reason_that_holds(world: World) -> None:
    items, named = world
    for entry in candidates(items, named):
        names = entry.right.key in named["left"][entry.left.key], entry.left.key in named["right"][entry.right.key]
        if entry.confidence == NAMED_BOTH:
            assert all(names)
        elif entry.confidence == NAMED:
            assert any(names)
        elif entry.confidence == SAME_TITLE:
            same = entry.left.title.strip().casefold()
            assert same == entry.right.title.strip().casefold() != ""
            for side in SIDES:
                assert [one.title.strip().casefold() for one in items[side]].count(same) == 1
        else:
            assert not entry.sure
