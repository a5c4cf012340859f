"""Cycle: the whole program on one page.

    remember   tell what was renamed, added or removed in the trackers, and follow it
    recover    settle what a crash or a lost response left in doubt
    poll       ask both trackers what changed; idle, one request each
    gather     add what is pending, what no feed shows, and the links
    plan       diff each side with itself, merge, decide            (pure: diff, merge, pairing, planner, ping_pong)
    guard      refuse what looks like an accident
    apply      one journalled operation at a time
    discuss    carry comments and attachments
    commit     the watermark, last

A mapping's failure stops that mapping, an item's failure parks that item, nothing else waits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from reconciler import log
from reconciler.apply import apply
from reconciler.attach import carries_attachments, read_attachments
from reconciler.backfill import start_backfill
from reconciler.clock import Clock
from reconciler.context import MappingContext
from reconciler.discuss import discuss, due_by_rhythm, due_now, read_discussion
from reconciler.errors import ReconcilerError, Rejected, StoreError, TrackerError
from reconciler.evidence import keep_evidence
from reconciler.gather import Extent, Gathered, gather, waiting
from reconciler.guard import guard
from reconciler.late_run import LateRun
from reconciler.link_looks import looks_show_links
from reconciler.looks import Due, discussion_may_have_moved, look_at_all, look_budget
from reconciler.model.decision import Waits
from reconciler.model.event import FROZEN
from reconciler.model.field import Kind, kind_of, label_of
from reconciler.model.pending import TWIN
from reconciler.model.plan import AttachmentOperation, CommentOperation, Plan
from reconciler.model.report import MappingReport
from reconciler.model.side import SIDES, Side, other
from reconciler.model.snapshot import Snapshot
from reconciler.ping_pong import KINDS, Past, break_ping_pong, candidates
from reconciler.planner import make_plan
from reconciler.poll import Feed, poll
from reconciler.recover import DOUBT_LASTS, recover
from reconciler.remember import look_again, remember
from reconciler.selection import Selection
from reconciler.store import Store
from reconciler.turn import Turn

logger = log.get_logger(__name__)

Progress = Callable[[str, int, int], None]
"""Told the mapping's name, how many operations are finished and how many there are."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a cycle runs. `confirmed` lets first plans through; `allow` is the digest of a plan let through once;
    `sweep` forces the full comparison, also of comments and attachments; `sweep_every` is each mapping's rhythm.
    `selections` says by mapping what alone is to be carried out, where a person chose that from a plan."""

    confirmed: bool = False
    allow: str | None = None
    sweep: bool = False
    sweep_every: dict[str, timedelta] = field(default_factory=dict)
    doubt_lasts: timedelta = DOUBT_LASTS
    selections: Mapping[str, Selection] = field(default_factory=dict)
    progress: Progress | None = None


def run_cycle(
    contexts: Sequence[MappingContext], store: Store, clock: Clock, run: int | LateRun | None, options: Options
) -> list[MappingReport]:
    """One cycle of all mappings that share both trackers; one report each, in the order given.

    Raises only what concerns everybody: StoreError and Stopping. Everything else is told in the reports.
    """
    reports = {context.name: MappingReport(context.name, cycles=1) for context in contexts}
    turns = {c.name: Turn(c, store, clock, run, reports[c.name], options.selections.get(c.name)) for c in contexts}
    recovering = partial(recover, doubt_lasts=options.doubt_lasts)
    known = [context for context in contexts if _guarded(turns[context.name], look_again)]
    named = [context for context in known if _guarded(turns[context.name], _require_names)]
    healthy = [context for context in named if _guarded(turns[context.name], recovering)]
    feeds = _poll(healthy, store, turns)
    for context in healthy:
        step = partial(_take_turn, feeds=feeds[context.name], options=options)
        _guarded(turns[context.name], step)
    for turn in turns.values():
        _count_what_remains(turn)
    return list(reports.values())


def make_plans(contexts: Sequence[MappingContext], store: Store, clock: Clock) -> list[Plan | ReconcilerError]:
    """What `run_cycle` would do now, writing nothing anywhere; per mapping a plan, or the error in its way."""
    for context in contexts:
        context.recall(store.memories(context.name))
    misnamed = {c.name: c.slip(store.watermark(c.name, "left") is not None) for c in contexts}
    ready = [context for context in contexts if misnamed[context.name] is None]
    feeds = {side: poll(ready, side, store) for side in SIDES} if ready else {}
    plans: list[Plan | ReconcilerError] = []
    for context in contexts:
        if (slip := misnamed[context.name]) is not None:
            plans.append(slip)
            continue
        try:
            mine = {side: feeds[side][context.name] for side in SIDES}
            _raise_feed_errors(mine)
            gathered = gather(context, mine, store, clock)
            plan = _planned(context, store, clock, gathered)
            plans.append(_with_what_hangs(context, store, plan))
        except StoreError:
            raise
        except ReconcilerError as error:
            plans.append(error)
    return plans


def _planned(context: MappingContext, store: Store, clock: Clock, gathered: Gathered) -> Plan:
    plan = make_plan(context.correspondence, gathered.facts, context.key_of)
    pasts = {
        (link_id, decision.field): Past(
            tuple(store.field_events(context.name, [pair.left.key, pair.right.key], decision.field, KINDS)),
            {s: store.feed.last_actor(context.name, s, pair.item(s).key, decision.field) for s in SIDES},
        )
        for link_id, pair, decision in candidates(plan, context.policy)
    }
    return break_ping_pong(plan, pasts, context.policy, clock.now())


def _with_what_hangs(context: MappingContext, store: Store, plan: Plan) -> Plan:
    """The plan with what would be carried between the discussions that moved, and of attachments; those of items yet to
    be made follow the items. What is not carried is noted, as is what cannot be read."""
    comments: list[CommentOperation] = []
    attachments: list[AttachmentOperation] = []
    notes = [f"{pair.left.label}: {decision.note}" for pair, decision in plan.not_carried()]
    for pair in plan.pairs:
        if pair.link is None:
            continue
        link = replace(pair.link, left=Snapshot(pair.left), right=Snapshot(pair.right))
        moved = {
            s for s in SIDES if discussion_may_have_moved(context.trackers[s], pair.link.side(s).item, pair.item(s))
        }
        if moved:
            due = Due(link, moved)
            try:
                comments += read_discussion(context, store, due)[0].operations
                if carries_attachments(context):
                    attachments += read_attachments(context, store, due)[0].operations
            except Rejected as error:
                notes.append(f"{pair.left.label}: comments and attachments: {error}")
    return replace(plan, comments=tuple(comments), attachments=tuple(attachments), notes=(*plan.notes, *notes))


def _poll(contexts: Sequence[MappingContext], store: Store, turns: dict[str, Turn]) -> dict[str, dict[Side, Feed]]:
    """Both sides' feeds by mapping. Requests are counted for the first mapping, whose turn they are sent in."""
    if not contexts:
        return {}
    before = _requests(contexts[0])
    feeds = {side: poll(contexts, side, store) for side in SIDES}
    _count_requests(turns[contexts[0].name], before)
    return {context.name: {side: feeds[side][context.name] for side in SIDES} for context in contexts}


def _take_turn(turn: Turn, feeds: dict[Side, Feed], options: Options) -> None:
    context, store = turn.context, turn.store
    _raise_feed_errors(feeds)
    before = _requests(context)
    try:
        _reconsider(turn)
        start_backfill(turn)
        _meet_attachments(turn)
        gathered = gather(context, feeds, store, turn.clock, extent=_extent(turn, options))
        keep_evidence(turn, gathered)
        if context.is_surprised_by(gathered.facts.items):
            context.refresh()
            remember(turn)
        plan = _planned(context, store, turn.clock, gathered)
        _forget_idle(turn, gathered, plan)
        for sentence in (*gathered.notes, *plan.notes):
            turn.note(sentence)
        if turn.selection is not None:
            plan = turn.selection.choose(plan)
        saved = turn.selection.digest if turn.selection else None
        confirmed = _is_confirmed(turn, plan, options)
        guard(plan, context.policy, confirmed=confirmed, allow=options.allow, saved=saved)
        _show_progress(turn, plan, options)
        touched = apply(turn, plan)
        _keep_explanations(turn, plan)
        discuss(turn, _everything(turn, gathered) if options.sweep else _due(turn, due_now(touched)))
        _commit(turn, feeds, gathered)
    finally:
        _count_requests(turn, before)


def _keep_explanations(turn: Turn, plan: Plan) -> None:
    """Remembers why items were left alone and values not carried, for whoever asks about them later. What is news is
    noted; a person without an account once, for however many items."""
    if not plan.left_alone and not any(True for _ in plan.not_carried()):
        return
    with turn.store.transaction():
        for each in plan.left_alone:
            turn.state("left alone", each.sentence, side=each.side, key=each.item.key)
        for pair, decision in plan.not_carried():
            if (kept := decision.kept_back) is not None:
                item, values = pair.item(kept.side), {"before": kept.before, "after": kept.after}
                if turn.state(FROZEN, decision.note, side=kept.side, key=item.key, field=decision.field, **values):
                    turn.note(decision.note)
                continue
            text = f"{pair.left.label}: {label_of(decision.field)}: {decision.note}"
            news = turn.state("not carried", text, side="left", key=pair.left.key, field=decision.field)
            if news and decision.waits is not Waits.A_SWEEP:  # what is not synchronised concerns nobody
                people = kind_of(decision.field) is Kind.PEOPLE
                turn.note(decision.note if people else f"{pair.left.label}: {decision.note}")


def _require_names(turn: Turn) -> None:
    slip = turn.context.slip(turn.store.watermark(turn.name, "left") is not None)
    if slip is not None:
        raise slip


def _reconsider(turn: Turn) -> None:
    """What was refused is tried anew, from the first attempt on, once the configuration or a side's schema changed; and
    what no longer fits together is said."""
    key, now = f"configuration:{turn.name}", turn.context.fingerprint
    if turn.store.meta(key) == now and turn.store.schema(turn.name, "left") is not None:
        return
    with turn.store.transaction():
        for row in waiting(turn.context, turn.store, turn.clock.now()):
            turn.store.add_pending(
                turn.name, row.side, row.key, row.reason, due_at=row.due_at, attempts=row.attempts, parked=row.parked
            )
        for entry in turn.context.correspondence.unknown:
            sentence = f"{entry.sentence}; values that need it stay behind"
            turn.note(sentence)
            turn.event("configuration", sentence)
        for side, schema in turn.context.correspondence.schemas.items():
            several = turn.context.trackers[side].capabilities.several_assignees
            turn.store.save_schema(turn.name, side, schema, several=several)
        turn.store.set_meta(key, now)


def _meet_attachments(turn: Turn) -> None:
    """Files that hung on pairs before attachments were carried show in no feed any more: every pair is looked at."""
    key, now = f"attachments:{turn.name}", "carried" if carries_attachments(turn.context) else ""
    if (turn.store.meta(key) or "") == now:
        return
    if now:
        look_at_all(turn.store, turn.name, turn.clock.now())
    turn.store.set_meta(key, now)


def _is_confirmed(turn: Turn, plan: Plan, options: Options) -> bool:
    """Whether a person has seen the first plan, now or before an interruption that left part of it undone."""
    if turn.selection is not None:
        return True  # what was saved was seen; that says nothing about the rest
    key = f"confirmed:{turn.name}"
    if plan.first and options.confirmed:
        turn.store.set_meta(key, turn.clock.now().isoformat())
    return options.confirmed or turn.store.meta(key) is not None


def _everything(turn: Turn, gathered: Gathered) -> Iterator[Due]:
    """The discussions of all visible pairs, for a person who wants everything compared."""
    hanging = ("comments", "attachments")
    if any(turn.context.policy.travels(name, side) for name in hanging for side in SIDES):
        for link in turn.store.all_links(turn.name):
            if link.id not in gathered.unseen:
                yield Due(link, set(SIDES))
            turn.clock.checkpoint()


def _due(turn: Turn, moved: dict[int, Due]) -> list[Due]:
    """The discussions that moved, and the slow looks whose time has come."""
    now = turn.clock.now()
    ceilings = [t.capabilities.requests_per_minute for t in turn.context.trackers.values()]
    ceiling = min((c for c in ceilings if c is not None), default=None)
    last = turn.store.meta(f"looks:{turn.name}")
    since_s = (now - datetime.fromisoformat(last)).total_seconds() if last else 60.0
    whole = carries_attachments(turn.context) or any(looks_show_links(turn.context, side) for side in SIDES)
    budget = look_budget(ceiling, since_s, requests_a_look=2 if whole else 1)
    slow = due_by_rhythm(turn.store, turn.name, now, budget)
    if slow:
        turn.store.set_meta(f"looks:{turn.name}", now.isoformat())
    for link_id, due in slow.items():
        moved.setdefault(link_id, due).sides.update(due.sides)
    return list(moved.values())


def _commit(turn: Turn, feeds: dict[Side, Feed], gathered: Gathered) -> None:
    """The watermarks, last and together: everything below them is applied or durably pending by now (I10).

    Where something was passed over they stay: the next cycle sees it again.

    While one tracker is down the other's stays, too. Nothing can be applied then; each item seen would have to be kept
    and read again by its key, where listing it again costs a page for a hundred, and writes nothing."""
    with turn.store.transaction():
        turn.store.set_problem(turn.name, None)
        if turn.selection is not None and turn.selection.passed_over:
            return
        for side in SIDES:
            at = feeds[side].watermark
            if at is not None and at != turn.store.watermark(turn.name, side):
                turn.store.set_watermark(turn.name, side, at)
        if gathered.swept is not None:
            turn.store.save_sweep(turn.name, gathered.swept.state, gathered.swept.met)


def _forget_idle(turn: Turn, gathered: Gathered, plan: Plan) -> None:
    """Unlinked items that were looked at again and for which nothing is to be done are not looked at once more."""
    facts = gathered.facts
    planned = {(other(c.side), c.source.key) for c in plan.creates}
    planned |= {(side, pair.item(side).key) for pair in plan.pairs for side in SIDES}
    planned |= {("left", item.key) for group in plan.ambiguous for item in group.left}
    planned |= {("right", item.key) for group in plan.ambiguous for item in group.right}
    planned |= {(each.side, each.item.key) for each in plan.left_alone if each.reason == TWIN}
    for row in gathered.pending:
        if row.key not in facts.linked_keys[row.side] and (row.side, row.key) not in planned:
            turn.store.clear_pending(turn.name, row.side, row.key)


def _extent(turn: Turn, options: Options) -> Extent:
    """A round of comparing everything begins once an interval, or when a person asks, then in one piece."""
    if options.sweep:
        return Extent.EVERYTHING
    every, state = options.sweep_every.get(turn.name), turn.store.sweep(turn.name)
    if state is not None and not state.is_over:
        return Extent.A_PART
    is_due = every is not None and (state is None or abs(turn.clock.now() - state.started_at) >= every)
    return Extent.A_PART if is_due else Extent.NOTHING


def _raise_feed_errors(feeds: dict[Side, Feed]) -> None:
    for side in SIDES:
        error = feeds[side].error
        if error is not None:
            raise error


def _show_progress(turn: Turn, plan: Plan, options: Options) -> None:
    total = len(plan.creates) + sum(1 for p in plan.pairs if p.decisions) + len(plan.deletes)
    done = 0

    def advance(steps: int) -> None:
        nonlocal done
        done += steps
        if options.progress is not None:
            options.progress(turn.name, done, max(total, done))

    turn.on_progress(advance)
    advance(0)


def _guarded(turn: Turn, step: Callable[[Turn], None]) -> bool:
    """Runs one step of a mapping; its failure is told in its report and ends only its own turn."""
    try:
        step(turn)
        return True
    except StoreError:
        raise
    except ReconcilerError as error:
        turn.report.retry_after_s = error.retry_after_s if isinstance(error, TrackerError) else None
        _failed(turn, type(error).__name__, str(error))
    except Exception as error:  # a mistake in the program: the other mappings go on, and the log has the traceback
        logger.exception("unexpected error", mapping=turn.name)
        _failed(turn, "UnexpectedError", log.redact(f"unexpected error: {type(error).__name__}: {error}"))
    return False


def _failed(turn: Turn, kind: str, sentence: str) -> None:
    turn.report.problem, turn.report.problem_kind = sentence, kind
    if turn.store.problem(turn.name) != sentence:
        turn.event("failed", sentence)
    turn.store.set_problem(turn.name, sentence, kind)


def _count_what_remains(turn: Turn) -> None:
    rows = turn.store.pending(turn.name)
    stuck = sum(1 for row in rows if row.needs_a_person)
    turn.report.pending, turn.report.quarantined = len(rows) - stuck, stuck
    turn.report.in_doubt = len(turn.store.open_intents(turn.name))
    turn.report.conflicts = len(turn.store.open_conflicts(turn.name))


def _requests(context: MappingContext) -> dict[str, int]:
    return {tracker.name: tracker.requests for tracker in context.trackers.values()}


def _count_requests(turn: Turn, before: dict[str, int]) -> None:
    for name, count in _requests(turn.context).items():
        turn.report.requests[name] += count - before[name]
