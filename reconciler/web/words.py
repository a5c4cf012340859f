"""Words: values, instants and lengths of time as a reader of a page wants them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from reconciler.model.field import FIELDS, Kind, Value, label_of
from reconciler.model.person import Person
from reconciler.model.rich_text import RichText
from reconciler.richtext import plain
from reconciler.richtext.word_difference import Piece, word_difference

LONG = 80
"""Characters from which on two texts are compared word by word instead of being shown beside each other."""

SHORTENED = 160


def relative(at: datetime, now: datetime) -> str:
    """Such as "14 s ago" or "in 3 min"; the script of the pages says the same."""
    seconds = round((at - now).total_seconds())
    size, unit = next(((s, u) for s, u in ((86_400, "d"), (3_600, "h"), (60, "min")) if abs(seconds) >= s), (1, "s"))
    amount = f"{abs(seconds) // size} {unit}"
    return "now" if seconds == 0 else f"in {amount}" if seconds > 0 else f"{amount} ago"


def when(at: datetime | None, now: datetime) -> Markup:
    """An instant, relative to now, with the exact one for whoever wants it."""
    if at is None:
        return Markup('<span class="none">never</span>')
    exact = f"{at:%Y-%m-%d %H:%M:%S} UTC"
    return Markup('<time datetime="{}" title="{}">{}</time>').format(at.isoformat(), exact, relative(at, now))


def lasting(seconds: float) -> str:
    """A length of time, such as "30 s" or "24 h"."""
    for size, unit in ((3_600, "h"), (60, "min")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def percent(share: float) -> str:
    """Never "100 %" for what is not quite all."""
    return "100" if share == 1 else f"{min(share * 100, 99.9):.1f}"


def words_of(value: Value, field: str = "", name_of: Callable[[str], str] = str) -> str:
    """The whole value of a field as text; "" where it is empty. `name_of` tells what people call an item of that side
    by its key."""
    names_items = FIELDS.get(field) in (Kind.ITEM, Kind.ITEMS)
    match value:
        case None:
            return ""
        case RichText():
            return plain(value)
        case tuple():
            name = name_of if names_items else str
            return ", ".join(m.name or m.address if isinstance(m, Person) else name(m) for m in value)
        case float() if value.is_integer():
            return str(int(value))
        case str() if names_items:
            return name_of(value)
        case _:
            return str(value)


def sentence(text: str) -> str:
    """With a capital at its beginning."""
    return text[:1].upper() + text[1:]


def name_of_field(name: str) -> str:
    """What a page calls a field."""
    return name.replace("_", " ") if name in FIELDS else label_of(name)


def short(text: str) -> str:
    """A text as one line that is not too long."""
    line = " ".join(text.split())
    return line if len(line) <= SHORTENED else f"{line[: SHORTENED - 1]}…"


@dataclass(frozen=True, slots=True)
class Contrast:
    """Two values, and where they are long texts, the lines that differ in pieces: "-" stands only in the first, "+"
    only in the second."""

    left: str
    right: str
    lines: list[list[Piece]]


def contrast(one: str, two: str) -> Contrast:
    long = max(len(one), len(two)) > LONG or "\n" in one + two
    return Contrast(one, two, word_difference(one, two) if long and one and two else [])
