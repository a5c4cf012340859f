"""What must hold of the servers and the store once everything is healed and at rest (I1, I4, I6, I7, I8, I9, I23)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from reconciler.mapping.equality import same_value
from reconciler.model.field import FIELDS
from reconciler.model.link import Link
from reconciler.model.origin import marker_for
from reconciler.model.pending import AMBIGUOUS, TWIN
from reconciler.model.side import SIDES, Side, other
from reconciler.pairing import GENERATIONS
from reconciler.verify import verify
from tests.simulation.ledger import UNIQUE, Edit, Place, token_of, tokens_in
from tests.simulation.people import Face
from tests.simulation.promises.traffic import overwrote_blindly
from tests.simulation.world import BY_HAND, MAPPING, World

_CONTROL = re.compile(r"[\x00-\x1f]")
COMPARED = ("title", "description", "tags", "start_date", "due_date")
"""Fields whose pages must show the same on both sides; `verify` compares the others."""


def broken_at_rest(world: World) -> Iterator[str]:
    yield from _forgotten_promises(world)
    yield from _disagreements(world)
    yield from _lost_values(world)
    yield from _duplicates(world)
    yield from _unpaired(world)
    yield from _wrongly_deleted(world)
    yield from _discussions(world)
    yield from _false_conflicts(world)
    yield from world.watermarks_ahead
    if world.store.open_intents(MAPPING):
        yield f"still in doubt: {[intent.label for intent in world.store.open_intents(MAPPING)]}"


def disagreements(world: World) -> list[str]:
    """What the pages of both sides show differently, pair by pair, though nothing explains it. Sends no request."""
    return [*_pages_that_differ(world), *_families_that_differ(world)]


def _waiting(world: World) -> set[Place]:
    """Items that are parked with a reason, or wait because of one that an operator sees."""
    return {(r.side, r.key) for r in world.store.pending(MAPPING) if r.parked or r.reason in (AMBIGUOUS, TWIN)}


def _families_that_differ(world: World) -> Iterator[str]:
    """I1 for parents: the parents of a pair are a pair, or neither has one. One that has no partner is left alone."""
    held = {row.link_id for row in world.store.open_conflicts(MAPPING) if row.field == "parent"}
    links, waiting = list(_together(world)), _waiting(world)
    waiting |= {(row.side, row.key) for row in world.store.pending(MAPPING) if BY_HAND in row.reason}
    partner = {link.key("left"): link.key("right") for link in links}
    for link in links:
        if link.id in held or any((s, link.key(s)) in waiting for s in SIDES):
            continue
        left, right = (world.people[s].parent(link.key(s)) for s in SIDES)
        known = (left is None or left in partner) and (right is None or right in partner.values())
        if known and (partner[left] if left else None) != right:
            yield f"I1: {link.key('left')}/{link.key('right')}: below {left} here and below {right} there"


def _forgotten_promises(world: World) -> Iterator[str]:
    """I1, I20: nothing that can be done waits any more."""
    waiting = _waiting(world)
    for row in world.store.pending(MAPPING):
        partner = world.partner(row.side, row.key)
        concerned = [(row.side, row.key), *([(other(row.side), partner)] if partner else [])]
        if (row.side, row.key) not in waiting and all(
            world.people[s].is_live(key) and world.people[s].is_inside(key) for s, key in concerned
        ):
            yield f"I1: {row.side} {row.key} still waits until {row.due_at}: {row.reason}"


def _together(world: World) -> Iterator[Link]:
    """Linked pairs of which both items are alive and within the mapping."""
    for link in world.links():
        if all(world.people[s].is_live(link.key(s)) and world.people[s].is_inside(link.key(s)) for s in SIDES):
            yield link


def _pages_that_differ(world: World) -> Iterator[str]:
    held = {(row.link_id, row.field) for row in world.store.open_conflicts(MAPPING)}
    waiting = _waiting(world)
    for link in _together(world):
        if any((s, link.key(s)) in waiting for s in SIDES):
            continue
        left, right = (world.people[s].face(link.key(s)) for s in SIDES)
        for name in COMPARED:
            one, two = left[name], right[name]
            if name == "description":
                one, two = tokens_in(one), tokens_in(two)
            if name == "title":
                one, two = (_CONTROL.sub("", title) for title in (one, two))  # which a tracker may refuse (row 30)
            if name == "title" and one.endswith("…") and two.startswith(one.rstrip("… ")):
                continue  # cut to what the tracker takes (row 29)
            if one != two and (link.id, name) not in held and name not in world.ledger.one_way:
                yield f"I1: {link.key('left')}/{link.key('right')}: {name} is {one!r} here and {two!r} there"


def _disagreements(world: World) -> Iterator[str]:
    yield from disagreements(world)
    together = {(link.left.item.label, link.right.item.label) for link in _together(world)}
    for difference in verify(world.duo.contexts[0], world.store).differences:
        if difference.why or (difference.left, difference.right) not in together:
            continue
        if difference.field == "assignees" and not difference.left_value:
            continue  # taken from the one side that has one person; the others stay (design.md, decision 7)
        if difference.field == "assignees" and world.fired["fault_28_unknown_assignee"]:
            continue  # left unassigned for good (row 28)
        if difference.field not in (*COMPARED, "parent"):
            yield f"I1: {difference}"


def _lost_values(world: World) -> Iterator[str]:
    """I4: what a person set is current on both sides, or was replaced by somebody who saw it, or is kept."""
    world.remember_conflicts()
    for edit in world.ledger.edits:
        if edit.token not in world.ledger.overwritten | world.ledger.kept | world.ledger.unseen and (
            reason := _why_lost(world, edit)
        ):
            yield f"I4: {edit.side} {edit.key}: {edit.field} {edit.token} is lost: {reason}"


def _shown(face: Face, edit: Edit) -> str:
    """The token that a page shows in that field; that of the edit, where a text holds several."""
    value = face[edit.field]
    return edit.token if edit.token in tokens_in(str(value)) else token_of(value)


def _why_lost(world: World, edit: Edit) -> str:
    ledger, people = world.ledger, world.people
    here, far = people[edit.side], other(edit.side)
    alive = here.is_live(edit.key)
    if edit.key not in here.live() + here.gone() or (not alive and edit.place in ledger.deleted):
        return ""
    if alive and (not here.is_inside(edit.key) or edit.place in ledger.away or edit.field in ledger.one_way):
        return ""
    if overwrote_blindly(world, edit):
        return ""
    link = world.store.link(MAPPING, edit.side, edit.key)
    shown = [_shown(here.face(edit.key), edit)]
    if link is not None:
        partner = link.key(far)
        if not people[far].is_live(partner) or not people[far].is_inside(partner):
            return "" if shown == [edit.token] else f"shown: {shown}"
        shown.append(_shown(people[far].face(partner), edit))
    if not alive:
        return _why_lost_with_its_item(world, edit)
    if all(token == edit.token for token in shown):
        return ""
    parked = {(row.side, row.key) for row in world.store.pending(MAPPING) if row.parked}
    if link is not None and parked & {(s, link.key(s)) for s in SIDES}:
        return ""
    return f"shown: {shown}"


def _why_lost_with_its_item(world: World, edit: Edit) -> str:
    """The item was deleted after its partner, whose deletion a person saw the value of, or nobody remembers."""
    if world.ledger.past_was_lost:
        return ""
    far = other(edit.side)
    partners = {s.key(far) for s in world.store.tombstones(MAPPING) if s.key(edit.side) == edit.key}
    partners |= world.ledger.partners[edit.place] & set(world.people[far].live())  # somebody brought it back
    if not partners:
        return "deleted, and nothing says why"
    shown = {token_of(world.people[far].face(partner)[edit.field]) for partner in partners}
    return "" if shown & {edit.token, *world.ledger.overwritten} else f"deleted with its partner: {shown}"


def _originals(world: World, side: Side) -> dict[str, str]:
    """Markers of what may be copied to `side`, by the key of their originals."""
    far = world.people[other(side)]
    return {
        marker_for(MAPPING, other(side), key, generation): key
        for key in far.live() + far.gone()
        for generation in range(GENERATIONS)
    }


def live_twins(world: World) -> list[str]:
    """I6, at any instant: more than one living copy of one original, none of which somebody brought back."""
    found = []
    for side in SIDES:
        for marker, keys in world.people[side].copies().items():
            live = [key for key in keys if world.people[side].is_live(key)]
            if world.ledger.past_was_lost and _may_have_been_unseen(world, side, live):
                continue
            if len(live) > 1 and not any((side, key) in world.ledger.restored for key in live):
                found.append(f"I6: cycle {world.cycles}: {live} on the {side} all carry {marker}")
    return found


def _may_have_been_unseen(world: World, side: Side, copies: list[str]) -> bool:
    """Whether one of the copies was perhaps out of sight when the store that knew of it was gone: moved away, hidden,
    or not committed yet."""
    moved = any((side, key) in world.ledger.was_away for key in copies)
    return moved or side in world.was_hidden or bool(world.fired["fault_04_commit_after_first_probe"])


def _duplicates(world: World) -> Iterator[str]:
    """I6, I7: one copy of each original ever, but for what was forgotten or deliberately brought back."""
    ledger = world.ledger
    yield from live_twins(world)
    for side in SIDES:
        originals = _originals(world, side)
        copies_there = {key for keys in world.people[other(side)].copies().values() for key in keys}
        for marker, keys in world.people[side].copies().items():
            source = originals.get(marker)
            if source is None:
                continue
            if source in copies_there:
                yield f"I6: {side} {keys} are copies of our own copy {source}"
            known = [k for k in keys if world.people[side].is_live(k) or (side, k) in ledger.linked]
            brought_back = (other(side), source) in ledger.restored or any((side, k) in ledger.restored for k in keys)
            if len(known) > 1 and not brought_back and not ledger.past_was_lost:
                yield f"I7: {source} was copied again to the {side}: {keys}"


def _unpaired(world: World) -> Iterator[str]:
    """I6: every living item has a living partner, unless a deletion, a move or a person's silence explains it."""
    store, ledger = world.store, world.ledger
    stones = {(s, stone.key(s)) for stone in store.tombstones(MAPPING) for s in SIDES}
    linked = {(s, link.key(s)) for link in world.links() for s in SIDES}
    waiting = _waiting(world)
    origins = {side: _originals(world, side) for side in SIDES}
    for side, key in world.everything():
        place = side, key
        if place in stones or place in linked or place in waiting:
            continue
        marker = next((m for m, keys in world.people[side].copies().items() if key in keys), "")
        source = origins[side].get(marker, "")
        if source and (other(side), source) in ledger.deleted.keys() | ledger.away:
            continue  # its original was deleted before anybody could note that they belong together
        if source and ledger.past_was_lost and (other(side), source) in linked | stones:
            continue  # restored after another copy had taken its place, or the other way round
        yield f"I6: {side} {key} has no partner"


def _wrongly_deleted(world: World) -> Iterator[str]:
    """I8: what is deleted, somebody deleted, or its partner."""
    ledger = world.ledger
    for side in SIDES:
        for key in world.people[side].gone():
            if (side, key) in ledger.deleted or ledger.past_was_lost or (side, key) in ledger.restored:
                continue
            partners = ledger.partners[side, key]
            partners |= {s.key(other(side)) for s in world.store.tombstones(MAPPING) if s.key(side) == key}
            if not any((other(side), partner) in ledger.deleted for partner in partners):
                yield f"I8: {side} {key} was deleted though nobody deleted its partner"


def _discussions(world: World) -> Iterator[str]:
    """I4, I6 for comments: both discussions of a pair say the same, once."""
    held = {(row.link_id, row.field) for row in world.store.open_conflicts(MAPPING)}
    ledger, kept = world.ledger, world.ledger.kept
    if world.ledger.past_was_lost:
        kept = kept | world.ledger.comments_gone  # a copy may outlive what it was made of, where nobody remembers that
    for link in _together(world):
        if any(name.startswith("comment") and number == link.id for number, name in held):
            continue
        said = [Counter(tokens_in(" ".join(world.people[s].comments(link.key(s)).values()))) for s in SIDES]
        merged, restored = world.fired["fault_61_tasks_merged"], any((s, link.key(s)) in ledger.restored for s in SIDES)
        if merged and restored:
            continue
        if merged or restored or ledger.past_was_lost:
            # Our copies of what was said to a partner of before are no news for that of now.
            here = {(s, link.key(s)) for s in SIDES}
            said = [Counter({t: n for t, n in one.items() if world.ledger.comments.get(t) in here}) for one in said]
        if world.ledger.past_was_lost and world.ledger.away:
            continue  # a copy of a comment on what moved out of sight is taken for no comment of this pair
        if said[0] != said[1] and not {token for token, _ in set(said[0].items()) ^ set(said[1].items())} <= kept:
            yield f"I1: {link.key('left')}/{link.key('right')}: said {dict(said[0])} here and {dict(said[1])} there"
        for counted in said:
            twice = [t for t, n in counted.items() if n > 1 and t not in world.ledger.comments_edited]
            if twice:
                yield f"I6: {link.key('left')}/{link.key('right')}: said twice: {twice}"
        heard = {token for counted in said for token in counted}
        for token, place in world.ledger.comments.items():
            is_here = place in {(s, link.key(s)) for s in SIDES}
            if is_here and (world.ledger.past_was_lost and world.ledger.away):
                continue  # said on what has moved out of sight, and copied by nobody who remembers it
            if is_here and token not in heard | kept | world.ledger.comments_gone:
                yield f"I4: {place}: the comment {token} is lost"


def _false_conflicts(world: World) -> Iterator[str]:
    """I23: both values differ, and both were set by people."""
    set_by_people = {(edit.side, edit.field, edit.token) for edit in world.ledger.edits}
    for row in world.store.conflicts(MAPPING):
        if row.field not in FIELDS:
            continue
        if type(row.left_value) is type(row.right_value) and same_value(row.field, row.left_value, row.right_value):
            yield f"I23: a conflict about equal values: {row}"
        if {("left", row.left_key), ("right", row.right_key)} & world.ledger.restored:
            continue  # paired anew, without a past, once it was taken out of the bin
        if row.field in UNIQUE and not world.ledger.without_past and not world.ledger.past_was_lost:
            for side in SIDES:
                token = token_of(row.value(side))
                if token and (side, row.field, token) not in set_by_people:
                    yield f"I23: a conflict about {token}, which nobody set on the {side}: {row}"


def place_of(world: World, side: Side, key: str) -> Place | None:
    partner = world.partner(side, key)
    return (other(side), partner) if partner else None
