"""History: what was done, as a person reads it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.markup import escape

from reconciler.cli.output import out
from reconciler.log import redact
from reconciler.model.event import Event


def print_events(events: Sequence[Event]) -> None:
    if not events:
        out.print("nothing has been done yet")
        return
    for event in reversed(events):
        run = f" run {event.run}" if event.run else ""
        out.print(
            f"[dim]{event.at:%Y-%m-%d %H:%M:%S} UTC{run}[/dim] {escape(event.mapping)} [bold]{event.kind}[/bold]"
            f" {escape(redact(event.text))}"
        )
