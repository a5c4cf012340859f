"""The shape of config.toml as pydantic models: what may stand where, with the descriptions an editor shows.

The tables of a tracker ([trackers.x], [mappings.left], [mappings.right]) are left open here and validated by the
tracker's own models; `json_schema` puts both together.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any, Literal

from pydantic import Field, field_validator

from reconciler.config.alerts import AlertsTable
from reconciler.config.feed import FeedTable
from reconciler.config.table import Duration, Names, Size, Table, Zone
from reconciler.model.policy import Direction, OnArchive, OnDelete, Rule
from reconciler.trackers.registry import KINDS

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")

STORES = ("sqlite:///", "postgresql://", "postgres://", "mysql://", "mariadb://")


class StoreTable(Table):
    url: str = Field(
        default="sqlite:///data/reconciler.db",
        description="sqlite:///path (relative to this file), postgresql://… or mysql://…; DATABASE_URL overrides it.",
    )

    @field_validator("url")
    @classmethod
    def _names_a_database(cls, url: str) -> str:
        if not url.startswith(STORES):
            raise ValueError("must begin with sqlite:///, postgresql:// or mysql://")
        return url


class LogTable(Table):
    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(default="INFO", description="LOG_LEVEL overrides it.")
    format: Literal["auto", "console", "json"] = Field(
        default="auto", description="auto: console on a terminal, JSON lines otherwise."
    )


class DashboardTable(Table):
    listen: str = Field(default="127.0.0.1:8080", description='host:port of the HTTP server of `run`; "" is off.')
    token: str = Field(
        default="",
        description="Who knows it may decide conflicts and retry items there; without it everything is read-only.",
    )

    @field_validator("token")
    @classmethod
    def _is_not_guessed(cls, token: str) -> str:
        if token and len(token) < 16:
            raise ValueError("must have at least 16 characters; `openssl rand -hex 24` makes a good one")
        return token

    @field_validator("listen")
    @classmethod
    def _is_host_and_port(cls, listen: str) -> str:
        host, colon, port = listen.rpartition(":")
        if listen and not (host and colon and port.isdigit() and int(port) < 65_536):
            raise ValueError('must be "host:port" such as "127.0.0.1:8080", or "" to switch it off')
        return listen


class RecoveryTable(Table):
    doubt_lasts: Duration = Field(
        default=timedelta(seconds=180),
        description="How long after its request a creation whose answer was lost may still appear in the tracker.",
    )


class TypeTable(Table):
    right: str | None = Field(default=None, description="Type on the right side.")
    states: dict[str, Names] | None = Field(default=None, description="States of this type where they differ.")


class FieldsTable(Table):
    title: Direction = Direction.BOTH
    description: Direction = Direction.BOTH
    state: Direction = Direction.BOTH
    assignees: Direction = Direction.BOTH
    priority: Direction = Direction.BOTH
    tags: Direction = Direction.BOTH
    type: Direction = Direction.BOTH
    start_date: Direction = Direction.BOTH
    due_date: Direction = Direction.BOTH
    parent: Direction = Direction.BOTH
    comments: Direction = Direction.BOTH
    points: Direction = Direction.BOTH
    estimate: Direction = Direction.BOTH
    links: Direction = Direction.BOTH
    attachments: Direction = Direction.BOTH


class ConflictsTable(Table):
    title: Rule | None = None
    description: Rule | None = None
    state: Rule | None = None
    assignees: Rule | None = None
    priority: Rule | None = None
    tags: Rule | None = None
    type: Rule | None = None
    start_date: Rule | None = None
    due_date: Rule | None = None
    parent: Rule | None = None
    points: Rule | None = None
    estimate: Rule | None = None
    comments: Rule | None = None


class CustomFieldTable(Table):
    left: str = Field(min_length=1, description="Name of the field on the left side, or its reference name or id.")
    right: str = Field(min_length=1, description="Name of the field on the right side, or its reference name or id.")
    direction: Direction = Field(default=Direction.BOTH, description="Which way its changes travel.")
    values: dict[str, str] = Field(
        default_factory=dict, description="left choice = right choice, where they are not called the same"
    )


class GuardTable(Table):
    max_creates: int = Field(default=500, ge=0)
    max_updates: int = Field(default=500, ge=0)
    max_deletes: int = Field(default=10, ge=0)
    max_changed_percent: int = Field(default=50, ge=0, le=100)


class MappingTable(Table):
    name: str = Field(pattern=r"^[\w.-]{1,64}$", description="Names the mapping in commands and logs.")
    poll_every: Duration = Field(default=timedelta(seconds=30), description="How often both sides are asked.")
    sweep_every: Duration = Field(default=timedelta(hours=24), description="How often everything is compared.")
    conflict: Rule = Field(default=Rule.NEWEST, description="Who wins when both sides changed the same field.")
    on_delete: OnDelete = Field(default=OnDelete.CLOSE, description="What a proven deletion does to the other side.")
    on_archive: OnArchive = Field(
        default=OnArchive.IGNORE, description="What archiving an item does to the other side."
    )
    match_by: Literal["title", "none"] = Field(default="title", description="How existing items are paired.")
    first_sync: Literal["confirm", "apply"] = Field(
        default="confirm", description="confirm: the first plan waits for `sync --yes`."
    )
    timezone: Zone = Field(default="UTC", description="Whose calendar days dates without a time mean.")
    attachment_limit: Size = Field(
        default=10**9, validate_default=False, description="Larger files are not copied; a link to them is."
    )
    settle: Duration = Field(default=timedelta(0), description="Hold a changed text back until it has been quiet.")
    left: dict[str, Any]
    right: dict[str, Any]
    states: dict[str, Names] = Field(default_factory=dict, description="left state = right status(es)")
    types: dict[str, TypeTable] = Field(default_factory=dict)
    priorities: dict[str, str] = Field(default_factory=dict, description="left priority = right priority")
    people: dict[str, str] = Field(default_factory=dict, description="left e-mail = right e-mail, where they differ")
    fields: FieldsTable = FieldsTable()
    conflicts: ConflictsTable = ConflictsTable()
    custom_fields: list[CustomFieldTable] = Field(default_factory=list)
    guard: GuardTable = GuardTable()

    @field_validator("custom_fields")
    @classmethod
    def _are_named_once(cls, pairs: list[CustomFieldTable]) -> list[CustomFieldTable]:
        for side in ("left", "right"):
            seen: set[str] = set()
            for pair in pairs:
                name = str(getattr(pair, side))
                if name.strip().casefold() in seen:
                    raise ValueError(f'"{name}" is joined twice on the {side}; a field may be in one pair only')
                seen.add(name.strip().casefold())
        return pairs

    @field_validator("people")
    @classmethod
    def _are_addresses(cls, people: dict[str, str]) -> dict[str, str]:
        for left, right in people.items():
            for text in (left, right):
                if not _ADDRESS.fullmatch(text.strip()):
                    raise ValueError(
                        f'"{text}" is not an e-mail address; people are paired by those, not by their names'
                    )
        return {left.strip(): right.strip() for left, right in people.items()}

    @field_validator("poll_every")
    @classmethod
    def _is_polite(cls, every: timedelta) -> timedelta:
        if every < timedelta(seconds=5):
            raise ValueError("must be at least 5s: polling faster earns only refusals")
        return every

    @field_validator("sweep_every")
    @classmethod
    def _is_seldom(cls, every: timedelta) -> timedelta:
        if every < timedelta(minutes=1):
            raise ValueError("must be at least 1m: comparing everything costs a listing of both sides")
        return every


class FileTable(Table):
    version: Literal[1] = Field(description="Version of this file's format.")
    store: StoreTable = StoreTable()
    log: LogTable = LogTable()
    dashboard: DashboardTable = DashboardTable()
    recovery: RecoveryTable = RecoveryTable()
    alerts: AlertsTable = AlertsTable()
    feed: FeedTable = FeedTable()
    trackers: dict[str, dict[str, Any]] = Field(min_length=1)
    mappings: list[MappingTable] = Field(min_length=1)


def json_schema() -> dict[str, Any]:
    """A JSON Schema of the whole file for editors, the trackers' own tables included."""
    schema = FileTable.model_json_schema()
    definitions = schema["$defs"]
    for field, models in (
        ("connection", {name: kind.connection for name, kind in KINDS.items()}),
        ("side", {name: kind.side for name, kind in KINDS.items()}),
    ):
        for name, model in models.items():
            own = model.model_json_schema()
            definitions |= own.pop("$defs", {})
            definitions[f"{name}-{field}"] = own
    schema["properties"]["trackers"]["additionalProperties"] = {
        "oneOf": [{"$ref": f"#/$defs/{name}-connection"} for name in KINDS]
    }
    for side in ("left", "right"):
        definitions["MappingTable"]["properties"][side] = {"anyOf": [{"$ref": f"#/$defs/{n}-side"} for n in KINDS]}
    return {**schema, "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "reconciler config.toml"}
