"""Diff: one side's item against that side's own snapshot. Pure; never looks at the other side."""

from __future__ import annotations

from reconciler.mapping.equality import same_value
from reconciler.model.field import in_order
from reconciler.model.item import Item
from reconciler.model.net_change import NetChange


def diff(snapshot: Item, item: Item) -> dict[str, NetChange]:
    """The net changes by field name, in the order of fields; empty for equal views.

    A field that the snapshot does not know (mapped since, or its base was lost) comes with `known_before` False. A
    field that the item cannot have is never a change, nor is the tracker's own spelling of what we wrote.
    """
    changes: dict[str, NetChange] = {}
    for name in in_order(item.fields):
        if name in item.rewritten:
            continue
        after = item.fields[name]
        if name not in snapshot.fields:
            changes[name] = NetChange(name, None, after, known_before=False)
        elif not same_value(name, snapshot.fields[name], after):
            changes[name] = NetChange(name, snapshot.fields[name], after)
    return changes


def unknown(item: Item) -> dict[str, NetChange]:
    """The "diff" of an item that has no snapshot yet: every field, with nothing known of its past."""
    return {name: NetChange(name, None, item.fields[name], known_before=False) for name in in_order(item.fields)}
