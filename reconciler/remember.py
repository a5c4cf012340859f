"""Remember: compares what a schema is with what it was, tells what changed, and keeps it for the next look.

The names that changed are followed before anything is planned with them; people who have an account by now are given
what waited for them.
"""

from __future__ import annotations

from reconciler.mapping.drift import drift
from reconciler.mapping.equality import people
from reconciler.model.field import Kind, kind_of
from reconciler.model.link import Link
from reconciler.model.side import SIDES, Side, other
from reconciler.turn import Turn


def look_again(turn: Turn) -> None:
    """Reads the schemas again where something spoke against what is known of them, a tracker's refusal of a value or an
    item that holds one nobody knew; then as `remember`."""
    if turn.context.is_doubted:
        turn.context.refresh()
    remember(turn)


def remember(turn: Turn) -> None:
    """Notes the news of both schemas, once. Costs neither a request nor a commit where there is nothing new."""
    context, store = turn.context, turn.store
    if context.is_fresh:
        context.recall(store.memories(turn.name))
        context.look_for_strangers()
    if not context.has_news:
        return
    memory = context.memory
    with store.transaction():
        for side in SIDES:
            _tell_news(turn, side)
            _welcome(turn, side)
        if memory != context.memories:
            store.save_memories(turn.name, memory)
    context.recall(memory)
    context.is_fresh = False


def _tell_news(turn: Turn, side: Side) -> None:
    for news in drift(turn.context.correspondence, side, turn.context.changes(side)):
        turn.event("schema", news.sentence, side=side)
        turn.note(news.sentence)


def _welcome(turn: Turn, side: Side) -> None:
    """Looks again at the pairs that name somebody who has an account on `side` by now."""
    arrived, turn.context.arrived[side] = set(turn.context.arrived[side]), []
    if not arrived:
        return
    sentence = f"{', '.join(sorted(arrived))} {'has' if len(arrived) == 1 else 'have'} an account on the {side} now"
    turn.event("schema", sentence, side=side)
    turn.note(sentence)
    for link in turn.store.all_links(turn.name):
        if not link.side(other(side)).is_settled and _names(turn, link, side, arrived):
            turn.again(other(side), link.key(other(side)), sentence)


def _names(turn: Turn, link: Link, side: Side, arrived: set[str]) -> bool:
    """Whether the item across from `side` names one of them, in whatever field."""
    shown = link.side(other(side)).item.fields
    named = (person for name, value in shown.items() if kind_of(name) is Kind.PEOPLE for person in people(value))
    return any(turn.context.correspondence.address_on(side, person.address) in arrived for person in named)
