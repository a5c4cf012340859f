"""Texts: values of every kind as words, and back, for fields that hold different kinds on the two sides."""

from __future__ import annotations

import math
from datetime import date

from reconciler.model.field import Kind, Value
from reconciler.model.person import Person
from reconciler.model.rich_text import RichText
from reconciler.richtext import plain


def as_text(value: Value) -> str | None:
    """What a person would type; None for what is empty."""
    match value:
        case RichText():
            text = plain(value)
        case float() | int():
            text = str(int(value)) if float(value).is_integer() else repr(value)
        case date():
            text = value.isoformat()
        case tuple():
            text = "; ".join(entry.name if isinstance(entry, Person) else entry for entry in value)
        case _:
            text = value or ""
    return text if text.strip() else None


def shaped(value: Value, kind: Kind) -> Value:
    """A value as one of `kind`: anything as TEXT or CHOICE, a text as TAGS."""
    if kind in (Kind.TEXT, Kind.CHOICE):
        return as_text(value)
    if kind is Kind.TAGS and not isinstance(value, tuple):
        return tuple(filter(None, (part.strip() for part in (as_text(value) or "").split(";"))))
    return value


def from_text(value: Value, kind: Kind) -> Value:
    """The reverse of `shaped`: words as a value of `kind`, other values as they are. Raises ValueError, a sentence."""
    if kind is Kind.TEXT:
        return as_text(value)
    if not isinstance(value, str):
        return value
    try:
        if kind is Kind.NUMBER:
            return _finite(float(value))
        if kind is Kind.DATE:
            return date.fromisoformat(value.strip())
    except ValueError:
        what = "number" if kind is Kind.NUMBER else "date such as 2026-03-31"
        raise ValueError(f'"{value}" is no {what}') from None
    return value


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise ValueError(number)
    return number
