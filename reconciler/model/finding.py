"""Finding: one assumption of the configuration that was tested against the live sides."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """`what` was found, `why` it matters, `fix` the line or step that changes it (both "" when all is well).
    `error` is the class name of the error behind it, for exit codes."""

    level: Level
    subject: str
    what: str
    why: str = ""
    fix: str = ""
    error: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)
