"""Laws of the merge: one base, changed on both sides."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from reconciler.mapping.correspondence import merged_people, merged_tags
from reconciler.mapping.equality import folded_tags, identities, is_empty, people, same_value, tags
from reconciler.mapping.kinship import named
from reconciler.merge import resolve
from reconciler.model.decision import Decision
from reconciler.model.field import FIELDS, LINKS, SETS, Kind, Value
from reconciler.model.policy import Direction, Rule
from reconciler.model.rich_text import RichText
from reconciler.model.side import SIDES, Side, other
from reconciler.richtext import lines
from tests.laws import strategies as some
from tests.laws.pair import Pair, stored

_sides = st.sampled_from(SIDES)
_LEFT_AS_IT_IS = (
    "nothing on the",
    "what it named on the",
    "one side has no priority yet",
    "one side has no such field",
)


# --- form ----------------------------------------------------------------------------------------------------------


@given(some.pairs())
def test_what_nobody_changed_is_not_decided(pair: Pair) -> None:
    changed = {name for side in SIDES for name in pair.changes(side)}
    assert [d.field for d in pair.decisions()] == [name for name in FIELDS if name in changed]


@given(some.pairs() | some.pairs(past=False))
def test_a_write_says_what_is_there_and_sets_something_else(pair: Pair) -> None:
    for decision in pair.decisions():
        assert len({write.side for write in decision.writes}) == len(decision.writes)
        for write in decision.writes:
            assert write.before == pair.now[write.side].fields[decision.field]
            assert not same_value(decision.field, write.before, write.after)


@given(some.pairs() | some.pairs(past=False))
def test_nothing_is_written_against_the_direction_of_its_field(pair: Pair) -> None:
    policy = pair.corr.policy
    assert all(policy.travels(d.field, write.side) for d in pair.decisions() for write in d.writes)


@given(some.pairs(tables=False) | some.pairs(tables=False, past=False))
def test_exchanging_the_sides_mirrors_the_merge(pair: Pair) -> None:
    assume(pair.now["left"].changed_at != pair.now["right"].changed_at)  # a tie has to fall to one of the two
    there, here = pair.decisions(), some.mirrored(pair).decisions()
    assert [_outcome(d, mirror=False) for d in there] == [_outcome(d, mirror=True) for d in here]


def _outcome(decision: Decision, *, mirror: bool) -> object:
    """What a decision does, without its words. The order of members is no part of a set."""

    def side(name: Side) -> Side:
        return other(name) if mirror else name

    def value(kept: object) -> object:
        return frozenset(kept) if isinstance(kept, tuple) else kept

    conflict = decision.conflict
    winner = side(conflict.winner) if conflict and conflict.winner else None
    writes = frozenset((side(w.side), value(w.before), value(w.after)) for w in decision.writes)
    return decision.field, decision.settled, bool(decision.note), conflict is not None, winner, writes


# --- both sides become equal ---------------------------------------------------------------------------------------


@given(some.pairs() | some.pairs(past=False))
def test_once_carried_out_a_merge_has_nothing_left_to_write(pair: Pair) -> None:
    after = pair.settled()
    again = after.decisions()
    assert [d for d in again if d.writes] == []
    assert {d.field for d in again} <= {d.field for d in pair.decisions() if not d.settled}


@given(some.pairs() | some.pairs(past=False))
def test_once_carried_out_both_sides_agree_or_a_decision_says_why_not(pair: Pair) -> None:
    decided = {d.field: d for d in pair.decisions()}
    after = pair.settled()
    for name in after.common_fields():
        if name in decided:
            assert after.agree(name) or _says_why(pair, decided[name]), decided[name]


def _says_why(pair: Pair, decision: Decision) -> bool:
    one_way = pair.corr.policy.direction_of(decision.field) is not Direction.BOTH
    return one_way or not decision.settled or bool(decision.note) or decision.reason.startswith(_LEFT_AS_IT_IS)


@given(some.histories(both_ways=True))
def test_a_pair_that_goes_on_being_edited_comes_to_rest_and_agrees(history: tuple[Pair, some.Edits]) -> None:
    """Edits fall between any two rounds; after the last one nothing is ever written again."""
    pair, edits = history
    for number, (side, dice) in enumerate(edits):
        pair = some.edited(pair, side, dice, 10 * number)
        if dice.often():
            pair = pair.settled()
    pair = pair.settled()
    assert not [d for d in pair.decisions() if d.writes]
    held = {d.field for d in pair.decisions()}
    assert held >= {name for side in SIDES for name in pair.changes(side)}
    assert not [d for d in pair.decisions() if d.settled], "what is settled is decided once"


# --- nothing is lost -----------------------------------------------------------------------------------------------


@given(some.pairs() | some.pairs(past=False))
def test_every_value_somebody_set_is_still_there_or_kept_in_a_conflict(pair: Pair) -> None:
    decided = {d.field: d for d in pair.decisions()}
    after = pair.settled()
    for side in SIDES:
        for name, change in pair.changes(side).items():
            if after.shows(side, name, change.after) or FIELDS[name] in SETS:
                continue  # sets: by member, below
            if pair.corr.policy.direction_of(name) is not Direction.BOTH:
                continue  # whoever lets a field travel one way gives up what is typed at its end
            conflict = decided[name].conflict
            if conflict is None and FIELDS[name] is Kind.RICH_TEXT and change.known_before:
                for each in SIDES:
                    assert _shown(change.after) - _shown(change.before) <= _shown(after.now[each].fields[name])
                continue
            if conflict is None and not change.known_before:
                # Nothing is lost with an empty value, or with the default that an item just matched was born with.
                assert is_empty(change.after) or name == "type", name
                continue
            assert conflict is not None, name
            assert (conflict.left if side == "left" else conflict.right) == change.after


@given(some.pairs() | some.pairs(past=False))
def test_a_conflict_keeps_both_values_as_they_are_and_follows_its_rule(pair: Pair) -> None:
    for decision in pair.decisions():
        conflict = decision.conflict
        if conflict is None:
            continue
        assert {"left", "right"} == {side for side in SIDES if decision.field in pair.changes(side)}
        assert not pair.agree(decision.field)
        assert (conflict.left, conflict.right) == tuple(pair.now[side].fields[decision.field] for side in SIDES)
        assert conflict.rule == pair.corr.policy.rule_for(decision.field)
        assert conflict.winner == _winner(conflict.rule, pair)
        assert all(write.side != conflict.winner for write in decision.writes)
        if conflict.winner is None:
            assert not decision.settled
            assert not decision.writes


def _winner(rule: Rule, pair: Pair) -> Side | None:
    newest: Side = "right" if pair.now["right"].changed_at > pair.now["left"].changed_at else "left"
    return {Rule.LEFT: "left", Rule.RIGHT: "right", Rule.NEWEST: newest, Rule.HOLD: None}[rule]  # type: ignore[return-value]


@given(some.pairs())
def test_the_rule_makes_no_difference_where_only_one_side_changed(pair: Pair) -> None:
    only = Pair(pair.corr, pair.snapshots, {**pair.now, "right": pair.snapshots["right"].item})
    for rule in Rule:
        policy = replace(pair.corr.policy, conflict=rule, conflicts={})
        assert replace(only, corr=some.rebuilt(pair.corr, policy)).decisions() == only.decisions()


@given(some.pairs(both_ways=True), _sides)
def test_a_change_of_one_side_alone_always_travels(pair: Pair, side: Side) -> None:
    pair = Pair(pair.corr, pair.snapshots, {**pair.now, other(side): pair.snapshots[other(side)].item})
    after, decided = pair.settled(), {d.field: d for d in pair.decisions()}
    for name, change in pair.changes(side).items():
        lost = FIELDS[name] is Kind.ITEM and change.after is None
        if lost and pair.corr.kinship.partner(side, change.before) is None:
            continue  # lost with what it named, which is nobody's edit
        cleared = FIELDS[name] is Kind.PEOPLE and is_empty(change.after)  # the next assignee may follow
        assert cleared or after.now[side].fields[name] == pair.now[side].fields[name], "nothing comes back"
        if name in after.common_fields():
            assert after.agree(name) or _says_why(pair, decided[name]), name


@given(some.pairs() | some.pairs(past=False))
def test_what_is_written_comes_from_the_other_side_and_from_nowhere_else(pair: Pair) -> None:
    for decision in pair.decisions():
        for write in decision.writes:
            source = pair.now[other(write.side)].fields[decision.field]
            match FIELDS[decision.field]:
                case Kind.CHOICE:
                    assert write.after is None or write.after in _words(pair, write.side, decision.field)
                case Kind.TAGS:
                    assert folded_tags(tags(write.after)) <= folded_tags((*tags(source), *tags(write.before)))
                case Kind.PEOPLE:
                    there = {pair.corr.person_on(write.side, person) for person in people(source)}
                    assert identities(people(write.after)) <= identities((*filter(None, there), *people(write.before)))
                case Kind.RICH_TEXT:
                    assert _shown(write.after) <= _shown(source) | _shown(write.before)
                case Kind.ITEM:
                    partners = pair.corr.kinship.partners[other(write.side)]
                    assert write.after == (None if source is None else partners[str(source)])
                case Kind.ITEMS:
                    partner = pair.corr.kinship.partner
                    there = {partner(other(write.side), key) for key in named(source)}
                    assert {*named(write.after)} <= there | {*named(write.before)}
                case _:
                    assert write.after == source


def _shown(text: Value) -> set[str]:
    return {word for line in lines(text) for word in line.text.split()} if isinstance(text, RichText) else set()


def _words(pair: Pair, side: Side, field: str) -> set[object]:
    schema = pair.corr.schemas[side]
    match field:
        case "type":
            return set(schema.types)
        case "priority":
            return set(schema.priorities)
        case _:
            return {state.name for kind in schema.types.values() for state in kind.states}


# --- sets ----------------------------------------------------------------------------------------------------------


@given(some.pairs(both_ways=True), _sides)
def test_tags_that_either_side_added_or_removed_stay_so_on_both(pair: Pair, side: Side) -> None:
    assume("tags" in pair.common_fields())
    before = {s: _names(pair, s, pair.snapshots[s].item.fields["tags"]) for s in SIDES}
    now = {s: _names(pair, s, pair.now[s].fields["tags"]) for s in SIDES}
    after = pair.settled()
    shown = _names(pair, side, after.now[side].fields["tags"])
    added = {s: now[s] - before[s] for s in SIDES}
    removed = {s: before[s] - now[s] for s in SIDES}
    assert added["left"] | added["right"] <= shown
    assert not (removed["left"] | removed["right"]) & (shown - added["left"] - added["right"])
    assert (before["left"] & before["right"]) - removed["left"] - removed["right"] <= shown


def _names(pair: Pair, side: Side, names: object) -> frozenset[str]:
    return folded_tags(tags(pair.corr.kept("tags", names)))  # type: ignore[arg-type]


@given(some.pairs(both_ways=True, several=True))
def test_people_whom_either_side_added_are_assigned_on_both_where_both_take_several(pair: Pair) -> None:
    assume("assignees" in pair.common_fields())
    after = pair.settled()
    for side in SIDES:
        before = identities(people(pair.snapshots[side].item.fields["assignees"]))
        now = people(pair.now[side].fields["assignees"])
        added = [person for person in now if person.identity not in before]
        gone = before - identities(now)
        assert identities(added) <= identities(people(after.now[side].fields["assignees"]))
        there = identities(people(after.now[other(side)].fields["assignees"]))
        assert identities(pair.corr.people_on(other(side), added)[0]) <= there
        assert not gone & identities(people(after.now[side].fields["assignees"])) - _added(pair, other(side))


def _added(pair: Pair, side: Side) -> frozenset[str]:
    """Whom `side` added, as the other side knows them."""
    before = identities(people(pair.snapshots[side].item.fields["assignees"]))
    new = [person for person in people(pair.now[side].fields["assignees"]) if person.identity not in before]
    return identities(pair.corr.people_on(other(side), new)[0])


@given(some.pairs(both_ways=True))
def test_a_side_that_takes_one_person_never_gets_two(pair: Pair) -> None:
    for decision in pair.decisions():
        for write in decision.writes:
            if decision.field == "assignees" and not pair.corr.people[write.side].several:
                assert len(people(write.after)) <= 1


@given(some.pairs(both_ways=True), st.sampled_from(LINKS), _sides)
def test_links_that_either_side_made_or_removed_stay_so_on_both_and_others_are_left_alone(
    pair: Pair, name: str, side: Side
) -> None:
    partner, far = pair.corr.kinship.partner, other(side)
    before = {s: {*named(pair.snapshots[s].item.fields[name])} for s in SIDES}
    now = {s: {*named(pair.now[s].fields[name])} for s in SIDES}
    shown = {*named(pair.settled().now[side].fields[name])}
    made = {partner(far, key) for key in now[far] - before[far]} - {None}
    gone = {partner(far, key) for key in before[far] - now[far]} - {None}
    assert shown == (now[side] - gone) | made
    assert {key for key in shown ^ now[side] if partner(side, key) is None} == set()


_members = st.lists(st.sampled_from(some.TAGS), max_size=4, unique_by=str.casefold).map(tuple)


@given(_members, _members, _members)
def test_merging_members_takes_exactly_what_was_added_and_removed(
    before: tuple[str, ...], after: tuple[str, ...], present: tuple[str, ...]
) -> None:
    merged = folded_tags(merged_tags(before, after, present))
    one, two, three = folded_tags(before), folded_tags(after), folded_tags(present)
    assert merged == (three - (one - two)) | (two - one)
    assert len(merged_tags(before, after, present)) == len(merged), "no member twice"
    assert merged_tags(before, after, merged_tags(before, after, present)) == merged_tags(before, after, present)


@given(*[some.thrown(lambda dice: tuple(dice.some(some.PEOPLE["right"], 3)))] * 3)
def test_merging_people_takes_exactly_who_was_added_and_removed(
    before: tuple[some.Person, ...], after: tuple[some.Person, ...], present: tuple[some.Person, ...]
) -> None:
    merged = identities(merged_people(before, after, present))
    one, two, three = identities(before), identities(after), identities(present)
    assert merged == (three - (one - two)) | (two - one)


# --- a person decides ----------------------------------------------------------------------------------------------


@given(some.pairs(), _sides, st.sampled_from(list(FIELDS)))
def test_what_a_person_decides_is_carried_and_the_other_value_kept(pair: Pair, winner: Side, name: str) -> None:
    assume(name in pair.common_fields() and FIELDS[name] not in SETS)
    decision = resolve(pair.corr, pair.now["left"], pair.now["right"], name, winner)
    assert decision.conflict is not None
    assert decision.conflict.winner == winner
    assert all(write.side == other(winner) for write in decision.writes)
    loser = other(winner)
    for write in decision.writes:
        shown = stored(pair.corr, loser, name, write.after)
        item = replace(pair.now[loser], fields={**pair.now[loser].fields, name: shown})
        assert Pair(pair.corr, pair.snapshots, {**pair.now, loser: item}).agree(name)
