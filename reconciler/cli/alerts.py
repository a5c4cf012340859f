"""Alerts: the command that tries out where alerts go."""

from __future__ import annotations

import typer

from reconciler.cli.exit_codes import ExitCode
from reconciler.cli.invocation import load, say
from reconciler.errors import ConfigError


def alerts() -> None:
    """Try out where alerts go.

    Example: reconciler alerts test
    """


def test() -> None:
    """Send one message to every channel of [alerts]. Exit code 1 where one does not take it.

    Example: reconciler alerts test
    """
    from reconciler.cli import output
    from reconciler.notify import channels

    config = load()
    if not config.alerts.urls:
        raise ConfigError(['alerts.urls names no channel; set it, such as urls = ["$SLACK_URL"]'])
    taken = [send("reconciler: a test", "Alerts arrive here.") for send in channels(config.alerts.urls).values()]
    for index, ok in enumerate(taken):
        if ok:
            output.out.print(f"alerts.urls[{index}]: taken", markup=False)
        else:
            say(f"alerts.urls[{index}]: not taken; the log above says why, check the address and its token")
    raise typer.Exit(ExitCode.CLEAN if all(taken) else ExitCode.LEFT_FOR_LATER)
