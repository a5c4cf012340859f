"""Instants, days and numbers: ClickUp's milliseconds as aware datetimes and as calendar days, and back. Pure."""

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


def noon_ms(day: date, zone: tzinfo) -> int:
    """What to write so that ClickUp keeps that day for a user in `zone`: noon UTC, which is right from UTC-11 to
    UTC+11 whatever we believe of the zone (FACTS clickup 5.6), and beyond that noon of the zone."""
    noon = datetime.combine(day, time(12), UTC)
    return to_ms(noon if noon.astimezone(zone).date() == day else datetime.combine(day, time(12), zone))


def number(value: object) -> float | None:
    """A number, or one as text; None for anything else (FACTS clickup 5.3, 9.4)."""
    try:
        return None if value is None else float(str(value))
    except ValueError:
        return None
