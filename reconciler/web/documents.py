"""Documents: what the dashboard shows, as JSON with stable keys; the pages are made of the same functions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel

from reconciler import __version__
from reconciler.config import Config, MappingConfig
from reconciler.model.field import FIELDS
from reconciler.model.policy import Direction
from reconciler.model.side import Side
from reconciler.naming import references, with_partner
from reconciler.status import status
from reconciler.store import Store
from reconciler.web.instance import Instance
from reconciler.web.query import LogQuery

BESIDE_FIELDS = ("comments", "attachments")


def stats(instance: Instance) -> dict[str, Any]:
    """How everything stands: the daemon, each mapping as `status --json` says it, and each tracker."""
    config, activity = instance.config, instance.activity
    now = instance.clock.now()
    with instance.reading() as store:
        entries = status(config, store)
        trackers = [_tracker(config, store, name, now) for name in config.trackers]
    return {
        **instance.health.as_json(),
        "timestamp": now.isoformat(),
        "version": __version__,
        "started_at": activity.started_at.isoformat(),
        "mappings": [
            {
                **entry.as_json(),
                "left": instance.config.mappings[index].left.tracker,
                "right": instance.config.mappings[index].right.tracker,
                "last_cycle_at": _instant(activity.finished_at.get(entry.name)),
                "next_cycle_at": _instant(activity.next_at(entry.name)),
            }
            for index, entry in enumerate(entries)
        ],
        "trackers": trackers,
    }


def _tracker(config: Config, store: Store, name: str, now: datetime) -> dict[str, Any]:
    counted = store.requests_by_hour(name)
    this_hour = now.replace(minute=0, second=0, microsecond=0)
    return {
        "name": name,
        "kind": kind_of(config.trackers[name]),
        "circuit": store.circuit(name),
        "requests_per_minute": ceiling_of(config.trackers[name]),
        "requests_last_day": sum(n for at, n in counted.items() if now - at < timedelta(days=1)),
        "requests_this_hour": counted.get(this_hour, 0),
        "requests_by_hour": [{"hour": at.isoformat(), "requests": counted[at]} for at in sorted(counted)],
    }


def project_maps(config: Config) -> dict[str, Any]:
    """The mappings as they are configured, all defaults filled in. People are left out, and no secret can be in it."""
    return {"mappings": [_project_map(mapping) for mapping in config.mappings]}


def _project_map(mapping: MappingConfig) -> dict[str, Any]:
    policy = mapping.policy
    return {
        "name": mapping.name,
        "left": {"tracker": mapping.left.tracker, "place": place(mapping, "left")},
        "right": {"tracker": mapping.right.tracker, "place": place(mapping, "right")},
        "poll_every_s": mapping.poll_every.total_seconds(),
        "sweep_every_s": mapping.sweep_every.total_seconds(),
        "timezone": mapping.timezone,
        "on_delete": policy.on_delete.value,
        "on_archive": policy.on_archive.value,
        "match_by": "title" if policy.match_by_title else "none",
        "first_sync": "confirm" if policy.confirm_first_sync else "apply",
        "fields": [
            {
                "field": name,
                "direction": policy.direction_of(name).value,
                "conflict": None if name == "attachments" else policy.rule_for(name).value,
            }
            for name in (*FIELDS, *BESIDE_FIELDS)
        ],
        "custom_fields": [
            {
                "left": pair.left,
                "right": pair.right,
                "direction": Direction(pair.direction).value,
                "values": dict(pair.values),
            }
            for pair in policy.custom_fields
        ],
        "states": _states(policy.states.items()),
        "types": [
            {"left": left, "right": table.right, "states": _states((table.states or {}).items())}
            for left, table in policy.types.items()
        ],
        "priorities": [{"left": left, "right": right} for left, right in policy.priorities.items()],
        "people": len(policy.people),
        "guard": {
            "max_creates": policy.guard.max_creates,
            "max_updates": policy.guard.max_updates,
            "max_deletes": policy.guard.max_deletes,
            "max_changed_percent": policy.guard.max_changed_percent,
        },
        "attachment_bytes_max": policy.attachment_bytes_max,
    }


def place(mapping: MappingConfig, side: Side) -> dict[str, Any]:
    """What of its tracker a side covers, in the words of the file."""
    return mapping.side(side).settings.model_dump(mode="json", exclude_none=True, exclude={"tracker"})


def sync_log(instance: Instance, query: LogQuery) -> dict[str, Any]:
    """One page of the history, newest first, as `log --json` says it."""
    with instance.reading() as store:
        keys = keys_meant(instance.config, store, query.item)
        if keys is None:
            return {"total": 0, "page": query.page, "limit": query.limit, "events": []}
        chosen: dict[str, Any] = {"kind": query.kind or None, "words": query.text}
        events = store.events(query.page, query.limit, query.mapping or None, keys, **chosen)
        total = store.count_events(query.mapping or None, keys, **chosen)
    return {
        "total": total,
        "page": query.page,
        "limit": query.limit,
        "events": [event.as_json() for event in events],
    }


def keys_meant(config: Config, store: Store, item: str) -> set[str] | None:
    """The keys of the item and its partner that a person means; empty where they mean none in particular, None where
    nothing can be meant."""
    if not item:
        return set()
    return {place.key for each in references(config, store, item) for place in with_partner(store, each)} or None


def kind_of(connection: BaseModel) -> str:
    return str(connection.kind)  # type: ignore[attr-defined]


def ceiling_of(connection: BaseModel) -> int | None:
    """How many requests a minute the tracker's settings allow, where they say so."""
    return getattr(connection, "requests_per_minute", None)


def _states(table: Iterable[tuple[str, tuple[str, ...]]]) -> list[dict[str, Any]]:
    return [{"left": left, "right": list(right)} for left, right in table]


def _instant(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
