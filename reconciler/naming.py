"""Naming: which items a person means by what they see - a label ("AB#12"), a key, or the address of a page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from reconciler.config import Config, MappingConfig
from reconciler.model.link import Link
from reconciler.model.pending import Pending
from reconciler.model.side import SIDES, Side, other
from reconciler.store import Store
from reconciler.trackers import registry


@dataclass(frozen=True, slots=True)
class Reference:
    """An item that may be meant, in one mapping; nothing says that it exists."""

    mapping: str
    side: Side
    key: str


def references(config: Config, store: Store, text: str) -> list[Reference]:
    """The items that the store knows and `text` may mean, mappings in the order of the file and then those that the
    file has no more; where it knows none, every item that `text` can mean by its form. Sends no request."""
    text = text.strip()
    possible = [
        Reference(mapping.name, side, key)
        for mapping in config.mappings
        for side in SIDES
        if (key := registry.key_named(config.trackers[mapping.side(side).tracker], text))
    ]
    keys = dict.fromkeys(reference.key for reference in possible)
    former = [
        Reference(name, s, key) for name in store.mappings() if name not in config.names for s in SIDES for key in keys
    ]
    known = [reference for reference in (*possible, *former) if is_known(store, reference)]
    return known or list(dict.fromkeys(_labelled(config, store, text))) or possible


def candidates(
    config: Config, left: str, right: str, only: str | None = None
) -> list[tuple[MappingConfig, dict[Side, str]]]:
    """The mappings that can have both items by the form of their names, with their keys; the two may be given in either
    order."""
    found: list[tuple[MappingConfig, dict[Side, str]]] = []
    for mapping in config.mappings:
        trackers = config.trackers[mapping.left.tracker], config.trackers[mapping.right.tracker]
        for texts in ((left, right), (right, left)):
            keys = [registry.key_named(tracker, t.strip()) for tracker, t in zip(trackers, texts, strict=True)]
            if only in (None, mapping.name) and keys[0] and keys[1]:
                found.append((mapping, {"left": keys[0], "right": keys[1]}))
                break
    return found


def is_known(store: Store, meant: Reference) -> bool:
    """Whether anything at all is remembered of the item."""
    mapping, side, key = meant.mapping, meant.side, meant.key
    return (
        store.link(mapping, side, key) is not None
        or waits(store, meant) is not None
        or any(stone.key(side) == key for stone in store.tombstones(mapping))
        or any((intent.side, intent.source_key) == (other(side), key) for intent in store.open_intents(mapping))
        or store.last_event(mapping, side, key) is not None
    )


def waits(store: Store, meant: Reference) -> Pending | None:
    """The row of an item that is to be looked at again."""
    return next((r for r in store.pending(meant.mapping) if (r.side, r.key) == (meant.side, meant.key)), None)


def label_of(config: Config, store: Store, meant: Reference) -> str:
    """What people call the item: as its tracker said when it was last seen, else as its key says."""
    link = store.link(meant.mapping, meant.side, meant.key)
    if link is not None:
        return link.side(meant.side).item.label
    return namer(config, meant.mapping)(meant.side, meant.key)


def namer(config: Config, mapping: str) -> Callable[[Side, str], str]:
    """What people call an item of the mapping, as far as its key shows it; the key where the file has no such
    mapping any more."""
    found = next((one for one in config.mappings if one.name == mapping), None)
    return lambda side, key: registry.label_of(config.trackers[found.side(side).tracker], key) if found else key


def with_partner(store: Store, meant: Reference) -> list[Reference]:
    """The item, and the one it is paired with, or was until a deletion or a person ended that."""
    link = store.link(meant.mapping, meant.side, meant.key)
    if link is not None:
        return [Reference(meant.mapping, side, link.key(side)) for side in SIDES]
    stones = [stone for stone in store.tombstones(meant.mapping) if stone.key(meant.side) == meant.key]
    partners = {stone.key(other(meant.side)) for stone in stones}
    return [meant, *(Reference(meant.mapping, other(meant.side), key) for key in sorted(partners))]


def _labelled(config: Config, store: Store, text: str) -> Iterator[Reference]:
    """By the label or address that the tracker itself gave the item, which its key need not show."""
    wanted = text.casefold()
    for mapping in (*config.names, *(name for name in store.mappings() if name not in config.names)):
        for row in store.pending(mapping):
            if row.reason.casefold().startswith(f"{wanted}: "):  # an item that was never paired has no other label
                yield Reference(mapping, row.side, row.key)
        for link in store.all_links(mapping):
            yield from (Reference(mapping, side, link.key(side)) for side in SIDES if _is_called(link, side, wanted))


def _is_called(link: Link, side: Side, wanted: str) -> bool:
    item = link.side(side).item
    return wanted in (item.label.casefold(), item.url.casefold())
