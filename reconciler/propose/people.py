"""People: who is who on the other side, by e-mail address, else by name."""

from __future__ import annotations

from collections.abc import Sequence

from reconciler.model.person import Person
from reconciler.propose.likeness import DOUBTFUL, SURE, alike
from reconciler.propose.proposal import Suggestion

_SAME_NAME = 90
"""Two people may share a name; two accounts of one organisation seldom do."""

_WORTH_SHOWING = 75
_CLEARLY = 5
"""By how much the best candidate must be ahead of the next to be taken without asking."""


def people(left: Sequence[Person], right: Sequence[Person]) -> tuple[tuple[Suggestion, ...], int]:
    """Pairs whose addresses differ, nobody in two of them; and how many have the same address on both sides. Only
    people with an address can be paired."""
    theirs = {person.address: person for person in right if person.address}
    ours = {person.address: person for person in left if person.address}
    same = ours.keys() & theirs.keys()
    candidates = sorted(
        (
            (_likeness(one, other), one.address, other.address)
            for one in ours.values()
            for other in theirs.values()
            if one.address not in same and other.address not in same
        ),
        key=lambda entry: (-entry[0], entry[1:]),
    )
    taken: set[tuple[str, str]] = set()
    found = []
    for likeness, address, partner in candidates:
        if likeness < _WORTH_SHOWING or ("left", address) in taken or ("right", partner) in taken:
            continue
        taken |= {("left", address), ("right", partner)}
        rivals = [
            score
            for score, one, other in candidates
            if (one == address) != (other == partner) and score > likeness - _CLEARLY
        ]
        confidence = min(likeness, SURE - 10) if rivals else likeness
        name = f"{ours[address].name} and {theirs[partner].name}"
        found.append(
            Suggestion(address, (partner,), confidence, f"by name: {name}" + "; others are as like" * bool(rivals))
        )
    return tuple(sorted(found, key=lambda entry: entry.left)), len(same)


def _likeness(one: Person, other: Person) -> int:
    """By the names that people see; what stands before the @ of both addresses counts a little less."""
    by_name = alike(one.name, other.name) if one.name and other.name else 0
    before = alike(*(person.address.split("@")[0] for person in (one, other)))
    score = max(_SAME_NAME if by_name == 100 else min(by_name, SURE - 1), _SAME_NAME - 5 if before == 100 else 0)
    return score if score >= DOUBTFUL else 0
