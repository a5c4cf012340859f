"""Standalone: the commands that need no configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from reconciler.cli.invocation import AsJson, Settings, ending_softly


def demo(
    as_json: AsJson = False,
    serve: Annotated[bool, typer.Option("--serve", help="Keep servers and daemon up to play with.")] = False,
) -> None:
    """Show the main job on nothing but this machine.

    Starts simulated Azure DevOps and ClickUp servers on loopback, fills both, runs the real engine through real HTTP
    and a real SQLite file while scripted people edit both sides, and proves both sides equal. Exit code 0 only if so.

    Example: reconciler demo --serve
    """
    from reconciler import log
    from reconciler.cli.demo import play, serve_and_stay

    log.configure("WARNING")
    if serve:
        with ending_softly():
            serve_and_stay(Settings.clock)
        return
    raise typer.Exit(play(as_json=as_json))


def simulate(
    ado_port: Annotated[int, typer.Option("--ado-port", help="0 takes a free port.", min=0, max=65535)] = 8101,
    clickup_port: Annotated[int, typer.Option("--clickup-port", help="0 takes a free port.", min=0, max=65535)] = 8102,
    write_config: Annotated[
        Path | None, typer.Option("--write-config", help="Write a configuration for these servers here.")
    ] = None,
) -> None:
    """Serve the simulated trackers alone, filled with the demo's project, to try a configuration on.

    Example: reconciler simulate --write-config sim.toml

    Then in another shell, after the two exports that it prints: reconciler --config sim.toml plan
    """
    from reconciler import log
    from reconciler.cli.demo import simulate_and_stay

    log.configure("WARNING")
    with ending_softly():
        simulate_and_stay(Settings.clock, ado_port, clickup_port, write_config)


def config_schema(
    _as_json: Annotated[bool, typer.Option("--json", help="It is JSON in any case.")] = True,
) -> None:
    """Print the JSON Schema of config.toml, for completion in editors.

    Example: reconciler config-schema > config.schema.json

    The first line of config.toml then says: #:schema ./config.schema.json
    """
    from reconciler.cli import output
    from reconciler.config.schema import json_schema

    output.print_json(json_schema())
