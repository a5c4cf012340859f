"""Acting: the commands that change something - the trackers themselves, or what the next cycle does to them."""

from __future__ import annotations

from typing import Annotated

import typer

from reconciler.cli.exit_codes import for_report, worst
from reconciler.cli.invocation import (
    ITEM_HELP,
    AsJson,
    Names,
    OneMapping,
    Settings,
    ending_softly,
    labels_of,
    load,
    no_such_pair,
    warn,
    writing,
)
from reconciler.errors import ConfigError


def sync(
    mappings: Names = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Carry out the first plan of a mapping, too.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Compare everything, also comments and attachments.")] = False,
    allow: Annotated[
        str | None, typer.Option("--allow", help="Let this one plan through the guard.", metavar="PLAN")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Catch up once: cycles until nothing is left to do.

    The first plan of a mapping waits to be seen: look at it with `plan`, then say --yes. A plan that looks like an
    accident is refused with a digest; --allow DIGEST lets that one through.

    Example: reconciler sync web --yes
    """
    from contextlib import closing

    from reconciler.app import App
    from reconciler.cli.output import print_json
    from reconciler.cli.progress import progress_bars
    from reconciler.cli.reports import print_reports
    from reconciler.outgoing import Outgoing

    config = load(mappings)
    warn(config)
    with (
        ending_softly(),
        App.open(config, clock=Settings.clock) as engine,
        closing(Outgoing(config, engine.store, Settings.clock)) as outgoing,
    ):
        with progress_bars() as progress:
            outcome = engine.sync(mappings or (), confirmed=yes, full=full, allow=allow, progress=progress)
        outgoing.flush()
    if as_json:
        print_json({"mappings": [report.as_json() for report in outcome.reports]})
    else:
        print_reports(outcome.reports)
    raise typer.Exit(worst(for_report(report) for report in outcome.reports))


def run() -> None:
    """Run as a daemon: every mapping at its own interval, until SIGTERM or Ctrl-C.

    Stop it before `sync`, `apply`, `undo`, `retry`, `link`, `unlink` or `conflicts resolve`; commands that only look
    work beside it.

    Example: reconciler --config /etc/reconciler/config.toml run
    """
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
    from reconciler.model.field import label_of

    if winner not in ("left", "right"):
        raise ConfigError([f'"{winner}" is no side; say left or right'])
    config = load()
    with writing(config) as store:
        conflict = decide(store, Settings.clock, conflict_id, "left" if winner == "left" else "right")
        left, right = labels_of(config, store, conflict)
    output.out.print(
        f"{label_of(conflict.field)} of {left} / {right}: the {winner} wins at the next cycle", markup=False
    )


def retry(
    item: Annotated[str, typer.Argument(metavar="ITEM", help=ITEM_HELP)],
) -> None:
    """Take an item out of quarantine, or a released pair back: the next cycle looks at it again.

    Example: reconciler retry AB#1234
    """
    from reconciler.cli import output
    from reconciler.decide import retry as try_again
    from reconciler.naming import label_of, references

    config = load()
    with writing(config) as store:
        meant = try_again(store, Settings.clock, references(config, store, item), item)
        labels = [(place.mapping, label_of(config, store, place)) for place in meant]
    for mapping, label in labels:
        output.out.print(f"{mapping}: {label} is looked at again at the next cycle", markup=False)


def link(
    left: Annotated[str, typer.Argument(metavar="LEFT", help="An item of the left side: its label, key or address.")],
    right: Annotated[str, typer.Argument(metavar="RIGHT", help="The one of the right side that it belongs to.")],
    mapping: OneMapping = None,
    lift_tombstone: Annotated[
        bool, typer.Option("--lift-tombstone", help="Also where one is left alone since its partner was deleted.")
    ] = False,
) -> None:
    """Pair two existing items by hand, such as those whose titles several items have.

    Both are read, nothing is written to them. The next cycle carries over what only one of them has; where they differ
    the rule of the mapping decides, and the losing value is kept as a conflict.

    Example: reconciler link AB#1234 CU-86c7mc19h
    """
    from contextlib import closing

    from reconciler.by_hand import link as pair
    from reconciler.cli import output
    from reconciler.connections import Connections
    from reconciler.naming import candidates

    config = load([mapping] if mapping else None)
    chosen = candidates(config, left, right, mapping)
    if not chosen:
        raise ConfigError([no_such_pair(left, right)])
    problems: list[str] = []
    with (
        writing(config) as store,
        closing(Connections(config, Settings.clock, read_only=True, remembered=store.memories)) as connections,
    ):
        for each, keys in chosen:
            try:
                made = pair(connections.context(each), store, Settings.clock, keys, lift_tombstone=lift_tombstone)
            except ConfigError as error:
                problems += error.problems if len(chosen) == 1 else [f"{each.name}: {p}" for p in error.problems]
                continue
            names = f"{made.left.item.label} and {made.right.item.label}"
            output.out.print(f"{each.name}: {names} are a pair; the next cycle compares them", markup=False)
            return
    raise ConfigError(problems)


def unlink(
    item: Annotated[str, typer.Argument(metavar="ITEM", help=ITEM_HELP)],
    mapping: OneMapping = None,
) -> None:
    """Release a pair: both items stay as they are, and neither is synchronised or copied again.

    `link` and `retry` take it back. Footers, links and comments that we wrote stay in both items; remove our footer or
    link by hand if the pair is not to be found again should the store be lost.

    Example: reconciler unlink AB#1234
    """
    from reconciler.cli import output
    from reconciler.decide import unlink as release
    from reconciler.naming import references

    config = load([mapping] if mapping else None)
    with writing(config) as store:
        found = {
            pair.id: pair
            for meant in references(config, store, item)
            if mapping in (None, meant.mapping) and (pair := store.link(meant.mapping, meant.side, meant.key))
        }
        if not found:
            raise ConfigError([f'"{item}" has no partner; `reconciler explain {item}` says how it stands'])
        if len(found) > 1:
            names = ", ".join(sorted({pair.mapping for pair in found.values()}))
            raise ConfigError([f'"{item}" has partners in {names}; say which with --mapping, or name it by its label'])
        [pair] = found.values()
        release(store, Settings.clock, pair)
    names = f"{pair.left.item.label} and {pair.right.item.label}"
    output.out.print(f"{pair.mapping}: {names} are released; both stay as they are", markup=False)
