"""Report: what a mapping did, in counts; what `sync --json`, the summary line and the progress bar show."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class MappingReport:
    """Grows while cycles run. Counters are keyed by tracker name. `problem` is one sentence for the operator when the
    mapping could not finish, `problem_kind` the name of the error class behind it, `retry_after_s` for how long the
    tracker that caused it is left alone, where that is known."""

    name: str
    cycles: int = 0
    creates: Counter[str] = field(default_factory=Counter)
    updates: Counter[str] = field(default_factory=Counter)
    deletes: Counter[str] = field(default_factory=Counter)
    comments: Counter[str] = field(default_factory=Counter)
    attachments: Counter[str] = field(default_factory=Counter)
    requests: Counter[str] = field(default_factory=Counter)
    conflicts: int = 0
    pending: int = 0
    quarantined: int = 0
    paired: int = 0
    in_doubt: int = 0
    notes: list[str] = field(default_factory=list)
    problem: str | None = None
    problem_kind: str | None = None
    retry_after_s: float | None = None

    @property
    def writes(self) -> int:
        """Requests that changed something, as far as the mapping knows."""
        return sum(sum(c.values()) for c in (self.creates, self.updates, self.deletes, self.comments, self.attachments))

    def absorb(self, later: MappingReport) -> None:
        """Adds what a later cycle did; states (pending, conflicts, problem) are the later ones."""
        self.cycles += later.cycles
        self.paired += later.paired
        for name in ("creates", "updates", "deletes", "comments", "attachments", "requests"):
            getattr(self, name).update(getattr(later, name))
        for name in ("conflicts", "pending", "quarantined", "in_doubt", "problem", "problem_kind", "retry_after_s"):
            setattr(self, name, getattr(later, name))
        self.notes = list(dict.fromkeys([*self.notes, *later.notes]))

    def as_json(self) -> dict[str, Any]:
        """Stable keys, counts split by tracker name."""
        return {
            "name": self.name,
            "cycles": self.cycles,
            "creates": dict(self.creates),
            "updates": dict(self.updates),
            "deletes": dict(self.deletes),
            "comments": dict(self.comments),
            "attachments": dict(self.attachments),
            "conflicts": self.conflicts,
            "pending": self.pending,
            "quarantined": self.quarantined,
            "requests": dict(self.requests),
            "paired": self.paired,
            "in_doubt": self.in_doubt,
            "notes": list(self.notes),
            "problem": self.problem,
        }
