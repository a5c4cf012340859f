"""Pairing: which unlinked items belong together - by the marker a copy carries, else by title. Pure, never guesses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from reconciler.mapping.equality import folded_text
from reconciler.model.item import Item
from reconciler.model.origin import marker_for
from reconciler.model.pending import TWIN
from reconciler.model.plan import ARCHIVED, Adopt, Ambiguous, LeftAlone
from reconciler.model.side import SIDES, Side, other

GENERATIONS = 3
"""How many deliberate re-creations of one object a marker is tried for."""

KeyOf = Callable[[Side, str], str | None]
"""The key of the item of a side whose page has the given address; None if it is no address of that side."""


@dataclass(frozen=True, slots=True)
class Pairing:
    """`adopted` pairs and what remains on each side; `left_alone` are second copies, copies whose original is not
    there, and archived items, which are paired by their mark only, and never remain."""

    adopted: tuple[Adopt, ...]
    left: tuple[Item, ...]
    right: tuple[Item, ...]
    ambiguous: tuple[Ambiguous, ...]
    left_alone: tuple[LeftAlone, ...] = ()


def source_key(mapping: str, side: Side, item: Item, key_of: KeyOf) -> str | None:
    """The key of the original that `item` of `side` is a copy of, if it carries a marker that only this mapping makes.

    A marker counts only on items that we created: people copy items together with our footers and links.
    """
    source = _source(mapping, side, item, key_of)
    return source[0] if source else None


def _source(mapping: str, side: Side, item: Item, key_of: KeyOf) -> tuple[str, int] | None:
    """The key of the original, and the generation of the copy."""
    if not item.ours or item.origin is None:
        return None
    key = key_of(other(side), item.origin.url)
    if key is None:
        return None
    markers = [marker_for(mapping, other(side), key, generation) for generation in range(GENERATIONS)]
    return (key, markers.index(item.origin.marker)) if item.origin.marker in markers else None


def _copies(mapping: str, side: Side, items: Mapping[str, Item], key_of: KeyOf) -> list[tuple[str, Item]]:
    """The copies among `items`, each with the key of its original. Of several copies of one original, the one to keep
    comes first: one that was not put away, made last on purpose, or else the oldest."""
    found = [(source, item) for item in items.values() if (source := _source(mapping, side, item, key_of))]
    found.sort(key=lambda copy: (copy[1].archived, -copy[0][1], _age(copy[1])))
    return [(key, item) for (key, _), item in found]


def pair(
    mapping: str,
    unlinked: Mapping[Side, Mapping[str, Item]],
    *,
    key_of: KeyOf,
    is_linked: Callable[[Side, str], bool],
    by_title: bool,
) -> Pairing:
    """Pairs the unlinked items of both sides. What remains comes oldest first; the result is deterministic."""
    rest = {side: dict(unlinked[side]) for side in unlinked}
    adopted: list[Adopt] = []
    alone: list[LeftAlone] = []
    for side in SIDES:
        taken: set[str] = set()
        for source, item in _copies(mapping, side, unlinked[side], key_of):
            if rest[side].pop(item.key, None) is None:
                continue
            original = rest[other(side)].pop(source, None)
            if original is not None:
                left, right = (item, original) if side == "left" else (original, item)
                adopted.append(Adopt(left, right, "one carries our mark of the other", created=True))
                taken.add(source)
            elif source in taken or is_linked(other(side), source):
                alone.append(LeftAlone(side, item, TWIN))
            else:
                alone.append(LeftAlone(side, item, "a copy of an item that cannot be seen"))
    alone += [LeftAlone(s, item, ARCHIVED) for s in SIDES for _, item in sorted(rest[s].items()) if item.archived]
    rest = {side: {key: item for key, item in items.items() if not item.archived} for side, items in rest.items()}
    ambiguous: list[Ambiguous] = []
    if by_title:
        matched, ambiguous = _by_title(rest["left"].values(), rest["right"].values())
        for match in matched:
            del rest["left"][match.left.key], rest["right"][match.right.key]
        adopted.extend(matched)
        for group in ambiguous:
            for item in group.left:
                del rest["left"][item.key]
            for item in group.right:
                del rest["right"][item.key]
    return Pairing(
        tuple(adopted),
        tuple(sorted(rest["left"].values(), key=_age)),
        tuple(sorted(rest["right"].values(), key=_age)),
        tuple(ambiguous),
        tuple(alone),
    )


def _age(item: Item) -> tuple[datetime, str]:
    """Copies are made in the order in which the originals were."""
    return (item.created_at or item.changed_at, item.key)


def _by_title(left: Iterable[Item], right: Iterable[Item]) -> tuple[list[Adopt], list[Ambiguous]]:
    """Equal titles (blanks and case aside) that are unique on both sides make a pair; others with a partner are
    ambiguous; titles that only one side has are neither."""
    groups: dict[str, tuple[list[Item], list[Item]]] = defaultdict(lambda: ([], []))
    for index, items in enumerate((left, right)):
        for item in items:
            groups[folded_text(item.title).casefold()][index].append(item)
    adopted, ambiguous = [], []
    for title, (lefts, rights) in sorted(groups.items()):
        if not title or not lefts or not rights:
            continue
        if len(lefts) == len(rights) == 1:
            adopted.append(Adopt(lefts[0], rights[0], "both have the same title"))
        else:
            ambiguous.append(Ambiguous(lefts[0].title, tuple(lefts), tuple(rights)))
    return adopted, ambiguous
