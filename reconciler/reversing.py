"""Reversing: the values that a run replaced become what is to be written now, unless somebody edited since. Pure.

A run carried an edit from one side to the other, so it is taken back on both: the value that it replaced goes back
where it was, and what follows from that goes to the side that the edit came from, by the same merge that carried it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from reconciler.diff import diff
from reconciler.mapping.correspondence import Correspondence
from reconciler.mapping.equality import is_empty, people, same_value
from reconciler.mapping.renames import Renames
from reconciler.merge import merge
from reconciler.model.decision import Decision, Write
from reconciler.model.field import Kind, Value, in_order, kind_of
from reconciler.model.intent import Intent
from reconciler.model.item import Item
from reconciler.model.link import Link
from reconciler.model.net_change import NetChange
from reconciler.model.plan import PairPlan
from reconciler.model.reversal import Stay
from reconciler.model.side import SIDES, Side, other

EDITED = "edited since"


@dataclass(frozen=True, slots=True)
class Replaced:
    """What a run did to one field of one item, in however many steps."""

    before: Value
    after: Value

    def stands(self, name: str, now: Value) -> bool:
        """Whether the field is as the run left it, or as it was before."""
        return same_value(name, now, self.before) or same_value(name, now, self.after)


Written = Mapping[str, Replaced]
"""What a run wrote to one item, by field."""


def written(intents: Iterable[Intent], renames: Renames) -> dict[tuple[Side, str], dict[str, Replaced]]:
    """What a run's updates did, by side and key of the item, in today's names."""
    found: dict[tuple[Side, str], dict[str, Replaced]] = {}
    for intent in intents:
        fields = found.setdefault((intent.side, intent.key), {})
        befores = renames.fields(intent.side, intent.before)
        for name, after in renames.fields(intent.side, intent.after).items():
            first = fields[name].before if name in fields else befores.get(name)
            fields[name] = Replaced(first, after)
    return found


def edits(corr: Correspondence, link: Link, side: Side, item: Item) -> dict[str, NetChange]:
    """What changed on a side of a pair since both agreed; a rename is nobody's edit."""
    return diff(corr.renames.item(side, link.side(side).base), item)


def reverse_pair(
    corr: Correspondence, link: Link, items: Mapping[Side, Item], by_side: Mapping[Side, Written], reason: str
) -> tuple[PairPlan, list[Stay]]:
    """What takes back what was written to a pair. Fields that somebody edited and that were not carried yet stay for
    the next cycle."""
    changed = {side: edits(corr, link, side, items[side]) for side in SIDES}
    stays: list[Stay] = []
    names: list[str] = []
    for name in in_order({*by_side["left"], *by_side["right"]}):
        touched = [s for s in SIDES if not _is_untouched(name, items[s], by_side[s].get(name), name in changed[s])]
        if touched:
            stays.append(Stay(items[touched[0]].label, name, EDITED))
        else:
            names.append(name)
    decisions: list[Decision] = []
    for decision, wanted in _merged(corr, items, by_side, names):
        if decision.conflict is not None or not decision.settled:
            why = decision.note or "both sides were written, and what they were does not go together"
            stays.append(Stay(items["left"].label, decision.field, why))
            continue
        writes = [Write(s, items[s].fields.get(decision.field), wanted[s]) for s in SIDES]
        kept = tuple(write for write in writes if not same_value(decision.field, write.before, write.after))
        decisions.append(Decision(decision.field, reason, kept))
    decided = {decision.field for decision in decisions}
    left_open = in_order({*changed["left"], *changed["right"]} - decided)
    decisions += [Decision(name, EDITED, settled=False) for name in left_open]
    return PairPlan(items["left"], items["right"], tuple(decisions), link=link), stays


def _is_untouched(name: str, item: Item, replaced: Replaced | None, changed: bool) -> bool:
    """Whether nobody edited the field since. A later edit of the side that the run did not write either waits to be
    carried, and then it is a change of that side, or was carried, and then the other side is not as the run left it."""
    if name not in item.fields:
        return False
    return replaced.stands(name, item.fields[name]) if replaced else not changed


def _merged(
    corr: Correspondence, items: Mapping[Side, Item], by_side: Mapping[Side, Written], names: Iterable[str]
) -> list[tuple[Decision, dict[Side, Value]]]:
    """What the merge makes of the sides where the run wrote being as they were, and of the values that both get."""
    wanted = set(names)
    back = {
        s: {n: one.before for n, one in by_side[s].items() if n in wanted and not _follows(corr, n, s, by_side)}
        for s in SIDES
    }
    was = {s: replace(items[s], fields={**items[s].fields, **back[s]}) for s in SIDES}
    changes = {
        s: {
            n: NetChange(n, _left_by_the_run(n, items[s], by_side[s][n]), before, known_before=True)
            for n, before in back[s].items()
        }
        for s in SIDES
    }
    found = []
    for decision in merge(corr, was["left"], was["right"], changes["left"], changes["right"]):
        values = {s: was[s].fields.get(decision.field) for s in SIDES}
        values |= {write.side: write.after for write in decision.writes}
        if kind_of(decision.field) is Kind.PEOPLE:
            values |= _unassigned(corr, items, decision.field, back)
        found.append((decision, values))
    return found


def _follows(corr: Correspondence, name: str, side: Side, by_side: Mapping[Side, Written]) -> bool:
    """Whether the one person of a side follows from those of the other, which the run wrote, too."""
    alone = kind_of(name) is Kind.PEOPLE and not corr.people[side].several and corr.people[other(side)].several
    return alone and name in by_side[other(side)]


def _unassigned(
    corr: Correspondence, items: Mapping[Side, Item], name: str, back: Mapping[Side, Mapping[str, Value]]
) -> dict[Side, Value]:
    """Where a side that takes one person had nobody, the other had nobody whom that side knows."""
    for side in SIDES:
        several = other(side)
        alone = not corr.people[side].several and name in back[side] and is_empty(back[side][name])
        if alone and name not in back[several]:
            there = people(items[several].fields.get(name))
            return {side: (), several: tuple(person for person in there if corr.person_on(side, person) is None)}
    return {}


def _left_by_the_run(name: str, item: Item, replaced: Replaced) -> Value:
    """In the tracker's own spelling, where it still shows it."""
    now = item.fields.get(name)
    return now if same_value(name, now, replaced.after) else replaced.after


def reverse_item(side: Side, item: Item, fields: Written) -> tuple[dict[str, Write], list[Stay]]:
    """What gives one item back what it was, whatever the other side has."""
    writes: dict[str, Write] = {}
    stays: list[Stay] = []
    for name in in_order(fields):
        now, replaced = item.fields.get(name), fields[name]
        if name not in item.fields or not replaced.stands(name, now):
            stays.append(Stay(item.label, name, EDITED))
        elif not same_value(name, now, replaced.before):
            writes[name] = Write(side, now, replaced.before)
    return writes, stays
