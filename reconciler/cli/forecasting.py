"""Forecasting: `what-if`, which says what another configuration would change, and what it prints."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reconciler.cli.exit_codes import ExitCode
from reconciler.cli.invocation import AsJson, Names, load, reading

if TYPE_CHECKING:
    from reconciler.config import Config
    from reconciler.what_if import Forecast


def what_if(
    against: Annotated[Path, typer.Option("--against", metavar="FILE", help="The other configuration file.")],
    mappings: Names = None,
    as_json: AsJson = False,
) -> None:
    """Say what another configuration would change on the pairs that exist. Sends no request, writes nothing.

    Copy config.toml, edit the copy, and ask before you use it: fields switched on, directions, tables of states, rules
    for conflicts. Answered from what was last seen of both sides; items without a partner are not in it. Exit code 1
    where a mapping cannot be judged.

    Example: reconciler what-if --against new.toml
    """
    from reconciler.cli.output import print_json
    from reconciler.config import load as read
    from reconciler.what_if import what_if as forecast

    config = load(mappings)
    other = read(against)
    with reading(config) as store:
        found = forecast(config, other, store, mappings or ())
    if as_json:
        print_json({"mappings": [_as_json(each) for each in found]})
    else:
        _print(other, found)
    raise typer.Exit(ExitCode.LEFT_FOR_LATER if any(each.problem for each in found) else ExitCode.CLEAN)


def _as_json(forecast: Forecast) -> dict[str, Any]:
    from reconciler.model.operation import value_of

    writes: dict[str, dict[str, int]] = {}
    for (field, side), count in forecast.writes.items():
        writes.setdefault(field, {"left": 0, "right": 0})[side] = count
    return {
        "name": forecast.mapping,
        "changes": forecast.changes,
        "pairs": forecast.pairs,
        "touched": forecast.touched,
        "writes": writes,
        "conflicts": dict(forecast.conflicts),
        "waits": dict(forecast.waits),
        "apart": dict(forecast.apart),
        "examples": [
            {
                "left_item": each.left,
                "right_item": each.right,
                "field": each.field,
                "side": each.write.side,
                "before": value_of(each.write.before),
                "after": value_of(each.write.after),
                "why": each.why,
            }
            for each in forecast.examples
        ],
        "problem": forecast.problem,
    }


def _print(other: Config, found: Sequence[Forecast]) -> None:
    from rich.markup import escape

    from reconciler.cli.output import complain, named, out
    from reconciler.naming import namer

    if not found:
        out.print("the mappings say the same; nothing would change")
    for each in found:
        out.print(f"[bold]{escape(each.mapping)}[/bold]: {each.touched} of {each.pairs} pairs would be written")
        for sentence in each.changes:
            out.print(f"  {escape(sentence)}")
        for (field, side), count in sorted(each.writes.items()):
            out.print(f"  [yellow]~[/yellow] {field}: {count} values on the {side}")
        for counts, what in (
            (each.conflicts, "differ on both sides, which the rule for conflicts decides"),
            (each.waits, "cannot be carried and wait"),
            (each.apart, "are no longer the same by the new table; they stay until somebody edits them"),
        ):
            for field, count in counts.items():
                out.print(f"  [yellow]![/yellow] {field}: {count} {what}")
        name_of = namer(other, each.mapping)
        for example in each.examples:
            write = example.write
            before, after = (named(write.side, example.field, value, name_of) for value in (write.before, write.after))
            item = example.left if write.side == "left" else example.right
            change = f"[red]{escape(before)}[/red] -> [green]{escape(after)}[/green]"
            out.print(f"    such as {escape(item)} {example.field}: {change} [dim]({escape(example.why)})[/dim]")
        if each.problem:
            complain(f"{each.mapping}: {each.problem}")
