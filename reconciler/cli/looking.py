"""Looking: the commands that only read - both trackers, or the store alone. They change nothing anywhere."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reconciler.cli.completion import mappings
from reconciler.cli.exit_codes import BY_ERROR, ExitCode, for_error, worst
from reconciler.cli.invocation import (
    ITEM_HELP,
    AsJson,
    Names,
    Settings,
    labels_of,
    load,
    no_such_item,
    reading,
    require_store,
    warn,
)
from reconciler.errors import ConfigError, ReconcilerError, StoreError

if TYPE_CHECKING:
    from reconciler.config import Config
    from reconciler.model.difference import Verdict
    from reconciler.model.known_name import Memories


def check(
    probe: Annotated[
        list[str] | None,
        typer.Option(
            "--probe", metavar="TRACKER=PLACE", help="Try out there what nobody has confirmed of the service."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Test every assumption of the configuration against both live sides; reads only.

    Each finding says what was found, why it matters and which line of the file to write instead. With --probe it also
    makes some items in a scratch place that no mapping covers, sees how the service behaves, deletes them again and
    remembers the answers, which `check` shows from then on.

    Example: reconciler check

    Example: reconciler check --probe ado=Sandbox --probe clickup=901100200399
    """
    from reconciler.check import check as run_checks
    from reconciler.cli.findings import print_findings
    from reconciler.cli.output import print_json
    from reconciler.cli.probing import carry_out, learned, scratch_places
    from reconciler.connections import Connections
    from reconciler.model.finding import Level
    from reconciler.model.known_name import NOTHING_KNOWN

    config = load()
    started, memories = _remembered(config)
    connections = Connections(
        config, Settings.clock, read_only=True, remembered=lambda name: memories.get(name, NOTHING_KNOWN)
    )
    with closing(connections):
        findings = run_checks(config, Settings.clock, connections, started)
    if probe and all(finding.error != "Unauthorized" for finding in findings):
        carry_out(config, scratch_places(probe))
    findings += learned(config)
    if as_json:
        print_json({"findings": [finding.as_json() for finding in findings]})
    else:
        print_findings(findings)
    errors = [finding for finding in findings if finding.level is Level.ERROR]
    raise typer.Exit(worst(_code_of(finding.error) for finding in errors))


def _remembered(config: Config) -> tuple[set[str], dict[str, Memories]]:
    """The mappings that were synchronised before, and what their schemas were; none where there is no store that can
    be read."""
    try:
        with reading(config) as store:
            started = {name for name in config.names if store.watermark(name, "left") is not None}
            return started, {name: store.memories(name) for name in config.names}
    except StoreError:
        return set(), {}


def _code_of(error: str) -> ExitCode:
    return BY_ERROR.get(error, ExitCode.USAGE)


def status(mappings: Names = None, as_json: AsJson = False) -> None:
    """Show how every mapping stands: lag, pairs, backlog, conflicts. Sends no request.

    Example: reconciler status web
    """
    from reconciler.cli.feed import print_backlog
    from reconciler.cli.output import print_json
    from reconciler.cli.reports import print_status
    from reconciler.status import status as read_status

    config = load(mappings)
    with reading(config) as store:
        entries = read_status(config, store, mappings or ())
        backlog = store.feed.backlog()
    if as_json:
        print_json({"mappings": [entry.as_json() for entry in entries], "feed": backlog.as_json()})
    else:
        print_status(entries, Settings.clock.now())
        print_backlog(backlog, Settings.clock.now())


def log(
    mapping: Annotated[
        str | None, typer.Argument(help="Only this mapping.", metavar="MAPPING", autocompletion=mappings)
    ] = None,
    item: Annotated[str | None, typer.Option("--item", help=f"Only this item and its partner. {ITEM_HELP}")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=1000)] = 20,
    page: Annotated[int, typer.Option("--page", min=1)] = 1,
    changes: Annotated[bool, typer.Option("--changes", help="What people changed, not what was done.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what was done and why, or what people changed, newest last. Sends no request.

    Example: reconciler log web -n 100

    Example: reconciler log --item AB#1234

    Example: reconciler log web --changes
    """
    from reconciler.cli.feed import print_changes
    from reconciler.cli.history import print_events
    from reconciler.cli.output import print_json
    from reconciler.naming import references, with_partner

    config = load([mapping] if mapping else None)
    with reading(config) as store:
        meant = references(config, store, item) if item else []
        keys = {place.key for each in meant for place in with_partner(store, each)}
        if item and not keys:
            raise ConfigError([no_such_item(item)])
        seen = store.feed.page(page, limit, mapping, keys) if changes else []
        events = [] if changes else store.events(page, limit, mapping, keys)
        total = store.feed.count(mapping, keys) if changes else store.count_events(mapping, keys)
    if as_json:
        shown = {"changes": [c.as_json() for c in seen]} if changes else {"events": [e.as_json() for e in events]}
        print_json({"total": total, "page": page, **shown})
    elif changes:
        print_changes(seen)
    else:
        print_events(events)


def plan(
    mappings: Names = None,
    output_file: Annotated[Path | None, typer.Option("--output", "-o", help="Save the plan as JSON.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what `sync` would do now, and why; writes nothing anywhere.

    Example: reconciler plan web -o plan.json
    """
    from reconciler.app import App
    from reconciler.cli.output import print_json
    from reconciler.cli.plans import plan_as_json, print_plans
    from reconciler.naming import namer

    config = load(mappings)
    warn(config)
    with App.open(config, clock=Settings.clock, read_only=True) as engine:
        plans = engine.plan(mappings or ())
    document = {"mappings": [plan_as_json(entry) for entry in plans]}
    if output_file is not None:
        _save(output_file, document)
    if as_json:
        print_json(document)
    else:
        print_plans(plans, {name: namer(config, name) for name in config.names})
    raise typer.Exit(worst(for_error(entry.error) for entry in plans if entry.error))


def _save(path: Path, document: dict[str, Any]) -> None:
    from reconciler.cli.output import as_text

    try:
        path.write_text(as_text(document) + "\n", encoding="utf-8")
    except OSError as error:
        raise ConfigError([f"{path}: cannot be written: {error.strerror}"]) from None


def verify(mappings: Names = None, as_json: AsJson = False) -> None:
    """Compare every linked pair as both sides show it now; reads only. Exit code 1 where any differ.

    Example for a monitor: reconciler verify --json
    """
    from reconciler.app import App
    from reconciler.cli.findings import print_verdict, verdict_as_json
    from reconciler.cli.output import print_json

    config = load(mappings)
    require_store(config)
    with App.open(config, clock=Settings.clock, read_only=True) as engine:
        found = engine.verify(mappings or ())
    names = [name for name in config.names if not mappings or name in mappings]
    if as_json:
        print_json({"mappings": [verdict_as_json(*entry) for entry in zip(names, found, strict=True)]})
    else:
        for entry in zip(names, found, strict=True):
            print_verdict(*entry)
    raise typer.Exit(worst(_code_of_verdict(entry) for entry in found))


def _code_of_verdict(found: Verdict | ReconcilerError) -> ExitCode:
    if isinstance(found, ReconcilerError):
        return for_error(found)
    return ExitCode.CLEAN if found.is_clean else ExitCode.LEFT_FOR_LATER


def explain(
    item: Annotated[str, typer.Argument(metavar="ITEM", help=ITEM_HELP)],
    as_json: AsJson = False,
) -> None:
    """Say why an item is as it is, field by field, or why it is not synchronised.

    Answered from what was last seen of both sides, also while the daemon runs. Sends no request.

    Example: reconciler explain AB#1234
    """
    from functools import partial

    from reconciler.cli import explanation
    from reconciler.cli.output import print_json
    from reconciler.explain import explain as find_out
    from reconciler.naming import namer

    config = load()
    with reading(config) as store:
        answers = find_out(config, store, item, Settings.clock.now())
    if not answers:
        raise ConfigError([no_such_item(item)])
    if as_json:
        print_json({"item": item, "answers": [explanation.answer_as_json(answer) for answer in answers]})
    else:
        explanation.print_answers(item, answers, Settings.clock.now(), partial(namer, config))


def conflicts(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Settled ones too.")] = False,
    as_json: AsJson = False,
) -> None:
    """List conflicts, with both values; `conflicts resolve` decides one. Sends no request.

    Example, for the values that gave way, whole: reconciler conflicts --all --json
    """
    if context.invoked_subcommand:
        return
    from reconciler.cli.conflicts import conflict_as_json, print_conflicts
    from reconciler.cli.output import print_json

    config = load()
    with reading(config) as store:
        found = [
            (conflict, *labels_of(config, store, conflict))
            for conflict in (store.conflicts() if everything else store.open_conflicts())
        ]
    if as_json:
        print_json({"conflicts": [conflict_as_json(*entry) for entry in found]})
    else:
        print_conflicts(found)
