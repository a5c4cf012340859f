"""Pair: what a cycle would do with one pair, reduced to values - diff, merge, write, remember."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from reconciler.diff import diff
from reconciler.mapping.correspondence import Correspondence
from reconciler.mapping.equality import same_value
from reconciler.mapping.kinship import agreed_members
from reconciler.merge import merge
from reconciler.model.decision import Case, Decision
from reconciler.model.field import FIELDS, Kind, Value, kind_of
from reconciler.model.item import Item
from reconciler.model.net_change import NetChange
from reconciler.model.rich_text import Form, RichText
from reconciler.model.side import SIDES, Side, other
from reconciler.model.snapshot import Snapshot
from reconciler.richtext import convert

FORMS: Mapping[Side, Form] = {"left": Form.HTML, "right": Form.MARKDOWN}


def stored(corr: Correspondence, side: Side, field: str, value: Value) -> Value:
    """What `side` shows after `value` was written to it."""
    if isinstance(value, RichText):
        return convert(value, FORMS[side])
    return corr.schemas[side].kept(field, value)


@dataclass(frozen=True)
class Pair:
    """Two items as both sides show them `now`, and what is remembered of them."""

    corr: Correspondence
    snapshots: Mapping[Side, Snapshot]
    now: Mapping[Side, Item]

    def changes(self, side: Side) -> dict[str, NetChange]:
        return diff(self.snapshots[side].base, self.now[side])

    def decisions(self) -> tuple[Decision, ...]:
        return merge(self.corr, self.now["left"], self.now["right"], self.changes("left"), self.changes("right"))

    def settled(self) -> Pair:
        """The pair after every write was carried out and proved, and both snapshots advanced."""
        decisions = self.decisions()
        open_fields = {d.field for d in decisions if not d.settled}
        now: dict[Side, Item] = {}
        snapshots: dict[Side, Snapshot] = {}
        for side in SIDES:
            seen = self.now[side]
            written = {w.field: stored(self.corr, side, w.field, w.value) for w in _writes(decisions) if w.side == side}
            after = replace(seen, revision=f"{seen.revision}w", fields={**seen.fields, **written}) if written else seen
            settled = frozenset(after.fields) - open_fields
            now[side] = after
            snapshots[side] = self.snapshots[side].advance(seen, settled).advance(after, settled)
        for decision in decisions:
            if kind_of(decision.field) is Kind.ITEMS and decision.case is not Case.OFF:
                snapshots = self._linked(decision.field, snapshots, now)
        return Pair(self.corr, snapshots, now)

    def _linked(self, name: str, snapshots: Mapping[Side, Snapshot], now: Mapping[Side, Item]) -> dict[Side, Snapshot]:
        """Of links, each is agreed by itself."""
        base = {side: self.snapshots[side].base.fields.get(name) for side in SIDES}
        shown = {side: now[side].fields[name] for side in SIDES}
        travels = [side for side in SIDES if self.corr.policy.travels(name, other(side))]
        agreed = agreed_members(self.corr.kinship.partners["left"], base, shown, travels)
        known = {s: replace(snapshots[s], forgotten=snapshots[s].forgotten - {name}) for s in SIDES}
        return {side: known[side].agreed_at({name: agreed[side]}) for side in SIDES}

    def agree(self, field: str) -> bool:
        left, right = self.now["left"], self.now["right"]
        return self.corr.agree(field, left.fields[field], right.fields[field], left.type, right.type)

    def common_fields(self) -> list[str]:
        return [name for name in FIELDS if all(name in self.now[side].fields for side in SIDES)]

    def shows(self, side: Side, field: str, value: Value) -> bool:
        return same_value(field, self.now[side].fields[field], value)


@dataclass(frozen=True)
class Written:
    side: Side
    field: str
    value: Value


def _writes(decisions: tuple[Decision, ...]) -> list[Written]:
    return [Written(write.side, d.field, write.after) for d in decisions for write in d.writes]
