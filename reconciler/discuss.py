"""Discuss: reads what hangs on the pairs that may have changed and carries it over, journalled like everything else:
comments here, attachments in attach.py."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from reconciler.attach import Progress, attach
from reconciler.context import MappingContext
from reconciler.discussion import DiscussionPlan, TextConflict, needs_both, plan_discussion
from reconciler.errors import Gone, OutcomeUnknown, Rejected
from reconciler.link_looks import look_for_links
from reconciler.looks import Due, after_look, next_look
from reconciler.model.comment import Comment
from reconciler.model.comment_link import CommentLink
from reconciler.model.conflict_record import ConflictRecord
from reconciler.model.item import Item
from reconciler.model.link import Link
from reconciler.model.pending import UNREAD
from reconciler.model.plan import AddComment, CommentOperation, DeleteComment, EditComment
from reconciler.model.side import SIDES, Side, other
from reconciler.pictures import with_copies
from reconciler.store import Store
from reconciler.turn import Touched, Turn
from reconciler.wording import vocabulary_of


def due_now(touched: Iterable[Touched]) -> dict[int, Due]:
    """The pairs whose observed items say that their discussion may have moved, by link id."""
    return {each.link.id: Due(each.link, set(each.moved)) for each in touched if each.moved}


def due_by_rhythm(store: Store, name: str, now: datetime, budget: int) -> dict[int, Due]:
    """At most `budget` slow looks whose time has come, the longest overdue first."""
    due: dict[int, Due] = {}
    for look in store.due_looks(name, now, budget):
        link = store.link_by_id(look.link_id)
        if link is not None:
            due.setdefault(link.id, Due(link)).sides.add(look.side)
    return due


def read_discussion(
    context: MappingContext, store: Store, due: Due
) -> tuple[DiscussionPlan, Mapping[Side, list[Comment] | None]]:
    """Reads what is due of one pair and decides; writes nothing."""
    pairs = store.comment_links(due.link.id)
    now: dict[Side, list[Comment] | None] = {"left": None, "right": None}
    for side in due.sides:
        now[side] = _comments(context, due.link, side)
    for side in SIDES:
        read = now[side]
        if read is not None and now[other(side)] is None and needs_both(read, pairs, side):
            now[other(side)] = _comments(context, due.link, other(side))
    return _plan(context, store, due.link, now), now


def _plan(
    context: MappingContext, store: Store, link: Link, now: Mapping[Side, list[Comment] | None]
) -> DiscussionPlan:
    pairs = store.comment_links(link.id)
    verdicts = {}
    for pair in pairs:
        standing = store.open_conflict_for(link.id, conflict_name(pair))
        if standing is not None and standing.winner is not None:
            verdicts[pair.id] = standing.winner
    comments = {side: [pair.side(side) for pair in pairs] + list(now[side] or ()) for side in SIDES}
    vocabulary = vocabulary_of(
        context, store, {s: (comment.text for comment in comments[s]) for s in SIDES}, comments=True
    )
    return plan_discussion(context.policy, link, pairs, now, verdicts, vocabulary)


def _comments(context: MappingContext, link: Link, side: Side) -> list[Comment]:
    return context.trackers[side].comments(context.scopes[side], link.side(side).item)


def conflict_name(pair: CommentLink) -> str:
    """What a conflict about a comment has where others have a field's name."""
    return f"comment {pair.id}"


def discuss(turn: Turn, due: Iterable[Due]) -> None:
    """Brings the discussions and attachments of the given pairs to agreement. A refused one is noted and stops no
    other."""
    for each in due:
        link = each.link
        look_for_links(turn, each)
        files = attach(turn, each)
        read, settled = _talk(turn, each)
        with turn.store.transaction():
            for side in read:
                after_look(turn.store, turn.context.trackers[side], turn.clock.now(), link, side, link.side(side).item)
            if not settled or files is Progress.LATER:
                _put_off(turn, link, SIDES if read else each.sides)
            if files is Progress.SOON:
                for side in SIDES:
                    turn.store.set_look(link.id, side, due_at=turn.clock.now(), looked_at=None)


def _talk(turn: Turn, due: Due) -> tuple[list[Side], bool]:
    """Brings a discussion to agreement. The sides that were read, and whether nothing is left to be tried again."""
    link = due.link
    try:
        plan, now = read_discussion(turn.context, turn.store, due)
    except Rejected as error:
        turn.note(f"{link.left.item.label}: comments: {error}")
        if isinstance(error, Gone):
            turn.again("left", link.key("left"), UNREAD)
        return [], False
    if plan.adopted:
        with turn.store.transaction():
            for left, right in plan.adopted:
                turn.store.add_comment_link(link.id, left, right)
        plan = _plan(turn.context, turn.store, link, now)  # what differs between them is decided like any edit
    _keep_books(turn, link, plan, now)
    settled = True
    for operation in plan.operations:
        settled &= turn.permits(operation) and _carry_out(turn, operation)
        turn.advance()
    return [side for side in SIDES if now[side] is not None], settled


def _put_off(turn: Turn, link: Link, sides: Iterable[Side]) -> None:
    """Has the discussion read again on the slow rhythm, also where the tracker's feed would show a change of it."""
    now = turn.clock.now()
    with turn.store.transaction():
        for side in sides:
            due_at = next_look(turn.context.trackers[side], now, link.side(side).item)
            turn.store.set_look(link.id, side, due_at=due_at, looked_at=None)


def _keep_books(turn: Turn, link: Link, plan: DiscussionPlan, now: Mapping[Side, list[Comment] | None]) -> None:
    """What needs no request: new views of twins, links of which nothing is left, conflicts kept."""
    if not (plan.seen or plan.dropped or plan.conflicts):
        return
    with turn.store.transaction():
        for pair, side, comment in plan.seen:
            turn.store.save_comment(pair.id, side, comment)
        for pair in plan.dropped:
            turn.store.remove_comment_link(pair.id, gone=[s for s in SIDES if _is_gone(pair, s, now[s])])
        for conflict in plan.conflicts:
            _keep_conflict(turn, link, conflict)


def _is_gone(pair: CommentLink, side: Side, shown: list[Comment] | None) -> bool:
    return shown is not None and all(comment.key != pair.side(side).key for comment in shown)


def _keep_conflict(turn: Turn, link: Link, conflict: TextConflict) -> None:
    """Keeps both texts verbatim, once, before anything overwrites one of them."""
    name, at = conflict_name(conflict.pair), turn.clock.now()
    standing = turn.store.open_conflict_for(link.id, name)
    if standing is not None:
        if conflict.winner is not None:
            turn.store.settle_conflict(standing.id, conflict.winner, "settled by a person")
            return
        if (standing.left_value, standing.right_value) == (conflict.left.text, conflict.right.text):
            return
        turn.store.settle_conflict(standing.id, None, "replaced by newer values")
    turn.store.add_conflict(
        ConflictRecord(
            id=0,
            mapping=turn.name,
            link_id=link.id,
            left_key=link.key("left"),
            right_key=link.key("right"),
            field=name,
            left_value=conflict.left.text,
            right_value=conflict.right.text,
            winner=conflict.winner,
            rule=conflict.rule.value,
            run=turn.run,
            at=at,
            settled_at=at if conflict.winner else None,
            note="both sides edited the comment",
        )
    )
    turn.report.conflicts += 1


def _carry_out(turn: Turn, operation: CommentOperation) -> bool:
    """False where the tracker refused, so that it is to be tried again."""
    item = operation.link.side(operation.side).item
    try:
        match operation:
            case AddComment():
                written = _add(turn, operation, item)
            case EditComment():
                written = _edit(turn, operation, item)
            case DeleteComment():
                written = _delete(turn, operation, item)
    except OutcomeUnknown as error:
        turn.in_doubt(error)
        return True
    except Rejected as error:
        turn.note(f"{item.label}: comment: {error}")
        turn.event("refused", str(error), side=operation.side, key=item.key, field="comments")
        return False
    if written:
        turn.succeeded()
        turn.report.comments[turn.tracker_name(operation.side)] += 1
    return True


def _add(turn: Turn, operation: AddComment, item: Item) -> bool:
    side, link, draft = operation.side, operation.link, operation.draft
    if any(i.kind == "comment" and i.marker == draft.origin.marker for i in turn.store.open_intents(turn.name)):
        return False  # in doubt: `recover` will say whether it exists
    source = link.side(other(side)).item
    draft = replace(draft, text=with_copies(turn, link, side, draft.text, comments=True))
    with turn.journalled(
        "comment",
        side,
        key=item.key,
        source_key=f"{source.key}/c/{operation.source.key}",
        marker=draft.origin.marker,
        label=item.label,
        before={"comments": operation.source.text},
        after={"comments": draft.text},
    ) as intent:
        copy = turn.context.trackers[side].add_comment(turn.context.scopes[side], item, draft)
    left, right = (copy, operation.source) if side == "left" else (operation.source, copy)
    with turn.store.transaction():
        turn.store.add_comment_link(link.id, left, right, made=side)
        turn.store.close_intent(intent, "done")
        turn.event("comment", f"{draft.author} on {source.label}, copied to {item.label}", side=side, key=item.key)
    return True


def _edit(turn: Turn, operation: EditComment, item: Item) -> bool:
    side = operation.side
    tracker, scope = turn.context.trackers[side], turn.context.scopes[side]
    source = f"{operation.link.key(other(side))}/c/{operation.source.key}"
    said = with_copies(turn, operation.link, side, operation.text, comments=True)
    texts: dict[str, Any] = {"before": {"comments": operation.source.text}, "after": {"comments": said}}
    with turn.journalled("edit_comment", side, key=item.key, source_key=source, label=item.label, **texts) as intent:
        edited = tracker.edit_comment(scope, item, operation.target, said)
    with turn.store.transaction():
        turn.store.save_comment(operation.pair.id, side, edited, ours=True)
        turn.store.save_comment(operation.pair.id, other(side), operation.source)
        turn.store.close_intent(intent, "done")
        turn.event("comment edited", f"{item.label}: {operation.reason}", side=side, key=item.key)
    return True


def _delete(turn: Turn, operation: DeleteComment, item: Item) -> bool:
    side = operation.side
    with turn.journalled("delete_comment", side, key=item.key, label=item.label) as intent:
        turn.context.trackers[side].delete_comment(turn.context.scopes[side], item, operation.target.key)
    with turn.store.transaction():
        turn.store.remove_comment_link(operation.pair.id, gone=[other(side)])
        turn.store.close_intent(intent, "done")
        turn.event("comment deleted", f"{item.label}: {operation.reason}", side=side, key=item.key)
    return True
