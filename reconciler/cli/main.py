"""Main: the commands, their options and help; every ending of the program passes through `main`."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reconciler import __version__
from reconciler.cli.exit_codes import ExitCode, for_error, for_report, worst
from reconciler.clock import Stopping, SystemClock
from reconciler.errors import ConfigError, ReconcilerError

if TYPE_CHECKING:
    from reconciler.config import Config
    from reconciler.model.difference import Verdict
    from reconciler.store import Store

app = typer.Typer(
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Keeps Azure DevOps work items and ClickUp tasks equal, in both directions, by polling.",
)
conflicts_app = typer.Typer(help="Conflicts: list them, or decide one.", invoke_without_command=True)
app.add_typer(conflicts_app, name="conflicts")

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
Names = Annotated[list[str] | None, typer.Argument(help="Mappings; all by default.", metavar="[MAPPING]...")]


class _Settings:
    """What the options before the command say."""

    config = Path("config.toml")
    debug = False
    clock = SystemClock()


def _show_version(wanted: bool) -> None:
    if wanted:
        print(__version__)
        raise typer.Exit


@app.callback()
def options(
    config: Annotated[
        Path, typer.Option("--config", "-c", envvar="RECONCILER_CONFIG", help="The configuration file.")
    ] = Path("config.toml"),
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an unexpected error.")] = False,
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and end.")
    ] = False,
) -> None:
    _Settings.config, _Settings.debug = config, debug


# --- what commands share -------------------------------------------------------------------------------------------


def _load(names: list[str] | None = None) -> Config:
    """The configuration; logging is set up by it. Unknown mapping names are a mistake of usage."""
    from reconciler import log
    from reconciler.config import load

    config = load(_Settings.config)
    log.configure(config.log.level, config.log.format)  # type: ignore[arg-type]
    unknown = [name for name in names or () if name not in config.names]
    if unknown:
        raise ConfigError([f'there is no mapping "{name}"; known are {", ".join(config.names)}' for name in unknown])
    return config


def _warn(config: Config) -> None:
    """Says which settings have no effect, before anything is done without them."""
    for warning in config.warnings:
        _say(warning)


@contextmanager
def _store(config: Config) -> Iterator[Store]:
    """The store, to look at while a daemon may be running."""
    from reconciler.store import Store

    with Store.open(config.store.url, clock=_Settings.clock, read_only=True) as store:
        yield store


@contextmanager
def _writable_store(config: Config) -> Iterator[Store]:
    """The store, to write a person's word into; one that is not there is not made for it."""
    from reconciler.store import Store

    with _store(config):
        pass
    with Store.open(config.store.url, clock=_Settings.clock) as store:
        yield store


@contextmanager
def _ending_softly() -> Iterator[None]:
    """SIGINT and SIGTERM ask the program to end after the operation in flight; a second one ends it at once. Commands
    that only read have nothing to finish: there the first one ends it."""

    def ask(_number: int, _frame: object) -> None:
        if _Settings.clock.stop.is_set():
            os._exit(ExitCode.INTERRUPTED)
        _Settings.clock.stop.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


# --- the main job --------------------------------------------------------------------------------------------------


@app.command()
def demo(
    as_json: AsJson = False,
    serve: Annotated[bool, typer.Option("--serve", help="Keep servers and daemon up to play with.")] = False,
) -> None:
    """Show the main job on nothing but this machine.

    Starts simulated Azure DevOps and ClickUp servers on loopback, fills both, runs the real engine through real HTTP
    and a real SQLite file while scripted people edit both sides, and proves both sides equal. Exit code 0 only if so.
    """
    from reconciler import log
    from reconciler.cli.demo import play, serve_and_stay

    log.configure("WARNING")
    if serve:
        with _ending_softly():
            serve_and_stay(_Settings.clock)
        return
    raise typer.Exit(play(as_json=as_json))


@app.command()
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

    config = _load(mappings)
    _warn(config)
    with _ending_softly(), App.open(config, clock=_Settings.clock) as engine, progress_bars() as progress:
        outcome = engine.sync(mappings or (), confirmed=yes, full=full, allow=allow, progress=progress)
    if as_json:
        output.print_json({"mappings": [report.as_json() for report in outcome.reports]})
    else:
        output.print_reports(outcome.reports)
    raise typer.Exit(worst(for_report(report) for report in outcome.reports))


@app.command()
def plan(
    mappings: Names = None,
    output_file: Annotated[Path | None, typer.Option("--output", "-o", help="Save the plan as JSON.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what `sync` would do now, and why; writes nothing anywhere."""
    from reconciler.app import App
    from reconciler.cli import output

    config = _load(mappings)
    _warn(config)
    with App.open(config, clock=_Settings.clock, read_only=True) as engine:
        plans = engine.plan(mappings or ())
    document = {"mappings": [output.plan_as_json(entry) for entry in plans]}
    if output_file is not None:
        _save(output_file, document)
    if as_json:
        output.print_json(document)
    else:
        output.print_plans(plans)
    raise typer.Exit(worst(for_error(entry.error) for entry in plans if entry.error))


def _save(path: Path, document: dict[str, Any]) -> None:
    from reconciler.cli.output import as_text

    try:
        path.write_text(as_text(document) + "\n", encoding="utf-8")
    except OSError as error:
        raise ConfigError([f"{path}: cannot be written: {error.strerror}"]) from None


@app.command()
def run() -> None:
    """Run as a daemon: every mapping at its own interval, until SIGTERM or Ctrl-C."""
    from reconciler.daemon import Daemon

    config = _load()
    with _ending_softly():
        Daemon(config, _Settings.clock).run()


@app.command()
def verify(mappings: Names = None, as_json: AsJson = False) -> None:
    """Compare every linked pair as both sides show it now; reads only. Exit code 1 where any differ.

    Example for a monitor: reconciler verify --json
    """
    from reconciler.app import App
    from reconciler.cli import output

    config = _load(mappings)
    with _store(config):
        pass  # without a store there is nothing to compare
    with App.open(config, clock=_Settings.clock, read_only=True) as engine:
        found = engine.verify(mappings or ())
    names = [name for name in config.names if not mappings or name in mappings]
    if as_json:
        output.print_json({"mappings": [output.verdict_as_json(*entry) for entry in zip(names, found, strict=True)]})
    else:
        for entry in zip(names, found, strict=True):
            output.print_verdict(*entry)
    raise typer.Exit(worst(_code_of_verdict(entry) for entry in found))


def _code_of_verdict(found: Verdict | ReconcilerError) -> ExitCode:
    if isinstance(found, ReconcilerError):
        return for_error(found)
    return ExitCode.CLEAN if found.is_clean else ExitCode.LEFT_FOR_LATER


# --- looking -------------------------------------------------------------------------------------------------------


@app.command()
def check(as_json: AsJson = False) -> None:
    """Test every assumption of the configuration against both live sides; reads only."""
    from reconciler.check import check as run_checks
    from reconciler.cli import output
    from reconciler.connections import Connections
    from reconciler.model.finding import Level

    config = _load()
    connections = Connections(config, _Settings.clock, read_only=True)
    with closing(connections):
        findings = run_checks(config, _Settings.clock, connections)
    if as_json:
        output.print_json({"findings": [finding.as_json() for finding in findings]})
    else:
        output.print_findings(findings)
    errors = [finding for finding in findings if finding.level is Level.ERROR]
    raise typer.Exit(worst(_code_of(finding.error) for finding in errors))


def _code_of(error: str) -> ExitCode:
    from reconciler.cli.exit_codes import BY_ERROR

    return BY_ERROR.get(error, ExitCode.USAGE)


@app.command()
def status(mappings: Names = None, as_json: AsJson = False) -> None:
    """Show how every mapping stands: lag, pairs, backlog, conflicts. Sends no request."""
    from reconciler.cli import output
    from reconciler.status import status as read_status

    config = _load(mappings)
    with _store(config) as store:
        entries = read_status(config, store, mappings or ())
    if as_json:
        output.print_json({"mappings": [entry.as_json() for entry in entries]})
    else:
        output.print_status(entries, _Settings.clock.now())


@app.command()
def log(
    mapping: Annotated[str | None, typer.Argument(help="Only this mapping.")] = None,
    item: Annotated[str | None, typer.Option("--item", help="Only this item, by its id.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=1000)] = 20,
    page: Annotated[int, typer.Option("--page", min=1)] = 1,
    as_json: AsJson = False,
) -> None:
    """Show what was done and why, newest last. Sends no request."""
    from reconciler.cli import output

    config = _load([mapping] if mapping else None)
    with _store(config) as store:
        events = store.events(page, limit, mapping, item)
        total = store.count_events(mapping, item)
    if as_json:
        output.print_json({"total": total, "page": page, "events": [output.event_as_json(event) for event in events]})
    else:
        output.print_events(events)


@conflicts_app.callback()
def conflicts(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Settled ones too.")] = False,
    as_json: AsJson = False,
) -> None:
    """List conflicts, with both values. Sends no request."""
    if context.invoked_subcommand:
        return
    from reconciler.cli import output

    config = _load()
    with _store(config) as store:
        found = store.conflicts() if everything else store.open_conflicts()
    if as_json:
        output.print_json({"conflicts": [output.conflict_as_json(conflict) for conflict in found]})
    else:
        output.print_conflicts(found)


@conflicts_app.command()
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
    config = _load()
    with _writable_store(config) as store:
        conflict = decide(store, _Settings.clock, conflict_id, "left" if winner == "left" else "right")
    output.out.print(
        f"{conflict.field} of {conflict.left_key} / {conflict.right_key}: the {winner} wins at the next cycle"
    )


@app.command()
def retry(
    item: Annotated[str, typer.Argument(metavar="ITEM", help='Its id or label, as `status` shows it ("AB#12").')],
) -> None:
    """Take an item out of quarantine: the next cycle looks at it again.

    Example: reconciler retry AB#1234
    """
    from reconciler.cli import output
    from reconciler.decide import retry as try_again

    config = _load()
    with _writable_store(config) as store:
        rows = try_again(store, _Settings.clock, config.names, item)
    for row in rows:
        output.out.print(f"{row.mapping}: {row.side} {row.key} is looked at again at the next cycle", markup=False)


# --- helpers for users ---------------------------------------------------------------------------------------------


@app.command()
def simulate(
    ado_port: Annotated[int, typer.Option("--ado-port", help="0 takes a free port.", min=0, max=65535)] = 8101,
    clickup_port: Annotated[int, typer.Option("--clickup-port", help="0 takes a free port.", min=0, max=65535)] = 8102,
    write_config: Annotated[
        Path | None, typer.Option("--write-config", help="Write a configuration for these servers here.")
    ] = None,
) -> None:
    """Serve the simulated trackers alone, filled with the demo's project, to try a configuration on."""
    from reconciler import log
    from reconciler.cli.demo import simulate_and_stay

    log.configure("WARNING")
    with _ending_softly():
        simulate_and_stay(_Settings.clock, ado_port, clickup_port, write_config)


@app.command("config-schema")
def config_schema() -> None:
    """Print the JSON Schema of config.toml, for completion in editors."""
    from reconciler.cli import output
    from reconciler.config.schema import json_schema

    output.print_json(json_schema())


# --- endings -------------------------------------------------------------------------------------------------------


def main() -> None:
    """Runs a command. Whatever happens, a user sees sentences, and the exit code says what kind they are."""
    try:
        app(prog_name="reconciler")
    except ReconcilerError as error:
        _explain(error)
        sys.exit(for_error(error))
    except Stopping:
        _say("stopped after the operation in flight; what is left is done next time")
        sys.exit(ExitCode.LEFT_FOR_LATER)
    except KeyboardInterrupt:
        sys.exit(ExitCode.INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(ExitCode.CLEAN)
    except Exception as error:
        if _Settings.debug:
            raise
        _say(f"unexpected error: {type(error).__name__}: {error}; run again with --debug to see where")
        sys.exit(ExitCode.LEFT_FOR_LATER)


def _explain(error: ReconcilerError) -> None:
    for sentence in error.problems if isinstance(error, ConfigError) else [str(error)]:
        _say(sentence)


def _say(sentence: str) -> None:
    from reconciler.cli.output import complain

    complain(sentence)
