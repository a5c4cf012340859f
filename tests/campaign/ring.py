"""Ring: a numbered set of cases, each run alone and judged; what a campaign is made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(slots=True)
class Outcome:
    """What one case showed. `counts` are amounts of work ("cycles", "requests"), `fired` tells how often each named
    thing happened, `broken` are the promises that did not hold, as sentences; `history` tells the case in words."""

    counts: Counter[str] = field(default_factory=Counter)
    fired: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    history: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Ring:
    """`size` is how many cases there are, None where they never end (seeds). `run` carries one out in an empty folder
    of its own and must depend on nothing but the number; it is called in worker processes, so it is a function of a
    module. `name_of` says a case in words. `expected` are the names that a complete campaign has to see in `fired`,
    `elsewhere` sentences about what it does not cover. A case tries `batch` examples, where a ring is measured so."""

    name: str
    about: str
    size: int | None
    run: Callable[[int, Path], Outcome]
    name_of: Callable[[int], str] = str
    expected: Sequence[str] = ()
    elsewhere: Sequence[str] = ()
    batch: int | None = None
