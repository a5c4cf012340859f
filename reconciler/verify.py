"""Verify: compares every linked pair as both trackers show it now; reads only, writes nothing anywhere.

It answers "are both sides equal?" without trusting the snapshots. Fields that travel one way or not at all are left
out, because they may differ for good, and so are comments, which cost a request an item and side.
"""

from __future__ import annotations

from collections.abc import Iterable

from reconciler.context import MappingContext
from reconciler.mapping.correspondence import Correspondence
from reconciler.mapping.equality import is_empty
from reconciler.mapping.kinship import Kinship
from reconciler.model.difference import Difference, Verdict
from reconciler.model.field import Kind, in_order, kind_of
from reconciler.model.item import Item
from reconciler.model.link import Link
from reconciler.model.policy import Direction, OnArchive
from reconciler.model.side import SIDES, Side
from reconciler.store import Store
from reconciler.wording import texts_of, vocabulary_of

LINKS_AT_ONCE = 500


def verify(context: MappingContext, store: Store) -> Verdict:
    """Costs one listing of each side, plus a read for what a listing does not show. Raises what the trackers raise."""
    verdict = Verdict(context.name)
    items = {side: _everything(context, side, store) for side in SIDES}
    pairs = (
        (link.key("left"), link.key("right"))
        for link in store.all_links(context.name)
        if all(link.key(side) in items[side] for side in SIDES)  # below what is gone nothing can stand
    )
    corr = context.correspondence.knowing(Kinship().with_pairs(pairs))
    waiting = {(row.side, row.key): row.reason for row in store.pending(context.name)}
    for links in _chunks(store.all_links(context.name)):
        shown = {side: [items[side][k.key(side)] for k in links if k.key(side) in items[side]] for side in SIDES}
        context.meet(shown)
        speaking = corr.speaking(vocabulary_of(context, store, {side: texts_of(shown[side]) for side in SIDES}))
        for link in links:
            _compare(speaking, store, link, items, waiting, verdict)
    return verdict


def _everything(context: MappingContext, side: Side, store: Store) -> dict[str, Item]:
    tracker, scope = context.trackers[side], context.scopes[side]
    followed = {link.key(side) for link in store.all_links(context.name)}
    pages = tracker.sweep(scope, lambda keys: followed.intersection(keys))
    found = {item.key: item for page in pages for _, item in page.items}
    return found | tracker.read(scope, sorted(followed - found.keys()))


def _chunks(links: Iterable[Link]) -> Iterable[list[Link]]:
    chunk: list[Link] = []
    for link in links:
        chunk.append(link)
        if len(chunk) == LINKS_AT_ONCE:
            yield chunk
            chunk = []
    yield chunk


def _compare(
    corr: Correspondence,
    store: Store,
    link: Link,
    items: dict[Side, dict[str, Item]],
    waiting: dict[tuple[Side, str], str],
    verdict: Verdict,
) -> None:
    verdict.pairs += 1
    absent = [side for side in SIDES if link.key(side) not in items[side]]
    if absent:
        verdict.missing += [f"{link.side(side).item.label} on the {side} is not visible" for side in absent]
        return
    left, right = items["left"][link.key("left")], items["right"][link.key("right")]
    different = [name for name in in_order({*left.fields, *right.fields}) if not _agrees(corr, name, left, right)]
    verdict.equal += not different
    for name in different:
        held = store.open_conflict_for(link.id, name)
        why = next((reason for side in SIDES if (reason := waiting.get((side, link.key(side))))), "")
        verdict.differences.append(
            Difference(
                left.label,
                right.label,
                name,
                left.fields[name],
                right.fields[name],
                f"conflict {held.id} waits for a decision" if held else why,
            )
        )


def _agrees(corr: Correspondence, name: str, left: Item, right: Item) -> bool:
    if name not in left.fields or name not in right.fields:
        return True
    if corr.policy.direction_of(name) is not Direction.BOTH:
        return True
    one, two = left.fields[name], right.fields[name]
    if name == "state" and corr.policy.on_archive is OnArchive.CLOSE and (left.archived or right.archived):
        return True  # one that is archived stands for a closed one
    if name == "priority" and (is_empty(one) or is_empty(two)):
        return True  # design.md, decision 8: a priority that nobody set is left alone
    if kind_of(name) is Kind.ITEM and any(
        named is not None and corr.kinship.partner(side, named) is None
        for side, named in zip(SIDES, (one, two), strict=True)
    ):
        return True  # what is not synchronised is left alone on either side
    return corr.agree(name, one, two, left.type, right.type)
