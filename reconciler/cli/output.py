"""Output: tables for people, one JSON document for programs. Colours respect NO_COLOR and are off in pipes."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from reconciler.app import MappingPlan
from reconciler.errors import ReconcilerError
from reconciler.log import redact
from reconciler.model.conflict_record import ConflictRecord
from reconciler.model.difference import Verdict
from reconciler.model.event import Event
from reconciler.model.field import Value
from reconciler.model.finding import Finding, Level
from reconciler.model.person import Person
from reconciler.model.plan import CopyAttachment, RemoveAttachment
from reconciler.model.report import MappingReport
from reconciler.model.rich_text import RichText
from reconciler.model.status import MappingStatus
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


def shown(value: Value, width: int = SHOWN) -> str:
    """A value as one short line."""
    if isinstance(value, RichText):
        text = " ".join(plain(value).split())
    elif isinstance(value, tuple):
        text = ", ".join(member.name or member.address if isinstance(member, Person) else member for member in value)
    else:
        text = "" if value is None else str(value)
    return f"{text[: width - 1]}…" if len(text) > width else text or "(empty)"


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


def _counts(counter: Any) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counter.items()) if count) or "-"


def _left_over(entry: MappingReport | MappingStatus) -> str:
    """What waits in a mapping, such as "2 pending, 1 in doubt"."""
    held = "conflict" if entry.conflicts == 1 else "conflicts"
    counts = (
        (entry.pending, "pending"),
        (entry.quarantined, "quarantined"),
        (entry.conflicts, held),
        (entry.in_doubt, "in doubt"),
    )
    return ", ".join(f"{count} {what}" for count, what in counts if count)


def print_reports(reports: Sequence[MappingReport]) -> None:
    rows = table(
        "mapping", "cycles", "creates", "updates", "deletes", "comments", "files", "pairs", "left over", "requests"
    )
    for report in reports:
        rows.add_row(
            escape(report.name),
            str(report.cycles),
            _counts(report.creates),
            _counts(report.updates),
            _counts(report.deletes),
            _counts(report.comments),
            _counts(report.attachments),
            str(report.paired or "-"),
            _left_over(report) or ("see below" if report.problem else "nothing"),
            _counts(report.requests),
        )
    out.print(rows)
    for report in reports:
        for note in report.notes:
            out.print(f"[yellow]note[/yellow] {escape(report.name)}: {escape(redact(note))}")
        if report.problem:
            complain(f"{report.name}: {report.problem}")


def print_plans(plans: Sequence[MappingPlan]) -> None:
    for entry in plans:
        if entry.plan is None:
            complain(f"{entry.name}: {entry.problem}")
            continue
        _print_plan(entry)


def _print_plan(entry: MappingPlan) -> None:
    plan = entry.plan
    assert plan is not None
    updates = sum(1 for _ in plan.updates())
    out.print(
        f"[bold]{escape(entry.name)}[/bold]: {len(plan.creates)} creates, {updates} updates,"
        f" {len(plan.adoptions)} pairings, {len(plan.deletes)} deletions, {len(plan.comments)} comments,"
        f" {len(plan.attachments)} attachments"
        f"  [dim]plan {plan.digest}[/dim]"
    )
    for create in plan.creates:
        out.print(
            f'  [green]+[/green] on the {create.side}: "{escape(create.source.title)}"'
            f" [dim]from {escape(create.source.label)}, {create.reason}[/dim]"
        )
    for pair in plan.pairs:
        if pair.adopt:
            out.print(
                f"  [cyan]=[/cyan] {escape(pair.left.label)} and {escape(pair.right.label)}"
                f" [dim]{pair.adopt.reason}[/dim]"
            )
        for decision in pair.decisions:
            for write in decision.writes:
                item = pair.item(write.side)
                before, after = escape(shown(write.before)), escape(shown(write.after))
                out.print(
                    f"  [yellow]~[/yellow] {escape(item.label)} {decision.field}: {before} [dim]->[/dim] {after}"
                    f" [dim]{decision.reason}[/dim]"
                )
            if decision.conflict:
                left, right = escape(shown(decision.conflict.left)), escape(shown(decision.conflict.right))
                out.print(
                    f"  [red]![/red] {escape(pair.left.label)} {decision.field}: left {left}, right {right}"
                    f" [dim]{decision.reason}[/dim]"
                )
    for delete in plan.deletes:
        out.print(
            f"  [red]-[/red] {escape(delete.victim.label)} {delete.action.value} [dim]{escape(delete.reason)}[/dim]"
        )
    for comment in plan.comments:
        item = comment.link.side(comment.side).item
        verb = {"AddComment": "new", "EditComment": "edit", "DeleteComment": "delete"}[type(comment).__name__]
        out.print(f"  [yellow]~[/yellow] {escape(item.label)} comment: {verb} [dim]{escape(comment.reason)}[/dim]")
    for operation in plan.attachments:
        item, reason = operation.link.side(operation.side).item, escape(operation.reason)
        match operation:
            case CopyAttachment(source=file):
                what = f"new {file.name}"
            case RemoveAttachment(target=file):
                what = f"remove {file.name}"
        out.print(f"  [yellow]~[/yellow] {escape(item.label)} attachment: {escape(what)} [dim]{reason}[/dim]")
    for group in plan.ambiguous:
        out.print(f"  [red]?[/red] {escape(group.sentence)}")
    for note in plan.notes:
        out.print(f"  [yellow]note[/yellow] {escape(redact(note))}")


def plan_as_json(entry: MappingPlan) -> dict[str, Any]:
    """Stable keys; `operations` in the order in which they would be carried out."""
    if entry.plan is None:
        return {"name": entry.name, "problem": entry.problem}
    plan, operations = entry.plan, []
    for create in plan.creates:
        operations.append(
            {
                "action": "create",
                "side": create.side,
                "source": create.source.label,
                "title": create.source.title,
                "after": {name: shown(value) for name, value in create.draft.fields.items()},
                "reason": create.reason,
            }
        )
    for pair, side in plan.updates():
        writes = pair.writes(side)
        reasons = {d.field: d.reason for d in pair.decisions}
        operations.append(
            {
                "action": "update",
                "side": side,
                "item": pair.item(side).label,
                "revision": pair.item(side).revision,
                "before": {name: shown(write.before) for name, write in writes.items()},
                "after": {name: shown(write.after) for name, write in writes.items()},
                "reason": {name: reasons[name] for name in writes},
            }
        )
    operations += [
        {"action": delete.action.value, "side": delete.side, "item": delete.victim.label, "reason": delete.reason}
        for delete in plan.deletes
    ]
    conflicts = [
        {
            "item": pair.left.label,
            "field": conflict.field,
            "left": shown(conflict.left),
            "right": shown(conflict.right),
            "rule": conflict.rule.value,
            "winner": conflict.winner,
        }
        for pair in plan.pairs
        for conflict in pair.conflicts()
    ]
    return {
        "name": entry.name,
        "digest": plan.digest,
        "first": plan.first,
        "operations": operations,
        "pairings": [{"left": a.left.label, "right": a.right.label, "reason": a.reason} for a in plan.adoptions],
        "conflict_list": conflicts,
        "ambiguous": [group.sentence for group in plan.ambiguous],
        "notes": list(plan.notes),
        "cycles": 0,
        "creates": len(plan.creates),
        "updates": sum(1 for _ in plan.updates()),
        "deletes": len(plan.deletes),
        "comments": len(plan.comments),
        "attachments": len(plan.attachments),
        "conflicts": len(conflicts),
        "pending": 0,
        "quarantined": 0,
        "requests": entry.requests,
    }


def print_verdict(name: str, found: Verdict | ReconcilerError) -> None:
    if isinstance(found, ReconcilerError):
        complain(f"{name}: {found}")
        return
    colour = "green" if found.is_clean else "red"
    out.print(f"[{colour}]{escape(name)}[/{colour}]: {found.equal} of {found.pairs} pairs are equal")
    for difference in found.differences:
        left, right = escape(shown(difference.left_value)), escape(shown(difference.right_value))
        pair = escape(f"{difference.left} / {difference.right}")
        out.print(f"  {pair} {difference.field}: left {left}, right {right} [dim]{escape(difference.why)}[/dim]")
    for sentence in found.missing:
        out.print(f"  {escape(sentence)}")


def verdict_as_json(name: str, found: Verdict | ReconcilerError) -> dict[str, Any]:
    if isinstance(found, ReconcilerError):
        return {"name": name, "problem": str(found)}
    return {
        "name": name,
        "pairs": found.pairs,
        "equal": found.equal,
        "differences": [
            {
                "left_item": difference.left,
                "right_item": difference.right,
                "field": difference.field,
                "left": whole(difference.left_value),
                "right": whole(difference.right_value),
                "why": difference.why,
            }
            for difference in found.differences
        ],
        "missing": found.missing,
        "problem": None,
    }


def print_findings(findings: Sequence[Finding]) -> None:
    marks = {Level.OK: "[green]ok[/green]", Level.WARNING: "[yellow]warning[/yellow]", Level.ERROR: "[red]error[/red]"}
    for finding in findings:
        out.print(f"{marks[finding.level]} {escape(finding.subject)}: {escape(redact(finding.what))}")
        for word, text in (("why", finding.why), ("fix", finding.fix)):
            if text:
                out.print(f"    [dim]{word}:[/dim] {escape(redact(text))}")


def print_status(entries: Sequence[MappingStatus], now: datetime) -> None:
    rows = table("mapping", "pairs", "left", "right", "look", "left over")
    for entry in entries:
        rows.add_row(
            escape(entry.name),
            str(entry.linked),
            ago(entry.polled_left, now),
            ago(entry.polled_right, now),
            ago(entry.oldest_look, now) if entry.oldest_look else "-",
            _left_over(entry) or "nothing",
        )
    out.print(rows)
    for entry in entries:
        for sentence in entry.waiting:
            out.print(f"[yellow]waiting[/yellow] {escape(entry.name)}: {escape(redact(sentence))}")
        for word, sentence in _lasting(entry, now):
            out.print(f"[yellow]{word}[/yellow] {escape(entry.name)}: {sentence}")
        if entry.last_problem:
            complain(f"{entry.name}: {entry.last_problem}")


def _lasting(entry: MappingStatus, now: datetime) -> Iterator[tuple[str, str]]:
    """What has lasted for some time: a word and a sentence each."""
    if entry.oldest_pending:
        yield "pending", f"the oldest since {ago(entry.oldest_pending, now)}"
    if entry.oldest_doubt:
        yield "in doubt", f"the oldest since {ago(entry.oldest_doubt, now)}"
    for side, circuit in (("left", entry.circuit_left), ("right", entry.circuit_right)):
        if circuit != "closed":
            yield "paused", f"the {side} tracker keeps failing and is asked more seldom"


def print_conflicts(conflicts: Sequence[tuple[ConflictRecord, str, str]]) -> None:
    """Each with what people call its left and its right item."""
    if not conflicts:
        out.print("no conflicts")
        return
    rows = table("id", "mapping", "items", "field", "left", "right", "rule", "state")
    for c, left_item, right_item in conflicts:
        state = (
            f"{c.winner} won"
            if c.settled_at and c.winner
            else "settled"
            if c.settled_at
            else f"{c.winner} decided"
            if c.winner
            else "held"
        )
        rows.add_row(
            str(c.id),
            escape(c.mapping),
            escape(f"{left_item} / {right_item}"),
            c.field,
            escape(shown(c.left_value)),
            escape(shown(c.right_value)),
            c.rule,
            state,
        )
    out.print(rows)
    if any(c.settled_at is None and c.winner is None for c, _, _ in conflicts):
        out.print("[dim]decide one with: reconciler conflicts resolve ID left|right[/dim]")


def conflict_as_json(conflict: ConflictRecord, left_item: str, right_item: str) -> dict[str, Any]:
    """Both values whole: the losing one exists nowhere else."""
    return {
        "id": conflict.id,
        "mapping": conflict.mapping,
        "left_key": conflict.left_key,
        "right_key": conflict.right_key,
        "left_item": left_item,
        "right_item": right_item,
        "field": conflict.field,
        "left": whole(conflict.left_value),
        "right": whole(conflict.right_value),
        "rule": conflict.rule,
        "winner": conflict.winner,
        "at": conflict.at.isoformat(),
        "settled_at": conflict.settled_at.isoformat() if conflict.settled_at else None,
        "note": conflict.note,
    }


def whole(value: Value) -> Any:
    """A value for JSON, nothing cut off."""
    if isinstance(value, RichText):
        return {"form": value.form.value, "text": value.text}
    if isinstance(value, tuple):
        return [m.address or m.name if isinstance(m, Person) else m for m in value]
    return value


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
