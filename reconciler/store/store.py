"""Store: everything the program remembers, behind one class; each group of methods is one noun's file beside this one.

Every method may be called from any thread, within `transaction` or outside; outside, what it writes is durable when it
returns. All of them may raise StoreError, after which no request that changes anything may be sent.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from reconciler.clock import Clock
from reconciler.model.attachment_link import AttachmentLink
from reconciler.model.comment import Comment
from reconciler.model.comment_link import CommentLink
from reconciler.model.conflict_record import ConflictRecord
from reconciler.model.event import Event
from reconciler.model.field import Value
from reconciler.model.intent import Intent, Outcome
from reconciler.model.known_name import Memories
from reconciler.model.link import Link
from reconciler.model.look import Look
from reconciler.model.pending import Pending
from reconciler.model.run import Run
from reconciler.model.schema import Schema
from reconciler.model.side import SIDES, Side, other
from reconciler.model.snapshot import Snapshot
from reconciler.model.sweep import Sweep
from reconciler.model.tombstone import Tombstone
from reconciler.store.attachments import AttachmentLinks
from reconciler.store.comments import CommentLinks, Looks
from reconciler.store.conflicts import Conflicts
from reconciler.store.cursors import Cursors
from reconciler.store.database import Database
from reconciler.store.feed import Feed
from reconciler.store.journal import Journal
from reconciler.store.links import Links
from reconciler.store.memories import SchemaMemories
from reconciler.store.meta import Meta
from reconciler.store.opening import open_database
from reconciler.store.pending import PendingItems
from reconciler.store.remains import Remains
from reconciler.store.retention import HISTORY_DAYS, prune
from reconciler.store.runs import Events, Runs
from reconciler.store.schemas import Schemas
from reconciler.store.sqlite import back_up
from reconciler.store.sweeps import Sweeps
from reconciler.store.tombstones import Absences, Tombstones
from reconciler.store.usage import Usage

PROOF_LASTS_S = 5.0
"""An answer that took longer to arrive may be about the time before a pause of this process."""


class Store:
    """`instance_id` names this store for ever, also after it was copied; `feed` is what was seen of people's changes,
    which other methods add to. Use as a context manager, or `close`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._db = database
        self._clock = clock
        self._cursors = Cursors(database)
        self._links = Links(database)
        self._sweeps = Sweeps(database, self._links)
        self._pending = PendingItems(database)
        self._journal = Journal(database)
        self._conflicts = Conflicts(database)
        self._comments = CommentLinks(database)
        self._attachments = AttachmentLinks(database)
        self._remains = Remains(database, self._comments, self._attachments)
        self._looks = Looks(database)
        self._absences = Absences(database)
        self._tombstones = Tombstones(database)
        self._runs = Runs(database)
        self._events = Events(database)
        self._meta = Meta(database)
        self._schemas = Schemas(self._meta)
        self._memories = SchemaMemories(database)
        self._usage = Usage(database)
        self.feed = Feed(database, clock)
        self.instance_id = self._meta.get("instance_id") or ""

    @classmethod
    def open(cls, url: str, *, clock: Clock, read_only: bool = False) -> Self:
        """Opens the store, making or updating it where needed, and holds its lock until `close`.

        `read_only` takes no lock, writes nothing and works while another process has the store open. Raises StoreLocked
        where another instance runs, StoreNewer for the store of a newer version, which is left untouched, and
        StoreError for everything else that is wrong with it: a missing file (read-only), permissions, damage.
        """
        return cls(open_database(url, clock=clock, read_only=read_only), clock)

    def close(self) -> None:
        """Ends the connection and gives the lock back. Idempotent."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing; nested ones are savepoints. Keep it short: other threads wait, and no request may be under
        way within. On a store opened for reading, all reads within see the same state."""
        return self._db.transaction()

    def permit(self) -> None:
        """To be asked right before every request that changes something at a tracker, and by who waits idly. Raises
        StoreLocked where another instance took over, and StoreError where the store is gone or has failed before."""
        while True:
            asked_s = self._clock.monotonic_s()
            self._db.prove()
            if self._clock.monotonic_s() - asked_s < PROOF_LASTS_S:
                return

    def back_up(self) -> Path | None:
        """Writes a copy beside the file and keeps the newest three; None for a store that is no file."""
        return back_up(self._db, self._clock.now())

    # --- watermarks ------------------------------------------------------------------------------------------------

    def watermark(self, mapping: str, side: Side) -> datetime | None:
        """The server time up to which `side` was polled completely; None before the first time."""
        return self._cursors.get(mapping, side)

    def set_watermark(self, mapping: str, side: Side, at: datetime) -> None:
        self._cursors.set(mapping, side, at)

    # --- links -----------------------------------------------------------------------------------------------------

    def link(self, mapping: str, side: Side, key: str) -> Link | None:
        return self._links.by_key(mapping, side, key)

    def links(self, mapping: str, side: Side, keys: Iterable[str]) -> dict[str, Link]:
        """The links of any number of keys; keys without one are missing."""
        return self._links.by_keys(mapping, side, keys)

    def partners(self, mapping: str, side: Side, keys: Iterable[str]) -> dict[str, str]:
        """The keys of the partners of any number of items of `side`; those without one are missing."""
        return self._links.partners(mapping, side, keys)

    def link_by_id(self, link_id: int) -> Link | None:
        return self._links.by_id(link_id)

    def links_of_run(self, mapping: str, run: int) -> list[int]:
        """The ids of pairs that a run made and that are still there, in order."""
        return self._links.of_run(mapping, run)

    def all_links(self, mapping: str, after: int = 0) -> Iterator[Link]:
        """By id, those above `after`, read in chunks, so that links may be changed or removed meanwhile."""
        return self._links.all(mapping, after)

    def mappings(self) -> list[str]:
        """The names under which anything is linked, whether the configuration still has them or not."""
        return self._links.mappings()

    def count_links(self, mapping: str) -> int:
        return self._links.count(mapping)

    def add_link(
        self, mapping: str, left: Snapshot, right: Snapshot, *, run: int | None, added: Collection[Side] = SIDES
    ) -> Link:
        """Takes tombstones of either item away: what ended their pair was taken back. Comments and attachments that
        hung on the same pair before hang on it again. `added` are the sides whose item is news in the feed: not the one
        that we have just made. Raises StoreError, naming both, where either item has a partner in this mapping."""
        with self._db.write():
            link = self._links.add(mapping, left, right, run, self._clock.now())
            self._remains.take_up(link)
            for side in SIDES:
                self._tombstones.remove(mapping, side, link.key(side))
                if side in added:
                    self.feed.item_added(mapping, side, link.side(side).item)
        return link

    def save_snapshot(
        self, link_id: int, side: Side, snapshot: Snapshot, *, ours: Collection[str] = frozenset()
    ) -> None:
        """What it shows otherwise than the one before is a change in the feed, but for the fields that are `ours`.
        Raises StoreError where the link was removed."""
        with self._db.write():
            known = self._links.by_id(link_id)
            self._links.save(link_id, side, snapshot)
            if known is not None:
                self.feed.item_seen(known, side, snapshot.item, ours)

    def remove_link(self, link_id: int, *, gone: Side | None = None) -> None:
        """Takes its snapshots and looks along and settles its open conflicts; what hung on it is remembered, should the
        same two be linked again. `gone` is the side on which its item was deleted. Idempotent."""
        with self._db.write():
            known = self._links.by_id(link_id) if gone else None
            if known is not None and gone is not None:
                self.feed.item_deleted(known, gone)
            self._remains.keep(link_id, self._clock.now())
            self._links.remove(link_id, self._clock.now())

    def recent_revisions(self, mapping: str, side: Side, since: datetime) -> dict[str, str]:
        """Key to revision of the snapshots whose items changed at or after `since`."""
        return self._links.recent_revisions(mapping, side, since)

    # --- sweeps ----------------------------------------------------------------------------------------------------

    def sweep(self, mapping: str) -> Sweep | None:
        """The last comparison of everything, over or under way; None before the first."""
        return self._sweeps.get(mapping)

    def save_sweep(self, mapping: str, sweep: Sweep, met: Mapping[Side, Iterable[int]]) -> None:
        """How far it is now, and the ids of pairs that it has met since. Forgets all of them once it is over."""
        with self._db.write():
            self._sweeps.save(mapping, sweep)
            if sweep.is_over:
                self._sweeps.forget_met(mapping)
            else:
                for side, links in met.items():
                    self._sweeps.meet(side, links)

    def unmet(self, mapping: str, side: Side, newest_link: int) -> Iterator[Link]:
        """The pairs up to `newest_link` that the sweep under way has not met on that side, by id."""
        return self._sweeps.unmet(mapping, side, newest_link)

    def newest_link(self, mapping: str) -> int:
        """The highest id of a pair; 0 where there are none. Later ones have higher ids."""
        return self._links.newest(mapping)

    # --- pending ---------------------------------------------------------------------------------------------------

    def add_pending(
        self,
        mapping: str,
        side: Side,
        key: str,
        reason: str,
        *,
        due_at: datetime,
        attempts: int = 0,
        parked: bool = False,
    ) -> None:
        """Replaces what was said about the item before, except since when it waits."""
        now = self._clock.now()
        self._pending.add(Pending(mapping, side, key, reason, due_at, now, attempts, parked))

    def pending(self, mapping: str, *, due_by: datetime | None = None) -> list[Pending]:
        """All that wait, the earliest due first; with `due_by` only those due by then and not parked."""
        return self._pending.due(mapping, due_by)

    def clear_pending(self, mapping: str, side: Side, key: str) -> None:
        self._pending.clear(mapping, side, key)

    # --- journal ---------------------------------------------------------------------------------------------------

    def open_intent(self, intent: Intent) -> int:
        """Outside a transaction it is durable on return, before the request is sent. Returns its id. Raises StoreError
        where the disk has so little room left that the outcome might not be recorded."""
        self._db.require_room()
        return self._journal.open(intent)

    def close_intent(self, intent_id: int, outcome: Outcome, note: str = "") -> None:
        """Closing one that is closed changes nothing."""
        self._journal.close(intent_id, outcome, note, self._clock.now())

    def open_intents(self, mapping: str | None = None) -> list[Intent]:
        """Oldest first; of all mappings by default."""
        return self._journal.still_open(mapping)

    def update_intent(self, intent_id: int, *, probes: int, probed_at: datetime) -> None:
        self._journal.probed(intent_id, probes, probed_at)

    def intents_of_run(self, run: int, page: int = 1, limit: int | None = None) -> list[Intent]:
        """What a run asked of the trackers, in order, with the values before and after; everything by default."""
        return self._journal.of_run(run, page, limit)

    def count_intents(self, run: int) -> int:
        """How many requests that change something a run asked of the trackers."""
        return self._journal.count(run)

    # --- conflicts -------------------------------------------------------------------------------------------------

    def add_conflict(self, conflict: ConflictRecord) -> int:
        """Keeps both values verbatim. One whose rule has a winner comes with `settled_at`. Returns its id."""
        return self._conflicts.add(conflict)

    def decide_conflict(self, conflict_id: int, winner: Side) -> bool:
        """A person's decision, to be carried out by the next cycle; False where the conflict is not open."""
        return self._conflicts.decide(conflict_id, winner)

    def settle_conflict(self, conflict_id: int, winner: Side | None, note: str) -> None:
        """Closes a conflict: carried out, or overtaken (no winner)."""
        self._conflicts.settle(conflict_id, winner, note, self._clock.now())

    def conflict(self, conflict_id: int) -> ConflictRecord | None:
        return self._conflicts.get(conflict_id)

    def open_conflicts(self, mapping: str | None = None) -> list[ConflictRecord]:
        """Oldest first, decided but not yet carried out ones included."""
        return self._conflicts.open(mapping)

    def open_conflict_for(self, link_id: int, field: str) -> ConflictRecord | None:
        return self._conflicts.open_for(link_id, field)

    def conflicts(self, mapping: str | None = None, limit: int | None = None) -> list[ConflictRecord]:
        """Open and settled ones, newest first; all of them by default."""
        return self._conflicts.newest(mapping, limit)

    # --- comments and attachments ----------------------------------------------------------------------------------

    def comment_links(self, link_id: int) -> list[CommentLink]:
        return self._comments.below(link_id)

    def add_comment_link(self, link_id: int, left: Comment, right: Comment, *, made: Side | None = None) -> CommentLink:
        """`made` is the side whose comment is a copy that we have just made. Raises StoreError where either comment has
        a twin."""
        with self._db.write():
            pair = self._comments.add(link_id, left, right)
            link = self._links.by_id(link_id) if made else None
            if link is not None and made is not None:
                self.feed.comment_added(link, made, pair.side(made), pair.side(other(made)))
        return pair

    def save_comment(self, comment_link_id: int, side: Side, comment: Comment, *, ours: bool = False) -> None:
        """`ours`: we gave it the text that it has now."""
        with self._db.write():
            known = None if ours else self._comments.get(comment_link_id)
            self._comments.save(comment_link_id, side, comment)
            if known is not None and (link := self._links.by_id(known.link_id)) is not None:
                self.feed.comment_seen(link, side, known.side(side), comment)

    def remove_comment_link(self, comment_link_id: int, *, gone: Collection[Side] = ()) -> None:
        """`gone` are the sides on which somebody deleted the comment."""
        with self._db.write():
            known = self._comments.get(comment_link_id)
            self._comments.remove(comment_link_id)
            if known is not None and (link := self._links.by_id(known.link_id)) is not None:
                self.feed.comments_deleted(link, known, gone)

    def attachment_links(self, link_id: int) -> list[AttachmentLink]:
        return self._attachments.below(link_id)

    def attachment_links_with(self, mapping: str, side: Side, keys: Iterable[str]) -> dict[str, AttachmentLink]:
        """By key of `side`, the oldest pair that each of the files is part of, below whichever link of the mapping."""
        return self._attachments.with_keys(mapping, side, keys)

    def add_attachment_link(self, pair: AttachmentLink, *, new: Side | None = None) -> AttachmentLink:
        """`new` is the side on which somebody added the file. Returns the pair with its id. Raises StoreError where
        either attachment is on record already."""
        with self._db.write():
            added = self._attachments.add(pair)
            link = self._links.by_id(pair.link_id) if new else None
            if link is not None and new is not None and (file := pair.side(new)) is not None:
                self.feed.file_added(link, new, file)
        return added

    def save_attachment_link(self, pair: AttachmentLink) -> None:
        """A side that it has lost is one on which somebody removed the file."""
        with self._db.write():
            known = self._attachments.get(pair.id)
            self._attachments.save(pair)
            if known is not None and (link := self._links.by_id(known.link_id)) is not None:
                self.feed.files_removed(link, known, [side for side in SIDES if pair.side(side) is None])

    def remove_attachment_link(self, attachment_link_id: int, *, gone: Collection[Side] = SIDES) -> None:
        """`gone` are the sides on which somebody removed the file."""
        with self._db.write():
            known = self._attachments.get(attachment_link_id)
            self._attachments.remove(attachment_link_id)
            if known is not None and (link := self._links.by_id(known.link_id)) is not None:
                self.feed.files_removed(link, known, gone)

    def set_look(self, link_id: int, side: Side, *, due_at: datetime | None, looked_at: datetime | None) -> None:
        """When to read this side's discussion again (None: not on the slow rhythm), and when it was read (None: as
        known before)."""
        self._looks.set(link_id, side, due_at, looked_at)

    def due_looks(self, mapping: str, now: datetime, limit: int) -> list[Look]:
        """The longest overdue first."""
        return self._looks.due(mapping, now, limit)

    def looks(self, link_id: int) -> list[Look]:
        """Of one pair: at most one a side."""
        return self._looks.below(link_id)

    def oldest_look(self, mapping: str) -> datetime | None:
        """Of the discussions on the slow rhythm that were read before: when the one read longest ago was."""
        return self._looks.oldest(mapping)

    # --- deletions -------------------------------------------------------------------------------------------------

    def add_absence(self, mapping: str, side: Side, key: str, at: datetime) -> int:
        """Notes that the item was proved gone; returns how many separate times so far. The same `at` counts once."""
        return self._absences.add(mapping, side, key, at)

    def absences(self, mapping: str, side: Side, key: str) -> int:
        return self._absences.count(mapping, side, key)

    def clear_absence(self, mapping: str, side: Side, key: str) -> None:
        self._absences.clear(mapping, side, key)

    def add_tombstone(
        self, mapping: str, left_key: str, right_key: str, *, gone: Side | None, reason: str, at: datetime
    ) -> None:
        """Takes the place of what deletions left of either item, and of a release of this pair."""
        self._tombstones.add(Tombstone(mapping, left_key, right_key, gone, reason, at))

    def tombstones(self, mapping: str) -> list[Tombstone]:
        return self._tombstones.of_mapping(mapping)

    def remove_tombstone(self, mapping: str, side: Side, key: str) -> None:
        """Forgets what a deletion left of the item; what a person released stays released."""
        self._tombstones.remove(mapping, side, key)

    def remove_release(self, mapping: str, left_key: str, right_key: str) -> None:
        """Forgets that a person released this pair. Idempotent."""
        self._tombstones.remove_release(mapping, left_key, right_key)

    # --- runs and events -------------------------------------------------------------------------------------------

    def start_run(self, command: str) -> int:
        return self._runs.start(command, self._clock.now())

    def finish_run(self, run_id: int, summary: Mapping[str, Any]) -> None:
        """`summary` is JSON."""
        self._runs.finish(run_id, summary, self._clock.now())

    def run(self, run_id: int) -> Run | None:
        return self._runs.get(run_id)

    def last_runs(self, limit: int, page: int = 1) -> list[Run]:
        """Newest first; the first page is 1."""
        return self._runs.newest(limit, page)

    def count_runs(self) -> int:
        return self._runs.count()

    def add_event(
        self,
        run_id: int | None,
        mapping: str,
        kind: str,
        text: str,
        *,
        side: Side | None = None,
        key: str | None = None,
        field: str | None = None,
        before: Value = None,
        after: Value = None,
        case: str = "",
    ) -> None:
        event = Event(0, run_id, mapping, self._clock.now(), kind, text, side, key, field, before, after, case)
        self._events.add(event)

    def events(
        self,
        page: int,
        limit: int,
        mapping: str | None = None,
        keys: Collection[str] = (),
        *,
        kind: str | None = None,
        words: str = "",
    ) -> list[Event]:
        """Newest first, of all items by default; the first page is 1. `words` stand in the event's text, in any case
        of letters that the database knows."""
        return self._events.page(page, limit, mapping, keys, kind, words)

    def last_event(self, mapping: str, side: Side, key: str, field: str | None = None) -> Event | None:
        """The newest event of an item, or of one field of it."""
        return self._events.last(mapping, side, key, field)

    def field_events(self, mapping: str, keys: Collection[str], field: str, kinds: Collection[str]) -> list[Event]:
        """The newest ten of these kinds about one field of the items, or about the items as a whole; newest first."""
        return self._events.of_field(mapping, keys, field, kinds)

    def count_kinds(self, mapping: str, since: datetime) -> dict[str, int]:
        """How many events of each kind a mapping has had since."""
        return self._events.count_kinds(mapping, since)

    def count_events(
        self, mapping: str | None = None, keys: Collection[str] = (), *, kind: str | None = None, words: str = ""
    ) -> int:
        return self._events.count(mapping, keys, kind, words)

    def event_kinds(self) -> list[str]:
        """The kinds of everything in the history, by name."""
        return self._events.kinds()

    # --- meta and retention ----------------------------------------------------------------------------------------

    def meta(self, key: str) -> str | None:
        return self._meta.get(key)

    def set_meta(self, key: str, value: str) -> None:
        self._meta.set(key, value)

    def schema(self, mapping: str, side: Side) -> Schema | None:
        """What the side could hold when it was last read; None where this version never read it."""
        return self._schemas.get(mapping, side)

    def takes_several(self, mapping: str, side: Side) -> bool:
        """Whether an item of the side may have more than one assignee, as last read."""
        return self._meta.get(f"several:{side}:{mapping}") == "yes"

    def save_schema(self, mapping: str, side: Side, schema: Schema, *, several: bool) -> None:
        self._schemas.set(mapping, side, schema)
        self._meta.set(f"several:{side}:{mapping}", "yes" if several else "no")

    def memories(self, mapping: str) -> Memories:
        """What was known of the schemas of both sides, and of who was missing there; nothing before the first look."""
        return self._memories.get(mapping)

    def save_memories(self, mapping: str, memories: Memories) -> None:
        self._memories.save(mapping, memories)

    def problem(self, mapping: str) -> str | None:
        """The sentence that says why the mapping could not finish its last cycle; None if it could."""
        return self._meta.get(f"problem:{mapping}") or None

    def problem_kind(self, mapping: str) -> str | None:
        """The name of the error class behind `problem`; None where there is none."""
        return self._meta.get(f"problem_kind:{mapping}") if self.problem(mapping) else None

    def set_problem(self, mapping: str, sentence: str | None, kind: str = "") -> None:
        """Writes nothing where nothing changes, so that an idle cycle costs no commit for it."""
        if self.problem(mapping) != sentence:
            with self._db.write():
                self._meta.set(f"problem:{mapping}", sentence or "")
                self._meta.set(f"problem_kind:{mapping}", kind)

    def circuit(self, tracker: str) -> str:
        """ "open" where the last cycle left that tracker alone because it kept failing."""
        return self._meta.get(f"circuit:{tracker}") or "closed"

    def set_circuit(self, tracker: str, state: str) -> None:
        """Writes nothing where nothing changes."""
        if self.circuit(tracker) != state:
            self._meta.set(f"circuit:{tracker}", state)

    def add_requests(self, requests: Mapping[str, int]) -> None:
        """Counts requests that trackers were sent in this hour."""
        self._usage.add(requests, self._clock.now())

    def requests_by_hour(self, tracker: str) -> dict[datetime, int]:
        """How many requests a tracker was sent in each of the last hours, a week at most, by the hour's beginning."""
        return self._usage.by_hour(tracker)

    def prune(self, *, keep_days: int = HISTORY_DAYS) -> None:
        """Forgets history older than `keep_days` (settled conflicts: a year) in one transaction. What is open, pending,
        linked or released stays, however old; retention.py says what that means for each table."""
        prune(self._db, self._clock.now(), timedelta(days=keep_days))
