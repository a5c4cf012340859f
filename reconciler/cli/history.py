"""History: what was done, as a person reads it and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.markup import escape

from reconciler.cli.output import out
from reconciler.log import redact
from reconciler.model.event import Event


def print_events(events: Sequence[Event]) -> None:
    if not events:
        out.print("nothing has been done yet")
        return
    for event in reversed(events):
        out.print(
            f"[dim]{event.at:%Y-%m-%d %H:%M:%S}[/dim] {escape(event.mapping)} [bold]{event.kind}[/bold]"
            f" {escape(redact(event.text))}"
        )


def event_as_json(event: Event) -> dict[str, Any]:
    return {
        "id": event.id,
        "at": event.at.isoformat(),
        "run": event.run,
        "mapping": event.mapping,
        "kind": event.kind,
        "text": event.text,
        "side": event.side,
        "key": event.key,
        "field": event.field,
    }
