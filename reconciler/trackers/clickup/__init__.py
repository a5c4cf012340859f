"""ClickUp as a tracker: settings, and how to make a tracker and a scope of them."""

from __future__ import annotations

from reconciler.clock import Clock
from reconciler.trackers.base import Tracker
from reconciler.trackers.clickup import naming
from reconciler.trackers.clickup.guide import ClickUpGuide
from reconciler.trackers.clickup.naming import label_of
from reconciler.trackers.clickup.probe import EXPERIMENTS, Laboratory
from reconciler.trackers.clickup.scope import Place, overlap, scope
from reconciler.trackers.clickup.settings import Connection, Side
from reconciler.trackers.clickup.tracker import ClickUp
from reconciler.trackers.http import Permit, Transport, granted

__all__ = [
    "EXPERIMENTS",
    "ClickUp",
    "ClickUpGuide",
    "Connection",
    "Laboratory",
    "Place",
    "Side",
    "key_named",
    "label_of",
    "make",
    "overlap",
    "scope",
]


def make(
    name: str, connection: Connection, clock: Clock, transport: Transport | None = None, permit: Permit = granted
) -> Tracker:
    """A tracker for one workspace; sends nothing until it is used. `transport` replaces the network;
    `permit` is asked before every request that writes."""
    return ClickUp(name, connection, clock, transport, permit)


def key_named(connection: Connection, text: str) -> str | None:
    """The key of the item that a person means by an address, a label or an id; None if it cannot be one of these."""
    return naming.key_named(connection.url, text)
