"""Attachments: the files below a link, both as last seen, or one alone with the reason why it has no counterpart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from reconciler.errors import StoreError
from reconciler.model.attachment import Attachment
from reconciler.model.attachment_link import AttachmentLink
from reconciler.model.side import SIDES, Side
from reconciler.store.codec import attachment_from_json, attachment_to_json, pack, unpack
from reconciler.store.database import Database
from reconciler.store.links import KEYS_A_QUERY
from reconciler.store.tables import AttachmentLinkRow, LinkRow


class AttachmentLinks:
    def __init__(self, database: Database) -> None:
        self._db = database

    def below(self, link_id: int) -> list[AttachmentLink]:
        query = AttachmentLinkRow.select().where(AttachmentLinkRow.link == link_id).order_by(AttachmentLinkRow.id)
        return [_attachment_link(row) for row in self._db.rows(query)]

    def get(self, attachment_link_id: int) -> AttachmentLink | None:
        row = self._db.first(AttachmentLinkRow.select().where(AttachmentLinkRow.id == attachment_link_id))
        return _attachment_link(row) if row else None

    def with_keys(self, mapping: str, side: Side, keys: Iterable[str]) -> dict[str, AttachmentLink]:
        """By key of `side`, the oldest pair."""
        column = AttachmentLinkRow.left_key if side == "left" else AttachmentLinkRow.right_key
        found: dict[str, AttachmentLink] = {}
        remaining = iter(dict.fromkeys(keys))
        while chunk := list(islice(remaining, KEYS_A_QUERY)):
            mine = AttachmentLinkRow.link.in_(LinkRow.select(LinkRow.id).where(LinkRow.mapping == mapping))
            query = AttachmentLinkRow.select().where(mine & column.in_(chunk)).order_by(AttachmentLinkRow.id)
            for pair in map(_attachment_link, self._db.rows(query)):
                if (one := pair.side(side)) is not None:
                    found.setdefault(one.key, pair)
        return found

    def add(self, pair: AttachmentLink) -> AttachmentLink:
        with self._db.write():
            for column, one in ((AttachmentLinkRow.left_key, pair.left), (AttachmentLinkRow.right_key, pair.right)):
                taken = (AttachmentLinkRow.link == pair.link_id) & (column == (one.key if one else None))
                if one is not None and self._db.first(AttachmentLinkRow.select().where(taken)):
                    raise StoreError(f"attachment {one.key} has a counterpart already")
            return replace(pair, id=self._db.insert(AttachmentLinkRow, link=pair.link_id, **_columns(pair)))

    def save(self, pair: AttachmentLink) -> None:
        if not self._db.execute(AttachmentLinkRow.update(**_columns(pair)).where(AttachmentLinkRow.id == pair.id)):
            raise StoreError(f"the pair of attachments {pair.id} is not in the store any more")

    def remove(self, attachment_link_id: int) -> None:
        self._db.execute(AttachmentLinkRow.delete().where(AttachmentLinkRow.id == attachment_link_id))


def pair_to_json(pair: AttachmentLink) -> dict[str, Any]:
    """All but which link it hangs on."""
    return {
        "left": _to_json(pair.left),
        "right": _to_json(pair.right),
        "sha256": pair.sha256,
        "missing": pair.missing,
        "note": pair.note,
    }


def pair_from_json(document: Mapping[str, Any], *, id: int = 0, link_id: int = 0) -> AttachmentLink:
    left, right = (None if document[side] is None else attachment_from_json(document[side]) for side in SIDES)
    return AttachmentLink(id, link_id, left, right, document["sha256"], document["missing"], document["note"])


def _columns(pair: AttachmentLink) -> dict[str, Any]:
    return {
        "left_key": pair.left.key if pair.left else None,
        "right_key": pair.right.key if pair.right else None,
        "body": pack(pair_to_json(pair)),
    }


def _attachment_link(row: Any) -> AttachmentLink:
    return pair_from_json(unpack(row.body), id=row.id, link_id=row.link_id)


def _to_json(attachment: Attachment | None) -> dict[str, Any] | None:
    return None if attachment is None else attachment_to_json(attachment)
