"""Adoption: which unlinked items belong together already, by what they say of each other and by their titles."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass

from rapidfuzz import fuzz, process
from rapidfuzz.utils import default_process

from reconciler.mapping.equality import folded_text
from reconciler.model.item import Item
from reconciler.model.side import SIDES, Side, other

NAMED_BOTH, NAMED, SAME_TITLE, NAMED_AMONG_OTHERS, SHARED_TITLE = 99, 97, 95, 70, 60
"""How sure: each names the other; one names the other; the only two with a title; one of several that are named; one
of several with a title."""

SURE = 95
"""From here on the answer is yes until somebody says no."""

FUZZY_MIN, FUZZY_MAX = 80, 90
LIKE_ONE_MAX = 3
"""So many doubtful partners of one item are shown."""

Named = Mapping[Side, Mapping[str, Set[str]]]
"""By side and key, the keys of the items of the other side that an item names."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Two items that may belong together; `confidence` in percent."""

    left: Item
    right: Item
    confidence: int
    reason: str

    @property
    def sure(self) -> bool:
        return self.confidence >= SURE


def candidates(items: Mapping[Side, Iterable[Item]], named: Named) -> list[Candidate]:
    """The surest first. Nobody is in two sure pairs, and who is in one is in no doubtful one."""
    known: dict[Side, dict[str, Item]] = {side: {item.key: item for item in items[side]} for side in SIDES}
    sure: list[Candidate] = []
    doubtful: list[Candidate] = []
    taken: set[tuple[Side, str]] = set()
    for found in (_named(known, named), _titled(known)):
        for entry in sorted(found, key=_order):
            free = not taken & _ends(entry)
            if entry.sure and free:
                taken |= _ends(entry)
                sure.append(entry)
            elif not entry.sure:
                doubtful.append(entry)
    rest = {side: [item for key, item in known[side].items() if (side, key) not in taken] for side in SIDES}
    doubtful += _fuzzy(rest["left"], rest["right"])
    return sure + list(_few([entry for entry in sorted(doubtful, key=_order) if not taken & _ends(entry)]))


def _ends(entry: Candidate) -> set[tuple[Side, str]]:
    return {("left", entry.left.key), ("right", entry.right.key)}


def _order(entry: Candidate) -> tuple[int, str, str]:
    return -entry.confidence, entry.left.key, entry.right.key


def _named(known: Mapping[Side, Mapping[str, Item]], named: Named) -> Iterator[Candidate]:
    said: dict[tuple[str, str], set[Side]] = defaultdict(set)
    for side in SIDES:
        for key, partners in named[side].items():
            for partner in partners:
                if key in known[side] and partner in known[other(side)]:
                    said[(key, partner) if side == "left" else (partner, key)].add(side)
    often = Counter((side, key) for pair in said for side, key in zip(SIDES, pair, strict=True))
    for (left, right), by in said.items():
        one, two = known["left"][left], known["right"][right]
        if often["left", left] == often["right", right] == 1:
            confidence, how = (NAMED_BOTH, "each names the other") if len(by) == 2 else (NAMED, _who(one, two, by))
        else:
            confidence, how = NAMED_AMONG_OTHERS, f"{_who(one, two, by)}; one of them is in several such pairs"
        yield Candidate(one, two, confidence, how)


def _who(left: Item, right: Item, by: Set[Side]) -> str:
    return f"{left.label} names {right.label}" if "left" in by else f"{right.label} names {left.label}"


def _titled(known: Mapping[Side, Mapping[str, Item]]) -> Iterator[Candidate]:
    by_title: dict[Side, dict[str, list[Item]]] = {side: defaultdict(list) for side in SIDES}
    for side in SIDES:
        for item in known[side].values():
            if item.title.strip():
                by_title[side][_words(item)].append(item)
    for title, ours in by_title["left"].items():
        theirs = by_title["right"].get(title, [])
        alone = len(ours) == len(theirs) == 1
        for one in ours[:LIKE_ONE_MAX]:
            for two in theirs[:LIKE_ONE_MAX]:
                reason = "same title" if alone else f"same title, which {len(ours)} and {len(theirs)} items have"
                yield Candidate(one, two, SAME_TITLE if alone else SHARED_TITLE, reason)


def _words(item: Item) -> str:
    """A title without regard to case and blanks: what people take for the same."""
    return folded_text(item.title).casefold()


def _fuzzy(left: Iterable[Item], right: Iterable[Item]) -> Iterator[Candidate]:
    choices = {item.key: default_process(item.title) for item in right}
    theirs = {item.key: item for item in right}
    for item in left:
        words = default_process(item.title)
        if not words:
            continue
        for title, score, key in process.extract(
            words, choices, scorer=fuzz.token_sort_ratio, score_cutoff=FUZZY_MIN, limit=LIKE_ONE_MAX
        ):
            if title and _words(theirs[key]) != _words(item):
                yield Candidate(item, theirs[key], min(FUZZY_MAX, round(score)), f"titles are {score:.0f} % alike")


def _few(found: Iterable[Candidate]) -> Iterator[Candidate]:
    """Each pair once, and no item in more than a few."""
    seen: Counter[tuple[Side, str]] = Counter()
    pairs = set()
    for entry in found:
        pair = (entry.left.key, entry.right.key)
        if pair not in pairs and all(seen[end] < LIKE_ONE_MAX for end in _ends(entry)):
            pairs.add(pair)
            seen.update(_ends(entry))
            yield entry
