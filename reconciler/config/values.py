"""Config: what the rest of the program sees of the configuration - resolved, checked, immutable."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from pydantic import BaseModel

from reconciler.config.alerts import AlertsTable
from reconciler.config.feed import FeedTable
from reconciler.model.policy import Policy
from reconciler.model.side import Side


@dataclass(frozen=True, slots=True)
class StoreConfig:
    """`url` is complete: a relative SQLite path has been taken relative to the configuration file. It may hold a
    password and is therefore left out of the repr."""

    url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class LogConfig:
    """`format` is "auto", "console" or "json"."""

    level: str
    format: str


@dataclass(frozen=True, slots=True)
class DashboardConfig:
    """`listen` is "host:port"; "" switches it off. Without a `token` everything on it is read-only."""

    listen: str
    token: str = field(default="", repr=False)

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach it."""
        host = self.listen.rpartition(":")[0].strip("[]")
        try:
            return not host or ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host == "localhost"

    @property
    def warning(self) -> str | None:
        """What whoever opens it to others should know."""
        if self.is_local:
            return None
        may = (
            "sign in with a token that travels unencrypted"
            if self.token
            else "read titles and texts, and change nothing"
        )
        return f"dashboard.listen: whoever reaches {self.listen} can {may}"


@dataclass(frozen=True, slots=True)
class SideConfig:
    """One side of a mapping: the tracker's name and the tracker's own settings for the part of it that is covered."""

    tracker: str
    settings: BaseModel


@dataclass(frozen=True, slots=True)
class MappingConfig:
    """`poll_every` and `sweep_every` are rhythms, `timezone` says whose calendar days dates without a time mean."""

    name: str
    left: SideConfig
    right: SideConfig
    poll_every: timedelta
    sweep_every: timedelta
    timezone: str
    policy: Policy

    def side(self, side: Side) -> SideConfig:
        return self.left if side == "left" else self.right


@dataclass(frozen=True, slots=True)
class Config:
    """`doubt_lasts` is how long a creation of unknown outcome may still appear. `trackers` holds each tracker's own
    connection settings by name. `warnings` are sentences about settings that
    are accepted but not carried yet."""

    path: Path
    store: StoreConfig
    log: LogConfig
    dashboard: DashboardConfig
    doubt_lasts: timedelta
    trackers: Mapping[str, BaseModel]
    mappings: tuple[MappingConfig, ...]
    alerts: AlertsTable = field(default_factory=AlertsTable)
    feed: FeedTable = field(default_factory=FeedTable)
    warnings: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(mapping.name for mapping in self.mappings)
