"""Links: pairs of items with both snapshots; narrow rows to search, bodies beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from peewee import fn

from reconciler.errors import StoreError
from reconciler.model.item import Item
from reconciler.model.link import Link
from reconciler.model.side import Side, other
from reconciler.model.snapshot import Snapshot
from reconciler.store.codec import pack, snapshot_from_json, snapshot_to_json, unpack
from reconciler.store.database import Database
from reconciler.store.tables import ConflictRow, LinkRow, SnapshotRow

KEYS_A_QUERY = 500
"""Far below every database's limit of bound values."""


class Links:
    def __init__(self, database: Database) -> None:
        self._db = database

    # --- reading ---------------------------------------------------------------------------------------------------

    def by_id(self, link_id: int) -> Link | None:
        return next(self._where(LinkRow.id == link_id), None)

    def by_key(self, mapping: str, side: Side, key: str) -> Link | None:
        return self.by_keys(mapping, side, [key]).get(key)

    def by_keys(self, mapping: str, side: Side, keys: Iterable[str]) -> dict[str, Link]:
        column = _key_column(side)
        found: dict[str, Link] = {}
        remaining = iter(dict.fromkeys(keys))
        while chunk := list(islice(remaining, KEYS_A_QUERY)):
            for link in self._where((LinkRow.mapping == mapping) & column.in_(chunk)):
                found[link.key(side)] = link
        return found

    def partners(self, mapping: str, side: Side, keys: Iterable[str]) -> dict[str, str]:
        """By key of `side` that of the other; without the snapshots, which is what makes it cheap."""
        mine, theirs = _key_column(side), _key_column(other(side))
        found: dict[str, str] = {}
        remaining = iter(dict.fromkeys(keys))
        while chunk := list(islice(remaining, KEYS_A_QUERY)):
            found |= dict(
                self._db.tuples(LinkRow.select(mine, theirs).where((LinkRow.mapping == mapping) & mine.in_(chunk)))
            )
        return found

    def all(self, mapping: str, after: int) -> Iterator[Link]:
        """By ascending id, a chunk at a time; links added meanwhile come too, removed ones do not."""
        last = after
        while True:
            links = list(self._where((LinkRow.mapping == mapping) & (LinkRow.id > last), limit=KEYS_A_QUERY))
            yield from links
            if len(links) < KEYS_A_QUERY:
                return
            last = links[-1].id

    def of_run(self, mapping: str, run: int) -> list[int]:
        made = (LinkRow.mapping == mapping) & (LinkRow.run == run)
        return [link_id for (link_id,) in self._db.tuples(LinkRow.select(LinkRow.id).where(made).order_by(LinkRow.id))]

    def by_ids(self, ids: Sequence[int]) -> Iterator[Link]:
        """At most `KEYS_A_QUERY` of them."""
        return self._where(LinkRow.id.in_(list(ids)))

    def newest(self, mapping: str) -> int:
        """The highest id; 0 where there are none."""
        return int(self._db.scalar(LinkRow.select(fn.MAX(LinkRow.id)).where(LinkRow.mapping == mapping)) or 0)

    def count(self, mapping: str) -> int:
        return int(self._db.count(LinkRow.select().where(LinkRow.mapping == mapping)))

    def mappings(self) -> list[str]:
        return [
            name for (name,) in self._db.tuples(LinkRow.select(LinkRow.mapping).distinct().order_by(LinkRow.mapping))
        ]

    def recent_revisions(self, mapping: str, side: Side, since: datetime) -> dict[str, str]:
        changed_at = LinkRow.left_changed_at if side == "left" else LinkRow.right_changed_at
        revision = LinkRow.left_revision if side == "left" else LinkRow.right_revision
        recent = (LinkRow.mapping == mapping) & (changed_at >= since)
        return dict(self._db.tuples(LinkRow.select(_key_column(side), revision).where(recent)))

    def _where(self, condition: Any, limit: int | None = None) -> Iterator[Link]:
        query = (
            LinkRow.select(
                LinkRow.id, LinkRow.mapping, SnapshotRow.created_at, SnapshotRow.left_body, SnapshotRow.right_body
            )
            .join(SnapshotRow)
            .where(condition)
            .order_by(LinkRow.id)
            .limit(limit)
        )
        for link_id, mapping, created_at, left, right in self._db.tuples(query):
            yield Link(link_id, mapping, _snapshot(left), _snapshot(right), created_at)

    # --- writing ---------------------------------------------------------------------------------------------------

    def add(self, mapping: str, left: Snapshot, right: Snapshot, run: int | None, now: datetime) -> Link:
        with self._db.write():
            self._require_free(mapping, left.item, right.item)
            columns = {**_narrow("left", left), **_narrow("right", right)}
            link_id = self._db.insert(LinkRow, mapping=mapping, run=run, **columns)
            bodies = {"left_body": _body(left), "right_body": _body(right)}
            self._db.add(SnapshotRow, link=link_id, created_at=now, **bodies)
        return Link(link_id, mapping, left, right, now)

    def _require_free(self, mapping: str, left: Item, right: Item) -> None:
        taken = (LinkRow.left_key == left.key) | (LinkRow.right_key == right.key)
        standing = self._db.first(LinkRow.select().where((LinkRow.mapping == mapping) & taken))
        if standing is not None:
            raise StoreError(
                f'{left.label or left.key} and {right.label or right.key} cannot be paired in "{mapping}": '
                f"{standing.left_key} and {standing.right_key} are a pair already"
            )

    def save(self, link_id: int, side: Side, snapshot: Snapshot) -> None:
        with self._db.write():
            met = self._db.execute(LinkRow.update(**_narrow(side, snapshot)).where(LinkRow.id == link_id))
            if not met:
                raise StoreError(f"the pair {link_id} is not in the store any more")
            body = {f"{side}_body": _body(snapshot)}
            self._db.execute(SnapshotRow.update(**body).where(SnapshotRow.link == link_id))

    def remove(self, link_id: int, now: datetime) -> None:
        """Its snapshots, comment links and looks go with it; conflicts stay, closed, and point to no link."""
        with self._db.write():
            held = (ConflictRow.link == link_id) & ConflictRow.settled_at.is_null()
            self._db.execute(ConflictRow.update(settled_at=now, note="the pair was ended").where(held))
            self._db.execute(LinkRow.delete().where(LinkRow.id == link_id))


def _key_column(side: Side) -> Any:
    return LinkRow.left_key if side == "left" else LinkRow.right_key


def _narrow(side: str, snapshot: Snapshot) -> dict[str, Any]:
    """The searched columns of one side."""
    item = snapshot.item
    return {f"{side}_key": item.key, f"{side}_revision": item.revision, f"{side}_changed_at": item.changed_at}


def _body(snapshot: Snapshot) -> bytes:
    return pack(snapshot_to_json(snapshot))


def _snapshot(body: bytes) -> Snapshot:
    return snapshot_from_json(unpack(body))
