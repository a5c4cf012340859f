"""Wording: what the texts at hand point to, looked up in the store, as the vocabulary that the pure part compares and
writes them with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from reconciler.context import MappingContext
from reconciler.model.item import Item
from reconciler.model.link import Link
from reconciler.model.rich_text import RichText
from reconciler.model.side import SIDES, Side, other
from reconciler.richtext import NO_WORDS, People, Vocabulary, address_key, addresses, mentions
from reconciler.store import Store

Texts = Mapping[Side, Iterable[RichText]]


def texts_of(items: Iterable[Item]) -> Iterator[RichText]:
    """The rich texts of items."""
    return (value for item in items for value in item.fields.values() if isinstance(value, RichText))


def vocabulary_of(context: MappingContext, store: Store, texts: Texts, *, comments: bool = False) -> Vocabulary:
    """What these texts, as their sides have them, call the items and files that both sides have, and whom they
    mention. Costs requests only for people never met."""
    found = _Found()
    called: dict[tuple[Side, str], None] = {}
    for side in SIDES:
        for text in dict.fromkeys(texts[side]):
            found.look_at(context, side, text)
            called |= dict.fromkeys((side, key) for key in mentions(text))
    words = found.vocabulary(context, store) if found.said or found.labels else NO_WORDS
    if found.files:
        words = _with_files(words, context, store, found.files, comments=comments)
    if not called:
        return words
    abilities = {side: context.trackers[side].capabilities for side in SIDES}
    live = {side: able.calls_in_comments if comments else able.calls_in_fields for side, able in abilities.items()}
    known = dict.fromkeys(context.acquainted(side, key) for side, key in called)
    return replace(words, people=People(known, live))


@dataclass(slots=True)
class _Found:
    """By side and key of an item, the addresses and short names it is called by in the texts; `labels` those of which
    only the label is known, `files` those of files."""

    said: dict[tuple[Side, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    short: dict[tuple[Side, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    labels: dict[tuple[Side, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    files: dict[tuple[Side, str], set[str]] = field(default_factory=lambda: defaultdict(set))

    def look_at(self, context: MappingContext, side: Side, text: RichText) -> None:
        for address in addresses(text):
            for owner in SIDES:
                tracker = context.trackers[owner]
                if key := tracker.key_of(address):
                    self.said[owner, key].add(address)
                elif label := tracker.label_at(address):
                    self.labels[owner, label].add(address)
                elif file := tracker.file_at(address):
                    self.files[owner, file.key].add(address)
        for name, key in context.trackers[side].short_names(text).items():
            self.short[side, key].add(name)
            self.said[side, key] |= set()

    def vocabulary(self, context: MappingContext, store: Store) -> Vocabulary:
        self._resolve_labels(context, store)
        words = _Words()
        for side in SIDES:
            keys = [key for owner, key in self.said if owner == side]
            links = _links(context, store, side, keys)
            released = _released(context, store, side) if len(links) < len(keys) else {}
            for key in keys:
                said = {address_key(address) for address in self.said[side, key]}
                short = self.short.get((side, key), set())
                if key in links:
                    words.add_pair(side, links[key], said, short)
                else:
                    left = key if side == "left" else released.get(key)
                    thing = f"item:left/{left}" if left else f"item:right/{key}"
                    words.add_stranger(side, key, thing, said, short, context.trackers[side].page_of(key))
        return Vocabulary(words.things, words.short, words.there, words.names, words.unpaired)

    def _resolve_labels(self, context: MappingContext, store: Store) -> None:
        """No index leads from a label to its item: every pair is looked at, once an hour at most, and new ones."""
        for name in _mappings(context) if self.labels else ():
            _look_for_labels(context, store, name, self.labels)
            for (side, label), called in self.labels.items():
                if (key := context.labelled.get((name, side, label))) is not None:
                    self.said[side, key] |= called


def _look_for_labels(context: MappingContext, store: Store, name: str, labels: Collection[tuple[Side, str]]) -> None:
    places = {(name, side, label) for side, label in labels} - context.labelled.keys()
    newest = store.newest_link(name) if places else 0
    after = min((context.searched.get(place, 0) for place in places), default=newest)
    for link in store.all_links(name, after) if after < newest else ():
        for side in SIDES:
            item = link.side(side).item
            if (place := (name, side, item.label)) in places:
                context.labelled[place] = item.key
    context.searched |= dict.fromkeys(places, newest)


def file_words(context: MappingContext, store: Store, side: Side, text: RichText, *, comments: bool) -> Vocabulary:
    """What one text calls the files that both sides have, and nothing else."""
    found = _Found()
    found.look_at(context, side, text)
    return _with_files(NO_WORDS, context, store, found.files, comments=comments)


def _with_files(
    words: Vocabulary,
    context: MappingContext,
    store: Store,
    files: Mapping[tuple[Side, str], set[str]],
    *,
    comments: bool,
) -> Vocabulary:
    things = dict(words.things)
    there: dict[Side, dict[str, str]] = {side: dict(words.there[side]) for side in SIDES}
    alone: dict[str, str] = {}
    uncopied: dict[Side, set[str]] = {"left": set(), "right": set()}
    for side in SIDES:
        keys = [key for owner, key in files if owner == side]
        pairs = store.attachment_links_with(context.name, side, keys)
        for key in keys:
            said = {address_key(address) for address in files[side, key]}
            pair = pairs.get(key)
            thing = f"file:{pair.id}" if pair is not None else f"file:{side}/{key}"
            partner = pair.side(other(side)) if pair is not None else None
            if pair is None:
                uncopied[side] |= said if context.policy.travels("attachments", other(side)) else set()
            elif partner is None:
                alone[thing] = f"({pair.note})"
            elif partner.url:
                there[other(side)] |= dict.fromkeys(said, partner.url)
                said.add(address_key(partner.url))
            things |= dict.fromkeys(said, thing)
    shows = all(context.trackers[side].capabilities.pictures_in_comments for side in SIDES) or not comments
    return replace(
        words,
        things=things,
        there=there,
        alone=alone,
        linked=frozenset(alone if shows else (thing for thing in things.values() if thing.startswith("file:"))),
        uncopied={side: frozenset(uncopied[side]) for side in SIDES},
    )


def _both() -> dict[Side, dict[str, str]]:
    return {"left": {}, "right": {}}


@dataclass(slots=True)
class _Words:
    """What becomes the vocabulary, under the same names."""

    things: dict[str, str] = field(default_factory=dict)
    short: dict[str, str] = field(default_factory=dict)
    there: dict[Side, dict[str, str]] = field(default_factory=_both)
    names: dict[Side, dict[str, str]] = field(default_factory=_both)
    unpaired: dict[Side, dict[str, str]] = field(default_factory=_both)

    def add_pair(self, side: Side, link: Link, said: set[str], short: set[str]) -> None:
        """An item of `side` that has a counterpart, whose own address is what is written on the other side."""
        thing, partner = f"item:left/{link.key('left')}", link.side(other(side)).item.url
        self.there[other(side)] |= dict.fromkeys(said, partner)
        self.names[other(side)] |= dict.fromkeys(short, partner)
        self.things |= dict.fromkeys((*said, *(address_key(link.side(each).item.url) for each in SIDES)), thing)
        self.short |= dict.fromkeys(short, thing)

    def add_stranger(self, side: Side, key: str, thing: str, said: set[str], short: set[str], page: str) -> None:
        """An item without one; an address that works only in its own tracker becomes that of its page."""
        self.unpaired[side] |= dict.fromkeys((*said, *short), key)
        self.there[other(side)] |= {address: page for address in said if "://" not in address}
        self.things |= dict.fromkeys((*said, address_key(page)), thing)
        self.short |= dict.fromkeys(short, thing)


def _mappings(context: MappingContext) -> list[str]:
    """This mapping, and those between the same two trackers."""
    return [context.name, *(name for name in context.siblings["left"] if name in context.siblings["right"])]


def _links(context: MappingContext, store: Store, side: Side, keys: Iterable[str]) -> dict[str, Link]:
    found: dict[str, Link] = {}
    for name in reversed(_mappings(context)):
        found |= store.links(name, side, keys)
    return found


def _released(context: MappingContext, store: Store, side: Side) -> dict[str, str]:
    """By key, the left key of a pair that is none any more: what was written while it was one still means the same."""
    return {stone.key(side): stone.left_key for stone in store.tombstones(context.name)}
