"""Dates: what ClickUp keeps of an instant that is meant as a calendar day (FACTS clickup 5.6)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

DAY_STARTS_AT_HOUR = 4
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def day_only(instant_ms: int, timezone: str) -> int:
    """04:00 local of the day on which `instant_ms` falls in `timezone`. Applying it twice changes nothing."""
    local = (_EPOCH + timedelta(milliseconds=instant_ms)).astimezone(ZoneInfo(timezone))
    return to_ms(local.replace(hour=DAY_STARTS_AT_HOUR, minute=0, second=0, microsecond=0, fold=0))


def to_ms(instant: datetime) -> int:
    """Whole milliseconds since 1970 UTC of an aware datetime, rounded down."""
    return (instant - _EPOCH) // timedelta(milliseconds=1)
