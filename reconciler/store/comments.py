"""Comments: the twins below a link with both texts as last seen, and when a discussion is to be read again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from peewee import fn

from reconciler.errors import StoreError
from reconciler.model.comment import Comment
from reconciler.model.comment_link import CommentLink
from reconciler.model.look import SELDOMEST, Look
from reconciler.model.side import Side
from reconciler.store.codec import comment_from_json, comment_to_json, pack, unpack
from reconciler.store.database import Database, matching
from reconciler.store.tables import CommentLinkRow, LinkRow, LookRow


class CommentLinks:
    def __init__(self, database: Database) -> None:
        self._db = database

    def below(self, link_id: int) -> list[CommentLink]:
        rows = self._db.rows(CommentLinkRow.select().where(CommentLinkRow.link == link_id).order_by(CommentLinkRow.id))
        return [CommentLink(r.id, link_id, _comment(r.left_body), _comment(r.right_body)) for r in rows]

    def get(self, comment_link_id: int) -> CommentLink | None:
        row: Any = self._db.first(CommentLinkRow.select().where(CommentLinkRow.id == comment_link_id))
        return CommentLink(row.id, row.link_id, _comment(row.left_body), _comment(row.right_body)) if row else None

    def add(self, link_id: int, left: Comment, right: Comment) -> CommentLink:
        with self._db.write():
            taken = (CommentLinkRow.left_key == left.key) | (CommentLinkRow.right_key == right.key)
            if self._db.first(CommentLinkRow.select().where((CommentLinkRow.link == link_id) & taken)):
                raise StoreError(f"comment {left.key} or {right.key} has a twin already")
            columns = {**_columns("left", left), **_columns("right", right)}
            return CommentLink(self._db.insert(CommentLinkRow, link=link_id, **columns), link_id, left, right)

    def save(self, comment_link_id: int, side: Side, comment: Comment) -> None:
        update = CommentLinkRow.update(**_columns(side, comment)).where(CommentLinkRow.id == comment_link_id)
        if not self._db.execute(update):
            raise StoreError(f"the pair of comments {comment_link_id} is not in the store any more")

    def remove(self, comment_link_id: int) -> None:
        self._db.execute(CommentLinkRow.delete().where(CommentLinkRow.id == comment_link_id))


class Looks:
    def __init__(self, database: Database) -> None:
        self._db = database

    def set(self, link_id: int, side: Side, due_at: datetime | None, looked_at: datetime | None) -> None:
        values = {"due_at": due_at} if looked_at is None else {"due_at": due_at, "looked_at": looked_at}
        with self._db.write():
            mapping = self._db.scalar(LinkRow.select(LinkRow.mapping).where(LinkRow.id == link_id))
            if mapping is None:
                raise StoreError(f"the pair {link_id} is not in the store any more")
            self._db.upsert(LookRow, {"link": link_id, "side": side}, values, {"mapping": mapping})

    def due(self, mapping: str, now: datetime, limit: int) -> list[Look]:
        # One that is further away than any look was put off by a clock that somebody has set back since.
        due = (LookRow.mapping == mapping) & ((LookRow.due_at <= now) | (LookRow.due_at > now + SELDOMEST))
        query = LookRow.select().where(due).order_by(LookRow.due_at, LookRow.link, LookRow.side).limit(limit)
        return [_look(row) for row in self._db.rows(query)]

    def below(self, link_id: int) -> list[Look]:
        query = LookRow.select().where(*matching(LookRow, {"link": link_id})).order_by(LookRow.side)
        return [_look(row) for row in self._db.rows(query)]

    def oldest(self, mapping: str) -> datetime | None:
        on_rhythm = (*matching(LookRow, {"mapping": mapping}), LookRow.due_at.is_null(False))
        at: datetime | None = self._db.scalar(LookRow.select(fn.MIN(LookRow.looked_at)).where(*on_rhythm))
        return at


def _look(row: Any) -> Look:
    return Look(row.link_id, row.side, row.due_at, row.looked_at)


def _columns(side: str, comment: Comment) -> dict[str, Any]:
    return {f"{side}_key": comment.key, f"{side}_body": pack(comment_to_json(comment))}


def _comment(body: bytes) -> Comment:
    return comment_from_json(unpack(body))
