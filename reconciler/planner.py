"""Planner: what was observed becomes a Plan. Pure; it reads like README's decision table.

linked pair, something observed        diff each side against its own snapshot, merge, write what travels
unlinked, carries our mark             paired with its original; nothing is created
unlinked, same unique title            paired, then merged without a past
unlinked, title shared by several      reported, nothing is done
unlinked, nothing like it              created on the other side
archived, tombstoned, released, in doubt  left alone
proved deleted                         the survivor is closed or deleted as configured; an edit beats that
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from reconciler.diff import diff, unknown
from reconciler.mapping.correspondence import (
    Correspondence,
    Unpaired,
    Untranslatable,
    counterpart_people,
    no_account,
)
from reconciler.mapping.equality import identities, is_empty, people, same_value
from reconciler.mapping.kinship import Kinship, named, names_items
from reconciler.merge import merge, resolve
from reconciler.model.conflict_record import ConflictRecord
from reconciler.model.decision import Decision
from reconciler.model.draft import Draft
from reconciler.model.field import Kind, Value, in_order, kind_of
from reconciler.model.item import Item
from reconciler.model.link import Link
from reconciler.model.net_change import NetChange
from reconciler.model.origin import Origin, marker_for
from reconciler.model.plan import ARCHIVED, Adopt, Create, Delete, DeleteAction, PairPlan, Plan
from reconciler.model.policy import OnArchive, OnDelete
from reconciler.model.rich_text import RichText
from reconciler.model.side import SIDES, Side, other
from reconciler.pairing import KeyOf, Pairing, pair
from reconciler.richtext import NO_WORDS, Vocabulary


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a plan is made from. `items` holds what was observed this cycle, by side and key; `links` the pairs of
    which at least one side is among them; `untouchable` keys per side that must not be created from (tombstones,
    intents in doubt); `waiting` keys of items that were refused and whose time has not come: they may be paired, but
    are not tried again; `verdicts` decided conflicts per (link id, field); `deleted` pairs of which the named side is
    proved deleted; `reunited` items whose pair was ended by a deletion that somebody took back; `generations` how often
    the copies of an item were deliberately made again; `kinship` what is known of the items that fields name,
    `vocabulary` of those that texts point to."""

    items: Mapping[Side, Mapping[str, Item]]
    links: tuple[Link, ...]
    linked_keys: Mapping[Side, frozenset[str]]
    linked_count: int
    first: bool
    untouchable: Mapping[Side, frozenset[str]] = field(
        default_factory=lambda: {"left": frozenset(), "right": frozenset()}
    )
    waiting: Mapping[Side, frozenset[str]] = field(default_factory=lambda: {"left": frozenset(), "right": frozenset()})
    verdicts: Mapping[tuple[int, str], ConflictRecord] = field(default_factory=dict)
    deleted: tuple[tuple[Link, Side], ...] = ()
    reunited: tuple[tuple[Item, Item], ...] = ()
    generations: dict[tuple[Side, str], int] = field(default_factory=dict)
    kinship: Kinship = field(default_factory=Kinship)
    vocabulary: Vocabulary = NO_WORDS


def make_plan(corr: Correspondence, facts: Facts, key_of: KeyOf) -> Plan:
    """The plan for one mapping. The same facts always give the same plan."""
    policy = corr.policy
    deleted = {link.id for link, _ in facts.deleted}
    pairing = _pair_unlinked(corr, facts, key_of)
    made = [*((adopt.left, adopt.right) for adopt in pairing.adopted), *facts.reunited]
    corr = corr.knowing(facts.kinship.with_pairs((left.key, right.key) for left, right in made))
    corr = corr.speaking(facts.vocabulary)
    pairs = [_linked_pair(corr, facts, link) for link in facts.links if link.id not in deleted]
    pairs += [_new_pair(corr, Adopt(left, right, "they belong together")) for left, right in facts.reunited]
    pairs += [_new_pair(corr, adopt) for adopt in pairing.adopted]
    creates = [
        make_create(corr, to, item, facts.generations.get((other(to), item.key), 0))
        for to in reversed(SIDES)
        for item in (pairing.left if to == "right" else pairing.right)
        if item.key not in facts.waiting[other(to)]
    ]
    creates = _parents_first(_without_what_follows(corr, creates))
    notes = [each.sentence for each in pairing.left_alone if each.reason != ARCHIVED]
    notes += [] if facts.first else _not_remembered([adopt for adopt in pairing.adopted if adopt.created])
    notes += [note for create in creates for note in create.notes]
    return Plan(
        mapping=policy.name,
        creates=tuple(creates),
        pairs=tuple(pairs),
        deletes=tuple(_deletion(corr, facts, link, side) for link, side in facts.deleted),
        ambiguous=pairing.ambiguous,
        left_alone=pairing.left_alone,
        notes=tuple(notes),
        linked=facts.linked_count,
        first=facts.first,
    )


def _without_what_follows(corr: Correspondence, creates: list[Create]) -> list[Create]:
    """Texts that point to items which are only now about to get a counterpart, or show pictures that need an item to
    hang on, wait for that: they follow in a second step."""
    coming: dict[Side, set[str]] = {s: {c.source.key for c in creates if c.side == other(s)} for s in SIDES}

    def later(create: Create) -> Create:
        side = other(create.side)
        texts = {n: v for n, v in create.source.fields.items() if isinstance(v, RichText) and n in create.draft.fields}
        awaited: dict[str, str] = {}
        for name, text in texts.items():
            others = sorted(corr.vocabulary.strangers(text, side) & coming[side])
            if others or corr.vocabulary.awaits_copies(text, side):
                awaited[name] = next(iter(others), create.source.key)
        if not awaited:
            return create
        now = {name: value for name, value in create.draft.fields.items() if name not in awaited}
        return replace(create, draft=replace(create.draft, fields=now), awaited={**create.awaited, **awaited})

    return [later(create) for create in creates]


def _parents_first(creates: list[Create]) -> list[Create]:
    """In the given order, but for parents, which go before their children. Ends also where listings, read at different
    moments, show a circle."""
    waiting = {(create.side, create.source.key): create for create in creates}
    ordered: list[Create] = []
    for create in creates:
        line: list[Create] = []
        above: Create | None = create
        while above is not None and waiting.pop((above.side, above.source.key), None) is not None:
            line.append(above)
            above = waiting.get((above.side, above.awaited.get("parent", "")))
        ordered += reversed(line)
    return ordered


def _not_remembered(adoptions: Sequence[Adopt]) -> list[str]:
    """Copies of ours that this store knows nothing of. Nothing but our mark tells: who changed an item last does not,
    since people may work under the same account as we do."""
    if not adoptions:
        return []
    names = ", ".join(f"{adopt.left.label} and {adopt.right.label}" for adopt in adoptions[:3])
    more = f" and {len(adoptions) - 3} more" if len(adoptions) > 3 else ""
    sentence = (
        f"{names}{more}: one is a copy of the other that this store does not remember; it was lost or copied back,"
        " or a second instance with a store of its own works on this mapping: stop that one"
    )
    return [sentence]


def _linked_pair(corr: Correspondence, facts: Facts, link: Link) -> PairPlan:
    """What was remembered and what is seen now are read in the same way, so that nothing but edits differs."""
    left = facts.items["left"].get(link.left.item.key, link.left.item)
    right = facts.items["right"].get(link.right.item.key, link.right.item)
    read = partial(_as_read, corr)
    one, two = read("left", left), read("right", right)
    changes = diff(read("left", link.left.base), one), diff(read("right", link.right.base), two)
    decided = (_decided_before(corr, facts, link, one, two, each) for each in merge(corr, one, two, *changes))
    return PairPlan(left, right, tuple(decided), link=link)


def _as_read(corr: Correspondence, side: Side, item: Item) -> Item:
    """The item in today's names: a rename is nobody's edit. One that is archived stands for a closed one, where the
    mapping says so, whatever its state is; it counts again once the item is back."""
    item = corr.renames.item(side, item)
    if not item.archived or "state" not in item.fields or corr.policy.on_archive is OnArchive.IGNORE:
        return item
    closing = corr.closing_state(side, item.type)
    if closing is None or corr.is_closed(side, item.type, item.fields["state"]):
        return item
    return replace(item, fields={**item.fields, "state": closing})


def _decided_before(
    corr: Correspondence, facts: Facts, link: Link, left: Item, right: Item, decision: Decision
) -> Decision:
    """A verdict, a person's or one that the rule gave before we died, holds for the value that it was spoken against; a
    later one waits for a verdict of its own."""
    verdict = facts.verdicts.get((link.id, decision.field))
    agreed = decision.settled and not decision.writes and decision.conflict is None
    if verdict is None or verdict.winner is None or agreed:
        return decision
    loser = other(verdict.winner)
    now = (left if loser == "left" else right).fields.get(decision.field)
    then = corr.renames.value(loser, decision.field, verdict.value(loser))
    if decision.conflict and not same_value(decision.field, then, corr.renames.value(loser, decision.field, now)):
        return decision
    return resolve(corr, left, right, decision.field, verdict.winner)


def _new_pair(corr: Correspondence, adopt: Adopt) -> PairPlan:
    decisions = merge(corr, adopt.left, adopt.right, unknown(adopt.left), unknown(adopt.right))
    return PairPlan(adopt.left, adopt.right, decisions, adopt=adopt)


def _pair_unlinked(corr: Correspondence, facts: Facts, key_of: KeyOf) -> Pairing:
    unlinked: dict[Side, dict[str, Item]] = {}
    for index, side in enumerate(SIDES):
        taken = facts.linked_keys[side] | facts.untouchable[side] | {pair[index].key for pair in facts.reunited}
        unlinked[side] = {key: item for key, item in facts.items[side].items() if key not in taken}
    return pair(
        corr.policy.name,
        unlinked,
        key_of=key_of,
        is_linked=lambda side, key: key in facts.linked_keys[side],
        by_title=corr.policy.match_by_title,
    )


def make_create(corr: Correspondence, to: Side, source: Item, generation: int = 0) -> Create:
    """The creation of `source`'s counterpart on `to`, with everything that can be carried in the first request."""
    target_type = corr.counterpart_type(source.type, to)
    schema = corr.type_schema(to, target_type)
    fields: dict[str, Value] = {"type": target_type, "title": source.title}
    notes: list[str] = []
    left_out: dict[str, Value] = {}
    if corr.policy.travels("type", to):
        try:
            corr.translate("type", source.type, to, source.type, target_type)
        except Untranslatable as problem:
            notes.append(f"{source.label}: {problem}")
            left_out["type"] = None
    awaited: dict[str, str] = {}
    held: list[str] = []
    later: list[str] = []
    for name in in_order(source.fields):
        value = source.fields.get(name)
        if name in fields or is_empty(value) or not corr.policy.travels(name, to):
            continue
        if schema is not None and name not in schema.fields:
            continue
        if kind_of(name) is Kind.ITEMS:  # in any order, and two new items may name each other: when both are there
            kinship, there = corr.kinship, other(to)
            known = {*kinship.partners[there], *kinship.awaited[there]}
            (later if known.intersection(named(value)) else held).append(name)
            continue
        if kind_of(name) is Kind.PEOPLE:
            carried, missing = counterpart_people(corr, to, (), people(value), ())
            if carried:
                fields[name] = carried
            if missing:
                notes.append(no_account(missing, to))
                left_out[name] = tuple(p for p in people(value) if p.identity not in identities(missing))
            continue
        try:
            fields[name] = corr.translate(name, value, to, source.type, target_type)
        except Unpaired as problem:
            if problem.awaited:
                awaited[name] = str(value)
            else:
                held.append(name)
        except Untranslatable as problem:
            notes.append(f"{source.label}: {problem}")
            left_out[name] = None
    origin = Origin(source.url, source.label, marker_for(corr.policy.name, other(to), source.key, generation))
    reason = f"new on the {other(to)}"
    draft = Draft(fields, origin)
    return Create(
        to, source, draft, reason, tuple(notes), left_out, awaited, held=frozenset(held), later=frozenset(later)
    )


def _deletion(corr: Correspondence, facts: Facts, link: Link, gone: Side) -> Delete:
    side = other(gone)
    snapshot = link.side(side)
    victim = facts.items[side].get(snapshot.item.key, snapshot.item)
    reason = f"{link.side(gone).item.label} is proved deleted on the {gone}"
    policy = corr.policy
    if policy.on_delete is OnDelete.IGNORE:
        return Delete(side, link, victim, DeleteAction.IGNORE, {}, reason)
    if _is_edited(corr, side, snapshot.base, victim):
        return Delete(side, link, victim, DeleteAction.KEEP, {}, f"{reason}, but its partner was edited since")
    if policy.on_delete is OnDelete.DELETE:
        return Delete(side, link, victim, DeleteAction.DELETE, {}, reason)
    closing = corr.closing_state(side, victim.type)
    is_open = not corr.is_closed(side, victim.type, victim.fields.get("state"))
    changes: dict[str, Value] = {"state": closing} if closing and is_open else {}
    return Delete(side, link, victim, DeleteAction.CLOSE, changes, reason)


def _is_edited(corr: Correspondence, side: Side, base: Item, now: Item) -> bool:
    """Whether somebody changed the item. To name one that is not synchronised, or no more, is nobody's edit."""
    partner = corr.kinship.partner

    def counts(change: NetChange) -> bool:
        before, after = named(change.before), named(change.after)
        others = {*before} ^ {*after} if kind_of(change.field) is Kind.ITEMS else after or before
        return not names_items(change.field) or any(partner(side, key) is not None for key in others)

    return any(map(counts, diff(corr.renames.item(side, base), now).values()))
