"""Feed: the commands about the change feed, and how a person reads it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import typer
from rich.markup import escape

from reconciler.cli.invocation import AsJson, Settings, load, reading, writing
from reconciler.cli.output import ago, out, print_json, table
from reconciler.errors import ConfigError
from reconciler.log import redact
from reconciler.model.change import Backlog, Change, Plain

SHOWN = 60


def feed(context: typer.Context, as_json: AsJson = False) -> None:
    """Show what of the change feed is still to be delivered, and what its receiver refused.

    Example: reconciler feed
    """
    if context.invoked_subcommand:
        return
    with reading(load()) as store:
        backlog, dead = store.feed.backlog(), store.feed.dead()
    if as_json:
        letters = [{**change.as_json(), "why": change.note, "attempts": change.attempts} for change in dead]
        print_json({**backlog.as_json(), "dead_letters": letters})
        return
    print_backlog(backlog, Settings.clock.now())
    if dead:
        rows = table("id", "mapping", "item", "what", "attempts", "why")
        for c in dead:
            rows.add_row(
                str(c.id), escape(c.mapping), escape(c.label), _what(c), str(c.attempts), escape(redact(c.note))
            )
        out.print(rows)
    elif not backlog.waiting:
        out.print("nothing is waiting")


def retry(
    ids: Annotated[list[int] | None, typer.Argument(metavar="ID", help="As `feed` shows them; all by default.")] = None,
) -> None:
    """Have what the feed's receiver refused delivered again, before everything else that waits.

    Example: reconciler feed retry
    """
    config = load()
    with writing(config) as store:
        if not store.feed.is_on:
            raise ConfigError(["the feed is not delivered anywhere; set [feed] url, and let sync or run see it"])
        count = store.feed.retry(ids or ())
    if not count:
        raise ConfigError(["there is no such dead letter; `reconciler feed` lists them"])
    out.print(f"{count} changes are delivered again")


def print_backlog(backlog: Backlog, now: datetime) -> None:
    if backlog.waiting:
        why = f"; {escape(redact(backlog.note))}" if backlog.note else ""
        out.print(
            f"[yellow]feed[/yellow] {backlog.waiting} changes wait, the oldest since {ago(backlog.oldest, now)}{why}"
        )
    if backlog.dead:
        out.print(f"[yellow]feed[/yellow] {backlog.dead} changes were refused; `reconciler feed` lists them")


def print_changes(changes: Sequence[Change]) -> None:
    """Given newest first, shown newest last."""
    if not changes:
        out.print("nobody has changed anything yet")
    for c in reversed(changes):
        by = f" [dim]by[/dim] {escape(c.actor)}" if c.actor else ""
        out.print(f"[dim]{c.seen_at:%Y-%m-%d %H:%M:%S}[/dim] {escape(c.mapping)} {escape(c.label)} {_what(c)}{by}")


def _what(change: Change) -> str:
    values = (
        f"{_short(change.before)} → {_short(change.after)}" if change.field else _short(change.after or change.before)
    )
    return f"[bold]{change.kind}[/bold]{f' {escape(change.field)}' if change.field else ''} {values}"


def _short(value: Plain) -> str:
    text = ", ".join(value) if isinstance(value, tuple) else "" if value is None else str(value)
    line = " ".join(redact(text).split()) or "-"
    return escape(line if len(line) <= SHOWN else line[: SHOWN - 1] + "…")
