"""Adopting: pairs that were made before this program, reviewed by a person and then linked."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reconciler.cli.completion import mappings
from reconciler.cli.exit_codes import ExitCode
from reconciler.cli.invocation import AsJson, Settings, load, say
from reconciler.errors import ConfigError

if TYPE_CHECKING:
    from reconciler.config import Config

SHOWN_MAX = 20


def adopt(
    review: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="A review; the pairs marked yes in it are linked.")
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="Where the review is written.")] = Path("adopt.csv"),
    mapping: Annotated[
        str | None, typer.Option("--mapping", "-m", help="Only this mapping.", autocompletion=mappings)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Find pairs that people or another tool made, for a person to look through; then link those.

    Without FILE both sides are listed, and a review is written: a line for each two items that name each other, have
    the same title, or nearly so, with how sure that is and yes or no in its first column. Nothing else is written.
    With FILE the pairs marked yes are linked as `link` does, and every line that cannot be is named.

    Example: reconciler adopt, then edit adopt.csv, then reconciler adopt adopt.csv
    """
    config = load([mapping] if mapping else None)
    names = [mapping] if mapping else list(config.names)
    if review is None:
        _write_review(config, names, output, as_json)
        return
    _link(config, review, as_json)


def _write_review(config: Config, names: list[str], path: Path, as_json: bool) -> None:
    from reconciler.adopt import find
    from reconciler.adopt import review as as_csv
    from reconciler.cli.output import out, print_json
    from reconciler.connections import Connections
    from reconciler.errors import StoreMissing
    from reconciler.store import Store

    if path.exists():
        raise ConfigError([f"{path}: is there already, perhaps looked through; move it away, or name another with -o"])
    try:
        store = Store.open(config.store.url, clock=Settings.clock, read_only=True)
    except StoreMissing:
        store = Store.open("sqlite:///:memory:", clock=Settings.clock)
    with store, closing(Connections(config, Settings.clock, read_only=True)) as connections:
        chosen = [entry for entry in config.mappings if entry.name in names]
        found = {entry.name: find(connections.context(entry), store) for entry in chosen}
    try:
        path.write_text(as_csv(found), encoding="utf-8")
    except OSError as error:
        raise ConfigError([f"{path}: cannot be written: {error.strerror}"]) from None
    counts = {name: (sum(e.sure for e in entries), sum(not e.sure for e in entries)) for name, entries in found.items()}
    if as_json:
        mappings = [{"name": name, "sure": sure, "doubtful": doubtful} for name, (sure, doubtful) in counts.items()]
        print_json({"review": str(path), "mappings": mappings})
        return
    for name, (sure, doubtful) in counts.items():
        out.print(f"{name}: {sure} pairs proposed, {doubtful} doubtful ones marked no", markup=False)
    out.print(f"look through {path}, then: reconciler adopt {path}", markup=False)


def _link(config: Config, path: Path, as_json: bool) -> None:
    from reconciler.adopt import adopt as link_all
    from reconciler.adopt import read_review
    from reconciler.cli.output import out, print_json
    from reconciler.connections import Connections
    from reconciler.store import Store

    try:
        lines = read_review(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path}: cannot be read: {error}"]) from None
    with (
        Store.open(config.store.url, clock=Settings.clock) as store,
        closing(Connections(config, Settings.clock, read_only=True)) as connections,
    ):
        done = link_all(config, connections, store, Settings.clock, lines)
    if as_json:
        print_json({"paired": done.made, "already": done.already, "declined": done.declined, "refused": done.refused})
    else:
        for sentence in done.made[:SHOWN_MAX]:
            out.print(f"{sentence} are a pair", markup=False)
        counts = f"{len(done.made)} paired, {done.already} were already, {done.declined} left alone"
        out.print(f"{counts}, {len(done.refused)} refused", markup=False)
        for sentence in done.refused:
            say(sentence)
    raise typer.Exit(ExitCode.USAGE if done.refused else ExitCode.CLEAN)
