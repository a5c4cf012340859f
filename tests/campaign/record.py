"""Record: what a campaign has done so far, kept in an ignored folder so that it can be interrupted and taken up again.

`data/campaign/RING.json` holds the numbers of the finished cases as ranges, the totals, and the broken promises. It
belongs to one state of the code: with another one the campaign begins anew.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.campaign.ring import Outcome

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "data" / "campaign"


@dataclass(slots=True)
class Record:
    code: str
    done: set[int] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)
    fired: Counter[str] = field(default_factory=Counter)
    broken: dict[int, list[str]] = field(default_factory=dict)

    @classmethod
    def load(cls, ring: str) -> Record:
        """The record of this state of the code; an empty one where there is none."""
        code, path = _digest_of_code(), FOLDER / f"{ring}.json"
        kept = json.loads(path.read_text()) if path.exists() else {}
        if kept.get("code") != code:
            return cls(code)
        return cls(
            code,
            {number for first, last in kept["done"] for number in range(first, last + 1)},
            Counter(kept["counts"]),
            Counter(kept["fired"]),
            {int(number): sentences for number, sentences in kept["broken"].items()},
        )

    def add(self, case: int, outcome: Outcome) -> None:
        self.done.add(case)
        self.counts += outcome.counts
        self.fired += outcome.fired
        if outcome.broken:
            self.broken[case] = outcome.broken

    def save(self, ring: str) -> None:
        FOLDER.mkdir(parents=True, exist_ok=True)
        path = FOLDER / f"{ring}.json"
        content = {
            "code": self.code,
            "done": list(_ranges(self.done)),
            "counts": self.counts,
            "fired": self.fired,
            "broken": self.broken,
        }
        unfinished = path.with_suffix(".unfinished")
        unfinished.write_text(json.dumps(content, indent=1))
        unfinished.replace(path)


def _ranges(numbers: set[int]) -> Iterator[tuple[int, int]]:
    first = last = None
    for number in sorted(numbers):
        if last is not None and number == last + 1:
            last = number
            continue
        if first is not None and last is not None:
            yield first, last
        first = last = number
    if first is not None and last is not None:
        yield first, last


def _digest_of_code() -> str:
    digest = hashlib.blake2b(digest_size=12)
    for folder in ("reconciler", "tests"):
        for path in sorted(p for kind in ("*.py", "*.toml") for p in (ROOT / folder).rglob(kind)):
            digest.update(str(path.relative_to(ROOT)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()
