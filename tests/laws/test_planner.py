"""Laws of the plan: what is decided about a whole crowd of items at once."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from reconciler.diff import diff
from reconciler.mapping.equality import identities, people
from reconciler.mapping.kinship import named
from reconciler.model.field import FIELDS, LINKS, Kind
from reconciler.model.plan import DeleteAction, Plan
from reconciler.model.policy import OnDelete
from reconciler.model.side import SIDES, Side, other
from reconciler.planner import make_plan
from tests.laws.crowds import Crowd, crowds, key_of, shuffled

_crowds = crowds()


def plan_of(crowd: Crowd) -> Plan:
    return make_plan(crowd.corr, crowd.facts, key_of)


def _operations(plan: Plan) -> dict[object, object]:
    """What a plan does, by the items it does it to."""
    done: dict[object, object] = {("create", c.side, c.source.key): c.draft for c in plan.creates}
    done |= {("pair", p.left.key, p.right.key): p.decisions for p in plan.pairs}
    done |= {("delete", d.side, d.victim.key): (d.action, d.changes) for d in plan.deletes}
    done |= {
        ("ambiguous", g.title.strip().casefold()): Counter(i.key for i in (*g.left, *g.right)) for g in plan.ambiguous
    }
    return done


@given(_crowds, st.data())
def test_the_order_of_the_facts_makes_no_difference(crowd: Crowd, order: st.DataObject) -> None:
    plan, again = plan_of(crowd), plan_of(replace(crowd, facts=shuffled(crowd.facts, order)))
    assert _operations(plan) == _operations(again)
    assert plan.creates == again.creates, "copies are made in the order in which the originals were"
    assert sorted(plan.notes) == sorted(again.notes)
    assert plan.digest == again.digest


@given(_crowds)
def test_every_item_takes_part_in_one_operation_at_most(crowd: Crowd) -> None:
    plan = plan_of(crowd)
    parts: Counter[tuple[Side, str]] = Counter((other(c.side), c.source.key) for c in plan.creates)
    parts.update((side, pair.item(side).key) for pair in plan.pairs for side in SIDES)
    parts.update((side, delete.link.key(side)) for delete in plan.deletes for side in SIDES)
    parts.update(("left", item.key) for group in plan.ambiguous for item in group.left)
    parts.update(("right", item.key) for group in plan.ambiguous for item in group.right)
    assert max(parts.values(), default=1) == 1


@given(_crowds)
def test_nothing_is_made_from_what_has_a_partner_or_must_not_be_copied(crowd: Crowd) -> None:
    facts = crowd.facts
    for create in plan_of(crowd).creates:
        side, source = other(create.side), create.source
        forbidden = facts.linked_keys[side] | facts.untouchable[side] | facts.waiting[side]
        assert source.key not in forbidden
        assert not source.archived
        assert facts.items[side][source.key] is source


@given(_crowds)
def test_a_pair_that_nobody_changed_is_left_alone(crowd: Crowd) -> None:
    for pair in plan_of(crowd).pairs:
        if pair.link is not None and not any(diff(pair.link.side(s).base, pair.item(s)) for s in SIDES):
            assert pair.decisions == ()


@given(_crowds)
def test_every_pair_with_news_is_decided_unless_its_end_is_proved(crowd: Crowd) -> None:
    planned = {pair.link.id for pair in plan_of(crowd).pairs if pair.link}
    ended = {link.id for link, _ in crowd.facts.deleted}
    assert planned == {link.id for link in crowd.facts.links} - ended


@given(_crowds)
def test_only_what_is_proved_deleted_ends_its_partner_and_an_edit_beats_it(crowd: Crowd) -> None:
    policy, plan = crowd.corr.policy, plan_of(crowd)
    assert [(d.link.id, other(d.side)) for d in plan.deletes] == [(link.id, side) for link, side in crowd.facts.deleted]
    for delete in plan.deletes:
        assert delete.victim.key == delete.link.key(delete.side)
        changes = diff(delete.link.side(delete.side).base, delete.victim)
        partner = partial(crowd.facts.kinship.partner, delete.side)
        # To name an item that has no counterpart, or no more, is nobody's edit.
        linked = {n: named(changes[n].before) + named(changes[n].after) for n in LINKS if n in changes}
        alone = [n for n, keys in linked.items() if not any(partner(k) for k in keys if keys.count(k) == 1)]
        if (moved := changes.get("parent")) and not partner(moved.before if moved.after is None else moved.after):
            alone.append("parent")
        edited = [name for name in changes if name not in alone]
        if delete.action is DeleteAction.DELETE:
            assert policy.on_delete is OnDelete.DELETE
            assert not edited
        if delete.action is DeleteAction.CLOSE:
            assert policy.on_delete is OnDelete.CLOSE
            assert not edited
        assert delete.changes.keys() <= {"state"}
        assert not delete.changes or delete.action is DeleteAction.CLOSE
    assert not plan_of(replace(crowd, facts=replace(crowd.facts, deleted=()))).deletes


@given(_crowds)
def test_a_copy_holds_what_its_original_shows_in_the_words_of_its_side(crowd: Crowd) -> None:
    corr = crowd.corr
    for create in plan_of(crowd).creates:
        fields, source = create.draft.fields, create.source
        assert {"type", "title"} <= fields.keys()
        assert fields["title"] == source.title
        for name in FIELDS:
            if name not in fields or name in ("type", "title"):
                continue
            assert corr.policy.travels(name, create.side)
            if FIELDS[name] is Kind.PEOPLE:
                there, _ = corr.people_on(create.side, people(source.fields[name]))
                assert identities(people(fields[name])) <= identities(there)
                assert corr.people[create.side].several or len(people(fields[name])) == 1
            else:
                left, right = (fields, source.fields) if create.side == "left" else (source.fields, fields)
                assert corr.agree(name, left[name], right[name], str(left["type"]), str(right["type"]))
        assert create.draft.origin.url == source.url


@given(_crowds)
def test_leaving_one_linked_pair_out_changes_nothing_for_the_others(crowd: Crowd) -> None:
    facts = crowd.facts
    if not facts.links:
        return
    link, *rest = facts.links
    less = replace(
        facts,
        links=tuple(rest),
        deleted=tuple((other_link, side) for other_link, side in facts.deleted if other_link.id != link.id),
        items={s: {k: i for k, i in facts.items[s].items() if k != link.key(s)} for s in SIDES},
    )
    everything, without = _operations(plan_of(crowd)), _operations(plan_of(replace(crowd, facts=less)))
    assert len(everything) == len(without) + 1
    assert {key: everything.get(key) for key in without} == without
