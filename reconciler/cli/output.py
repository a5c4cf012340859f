"""Output: what all commands print with. Colours respect NO_COLOR and are off in pipes."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from reconciler.log import redact
from reconciler.model.field import Kind, Value, kind_of
from reconciler.model.person import Person
from reconciler.model.rich_text import RichText
from reconciler.model.side import Side
from reconciler.richtext import plain

WIDTH_IN_PIPES = 160


class _Pipeable(Console):
    """A console that leaves a reader who has seen enough (`| head`) to `main`, which ends quietly."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


out = _Pipeable(
    highlight=False,
    soft_wrap=True,
    width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else WIDTH_IN_PIPES,
)
err = _Pipeable(stderr=True, highlight=False, soft_wrap=True)

NameOf = Callable[[Side, str], str]
"""What people call the item of a side that has the given key."""

SHOWN = 60
"""Characters of a long value that a table shows."""


def print_json(document: Any) -> None:
    """One JSON document on standard output, whatever else is said elsewhere."""
    print(as_text(document))


def as_text(document: Any) -> str:
    """A document as JSON for people and programs; never a secret, whichever value it stands in."""
    return redact(json.dumps(document, ensure_ascii=False, indent=2, default=str))


def complain(sentence: str) -> None:
    """A problem, in its own words, on standard error; never a secret."""
    err.print(f"[red]{escape(redact(sentence))}[/red]")


def print_lines_of(prints: Callable[[], None], most: int, rest: str) -> None:
    """What `prints` prints, no more than `most` lines of it; `rest` says where the others are."""
    with out.capture() as captured:
        prints()
    lines = captured.get().splitlines()
    for line in lines[:most]:
        out.print(Text.from_ansi(line))
    if len(lines) > most:
        out.print(f"  and {len(lines) - most} lines more; {escape(rest)}")


def shown(value: Value, width: int = SHOWN) -> str:
    """A value as one short line."""
    if isinstance(value, RichText):
        text = " ".join(plain(value).split())
    elif isinstance(value, tuple):
        text = ", ".join(member.name or member.address if isinstance(member, Person) else member for member in value)
    else:
        text = "" if value is None else str(value)
    return f"{text[: width - 1]}…" if len(text) > width else text or "(empty)"


def named(side: Side, field: str, value: Value, name_of: NameOf, width: int = SHOWN) -> str:
    """A field's value as one short line; an item that it names by what people call it."""
    if kind_of(field) in (Kind.ITEM, Kind.ITEMS) and value:
        keys = value if isinstance(value, tuple) else (value,)
        return shown(tuple(name_of(side, str(key)) for key in keys), width)
    return shown(value, width)


def ago(at: datetime | None, now: datetime) -> str:
    if at is None:
        return "never"
    seconds = max(0, int((now - at).total_seconds()))
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit} ago"
    return f"{seconds} s ago"


def table(*columns: str) -> Table:
    made = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        made.add_column(column, justify="left")
    return made
