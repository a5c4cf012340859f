"""Acting: the commands that change something - the trackers themselves, or what the next cycle does to them."""

from __future__ import annotations

from typing import Annotated

import typer

from reconciler.cli.exit_codes import for_report, worst
from reconciler.cli.invocation import AsJson, Names, Settings, ending_softly, load, warn, writing
from reconciler.errors import ConfigError


def sync(
    mappings: Names = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Carry out the first plan of a mapping, too.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Compare everything instead of using the watermark.")] = False,
    allow: Annotated[
        str | None, typer.Option("--allow", help="Let this one plan through the guard.", metavar="PLAN")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Catch up once: cycles until nothing is left to do.

    Example: reconciler sync web --yes
    """
    from reconciler.app import App
    from reconciler.cli import output
    from reconciler.cli.progress import progress_bars

    config = load(mappings)
    warn(config)
    with ending_softly(), App.open(config, clock=Settings.clock) as engine, progress_bars() as progress:
        outcome = engine.sync(mappings or (), confirmed=yes, full=full, allow=allow, progress=progress)
    if as_json:
        output.print_json({"mappings": [report.as_json() for report in outcome.reports]})
    else:
        output.print_reports(outcome.reports)
    raise typer.Exit(worst(for_report(report) for report in outcome.reports))


def run() -> None:
    """Run as a daemon: every mapping at its own interval, until SIGTERM or Ctrl-C."""
    from reconciler.daemon import Daemon

    config = load()
    with ending_softly():
        Daemon(config, Settings.clock).run()


def resolve(
    conflict_id: Annotated[int, typer.Argument(metavar="ID", help="As `reconciler conflicts` shows it.")],
    winner: Annotated[str, typer.Argument(metavar="left|right", help="Whose value wins.")],
) -> None:
    """Decide a held conflict; the next cycle carries the winner's value over.

    Example: reconciler conflicts resolve 7 left
    """
    from reconciler.cli import output
    from reconciler.decide import decide

    if winner not in ("left", "right"):
        raise ConfigError([f'"{winner}" is no side; say left or right'])
    config = load()
    with writing(config) as store:
        conflict = decide(store, Settings.clock, conflict_id, "left" if winner == "left" else "right")
    output.out.print(
        f"{conflict.field} of {conflict.left_key} / {conflict.right_key}: the {winner} wins at the next cycle"
    )


def retry(
    item: Annotated[str, typer.Argument(metavar="ITEM", help='Its id or label, as `status` shows it ("AB#12").')],
) -> None:
    """Take an item out of quarantine: the next cycle looks at it again.

    Example: reconciler retry AB#1234
    """
    from reconciler.cli import output
    from reconciler.decide import retry as try_again

    config = load()
    with writing(config) as store:
        rows = try_again(store, Settings.clock, config.names, item)
    for row in rows:
        output.out.print(f"{row.mapping}: {row.side} {row.key} is looked at again at the next cycle", markup=False)
