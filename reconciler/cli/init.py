"""Init: the command that leads from two tokens to a first plan."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reconciler.cli.exit_codes import BY_ERROR, ExitCode, for_error, worst
from reconciler.cli.invocation import Settings, say
from reconciler.errors import ConfigError

if TYPE_CHECKING:
    from reconciler.config import Config
    from reconciler.model.side import Side
    from reconciler.start import Chosen, Doorway


def init(
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing; refuse where a question would be.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Write over a configuration that is there.")] = False,
    left: Annotated[str, typer.Option("--left", help="Kind of the left tracker; the first there is.")] = "",
    right: Annotated[str, typer.Option("--right", help="Kind of the right tracker; the second there is.")] = "",
    left_url: Annotated[str, typer.Option("--left-url", help="Its address, or what stands for it.")] = "",
    right_url: Annotated[str, typer.Option("--right-url", help="Its address.")] = "",
    left_place: Annotated[str, typer.Option("--left-place", help="Project, List …: name or id.")] = "",
    right_place: Annotated[str, typer.Option("--right-place", help="Project, List …: name or id.")] = "",
) -> None:
    """Write a first configuration: asks for two tokens, reads the rest from both sides, proposes how they correspond.

    Ends with what `check` finds and the first plan. Writes nothing to either side, no token into the file, and never
    over a file that is there. Nothing is asked where there is no terminal, or with --yes: then the environment answers,
    by ADO_ORGANIZATION, ADO_PROJECT, ADO_PAT, ADO_ASSIGNED_TO, CLICKUP_API_TOKEN, CLICKUP_WORKSPACE_ID, CLICKUP_LIST_ID
    and CLICKUP_URL.

    Example: reconciler init

    Example for a script: reconciler --config web.toml init --yes --left-place Web --right-place "Web shop"
    """
    from reconciler import log
    from reconciler.cli.asking import Terminal
    from reconciler.cli.beginning import answered, choose, enter
    from reconciler.start import already_there
    from reconciler.trackers.registry import KINDS

    log.configure("WARNING")
    path = Settings.config
    if path.exists() and not force:
        raise ConfigError([already_there(path)])
    if not path.parent.is_dir():
        raise ConfigError([f"{path}: there is no folder {path.parent}; make it, or name another file with --config"])
    first, second = list(KINDS)[:2]
    left, right = left or first, right or second
    unknown = [kind for kind in (left, right) if kind not in KINDS]
    if unknown:
        raise ConfigError([f'unknown tracker kind "{kind}"; known are {", ".join(KINDS)}' for kind in unknown])
    asker = None if yes or not sys.stdin.isatty() else Terminal()
    kinds: dict[Side, str] = {"left": left, "right": right}
    flags: dict[Side, dict[str, str]] = {
        "left": {"url": left_url, KINDS[left].guide.place.key: left_place},
        "right": {"url": right_url, KINDS[right].guide.place.key: right_place},
    }
    try:
        doors: dict[Side, Doorway] = {}
        for side, kind in kinds.items():
            given = {key: text for key, text in flags[side].items() if text}
            table = KINDS[kind].guide.table
            name = f"{table}-{side}" if left == right else table
            doors[side] = enter(kind, name, answered(kind, os.environ, given), Settings.clock, asker)
        chosen = choose(doors, Settings.clock, asker)
        environ = {**os.environ, **_secrets(doors)}
        if not _write(path, chosen, environ, force, asker is not None):
            raise typer.Exit(ExitCode.CLEAN)
    except EOFError:
        raise ConfigError(["the answers ended before all questions were asked; nothing was written"]) from None
    raise typer.Exit(_first_look(path, environ, doors))


def _secrets(doors: Mapping[Side, Doorway]) -> dict[str, str]:
    """The tokens as the file names them, for the rest of this run."""
    return {
        question.variable: door.answers[question.key]
        for door in doors.values()
        for question in door.guide.questions
        if question.secret
    }


def _write(path: Path, chosen: Mapping[Side, Chosen], environ: Mapping[str, str], force: bool, ask: bool) -> bool:
    """Shows what is proposed and writes it; False where somebody said no."""
    from reconciler.cli import first_look
    from reconciler.cli.asking import Terminal
    from reconciler.cli.output import as_text
    from reconciler.config.schema import json_schema
    from reconciler.start import compose, write

    schema = path.with_suffix(".schema.json")
    text, proposal = compose(chosen, schema.name)
    first_look.print_proposal(chosen, proposal)
    if ask and not Terminal().yes(f"Write {path}?"):
        say("nothing was written")
        return False
    write(path, text, overwrite=force, environ=environ)
    write(schema, as_text(json_schema()) + "\n", overwrite=True)
    first_look.print_written(path)
    return True


def _first_look(path: Path, environ: Mapping[str, str], doors: Mapping[Side, Doorway]) -> ExitCode:
    """What `check` and `plan` say about the new file, and what to type next."""
    from contextlib import closing

    from reconciler.app import App
    from reconciler.check import check
    from reconciler.cli import first_look
    from reconciler.config import load
    from reconciler.connections import Connections
    from reconciler.model.finding import Level

    config: Config = load(path, environ)
    with closing(Connections(config, Settings.clock, read_only=True)) as connections:
        findings = check(config, Settings.clock, connections)
    first_look.print_check(findings)
    errors = [finding for finding in findings if finding.level is Level.ERROR]
    if errors:
        say(f"{path} is written; correct it, then: reconciler check")
        return worst(BY_ERROR.get(finding.error, ExitCode.USAGE) for finding in errors)
    with App.open(config, clock=Settings.clock, read_only=True) as engine:
        plans = engine.plan()
    first_look.print_first_plan(config, plans)
    missing = sorted(name for name in _secrets(doors) if not os.environ.get(name))
    first_look.print_next(path, missing)
    return worst(for_error(entry.error) for entry in plans if entry.error)
