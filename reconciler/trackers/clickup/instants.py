"""Instants and days: ClickUp's milliseconds as aware datetimes and as calendar days, and back. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant(value: object) -> datetime | None:
    """Milliseconds as text or number (FACTS clickup 4.7); None for anything else."""
    try:
        return _EPOCH + timedelta(milliseconds=int(str(value)))
    except (ValueError, OverflowError):
        return None


def to_ms(moment: datetime) -> int:
    """Whole milliseconds since 1970 UTC of an aware datetime, rounded down."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def day_of(value: object, zone: tzinfo) -> date | None:
    """The calendar day that ClickUp means: the one in the token user's time zone (FACTS clickup 5.6)."""
    moment = instant(value)
    return moment.astimezone(zone).date() if moment else None


def noon_ms(day: date) -> int:
    """What to write so that ClickUp keeps that day, from UTC-11 to UTC+11 (FACTS clickup 5.6)."""
    return to_ms(datetime.combine(day, time(12), UTC))
