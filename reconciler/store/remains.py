"""Remains: what hung on a pair that was ended, kept in case a person takes the end back.

Without it, a comment that was deleted or edited while its pair was ended could not be told from one that never was, or
never was another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from reconciler.model.attachment_link import AttachmentLink
from reconciler.model.comment_link import CommentLink
from reconciler.model.link import Link
from reconciler.store.attachments import AttachmentLinks, pair_from_json, pair_to_json
from reconciler.store.codec import comment_from_json, comment_to_json, pack, unpack
from reconciler.store.comments import CommentLinks
from reconciler.store.database import Database, matching
from reconciler.store.tables import LinkRow, RemainsRow


class Remains:
    def __init__(self, database: Database, comments: CommentLinks, attachments: AttachmentLinks) -> None:
        self._db = database
        self._comments = comments
        self._attachments = attachments

    def keep(self, link_id: int, now: datetime) -> None:
        """Remembers the comments and attachments of a link that is about to be removed."""
        row = self._db.first(LinkRow.select().where(LinkRow.id == link_id))
        comments, attachments = self._comments.below(link_id), self._attachments.below(link_id)
        if row is None or not (comments or attachments):
            return
        place = {"mapping": row.mapping, "left_key": row.left_key, "right_key": row.right_key}
        self._db.upsert(RemainsRow, place, {"at": now, "body": _body(comments, attachments)})

    def take_up(self, link: Link) -> None:
        """Hangs on a new link what hung on the one before between the same two items, and forgets it here."""
        place = {"mapping": link.mapping, "left_key": link.key("left"), "right_key": link.key("right")}
        row = self._db.first(RemainsRow.select().where(*matching(RemainsRow, place)))
        if row is None:
            return
        body = unpack(row.body)
        for left, right in body["comments"]:
            self._comments.add(link.id, comment_from_json(left), comment_from_json(right))
        for document in body["attachments"]:
            self._attachments.add(replace(pair_from_json(document), link_id=link.id))
        self._db.execute(RemainsRow.delete().where(*matching(RemainsRow, place)))


def _body(comments: Sequence[CommentLink], attachments: Sequence[AttachmentLink]) -> bytes:
    return pack(
        {
            "comments": [[comment_to_json(pair.left), comment_to_json(pair.right)] for pair in comments],
            "attachments": [pair_to_json(pair) for pair in attachments],
        }
    )
