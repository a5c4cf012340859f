"""Poll: asks each tracker once what changed, for all mappings that share it, and sorts the answer by mapping.

The watermark is read with an overlap, so that commits which became visible late are seen; what was already processed
is recognised by its revision and costs nothing. The local clock plays no part.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from reconciler.context import MappingContext
from reconciler.errors import Rejected, ScopeRejected, TrackerError
from reconciler.mapping.kinship import named
from reconciler.model.item import Item
from reconciler.model.side import Side
from reconciler.store import Store
from reconciler.trackers.base import Followed, Scope, Tracker

OVERLAP = timedelta(seconds=120)
"""How far before the watermark every poll begins (reliability.md 3.7): longer than any commit stays invisible."""


@dataclass(slots=True)
class Feed:
    """What one mapping's side showed: items by key, and the watermark to keep once they are dealt with. `complete` is
    set where the scan listed everything, not only changes. `relinked` are linked items that name others than we
    know. `error` means that nothing may be inferred."""

    items: dict[str, Item] = field(default_factory=dict)
    watermark: datetime | None = None
    complete: bool = False
    relinked: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    error: TrackerError | None = None


def poll(contexts: Sequence[MappingContext], side: Side, store: Store) -> dict[str, Feed]:
    """One feed per mapping name. All contexts must have the same tracker on `side`; it is asked once, plus once for
    every mapping that has never been polled."""
    feeds = {context.name: Feed() for context in contexts}
    watermarks = {context.name: store.watermark(context.name, side) for context in contexts}
    for context in contexts:
        if watermarks[context.name] is None:
            _scan([context], side, None, {}, feeds, store)
    polled = [context for context in contexts if watermarks[context.name] is not None]
    if polled:
        since = min(at for at in watermarks.values() if at is not None) - OVERLAP
        _scan(polled, side, since, _known(polled, side, since, store), feeds, store)
    return feeds


def _known(contexts: Sequence[MappingContext], side: Side, since: datetime, store: Store) -> dict[str, str]:
    known: dict[str, str] = {}
    for context in contexts:
        known |= store.recent_revisions(context.name, side, since)
    return known


def _scan(
    contexts: Sequence[MappingContext],
    side: Side,
    since: datetime | None,
    known: Mapping[str, str],
    feeds: dict[str, Feed],
    store: Store,
) -> None:
    """Drains one scan into the feeds. A scope that the tracker refuses fails alone; the rest is scanned without it."""
    names = {context.scopes[side]: context.name for context in contexts}
    tracker = contexts[0].trackers[side]

    def followed(keys: Sequence[str]) -> set[str]:
        return {key for name in names.values() for key in store.links(name, side, keys)}

    try:
        found, watermark = _drain(tracker, list(names), since, known, followed)
        if since is not None and tracker.capabilities.tells_links:
            _follow_links(tracker, contexts, side, since, feeds, store)
    except ScopeRejected as refused:
        for context in contexts:
            if context.scopes[side] == refused.scope:
                feeds[context.name].error = refused
        healthy = [context for context in contexts if feeds[context.name].error is None]
        if healthy and len(healthy) < len(contexts):
            _scan(healthy, side, since, known, feeds, store)
        return
    except TrackerError as error:
        for context in contexts:
            feeds[context.name].error = error
        return
    owner = _owners(names.values(), side, [item.key for _, item in found], store)
    for scope, item in found:
        # An item that moved between two mapped scopes stays with the mapping that linked it.
        feeds[owner.get(item.key, names[scope])].items[item.key] = item
    for name in names.values():
        feeds[name].watermark = watermark
        feeds[name].complete = since is None


def _follow_links(
    tracker: Tracker,
    contexts: Sequence[MappingContext],
    side: Side,
    since: datetime,
    feeds: dict[str, Feed],
    store: Store,
) -> None:
    """Asks who got another parent or other links, for the mappings that carry them. What the snapshot shows already is
    no news, so that the overlap costs nothing."""
    carried = {context.name: context.policy.carried(tracker.capabilities.unseen_in_feed) for context in contexts}
    carrying = [context for context in contexts if carried[context.name]]
    if not carrying:
        return
    try:
        fields = frozenset().union(*carried.values())
        rows = list(tracker.relinked_since([context.scopes[side] for context in carrying], since, fields))
    except Rejected as refused:
        for context in carrying:
            said = "new parents and links are seen only when everything is compared"
            feeds[context.name].notes.append(f"{said}: {refused}")
        return
    latest = {(row.key, row.field, row.other): row.there for row in rows}
    for context in carrying:
        links = store.links(context.name, side, [key for key, _, _ in latest])
        feeds[context.name].relinked = {
            key
            for (key, name, partner), there in latest.items()
            if name in carried[context.name]
            and key in links
            and (partner in named(links[key].side(side).item.fields.get(name))) is not there
        }


def _owners(names: Iterable[str], side: Side, keys: Sequence[str], store: Store) -> dict[str, str]:
    """Which of the mappings has linked a key, for those that one has."""
    return {key: name for name in names for key in store.links(name, side, keys)}


def _drain(
    tracker: Tracker, scopes: Sequence[Scope], since: datetime | None, known: Mapping[str, str], followed: Followed
) -> tuple[list[tuple[Scope, Item]], datetime | None]:
    found: list[tuple[Scope, Item]] = []
    watermark = None
    for page in tracker.changed_since(scopes, since, known, followed):
        found += page.items
        watermark = page.watermark or watermark
    return found, watermark
