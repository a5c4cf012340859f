"""Generations: how often the copy of an item was deliberately made again, after both had been deleted.

The mark of a copy holds its generation (`origin.marker_for`), so that a later one is never taken for the one before it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from reconciler.model.side import Side
from reconciler.pairing import GENERATIONS
from reconciler.store import Store

Generations = dict[tuple[Side, str], int]
"""By side and key of the original; what is missing is at generation 0."""


def known_generations(store: Store, mapping: str) -> Generations:
    rows = json.loads(store.meta(f"generations:{mapping}") or "[]")
    return {(side, key): generation for side, key, generation in rows}


def keep_generations(store: Store, mapping: str, generations: Generations) -> None:
    rows = [[side, key, generation] for (side, key), generation in sorted(generations.items())]
    store.set_meta(f"generations:{mapping}", json.dumps(rows))


def raised(generations: Generations, remade: Iterable[tuple[Side, str]]) -> Generations:
    """With the next generation for each of `remade`, up to the last one that a mark can be read of."""
    more = {place: min(generations.get(place, 0) + 1, GENERATIONS - 1) for place in remade}
    return {**generations, **more}
