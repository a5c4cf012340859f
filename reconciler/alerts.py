"""Alerts: which of them a channel is owed, given how everything stands and what it was told before. Pure.

A topic (a kind of alert about one mapping) is told when it begins, when something is added to it, and again when it has
lasted for another `repeat_every`. What is over is forgotten, so that it is told anew should it come back; a failure
that is over is told once more, as a recovery. Nothing counts as told before a channel took it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from reconciler.model.alert import Alert, AlertKind, Memory, Rules, Standing, Told

LINES_AT_MOST = 10
"""Longer alerts are cut: `status` and `conflicts` show everything."""

CALM = timedelta(minutes=10)
"""A failure this soon after a recovery is told only if it lasts, so that a tracker that comes and goes is not a message
every minute."""

DIGEST = "digest"

_TITLES = {
    AlertKind.FAILURE: "cannot finish its cycles",
    AlertKind.RECOVERY: "works again",
    AlertKind.CONFLICT: "conflicts wait for a person",
    AlertKind.GUARD: "a plan waits for a person",
    AlertKind.QUARANTINE: "items are in quarantine",
    AlertKind.DOUBT: "a write has been in doubt for long",
    AlertKind.LAG: "lags behind",
}


def begun(memory: Memory, now: datetime) -> Memory:
    """The memory of a channel that was never told anything: its first digest covers what happens from now on."""
    return memory if DIGEST in memory else {**memory, DIGEST: Told(now)}


def due(standings: Sequence[Standing], memory: Memory, rules: Rules, now: datetime) -> list[Alert]:
    """What the channel is owed now, the most urgent first."""
    active = {alert.topic: alert for standing in standings for alert in _active(standing, rules, now)}
    owed = [alert for alert in active.values() if alert.kind in rules.on and _is_owed(alert, memory, rules, now)]
    if AlertKind.RECOVERY in rules.on:
        owed += [
            _alert(AlertKind.RECOVERY, s.mapping, {"": "the last cycle was finished"})
            for s in standings
            if _topic(AlertKind.FAILURE, s.mapping) in memory and not s.problem and not s.guard
        ]
    if rules.digest_at is not None and AlertKind.DIGEST in rules.on and memory[DIGEST].at < _last_digest(rules, now):
        owed.append(_digest(standings, memory[DIGEST].at))
    return owed


def remember(memory: Memory, alert: Alert, now: datetime) -> Memory:
    """The memory after the channel took `alert`."""
    after = {**memory, alert.topic: Told(now, alert.subjects)}
    if alert.kind is AlertKind.RECOVERY:
        after.pop(alert.topic.replace(AlertKind.RECOVERY, AlertKind.FAILURE, 1), None)
    return after


def forget(standings: Sequence[Standing], memory: Memory, rules: Rules, now: datetime) -> Memory:
    """The memory without what is over; failures stay until their recovery was told."""
    active = {alert.topic: alert for standing in standings for alert in _active(standing, rules, now)}
    mappings = {standing.mapping for standing in standings}
    kept: dict[str, Told] = {}
    for topic, told in memory.items():
        kind, _, mapping = topic.partition(":")
        if topic == DIGEST:
            kept[topic] = told
        elif kind == AlertKind.FAILURE:
            if mapping in mappings and (topic in active or AlertKind.RECOVERY in rules.on):
                kept[topic] = told
        elif kind == AlertKind.RECOVERY:
            if now - told.at < CALM:
                kept[topic] = told
        elif topic in active:
            kept[topic] = Told(told.at, told.subjects & active[topic].subjects)
    return kept


def _is_owed(alert: Alert, memory: Memory, rules: Rules, now: datetime) -> bool:
    told = memory.get(alert.topic)
    if told is not None:
        return bool(alert.subjects - told.subjects) or now - told.at >= rules.repeat_every
    recovered = memory.get(alert.topic.replace(AlertKind.FAILURE, AlertKind.RECOVERY, 1))
    return alert.kind is not AlertKind.FAILURE or recovered is None or now - recovered.at >= CALM


def _active(standing: Standing, rules: Rules, now: datetime) -> Iterator[Alert]:
    """Everything that is the matter with a mapping."""
    doubt_s = (now - standing.doubt_since).total_seconds() if standing.doubt_since else 0.0
    lag_s = (now - standing.polled_at).total_seconds() if standing.polled_at else 0.0
    matters: list[tuple[AlertKind, Mapping[str, str]]] = [
        (AlertKind.FAILURE, {"": standing.problem} if standing.problem else {}),
        (AlertKind.GUARD, {"": standing.guard} if standing.guard else {}),
        (AlertKind.CONFLICT, standing.conflicts),
        (AlertKind.QUARANTINE, standing.quarantined),
    ]
    if doubt_s > rules.doubt_over.total_seconds():
        matters.append((AlertKind.DOUBT, {"": f"sent {_span(doubt_s)} ago, its fate is not known yet"}))
    if lag_s > rules.lag_over.total_seconds():
        matters.append((AlertKind.LAG, {"": f"changes are carried up to {_span(lag_s)} ago"}))
    yield from (_alert(kind, standing.mapping, entries) for kind, entries in matters if entries)


def _alert(kind: AlertKind, mapping: str, entries: Mapping[str, str]) -> Alert:
    title = f"reconciler: {mapping}: {_TITLES[kind]}"
    return Alert(_topic(kind, mapping), kind, title, tuple(_cut(entries.values())), frozenset(entries))


def _topic(kind: AlertKind, mapping: str) -> str:
    return f"{kind}:{mapping}"


def _cut(sentences: Iterable[str]) -> Iterator[str]:
    whole = list(sentences)
    yield from whole[:LINES_AT_MOST]
    if len(whole) > LINES_AT_MOST:
        yield f"and {len(whole) - LINES_AT_MOST} more"


def _span(seconds: float) -> str:
    minutes = int(seconds // 60)
    if minutes < 1:
        return f"{int(seconds)} seconds"
    return f"{minutes} minutes" if minutes < 120 else f"{minutes // 60} hours"


# --- the digest ----------------------------------------------------------------------------------------------------


def _last_digest(rules: Rules, now: datetime) -> datetime:
    """The last instant at which a digest was due."""
    assert rules.digest_at is not None
    local = now.astimezone(rules.zone)
    today = datetime.combine(local.date(), rules.digest_at, rules.zone)
    return today if today <= local else datetime.combine(local.date() - timedelta(days=1), rules.digest_at, rules.zone)


def _digest(standings: Sequence[Standing], since: datetime) -> Alert:
    lines = [f"since {since:%Y-%m-%d %H:%M} UTC"]
    for standing in standings:
        done = ", ".join(f"{count} {kind}" for kind, count in sorted(standing.done.items())) or "nothing"
        waits = {
            "waiting": standing.waiting,
            "in quarantine": len(standing.quarantined),
            "conflicts on hold": len(standing.conflicts),
        }
        left = ", ".join(f"{count} {what}" for what, count in waits.items() if count) or "nothing"
        lines.append(f"{standing.mapping}: done: {done}; left: {left}")
        lines += [f"{standing.mapping}: {problem}" for problem in (standing.problem, standing.guard) if problem]
    return Alert(DIGEST, AlertKind.DIGEST, "reconciler: the day", tuple(lines))
