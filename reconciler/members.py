"""Members: what both sides agreed on of fields that name several items, link by link.

A link that was refused, or whose other end has no counterpart yet, stays behind alone; those beside it are agreed.
"""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.mapping.equality import same_value
from reconciler.mapping.kinship import agreed_members, named
from reconciler.model.decision import Case
from reconciler.model.field import Kind, Value, kind_of
from reconciler.model.intent import Intent
from reconciler.model.item import Item
from reconciler.model.plan import PairPlan
from reconciler.model.policy import Policy
from reconciler.model.side import SIDES, Side, other
from reconciler.model.snapshot import Snapshot
from reconciler.store import Store
from reconciler.turn import Turn


def members_agreed(
    store: Store, pair: PairPlan, policy: Policy, now: Mapping[Side, Item]
) -> dict[Side, dict[str, tuple[str, ...]]]:
    """By side and field, what is agreed once the decisions about a pair left both items as they are `now`."""
    agreed: dict[Side, dict[str, tuple[str, ...]]] = {"left": {}, "right": {}}
    for decision in pair.decisions:
        name = decision.field
        if kind_of(name) is not Kind.ITEMS or decision.case is Case.OFF:
            continue
        base = {side: pair.link.side(side).base.fields.get(name) if pair.link else () for side in SIDES}
        for side, members in _agreed(store, policy, name, base, now).items():
            agreed[side][name] = members
    return agreed


def settle_members(turn: Turn, intent: Intent, item: Item | None) -> None:
    """Agrees on what a write of unknown fate has achieved: every link that both sides show by now."""
    link, side = turn.store.link(turn.name, intent.side, intent.key), intent.side
    fields = [name for name in intent.after if kind_of(name) is Kind.ITEMS and item and name in item.fields]
    if link is None or item is None or not fields:
        return
    seen: dict[Side, Snapshot] = {side: link.side(side).advance(item, frozenset()), other(side): link.side(other(side))}
    for name in fields:
        base = {s: seen[s].base.fields.get(name) for s in SIDES}
        for s, members in _agreed(
            turn.store, turn.context.policy, name, base, {s: seen[s].item for s in SIDES}
        ).items():
            unsettled = {n: value for n, value in seen[s].unsettled.items() if n != name}
            if not same_value(name, members, seen[s].item.fields.get(name)):
                unsettled[name] = members
            seen[s] = Snapshot(seen[s].item, unsettled, seen[s].forgotten - {name})
    for s in SIDES:
        turn.save_view(link, s, seen[s], ours=fields if s == side else ())


def _agreed(
    store: Store, policy: Policy, name: str, base: Mapping[Side, Value], items: Mapping[Side, Item]
) -> dict[Side, tuple[str, ...]]:
    now = {side: items[side].fields.get(name) for side in SIDES}
    keys = {side: {*named(base[side]), *named(now[side])} for side in SIDES}
    left = store.partners(policy.name, "left", keys["left"])
    right = store.partners(policy.name, "right", keys["right"])
    travels = [side for side in SIDES if policy.travels(name, other(side))]
    return agreed_members({**left, **{partner: key for key, partner in right.items()}}, base, now, travels)
