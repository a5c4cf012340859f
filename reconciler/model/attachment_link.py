"""AttachmentLink: two attachments that are one file, or one that has no counterpart for a reason."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.model.attachment import Attachment
from reconciler.model.side import Side


@dataclass(frozen=True, slots=True)
class AttachmentLink:
    """`link_id` is the pair of items they belong to. `sha256` is the content's, in hexadecimal, "" where nobody read
    it. `missing` is the side on which a listing lacked it once: one more makes it removed. Where one side is None,
    `note` says why: it could not be copied, or was removed and the other could not follow."""

    id: int
    link_id: int
    left: Attachment | None
    right: Attachment | None
    sha256: str = ""
    missing: Side | None = None
    note: str = ""

    def side(self, side: Side) -> Attachment | None:
        return self.left if side == "left" else self.right
