"""Turn: one mapping's turn within one run - where it writes, how it journals, and how it keeps promises for later."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from reconciler.clock import Clock
from reconciler.context import MappingContext
from reconciler.errors import OutcomeUnknown, Rejected, Unauthorized, Unavailable
from reconciler.late_run import LateRun
from reconciler.mapping.equality import same_value
from reconciler.model.field import SETS, Value, kind_of, label_of
from reconciler.model.intent import Intent, IntentKind
from reconciler.model.item import Item
from reconciler.model.link import Link
from reconciler.model.pending import LONGEST_WAIT
from reconciler.model.plan import AttachmentOperation, CommentOperation
from reconciler.model.report import MappingReport
from reconciler.model.side import Side
from reconciler.model.snapshot import Snapshot
from reconciler.selection import Selection
from reconciler.store import Store

FIRST_RETRY = timedelta(seconds=30)
LAST_RETRY = LONGEST_WAIT
ATTEMPTS_BEFORE_PARKING = 5
"""After this many refusals an item waits until somebody changes it on either side, or the configuration
(reliability.md 3.9)."""

DROPPED_FOR = timedelta(minutes=10)
"""A value that a tracker left out is not sent again for so long: longer than a poll's overlap shows the item again."""

UNKNOWN_OUTCOMES_IN_A_ROW = 3
"""So many writes in a row without a known outcome mean that the tracker, not the item, has the problem."""


def backoff(attempts: int, key: str) -> timedelta:
    """How long the item of that key waits after its n-th refusal: 30 s, doubled each time, up to 6 h. Up to half is
    added, so that items refused together do not come back together; how much is the key's own, not chance."""
    doubled: int = 2 ** min(attempts - 1, 20)
    spread = int.from_bytes(blake2b(f"{key}/{attempts}".encode(), digest_size=2).digest()) / 0x20000
    return min(FIRST_RETRY * doubled * (1 + spread), LAST_RETRY)


class Turn:
    """One mapping's turn within one run: where it writes, what it has done, and how it keeps promises for later."""

    def __init__(
        self,
        context: MappingContext,
        store: Store,
        clock: Clock,
        run: int | LateRun | None,
        report: MappingReport,
        selection: Selection | None = None,
    ) -> None:
        self.context = context
        self.store = store
        self.clock = clock
        self._run = run
        self.report = report
        self.selection = selection
        self._unknown_in_a_row = 0
        self._progress: Callable[[int], None] = lambda _steps: None

    @property
    def name(self) -> str:
        return self.context.name

    @property
    def run(self) -> int | None:
        """The run that this belongs to; asking for it is what begins a late one."""
        return self._run.id if isinstance(self._run, LateRun) else self._run

    def on_progress(self, callback: Callable[[int], None]) -> None:
        """`callback` is told how many operations were finished, one call an operation."""
        self._progress = callback

    def advance(self) -> None:
        self._progress(1)
        self.clock.checkpoint()

    def tracker_name(self, side: Side) -> str:
        return self.context.trackers[side].name

    def permits(self, operation: CommentOperation | AttachmentOperation) -> bool:
        """False for what a person did not choose, where somebody did choose."""
        return self.selection is None or self.selection.permits(operation)

    def event(self, kind: str, text: str, **about: Any) -> None:
        """`about` as in `Store.add_event`: the item, the field, its values."""
        self.store.add_event(self.run, self.name, kind, text, **about)

    def state(self, kind: str, text: str, *, side: Side, key: str, field: str | None = None, **values: Any) -> bool:
        """An event that says how an item stands, and is not said again for as long as nothing else happens to it.
        Whether it was said. `values` as in `Store.add_event`."""
        last = self.store.last_event(self.name, side, key, field)
        if last is not None and (last.kind, last.text) == (kind, text):
            return False
        self.event(kind, text, side=side, key=key, field=field, **values)
        return True

    def dropped(self, side: Side, item: Item, field: str, wanted: Value, notes: Sequence[str]) -> None:
        """Remembers that a tracker left `wanted` out of a write without refusing it; noted when it is news."""
        said = "; ".join(notes)
        text = f"{item.label}: {label_of(field)}: {said}"
        last = self.store.last_event(self.name, side, item.key, field)
        if last is None or (last.kind, last.text) != ("not carried", text):
            self.note(f"{item.label}: {said}")
        self.event("not carried", text, side=side, key=item.key, field=field, after=wanted)

    def was_dropped(self, side: Side, key: str, field: str, wanted: Value) -> bool:
        """Whether the tracker left out that very value a moment ago. Its answer moved the item, so that the next polls
        show it again; that is no reason to send the value again."""
        last = self.store.last_event(self.name, side, key, field)
        if last is None or last.kind != "not carried" or abs(self.clock.now() - last.at) > DROPPED_FOR:
            return False
        return same_value(field, last.after, wanted)

    def note(self, sentence: str) -> None:
        if sentence not in self.report.notes:
            self.report.notes.append(sentence)

    def server_floor(self, side: Side) -> datetime:
        """A server time of `side` that is certainly before anything this turn does there."""
        at = self.context.trackers[side].server_time() or self.clock.now()
        return at - timedelta(seconds=60)

    def save_view(self, link: Link, side: Side, snapshot: Snapshot, *, ours: Collection[str] = frozenset()) -> None:
        """Keeps a new view of one side of a pair; what it shows otherwise is a person's edit, but for the fields that
        are `ours` and for values that were only renamed."""
        renamed = self.context.correspondence.renames.renamed(side, link.side(side).item, snapshot.item)
        self.store.save_snapshot(link.id, side, snapshot, ours={*ours, *renamed})

    # --- promises for later ----------------------------------------------------------------------------------------

    def again(self, side: Side, key: str, reason: str) -> None:
        """Looks at the item in the next cycle."""
        self.store.add_pending(self.name, side, key, reason, due_at=self.clock.now())

    def park(self, side: Side, item: Item, *errors: Rejected) -> None:
        """Backs off from an item that was refused in one attempt, for one reason or several; after enough attempts, or
        one where the tracker will not change it again, it waits until somebody changes it or asks for it."""
        sentence = f"{item.label}: {'; '.join(str(error) for error in errors)}"
        before = next((row for row in self.store.pending(self.name) if (row.side, row.key) == (side, item.key)), None)
        attempts = (before.attempts if before else 0) + 1
        self.store.add_pending(
            self.name,
            side,
            item.key,
            sentence,
            due_at=self.clock.now() + backoff(attempts, item.key),
            attempts=attempts,
            parked=attempts >= ATTEMPTS_BEFORE_PARKING or any(error.whole_item for error in errors),
        )
        for error in errors:
            self.event("refused", f"{item.label}: {error}", side=side, key=item.key, field=error.field or None)
        self.note(sentence)

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
    def journalled(
        self, kind: IntentKind, side: Side, *, together: Callable[[], None] | None = None, **facts: Any
    ) -> Iterator[int]:
        """An intent around one request. Errors that prove that nothing happened close it; a write of unknown fate
        leaves it open. After success the caller closes it in the transaction that saves the outcome. What `together`
        writes to the store is committed with the intent."""
        with self.store.transaction():
            if together is not None:
                together()
            intent = self.intend(kind, side, **facts)
        try:
            yield intent
        except Rejected as error:
            self.store.close_intent(intent, "rejected", str(error))
            self.context.doubt(error.field)
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


def empty(name: str) -> Value:
    """The empty value of a field's kind."""
    return () if kind_of(name) in SETS else None
