"""Applying: `apply`, which carries out a saved plan, and what it prints."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reconciler.cli.exit_codes import ExitCode, for_report, worst
from reconciler.cli.invocation import AsJson, Settings, ending_softly, load, warn
from reconciler.errors import ConfigError

if TYPE_CHECKING:
    from reconciler.saved import Applied


def apply(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A plan that `reconciler plan -o FILE` saved.")],
    allow: Annotated[
        str | None, typer.Option("--allow", help="Let this one plan through the guard.", metavar="PLAN")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Carry out a saved plan: its operations and nothing else.

    What moved since is not touched: an operation that would not be done in just this way now is refused and listed, the
    others are done, and the exit code is 1. Take operations out of the file and they are not done. Saying it twice is
    harmless.

    Example: reconciler plan web -o plan.json, look at it, then: reconciler apply plan.json
    """
    from reconciler.app import App
    from reconciler.cli.output import print_json
    from reconciler.cli.progress import progress_bars
    from reconciler.saved import Fate, read_plan

    config = load()
    warn(config)
    selections = read_plan(file)
    strangers = [name for name in selections if name not in config.names]
    if strangers:
        raise ConfigError([f'{file}: there is no mapping "{name}" in the configuration' for name in strangers])
    if not selections:
        raise ConfigError([f"{file}: holds no plan of any mapping"])
    with ending_softly(), App.open(config, clock=Settings.clock) as engine, progress_bars() as progress:
        applied = engine.apply(selections, allow, progress)
    if as_json:
        print_json({"mappings": [_as_json(each) for each in applied]})
    else:
        _print(applied)
    codes = [for_report(each.report) for each in applied]
    unfinished = any(fate in (Fate.REFUSED, Fate.LATER) for each in applied for _, fate, _ in each.fates)
    raise typer.Exit(worst([*codes, ExitCode.LEFT_FOR_LATER if unfinished else ExitCode.CLEAN]))


def _as_json(applied: Applied) -> dict[str, Any]:
    operations = [{**operation, "fate": fate.value, "why": why or None} for operation, fate, why in applied.fates]
    return {**applied.report.as_json(), "operations": operations}


def _print(applied: Sequence[Applied]) -> None:
    from rich.markup import escape

    from reconciler.cli.output import out
    from reconciler.cli.reports import print_reports
    from reconciler.saved import Fate

    print_reports([each.report for each in applied])
    for each in applied:
        fates = [fate for _, fate, _ in each.fates]
        counts = ", ".join(f"{fates.count(fate)} {fate.value}" for fate in Fate if fate in fates)
        out.print(f"{escape(each.report.name)}: {counts or 'the plan asks for nothing'}")
        for operation, fate, why in each.fates:
            if why:
                colour = "red" if fate is Fate.REFUSED else "yellow"
                out.print(f"  [{colour}]{fate.value}[/{colour}] {escape(_named(operation))} [dim]{escape(why)}[/dim]")


def _named(operation: Any) -> str:
    if "left" in operation:
        return f"pair {operation['left']} with {operation['right']}"
    what = operation["action"].replace("_", " ")
    if operation["action"] == "create":
        return f'{what} on the {operation["side"]}: "{operation["title"]}" from {operation["source"]}'
    from reconciler.model.field import label_of

    fields = ", ".join(map(label_of, operation["after"])) if operation["action"] == "update" else ""
    return f"{what} {operation['item']} {fields}".rstrip()
