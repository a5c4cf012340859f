"""Undoing: `undo`, which takes one run back, and what it prints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reconciler.cli.exit_codes import ExitCode, for_report, worst
from reconciler.cli.invocation import AsJson, Settings, ending_softly, load, require_store, warn

if TYPE_CHECKING:
    from reconciler.app import Undone
    from reconciler.cli.output import NameOf
    from reconciler.config import Config
    from reconciler.model.reversal import Reversal, Stay


def undo(
    run: Annotated[int, typer.Argument(metavar="RUN", help="The number of the run, as `reconciler log` shows it.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do it; without this it is only shown.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take one run back on both sides, except what was edited since.

    Each field goes back to what it was before the run wrote it, on the side that the edit came from, too. Copies that
    the run made go to the recycle bin or trash unless somebody edited or commented them, pairs that it made of existing
    items are released. Comments, files and deletions stay as they are and are listed. Without --yes it is only shown,
    and the exit code is 7. An undo is a run itself and can be undone.

    Example: reconciler undo 12, look at it, then: reconciler undo 12 --yes
    """
    from reconciler.app import App
    from reconciler.cli.output import print_json

    config = load()
    warn(config)
    require_store(config)
    with ending_softly(), App.open(config, clock=Settings.clock, read_only=not yes) as engine:
        undone = engine.undo(run, carry_out=yes)
    if as_json:
        print_json({"run": run, "done": yes, "mappings": [_as_json(each) for each in undone]})
    else:
        _print(config, run, undone, done=yes)
    raise typer.Exit(worst(_code(each, done=yes) for each in undone))


def _code(undone: Undone, *, done: bool) -> ExitCode:
    if undone.report.problem:
        return for_report(undone.report)
    if undone.failed:
        return ExitCode.LEFT_FOR_LATER
    waits = not done and undone.reversal is not None and not undone.reversal.is_empty
    return ExitCode.GUARD if waits else ExitCode.CLEAN


def _as_json(undone: Undone) -> dict[str, Any]:
    reversal = undone.reversal
    return {
        **undone.report.as_json(),
        "operations": list(_operations(reversal)) if reversal else [],
        "stays": [_stay(stay) for stay in reversal.stays] if reversal else [],
        "failed": [_stay(stay) for stay in undone.failed],
    }


def _operations(reversal: Reversal) -> Iterator[dict[str, Any]]:
    from reconciler.model.operation import of_pair, value_of

    for pair in reversal.pairs:
        yield from map(dict, of_pair(pair))
    for alone in reversal.alone:
        yield {
            "action": "update",
            "side": alone.side,
            "item": alone.item.label,
            "key": alone.item.key,
            "revision": alone.item.revision,
            "before": {name: value_of(write.before) for name, write in alone.writes.items()},
            "after": {name: value_of(write.after) for name, write in alone.writes.items()},
        }
    for removal in reversal.removals:
        copy = removal.copy
        yield {
            "action": "delete",
            "side": removal.side,
            "item": copy.label,
            "key": copy.key,
            "revision": copy.revision,
        }
    for link in reversal.released:
        yield {"action": "release", "left": link.left.item.label, "right": link.right.item.label}


def _stay(stay: Stay) -> dict[str, Any]:
    return {"item": stay.item, "field": stay.field or None, "why": stay.why}


def _print(config: Config, run: int, undone: Sequence[Undone], *, done: bool) -> None:
    from rich.markup import escape

    from reconciler.cli.output import complain, out
    from reconciler.model.field import label_of
    from reconciler.naming import namer

    if not undone:
        out.print(f"run {run} wrote nothing")
    for each in undone:
        name = each.report.name
        if each.report.problem:
            complain(f"{name}: {each.report.problem}")
        if each.reversal is None:
            continue
        _print_reversal(each.reversal, namer(config, name))
        for word, colour, stays in (("stays", "yellow", each.reversal.stays), ("not done", "red", each.failed)):
            for stay in stays:
                what = escape(f"{stay.item} {label_of(stay.field)}".strip())
                out.print(f"  [{colour}]{word}[/{colour}] {what}: {escape(stay.why)}")
    if not done and any(each.reversal and not each.reversal.is_empty for each in undone):
        out.print(f"[dim]do it with: reconciler undo {run} --yes[/dim]")


def _print_reversal(reversal: Reversal, name_of: NameOf) -> None:
    from rich.markup import escape

    from reconciler.cli.output import named, out
    from reconciler.cli.plans import print_pair
    from reconciler.model.field import label_of

    writing = [pair for pair in reversal.pairs if pair.needs_requests()]
    out.print(
        f"[bold]{escape(reversal.mapping)}[/bold]: {len(writing) + len(reversal.alone)} items as before,"
        f" {len(reversal.removals)} copies removed, {len(reversal.released)} pairs released,"
        f" {len(reversal.stays)} stay"
    )
    for pair in writing:
        print_pair(pair, name_of)
    for alone in reversal.alone:
        for name, write in alone.writes.items():
            before, after = (escape(named(alone.side, name, v, name_of)) for v in (write.before, write.after))
            label = escape(f"{alone.item.label} {label_of(name)}")
            out.print(f"  [yellow]~[/yellow] {label}: [red]{before}[/red] -> [green]{after}[/green]")
    for removal in reversal.removals:
        what = escape(f'{removal.copy.label} "{removal.copy.title}"')
        out.print(f"  [red]-[/red] {what} [dim]made by the run[/dim]")
    for link in reversal.released:
        labels = escape(f"{link.left.item.label} and {link.right.item.label}")
        out.print(f"  [cyan]=[/cyan] {labels} [dim]are separate again[/dim]")
