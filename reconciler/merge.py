"""Merge: the two sides' net changes of a pair become one decision per field (three-way merge). Pure.

Each field falls into one of the cases below, tried in this order; README's decision table lists the same rows.

  off           the field's direction forbids the trip          the side keeps its value, nothing is written
  one side      only one side changed                            its change travels, unless the partner already agrees
  members       a set changed on both sides                      members added and removed on either side travel
  lines         a text changed on both sides, at other words     each side's edits travel into the other's own text
  agree         both changed, to values that agree               nothing is written
  conflict      both changed, to values that do not             the rule names a winner, the loser is kept; `hold` waits
  no past       a pair just matched                              agreeing or one-sided values as above, else a conflict
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from reconciler.mapping.correspondence import (
    Correspondence,
    Unpaired,
    Untranslatable,
    counterpart_people,
    merged_tags,
    no_account,
)
from reconciler.mapping.equality import identities, is_empty, people, same_value, tags
from reconciler.mapping.kinship import named
from reconciler.model.decision import Case, Conflict, Decision, Waits, Write
from reconciler.model.field import Kind, Value, in_order, kind_of
from reconciler.model.item import Item
from reconciler.model.net_change import NetChange
from reconciler.model.person import Person
from reconciler.model.policy import Direction, Rule
from reconciler.model.rich_text import RichText
from reconciler.model.side import SIDES, Side, other
from reconciler.richtext import weave


@dataclass(frozen=True, slots=True)
class _Pair:
    """What the cases below look at: the two items as observed and how their values correspond."""

    corr: Correspondence
    left: Item
    right: Item

    def item(self, side: Side) -> Item:
        return self.left if side == "left" else self.right

    def present(self, side: Side, name: str) -> Value:
        return self.item(side).fields.get(name)

    def agree(self, name: str) -> bool:
        return self.corr.agree(
            name, self.present("left", name), self.present("right", name), self.left.type, self.right.type
        )

    def undecided_type(self) -> Side | None:
        """The side whose item has its side's default type while the other's is of a particular one."""
        plain = [side for side in SIDES if self.corr.is_default_type(side, self.item(side).type)]
        return plain[0] if len(plain) == 1 else None

    def translated(self, name: str, to: Side) -> Value:
        source = other(to)
        types = self.item(source).type, self.item(to).type
        return self.corr.translate(name, self.present(source, name), to, *types, self.present(to, name))


def merge(
    corr: Correspondence,
    left: Item,
    right: Item,
    left_changes: Mapping[str, NetChange],
    right_changes: Mapping[str, NetChange],
) -> tuple[Decision, ...]:
    """One decision for every field that changed on either side, in the order of fields.

    Swapping the sides (and the policy's sides with them) mirrors the result. No decision depends on the order of edits.
    """
    pair = _Pair(corr, left, right)
    decisions = []
    for name in in_order({*left_changes, *right_changes}):
        change = left_changes.get(name), right_changes.get(name)
        if change != (None, None):
            past = _without_past(pair, name, *change)
            decision = _decide(pair, name, *past)
            decisions.append(replace(decision, case=_case(pair, decision, *past)))
    return tuple(decisions)


def _case(pair: _Pair, decision: Decision, left: NetChange | None, right: NetChange | None) -> Case:
    """Which row of the table above a decision comes from."""
    name = decision.field
    changes = [change for change in (left, right) if change is not None]
    travel = [
        s for s, change in zip(SIDES, (left, right), strict=True) if change and pair.corr.policy.travels(name, other(s))
    ]
    if decision.conflict is not None:
        return Case.CONFLICT
    if not travel or name not in pair.left.fields or name not in pair.right.fields:
        return Case.OFF
    if not all(change.known_before for change in changes):
        return Case.NO_PAST
    if len(travel) == 1 or kind_of(name) is Kind.ITEM:
        return Case.AGREE if len(travel) == 2 and pair.agree(name) else Case.ONE_SIDE
    return Case.AGREE if pair.agree(name) else Case.MEMBERS


def _without_past(
    pair: _Pair, name: str, left: NetChange | None, right: NetChange | None
) -> tuple[NetChange | None, NetChange | None]:
    """Where one side has no past (its type has the field only now), an unchanged other side has none either: its value
    was never agreed with anything, and an empty field that just came into being is nobody's wish to clear it."""
    if all(change is None or change.known_before for change in (left, right)):
        return left, right
    return left or _present(pair.left, name), right or _present(pair.right, name)


def _present(item: Item, name: str) -> NetChange | None:
    return NetChange(name, None, item.fields[name], known_before=False) if name in item.fields else None


def _decide(pair: _Pair, name: str, left: NetChange | None, right: NetChange | None) -> Decision:
    direction = pair.corr.policy.direction_of(name)
    if name not in pair.left.fields or name not in pair.right.fields:
        return Decision(name, "one side has no such field")
    if direction is Direction.OFF:
        return Decision(name, "this field is not carried")
    if direction is Direction.TO_RIGHT and left is None:
        return Decision(name, "this field only travels to the right")
    if direction is Direction.TO_LEFT and right is None:
        return Decision(name, "this field only travels to the left")
    if direction is Direction.TO_RIGHT:
        right = None
    if direction is Direction.TO_LEFT:
        left = None
    if kind_of(name) is Kind.ITEM:
        held, left, right = _without_strangers(pair, name, left, right)
        if held is not None:
            return held
    if kind_of(name) is Kind.ITEMS:
        return _links(pair, name, {"left": left, "right": right})
    if left and right:
        return _both(pair, name, left, right)
    if left:
        return _one(pair, name, left, "right")
    assert right is not None
    return _one(pair, name, right, "left")


def _without_strangers(
    pair: _Pair, name: str, left: NetChange | None, right: NetChange | None
) -> tuple[Decision | None, NetChange | None, NetChange | None]:
    """The changes that may travel of a field that names an item; or what is decided where none may, since an item that
    is named, or was, has no partner that could be named over there."""
    kinship, changes = pair.corr.kinship, {"left": left, "right": right}
    decided: Decision | None = None
    for side in SIDES:
        change = changes[side]
        if change is None:
            continue
        if change.after is not None and kinship.partner(side, change.after) is None:
            return _carry_scalar(pair, name, other(side), f"changed on the {side}"), None, None
        before = change.before
        if change.after is None and before is not None and kinship.partner(side, before) is None:
            # Who deletes an item takes it from those that it was named by, which is nobody's edit of them.
            decided = Decision(name, f"what it named on the {side} is gone", settled=False, waits=Waits.A_SWEEP)
            changes[side] = None
            if changes[other(side)] is None and pair.corr.policy.travels(name, side):
                changes[other(side)] = _made_again(pair, name, other(side))
    return (None if any(changes.values()) else decided), changes["left"], changes["right"]


def _made_again(pair: _Pair, name: str, side: Side) -> NetChange | None:
    """What an item still names on `side` though its partner lost it to a deletion, where that has a partner again."""
    key = pair.present(side, name)
    again = key is not None and pair.corr.kinship.partner(side, key) is not None
    return NetChange(name, None, key) if again else None


def _links(pair: _Pair, name: str, changes: Mapping[Side, NetChange | None]) -> Decision:
    """Links that were added or removed on either side travel where both ends have a counterpart. Any others are left
    alone: what is not synchronised is named by no one over there, and a link that vanished with the item at its other
    end is nobody's edit."""
    wishes: dict[Side, Value] = {}
    alone: list[Unpaired] = []
    unseen: set[str] = set()
    for side, change in changes.items():
        if change is None:
            continue
        before, after, to = named(change.before), named(change.after), other(side)
        lost = [key for key in before if key not in after]
        removed = {pair.corr.kinship.partner(side, key) for key in lost}
        unseen |= {*lost} & pair.corr.kinship.unseen[side]
        added = []
        for key in (key for key in after if key not in before):
            try:
                added.append(pair.corr.partner_of(name, key, to))
            except Unpaired as problem:
                alone.append(problem)
        present = named(pair.present(to, name))
        wishes[to] = tuple(dict.fromkeys((*(key for key in present if key not in removed), *added)))
    changed = [side for side in SIDES if changes[side] is not None]
    reason = f"changed on the {changed[0]}" if len(changed) == 1 else "both sides changed members"
    decision = _write_both(pair, name, wishes, reason)
    awaited = any(problem.awaited for problem in alone)
    waits = Waits.A_PARTNER if awaited else Waits.A_SWEEP
    return replace(decision, settled=not alone and not unseen, note="; ".join(map(str, alone)), waits=waits)


def _one(pair: _Pair, name: str, change: NetChange, to: Side) -> Decision:
    """A change on one side travels to the other."""
    source = other(to)
    if not change.known_before and is_empty(change.after) and not is_empty(pair.present(to, name)):
        return Decision(name, f"nothing on the {source} yet")
    match kind_of(name):
        case Kind.TAGS:
            before, after, present = tags(change.before), tags(change.after), tags(pair.present(to, name))
            wanted: Value = merged_tags(before, after, present, pair.corr.kept)
            return _write(pair, name, to, wanted, f"changed on the {source}")
        case Kind.PEOPLE:
            return _carry_people(pair, name, change, to)
        case Kind.RICH_TEXT if (woven := _woven(pair, name, change, to)) is not None:
            return _write(pair, name, to, woven, f"changed on the {source}")
        case _:
            return _carry_scalar(pair, name, to, f"changed on the {source}")


def _woven(pair: _Pair, name: str, change: NetChange, to: Side) -> RichText | None:
    """The text of side `to` with the lines that changed on the other, all else in it as it stands; None where there is
    nothing to carry lines into."""
    before, after, present = change.before, change.after, pair.present(to, name)
    if not (isinstance(before, RichText) and isinstance(after, RichText) and isinstance(present, RichText)):
        return None
    vocabulary = pair.corr.vocabulary if to == "right" else pair.corr.vocabulary.mirrored
    woven = weave(before, after, present, present, vocabulary)
    return woven.right if woven else None


def _carry_scalar(pair: _Pair, name: str, to: Side, reason: str, conflict: Conflict | None = None) -> Decision:
    """The value is replaced as a whole, as is the person where neither side takes several."""
    if pair.agree(name):
        return Decision(name, f"{reason}; the {to} already agrees", conflict=conflict)
    if kind_of(name) is Kind.PEOPLE:
        present, there = people(pair.present(to, name)), people(pair.present(other(to), name))
        person, missing = counterpart_people(pair.corr, to, (), there, present)
        decision = _write(pair, name, to, person, reason, conflict)
        return replace(decision, note=no_account(missing, to), agreed=_carried(pair, name, other(to), missing))
    try:
        wanted = pair.translated(name, to)
    except Untranslatable as problem:
        waits = Waits.A_CHANGE
        if isinstance(problem, Unpaired):
            waits = Waits.A_PARTNER if problem.awaited else Waits.A_SWEEP
        return Decision(name, reason, conflict=conflict, settled=False, note=str(problem), waits=waits)
    return _write(pair, name, to, wanted, reason, conflict)


def _carry_people(pair: _Pair, name: str, change: NetChange, to: Side) -> Decision:
    """Members added and removed travel. Where the one assignee of a side was cleared while others stay assigned on the
    side that takes several, the next of them who has an account follows: work that somebody does is assigned."""
    corr, source = pair.corr, other(to)
    wanted, missing = counterpart_people(
        corr, to, people(change.before), people(change.after), people(pair.present(to, name))
    )
    reason = f"changed on the {source}"
    if is_empty(change.after) and not corr.people[source].several and corr.policy.travels(name, source):
        heirs, _ = corr.people_on(source, wanted)
        if heirs:
            wishes: dict[Side, Value] = {source: heirs[:1], to: wanted}
            return _write_both(pair, name, wishes, f"{reason}; the next assignee follows")
    decision = _write(pair, name, to, wanted, reason)
    return replace(decision, note=no_account(missing, to), agreed=_carried(pair, name, source, missing))


def _carried(pair: _Pair, name: str, side: Side, missing: tuple[Person, ...]) -> dict[Side, Value]:
    """The members of a side that the other side has as well, where some are missing there."""
    if not missing:
        return {}
    return {side: tuple(p for p in people(pair.present(side, name)) if p.identity not in identities(missing))}


def _write(pair: _Pair, name: str, to: Side, wanted: Value, reason: str, conflict: Conflict | None = None) -> Decision:
    present = pair.present(to, name)
    if same_value(name, present, wanted):
        return Decision(name, f"{reason}; the {to} already has it", conflict=conflict)
    return Decision(name, reason, (Write(to, present, wanted),), conflict)


def _both(pair: _Pair, name: str, left: NetChange, right: NetChange) -> Decision:
    if pair.agree(name):
        return Decision(name, "both sides agree")
    no_past = not (left.known_before and right.known_before)
    if no_past and name == "priority" and (is_empty(left.after) or is_empty(right.after)):
        # design.md, decision 8: a priority that nobody set yet is left alone until somebody does.
        return Decision(name, "one side has no priority yet")
    if no_past and name == "type" and (to := pair.undecided_type()):
        return _carry_scalar(pair, name, to, f"the {to} has only its default type")
    if no_past and is_empty(left.after):
        return _one(pair, name, right, "left")
    if no_past and is_empty(right.after):
        return _one(pair, name, left, "right")
    if kind_of(name) is Kind.TAGS:
        return _merge_tags(pair, name, left, right)
    if kind_of(name) is Kind.PEOPLE and any(d.several for d in pair.corr.people.values()):
        return _merge_people(pair, name, left, right)
    if kind_of(name) is Kind.RICH_TEXT and (merged := _merge_texts(pair, name, left, right)) is not None:
        return merged
    return _conflict(pair, name, left, right)


def _merge_texts(pair: _Pair, name: str, left: NetChange, right: NetChange) -> Decision | None:
    """Edits of different words go together; None where they meet, or where one side had or has no text."""
    texts = (left.before, left.after, right.before, right.after)
    rich = [text for text in texts if isinstance(text, RichText)]
    if len(rich) < len(texts):
        return None
    woven = weave(rich[0], rich[1], rich[2], rich[3], pair.corr.vocabulary)
    if woven is None:
        return None
    return _write_both(pair, name, {"left": woven.left, "right": woven.right}, "both sides changed different words")


def _merge_tags(pair: _Pair, name: str, left: NetChange, right: NetChange) -> Decision:
    kept = pair.corr.kept
    wishes: dict[Side, Value] = {
        "left": merged_tags(tags(right.before), tags(right.after), tags(left.after), kept),
        "right": merged_tags(tags(left.before), tags(left.after), tags(right.after), kept),
    }
    return _write_both(pair, name, wishes, "both sides changed members")


def _merge_people(pair: _Pair, name: str, left: NetChange, right: NetChange) -> Decision:
    """Members merge like tags. Towards a side that takes one person, what counts is the merged membership."""
    corr = pair.corr
    to_right, to_left = people(right.after), people(left.after)
    missing_right: tuple[Person, ...] = ()
    missing_left: tuple[Person, ...] = ()
    if corr.people["right"].several:
        to_right, missing_right = counterpart_people(corr, "right", people(left.before), people(left.after), to_right)
        to_left, missing_left = counterpart_people(corr, "left", people(right.before), to_right, to_left)
    else:
        to_left, missing_left = counterpart_people(corr, "left", people(right.before), people(right.after), to_left)
        to_right, missing_right = counterpart_people(corr, "right", people(left.before), to_left, to_right)
    note = "; ".join(filter(None, (no_account(missing_right, "right"), no_account(missing_left, "left"))))
    decision = _write_both(pair, name, {"left": to_left, "right": to_right}, "both sides changed members")
    agreed = {**_carried(pair, name, "left", missing_right), **_carried(pair, name, "right", missing_left)}
    return replace(decision, note=note, agreed=agreed)


def _write_both(pair: _Pair, name: str, wishes: Mapping[Side, Value], reason: str) -> Decision:
    """Makes each side what is wished for it; what it is already needs no write."""
    present = {side: pair.present(side, name) for side in SIDES}
    differ = [side for side in SIDES if side in wishes and not same_value(name, present[side], wishes[side])]
    writes = [Write(side, present[side], wishes[side]) for side in differ]
    return Decision(name, reason, tuple(writes))


def _conflict(pair: _Pair, name: str, left: NetChange, right: NetChange) -> Decision:
    rule = pair.corr.policy.rule_for(name)
    winner = _winner(rule, pair)
    conflict = Conflict(name, left.after, right.after, rule, winner)
    what = "both sides changed it" if left.known_before and right.known_before else "the two differ"
    if winner is None:
        return Decision(name, f"{what}; held until a person decides", conflict=conflict, settled=False)
    return _carry_scalar(pair, name, other(winner), f"{what}; {rule} lets the {winner} win", conflict)


def _winner(rule: Rule, pair: _Pair) -> Side | None:
    match rule:
        case Rule.LEFT:
            return "left"
        case Rule.RIGHT:
            return "right"
        case Rule.NEWEST:
            return "right" if pair.right.changed_at > pair.left.changed_at else "left"
        case Rule.HOLD:
            return None


def resolve(corr: Correspondence, left: Item, right: Item, name: str, winner: Side) -> Decision:
    """A conflict whose winner was named before, by a person or by the rule: the winner's present value travels."""
    pair = _Pair(corr, left, right)
    rule = corr.policy.rule_for(name)
    conflict = Conflict(name, pair.present("left", name), pair.present("right", name), rule, winner)
    if rule is Rule.HOLD:
        decision = _carry_scalar(pair, name, other(winner), f"a person decided for the {winner}", conflict)
        return replace(decision, case=Case.PERSON)
    decision = _carry_scalar(pair, name, other(winner), f"{rule} decided for the {winner}", conflict)
    return replace(decision, case=Case.CONFLICT)
