"""Discussion: what becomes of the comments of a pair. Pure.

new comment of a person                copied to the other side with its author's name and a link
our copy whose link was lost           paired again by its marker
edited on one side                     the twin gets the text
edited on both sides                   the mapping's rule for comments; the losing text is kept as a conflict
deleted on one side                    the twin is deleted
deleted here, edited there             the edit wins: an original is copied again, an edited copy stays as it is
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from reconciler.model.comment import Comment, CommentDraft
from reconciler.model.comment_link import CommentLink
from reconciler.model.link import Link
from reconciler.model.origin import Origin, marker_for
from reconciler.model.plan import AddComment, CommentOperation, DeleteComment, EditComment
from reconciler.model.policy import Policy, Rule
from reconciler.model.rich_text import RichText
from reconciler.model.side import SIDES, Side, other
from reconciler.richtext import NO_WORDS, Vocabulary, convert, same, weave


@dataclass(frozen=True, slots=True)
class TextConflict:
    """Both twins were edited differently; `winner` is the side whose text stays (None: held)."""

    pair: CommentLink
    left: Comment
    right: Comment
    rule: Rule
    winner: Side | None


@dataclass(frozen=True, slots=True)
class DiscussionPlan:
    """`operations` need requests; the rest is bookkeeping: `adopted` twins to link before anything else (with empty
    texts where they differ), `seen` new views of twins that need nothing, `dropped` comment links of which nothing is
    left to keep equal."""

    operations: tuple[CommentOperation, ...] = ()
    adopted: tuple[tuple[Comment, Comment], ...] = ()
    seen: tuple[tuple[CommentLink, Side, Comment], ...] = ()
    dropped: tuple[CommentLink, ...] = ()
    conflicts: tuple[TextConflict, ...] = ()


def comment_marker(mapping: str, side: Side, item_key: str, comment_key: str) -> str:
    return marker_for(mapping, side, f"{item_key}/c/{comment_key}")


def says_as_sent(copy: Comment, sent: RichText) -> bool:
    """Whether a copy still has the text that it was made with."""
    return same(copy.text, sent) or same(copy.text, convert(sent, copy.text.form))


def needs_both(comments: Sequence[Comment], links: Sequence[CommentLink], side: Side) -> bool:
    """Whether one side's comments are not enough to decide: a comment without a link may have its twin over there all
    the same (a lost answer, a lost store), and one that was edited or deleted here may have been edited there, too."""
    known = {pair.side(side).key: pair.side(side) for pair in links}
    now = {comment.key: comment for comment in comments}
    return not now.keys() <= known.keys() or any(
        key not in now or not same(twin.text, now[key].text) for key, twin in known.items()
    )


def plan_discussion(
    policy: Policy,
    link: Link,
    pairs: Sequence[CommentLink],
    now: Mapping[Side, Sequence[Comment] | None],
    verdicts: Mapping[int, Side] = MappingProxyType({}),
    vocabulary: Vocabulary = NO_WORDS,
) -> DiscussionPlan:
    """`now` holds the comments as just read, None for a side that was not read (it counts as unchanged). `verdicts` are
    a person's decisions about held conflicts, by comment link id; `vocabulary` is what the comments point to."""
    draft = _Draft(policy, link, pairs, now, verdicts, vocabulary)
    for pair in pairs:
        draft.settle(pair)
    for side in SIDES:
        draft.place(side)
    return draft.done()


def _winner(rule: Rule, left: Comment) -> Side | None:
    match rule:
        case Rule.LEFT:
            return "left"
        case Rule.RIGHT:
            return "right"
        case Rule.NEWEST:
            # Comments have no common edit time (FACTS clickup 11.9): the one its author wrote wins over the copy.
            return "right" if left.origin is not None else "left"
        case Rule.HOLD:
            return None


class _Draft:
    """Collects the plan while the twins are gone through one by one."""

    def __init__(
        self,
        policy: Policy,
        link: Link,
        pairs: Sequence[CommentLink],
        now: Mapping[Side, Sequence[Comment] | None],
        verdicts: Mapping[int, Side],
        vocabulary: Vocabulary,
    ) -> None:
        self._policy = policy
        self._verdicts = verdicts
        self._vocabulary = vocabulary
        self._link = link
        self._now: dict[Side, dict[str, Comment] | None] = {
            side: None if comments is None else {c.key: c for c in comments} for side, comments in now.items()
        }
        self._operations: list[CommentOperation] = []
        self._adopted: list[tuple[Comment, Comment]] = []
        self._seen: list[tuple[CommentLink, Side, Comment]] = []
        self._dropped: list[CommentLink] = []
        self._conflicts: list[TextConflict] = []
        self._paired: dict[Side, set[str]] = {side: {pair.side(side).key for pair in pairs} for side in SIDES}

    def done(self) -> DiscussionPlan:
        return DiscussionPlan(
            tuple(self._operations),
            tuple(self._adopted),
            tuple(self._seen),
            tuple(self._dropped),
            tuple(self._conflicts),
        )

    def _present(self, pair: CommentLink, side: Side) -> Comment | None:
        known = self._now.get(side)
        return pair.side(side) if known is None else known.get(pair.side(side).key)

    def settle(self, pair: CommentLink) -> None:
        left, right = self._present(pair, "left"), self._present(pair, "right")
        if left is None and right is None:
            self._dropped.append(pair)
        elif left is None and right is not None:
            self._deleted(pair, "left", right)
        elif right is None and left is not None:
            self._deleted(pair, "right", left)
        elif left is not None and right is not None:
            self._compare(pair, left, right)

    def _deleted(self, pair: CommentLink, gone: Side, survivor: Comment) -> None:
        side = other(gone)
        if not same(pair.side(side).text, survivor.text):
            self._dropped.append(pair)
            if survivor.origin is None and self._policy.travels("comments", gone):
                self._operations.append(self._copy(side, survivor, "deleted here but edited there: the edit wins"))
        elif self._policy.travels("comments", side):
            self._operations.append(DeleteComment(side, self._link, pair, survivor, f"deleted on the {gone}"))
        # Where comments may not travel back, the pair stays on record, so that the survivor is not copied again.

    def _compare(self, pair: CommentLink, left: Comment, right: Comment) -> None:
        left_changed, right_changed = not same(pair.left.text, left.text), not same(pair.right.text, right.text)
        if left_changed and right_changed and not same(left.text, right.text, self._vocabulary):
            self._conflict(pair, left, right)
        elif left_changed and not right_changed:
            self._edit(pair, "right", left, right)
        elif right_changed and not left_changed:
            self._edit(pair, "left", right, left)
        elif left_changed and right_changed:
            self._seen += [(pair, "left", left), (pair, "right", right)]

    def _edit(self, pair: CommentLink, to: Side, source: Comment, target: Comment) -> None:
        if self._policy.travels("comments", to):
            reason = f"edited on the {other(to)}"
            text = self._carried(to, pair.side(other(to)).text, source.text, target.text)
            self._operations.append(EditComment(to, self._link, pair, source, target, text, reason))
        else:
            self._seen.append((pair, other(to), source))

    def _carried(self, to: Side, before: RichText, after: RichText, target: RichText) -> RichText:
        """What the twin on side `to` is to say: its own text with the lines that changed, or else the whole new
        text."""
        vocabulary = self._vocabulary if to == "right" else self._vocabulary.mirrored
        woven = None
        if before.text.strip() and target.text.strip():
            woven = weave(before, after, target, target, vocabulary)
        return woven.right if woven else vocabulary.spoken(after, "right", target)

    def _conflict(self, pair: CommentLink, left: Comment, right: Comment) -> None:
        rule = self._policy.rule_for("comments")
        heard = [side for side in SIDES if self._policy.travels("comments", other(side))]
        if not heard:
            self._seen += [(pair, "left", left), (pair, "right", right)]
            return
        # Where comments travel one way, the text that may travel stays; the other would only come back a cycle later.
        winner = heard[0] if len(heard) == 1 else self._verdicts.get(pair.id) or _winner(rule, left)
        self._conflicts.append(TextConflict(pair, left, right, rule, winner))
        if winner == "left":
            self._edit(pair, "right", left, right)
        elif winner == "right":
            self._edit(pair, "left", right, left)

    def place(self, side: Side) -> None:
        """Pairs or copies the comments of one side that have no twin yet."""
        for comment in (self._now.get(side) or {}).values():
            if comment.key in self._paired[side]:
                continue
            if comment.ours and comment.origin is not None:
                self._adopt(side, comment)
            elif self._policy.travels("comments", other(side)) and not self._has_copy(side, comment):
                self._operations.append(self._copy(side, comment, f"new on the {side}"))

    def _marker(self, side: Side, comment: Comment) -> str:
        return comment_marker(self._policy.name, side, self._link.side(side).item.key, comment.key)

    def _has_copy(self, side: Side, comment: Comment) -> bool:
        """Adopts a copy on the other side that carries this comment's marker, if there is one."""
        marker = self._marker(side, comment)
        for copy in (self._now.get(other(side)) or {}).values():
            if copy.ours and copy.origin and copy.origin.marker == marker and copy.key not in self._paired[other(side)]:
                self._link_twins(side, comment, copy)
                return True
        return False

    def _adopt(self, side: Side, copy: Comment) -> None:
        assert copy.origin is not None
        for original in (self._now.get(other(side)) or {}).values():
            if (
                self._marker(other(side), original) == copy.origin.marker
                and original.key not in self._paired[other(side)]
            ):
                self._link_twins(other(side), original, copy)
                return

    def _link_twins(self, side: Side, original: Comment, copy: Comment) -> None:
        spoken = self._vocabulary.spoken(original.text, other(side))
        if not (says_as_sent(copy, spoken) or same(copy.text, original.text, self._vocabulary)):
            # One was edited while they were apart. Nobody knows which: both count as edited.
            original, copy = (replace(c, text=RichText(c.text.form, "")) for c in (original, copy))
        left, right = (original, copy) if side == "left" else (copy, original)
        self._adopted.append((left, right))
        self._paired["left"].add(left.key)
        self._paired["right"].add(right.key)

    def _copy(self, side: Side, comment: Comment, reason: str) -> AddComment:
        origin = Origin(comment.url, comment.label, self._marker(side, comment))
        text = self._vocabulary.spoken(comment.text, other(side))
        draft = CommentDraft(comment.author.name or comment.author.address, text, origin)
        return AddComment(other(side), self._link, comment, draft, reason)
