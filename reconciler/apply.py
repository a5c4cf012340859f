"""Apply: carries out a plan, one journalled operation at a time.

For every request that changes something: the intent is committed, the request sent, the outcome committed together
with the snapshots it proves (at most two commits an operation). What a tracker refuses parks that item or that field;
what may or may not have happened stays open in the journal for `recover`; what makes the tracker unusable ends the
mapping's turn with everything done so far kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby

from reconciler.clock import Clock
from reconciler.context import MappingContext
from reconciler.errors import Gone, OutcomeUnknown, Rejected, StaleRevision, Unauthorized, Unavailable
from reconciler.looks import note_looks
from reconciler.mapping.equality import same_value
from reconciler.model.conflict_record import ConflictRecord
from reconciler.model.decision import Write
from reconciler.model.field import FIELDS, Kind, Value
from reconciler.model.intent import Intent, IntentKind
from reconciler.model.item import Item
from reconciler.model.link import Link
from reconciler.model.pending import AMBIGUOUS
from reconciler.model.plan import Create, Delete, DeleteAction, PairPlan, Plan
from reconciler.model.report import MappingReport
from reconciler.model.side import SIDES, Side, other
from reconciler.model.snapshot import Snapshot
from reconciler.store import Store
from reconciler.trackers.base import Written

FIRST_RETRY = timedelta(seconds=30)
LAST_RETRY = timedelta(hours=6)
ATTEMPTS_BEFORE_PARKING = 5
"""After this many refusals an item waits until somebody changes it on either side (reliability.md 3.9)."""

UNKNOWN_OUTCOMES_IN_A_ROW = 3
"""So many writes in a row without a known outcome mean that the tracker, not the item, has the problem."""


class Turn:
    """One mapping's turn within one run: where it writes, what it has done, and how it keeps promises for later."""

    def __init__(
        self, context: MappingContext, store: Store, clock: Clock, run: int | None, report: MappingReport
    ) -> None:
        self.context = context
        self.store = store
        self.clock = clock
        self.run = run
        self.report = report
        self._unknown_in_a_row = 0
        self._progress: Callable[[int], None] = lambda _steps: None

    @property
    def name(self) -> str:
        return self.context.name

    def on_progress(self, callback: Callable[[int], None]) -> None:
        """`callback` is told how many operations were finished, one call an operation."""
        self._progress = callback

    def advance(self) -> None:
        self._progress(1)
        self.clock.checkpoint()

    def tracker_name(self, side: Side) -> str:
        return self.context.trackers[side].name

    def event(
        self, kind: str, text: str, *, side: Side | None = None, key: str | None = None, field: str | None = None
    ) -> None:
        self.store.add_event(self.run, self.name, kind, text, side=side, key=key, field=field)

    def note(self, sentence: str) -> None:
        if sentence not in self.report.notes:
            self.report.notes.append(sentence)

    def server_floor(self, side: Side) -> datetime:
        """A server time of `side` that is certainly before anything this turn does there."""
        at = self.context.trackers[side].server_time() or self.clock.now()
        return at - timedelta(seconds=60)

    # --- promises for later ----------------------------------------------------------------------------------------

    def again(self, side: Side, key: str, reason: str) -> None:
        """Looks at the item in the next cycle."""
        self.store.add_pending(self.name, side, key, reason, due_at=self.clock.now())

    def park(self, side: Side, key: str, error: Rejected) -> None:
        """Backs off from a refused item: 30 s doubled each time up to 6 h, then until somebody changes it."""
        before = next((row for row in self.store.pending(self.name) if (row.side, row.key) == (side, key)), None)
        attempts = (before.attempts if before else 0) + 1
        wait = min(FIRST_RETRY * 2 ** (attempts - 1), LAST_RETRY)
        parked = attempts >= ATTEMPTS_BEFORE_PARKING
        self.store.add_pending(
            self.name, side, key, str(error), due_at=self.clock.now() + wait, attempts=attempts, parked=parked
        )
        self.event("refused", str(error), side=side, key=key, field=error.field or None)
        self.note(str(error))

    # --- journal ---------------------------------------------------------------------------------------------------

    def intend(self, kind: IntentKind, side: Side, **facts: object) -> int:
        """Commits an intent durably; without it no request is sent."""
        intent = Intent(
            id=0,
            mapping=self.name,
            run=self.run,
            kind=kind,
            side=side,
            since=self.server_floor(side),
            opened_at=self.clock.now(),
            **facts,  # type: ignore[arg-type]
        )
        return self.store.open_intent(intent)

    @contextmanager
    def journalled(self, kind: IntentKind, side: Side, **facts: object) -> Iterator[int]:
        """An intent around one request. Errors that prove that nothing happened close it; a write of unknown fate
        leaves it open. After success the caller closes it in the transaction that saves the outcome."""
        intent = self.intend(kind, side, **facts)
        try:
            yield intent
        except Rejected as error:
            self.store.close_intent(intent, "rejected", str(error))
            raise
        except (Unavailable, Unauthorized) as error:
            self.store.close_intent(intent, "abandoned", str(error))
            raise

    def in_doubt(self, error: OutcomeUnknown) -> None:
        """Notes a write of unknown fate; too many in a row end the turn."""
        self.event("in doubt", str(error), key=error.key or None)
        self._unknown_in_a_row += 1
        if self._unknown_in_a_row >= UNKNOWN_OUTCOMES_IN_A_ROW:
            raise Unavailable(str(error), tracker=error.tracker) from error

    def succeeded(self) -> None:
        self._unknown_in_a_row = 0


@dataclass(frozen=True, slots=True)
class Touched:
    """A link that this turn looked at or made, and the sides on which its discussion may have moved."""

    link: Link
    moved: frozenset[Side]


def apply(turn: Turn, plan: Plan) -> list[Touched]:
    """Carries out creates, pairs and deletions. Returns every link it touched.

    Raises Unavailable or Unauthorized when the tracker cannot go on; what was done until then is committed.
    """
    touched: list[Touched] = []
    for create in plan.creates:
        made = _create(turn, create)
        if made is not None:
            touched.append(made)
        turn.advance()
    for writing, pairs in groupby(plan.pairs, key=PairPlan.needs_requests):
        touched += _write_pairs(turn, pairs) if writing else _record_pairs(turn, list(pairs))  # noqa: B031
    for delete in plan.deletes:
        _delete(turn, delete)
        turn.advance()
    for group in plan.ambiguous:
        _remember_ambiguous(turn, group.sentence, group.left, group.right)
    return touched


# --- creating ------------------------------------------------------------------------------------------------------


def _create(turn: Turn, create: Create) -> Touched | None:
    side, source, draft = create.side, create.source, create.draft
    facts = {"marker": draft.origin.marker, "label": source.label, "before": source.fields, "after": draft.fields}
    try:
        with turn.journalled("create", side, source_key=source.key, **facts) as intent:
            written = _create_what_fits(turn, create)
    except OutcomeUnknown as error:
        turn.in_doubt(error)
        return None
    except Rejected as error:
        turn.park(other(side), source.key, error)
        return None
    with turn.store.transaction():
        link = _link_created(turn, create, written)
        moved = note_looks(turn.store, turn.context.trackers, turn.clock.now(), None, link, side)
        turn.store.close_intent(intent, "done")
    turn.succeeded()
    turn.report.creates[turn.tracker_name(side)] += 1
    return Touched(link, moved)


def _create_what_fits(turn: Turn, create: Create) -> Written:
    """Creates without the fields that the tracker refuses one by one; a refused title or type refuses the item."""
    side, source, draft = create.side, create.source, create.draft
    while True:
        try:
            return turn.context.trackers[side].create(turn.context.scopes[side], draft)
        except Rejected as error:
            if error.field not in draft.fields or error.field in ("title", "type"):
                raise
            turn.note(f"{source.label}: {error}")
            turn.event("refused", str(error), side=side, key=source.key, field=error.field)
            draft = replace(draft, fields={name: v for name, v in draft.fields.items() if name != error.field})


def _link_created(turn: Turn, create: Create, written: Written) -> Link:
    """Records a copy and its original as a pair. What the first request could not carry stays a net change."""
    side, source = create.side, create.source
    late = {name: empty(name) for name in set(create.draft.fields) - written.fields if name in source.fields}
    copy, original = Snapshot(written.item), Snapshot(source, unsettled=late)
    left, right = (copy, original) if side == "left" else (original, copy)
    link = turn.store.add_link(turn.name, left, right, run=turn.run)
    turn.store.clear_pending(turn.name, other(side), source.key)
    if late:
        turn.again(other(side), source.key, f"{', '.join(sorted(late))} in a second step")
    for sentence in written.notes:
        turn.note(f"{source.label}: {sentence}")
    text = f'{written.item.label} "{source.title}" made from {source.label} on {turn.tracker_name(side)}'
    turn.event("created", text, side=side, key=written.item.key)
    return link


def empty(name: str) -> Value:
    """The empty value of a field's kind."""
    return () if FIELDS[name] in (Kind.PEOPLE, Kind.TAGS) else None


# --- pairs ---------------------------------------------------------------------------------------------------------


RECORDED_TOGETHER = 200
"""So many pairs that need no request share one commit."""


def _record_pairs(turn: Turn, pairs: list[PairPlan]) -> Iterator[Touched]:
    """Pairs that need no request: only the store learns something, so many of them share a commit."""
    for start in range(0, len(pairs), RECORDED_TOGETHER):
        with turn.store.transaction():
            done = [_pair(turn, pair) for pair in pairs[start : start + RECORDED_TOGETHER]]
        yield from done
        turn.clock.checkpoint()


def _write_pairs(turn: Turn, pairs: Iterable[PairPlan]) -> Iterator[Touched]:
    for pair in pairs:
        yield _pair(turn, pair)
        turn.advance()


def _pair(turn: Turn, pair: PairPlan) -> Touched:
    """Writes what travels, then commits both snapshots with exactly what was proved."""
    done: dict[Side, _SideWrite] = {}
    for side in SIDES:
        writes = pair.writes(side)
        if writes:
            done[side] = _SideWrite(turn, pair, side, writes)
            done[side].run()
    with turn.store.transaction():
        link = _save_pair(turn, pair, done)
        _save_conflicts(turn, pair, link, _unproved(pair, done))
        for write in done.values():
            write.close()
        moved = note_looks(turn.store, turn.context.trackers, turn.clock.now(), pair.link, link, None)
    return Touched(link, moved)


class _SideWrite:
    """The update of one side of a pair: what is sent, what is proved, and what remains for later."""

    def __init__(self, turn: Turn, pair: PairPlan, side: Side, writes: dict[str, Write]) -> None:
        self.turn, self.pair, self.side, self.writes = turn, pair, side, writes
        self.base = pair.item(side)
        self.item = self.base
        self.proved: frozenset[str] = frozenset()
        self._done: int | None = None
        self._refusals: list[Rejected] = []

    def run(self) -> None:
        """Sends the changes; a field that the tracker refuses is left out and the others are sent again."""
        changes: dict[str, Value] = {name: write.after for name, write in self.writes.items()}
        while changes:
            try:
                self._send(changes)
                return
            except Rejected as error:
                self._refusals.append(error)
                if isinstance(error, Gone | StaleRevision) or error.field not in changes:
                    return
                changes = {n: v for n, v in changes.items() if n != error.field and n not in self.proved}
            except OutcomeUnknown as error:
                self.turn.in_doubt(error)
                return

    def _send(self, changes: dict[str, Value]) -> None:
        facts = {
            "before": {name: self.writes[name].before for name in changes},
            "after": dict(changes),
            "base_revision": self.base.revision,
            "source_key": self.pair.item(other(self.side)).key,
        }
        tracker, scope = self.turn.context.trackers[self.side], self.turn.context.scopes[self.side]
        with self.turn.journalled("update", self.side, key=self.base.key, label=self.base.label, **facts) as intent:
            for written in tracker.update(scope, self.item, changes):
                self.item = written.item
                self.proved |= written.fields
                for sentence in written.notes:
                    self.turn.note(f"{self.base.label}: {sentence}")
        self._done = intent
        self.turn.succeeded()

    def close(self) -> None:
        """Within the transaction that saves the snapshots: closes the journal entry and keeps promises for later."""
        turn, key = self.turn, self.base.key
        if self._done is not None:
            turn.store.close_intent(self._done, "done")
            if not self._refusals:
                turn.store.clear_pending(turn.name, self.side, key)
        for refusal in self._refusals:
            if isinstance(refusal, StaleRevision | Gone):
                turn.again(self.side, key, str(refusal))
            else:
                turn.park(self.side, key, refusal)
        if self.proved:
            turn.report.updates[turn.tracker_name(self.side)] += 1
            fields = ", ".join(name for name in FIELDS if name in self.proved)
            reason = "; ".join(dict.fromkeys(d.reason for d in self.pair.decisions if d.field in self.proved))
            turn.event("updated", f"{self.base.label}: {fields} ({reason})", side=self.side, key=key)

    def strangers(self) -> frozenset[str]:
        """Fields that we did not write and that came back different: somebody's edit, to be seen by the next diff."""
        return frozenset(
            name
            for name in self.item.fields
            if name not in self.proved
            and name not in self.writes
            and not same_value(name, self.base.fields.get(name), self.item.fields[name])
        )


def _unproved(pair: PairPlan, done: dict[Side, _SideWrite]) -> frozenset[str]:
    """Fields of which a write is missing its proof."""
    return frozenset(d.field for d in pair.decisions for w in d.writes if d.field not in done[w.side].proved)


def _save_pair(turn: Turn, pair: PairPlan, done: dict[Side, _SideWrite]) -> Link:
    open_fields = {d.field for d in pair.decisions if not d.settled} | _unproved(pair, done)
    snapshots: dict[Side, Snapshot] = {}
    for side in SIDES:
        item = done[side].item if side in done else pair.item(side)
        strangers = done[side].strangers() if side in done else frozenset()
        settled = frozenset(item.fields) - open_fields - strangers
        before = pair.link.side(side) if pair.link else Snapshot(item, forgotten=frozenset(open_fields))
        snapshots[side] = before.advance(item, settled)
        if strangers:
            turn.again(side, item.key, "changed while we wrote")
        elif side not in done:
            turn.store.clear_pending(turn.name, side, item.key)
    if pair.link is None:
        link = turn.store.add_link(turn.name, snapshots["left"], snapshots["right"], run=turn.run)
        turn.report.paired += 1
        reason = pair.adopt.reason if pair.adopt else "paired"
        turn.event("paired", f"{pair.left.label} and {pair.right.label}: {reason}", side="left", key=pair.left.key)
        return link
    for side in SIDES:
        if snapshots[side] != pair.link.side(side):
            turn.store.save_snapshot(pair.link.id, side, snapshots[side])
    return replace(pair.link, left=snapshots["left"], right=snapshots["right"])


def _save_conflicts(turn: Turn, pair: PairPlan, link: Link, unproved: frozenset[str]) -> None:
    """Keeps the losing value verbatim before anything forgets it; closes conflicts that are over."""
    for decision in pair.decisions:
        conflict = decision.conflict
        standing = turn.store.open_conflict_for(link.id, decision.field) if pair.link else None
        if conflict is None:
            if standing is not None and decision.settled and decision.field not in unproved:
                note = "settled by a person" if standing.winner else "both sides agree now"
                turn.store.settle_conflict(standing.id, standing.winner, note)
            continue
        if standing is not None:
            if same_value(decision.field, standing.left_value, conflict.left) and same_value(
                decision.field, standing.right_value, conflict.right
            ):
                continue
            turn.store.settle_conflict(standing.id, None, "replaced by newer values")
        now = turn.clock.now()
        turn.store.add_conflict(
            ConflictRecord(
                id=0,
                mapping=turn.name,
                link_id=link.id,
                left_key=pair.left.key,
                right_key=pair.right.key,
                field=decision.field,
                left_value=conflict.left,
                right_value=conflict.right,
                winner=conflict.winner,
                rule=conflict.rule.value,
                run=turn.run,
                at=now,
                settled_at=now if conflict.winner else None,
                note=decision.reason,
            )
        )
        turn.report.conflicts += 1
        turn.event(
            "conflict",
            f"{pair.left.label} and {pair.right.label}: {decision.field}: {decision.reason}",
            side=conflict.winner,
            key=pair.item(conflict.winner or "left").key,
            field=decision.field,
        )


# --- deleting ------------------------------------------------------------------------------------------------------


def _delete(turn: Turn, delete: Delete) -> None:
    """Does to the survivor what the mapping says, ends the link and leaves a tombstone against resurrection."""
    side, victim = delete.side, delete.victim
    intent = None
    try:
        intent = _end_survivor(turn, delete)
    except Gone:
        turn.event("deleted", f"{victim.label} was gone already", side=side, key=victim.key)
    except Rejected as error:
        turn.park(side, victim.key, error)
        return
    except OutcomeUnknown as error:
        turn.in_doubt(error)
        return
    with turn.store.transaction():
        _end_link(turn, delete)
        if intent is not None:
            turn.store.close_intent(intent, "done")
    if delete.action in (DeleteAction.DELETE, DeleteAction.CLOSE):
        turn.report.deletes[turn.tracker_name(side)] += 1


def _end_survivor(turn: Turn, delete: Delete) -> int | None:
    """Deletes or closes the survivor; the intent to be closed with the link, None where no request was needed."""
    side, victim = delete.side, delete.victim
    tracker, scope = turn.context.trackers[side], turn.context.scopes[side]
    before = {"key": victim.key, "label": victim.label, "before": victim.fields, "base_revision": victim.revision}
    if delete.action is DeleteAction.DELETE:
        with turn.journalled("delete", side, **before) as intent:
            tracker.delete(scope, victim)
        return intent
    if delete.changes:
        with turn.journalled("update", side, after=delete.changes, **before) as intent:
            for written in tracker.update(scope, victim, delete.changes):
                victim = written.item
        return intent
    return None


def _end_link(turn: Turn, delete: Delete) -> None:
    link = delete.link
    for side in SIDES:
        turn.store.clear_pending(turn.name, side, link.key(side))
        turn.store.clear_absence(turn.name, side, link.key(side))
    turn.store.remove_link(link.id)
    turn.store.add_tombstone(turn.name, link.key("left"), link.key("right"), delete.reason, turn.clock.now())
    turn.event(
        "deleted",
        f"{delete.victim.label}: {delete.action.value}; {delete.reason}",
        side=delete.side,
        key=delete.victim.key,
    )


def _remember_ambiguous(turn: Turn, sentence: str, left: tuple[Item, ...], right: tuple[Item, ...]) -> None:
    """Keeps unpairable items pending, so that `status` shows them and a changed title gets them paired."""
    due_at = turn.clock.now() + LAST_RETRY
    with turn.store.transaction():
        for side in SIDES:
            for item in left if side == "left" else right:
                turn.store.add_pending(turn.name, side, item.key, AMBIGUOUS, due_at=due_at)
        turn.event("ambiguous", sentence)
    turn.note(sentence)
