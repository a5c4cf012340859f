"""Run: one use of a command that synchronises, or one cycle of the daemon that did something."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Run:
    """`summary` is the JSON that the command reported; empty while it goes on, and for ever where it was killed."""

    id: int
    command: str
    started_at: datetime
    finished_at: datetime | None = None
    summary: Mapping[str, Any] = field(default_factory=dict)
