"""Invocation: what commands share - the options before the command, the configuration, the store, signals."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reconciler.cli.completion import mappings
from reconciler.cli.exit_codes import ExitCode
from reconciler.clock import SystemClock
from reconciler.errors import ConfigError

if TYPE_CHECKING:
    from reconciler.config import Config
    from reconciler.model.conflict_record import ConflictRecord
    from reconciler.store import Store

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
Names = Annotated[
    list[str] | None, typer.Argument(help="Mappings; all by default.", metavar="MAPPING", autocompletion=mappings)
]

OneMapping = Annotated[
    str | None,
    typer.Option("--mapping", "-m", help="In this mapping, where several come into question.", autocompletion=mappings),
]
ITEM_HELP = "Its label (AB#12), its key, or the address of its page."


class Settings:
    """What the options before the command say."""

    config = Path("config.toml")
    debug = False
    clock = SystemClock()


def load(names: list[str] | None = None) -> Config:
    """The configuration; logging is set up by it. Unknown mapping names are a mistake of usage."""
    from reconciler import log
    from reconciler.config import load as read

    config = read(Settings.config)
    log.configure(config.log.level, config.log.format)  # type: ignore[arg-type]
    unknown = [name for name in names or () if name not in config.names]
    if unknown:
        raise ConfigError([f'there is no mapping "{name}"; known are {", ".join(config.names)}' for name in unknown])
    return config


def warn(config: Config) -> None:
    """Says which settings have no effect, before anything is done without them."""
    for warning in config.warnings:
        say(warning)


@contextmanager
def reading(config: Config) -> Iterator[Store]:
    """The store, to look at while a daemon may be running."""
    from reconciler.store import Store

    with Store.open(config.store.url, clock=Settings.clock, read_only=True) as store:
        yield store


def require_store(config: Config) -> None:
    """Raises StoreError and its kinds where there is no store to look at, or none that this version can read."""
    with reading(config):
        return


@contextmanager
def writing(config: Config) -> Iterator[Store]:
    """The store, to write a person's word into; one that is not there is not made for it."""
    from reconciler.store import Store

    require_store(config)
    with Store.open(config.store.url, clock=Settings.clock) as store:
        yield store


@contextmanager
def ending_softly() -> Iterator[None]:
    """SIGINT and SIGTERM ask the program to end after the operation in flight; a second one ends it at once. Commands
    that only read have nothing to finish: there the first one ends it."""

    def ask(_number: int, _frame: object) -> None:
        if Settings.clock.stop.is_set():
            os._exit(ExitCode.INTERRUPTED)
        Settings.clock.stop.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def no_such_item(text: str) -> str:
    """The sentence about a name that means nothing to any tracker of the configuration."""
    return (
        f'"{text}" cannot be an item of any mapping; give its label as `reconciler log` shows it, its key,'
        " or the address of its page"
    )


def no_such_pair(left: str, right: str) -> str:
    """The sentence about two names that no mapping can join."""
    return (
        f'no mapping has "{left}" on one side and "{right}" on the other; give the label (AB#12), the key, or the'
        " address of each one's page"
    )


def labels_of(config: Config, store: Store, conflict: ConflictRecord) -> tuple[str, str]:
    """What people call the left and the right item of a conflict."""
    from reconciler.naming import Reference, label_of

    left, right = (
        Reference(conflict.mapping, "left", conflict.left_key),
        Reference(conflict.mapping, "right", conflict.right_key),
    )
    return label_of(config, store, left), label_of(config, store, right)


def say(sentence: str) -> None:
    """A sentence for the person at the terminal, on standard error; never a secret."""
    from reconciler.cli.output import complain

    complain(sentence)
