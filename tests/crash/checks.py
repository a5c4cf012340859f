"""Checks: what must hold right after a death, and what at the end of the life that follows it.

Each returns what does not hold, as sentences; the numbers are those of reliability.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import get_args

from reconciler.attachments import attachment_marker
from reconciler.mapping.equality import is_empty, same_value, tags
from reconciler.model.field import Kind, Value, kind_of
from reconciler.model.intent import Intent, IntentKind
from reconciler.model.item import Item
from reconciler.model.link import Link
from reconciler.model.side import SIDES, Side, other
from reconciler.store import Store
from reconciler.store.database import Database
from tests.crash.observer import Observer, View, as_kept, titles
from tests.crash.stage import POLLS, Stage
from tests.support.looks import besides_looks

_KINDS = set(get_args(IntentKind))
_OUTCOMES = {"done", "rejected", "adopted", "abandoned"}


@dataclass(frozen=True, slots=True)
class Ending:
    """Where a life came to rest, modulo ids and stamps, and what it took. `requests` are those beyond the polls of its
    cycles and the start of its processes; `writes` counts by kind what reached the servers."""

    servers: dict[Side, list[str]]
    store: dict[str, list[str]]
    requests: int
    writes: Counter[str] = field(compare=False)


NOBODY_SEES = {"POST /{project}/_apis/wit/attachments"}
"""Routes that may be asked once more: an uploaded file is nobody's until an item links to it."""

A_RESTART_COSTS = 2
A_SWEEP_COSTS = 8
A_DOUBT_COSTS = {"create": 12}
ANOTHER_DOUBT_COSTS = 5
A_LATE_ARRIVAL_COSTS = 4
"""In requests; see `allowance`."""


# --- right after a death -------------------------------------------------------------------------------------------


def after_death(stage: Stage, observer: Observer, past: Iterable[View], *, unseen: bool) -> list[str]:
    """`past` is what was agreed or shown at moments before: what is agreed has to be in one of these views, or be shown
    now. `observer` looks at the servers as the death left them; `unseen` says that no feed shows all of it."""
    now = observer.view()
    links = list(stage.store.all_links("web"))
    intents = stage.store.open_intents("web")
    return [
        *_unsound(stage.store._db),
        *_illegal(stage.store._db, intents),
        *_ahead([*past, now], links),
        *(() if unseen else _overlooked(stage, now, links, intents)),
        *_unexplained(stage, observer, now, links, intents),
    ]


def _unsound(database: Database) -> Iterator[str]:
    if database.path is not None:
        found = [str(row[0]) for row in database.sql("PRAGMA integrity_check")]
        if found != ["ok"]:
            yield f"the store is damaged: {found}"
        if broken := database.sql("PRAGMA foreign_key_check"):
            yield f"foreign keys are broken: {broken}"
    for table in ("link", "snapshot"):
        other_table, key, other_key = ("snapshot", "id", "link_id") if table == "link" else ("link", "link_id", "id")
        alone = database.sql(f"SELECT {key} FROM {table} WHERE {key} NOT IN (SELECT {other_key} FROM {other_table})")
        if alone:
            yield f"rows of {table} without {other_table}: {alone}"


def _illegal(database: Database, intents: list[Intent]) -> Iterator[str]:
    for number, kind, outcome, closed_at in database.sql("SELECT id, kind, outcome, closed_at FROM intent"):
        legal = outcome in _OUTCOMES and closed_at is not None if outcome else closed_at is None
        if kind not in _KINDS or not legal:
            yield f"intent {number} is in no legal state: {kind} {outcome!r} {closed_at}"
    targets = Counter((i.kind, i.side, i.key, i.source_key, i.marker) for i in intents)
    yield from (f"{count} open intents about the same: {target}" for target, count in targets.items() if count > 1)


def _ahead(views: list[View], links: list[Link]) -> Iterator[str]:
    """I10, I18: what is agreed was shown by the server at some time; nobody agrees to what is only about to be sent."""
    for link in links:
        for side in SIDES:
            key = link.key(side)
            shown = [view[side][key].fields for view in views if key in view[side]]
            for name, value in link.side(side).base.fields.items():
                known = [fields[name] for fields in shown if name in fields]
                if known and not is_empty(value) and not _was_shown(name, value, known):
                    yield f"the snapshot of {side} {key} is ahead: {name} is {value!r}, shown were {known}"


def _was_shown(name: str, value: Value, known: list[Value]) -> bool:
    """A set may have been agreed upon member by member."""
    if kind_of(name) is Kind.TAGS:
        members = [set(tags(each)) for each in known]
        return set.intersection(*members) <= set(tags(value)) <= set.union(*members)
    return any(same_value(name, value, each) for each in known)


def _overlooked(stage: Stage, now: View, links: list[Link], intents: list[Intent]) -> Iterator[str]:
    """I10, I9: below the watermark everything is applied, pending, in doubt, or known to be left alone."""
    waiting = {(row.side, row.key) for row in stage.store.pending("web")}
    waiting |= {(other(i.side), i.source_key) for i in intents} | {(i.side, i.key) for i in intents}
    waiting |= {(side, stone.key(side)) for stone in stage.store.tombstones("web") for side in SIDES}
    for side in SIDES:
        at = stage.store.watermark("web", side)
        known = {link.key(side): link for link in links}
        silent = Kind.ITEM if side == "left" else None  # another parent moves no stamp there
        for key, item in now[side].items():
            if at is None or item.changed_at >= at:
                continue
            link = known.get(key)
            owed = {(side, key)} if link is None else {(s, link.key(s)) for s in SIDES}
            if not owed & waiting and (link is None or not _is_seen(link, side, item, but_for=silent)):
                yield f"{side} {key} changed before the watermark and is neither applied nor pending: {item.title}"


def _is_seen(link: Link, side: Side, item: Item, *, but_for: Kind | None) -> bool:
    seen = link.side(side).item.fields
    fields = {name: value for name, value in item.fields.items() if name in seen and kind_of(name) is not but_for}
    return all(same_value(name, value, seen[name]) for name, value in fields.items())


def _unexplained(
    stage: Stage, observer: Observer, now: View, links: list[Link], intents: list[Intent]
) -> Iterator[str]:
    """I6: what we made is linked, or its creation is in doubt, or its discussion is to be read."""
    unread = {look.link_id for look in stage.store.due_looks("web", stage.clock.now(), 1000)}
    markers = {intent.marker for intent in intents if intent.marker}
    stones = stage.store.tombstones("web")
    for side in SIDES:
        known = {link.key(side): link for link in links} | {stone.key(side): None for stone in stones}
        for key, item in now[side].items():
            mark = item.origin.marker if item.ours and item.origin else None
            if mark and key not in known and mark not in markers and stage.store.watermark("web", side):
                yield f"{side} {key} is a copy that nobody knows of: {item.title}"
            link = known.get(key)
            if link is None or link.id in unread or not _talks(stage, side, key):
                continue
            twins = {pair.side(side).key for pair in stage.store.comment_links(link.id)}
            for comment in observer.comments(side, item):
                ours = comment.origin.marker if comment.ours and comment.origin else None
                if ours and comment.key not in twins and ours not in markers | _instead_of_files(stage, link, side):
                    yield f"comment {comment.key} of {side} {key} is a copy that nobody knows of"


def _instead_of_files(stage: Stage, link: Link, side: Side) -> set[str]:
    """The marks of comments that stand for files of the other side."""
    there = other(side)
    alone = [pair.side(there) for pair in stage.store.attachment_links(link.id) if pair.note]
    return {attachment_marker("web", there, link.key(there), file.key) for file in alone if file}


def _talks(stage: Stage, side: Side, key: str) -> bool:
    return bool(
        stage.azure.world.items[int(key)].comments if side == "left" else stage.clickup.world.tasks[key].comments
    )


def allowance(store: Store, *, swept: bool, late: bool) -> int:
    """How many requests, beyond polls and the start of a process, a death that left `store` may cost (M15), besides
    repeating what the cycle under way had read.

    A sweep is asked for again; who people are is asked anew. For a create in doubt both sides are looked at twice: the
    original (1), the copy (2 on ClickUp: tasks and archived tasks; 1 on Azure DevOps), then both once more; meanwhile
    each poll reads the unlinked original again. For any other write in doubt its target is read (1), then both sides
    once more, and what was moved away is looked for again (1). What arrives late is found written twice.
    """
    doubts = store.open_intents("web")
    return (
        A_RESTART_COSTS
        + A_SWEEP_COSTS * swept
        + A_LATE_ARRIVAL_COSTS * late
        + sum(A_DOUBT_COSTS.get(intent.kind, ANOTHER_DOUBT_COSTS) for intent in doubts)
    )


# --- at rest -------------------------------------------------------------------------------------------------------


def ending(stage: Stage) -> Ending:
    spent = stage.requests() - stage.starting_requests - POLLS * stage.cycles
    writes = Counter(exchange.route for exchange in stage.writes() if exchange.status < 400)
    return Ending(as_kept(stage), _remembered(stage), spent, writes)


def _remembered(stage: Stage) -> dict[str, list[str]]:
    """What the store says that matters from here on."""
    store, names = stage.store, titles(stage)

    def name(side: Side, key: str) -> str:
        return names[side].get(key, key)

    links = list(store.all_links("web"))
    return {
        "links": sorted(repr([(name(s, link.key(s)), _fields(link, s)) for s in SIDES]) for link in links),
        "comments": sorted(
            repr([pair.side(s).text.text for s in SIDES]) for link in links for pair in store.comment_links(link.id)
        ),
        "conflicts": sorted(
            f"{c.field.split()[0]}: {c.left_value!r} / {c.right_value!r} {c.rule} winner={c.winner!r} open={c.is_open}"
            for c in store.conflicts("web")
        ),
        "pending": sorted(repr((r.side, name(r.side, r.key), r.reason, r.parked)) for r in store.pending("web")),
        "tombstones": sorted(
            repr((name("left", t.left_key), name("right", t.right_key), t.gone)) for t in store.tombstones("web")
        ),
        "in doubt": [repr(intent) for intent in store.open_intents("web")],
    }


def _fields(link: Link, side: Side) -> list[tuple[str, Value]]:
    return sorted(link.side(side).base.fields.items())


def at_rest(stage: Stage, free: Ending, *, late: bool) -> list[str]:
    """Compared with `free`, the end of the life without a death. `late`: a request from before a death may have
    arrived after it, and be followed by another of the same."""
    mine = ending(stage)
    found = [
        f"the {side} server differs: {_difference(mine.servers[side], free.servers[side])}"
        for side in SIDES
        if mine.servers[side] != free.servers[side]
    ]
    for what, rows in free.store.items():
        if mine.store[what] != rows:
            found.append(f"{what} in the store differ: {_difference(mine.store[what], rows)}")
    if not late:
        often = (mine.writes - free.writes).items()
        found += [f"{n} times too often: {route}" for route, n in often if route not in NOBODY_SEES]
    return found + _restless(stage)


def _restless(stage: Stage) -> list[str]:
    """A cycle costs a request on each side, and one for parents where the feed does not show them, and changes nothing
    (I2, M1, M2): the last one did already, or, where work was still to be seen in the overlap of the feeds, one beyond
    that does."""
    found, beyond_overlap_s = _busy(stage), 150.0
    for _ in range(2):
        if found:
            stage.turn(after_s=beyond_overlap_s)
            found = _busy(stage)
    return found


def _busy(stage: Stage) -> list[str]:
    """What the last cycle did that an idle one does not."""
    report, exchanges = stage.latest
    found = [f"a cycle at the end failed: {report.problem}"] if report.problem else []
    for name, mine, polls in zip(("Azure DevOps", "ClickUp"), exchanges, (2, 1), strict=True):
        asked = besides_looks(mine, lambda exchange: (exchange.method, exchange.path))  # the rhythm of looks goes on
        if mine.writes or len(asked) != polls:
            found.append(f"a cycle at the end sent to {name}: {dict(mine.by_route)}")
    return found


def _difference(mine: list[str], free: list[str]) -> str:
    mine_only, free_only = (
        list((Counter(mine) - Counter(free)).elements()),
        list((Counter(free) - Counter(mine)).elements()),
    )
    return f"\n    + {mine_only}\n    - {free_only}"
