"""Carry: writes what travels between the two items of a pair, and commits both snapshots with exactly what was proved.

A response is never adopted blindly: a field that we did not write and that came back different is somebody's edit, and
must show up in the next diff. What a tracker refuses leaves its field unsettled; the fields beside it travel.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial

from reconciler.diff import diff
from reconciler.errors import Gone, OutcomeUnknown, Rejected, StaleRevision, Unauthorized, Unavailable
from reconciler.looks import note_looks
from reconciler.mapping.equality import same_value
from reconciler.mapping.renames import Renames
from reconciler.members import members_agreed
from reconciler.model.conflict_record import ConflictRecord
from reconciler.model.decision import Conflict, Decision, Waits, Write
from reconciler.model.field import Value, label_of
from reconciler.model.link import Link
from reconciler.model.pending import ORPHANED
from reconciler.model.plan import PairPlan
from reconciler.model.rich_text import RichText
from reconciler.model.side import SIDES, Side, other
from reconciler.model.snapshot import Snapshot
from reconciler.pictures import with_copies
from reconciler.sight import Sight
from reconciler.turn import LAST_RETRY, Touched, Turn

RECORDED_TOGETHER = 200
"""So many pairs that need no request share one commit."""


def record_pairs(turn: Turn, pairs: list[PairPlan]) -> Iterator[Touched]:
    """Pairs that need no request: only the store learns something, so many of them share a commit."""
    for start in range(0, len(pairs), RECORDED_TOGETHER):
        with turn.store.transaction():
            done = [_pair(turn, pair) for pair in pairs[start : start + RECORDED_TOGETHER]]
        yield from done
        turn.clock.checkpoint()


def without_dropped(turn: Turn, pair: PairPlan) -> PairPlan:
    """The pair without writes of which the tracker has just left out the value; they stay to be done."""

    def kept(decision: Decision) -> Decision:
        field = decision.field
        writes = [w for w in decision.writes if not turn.was_dropped(w.side, pair.item(w.side).key, field, w.after)]
        return (
            decision if len(writes) == len(decision.writes) else replace(decision, writes=tuple(writes), settled=False)
        )

    return replace(pair, decisions=tuple(map(kept, pair.decisions)))


def write_pairs(turn: Turn, pairs: Iterable[PairPlan], sight: Sight) -> Iterator[Touched]:
    """Pairs that need requests, one after the other. One that changed since it was planned waits for the next cycle."""
    for pair in pairs:
        if sight.has_moved(pair):
            for side in SIDES:
                turn.again(side, pair.item(side).key, "changed while others were written")
        else:
            yield _pair(turn, pair)
        turn.advance()


def _pair(turn: Turn, pair: PairPlan) -> Touched:
    """Writes what travels, then commits both snapshots with exactly what was proved, also where a tracker fails."""
    moved: frozenset[Side] = frozenset()
    if pair.needs_requests() and (pair.link is None or pair.conflicts()):
        pair, moved = _prepare(turn, pair)
    done, failure = _write(turn, pair)
    with turn.store.transaction():
        link = _save_pair(turn, pair, done)
        _save_conflicts(turn, pair, link, _unproved(pair, done))
        for write in done.values():
            write.close()
        if failure is not None:
            turn.again("left", pair.left.key, str(failure))
        _park_untranslated(turn, pair)
        moved |= note_looks(turn.store, turn.context.trackers, turn.clock.now(), pair.link, link, None)
    if failure is not None:
        raise failure
    return Touched(link, moved)


def _park_untranslated(turn: Turn, pair: PairPlan) -> None:
    """Values that the other side has no word for wait until they, or the configuration, change, and frozen ones for a
    person; those that name an item without partner until it has one. What was promised about the item for sooner comes
    first: it is looked at then, and this is found again."""
    noted = [decision for decision in pair.decisions if decision.note]
    for_a_person = (Waits.A_CHANGE, Waits.A_PERSON)
    stuck = [decision for decision in noted if not decision.settled and decision.waits in for_a_person]
    awaiting = [decision for decision in noted if decision.waits is Waits.A_PARTNER]
    if not stuck and not awaiting:
        return
    first = (stuck or awaiting)[0].field
    side = next((s for s in SIDES if pair.link and first in diff(pair.link.side(s).base, pair.item(s))), SIDES[0])
    item = pair.item(side)
    if all((row.side, row.key) != (side, item.key) for row in turn.store.pending(turn.name)):
        sentence = f"{item.label}: {'; '.join(decision.note for decision in stuck)}"
        if stuck:
            turn.store.add_pending(turn.name, side, item.key, sentence, due_at=turn.clock.now(), parked=True)
        else:
            turn.store.add_pending(turn.name, side, item.key, ORPHANED, due_at=turn.clock.now() + LAST_RETRY)


def _prepare(turn: Turn, pair: PairPlan) -> tuple[PairPlan, frozenset[Side]]:
    """Commits what must not be forgotten should we die while writing: that the two belong together, nothing of them
    being agreed yet, and the values that are about to be overwritten."""
    with turn.store.transaction():
        link = pair.link or _open_link(turn, pair)
        _save_conflicts(turn, replace(pair, link=link), link, frozenset(d.field for d in pair.decisions))
        moved = note_looks(turn.store, turn.context.trackers, turn.clock.now(), pair.link, link, None)
    return replace(pair, link=link), moved


def _open_link(turn: Turn, pair: PairPlan) -> Link:
    left, right = (Snapshot(item, forgotten=frozenset(item.fields)) for item in (pair.left, pair.right))
    turn.again("left", pair.left.key, "just paired")
    return _add_link(turn, pair, left, right)


def _write(turn: Turn, pair: PairPlan) -> tuple[dict[Side, _SideWrite], Unavailable | Unauthorized | None]:
    done: dict[Side, _SideWrite] = {}
    failure: Unavailable | Unauthorized | None = None
    for side in SIDES:
        writes = pair.writes(side)
        if writes:
            done[side] = _SideWrite(turn, pair, side, writes)
            if failure is None:
                failure = done[side].run()
    return done, failure


def _save_as_seen(turn: Turn, pair: PairPlan) -> None:
    """Keeps both sides as they are before a write, nothing decided being agreed yet: should its answer get lost,
    `recover` must know which value it carried."""
    assert pair.link is not None
    decided = {decision.field for decision in pair.decisions}
    snapshots = {s: pair.link.side(s).advance(pair.item(s), frozenset(pair.item(s).fields) - decided) for s in SIDES}
    for side in SIDES:
        if snapshots[side] != pair.link.side(side):
            turn.save_view(pair.link, side, snapshots[side])
    after = replace(pair.link, left=snapshots["left"], right=snapshots["right"])
    note_looks(turn.store, turn.context.trackers, turn.clock.now(), pair.link, after, None)


class _SideWrite:
    """The update of one side of a pair: what is sent, what is proved, and what remains for later."""

    def __init__(self, turn: Turn, pair: PairPlan, side: Side, writes: dict[str, Write]) -> None:
        self.turn, self.pair, self.side, self.writes = turn, pair, side, writes
        self.base = pair.item(side)
        self.item = self.base
        self.proved: frozenset[str] = frozenset()
        self._done: list[int] = []
        self._refusals: list[Rejected] = []
        self._dropped: dict[str, list[str]] = {}

    def run(self) -> Unavailable | Unauthorized | None:
        """Sends the changes. A refusal is narrowed down to the fields that it is about, which stay behind with its
        reason while the others travel. Returns the error that ends the turn, where there is one."""
        parts = self._parts()
        while parts:
            changes = {name: self.writes[name].after for name in parts.pop(0)}
            try:
                self._send(changes)
            except (Gone, StaleRevision) as error:
                self._refusals.append(error)
                return None
            except Rejected as error:
                if error.whole_item:
                    self._refusals.append(error)
                    return None
                parts[:0] = self._narrowed([name for name in changes if name not in self.proved], error)
            except OutcomeUnknown as error:
                try:
                    self.turn.in_doubt(error)
                except Unavailable as failure:
                    return failure
                return None
            except (Unavailable, Unauthorized) as error:
                return error
        return None

    def _parts(self) -> list[list[str]]:
        """What is sent together: everything, except that a field that was refused the last time goes by itself, so that
        it is not searched for again."""
        suspects = [name for name in self.writes if self._was_refused(name)] if len(self.writes) > 1 else []
        together = [name for name in self.writes if name not in suspects]
        return [part for part in (together, *([name] for name in suspects)) if part]

    def _was_refused(self, name: str) -> bool:
        last = self.turn.store.last_event(self.turn.name, self.side, self.base.key, name)
        return last is not None and last.kind == "refused"

    def _narrowed(self, names: list[str], error: Rejected) -> list[list[str]]:
        """What is to be sent instead of `names`, which were refused together: all but the field that the tracker names,
        else one half after the other. n fields cost less than 2n requests, one that is refused among many far less."""
        guilty = error.field if error.field in names else "".join(names) if len(names) == 1 else ""
        if names and not guilty:
            middle = (len(names) + 1) // 2
            return [names[:middle], names[middle:]]
        error.field = guilty or error.field
        self._refusals.append(error)
        rest = [name for name in names if name != guilty]
        return [rest] if rest else []

    def _pictured(self, name: str, value: Value) -> Value:
        if not isinstance(value, RichText) or self.pair.link is None:
            return value
        try:
            return with_copies(self.turn, self.pair.link, self.side, value)
        except Rejected as error:
            error.field = name
            raise

    def _send(self, changes: dict[str, Value]) -> None:
        changes = {name: self._pictured(name, value) for name, value in changes.items()}
        facts = {
            "before": {name: self.writes[name].before for name in changes},
            "after": dict(changes),
            "base_revision": self.base.revision,
            "source_key": self.pair.item(other(self.side)).key,
        }
        tracker, scope = self.turn.context.trackers[self.side], self.turn.context.scopes[self.side]
        as_seen = partial(_save_as_seen, self.turn, self.pair)
        with self.turn.journalled(
            "update", self.side, together=as_seen, key=self.base.key, label=self.base.label, **facts
        ) as intent:
            notes: list[str] = []
            for written in tracker.update(scope, self.item, changes):
                self.item = written.item
                self.proved |= written.fields
                notes += written.notes
        left_out = changes.keys() - self.proved if notes else ()
        self._dropped |= dict.fromkeys(left_out, notes)
        for sentence in notes if not left_out else ():
            self.turn.note(f"{self.base.label}: {sentence}")
        self._done.append(intent)
        self.turn.succeeded()

    def close(self) -> None:
        """Within the transaction that saves the snapshots: closes the journal entry and keeps promises for later."""
        turn, key = self.turn, self.base.key
        for intent in self._done:
            turn.store.close_intent(intent, "done")
        if self._done and not self._refusals and not self.strangers():
            turn.store.clear_pending(turn.name, self.side, key)
        for refusal in self._refusals:
            if isinstance(refusal, StaleRevision | Gone):
                turn.again(self.side, key, str(refusal))
        final = [refusal for refusal in self._refusals if not isinstance(refusal, StaleRevision | Gone)]
        if final:
            turn.park(self.side, self.base, *final)
        for name, notes in self._dropped.items():
            turn.dropped(self.side, self.base, name, self.writes[name].after, notes)
        if self.proved:
            turn.report.updates[turn.tracker_name(self.side)] += 1
            for decision in self.pair.decisions:
                if decision.field in self.proved:
                    self._tell(decision)

    def _tell(self, decision: Decision) -> None:
        write = self.writes[decision.field]
        self.turn.event(
            "updated",
            f"{self.base.label}: {label_of(decision.field)} ({decision.reason})",
            side=self.side,
            key=self.base.key,
            field=decision.field,
            before=write.before,
            after=write.after,
            case=decision.case or "",
        )

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
    now = {side: done[side].item if side in done else pair.item(side) for side in SIDES}
    members = members_agreed(turn.store, pair, turn.context.policy, now)
    open_fields = {d.field for d in pair.decisions if not d.settled} | _unproved(pair, done)
    open_fields -= members["left"].keys()
    snapshots: dict[Side, Snapshot] = {}
    for side in SIDES:
        item = now[side]
        strangers = done[side].strangers() if side in done else frozenset()
        settled = frozenset(item.fields) - open_fields
        before = pair.link.side(side) if pair.link else Snapshot(item, forgotten=frozenset(open_fields))
        # What was planned from is agreed first: a stranger's edit of a field that just travelled differs from that.
        seen = before.advance(pair.item(side), settled).advance(item, settled - strangers)
        part = {d.field: d.agreed[side] for d in pair.decisions if side in d.agreed and d.field in settled}
        part |= {n: v for n, v in members[side].items() if not same_value(n, v, item.fields.get(n))}
        snapshots[side] = seen.agreed_at(part) if part else seen
        if strangers:
            turn.again(side, item.key, "changed while we wrote")
        elif side not in done:
            turn.store.clear_pending(turn.name, side, item.key)
    if pair.link is None:
        return _add_link(turn, pair, snapshots["left"], snapshots["right"])
    for side in SIDES:
        if done or snapshots[side] != pair.link.side(side):
            ours = done[side].proved if side in done else frozenset()
            turn.save_view(pair.link, side, snapshots[side], ours=ours)
    return replace(pair.link, left=snapshots["left"], right=snapshots["right"])


def _add_link(turn: Turn, pair: PairPlan, left: Snapshot, right: Snapshot) -> Link:
    link = turn.store.add_link(turn.name, left, right, run=turn.run)
    turn.report.paired += 1
    reason = pair.adopt.reason if pair.adopt else "paired"
    turn.event("paired", f"{pair.left.label} and {pair.right.label}: {reason}", side="left", key=pair.left.key)
    return link


def _is_about(standing: ConflictRecord, conflict: Conflict, renames: Renames) -> bool:
    """Whether an open conflict is the one just met: by its values, or by the decision that is being carried out against
    the same losing value, whatever the winning side shows by now."""
    met: dict[Side, Value] = {"left": conflict.left, "right": conflict.right}
    decided = standing.winner is not None and standing.winner == conflict.winner
    sides = [side for side in SIDES if not (decided and side == standing.winner)]
    name = standing.field
    return all(same_value(name, renames.value(side, name, standing.value(side)), met[side]) for side in sides)


def _save_conflicts(turn: Turn, pair: PairPlan, link: Link, unproved: frozenset[str]) -> None:
    """Keeps the losing value verbatim before anything forgets it; a conflict is over once its winner is carried."""
    renames = turn.context.correspondence.renames
    for decision in pair.decisions:
        conflict = decision.conflict
        over = decision.settled and decision.field not in unproved
        standing = turn.store.open_conflict_for(link.id, decision.field) if pair.link else None
        if standing is not None and (conflict is None or _is_about(standing, conflict, renames)):
            if over:
                winner = conflict.winner if conflict else standing.winner
                note = decision.reason if winner else "both sides agree now"
                turn.store.settle_conflict(standing.id, winner, note)
            continue
        if conflict is None:
            continue
        if standing is not None:
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
                # Before it is carried: what we write moves the stamps by which the newer side is told.
                winner=conflict.winner,
                rule=conflict.rule.value,
                run=turn.run,
                at=now,
                settled_at=now if over else None,
                note=decision.reason,
            )
        )
        turn.report.conflicts += 1
        turn.event(
            "conflict",
            f"{pair.left.label} and {pair.right.label}: {label_of(decision.field)}: {decision.reason}",
            side=conflict.winner or "left",
            key=pair.item(conflict.winner or "left").key,
            field=decision.field,
            case=decision.case or "",
        )
