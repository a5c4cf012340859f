"""Views: what each page shows, read from the store in one piece; the templates only arrange it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reconciler.config import Config
from reconciler.explain import Answer, Reason, explain_one, why_waiting
from reconciler.model.conflict_record import ConflictRecord
from reconciler.model.event import Event
from reconciler.model.field import Value
from reconciler.model.intent import Intent
from reconciler.model.pending import AMBIGUOUS, Pending
from reconciler.model.side import SIDES, Side, other
from reconciler.naming import Reference, label_of, namer, with_partner
from reconciler.status import status
from reconciler.store import Store
from reconciler.web.chart import chart
from reconciler.web.documents import ceiling_of, keys_meant, kind_of, project_maps
from reconciler.web.instance import Instance
from reconciler.web.query import LogQuery
from reconciler.web.standing import standing
from reconciler.web.words import Contrast, contrast, name_of_field, words_of

RECENT = 8
SETTLED_SHOWN = 20
WAITING_SHOWN = 200
OPERATIONS_A_PAGE = 50
RUNS_A_PAGE = 50

View = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Named:
    """An item as a page names it. `url` is its page in the tracker, "" where that is not known."""

    mapping: str
    side: Side
    key: str
    tracker: str
    label: str
    title: str = ""
    url: str = ""


def overview(instance: Instance) -> View:
    config, activity, health = instance.config, instance.activity, instance.health
    now = instance.clock.now()
    with instance.reading() as store:
        entries = status(config, store)
        charts = {n: chart(store.requests_by_hour(n), now, ceiling_of(config.trackers[n])) for n in config.trackers}
        circuits = {name: store.circuit(name) for name in config.trackers}
        events = [(event, _of_event(config, event)) for event in store.events(1, RECENT)]
    linked, unsettled = sum(e.linked for e in entries), sum(e.open_pairs for e in entries)
    nexts = [at for name in config.names if (at := activity.next_at(name))]
    return {
        "standing": standing(entries, health.late(), health.doubtful()),
        "parity": 1 - unsettled / linked if linked else None,
        "linked": linked,
        "unsettled": unsettled,
        "totals": {name: sum(getattr(e, name) for e in entries) for name in _COUNTED},
        "last_cycle": max(list(activity.finished_at.values()), default=None),
        "next_cycle": min(nexts, default=None),
        "trackers": [
            {"name": n, "kind": kind_of(config.trackers[n]), "circuit": circuits[n], "chart": charts[n]}
            for n in config.trackers
        ],
        "mappings": [
            {
                "status": entry,
                "config": mapping,
                "last": activity.finished_at.get(entry.name),
                "next": activity.next_at(entry.name),
                "late": entry.name in health.late(),
                "lags": [
                    (mapping.side(s).tracker, entry.polled_left if s == "left" else entry.polled_right) for s in SIDES
                ],
            }
            for entry, mapping in zip(entries, config.mappings, strict=True)
        ],
        "events": events,
    }


_COUNTED = ("pending", "quarantined", "conflicts", "in_doubt")


# --- conflicts -----------------------------------------------------------------------------------------------------


def conflicts(instance: Instance) -> View:
    config = instance.config
    with instance.reading() as store:
        held = [_conflict(config, store, c) for c in store.open_conflicts()]
        settled = [_conflict(config, store, c) for c in store.conflicts(limit=SETTLED_SHOWN) if not c.is_open]
    return {"held": held, "settled": settled}


def _conflict(config: Config, store: Store, record: ConflictRecord) -> View:
    keys: dict[Side, str] = {"left": record.left_key, "right": record.right_key}
    names = {side: _named(config, store, Reference(record.mapping, side, keys[side])) for side in SIDES}
    base = record.left_base if record.left_base is not None else record.right_base
    return {
        "record": record,
        "field": name_of_field(record.field),
        "items": names,
        "values": contrast(*(_words(config, record.mapping, side, record.field, record.value(side)) for side in SIDES)),
        "base": _words(config, record.mapping, "left", record.field, base),
    }


# --- waiting -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Waiting:
    item: Named
    row: Pending
    reason: Reason
    command: str


def waiting(instance: Instance) -> View:
    config, now = instance.config, instance.clock.now()
    with instance.reading() as store:
        rows = [row for name in config.names for row in store.pending(name)]
        person = [row for row in rows if row.needs_a_person]
        others = [row for row in rows if not row.needs_a_person]
        return {
            "person": [_waiting(config, store, row, now) for row in person[:WAITING_SHOWN]],
            "others": [_waiting(config, store, row, now) for row in others[:WAITING_SHOWN]],
            "hidden": max(0, len(person) - WAITING_SHOWN) + max(0, len(others) - WAITING_SHOWN),
            "doubts": [(intent, _of_intent(config, store, intent)) for intent in store.open_intents()],
        }


def _waiting(config: Config, store: Store, row: Pending, now: datetime) -> Waiting:
    item = _named(config, store, Reference(row.mapping, row.side, row.key))
    command = f"reconciler link {item.label} …" if row.reason == AMBIGUOUS else f"reconciler retry {item.label}"
    return Waiting(item, row, why_waiting(config, store, row, now), command if row.needs_a_person else "")


# --- log and runs --------------------------------------------------------------------------------------------------


def log(instance: Instance, query: LogQuery) -> View:
    config = instance.config
    with instance.reading() as store:
        keys = keys_meant(config, store, query.item)
        chosen: dict[str, Any] = {"kind": query.kind or None, "words": query.text}
        found = store.events(query.page, query.limit, query.mapping or None, keys, **chosen) if keys is not None else []
        total = store.count_events(query.mapping or None, keys, **chosen) if keys is not None else 0
        return {
            "query": query,
            "mapping_names": config.names,
            "total": total,
            "pages": _pages(total, query.limit),
            "kinds": store.event_kinds(),
            "events": [(event, _of_event(config, event)) for event in found],
        }


def runs(instance: Instance, page: int) -> View:
    with instance.reading() as store:
        total = store.count_runs()
        found = [(run, store.count_intents(run.id)) for run in store.last_runs(RUNS_A_PAGE, page)]
    return {"runs": found, "total": total, "page": page, "pages": _pages(total, RUNS_A_PAGE)}


def run(instance: Instance, run_id: int, page: int) -> View | None:
    """None where there is no such run (any more)."""
    config = instance.config
    with instance.reading() as store:
        found = store.run(run_id)
        if found is None:
            return None
        total = store.count_intents(run_id)
        operations = [_operation(config, store, i) for i in store.intents_of_run(run_id, page, OPERATIONS_A_PAGE)]
    pages = _pages(total, OPERATIONS_A_PAGE)
    return {"run": found, "operations": operations, "total": total, "page": page, "pages": pages}


def _operation(config: Config, store: Store, intent: Intent) -> View:
    names = dict.fromkeys([*intent.before, *intent.after])
    changes = [(name_of_field(name), _change(config, intent, name)) for name in names]
    return {"intent": intent, "item": _of_intent(config, store, intent), "changes": changes}


def _change(config: Config, intent: Intent, field: str) -> Contrast:
    before, after = (
        _words(config, intent.mapping, intent.side, field, values.get(field))
        for values in (intent.before, intent.after)
    )
    return contrast(before, after)


# --- one item ------------------------------------------------------------------------------------------------------


def item(instance: Instance, meant: Reference, page: int, limit: int = 20) -> View | None:
    """None for an item of which nothing is remembered."""
    config = instance.config
    with instance.reading() as store:
        answer = explain_one(config, store, meant, instance.clock.now())
        places = with_partner(store, meant)
        keys = {place.key for place in places}
        total = store.count_events(meant.mapping, keys)
        if answer.link is None and not total and not answer.pending and not answer.in_doubt:
            return None
        return {
            "answer": answer,
            "items": [_named(config, store, place) for place in places],
            "fields": list(_fields(config, answer)),
            "held": [_conflict(config, store, record) for record in answer.conflicts],
            "events": [(event, None) for event in store.events(page, limit, meant.mapping, keys)],
            "page": page,
            "pages": _pages(total, limit),
            "total": total,
            "retry": any(row.needs_a_person for row in answer.pending),
        }


def _fields(config: Config, answer: Answer) -> Iterator[View]:
    mapping = answer.meant.mapping
    for field in answer.fields:
        by_side: dict[Side, Value] = {"left": field.left, "right": field.right}
        values = [_words(config, mapping, side, field.field, value) for side, value in by_side.items()]
        yield {
            "name": name_of_field(field.field),
            "values": values,
            "state": field.state,
            "why": field.why,
            "last": field.last,
        }


# --- mappings and requests -----------------------------------------------------------------------------------------


def mappings(instance: Instance) -> View:
    return project_maps(instance.config)


def requests(instance: Instance) -> View:
    config, now = instance.config, instance.clock.now()
    with instance.reading() as store:
        return {
            "trackers": [
                (name, kind_of(settings), chart(store.requests_by_hour(name), now, ceiling_of(settings)))
                for name, settings in config.trackers.items()
            ]
        }


# --- names ---------------------------------------------------------------------------------------------------------


def _named(config: Config, store: Store, meant: Reference) -> Named:
    mapping = next((one for one in config.mappings if one.name == meant.mapping), None)
    tracker = mapping.side(meant.side).tracker if mapping else meant.side
    link = store.link(meant.mapping, meant.side, meant.key)
    if link is None:
        return Named(meant.mapping, meant.side, meant.key, tracker, label_of(config, store, meant))
    found = link.side(meant.side).item
    return Named(meant.mapping, meant.side, meant.key, tracker, found.label, found.title, _safe(found.url))


def _safe(url: str) -> str:
    """An address that a browser may be sent to; a tracker's answer could hold any."""
    return url if url.startswith(("https://", "http://")) else ""


def _of_event(config: Config, event: Event) -> Named | None:
    if event.side is None or event.key is None:
        return None
    return Named(event.mapping, event.side, event.key, "", namer(config, event.mapping)(event.side, event.key))


def _of_intent(config: Config, store: Store, intent: Intent) -> Named:
    """The item written to, or where it does not exist yet, the one that the news come from."""
    side, key = (intent.side, intent.key) if intent.key else (other(intent.side), intent.source_key.partition("/")[0])
    return _named(config, store, Reference(intent.mapping, side, key))


def _words(config: Config, mapping: str, side: Side, field: str, value: Value) -> str:
    name = namer(config, mapping)
    return words_of(value, field, lambda key: name(side, key))


def _pages(total: int, limit: int) -> int:
    return max(1, -(-total // limit))
