"""Alert: something that a person is told without having asked, and what is remembered of having told it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class AlertKind(StrEnum):
    """What an alert is about; config.toml's `alerts.on` names them."""

    FAILURE = "failure"
    RECOVERY = "recovery"
    CONFLICT = "conflict"
    GUARD = "guard"
    QUARANTINE = "quarantine"
    DOUBT = "doubt"
    LAG = "lag"
    DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class Standing:
    """How one mapping stands, as far as alerts go. `conflicts` and `quarantined` are sentences by what tells one from
    another; `guard` and `problem` are sentences, of which there is at most one; `doubt_since` and `polled_at` are None
    where nothing is in doubt, or nothing was ever polled. `done` counts events by kind since the last digest, `waiting`
    the items that wait for time alone."""

    mapping: str
    problem: str | None = None
    guard: str | None = None
    conflicts: Mapping[str, str] = field(default_factory=dict)
    quarantined: Mapping[str, str] = field(default_factory=dict)
    doubt_since: datetime | None = None
    polled_at: datetime | None = None
    done: Mapping[str, int] = field(default_factory=dict)
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Rules:
    """Which alerts there are, and when. `digest_at` is the time of day in `zone` of the daily digest, None for none."""

    on: frozenset[AlertKind]
    lag_over: timedelta
    doubt_over: timedelta
    repeat_every: timedelta
    digest_at: time | None
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Told:
    """When a topic was last told, and which of its subjects."""

    at: datetime
    subjects: frozenset[str] = frozenset()


Memory = Mapping[str, Told]
"""What one channel was told, by topic."""


@dataclass(frozen=True, slots=True)
class Alert:
    """`topic` is what it is about, as `Memory` has it; `subjects` tell its entries from those of the next one."""

    topic: str
    kind: AlertKind
    title: str
    lines: tuple[str, ...]
    subjects: frozenset[str] = frozenset()

    @property
    def body(self) -> str:
        return "\n".join(self.lines)
