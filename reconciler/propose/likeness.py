"""Likeness: how much two names look as if they meant the same, in percent. Symmetric; only equal names are at 100."""

from __future__ import annotations

from rapidfuzz import fuzz
from rapidfuzz.utils import default_process

SURE, DOUBTFUL = 80, 50
"""From SURE on a proposal is written as it is, from DOUBTFUL on as a comment; below it is none."""

_PART_OF = 0.9
"""What it counts that all words of one name are among those of the other ("Web", "Web shop")."""


def alike(one: str, two: str) -> int:
    """0 to 100. Case, punctuation and the order of words count for nothing."""
    if one.strip().casefold() == two.strip().casefold():
        return 100
    left, right = default_process(one), default_process(two)
    if not left or not right:
        return 0
    scores = (fuzz.ratio(left, right), fuzz.token_sort_ratio(left, right), _PART_OF * fuzz.token_set_ratio(left, right))
    return min(99, round(max(scores)))
