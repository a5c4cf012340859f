"""Feed: what people changed, as plain columns that SQL can read, and how far each change has been delivered.

Rows come into being in the transaction that makes a change known to the store, by comparing what the store held of an
item with what replaces it. What we wrote ourselves is no change.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Sequence
from typing import Any

from peewee import fn

from reconciler.clock import Clock
from reconciler.diff import diff
from reconciler.model.attachment import Attachment
from reconciler.model.attachment_link import AttachmentLink
from reconciler.model.change import Backlog, Change, ChangeKind, Plain, called, plain_value
from reconciler.model.comment import Comment
from reconciler.model.comment_link import CommentLink
from reconciler.model.field import kind_of, label_of
from reconciler.model.item import Item
from reconciler.model.link import Link
from reconciler.model.side import SIDES, Side, other
from reconciler.richtext import same
from reconciler.store.database import Database
from reconciler.store.tables import FeedRow, MetaRow

WAITING, DELIVERED, DEAD, KEPT = "waiting", "delivered", "dead", ""
"""A change that is to be delivered, was, was refused for good, or is only kept since nobody takes the feed."""

_ON = "feed"


class Feed:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._db = database
        self._clock = clock
        self._is_on: bool | None = None  # None where it is to be read

    # --- what is seen ----------------------------------------------------------------------------------------------

    def item_added(self, mapping: str, side: Side, item: Item) -> None:
        self._add(mapping, side, ChangeKind.ITEM_ADDED, item, after=item.title, actor=called(item.changed_by))

    def item_seen(self, link: Link, side: Side, item: Item, ours: Collection[str]) -> None:
        """`item` takes the place of what `link` has; `ours` are fields that we wrote."""
        known = link.side(side).item
        if known.fields == item.fields:
            return
        actor = called(item.changed_by)
        for name, change in diff(known, item).items():
            if change.known_before and name not in ours:
                before, after = plain_value(change.before), plain_value(change.after)
                self._add(link.mapping, side, ChangeKind.ITEM_CHANGED, item, name, before, after, actor)

    def item_deleted(self, link: Link, side: Side) -> None:
        item = link.side(side).item
        self._add(link.mapping, side, ChangeKind.ITEM_DELETED, item, before=item.title, stamped=False)

    def comment_added(self, link: Link, made: Side, copy: Comment, original: Comment) -> None:
        """`copy` is ours, on the side `made`; the original is somebody's."""
        actor = copy.credit or called(original.author)
        self._hanging(link, other(made), ChangeKind.COMMENT_ADDED, None, original.text.text, actor)

    def comment_seen(self, link: Link, side: Side, known: Comment, now: Comment) -> None:
        if known.text.text and not same(known.text, now.text):
            self._hanging(link, side, ChangeKind.COMMENT_CHANGED, known.text.text, now.text.text)

    def comments_deleted(self, link: Link, pair: CommentLink, gone: Collection[Side]) -> None:
        for side in SIDES:
            if side in gone:
                self._hanging(link, side, ChangeKind.COMMENT_DELETED, pair.side(side).text.text, None)

    def file_added(self, link: Link, side: Side, file: Attachment) -> None:
        self._hanging(link, side, ChangeKind.FILE_ADDED, None, file.name, called(file.author), "attachments")

    def files_removed(self, link: Link, pair: AttachmentLink, gone: Collection[Side]) -> None:
        for side in SIDES:
            file = pair.side(side)
            if side in gone and file is not None:
                self._hanging(link, side, ChangeKind.FILE_REMOVED, file.name, None, "", "attachments")

    def _hanging(
        self,
        link: Link,
        side: Side,
        kind: ChangeKind,
        before: Plain,
        after: Plain,
        actor: str = "",
        field: str = "comments",
    ) -> None:
        item = link.side(side).item
        self._add(link.mapping, side, kind, item, field, before, after, actor, stamped=False)

    def _add(
        self,
        mapping: str,
        side: Side,
        kind: ChangeKind,
        item: Item,
        field: str = "",
        before: Plain = None,
        after: Plain = None,
        actor: str = "",
        stamped: bool = True,
    ) -> None:
        """`stamped`: the item's own stamp is that of the change, as far as the tracker tells."""
        hanging = field in ("", "comments", "attachments")
        self._db.insert(
            FeedRow,
            uid=uuid.uuid4().hex,
            mapping=mapping,
            side=side,
            kind=kind.value,
            seen_at=self._clock.now(),
            changed_at=item.changed_at if stamped else None,
            item_key=item.key,
            item=item.label,
            url=item.url,
            field=label_of(field),
            form="text" if hanging else kind_of(field).value,
            old_value=_to_text(before),
            new_value=_to_text(after),
            actor=actor,
            state=WAITING if self.is_on else KEPT,
            attempts=0,
            note="",
        )

    # --- reading ---------------------------------------------------------------------------------------------------

    def page(self, page: int, limit: int, mapping: str | None = None, keys: Collection[str] = ()) -> list[Change]:
        """Newest first; the first page is 1."""
        query = _chosen(mapping, keys).order_by(FeedRow.id.desc()).paginate(page, limit)
        return [_change(row) for row in self._db.rows(query)]

    def count(self, mapping: str | None = None, keys: Collection[str] = ()) -> int:
        return self._db.count(_chosen(mapping, keys))

    def last_actor(self, mapping: str, side: Side, key: str, field: str) -> str:
        """Who made the last change of a field that was seen on that side; "" where nobody says or none was seen."""
        query = _chosen(mapping, [key]).where(FeedRow.side == side, FeedRow.field == label_of(field))
        row = self._db.first(query.order_by(FeedRow.id.desc()))
        return row.actor if row else ""

    def backlog(self) -> Backlog:
        first = self._db.first(FeedRow.select().where(FeedRow.state == WAITING).order_by(FeedRow.id))
        counts = dict(
            self._db.tuples(
                FeedRow.select(FeedRow.state, fn.COUNT(FeedRow.id))
                .where(FeedRow.state.in_((WAITING, DEAD)))
                .group_by(FeedRow.state)
            )
        )
        if first is None:
            return Backlog(dead=counts.get(DEAD, 0))
        return Backlog(counts.get(WAITING, 0), first.seen_at, counts.get(DEAD, 0), first.note)

    def dead(self, limit: int = 1000) -> list[Change]:
        """What was refused for good, oldest first."""
        return self._in_state(DEAD, limit)

    def _in_state(self, state: str, limit: int) -> list[Change]:
        rows = self._db.rows(FeedRow.select().where(FeedRow.state == state).order_by(FeedRow.id).limit(limit))
        return [_change(row) for row in rows]

    # --- delivering ------------------------------------------------------------------------------------------------

    @property
    def is_on(self) -> bool:
        """Whether somebody takes the feed, so that what is seen from now on is to be delivered."""
        if self._is_on is None:
            self._is_on = bool(self._db.scalar(MetaRow.select(MetaRow.value).where(MetaRow.key == _ON)))
        return self._is_on

    def turn(self, on: bool) -> None:
        """From now on changes are to be delivered, or are not; what was still waiting is not any more, then."""
        if on != self.is_on:
            with self._db.write():
                self._is_on = None
                self._db.upsert(MetaRow, {"key": _ON}, {"value": "on" if on else ""})
                if not on:
                    self._db.execute(FeedRow.update(state=KEPT).where(FeedRow.state == WAITING))

    def waiting(self, limit: int) -> list[Change]:
        """What is to be delivered next, in this order."""
        return self._in_state(WAITING, limit)

    def delivered(self, change: Change) -> None:
        self._db.execute(FeedRow.update(state=DELIVERED, note="").where(FeedRow.id == change.id))

    def not_delivered(self, change: Change, note: str, *, refused: bool, for_good: bool = False) -> None:
        """`refused` counts as an attempt; `for_good` makes it a dead letter."""
        attempts = change.attempts + (1 if refused else 0)
        state = DEAD if for_good else WAITING
        if (attempts, note, state) != (change.attempts, change.note, WAITING):
            update = FeedRow.update(state=state, attempts=attempts, note=note)
            self._db.execute(update.where(FeedRow.id == change.id))

    def retry(self, ids: Sequence[int] = ()) -> int:
        """Has dead letters delivered again, all of them by default; how many."""
        chosen = FeedRow.state == DEAD
        if ids:
            chosen &= FeedRow.id.in_(list(ids))
        return self._db.execute(FeedRow.update(state=WAITING, attempts=0, note="").where(chosen))


def _chosen(mapping: str | None, keys: Collection[str]) -> Any:
    query = FeedRow.select()
    if mapping is not None:
        query = query.where(FeedRow.mapping == mapping)
    return query.where(FeedRow.item_key.in_(sorted(keys))) if keys else query


def _to_text(value: Plain) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _from_text(text: str | None, form: str) -> Plain:
    if text is None or form not in ("people", "tags", "number"):
        return text
    value = json.loads(text)
    return tuple(value) if isinstance(value, list) else float(value)


def _change(row: Any) -> Change:
    return Change(
        id=row.id,
        uid=row.uid,
        mapping=row.mapping,
        side=row.side,
        kind=ChangeKind(row.kind),
        seen_at=row.seen_at,
        changed_at=row.changed_at,
        key=row.item_key,
        label=row.item,
        url=row.url,
        field=row.field,
        before=_from_text(row.old_value, row.form),
        after=_from_text(row.new_value, row.form),
        actor=row.actor,
        attempts=row.attempts,
        note=row.note,
    )
