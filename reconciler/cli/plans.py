"""Plans: what would be done, as a person reads it - like a diff, item by item - and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.markup import escape

from reconciler.app import MappingPlan
from reconciler.cli.output import NameOf, complain, named, out, shown
from reconciler.log import redact
from reconciler.model.decision import Decision
from reconciler.model.field import Value, label_of
from reconciler.model.operation import of_pairing, operations, value_of
from reconciler.model.plan import (
    AddComment,
    CopyAttachment,
    Create,
    DeleteComment,
    EditComment,
    PairPlan,
    Plan,
    RemoveAttachment,
)
from reconciler.model.rich_text import RichText
from reconciler.model.side import SIDES
from reconciler.richtext import Piece, plain, word_difference

CONTEXT = 40
"""Characters of a line that stay the same and are shown on either side of a change."""

LINES_SHOWN = 20
"""Lines of a text's difference that are shown; the JSON has all of it."""


def print_plans(plans: Sequence[MappingPlan], names: Mapping[str, NameOf]) -> None:
    """`names` knows by mapping what people call an item that another one names."""
    for entry in plans:
        if entry.plan is None:
            complain(f"{entry.name}: {entry.problem}")
        else:
            _print_plan(entry.plan, names[entry.name])


def _print_plan(plan: Plan, name_of: NameOf) -> None:
    updates = sum(1 for _ in plan.updates())
    out.print(
        f"[bold]{escape(plan.mapping)}[/bold]: {len(plan.creates)} creates, {updates} updates,"
        f" {len(plan.adoptions)} pairings, {len(plan.deletes)} deletions, {len(plan.comments)} comments,"
        f" {len(plan.attachments)} attachments"
        f"  [dim]plan {plan.digest}[/dim]"
    )
    for create in plan.creates:
        _print_create(create, name_of)
    below = _hanging(plan)
    for pair in plan.pairs:
        hanging = below.pop(pair.left.key, [])
        if pair.adopt or hanging or any(d.writes or d.conflict for d in pair.decisions):
            print_pair(pair, name_of, hanging)
    for delete in plan.deletes:
        _head("red", "-", f'{delete.victim.label} "{delete.victim.title}": {delete.action.value}', delete.reason)
    for group in plan.ambiguous:
        out.print(f"  [red]?[/red] {escape(group.sentence)}")
    for note in plan.notes:
        out.print(f"  [yellow]note[/yellow] {escape(redact(note))}")


def _head(colour: str, sign: str, what: str, why: str = "") -> None:
    reason = f" [dim]{escape(why)}[/dim]" if why else ""
    out.print(f"  [{colour}]{sign}[/{colour}] {escape(what)}{reason}")


def _print_create(create: Create, name_of: NameOf) -> None:
    _head(
        "green", "+", f'on the {create.side}: "{create.source.title}"', f"from {create.source.label}, {create.reason}"
    )
    for name, value in create.draft.fields.items():
        if name != "title":
            out.print(f"      {escape(label_of(name))}: {escape(named(create.side, name, value, name_of))}")


def print_pair(pair: PairPlan, name_of: NameOf, hanging: Sequence[str] = ()) -> None:
    """A pair with everything that becomes of it; `hanging` are lines about its comments and attachments."""
    sign, colour = ("=", "cyan") if pair.adopt else ("~", "yellow")
    written = [side for side in SIDES if pair.writes(side)]
    title = pair.item(written[0] if written else "left").title
    _head(colour, sign, f'{pair.left.label} = {pair.right.label} "{title}"', pair.adopt.reason if pair.adopt else "")
    for decision in pair.decisions:
        for write in decision.writes:
            start = f"      {escape(pair.item(write.side).label)} {escape(label_of(decision.field))}:"
            why = f"[dim]({escape(decision.reason)})[/dim]"
            if _is_long(write.before) or _is_long(write.after):
                out.print(f"{start} {why}")
                _print_text(write.before, write.after)
                continue
            before, after = (escape(named(write.side, decision.field, v, name_of)) for v in (write.before, write.after))
            out.print(f"{start} [red]{before}[/red] -> [green]{after}[/green] {why}")
        if decision.conflict:
            _print_conflict(decision, name_of)
    for line in hanging:
        out.print(f"      {line}")


def _print_conflict(decision: Decision, name_of: NameOf) -> None:
    conflict = decision.conflict
    assert conflict is not None
    values = ((side, conflict.left if side == "left" else conflict.right) for side in SIDES)
    both = ", ".join(f"{side} {named(side, decision.field, value, name_of)}" for side, value in values)
    name, why = escape(label_of(decision.field)), escape(decision.reason)
    out.print(f"    [red]! conflict[/red] {name}: {escape(both)} [dim]({why})[/dim]")


def _is_long(value: Value) -> bool:
    return (isinstance(value, RichText) and len(plain(value)) > 0) or (isinstance(value, str) and len(value) > 60)


def _text(value: Value) -> str:
    return plain(value) if isinstance(value, RichText) else str(value or "")


def _print_text(before: Value, after: Value) -> None:
    lines = word_difference(_text(before), _text(after))
    for pieces in lines[:LINES_SHOWN]:
        out.print(f"        {''.join(_pieces(pieces))}")
    if len(lines) > LINES_SHOWN:
        out.print(f"        [dim]… and {len(lines) - LINES_SHOWN} lines more[/dim]")
    if not lines:
        out.print("        [dim]formatting only[/dim]")


def _pieces(pieces: Sequence[Piece]) -> Iterator[str]:
    """Signs as well as colours: most plans are read where there are none."""
    for index, (sign, text) in enumerate(pieces):
        match sign:
            case "-":
                yield f"[red]{escape(f'[-{text}-]')}[/red]"
            case "+":
                yield f"[green]{escape(f'{{+{text}+}}')}[/green]"
            case _:
                yield escape(_shortened(text, first=index == 0, last=index == len(pieces) - 1))


def _shortened(text: str, *, first: bool, last: bool) -> str:
    """What stayed the same, as far as it stands beside a change."""
    head, tail = (0 if first else CONTEXT), (0 if last else CONTEXT)
    if len(text) <= head + tail + 1:
        return text
    return f"{text[:head]}…{text[len(text) - tail :]}"


def _hanging(plan: Plan) -> dict[str, list[str]]:
    """Lines about comments and attachments, by the key of the left item."""
    lines: dict[str, list[str]] = {}

    def add(operation: Any, what: str) -> None:
        item, why = operation.link.side(operation.side).item, f"[dim]({escape(operation.reason)})[/dim]"
        lines.setdefault(operation.link.key("left"), []).append(f"{escape(item.label)} {what} {why}")

    for operation in plan.comments:
        match operation:
            case AddComment():
                add(operation, f"[green]+[/green] comment: {escape(shown(operation.draft.text))}")
            case EditComment():
                before, after = escape(shown(operation.target.text)), escape(shown(operation.text))
                add(operation, f"comment: [red]{before}[/red] -> [green]{after}[/green]")
            case DeleteComment():
                add(operation, f"[red]-[/red] comment: {escape(shown(operation.target.text))}")
    for file in plan.attachments:
        match file:
            case CopyAttachment(source=source):
                add(file, f"[green]+[/green] attachment: {escape(source.name)}")
            case RemoveAttachment(target=target):
                add(file, f"[red]-[/red] attachment: {escape(target.name)}")
    return lines


def plan_as_json(entry: MappingPlan) -> dict[str, Any]:
    """Stable keys; `operations` in the order in which they would be carried out."""
    if entry.plan is None:
        return {"name": entry.name, "problem": entry.problem}
    plan = entry.plan
    conflicts = [
        {
            "item": pair.left.label,
            "field": conflict.field,
            "left": value_of(conflict.left),
            "right": value_of(conflict.right),
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
        "operations": operations(plan),
        "pairings": [of_pairing(adopt) for adopt in plan.adoptions],
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
