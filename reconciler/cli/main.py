"""Main: the commands put together; every ending of the program passes through `main`.

What a command needs beyond its options is imported when it runs, so that `--help` is quick.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from reconciler import __version__
from reconciler.cli import (
    acting,
    adopting,
    alerts,
    applying,
    copies,
    feed,
    forecasting,
    init,
    looking,
    standalone,
    undoing,
)
from reconciler.cli.exit_codes import ExitCode, for_error
from reconciler.cli.invocation import Settings, say
from reconciler.clock import Stopping
from reconciler.errors import ConfigError, ReconcilerError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Keeps Azure DevOps work items and ClickUp tasks equal, in both directions, by polling.",
)
conflicts = typer.Typer(invoke_without_command=True)
feed_app = typer.Typer(invoke_without_command=True)
alerts_app = typer.Typer(no_args_is_help=True)

_START, _DAILY, _HAND, _STORE, _TOOLS = (
    "Start here",
    "Every day",
    "By hand",
    "Store, change feed and alerts",
    "To try out and to write configurations",
)
"""The groups in which `--help` lists the commands, in this order."""

for group, commands in {
    _START: (standalone.demo, init.init, looking.check, looking.plan, acting.sync, acting.run),
    _DAILY: (looking.status, looking.log, looking.explain, looking.verify),
    _HAND: (
        acting.retry,
        adopting.adopt,
        acting.link,
        acting.unlink,
        undoing.undo,
        applying.apply,
        forecasting.what_if,
    ),
    _STORE: (copies.backup, copies.restore),
    _TOOLS: (standalone.simulate, standalone.config_schema),
}.items():
    for command in commands:
        app.command(rich_help_panel=group)(command)
app.add_typer(conflicts, name="conflicts", rich_help_panel=_DAILY)
conflicts.callback()(looking.conflicts)
conflicts.command()(acting.resolve)
app.add_typer(feed_app, name="feed", rich_help_panel=_STORE)
feed_app.callback()(feed.feed)
feed_app.command()(feed.retry)
app.add_typer(alerts_app, name="alerts", rich_help_panel=_STORE)
alerts_app.callback()(alerts.alerts)
alerts_app.command()(alerts.test)


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
    Settings.config, Settings.debug = config, debug


def main() -> None:
    """Runs a command. Whatever happens, a user sees sentences, and the exit code says what kind they are."""
    try:
        app(prog_name="reconciler")
    except ReconcilerError as error:
        _explain(error)
        sys.exit(for_error(error))
    except Stopping:
        say("stopped after the operation in flight; what is left is done next time")
        sys.exit(ExitCode.LEFT_FOR_LATER)
    except KeyboardInterrupt:
        sys.exit(ExitCode.INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(ExitCode.CLEAN)
    except Exception as error:
        if Settings.debug:
            raise
        say(f"unexpected error: {type(error).__name__}: {error}; run again with --debug to see where")
        sys.exit(ExitCode.LEFT_FOR_LATER)


def _explain(error: ReconcilerError) -> None:
    for sentence in error.problems if isinstance(error, ConfigError) else [str(error)]:
        say(sentence)
