"""Registry: the one list of trackers. A new tracker is a folder and a line here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from reconciler.clock import Clock
from reconciler.trackers import azure_devops, clickup
from reconciler.trackers.base import Scope, Tracker
from reconciler.trackers.guide import Guide
from reconciler.trackers.http import Permit, granted
from reconciler.trackers.probe import Experiment, Laboratory


@dataclass(frozen=True, slots=True)
class Kind:
    """What a tracker's folder offers: the models of its two tables, and how to make a tracker and a scope of them.

    `key_named` is the key of the item that people mean by an address, a label or an id, as far as that can be told
    without asking the tracker, and `label_of` what people call the item of a key. `overlap` says whether two sides (of
    the same tracker) cover items in common, so that two mappings would fight.
    `experiments` find out, in a `laboratory` at a scratch place, what nobody has confirmed of the service.
    `guide` leads somebody with nothing but a token to a first configuration.
    """

    connection: type[BaseModel]
    side: type[BaseModel]
    make: Callable[..., Tracker]
    scope: Callable[[Any, str], Scope]
    overlap: Callable[[Any, Any], bool]
    key_named: Callable[[Any, str], str | None]
    label_of: Callable[[str], str]
    guide: Guide
    laboratory: Callable[[Any, Any, Clock, Any], Laboratory]
    experiments: Sequence[Experiment]


KINDS: dict[str, Kind] = {
    "azure-devops": Kind(
        azure_devops.Connection,
        azure_devops.Side,
        azure_devops.make,
        azure_devops.scope,
        azure_devops.overlap,
        azure_devops.key_named,
        azure_devops.label_of,
        azure_devops.AzureDevOpsGuide(),
        azure_devops.Laboratory,
        azure_devops.EXPERIMENTS,
    ),
    "clickup": Kind(
        clickup.Connection,
        clickup.Side,
        clickup.make,
        clickup.scope,
        clickup.overlap,
        clickup.key_named,
        clickup.label_of,
        clickup.ClickUpGuide(),
        clickup.Laboratory,
        clickup.EXPERIMENTS,
    ),
}


def make_tracker(
    name: str, connection: BaseModel, clock: Clock, transport: Any = None, permit: Permit = granted
) -> Tracker:
    """The tracker that a [trackers.<name>] table describes; `transport` replaces the network, for tests;
    `permit` is asked before every request that writes."""
    return KINDS[connection.kind].make(name, connection, clock, transport, permit)  # type: ignore[attr-defined]


def make_scope(connection: BaseModel, side: BaseModel, timezone: str) -> Scope:
    """The scope that a side of a mapping describes."""
    return KINDS[connection.kind].scope(side, timezone)  # type: ignore[attr-defined]


def guide_of(connection: BaseModel) -> Guide:
    """The guide of that tracker's kind."""
    return KINDS[connection.kind].guide  # type: ignore[attr-defined]


def key_named(connection: BaseModel, text: str) -> str | None:
    """The key of the item of that tracker that a person may mean by `text`; None if it cannot be one of its items."""
    with suppress(ValueError):  # what looks like an address and is none
        return KINDS[connection.kind].key_named(connection, text)  # type: ignore[attr-defined]
    return None


def label_of(connection: BaseModel, key: str) -> str:
    """What people call the item of that tracker with that key, as far as the key shows it."""
    return KINDS[connection.kind].label_of(key)  # type: ignore[attr-defined]
