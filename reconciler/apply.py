"""Apply: carries out a plan, one journalled operation at a time.

For every request that changes something: the intent is committed, the request sent, the outcome committed together
with the snapshots it proves (at most two commits an operation). What a tracker refuses parks that item or that field;
what may or may not have happened stays open in the journal for `recover`; what makes the tracker unusable ends the
mapping's turn with everything done so far kept.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import Any

from reconciler.carry import record_pairs, without_dropped, write_pairs
from reconciler.errors import Gone, OutcomeUnknown, Rejected, StaleRevision
from reconciler.looks import note_looks
from reconciler.mapping.equality import is_empty
from reconciler.model.field import FIELDS, Kind, Value, kind_of, label_of
from reconciler.model.item import Item
from reconciler.model.link import Link
from reconciler.model.pending import AMBIGUOUS, TWIN
from reconciler.model.plan import Create, Delete, DeleteAction, LeftAlone, PairPlan, Plan
from reconciler.model.side import SIDES, other
from reconciler.model.snapshot import Snapshot
from reconciler.sight import Sight
from reconciler.trackers.base import Written
from reconciler.turn import LAST_RETRY, Touched, Turn, empty


def apply(turn: Turn, plan: Plan) -> list[Touched]:
    """Carries out creates, pairs and deletions. Returns every link it touched.

    Raises Unavailable or Unauthorized when the tracker cannot go on; what was done until then is committed.
    """
    touched: list[Touched] = []
    sight = Sight(turn, plan.pairs)
    for create in plan.creates:
        made = _create(turn, create)
        if made is not None:
            touched.append(made)
        turn.advance()
    to_do = [without_dropped(turn, pair) for pair in plan.pairs]
    for writing, pairs in groupby(to_do, key=PairPlan.needs_requests):
        touched += write_pairs(turn, pairs, sight) if writing else record_pairs(turn, list(pairs))  # noqa: B031
    for delete in plan.deletes:
        _delete(turn, delete)
        turn.advance()
    for group in plan.ambiguous:
        _remember_ambiguous(turn, group.sentence, group.left, group.right)
    for item in plan.left_alone:
        if item.reason == TWIN:
            _remember_twin(turn, item)
    return touched


# --- creating ------------------------------------------------------------------------------------------------------


def _create(turn: Turn, create: Create) -> Touched | None:
    create = _with_partners(turn, create)
    side, source = create.side, create.source
    try:
        intent, written = _create_what_fits(turn, create)
    except OutcomeUnknown as error:
        turn.in_doubt(error)
        return None
    except Rejected as error:
        turn.park(other(side), source, error)
        return None
    with turn.store.transaction():
        link = _link_created(turn, create, written)
        moved = note_looks(turn.store, turn.context.trackers, turn.clock.now(), None, link, side)
        turn.store.close_intent(intent, "done")
    turn.succeeded()
    turn.report.creates[turn.tracker_name(side)] += 1
    return Touched(link, moved)


def _with_partners(turn: Turn, create: Create) -> Create:
    """With the items that it names, as far as they have a partner by now: a parent goes before its children. A text
    that points to one follows in any case, since others may come later."""
    named = [(name, key) for name, key in create.awaited.items() if kind_of(name) is Kind.ITEM]
    links = {name: turn.store.link(turn.name, other(create.side), key) for name, key in named}
    found: dict[str, Value] = {name: link.key(create.side) for name, link in links.items() if link is not None}
    awaited = {name: key for name, key in create.awaited.items() if name not in found}
    return replace(create, draft=replace(create.draft, fields={**create.draft.fields, **found}), awaited=awaited)


def _create_what_fits(turn: Turn, create: Create) -> tuple[int, Written]:
    """Creates without the fields that the tracker refuses by name. What was refused before without a name is made of
    title and type, which are indispensable: the rest follows as an update, which finds out what is not acceptable.
    Each attempt is journalled with what it sends: should its answer get lost, that and nothing else is what arrived."""
    side, source, draft = create.side, create.source, create.draft
    facts: dict[str, Any] = {"marker": draft.origin.marker, "label": source.label, "before": source.fields}
    last = turn.store.last_event(turn.name, other(side), source.key)
    if last is not None and last.kind == "refused" and not last.field:
        draft = replace(draft, fields={name: draft.fields[name] for name in ("title", "type")})
    while True:
        try:
            with turn.journalled("create", side, source_key=source.key, after=draft.fields, **facts) as intent:
                return intent, turn.context.trackers[side].create(turn.context.scopes[side], draft)
        except Rejected as error:
            if error.field not in draft.fields or error.field in ("title", "type"):
                raise
            turn.note(f"{source.label}: {error}")
            turn.event("refused", str(error), side=side, key=source.key, field=error.field)
            draft = replace(draft, fields={name: v for name, v in draft.fields.items() if name != error.field})


def _born_with(create: Create, written: Written) -> frozenset[str]:
    """The mapping's own fields that a tracker filled in where nothing was sent, such as a severity by default."""
    filled_in = {name for name, value in written.item.fields.items() if name not in FIELDS and not is_empty(value)}
    return frozenset(filled_in - create.draft.fields.keys() - create.left_out.keys()) & create.source.fields.keys()


def _link_created(turn: Turn, create: Create, written: Written) -> Link:
    """Records a copy and its original as a pair. What the first request could not carry stays a net change; who has no
    account there is not looked for again until something changes. What the copy was born with in a field of the
    mapping's own was never agreed with anything."""
    side, source = create.side, create.source
    untranslated = {name for name, part in create.left_out.items() if part is None}
    missing = {*create.draft.fields, *create.awaited, *create.held, *create.later} - written.fields | untranslated
    late = {name: empty(name) for name in missing if name in source.fields}
    born = _born_with(create, written)
    copy, original = Snapshot(written.item, forgotten=born), Snapshot(source, unsettled={**create.left_out, **late})
    left, right = (copy, original) if side == "left" else (original, copy)
    link = turn.store.add_link(turn.name, left, right, run=turn.run, added=[other(side)])
    turn.store.clear_pending(turn.name, other(side), source.key)
    if soon := late.keys() - create.held:
        turn.again(other(side), source.key, f"{', '.join(sorted(soon))} in a second step")
    if born:
        turn.again(side, written.item.key, f"{', '.join(map(label_of, sorted(born)))} as the new item has it")
    dropped = [name for name in late if kind_of(name) is Kind.PEOPLE and written.notes]
    for name in dropped:
        turn.dropped(side, written.item, name, create.draft.fields[name], written.notes)
    for sentence in written.notes if not dropped else ():
        turn.note(f"{source.label}: {sentence}")
    text = f'{written.item.label} "{source.title}" made from {source.label} on {turn.tracker_name(side)}'
    turn.event("created", text, side=side, key=written.item.key)
    return link


# --- deleting ------------------------------------------------------------------------------------------------------


def _delete(turn: Turn, delete: Delete) -> None:
    """Does to the survivor what the mapping says, ends the link and leaves a tombstone against resurrection."""
    side, victim = delete.side, delete.victim
    intent = None
    if _has_moved(turn, delete):
        turn.again(other(side), delete.link.key(other(side)), f"{victim.label} changed before it was to follow")
        return
    try:
        intent = _end_survivor(turn, delete)
    except Gone:
        turn.event("deleted", f"{victim.label} was gone already", side=side, key=victim.key)
    except StaleRevision as error:
        turn.again(other(side), delete.link.key(other(side)), str(error))
        return
    except Rejected as error:
        # On the row of the evidence: that is what would have it tried again at once.
        turn.park(other(side), delete.link.side(other(side)).item, error)
        turn.store.clear_pending(turn.name, side, victim.key)
        return
    except OutcomeUnknown as error:
        turn.in_doubt(error)
        return
    with turn.store.transaction():
        _end_link(turn, delete)
        if intent is not None:
            turn.store.close_intent(intent, "done")
    if delete.action in (DeleteAction.DELETE, DeleteAction.CLOSE):
        turn.report.deletes[turn.tracker_name(side)] += 1


def _has_moved(turn: Turn, delete: Delete) -> bool:
    """Whether somebody changed the survivor since the plan was made: an edit beats a deletion. Asked right before the
    request, since no tracker refuses to delete what is newer, and one without compare-and-swap closes it blindly."""
    tracker, victim = turn.context.trackers[delete.side], delete.victim
    if delete.action is not DeleteAction.DELETE and (not delete.changes or tracker.capabilities.compare_and_swap):
        return False
    now = tracker.read(turn.context.scopes[delete.side], [victim.key]).get(victim.key)
    return now is not None and now.revision != victim.revision


def _end_survivor(turn: Turn, delete: Delete) -> int | None:
    """Deletes or closes the survivor; the intent to be closed with the link, None where no request was needed."""
    side, victim = delete.side, delete.victim
    tracker, scope = turn.context.trackers[side], turn.context.scopes[side]
    before: dict[str, Any] = {
        "key": victim.key,
        "label": victim.label,
        "before": victim.fields,
        "base_revision": victim.revision,
    }
    if delete.action is DeleteAction.DELETE:
        with turn.journalled("delete", side, **before) as intent:
            tracker.delete(scope, victim)
        return intent
    if delete.changes:
        with turn.journalled("update", side, after=delete.changes, **before) as intent:
            for written in tracker.update(scope, victim, delete.changes):
                victim = written.item
        return intent
    return None


def _end_link(turn: Turn, delete: Delete) -> None:
    link = delete.link
    for side in SIDES:
        turn.store.clear_pending(turn.name, side, link.key(side))
        turn.store.clear_absence(turn.name, side, link.key(side))
    turn.store.remove_link(link.id, gone=other(delete.side))
    turn.store.add_tombstone(
        turn.name,
        link.key("left"),
        link.key("right"),
        gone=other(delete.side),
        reason=delete.reason,
        at=turn.clock.now(),
    )
    turn.event(
        "deleted",
        f"{delete.victim.label}: {delete.action.value}; {delete.reason}",
        side=delete.side,
        key=delete.victim.key,
    )


def _remember_ambiguous(turn: Turn, sentence: str, left: tuple[Item, ...], right: tuple[Item, ...]) -> None:
    """Keeps unpairable items pending, so that `status` shows them and a changed title gets them paired."""
    due_at = turn.clock.now() + LAST_RETRY
    with turn.store.transaction():
        for side in SIDES:
            for item in left if side == "left" else right:
                turn.store.add_pending(turn.name, side, item.key, AMBIGUOUS, due_at=due_at)
                turn.state("ambiguous", sentence, side=side, key=item.key)
    turn.note(sentence)


def _remember_twin(turn: Turn, twin: LeftAlone) -> None:
    """Keeps a second copy in sight of the operator for as long as it exists."""
    turn.store.add_pending(turn.name, twin.side, twin.item.key, TWIN, due_at=turn.clock.now() + LAST_RETRY)
