"""Plans: what would be done, as a person reads it and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.markup import escape

from reconciler.app import MappingPlan
from reconciler.cli.output import complain, out, shown
from reconciler.log import redact
from reconciler.model.plan import CopyAttachment, RemoveAttachment


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
