"""Table: what all tables of the file have in common, and the kinds of values that stand in several of them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

_DURATION = re.compile(r"^(\d+)\s*(s|m|h|d)$")
_SIZE = re.compile(r"^(\d{1,12})\s*(k|M|G)B$", re.IGNORECASE)
_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_UNITS_BYTES = {"K": 10**3, "M": 10**6, "G": 10**9}


def _duration(value: object) -> object:
    found = _DURATION.match(value) if isinstance(value, str) else None
    if not found:
        raise ValueError('must be a duration such as "30s", "5m" or "24h"')
    try:
        return timedelta(seconds=int(found[1]) * _UNITS_S[found[2]])
    except OverflowError:
        raise ValueError("is longer than anything lasts; use a shorter duration") from None


Duration = Annotated[timedelta, BeforeValidator(_duration, json_schema_input_type=str)]


def _size(value: object) -> object:
    found = _SIZE.match(value) if isinstance(value, str) else None
    if not found:
        raise ValueError('must be a size such as "500kB", "60MB" or "1GB"')
    return int(found[1]) * _UNITS_BYTES[found[2].upper()]


Size = Annotated[int, BeforeValidator(_size, json_schema_input_type=str)]
"""In bytes."""


def _some(names: tuple[str, ...]) -> tuple[str, ...]:
    if not names:
        raise ValueError("needs at least one status on the right")
    return names


Names = Annotated[
    tuple[str, ...],
    BeforeValidator(
        lambda value: (value,) if isinstance(value, str) else value, json_schema_input_type=str | tuple[str, ...]
    ),
    AfterValidator(_some),
]
"""One name or several, of which the first is written."""


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f'"{name}" is not a time zone; use a name such as "Europe/Berlin" or "UTC"') from None
    return name


Zone = Annotated[str, AfterValidator(_zone)]
"""The name of a time zone."""


class Table(BaseModel):
    """A table of the file; unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True)
