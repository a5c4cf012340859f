"""Check: every assumption of the configuration tested against both live sides; reads only, writes nothing anywhere.

Each finding says what was seen, why it matters and the line that fixes it.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import timedelta

from reconciler.clock import Clock
from reconciler.config import Config, MappingConfig
from reconciler.connections import Connections
from reconciler.context import MappingContext
from reconciler.errors import ConfigError, ReconcilerError, Rejected, TrackerError, Unauthorized, Unavailable
from reconciler.lookalikes import lost_places, missing_options, unknown_people
from reconciler.mapping.correspondence import Untranslatable
from reconciler.mapping.drift import line_for_state, out_of_date
from reconciler.model.field import FIELDS, in_order, label_of
from reconciler.model.finding import Finding, Level
from reconciler.model.schema import TypeSchema
from reconciler.model.side import SIDES, Side, other

NOTHING = "nothing can be synchronised there"

SKEW_WORTH_TELLING = timedelta(seconds=60)


def check(config: Config, clock: Clock, connections: Connections, started: Collection[str] = ()) -> list[Finding]:
    """All findings, trackers first, then mapping by mapping. A failing tracker does not hide the others. `started`
    names the mappings that were synchronised before: what is missing there now was renamed or removed, and stops only
    itself."""
    why = "it is accepted but has no effect"
    findings = [Finding(Level.WARNING, "config", warning, why) for warning in config.warnings]
    if config.dashboard.warning:
        why, fix = (
            "there is no sign-in for looking",
            "listen on 127.0.0.1, and put a proxy with TLS and a sign-in in front",
        )
        findings.append(Finding(Level.WARNING, "dashboard", config.dashboard.warning, why, fix))
    healthy = set()
    used = [mapping.side(side).tracker for mapping in config.mappings for side in SIDES]
    for name in dict.fromkeys(used):
        about = list(_tracker(config, clock, connections, name))
        findings += about
        if all(finding.level is not Level.ERROR for finding in about):
            healthy.add(name)
    for mapping in config.mappings:
        if {mapping.left.tracker, mapping.right.tracker} <= healthy:
            findings += _mapping(connections, mapping, mapping.name in started)
        else:
            what, cause = "not checked", "one of its trackers cannot be used"
            findings.append(Finding(Level.WARNING, mapping.name, what, cause, "fix the tracker first"))
    return findings


def _tracker(config: Config, clock: Clock, connections: Connections, name: str) -> Iterator[Finding]:
    try:
        tracker = connections.tracker(name)
    except ReconcilerError as error:
        yield _failure(name, error, _way_in(name, error))
        return
    yield Finding(Level.OK, name, "the credentials are accepted")
    for sentence in tracker.notes:
        yield Finding(Level.WARNING, name, sentence)
    at = tracker.server_time()
    if at is not None and abs(at - clock.now()) > SKEW_WORTH_TELLING:
        skew_s = (clock.now() - at).total_seconds()
        yield Finding(
            Level.WARNING,
            name,
            f"this machine's clock is {abs(skew_s):.0f} s {'ahead of' if skew_s > 0 else 'behind'} the tracker's",
            "nothing is ordered by it, but the times in logs and `status` are off",
            "let the machine synchronise its clock",
        )
    ceiling = tracker.capabilities.requests_per_minute
    if ceiling is not None:
        yield _budget(config, name, ceiling)


def _way_in(name: str, error: ReconcilerError) -> str:
    """What gives access to a tracker that none was had to."""
    if isinstance(error, Unauthorized):
        return f"make a new token and put it where [trackers.{name}] token points"
    if isinstance(error, Unavailable):
        return f"see that the address in [trackers.{name}] url is right and can be reached from this machine"
    return f"see [trackers.{name}]"


def _budget(config: Config, name: str, ceiling: int) -> Finding:
    # Mappings that share both trackers and the interval share a poll.
    polls = {(m.left.tracker, m.right.tracker, m.poll_every) for m in config.mappings}
    idle_per_minute = sum(60.0 / every.total_seconds() * (one, two).count(name) for one, two, every in polls)
    share = 100 * idle_per_minute / ceiling
    text = f"polling idle uses {idle_per_minute:.1f} of {ceiling} requests a minute ({share:.0f} %)"
    if share > 50:
        every_s = max(
            m.poll_every.total_seconds() for m in config.mappings if name in (m.left.tracker, m.right.tracker)
        )
        fix = f'poll_every = "{math.ceil(every_s * share / 50)}s" leaves half of them, in every mapping that uses it'
        return Finding(Level.WARNING, name, text, "little is left for changes", fix)
    return Finding(Level.OK, name, text)


def _mapping(connections: Connections, mapping: MappingConfig, started: bool) -> Iterator[Finding]:
    try:
        context = connections.context(mapping)
    except ConfigError as error:
        for problem in error.problems:
            what, fix = _with_fix(problem, "")
            yield Finding(Level.ERROR, mapping.name, what, NOTHING, fix, error="ConfigError")
        return
    except ReconcilerError as error:
        failure = _failure(mapping.name, error, "")
        lost = list(lost_places(connections, mapping)) if isinstance(error, Rejected) and not failure.fix else []
        yield from lost or [replace(failure, fix=failure.fix or f'see the mapping "{mapping.name}"')]
        return
    names = " and ".join(context.scopes[side].name for side in SIDES)
    yield Finding(Level.OK, mapping.name, f"both sides exist: {names}")
    for entry in context.correspondence.unknown:
        if started:
            yield Finding(Level.WARNING, mapping.name, entry.what, "values that need it stay behind", entry.fix)
        else:
            why = "nothing is synchronised before the tables are right"
            yield Finding(Level.ERROR, mapping.name, entry.what, why, entry.fix, error="ConfigError")
    yield from _rights(context)
    for renamed in out_of_date(context.correspondence):
        why = "it is followed for as long as the store remembers the former name"
        yield Finding(Level.WARNING, mapping.name, renamed.what, why, renamed.fix)
    yield from _links(context)
    yield from unknown_people(connections, mapping)
    yield from _states(context)
    yield from _own_fields(context)
    yield from _fields(context)


def _rights(context: MappingContext) -> Iterator[Finding]:
    """What the credentials may not do there, tried without writing."""
    for side in SIDES:
        for found in context.trackers[side].hindrances(context.scopes[side]):
            level, error = (Level.ERROR, "Rejected") if found.fatal else (Level.WARNING, "")
            yield Finding(level, context.name, found.what, found.why, found.fix, error=error)


def _links(context: MappingContext) -> Iterator[Finding]:
    """Where the feed of a side does not show who got another parent or other links, what does is asked once."""
    for side in SIDES:
        tracker, scope = context.trackers[side], context.scopes[side]
        at = tracker.server_time()
        unseen = context.policy.carried(tracker.capabilities.unseen_in_feed)
        if not unseen or at is None:
            continue
        if not tracker.capabilities.tells_links:
            names = " and ".join(in_order(unseen))
            yield Finding(
                Level.OK,
                context.name,
                f"links made on the {side} ({names}) are found when an item is looked at, since no feed shows them",
            )
            continue
        try:
            next(tracker.relinked_since([scope], at, unseen), None)
        except TrackerError as refused:
            yield Finding(
                Level.WARNING,
                context.name,
                f"who got another parent or other links on the {side} cannot be asked: {refused}",
                "a new parent or link is seen only when everything is compared",
                '[mappings.fields] parent = "off" and links = "off" silence this',
            )


def _states(context: MappingContext) -> Iterator[Finding]:
    """Every state of every type must be called something on the other side."""
    corr = context.correspondence
    for side in SIDES:
        for schema in corr.schemas[side].types.values():
            partner = corr.counterpart_type(schema.name, other(side))
            for state in schema.states:
                if not _translates(context, side, schema.name, partner, state.name):
                    yield Finding(
                        Level.WARNING,
                        context.name,
                        f'state "{state.name}" of {schema.name} has no counterpart on the {other(side)} side',
                        "an item in this state keeps its partner's state as it is",
                        f"write {line_for_state(corr, side, schema, state.name)}",
                    )


def _translates(context: MappingContext, side: Side, kind: str, partner: str, state: str) -> bool:
    try:
        return context.correspondence.translate("state", state, other(side), kind, partner) is not None
    except Untranslatable:
        return False


def _own_fields(context: MappingContext) -> Iterator[Finding]:
    """What was found for [[mappings.custom_fields]]; that all of them can be joined is known by now."""
    for joined in context.correspondence.custom.values():
        pair = " and ".join(f"{joined.fields[side].name} ({joined.fields[side].form})" for side in SIDES)
        yield Finding(Level.OK, context.name, f"{pair} are joined as {joined.kind.value.replace('_', ' ')}")
        if joined.limited:
            fix = f'direction = "{joined.direction}" silences this'
            yield Finding(Level.WARNING, context.name, joined.limited, "its values only travel away", fix)
        yield from missing_options(context.name, joined)


def _fields(context: MappingContext) -> Iterator[Finding]:
    """Fields that one side's types cannot hold, so that they stay behind; one finding a field and side."""
    corr = context.correspondence
    without: dict[tuple[str, Side], list[str]] = {}
    for schema in corr.schemas["left"].types.values():
        partner = corr.type_schema("right", corr.counterpart_type(schema.name, "right"))
        if partner is None:
            continue
        for name in (*FIELDS, *corr.custom):
            if context.policy.travels(name, "left") or context.policy.travels(name, "right"):
                met: dict[Side, TypeSchema] = {"left": schema, "right": partner}
                for side in SIDES:
                    if name not in met[side].fields:
                        without.setdefault((name, side), []).append(met[side].name)
    for (name, side), names in without.items():
        types = list(dict.fromkeys(names))
        have = f"{', '.join(types)} on the {side} {'has' if len(types) == 1 else 'have'}"
        own = corr.custom.get(name)
        yield Finding(
            Level.WARNING,
            context.name,
            f"{have} no {own.fields[side].name if own else label_of(name).replace('_', ' ')}",
            "this field stays behind for items of that type",
            "" if own else f'[mappings.fields] {name} = "off" silences this',
        )


def _failure(subject: str, error: ReconcilerError, where: str) -> Finding:
    said = error.message if isinstance(error, TrackerError) and error.tracker == subject else str(error)
    what, fix = _with_fix(said, where)
    return Finding(Level.ERROR, subject, what, NOTHING, fix, error=type(error).__name__)


def _with_fix(sentence: str, otherwise: str) -> tuple[str, str]:
    """A sentence of ours ends with what to do, behind a semicolon."""
    what, _, fix = sentence.rpartition("; ")
    return (what, fix) if what else (sentence, otherwise)
