"""Findings: what `check` and `verify` found, as a person reads it and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.markup import escape

from reconciler.cli.output import complain, out, shown
from reconciler.errors import ReconcilerError
from reconciler.log import redact
from reconciler.model.difference import Verdict
from reconciler.model.field import label_of
from reconciler.model.finding import Finding, Level
from reconciler.model.operation import value_of


def print_findings(findings: Sequence[Finding]) -> None:
    marks = {Level.OK: "[green]ok[/green]", Level.WARNING: "[yellow]warning[/yellow]", Level.ERROR: "[red]error[/red]"}
    for finding in findings:
        out.print(f"{marks[finding.level]} {escape(finding.subject)}: {escape(redact(finding.what))}")
        for word, text in (("why", finding.why), ("fix", finding.fix)):
            if text:
                out.print(f"    [dim]{word}:[/dim] {escape(redact(text))}")


def print_verdict(name: str, found: Verdict | ReconcilerError) -> None:
    if isinstance(found, ReconcilerError):
        complain(f"{name}: {found}")
        return
    colour = "green" if found.is_clean else "red"
    out.print(f"[{colour}]{escape(name)}[/{colour}]: {found.equal} of {found.pairs} pairs are equal")
    for difference in found.differences:
        left, right = escape(shown(difference.left_value)), escape(shown(difference.right_value))
        pair = escape(f"{difference.left} / {difference.right}")
        field, why = escape(label_of(difference.field)), escape(difference.why)
        out.print(f"  {pair} {field}: left {left}, right {right} [dim]{why}[/dim]")
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
                "left": value_of(difference.left_value),
                "right": value_of(difference.right_value),
                "why": difference.why,
            }
            for difference in found.differences
        ],
        "missing": found.missing,
        "problem": None,
    }
