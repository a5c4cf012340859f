"""CommentLink: two comments that are one remark, with a snapshot of each."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.model.comment import Comment
from reconciler.model.side import Side


@dataclass(frozen=True, slots=True)
class CommentLink:
    """`link_id` is the pair of items the comments belong to; both keys are unique below it."""

    id: int
    link_id: int
    left: Comment
    right: Comment

    def side(self, side: Side) -> Comment:
        return self.left if side == "left" else self.right
