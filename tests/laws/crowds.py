"""Crowds: all that one cycle of a mapping may see at once - linked pairs, edited or not, and items without partners."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from hypothesis import strategies as st

from reconciler.mapping.correspondence import Correspondence
from reconciler.model.item import Item
from reconciler.model.link import Link
from reconciler.model.origin import Origin, marker_for
from reconciler.model.policy import OnDelete
from reconciler.model.side import SIDES, Side, other
from reconciler.model.snapshot import Snapshot
from reconciler.planner import Facts
from tests.laws import strategies as some
from tests.laws.strategies import NOON, Dice

TITLES = ("alpha", "Alpha", " alpha ", "beta", "Beta", "gamma", "")


@dataclass(frozen=True)
class Crowd:
    corr: Correspondence
    facts: Facts


def key_of(side: Side, url: str) -> str | None:
    prefix = f"https://{side}.example.com/"
    return url.removeprefix(prefix) if url.startswith(prefix) else None


def address(side: Side, key: str) -> str:
    return f"https://{side}.example.com/{key}"


def loner(dice: Dice, corr: Correspondence, side: Side, number: int, originals: list[str]) -> Item:
    """An item without a partner: a person's own, our copy of one of `originals`, or a person's copy of such a copy."""
    fields = {name: some.value(dice, corr, side, name) for name in some.FIELDS}
    fields["title"] = dice.pick(TITLES)
    at = NOON + timedelta(minutes=dice.upto(3))
    item = replace(
        some.item(side, fields, key=f"{side[0]}n{number}"), created_at=at, archived=dice.seldom() and dice.seldom()
    )
    if not originals or not dice.seldom():
        return item
    source = dice.pick(originals)
    marker = marker_for(corr.policy.name if dice.often() else "another mapping", other(side), source)
    return replace(item, ours=dice.often(), origin=Origin(address(other(side), source), "O", marker))


def loners(dice: Dice, corr: Correspondence, linked: int = 0) -> dict[Side, dict[str, Item]]:
    keys: dict[Side, list[str]] = {
        side: [f"{side[0]}{n}" for n in range(linked)] + [f"{side[0]}n{n}" for n in range(3)] + ["gone"]
        for side in SIDES
    }
    return {
        side: {item.key: item for item in (loner(dice, corr, side, n, keys[other(side)]) for n in range(dice.upto(4)))}
        for side in SIDES
    }


def crowd(dice: Dice) -> Crowd:
    corr = some.correspondence(dice)
    policy = replace(corr.policy, on_delete=dice.pick(list(OnDelete)), match_by_title=dice.often())
    corr = some.rebuilt(corr, policy)
    count = dice.upto(3)
    links: list[Link] = []
    items = loners(dice, corr, count)
    deleted: list[tuple[Link, Side]] = []
    for number in range(count):
        base = some.agreed(dice, corr, number)
        link = Link(number + 1, policy.name, Snapshot(base["left"]), Snapshot(base["right"]), NOON)
        links.append(link)
        gone: Side | None = dice.pick(SIDES) if dice.seldom() else None
        for side in SIDES:
            if side == gone:
                deleted.append((link, side))
            elif dice.often():
                items[side][link.key(side)] = some.perturbed(dice, corr, side, base[side])
    return Crowd(
        corr,
        Facts(
            items=items,
            links=tuple(links),
            linked_keys={side: frozenset(link.key(side) for link in links) for side in SIDES},
            linked_count=count,
            first=not dice.often(),
            untouchable={side: frozenset(dice.some([*items[side], "none"], 1)) for side in SIDES},
            waiting={side: frozenset(dice.some([*items[side], "none"], 1)) for side in SIDES},
            deleted=tuple(deleted),
        ),
    )


def crowds() -> st.SearchStrategy[Crowd]:
    return some.thrown(crowd, bytes_needed=700)


def shuffled(facts: Facts, order: st.DataObject) -> Facts:
    """The same facts, told in another order."""
    return replace(
        facts,
        items={side: _shuffled(facts.items[side], order) for side in SIDES},
        links=tuple(order.draw(st.permutations(facts.links))),
        deleted=tuple(order.draw(st.permutations(facts.deleted))),
    )


def _shuffled(items: Mapping[str, Item], order: st.DataObject) -> dict[str, Item]:
    return dict(order.draw(st.permutations(list(items.items()))))
