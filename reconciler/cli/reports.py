"""Reports: how mappings stand, after a catch-up and at any time; as tables for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from rich.markup import escape

from reconciler.cli.output import ago, complain, out, table
from reconciler.log import redact
from reconciler.model.report import MappingReport
from reconciler.model.status import MappingStatus


def print_reports(reports: Sequence[MappingReport]) -> None:
    for report in reports:
        print_done(report)
    for report in reports:
        for note in report.notes:
            out.print(f"[yellow]note[/yellow] {escape(report.name)}: {escape(redact(note))}")
        if report.problem:
            complain(f"{report.name}: {report.problem}")


def print_done(report: MappingReport) -> None:
    """Two short lines: what was written, by tracker, and what is left over. No table: ten columns of counts fit no
    terminal of usual width, and a count that is cut off says something else."""
    done = [
        f"{what} {counts}"
        for what, counter in (
            ("creates", report.creates),
            ("updates", report.updates),
            ("deletes", report.deletes),
            ("comments", report.comments),
            ("attachments", report.attachments),
        )
        if (counts := _counts(counter))
    ]
    if report.paired:
        done.append(f"pairings {report.paired}")
    out.print(f"[bold]{escape(report.name)}[/bold]: {escape('; '.join(done)) or 'nothing to write'}")
    left_over = _left_over(report) or ("see below" if report.problem else "nothing")
    cycles = f"{report.cycles} cycle{'' if report.cycles == 1 else 's'}"
    requests = f"requests {_counts(report.requests)}" if report.requests else "no request"
    out.print(f"  left over: {left_over}; {cycles}, {escape(requests)}")


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


def _counts(counter: Any) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counter.items()) if count)


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
