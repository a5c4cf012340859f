"""Evidence: keeps what became of items that could not be read; a deletion is acted upon only when proved twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reconciler.gather import Gathered
from reconciler.generations import keep_generations
from reconciler.looks import note_looks
from reconciler.model.item import Item
from reconciler.model.link import Link
from reconciler.model.pending import UNREAD, Pending
from reconciler.model.side import Side, other
from reconciler.trackers.base import Fate
from reconciler.turn import LAST_RETRY, Turn


def keep_evidence(turn: Turn, gathered: Gathered) -> None:
    """Remembers what became of items that could not be read; a deletion is acted upon only when proved twice."""
    store, now = turn.store, turn.clock.now()
    proved = {link.id for link, _ in gathered.facts.deleted}
    if gathered.remade:
        with store.transaction():
            keep_generations(store, turn.name, gathered.facts.generations)
            for side, key in gathered.remade:
                store.remove_tombstone(turn.name, side, key)
    for stone in gathered.orphans:
        store.add_tombstone(turn.name, stone.left_key, stone.right_key, gone=stone.gone, reason=stone.reason, at=now)
    for row in gathered.pending:
        if row.key in gathered.facts.items[row.side]:
            store.clear_absence(turn.name, row.side, row.key)
    for link, side, fate in gathered.vanished:
        key = link.key(side)
        if link.id not in proved:
            _keep_in_sight(turn, link, other(side), gathered.facts.items[other(side)].get(link.key(other(side))))
        if fate not in (Fate.DELETED, Fate.PRESENT):
            _wait_for_partner(turn, link, other(side), gathered.pending)
        match fate:
            case Fate.DELETED:
                store.add_absence(turn.name, side, key, now)
                if link.id not in proved:
                    store.add_pending(turn.name, side, key, "deleted; to be proved once more", due_at=now)
            case Fate.PRESENT:
                store.add_pending(turn.name, side, key, "missed by a listing", due_at=now)
            case Fate.ARCHIVED | Fate.MOVED:
                # Somebody put it away. Nothing is owed to it; should it come back, the feed or the next sweep shows it.
                store.clear_absence(turn.name, side, key)
                store.clear_pending(turn.name, side, key)
                _tell_unseen(turn, link, side, f"was {fate.value}")
            case Fate.UNKNOWN:
                store.clear_absence(turn.name, side, key)
                store.add_pending(turn.name, side, key, "not visible any more", due_at=now + LAST_RETRY)
                _tell_unseen(turn, link, side, "is not visible any more")


def _wait_for_partner(turn: Turn, link: Link, side: Side, due: Sequence[Pending]) -> None:
    """What is owed to an item, and looks at the discussion of both, are put off while its partner cannot be seen: else
    both were asked for again and again."""
    later = turn.clock.now() + LAST_RETRY
    for row in due:
        if (row.side, row.key) == (side, link.key(side)):
            if row.reason == UNREAD:
                turn.store.clear_pending(turn.name, side, row.key)
            else:
                turn.store.add_pending(turn.name, side, row.key, row.reason, due_at=later, attempts=row.attempts)
    for look in turn.store.looks(link.id):
        if look.due_at is not None and look.due_at < later:
            turn.store.set_look(link.id, look.side, due_at=later, looked_at=None)


def _tell_unseen(turn: Turn, link: Link, side: Side, what: str) -> None:
    sentence = f"{link.side(side).item.label} {what}; its partner is left as it is"
    turn.note(sentence)
    turn.state("not visible", sentence, side=side, key=link.key(side))


def _keep_in_sight(turn: Turn, link: Link, side: Side, item: Item | None) -> None:
    """What one side shows while its partner is not visible is kept as seen and not agreed, so that it travels later.
    Where a write to the partner is in doubt, what was seen then stays: that is what will be agreed, should it turn out
    to have arrived, and both are looked at again."""
    if item is None or item.revision == link.side(side).item.revision or _is_in_doubt(turn, link):
        return
    seen = link.side(side).advance(item, settled=frozenset())
    after = replace(link, left=seen) if side == "left" else replace(link, right=seen)
    with turn.store.transaction():
        turn.save_view(link, side, seen)
        note_looks(turn.store, turn.context.trackers, turn.clock.now(), link, after, None)


def _is_in_doubt(turn: Turn, link: Link) -> bool:
    return any(i.kind == "update" and i.key == link.key(i.side) for i in turn.store.open_intents(turn.name))
