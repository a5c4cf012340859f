"""Undo: takes one run back in one mapping, on both sides, except what was edited since; itself journalled as a run.

The plan is made from the journal's values before and after each write, and from what both sides show now. A copy that
the run made is deleted only while nobody edited it, commented on it or added a file; its pair is released before that,
so that neither a lost answer nor the next cycle can take the deletion for somebody's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from reconciler.carry import write_pairs
from reconciler.context import MappingContext
from reconciler.decide import unlink
from reconciler.errors import Gone, OutcomeUnknown, Rejected
from reconciler.mapping.correspondence import Correspondence
from reconciler.mapping.equality import same_value
from reconciler.mapping.kinship import Kinship, named_by
from reconciler.model.decision import Decision, Write
from reconciler.model.event import Event
from reconciler.model.intent import Intent
from reconciler.model.item import Item
from reconciler.model.link import Link
from reconciler.model.plan import PairPlan
from reconciler.model.reversal import Alone, Removal, Reversal, Stay
from reconciler.model.rich_text import RichText
from reconciler.model.side import SIDES, Side, other
from reconciler.reversing import EDITED, Replaced, edits, reverse_item, reverse_pair, written
from reconciler.sight import Sight
from reconciler.store import Store
from reconciler.turn import Turn
from reconciler.wording import texts_of, vocabulary_of

UNDO = "undo"
"""The command of a run that takes another one back."""

IN_DOUBT = "what became of a write to it is not known yet; the next cycle finds out"

HAPPENED = ("done", "adopted")

HANGING = {
    "comment": "a comment was copied to it; delete it by hand",
    "edit_comment": "a comment was edited",
    "delete_comment": "a comment was deleted",
    "attachment": "a file was copied to it; remove it by hand",
    "delete_attachment": "a file was removed",
    "delete": "it was deleted; restore it by hand if it is to come back",
}
"""What stays as the run left it, and is listed."""


def plan_undo(context: MappingContext, store: Store, run: int) -> Reversal:
    """What takes the run back; reads both trackers, writes nothing."""
    return _Planning(context, store, run).plan()


@dataclass(slots=True)
class _Planning:
    context: MappingContext
    store: Store
    run: int
    stays: list[Stay] = field(default_factory=list)

    def plan(self) -> Reversal:
        name, store = self.context.name, self.store
        intents = [intent for intent in store.intents_of_run(self.run) if intent.mapping == name]
        self.stays += [Stay(i.label, "", IN_DOUBT) for i in intents if i.is_open]
        happened = [intent for intent in intents if intent.outcome in HAPPENED]
        created = self._created(happened)
        made = {link.id for _, link in created}
        new = {(side, link.key(side)) for _, link in created for side in SIDES}
        updates = (i for i in happened if i.kind == "update" and (i.side, i.key) not in new)
        fields = written(updates, self.context.correspondence.renames)
        adopted = {link.id: link for link in self._links(store.links_of_run(name, self.run)) if link.id not in made}
        linked = {link.id: link for side, key in fields if (link := store.link(name, side, key))}
        alone = {place: done for place, done in fields.items() if store.link(name, *place) is None}
        everything = {**linked, **adopted, **{link.id: link for _, link in created}}
        items = self._read(everything.values(), alone)
        corr = self._correspondence(everything.values(), items, fields)
        pairs: list[PairPlan] = []
        released: list[Link] = []
        for link in {**linked, **adopted}.values():
            pair = self._pair(corr, link, items, fields, separate=link.id in adopted)
            if pair is not None:
                pairs.append(pair)
                if link.id in adopted and self._may_release(link):
                    released.append(link)
        removals = [one for side, link in reversed(created) if (one := self._removal(side, link, items))]
        self._list_hanging(happened, {(one.side, one.copy.key) for one in removals})
        return Reversal(
            name, tuple(pairs), tuple(self._alone(alone, items)), tuple(removals), tuple(released), tuple(self.stays)
        )

    def _links(self, ids: Iterable[int]) -> list[Link]:
        return [link for link_id in ids if (link := self.store.link_by_id(link_id)) is not None]

    def _created(self, happened: Iterable[Intent]) -> list[tuple[Side, Link]]:
        """The side of each copy that the run made, and its pair, in the order in which they were made."""
        found = []
        for intent in happened:
            if intent.kind != "create":
                continue
            link = self.store.link(self.context.name, other(intent.side), intent.source_key)
            if link is None:
                self.stays.append(Stay(intent.label, "", "its copy is no part of a pair any more"))
            else:
                found.append((intent.side, link))
        return found

    def _read(self, links: Iterable[Link], alone: Iterable[tuple[Side, str]]) -> dict[tuple[Side, str], Item]:
        keys: dict[Side, list[str]] = {side: [link.key(side) for link in links] for side in SIDES}
        for side, key in alone:
            keys[side].append(key)
        found: dict[tuple[Side, str], Item] = {}
        for side in SIDES:
            wanted = list(dict.fromkeys(keys[side]))
            read = self.context.trackers[side].read(self.context.scopes[side], wanted) if wanted else {}
            found |= {(side, key): item for key, item in read.items()}
        return found

    def _correspondence(
        self,
        links: Iterable[Link],
        items: Mapping[tuple[Side, str], Item],
        fields: Mapping[tuple[Side, str], Mapping[str, Replaced]],
    ) -> Correspondence:
        """Knowing the people, the parents and the links in texts that are named, now or before."""
        self.context.meet({side: [item for (s, _), item in items.items() if s == side] for side in SIDES})
        pairs = [(link.key("left"), link.key("right")) for link in links]
        for side in SIDES:
            keys = {key for (s, _), item in items.items() if s == side for key in named_by(item.fields)}
            befores = ({n: one.before for n, one in done.items()} for (s, _), done in fields.items() if s == side)
            keys |= {key for before in befores for key in named_by(before)}
            partners = self.store.partners(self.context.name, side, keys).items()
            pairs += [(key, partner) if side == "left" else (partner, key) for key, partner in partners]
        texts = {
            side: [
                *texts_of(item for (s, _), item in items.items() if s == side),
                *(v for (s, _), one in fields.items() if s == side for v in _texts(one)),
            ]
            for side in SIDES
        }
        corr = self.context.correspondence.knowing(Kinship().with_pairs(pairs))
        return corr.speaking(vocabulary_of(self.context, self.store, texts))

    def _pair(
        self,
        corr: Correspondence,
        link: Link,
        items: Mapping[tuple[Side, str], Item],
        fields: Mapping[tuple[Side, str], Mapping[str, Replaced]],
        *,
        separate: bool,
    ) -> PairPlan | None:
        seen = {side: items.get((side, link.key(side))) for side in SIDES}
        missing = [side for side in SIDES if seen[side] is None]
        if missing:
            self.stays.append(Stay(link.side(missing[0]).item.label, "", "it is not visible any more"))
            return None
        if any(i.key == link.key(i.side) for i in self.store.open_intents(self.context.name)):
            self.stays.append(Stay(link.left.item.label, "", IN_DOUBT))
            return None
        both = {side: item for side, item in seen.items() if item is not None}
        by_side = {side: fields.get((side, link.key(side)), {}) for side in SIDES}
        reason = f"run {self.run} undone"
        if not separate:
            pair, stays = reverse_pair(corr, link, both, by_side, reason)
            self.stays += stays
            return pair
        decisions: list[Decision] = []
        for side in SIDES:  # each gets back what it was before the two were a pair
            writes, stays = reverse_item(side, both[side], by_side[side])
            self.stays += stays
            decisions += [Decision(name, reason, (write,)) for name, write in writes.items()]
        decided = {decision.field for decision in decisions}
        changed = {name for side in SIDES for name in edits(corr, link, side, both[side])}
        decisions += [Decision(name, EDITED, settled=False) for name in sorted(changed - decided)]
        return PairPlan(both["left"], both["right"], tuple(decisions), link=link)

    def _may_release(self, link: Link) -> bool:
        """Whether nothing travelled between the two since the run that paired them."""
        later = any(event.run != self.run for side in SIDES for event in self._written_to(link, side))
        if later:
            label = link.left.item.label
            self.stays.append(Stay(label, "", f"{EDITED}, so it stays a pair; `reconciler unlink {label}` ends that"))
        return not later

    def _written_to(self, link: Link, side: Side) -> Iterator[Event]:
        """What was carried to that side since the two are a pair; what undid something is no edit."""
        for event in self.store.events(1, 10_000, self.context.name, [link.key(side)]):
            if event.kind == "updated" and event.side == side and event.at >= link.created_at:
                run = self.store.run(event.run) if event.run else None
                if run is None or run.command != UNDO:
                    yield event

    def _removal(self, side: Side, link: Link, items: Mapping[tuple[Side, str], Item]) -> Removal | None:
        copy = items.get((side, link.key(side)))
        label = link.side(side).item.label
        if copy is None:
            self.stays.append(Stay(label, "", "it is not visible any more"))
            return None
        # What came from the copy was written to its original.
        travelled = any(True for _ in self._written_to(link, other(side)))
        if travelled or edits(self.context.correspondence, link, side, copy):
            self.stays.append(Stay(label, "", f"made by the run, and {EDITED}"))
            return None
        comments = self.context.trackers[side].comments(self.context.scopes[side], copy)
        if any(comment.origin is None for comment in comments):
            self.stays.append(Stay(label, "", "made by the run, and somebody commented on it"))
            return None
        if self._has_files_of_its_own(side, link, copy):
            self.stays.append(Stay(label, "", "made by the run, and somebody added a file"))
            return None
        return Removal(side, link, copy)

    def _has_files_of_its_own(self, side: Side, link: Link, copy: Item) -> bool:
        """Whether files would go with the copy that are nowhere else."""
        tracker = self.context.trackers[side]
        if not tracker.may_have_attachments(copy):
            return False
        pairs = [(pair.side(side), pair.side(other(side))) for pair in self.store.attachment_links(link.id)]
        elsewhere = {mine.key for mine, original in pairs if mine is not None and original is not None}
        files = tracker.attachments(self.context.scopes[side], copy)
        return any(not file.ours and file.key not in elsewhere for file in files)

    def _alone(
        self, alone: Mapping[tuple[Side, str], Mapping[str, Replaced]], items: Mapping[tuple[Side, str], Item]
    ) -> Iterable[Alone]:
        for (side, key), fields in alone.items():
            item = items.get((side, key))
            if item is None:
                self.stays.append(Stay(key, "", "it is not visible any more"))
                continue
            writes, stays = reverse_item(side, item, fields)
            self.stays += stays
            if writes:
                yield Alone(side, item, writes)

    def _list_hanging(self, happened: Iterable[Intent], removed: set[tuple[Side, str]]) -> None:
        for intent in happened:
            if intent.kind in HANGING and (intent.side, intent.key) not in removed:
                self.stays.append(Stay(intent.label, "", HANGING[intent.kind]))


def _texts(fields: Mapping[str, Replaced]) -> Iterator[RichText]:
    for replaced in fields.values():
        yield from (value for value in (replaced.before, replaced.after) if isinstance(value, RichText))


def carry_out(turn: Turn, reversal: Reversal) -> list[Stay]:
    """Writes what the reversal says. Returns what was refused or moved meanwhile; doing it again takes up what is left.
    Raises Unavailable and Unauthorized where a tracker cannot go on; what was done until then is committed."""
    failed: list[Stay] = []
    pairs = [pair for pair in reversal.pairs if pair.needs_requests()]
    list(write_pairs(turn, pairs, Sight(turn, pairs)))
    for pair in pairs:
        _see_again(turn, pair)
        failed += _not_written(turn, pair)
    stuck = {stay.item for stay in failed}
    for link in reversal.released:
        if not stuck & {link.side(side).item.label for side in SIDES}:
            unlink(turn.store, turn.clock, link)
    for alone in reversal.alone:
        failed += _write_alone(turn, alone)
    for removal in reversal.removals:
        failed += _remove(turn, removal)
    return failed


def _see_again(turn: Turn, pair: PairPlan) -> None:
    """What was edited since and not carried yet is the next cycle's."""
    if any(not decision.settled for decision in pair.decisions):
        turn.again("left", pair.left.key, EDITED)


def _not_written(turn: Turn, pair: PairPlan) -> list[Stay]:
    assert pair.link is not None
    link = turn.store.link_by_id(pair.link.id)

    def is_there(name: str, write: Write) -> bool:
        return link is not None and same_value(name, link.side(write.side).item.fields.get(name), write.after)

    return [
        Stay(pair.item(write.side).label, decision.field, "could not be written; `reconciler log` says why")
        for decision in pair.decisions
        for write in decision.writes
        if not is_there(decision.field, write)
    ]


def _write_alone(turn: Turn, alone: Alone) -> list[Stay]:
    side, item = alone.side, alone.item
    tracker, scope = turn.context.trackers[side], turn.context.scopes[side]
    before = {name: write.before for name, write in alone.writes.items()}
    after = {name: write.after for name, write in alone.writes.items()}
    try:
        with turn.journalled(
            "update", side, key=item.key, label=item.label, before=before, after=after, base_revision=item.revision
        ) as intent:
            list(tracker.update(scope, item, after))
    except OutcomeUnknown as error:
        turn.in_doubt(error)
        return [Stay(item.label, "", str(error))]
    except Rejected as error:
        return [Stay(item.label, "", str(error))]
    with turn.store.transaction():
        turn.store.close_intent(intent, "done")
        names = ", ".join(after)
        turn.event("updated", f"{item.label}: {names} as before", side=side, key=item.key)
    turn.report.updates[turn.tracker_name(side)] += 1
    return []


def _remove(turn: Turn, removal: Removal) -> list[Stay]:
    side, copy, link, store = removal.side, removal.copy, removal.link, turn.store
    tracker, scope = turn.context.trackers[side], turn.context.scopes[side]
    now = tracker.read(scope, [copy.key]).get(copy.key)
    if now is not None and now.revision != copy.revision:
        return [Stay(copy.label, "", EDITED)]
    facts = {"key": copy.key, "label": copy.label, "before": copy.fields, "base_revision": copy.revision}

    def release() -> None:
        unlink(store, turn.clock, link)

    try:
        with turn.journalled("delete", side, together=release, **facts) as intent:
            tracker.delete(scope, copy)
    except Gone:
        return []
    except OutcomeUnknown as error:
        turn.in_doubt(error)
        return [Stay(copy.label, "", f"{error}; the pair is released")]
    except Rejected as error:
        with store.transaction():  # it certainly stays, so the two are a pair as before
            store.remove_release(turn.name, link.key("left"), link.key("right"))
            store.add_link(turn.name, link.left, link.right, run=None, added=())
        return [Stay(copy.label, "", str(error))]
    with store.transaction():
        store.close_intent(intent, "done")
        turn.event("deleted", f"{copy.label}: its creation was undone", side=side, key=copy.key)
    turn.report.deletes[turn.tracker_name(side)] += 1
    return []
