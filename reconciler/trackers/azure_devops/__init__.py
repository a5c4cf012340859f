"""Azure DevOps as a tracker: settings, and how to make a tracker and a scope of them."""

from __future__ import annotations

from reconciler.clock import Clock
from reconciler.trackers.azure_devops import naming
from reconciler.trackers.azure_devops.guide import AzureDevOpsGuide
from reconciler.trackers.azure_devops.naming import label_of
from reconciler.trackers.azure_devops.probe import EXPERIMENTS, Laboratory
from reconciler.trackers.azure_devops.scope import ProjectScope, overlap, scope
from reconciler.trackers.azure_devops.settings import Connection, Side
from reconciler.trackers.azure_devops.tracker import AzureDevOps
from reconciler.trackers.base import Tracker
from reconciler.trackers.http import Permit, Transport, granted

__all__ = [
    "EXPERIMENTS",
    "AzureDevOps",
    "AzureDevOpsGuide",
    "Connection",
    "Laboratory",
    "ProjectScope",
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
    """A tracker for one organisation; sends nothing until it is used. `transport` replaces the network;
    `permit` is asked before every request that writes."""
    return AzureDevOps(name, connection, clock, transport, permit)


def key_named(connection: Connection, text: str) -> str | None:
    """The key of the item that a person means by an address, a label or an id; None if it cannot be one of these."""
    return naming.key_named(connection.url, text)
