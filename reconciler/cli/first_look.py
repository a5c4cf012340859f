"""First look: what `init` shows - the proposals, what `check` minds, the first plan, and what to type next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.markup import escape

from reconciler.app import MappingPlan
from reconciler.cli.findings import print_findings
from reconciler.cli.output import out, print_lines_of, table
from reconciler.cli.plans import print_plans
from reconciler.config import Config
from reconciler.model.finding import Finding, Level
from reconciler.model.side import SIDES, Side
from reconciler.naming import namer
from reconciler.propose import DOUBTFUL, FieldSuggestion, Proposal, Suggestion
from reconciler.start import Chosen

LINES_MAX = 25
"""Lines of the first plan that are shown; `plan` shows all."""


def print_proposal(chosen: Mapping[Side, Chosen], proposal: Proposal) -> None:
    """Which places, and how their words correspond; what is not sure is yellow."""
    places = [f"{chosen[side].door.guide.noun} {chosen[side].place.title}" for side in SIDES]
    out.print(f"\n[bold]{escape(places[0])}[/bold] and [bold]{escape(places[1])}[/bold]\n")
    shown = table("", *(escape(chosen[side].door.guide.title) for side in SIDES), "sure", "because")
    kinds: tuple[tuple[str, Sequence[Suggestion | FieldSuggestion]], ...] = (
        ("state", proposal.states),
        ("type", proposal.types),
        ("priority", proposal.priorities),
        ("person", proposal.people),
        ("field", proposal.fields),
    )
    for kind, entries in kinds:
        for entry in entries:
            if entry.confidence >= DOUBTFUL:
                colour = "green" if entry.sure else "yellow"
                left, right = _names(entry)
                sure = f"[{colour}]{entry.confidence} %[/{colour}]"
                shown.add_row(kind, escape(left), escape(right), sure, f"[dim]{escape(entry.reason)}[/dim]")
    out.print(shown)
    if proposal.same_types:
        out.print(f"types with the same name on both sides: {escape(', '.join(proposal.same_types))}")
    out.print(f"people with the same address on both sides: {proposal.same_people}\n")


def _names(entry: Suggestion | FieldSuggestion) -> tuple[str, str]:
    if isinstance(entry, FieldSuggestion):
        return entry.left.name, entry.right.name
    return entry.left, ", ".join(entry.right)


def print_written(path: Path) -> None:
    out.print(f"wrote [bold]{escape(str(path))}[/bold]; what was not sure stands there as a comment\n")


def print_check(findings: Sequence[Finding]) -> None:
    """What is not well, and how much is."""
    minded = [finding for finding in findings if finding.level is not Level.OK]
    print_findings(minded)
    out.print(f"[green]ok[/green] check: {len(findings) - len(minded)} assumptions hold, {len(minded)} to look at\n")


def print_first_plan(config: Config, plans: Sequence[MappingPlan]) -> None:
    names = {name: namer(config, name) for name in config.names}
    print_lines_of(lambda: print_plans(plans, names), LINES_MAX, "`reconciler plan` shows all")


def print_next(path: Path, missing: Sequence[str]) -> None:
    """What to type next; `missing` names the variables that this shell does not have yet."""
    config = "" if path == Path("config.toml") else f" --config {path}"
    out.print("\nNothing was written to either side yet. Next:\n")
    lines = [(f"export {name}=…", "the token that you just gave; the file only names it") for name in missing]
    lines += [
        (f"reconciler{config} plan", "look again, as often as you like"),
        (f"reconciler{config} sync --yes", "do it; --yes says that you have seen the plan"),
        (f"reconciler{config} run", "keep both sides equal from then on"),
    ]
    width = max(len(command) for command, _ in lines)
    for command, about in lines:
        out.print(f"    {escape(command.ljust(width))}  [dim]# {about}[/dim]")
