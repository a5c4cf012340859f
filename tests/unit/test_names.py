"""What became of the names of a schema between two looks, and which former names are followed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reconciler.mapping.names import compare
from reconciler.mapping.renames import Renames
from reconciler.model.known_name import FORMER_NAMES_MAX, KnownName, Sort


def states(**names: str) -> tuple[KnownName, ...]:
    return tuple(KnownName(Sort.STATE, "", key, name) for key, name in names.items())


def bare(*names: str) -> tuple[KnownName, ...]:
    return tuple(KnownName(Sort.STATE, "Task", "", name) for name in names)


def told(names: tuple[KnownName, ...]) -> list[str]:
    return [name.name for name in names]


_IDS = st.sampled_from(["a", "b", "c", "d"])
_SCHEMAS = st.dictionaries(_IDS, st.sampled_from(["open", "doing", "review", "done", "shut"]), min_size=1)


@given(_SCHEMAS)
def test_looking_twice_is_no_news(schema: dict[str, str]) -> None:
    first = compare((), states(**schema)).names
    again = compare(first, states(**schema))
    assert (again.added, again.renamed, again.removed, again.names) == ((), (), (), first)


@given(_SCHEMAS, _SCHEMAS)
def test_every_id_is_kept_renamed_added_or_removed(before: dict[str, str], now: dict[str, str]) -> None:
    changes = compare(states(**before), states(**now))
    assert {name.id for name in changes.added} == now.keys() - before.keys()
    assert {name.id for name in changes.removed} == before.keys() - now.keys()
    assert {name.id for name in changes.renamed} == {key for key in now if now[key] != before.get(key, now[key])}
    assert {name.id: name.name for name in changes.names} == now


@given(st.lists(_SCHEMAS, min_size=2, max_size=6))
def test_a_former_name_leads_to_the_only_one_that_had_it_or_nowhere(history: list[dict[str, str]]) -> None:
    known: tuple[KnownName, ...] = ()
    for schema in history[:-1]:
        known = compare(known, states(**schema)).names
    now = history[-1]
    renames = Renames.between({"left": (), "right": known}, {"left": (), "right": states(**now)})
    heirs: dict[str, set[str]] = {}
    for entry in known:
        for name in (entry.name, *entry.former) if entry.id in now else ():
            heirs.setdefault(name, set()).add(now[entry.id])
    for name in ("open", "doing", "review", "done", "shut"):
        wanted = heirs.get(name, set()) if name not in now.values() else set()
        assert renames.now("right", Sort.STATE, name) == (wanted.pop() if len(wanted) == 1 else name)


def test_the_first_look_and_a_new_place_are_no_news() -> None:
    assert compare((), states(a="open")).added == ()
    assert compare(states(a="open"), (*states(a="open"), *bare("New"))).added == ()


def test_without_ids_a_rename_is_a_removal_and_an_addition() -> None:
    changes = compare(bare("New", "Active"), bare("New", "Doing"))
    assert (told(changes.added), told(changes.removed), changes.renamed) == (["Doing"], ["Active"], ())


def test_a_name_that_differs_in_case_is_the_same() -> None:
    changes = compare(states(a="to do"), states(a="To Do"))
    assert (changes.renamed, told(changes.names)) == ((), ["To Do"])


def test_former_names_are_bounded() -> None:
    known = states(a="name 0")
    for number in range(1, 50):
        known = compare(known, states(a=f"name {number}")).names
    assert len(known[0].former) == FORMER_NAMES_MAX
    assert known[0].former[-1] == "name 48"
