"""Carry: writes what travels between the two items of a pair, and commits both snapshots with exactly what was proved.

A response is never adopted blindly: a field that we did not write and that came back different is somebody's edit, and
must show up in the next diff. What a tracker refuses leaves its field unsettled; the fields beside it travel.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from reconciler.errors import Gone, OutcomeUnknown, Rejected, StaleRevision
from reconciler.looks import note_looks
from reconciler.mapping.equality import same_value
from reconciler.model.conflict_record import ConflictRecord
from reconciler.model.decision import Write
from reconciler.model.field import FIELDS, Value
from reconciler.model.link import Link
from reconciler.model.plan import PairPlan
from reconciler.model.side import SIDES, Side, other
from reconciler.model.snapshot import Snapshot
from reconciler.turn import Touched, Turn

RECORDED_TOGETHER = 200
"""So many pairs that need no request share one commit."""


def record_pairs(turn: Turn, pairs: list[PairPlan]) -> Iterator[Touched]:
    """Pairs that need no request: only the store learns something, so many of them share a commit."""
    for start in range(0, len(pairs), RECORDED_TOGETHER):
        with turn.store.transaction():
            done = [_pair(turn, pair) for pair in pairs[start : start + RECORDED_TOGETHER]]
        yield from done
        turn.clock.checkpoint()


def write_pairs(turn: Turn, pairs: Iterable[PairPlan]) -> Iterator[Touched]:
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
                turn.park(self.side, self.base, refusal)
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
