"""Link looks: links between items that a tracker's feed does not show are found with the slow looks at its items."""

from __future__ import annotations

from reconciler.context import MappingContext
from reconciler.errors import Rejected
from reconciler.looks import Due
from reconciler.mapping.equality import same_value
from reconciler.model.side import Side
from reconciler.turn import Turn


def looks_show_links(context: MappingContext, side: Side) -> bool:
    """Whether nothing but a look at an item shows its links on that side, and they are carried."""
    capabilities = context.trackers[side].capabilities
    return not capabilities.tells_links and bool(context.policy.carried(capabilities.unseen_in_feed))


def look_for_links(turn: Turn, due: Due) -> None:
    """Has the next cycle read the item again where its links are not what we know. One request a side, which a tracker
    spares where its attachments are read next."""
    context = turn.context
    for side in due.sides:
        if not looks_show_links(context, side):
            continue
        known, tracker = due.link.side(side).item, context.trackers[side]
        try:
            item = tracker.read(context.scopes[side], [known.key]).get(known.key)
        except Rejected as error:
            turn.note(f"{known.label}: links: {error}")
            continue
        names = context.policy.carried(tracker.capabilities.unseen_in_feed) & (item.fields.keys() if item else set())
        if item and any(not same_value(name, known.fields.get(name), item.fields[name]) for name in names):
            turn.again(side, known.key, "its links changed")
