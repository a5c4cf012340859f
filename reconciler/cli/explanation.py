"""Explanation: what `explain` found, as a person reads it and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from rich.markup import escape

from reconciler.cli.conflicts import conflict_as_json, print_conflicts
from reconciler.cli.output import NameOf, ago, named, out, table
from reconciler.explain import UNTOUCHED, Answer, FieldAnswer
from reconciler.log import redact
from reconciler.model.event import Event
from reconciler.model.field import Value, label_of
from reconciler.model.operation import value_of
from reconciler.model.side import SIDES, Side


def print_answers(item: str, answers: Sequence[Answer], now: datetime, names: Callable[[str], NameOf]) -> None:
    """`item` is what was asked about, in the asker's words; `names` tells for a mapping what people call its items."""
    for answer in answers:
        _print(item, answer, now, names(answer.meant.mapping))


def _print(item: str, answer: Answer, now: datetime, name_of: NameOf) -> None:
    name, link = escape(answer.meant.mapping), answer.link
    if link is None:
        out.print(f"[bold]{escape(item)}[/bold] on the {answer.meant.side} of {name}: not synchronised")
    else:
        left, right = (escape(link.side(side).item.label) for side in SIDES)
        out.print(f"[bold]{left} = {right}[/bold] in {name}, a pair since {link.created_at:%Y-%m-%d %H:%M} UTC")
    for reason in answer.reasons:
        out.print(f"  [yellow]{escape(redact(reason.what))}[/yellow]")
        out.print(f"    [dim]do:[/dim] {escape(redact(reason.fix))}")
    if link is not None:
        _print_fields(answer, name_of)
        looks = ", ".join(f"{look.side} {ago(look.looked_at, now)}" for look in answer.looks) or "never"
        alone = [(side, pair.side(side), pair.note) for pair in answer.attachments for side in SIDES if pair.note]
        paired = sum(1 for pair in answer.attachments if not pair.note)
        out.print(f"comments: {answer.comments}, attachments: {paired} on both sides; looked at: {looks}")
        for side, file, note in alone:
            if file is not None:
                out.print(f"  [yellow]{escape(file.name)}[/yellow] only on the {side}: {escape(redact(note))}")
    if link is not None and answer.conflicts:
        print_conflicts([(conflict, link.left.item.label, link.right.item.label) for conflict in answer.conflicts])
    for event in answer.events:
        out.print(f"[dim]{event.at:%Y-%m-%d %H:%M:%S} UTC[/dim] {event.kind} {escape(redact(event.text))}")


def _print_fields(answer: Answer, name_of: NameOf) -> None:
    """A line a field; below them why, of each that more is to be said of than that nothing happened. A column of its
    own would leave the sentences a few words wide."""
    rows = table("field", "agreed at", "left", "right", "state")
    for field in answer.fields:
        values: tuple[tuple[Side, Value], ...] = (
            ("left", field.left_base),
            ("right", field.right_base),
            ("left", field.left),
            ("right", field.right),
        )
        *bases, left, right = (named(side, field.field, value, name_of, 30) for side, value in values)
        rows.add_row(
            escape(label_of(field.field)),
            escape(" / ".join(dict.fromkeys(bases))),
            escape(left),
            escape(right),
            field.state,
        )
    out.print(rows)
    for field in answer.fields:
        if field.why == UNTOUCHED:
            continue
        when = f" [{_when(answer, field.last)}]" if field.last else ""
        out.print(f"  [bold]{escape(label_of(field.field))}[/bold]: {escape(redact(field.why) + when)}")
    if any(field.why == UNTOUCHED for field in answer.fields):
        out.print(f"  [dim]every other field: {UNTOUCHED}[/dim]")


def _when(answer: Answer, event: Event) -> str:
    run = next((run for run in answer.runs if run.id == event.run), None)
    by = f", {run.command} {run.id}" if run else ""
    return f"{event.case + ', ' if event.case else ''}{event.at:%Y-%m-%d %H:%M} UTC{by}"


def answer_as_json(answer: Answer) -> dict[str, Any]:
    """Stable keys; null and empty lists for what there is none of."""
    link = answer.link
    return {
        "mapping": answer.meant.mapping,
        "side": answer.meant.side,
        "key": answer.meant.key,
        "synchronised": link is not None,
        **{side: _item(answer, side) for side in SIDES},
        "linked_at": link.created_at.isoformat() if link else None,
        "reasons": [{"what": reason.what, "fix": reason.fix} for reason in answer.reasons],
        "fields": [_field(answer, field) for field in answer.fields],
        "comments": {
            "pairs": answer.comments,
            "looks": [
                {"side": look.side, "looked_at": _instant(look.looked_at), "due_at": _instant(look.due_at)}
                for look in answer.looks
            ],
        },
        "attachments": {
            "pairs": sum(1 for pair in answer.attachments if not pair.note),
            "alone": [
                {"side": side, "name": file.name, "why": pair.note}
                for pair in answer.attachments
                for side in SIDES
                if pair.note and (file := pair.side(side))
            ],
        },
        "conflicts": [
            conflict_as_json(conflict, link.left.item.label, link.right.item.label)
            for conflict in answer.conflicts
            if link is not None
        ],
        "pending": [
            {
                "side": row.side,
                "key": row.key,
                "reason": row.reason,
                "due_at": row.due_at.isoformat(),
                "since": row.added_at.isoformat(),
                "attempts": row.attempts,
                "quarantined": row.parked,
            }
            for row in answer.pending
        ],
        "in_doubt": [
            {"kind": intent.kind, "side": intent.side, "opened_at": intent.opened_at.isoformat()}
            for intent in answer.in_doubt
        ],
        "events": [event.as_json() for event in answer.events],
    }


def _item(answer: Answer, side: str) -> dict[str, Any] | None:
    if answer.link is None:
        return None
    item = (answer.link.left if side == "left" else answer.link.right).item
    return {"label": item.label, "key": item.key, "url": item.url, "changed_at": item.changed_at.isoformat()}


def _field(answer: Answer, field: FieldAnswer) -> dict[str, Any]:
    last, values = field.last, ("left_base", "right_base", "left", "right")
    run = next((run for run in answer.runs if last and run.id == last.run), None)
    decided = last and {
        "at": last.at.isoformat(),
        "run": last.run,
        "command": run.command if run else None,
        "kind": last.kind,
        "case": last.case or None,
        "side": last.side,
        "before": value_of(last.before),
        "after": value_of(last.after),
        "text": last.text,
    }
    document: dict[str, Any] = {"field": field.field}
    document |= {name: value_of(getattr(field, name)) for name in values}
    return {**document, "state": field.state, "why": field.why, "decision": decided}


def _instant(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
