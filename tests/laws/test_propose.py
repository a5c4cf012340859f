"""Laws of what `init` proposes: whatever two sides are called, a file made of it is valid and means what it says."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.config.draft import DraftSide, DraftTracker, draft
from reconciler.mapping.choices import fold
from reconciler.mapping.custom_fields import join
from reconciler.mapping.tables import unknown_names
from reconciler.model.custom_field import CustomField, FieldPair
from reconciler.model.field import Kind
from reconciler.model.person import Person
from reconciler.model.policy import Policy, TypeTable
from reconciler.model.schema import Category, Schema, State, TypeSchema
from reconciler.propose import DOUBTFUL, SURE, Proposal, Survey, alike, places, propose

NAMES = st.one_of(
    st.sampled_from(["New", "To Do", "Active", "in progress", "Resolved", "in review", "blocked", "Closed", "Done"]),
    st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=8).filter(
        lambda text: text.strip() == text
    ),
).filter(lambda text: fold(text) == fold(text).strip() != "")


def unlike(names: list[str]) -> bool:
    return len({fold(name) for name in names}) == len(names)


def several(least: int = 1, most: int = 5) -> st.SearchStrategy[list[str]]:
    return st.lists(NAMES, min_size=least, max_size=most, unique_by=fold).filter(unlike)


@st.composite
def surveys(draw: st.DrawFn) -> Survey:
    states = [State(name, draw(st.sampled_from(Category))) for name in draw(several())]
    types = {name: TypeSchema(name, tuple(states), frozenset()) for name in draw(several(most=3))}
    priorities = tuple(draw(several(least=0)))
    fields = tuple(
        CustomField(f"id-{n}", name, kind, kind.value, ("a", "b") if kind is Kind.CHOICE else (), draw(st.booleans()))
        for n, name in enumerate(draw(several(least=0)))
        for kind in [draw(st.sampled_from([Kind.TEXT, Kind.CHOICE, Kind.NUMBER, Kind.DATE]))]
    )
    people = tuple(
        Person(f"{n}@{draw(st.sampled_from(['example.com', 'agency.example.com']))}", name)
        for n, name in enumerate(draw(st.lists(st.sampled_from(["Mara L", "Piet O", "Noor T", ""]), max_size=4)))
    )
    return Survey(Schema(types, priorities, next(iter(types))), fields, people)


def policy_of(found: Proposal) -> Policy:
    """What the configuration says if every proposal is kept, the doubtful ones too."""
    return Policy(
        "web",
        states={entry.left: entry.right for entry in found.states},
        types={entry.left: TypeTable(entry.right[0], {}) for entry in found.types},
        priorities={entry.left: entry.right[0] for entry in found.priorities},
        people={entry.left: entry.right[0] for entry in found.people},
        custom_fields=tuple(
            FieldPair(entry.left.id, entry.right.id, entry.direction, entry.values) for entry in found.fields
        ),
    )


@given(surveys(), surveys())
def test_every_name_that_is_proposed_exists(left: Survey, right: Survey) -> None:
    policy = policy_of(propose(left, right))
    assert unknown_names(policy, left.schema, right.schema) == []
    joined, misfits = join(policy.custom_fields, {"left": left.fields, "right": right.fields})
    assert misfits == ()
    assert len(joined) == len(policy.custom_fields)


@given(surveys(), surveys())
def test_nobody_and_nothing_is_in_two_pairs(left: Survey, right: Survey) -> None:
    found = propose(left, right)
    for entries in (found.states, found.types, found.priorities, found.people):
        assert unlike([entry.left for entry in entries])
        assert all(0 <= entry.confidence <= 100 for entry in entries)
    assert unlike([address for entry in found.people for address in entry.right])
    for side in ("left", "right"):
        ids = [getattr(entry, side).id for entry in found.fields]
        assert len(set(ids)) == len(ids)


@given(surveys())
def test_a_side_is_like_itself(one: Survey) -> None:
    found = propose(one, one)
    assert {entry.left: entry.right[0] for entry in found.states} == {e.left: e.left for e in found.states}
    assert all(entry.confidence == 100 for entry in (*found.states, *found.priorities))
    assert found.types == found.people == ()
    assert [entry.left for entry in found.fields] == [entry.right for entry in found.fields]


@given(surveys(), surveys(), st.randoms())
def test_the_order_of_people_does_not_matter(left: Survey, right: Survey, random: object) -> None:
    shuffled = sorted(right.people, key=lambda person: random.random())  # type: ignore[attr-defined]
    assert propose(left, right).people == propose(left, Survey(right.schema, right.fields, tuple(shuffled))).people


@given(NAMES, NAMES)
def test_likeness_is_symmetric_and_equal_names_alone_are_certain(one: str, other: str) -> None:
    assert alike(one, other) == alike(other, one)
    assert (alike(one, other) == 100) == (fold(one) == fold(other))


@given(several(most=6), several(most=6))
def test_places_are_paired_once(left: list[str], right: list[str]) -> None:
    found = places(left, right)
    assert len({i for i, _, _ in found}) == len({j for _, j, _ in found}) == len(found)
    scores = [score for _, _, score in found]
    assert scores == sorted(scores, reverse=True)
    assert all(score >= DOUBTFUL for score in scores)


@given(surveys(), surveys(), NAMES)
def test_a_draft_is_toml_that_says_what_was_sure(left: Survey, right: Survey, place: str) -> None:
    found = propose(left, right)
    trackers = [DraftTracker("ado", "one", {"kind": "azure-devops", "url": place, "token": "$ADO_PAT"})]
    sides = DraftSide("ado", place, {"project": place, "types": ["Task"]}), DraftSide("ado", "b", {"list": "901"})
    mapping = tomllib.loads(draft(trackers, "web", *sides, found, "a.schema.json"))["mappings"][0]
    assert mapping["left"]["project"] == place
    states = {entry.left: list(entry.right) for entry in found.states if entry.sure}
    assert {n: [e] if isinstance(e, str) else e for n, e in mapping.get("states", {}).items()} == states
    assert mapping.get("people", {}) == {entry.left: entry.right[0] for entry in found.people if entry.sure}
    types = {entry.left: {"right": entry.right[0]} for entry in found.types if entry.sure}
    assert mapping.get("types", {}) == types
    kept = [(entry.left.id, entry.right.id) for entry in found.fields if entry.sure]
    assert [(entry["left"], entry["right"]) for entry in mapping.get("custom_fields", [])] == kept


def schema(*states: tuple[str, Category]) -> Schema:
    kind = TypeSchema("Task", tuple(State(*state) for state in states), frozenset())
    return Schema({"Task": kind}, (), "Task")


PROPOSED, ACTIVE, DONE = Category.PROPOSED, Category.ACTIVE, Category.DONE
AGILE = {"New": PROPOSED, "Active": ACTIVE, "Resolved": ACTIVE, "Closed": DONE}
SCRUM = {"New": PROPOSED, "Approved": PROPOSED, "Committed": ACTIVE, "Done": DONE}
LONG = {"to do": PROPOSED, "in progress": ACTIVE, "blocked": ACTIVE, "in review": ACTIVE, "complete": DONE}
SHORT = {"Open": PROPOSED, "doing": ACTIVE, "done": DONE}


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (AGILE, LONG, [("to do",), ("in progress", "blocked"), ("in review",), ("complete",)]),
        (SCRUM, SHORT, [("Open",), ("Open",), ("doing",), ("done",)]),
    ],
    ids=["Agile", "Scrum"],
)
def test_states_of_common_processes(
    left: dict[str, Category], right: dict[str, Category], expected: list[tuple[str, ...]]
) -> None:
    found = propose(Survey(schema(*left.items())), Survey(schema(*right.items()))).states
    assert [entry.left for entry in found] == list(left)
    assert [entry.right for entry in found] == expected
    assert all(entry.sure for entry in found)


def test_people_by_address_then_by_name_and_never_by_a_guess() -> None:
    def side(*people: tuple[str, str]) -> Survey:
        return Survey(schema(("New", Category.PROPOSED)), (), tuple(Person(*person) for person in people))

    left = side(("mara@example.com", "Mara L"), ("jane@example.com", "Jane Doe"), ("li@example.com", "Li Wei"))
    lis = ("li@a.com", "Li Wei"), ("l@a.com", "Li Wei")
    right = side(("mara@example.com", "M."), ("jane.doe@agency.com", "Doe, Jane"), *lis)
    found = propose(left, right)
    assert found.same_people == 1
    sure = {entry.left: entry.right[0] for entry in found.people if entry.sure}
    assert "mara@example.com" not in {entry.left for entry in found.people}
    assert "li@example.com" not in sure
    assert [e.confidence < SURE for e in found.people if e.left == "li@example.com"] == [True]
