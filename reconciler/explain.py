"""Explain: why an item is as it is, or why it is not synchronised, from what the store remembers; sends no request.

What only a tracker can say is said to be unknown, never guessed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from reconciler.config import Config
from reconciler.model.attachment_link import AttachmentLink
from reconciler.model.conflict_record import ConflictRecord
from reconciler.model.event import FROZEN, Event
from reconciler.model.field import FIELDS, Value, in_order
from reconciler.model.intent import Intent
from reconciler.model.link import Link
from reconciler.model.look import Look
from reconciler.model.pending import AMBIGUOUS, ORPHANED, TWIN, Pending
from reconciler.model.policy import Direction, Policy
from reconciler.model.run import Run
from reconciler.model.side import SIDES, Side, other
from reconciler.model.tombstone import UNSEEN
from reconciler.naming import Reference, label_of, references, with_partner
from reconciler.store import Store

EVENTS_SHOWN = 5
UNTOUCHED = "as it was when the two became a pair"
"""Why a field agrees that nothing ever happened to."""

_OUT_OF_THE_CIRCLE = (
    "switch off one of the two rules, set another value by hand, or let the field travel one way only"
    " ([mappings.fields]); to have it carried once more as it is"
)


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that keeps an item from being synchronised, or that it waits for, and what to do about it."""

    what: str
    fix: str


@dataclass(frozen=True, slots=True)
class FieldAnswer:
    """One field of a pair. The bases are what each side showed at the last agreement, in its own words; None also where
    nothing is known or the side has no such field. `state` is "agreed", "conflict", "waits", "off" or "absent"."""

    field: str
    left_base: Value
    right_base: Value
    left: Value
    right: Value
    state: str
    why: str
    last: Event | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of one item in one mapping. Without a `link` the item is not synchronised, and `reasons` say why;
    with one, they say what it waits for. `runs` are those that the events belong to."""

    meant: Reference
    link: Link | None
    fields: tuple[FieldAnswer, ...] = ()
    comments: int = 0
    attachments: tuple[AttachmentLink, ...] = ()
    looks: tuple[Look, ...] = ()
    conflicts: tuple[ConflictRecord, ...] = ()
    pending: tuple[Pending, ...] = ()
    in_doubt: tuple[Intent, ...] = ()
    reasons: tuple[Reason, ...] = ()
    events: tuple[Event, ...] = ()
    runs: tuple[Run, ...] = ()


def explain(config: Config, store: Store, text: str, now: datetime) -> list[Answer]:
    """One answer for every mapping in which `text` may mean an item, the same for both sides of a pair; empty where it
    can mean none. All of it is of the same moment, also while a daemon writes."""
    with store.transaction():
        answers: dict[tuple[str, object], Answer] = {}
        for meant in references(config, store, text):
            link = store.link(meant.mapping, meant.side, meant.key)
            place = (meant.mapping, link.id if link else (meant.side, meant.key))
            if place not in answers:
                answers[place] = _Explaining(config, store, now, meant, link).answer()
        return list(answers.values())


def explain_one(config: Config, store: Store, meant: Reference, now: datetime) -> Answer:
    """What is known of exactly that item, whether it was ever seen or not."""
    link = store.link(meant.mapping, meant.side, meant.key)
    return _Explaining(config, store, now, meant, link).answer()


def why_waiting(config: Config, store: Store, row: Pending, now: datetime) -> Reason:
    """Why an item is to be looked at again, and what to do about it."""
    if row.reason == AMBIGUOUS:
        said = store.last_event(row.mapping, row.side, row.key)
        what = said.text if said and said.kind == "ambiguous" else "its title is that of several unpaired items"
        return Reason(what, "give them different titles, or pair two of them by hand: reconciler link LEFT RIGHT")
    if row.reason == ORPHANED:
        what = f"it waits on the {row.side}: {ORPHANED}"
        return Reason(what, "nothing: it follows as soon as that is there")
    if row.reason == TWIN:
        return Reason(f"it is {TWIN}", "delete the copy that is not needed; nothing of it travels")
    if row.parked:
        label = label_of(config, store, Reference(row.mapping, row.side, row.key))
        refused = f" after {row.attempts} refusals" if row.attempts else ""
        fix = _OUT_OF_THE_CIRCLE if _is_frozen(store, row) else "change what is refused, or have it tried as it is"
        return Reason(
            f"in quarantine on the {row.side}{refused}: {row.reason}",
            f"{fix}: reconciler retry {label}",
        )
    due = "now" if row.due_at <= now else f"at {row.due_at:%Y-%m-%d %H:%M:%S} UTC"
    tried = f" (refused {row.attempts} times)" if row.attempts else ""
    return Reason(f"waits on the {row.side}: {row.reason}{tried}", f"nothing: it is due {due}")


def _is_frozen(store: Store, row: Pending) -> bool:
    """Whether what an item waits for is (also) a field that went to and fro."""
    places = with_partner(store, Reference(row.mapping, row.side, row.key))
    said = [event for p in places for event in store.events(1, EVENTS_SHOWN, row.mapping, [p.key], kind=FROZEN)]
    return any(event.text in row.reason for event in said)


class _Explaining:
    def __init__(self, config: Config, store: Store, now: datetime, meant: Reference, link: Link | None) -> None:
        self._config = config
        self._store = store
        self._now = now
        self._meant = meant
        self._link = link
        self._name = meant.mapping
        self._keys: dict[Side, str] = {s: link.key(s) for s in SIDES} if link else {meant.side: meant.key}
        self._mapping = next((m for m in config.mappings if m.name == meant.mapping), None)
        self._pending = [r for r in store.pending(self._name) if self._keys.get(r.side) == r.key]
        self._in_doubt = [intent for intent in store.open_intents(self._name) if self._is_about(intent)]
        self._events = [
            event
            for place in with_partner(store, meant)
            for event in store.events(1, EVENTS_SHOWN, self._name, [place.key])
            if event.side in (None, place.side)
        ]
        self._events.sort(key=lambda event: event.id)

    def _is_about(self, intent: Intent) -> bool:
        source = intent.source_key.partition("/")[0]
        return self._keys.get(intent.side) == intent.key or self._keys.get(other(intent.side)) == source

    def answer(self) -> Answer:
        link, store = self._link, self._store
        fields = tuple(self._fields(link)) if link else ()
        shown = (*self._events[-EVENTS_SHOWN:], *(field.last for field in fields if field.last))
        runs = {event.run: store.run(event.run) for event in shown if event.run is not None}
        return Answer(
            meant=self._meant,
            link=link,
            fields=fields,
            comments=len(store.comment_links(link.id)) if link else 0,
            attachments=tuple(store.attachment_links(link.id)) if link else (),
            looks=tuple(store.looks(link.id)) if link else (),
            conflicts=tuple(c for c in store.open_conflicts(self._name) if link and c.link_id == link.id),
            pending=tuple(self._pending),
            in_doubt=tuple(self._in_doubt),
            reasons=tuple(self._reasons()),
            events=tuple(self._events[-EVENTS_SHOWN:]),
            runs=tuple(run for run in runs.values() if run is not None),
        )

    # --- a pair, field by field ------------------------------------------------------------------------------------

    def _fields(self, link: Link) -> Iterator[FieldAnswer]:
        policy = self._mapping.policy if self._mapping else Policy(self._name)
        for name in in_order({*link.left.item.fields, *link.right.item.fields}):
            last = self._last(link, name)
            state, why = self._state(link, name, policy, last)
            yield FieldAnswer(
                name,
                link.left.base.fields.get(name),
                link.right.base.fields.get(name),
                link.left.item.fields.get(name),
                link.right.item.fields.get(name),
                state,
                why,
                last,
            )

    def _last(self, link: Link, name: str) -> Event | None:
        found = [self._store.last_event(self._name, side, link.key(side), name) for side in SIDES]
        return max((event for event in found if event), key=lambda event: event.id, default=None)

    def _state(self, link: Link, name: str, policy: Policy, last: Event | None) -> tuple[str, str]:
        lacking = [side for side in SIDES if name not in link.side(side).item.fields]
        if lacking:
            return "absent", f"{link.side(lacking[0]).item.label} has no such field"
        direction = policy.direction_of(name)
        if direction is Direction.OFF:
            where = "[mappings.fields]" if name in FIELDS else "[[mappings.custom_fields]]"
            return "off", f"not carried, says {where}"
        conflict = self._store.open_conflict_for(link.id, name)
        if conflict is not None and conflict.winner is None:
            return "conflict", f"{conflict.note}: reconciler conflicts resolve {conflict.id} left|right"
        if conflict is not None:
            return "conflict", f"a person decided for the {conflict.winner}; the next cycle carries it"
        if any(name in link.side(side).unsettled or name in link.side(side).forgotten for side in SIDES):
            waits = (
                last.text
                if last and last.kind in ("not carried", "refused", FROZEN)
                else "to be decided at the next look"
            )
            return "waits", waits
        one_way = {Direction.TO_RIGHT: "; travels only to the right", Direction.TO_LEFT: "; travels only to the left"}
        since = UNTOUCHED if last is None else last.text
        return "agreed", since + one_way.get(direction, "")

    # --- what is in the way ----------------------------------------------------------------------------------------

    def _reasons(self) -> Iterator[Reason]:
        if self._mapping is None:
            known = ", ".join(self._config.names)
            yield Reason(
                f'the configuration has no mapping "{self._name}" (any more); it has {known}',
                "give the mapping its former name again",
            )
            return
        found = [*self._stones(), *self._doubts(), *self._waits(), *self._seen_but_left()]
        if self._link is None and not found:
            found = [self._at_rest(self._events[-1]) if self._events else self._never_seen()]
        problem = self._store.problem(self._name)
        if problem:
            found.append(Reason(f"the mapping's last cycle could not finish: {problem}", "see to that first"))
        yield from found

    def _stones(self) -> Iterator[Reason]:
        side, key = self._meant.side, self._meant.key
        for stone in self._store.tombstones(self._name):
            if self._link is not None or stone.key(side) != key:
                continue
            partner = self._label(other(side), stone.key(other(side)))
            if stone.gone is None:
                yield Reason(
                    f"a person released it from {partner} on {stone.at:%Y-%m-%d %H:%M} UTC",
                    f"reconciler retry {self._label(side, key)} pairs the two again,"
                    " reconciler link pairs it with another",
                )
                continue
            if stone.reason == UNSEEN:
                yield Reason(
                    f"it carries our mark of {partner}, which cannot be seen; until it can it is left alone",
                    "give the account the right to see it, or remove the mark from this one",
                )
            else:
                yield Reason(
                    f"its pair with {partner} was ended on {stone.at:%Y-%m-%d %H:%M} UTC:"
                    f" {stone.reason}; since then it is left alone",
                    "take the deletion back in the tracker, and the two are paired again;"
                    " reconciler link --lift-tombstone pairs it with another",
                )

    def _doubts(self) -> Iterator[Reason]:
        for intent in self._in_doubt:
            what = {"create": "the creation of its counterpart"}.get(intent.kind, intent.kind.replace("_", " "))
            yield Reason(
                f"{what} on the {intent.side} was asked for at {intent.opened_at:%Y-%m-%d %H:%M:%S} UTC"
                " and the answer was lost",
                "nothing: the next cycles find out whether it happened, before anything else is done",
            )

    def _waits(self) -> Iterator[Reason]:
        for row in self._pending:
            yield why_waiting(self._config, self._store, row, self._now)

    def _seen_but_left(self) -> Iterator[Reason]:
        for side, key in self._keys.items():
            last = self._store.last_event(self._name, side, key)
            if last is not None and last.kind == "left alone" and self._link is None:
                yield Reason(
                    f"{last.text} (seen {last.at:%Y-%m-%d %H:%M} UTC)",
                    "bring it back from the archive, or pair it by hand: reconciler link LEFT RIGHT",
                )
            if last is not None and last.kind == "not visible":
                yield Reason(last.text, "should it come back, the feed or the next comparison of everything shows it")

    def _label(self, side: Side, key: str) -> str:
        return label_of(self._config, self._store, Reference(self._name, side, key))

    def _at_rest(self, last: Event) -> Reason:
        return Reason(
            f"it has no partner and nothing waits for it; the last of it, {last.at:%Y-%m-%d %H:%M} UTC: {last.text}",
            f"`reconciler plan {self._name}` asks both trackers what they show now",
        )

    def _never_seen(self) -> Reason:
        side = self._meant.side
        polled = self._store.watermark(self._name, side)
        if polled is None:
            return Reason(f'the mapping "{self._name}" was never synchronised', "reconciler plan, then sync --yes")
        assert self._mapping is not None
        settings = self._mapping.side(side).settings.model_dump(exclude_none=True)
        covered = ", ".join(
            f"{name} {' or '.join(value) if isinstance(value, tuple) else value}"
            for name, value in settings.items()
            if name != "tracker" and not name.startswith("create_")
        )
        return Reason(
            f'the mapping "{self._name}" never saw it on the {side} (read up to {polled:%Y-%m-%d %H:%M:%S} UTC):'
            f" either it does not exist, or it lies outside of {covered}, or it was made since;"
            " which, only the tracker knows",
            f"compare the item with these settings; `reconciler plan {self._name}` asks both trackers now",
        )
