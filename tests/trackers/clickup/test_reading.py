"""Schema, people, single reads, fates: what ClickUp tells and how clearly we say what is wrong with it."""

from __future__ import annotations

import pytest

from reconciler.errors import Rejected, ScopeRejected
from reconciler.model.draft import Draft
from reconciler.model.schema import Category
from reconciler.simulators import clickup as simulator
from reconciler.trackers.base import Fate
from reconciler.trackers.clickup import Place
from tests.trackers.clickup.conftest import EARLY, Bench, make_bench, origin


def test_the_schema_is_that_of_the_list(bench: Bench) -> None:
    statuses = ["backlog", "doing", ("verified", "done"), "complete"]
    other = bench.service.add_list(bench.space, "Other", statuses=statuses)  # type: ignore[arg-type]
    bench.service.add_task_type(bench.workspace, "Bug")
    schema = bench.tracker.schema(Place("list", other.id, other.id))
    assert set(schema.types) == {"Task", "Milestone", "Bug"}
    assert schema.default_type == "Task"
    assert schema.priorities == ("urgent", "high", "normal", "low")
    assert [(state.name, state.category) for state in schema.types["Bug"].states] == [
        ("backlog", Category.PROPOSED),
        ("doing", Category.ACTIVE),
        ("verified", Category.DONE),
        ("complete", Category.DONE),
    ]


def test_a_folder_has_the_statuses_of_all_its_lists_and_each_list_is_written_in_its_own(bench: Bench) -> None:
    folder = bench.service.add_folder(bench.space, "Folder")
    main = bench.service.add_list(folder, "Main")
    own = bench.service.add_list(folder, "Own", statuses=["new", "finished"])
    place = Place("folder", folder.id, main.id)
    states = bench.tracker.schema(place).types["Task"].states
    assert [state.name for state in states] == ["to do", "in progress", "complete", "new", "finished"]
    task = bench.service.as_member(bench.ann).create_task(own, "Task")
    with pytest.raises(Rejected) as refused:
        list(bench.tracker.update(place, bench.read(task.id), {"state": "in progress"}))
    assert refused.value.field == "state"
    [written] = bench.tracker.update(place, bench.read(task.id), {"state": "Finished"})
    assert written.item.fields["state"] == "finished"


def test_lists_that_inherit_their_statuses_are_read_once(bench: Bench) -> None:
    folder = bench.service.add_folder(bench.space, "Folder")
    lists = [bench.service.add_list(folder, f"List {number}") for number in range(20)]
    mark = bench.log.mark()
    bench.tracker.schema(Place("folder", folder.id, lists[0].id))
    assert len(bench.log.since(mark)) <= 4


def test_what_is_wrong_with_a_place_is_said_in_one_sentence(bench: Bench) -> None:
    ann = bench.service.as_member(bench.ann)
    archived, trashed = (bench.service.add_list(bench.space, name) for name in ("Archived", "Trashed"))
    ann.archive_place(archived)
    ann.delete_place(trashed)
    folder = bench.service.add_folder(bench.space, "Folder")
    inside = bench.service.add_list(folder, "Inside")
    cases = {
        Place("list", archived.id, archived.id): "List .* is archived",
        Place("list", trashed.id, trashed.id): "List .* (is in the trash|does not exist)",
        Place("list", "901999999999", "901999999999"): "List 901999999999 does not exist or is not visible",
        Place("list", "7", "7"): "List 7 does not exist or is not visible",
        Place("folder", "901999999999", inside.id): "Folder 901999999999 does not exist",
        Place("space", "901999999999", inside.id): "Space 901999999999 does not exist",
        Place("folder", folder.id, bench.tasks.id): "create_list .* is not one of the Lists of folder",
    }
    for place, sentence in cases.items():
        with pytest.raises(Rejected, match=sentence):
            bench.tracker.schema(place)


def test_a_place_that_cannot_be_read_fails_alone(bench: Bench) -> None:
    broken = Place("folder", "901999999999", bench.tasks.id)
    with pytest.raises(ScopeRejected) as refused:
        list(bench.tracker.changed_since([bench.scope, broken], EARLY, {}))
    assert refused.value.scope == broken


def test_an_unknown_workspace_is_named_together_with_those_that_are_known(bench: Bench) -> None:
    with pytest.raises(Rejected, match=r'workspace 1234567; it has access to: workspace = "\d+" \(Northwind\)'):
        bench.another_tracker(workspace="1234567")


def test_people_are_found_by_address_in_any_case_and_absent_ones_cost_nothing_soon_again(bench: Bench) -> None:
    person = bench.tracker.person("Ann@Example.com")
    assert person is not None
    assert (person.name, person.key) == ("Ann Archer", str(bench.ann.id))
    mark = bench.log.mark()
    assert bench.tracker.person("nobody@example.com") is None
    assert bench.tracker.person("") is None
    assert len(bench.log.since(mark)) == 0
    bench.service.add_member(bench.workspace, "Ben Baker", "ben@example.com")
    bench.tick(3600)
    assert bench.tracker.person("ben@example.com") is not None


def test_a_guests_token_is_worth_a_warning() -> None:
    bench = make_bench()
    guest = bench.service.add_member(bench.workspace, "Guest", "guest@example.com", role=simulator.GUEST)
    assert bench.tracker.notes == ()
    [note] = bench.another_tracker(member=guest).notes
    assert "guest" in note


def test_connecting_again_asks_nothing(bench: Bench) -> None:
    mark = bench.log.mark()
    bench.tracker.connect()
    assert len(bench.log.since(mark)) == 0


@pytest.mark.parametrize("count", [1, 5, 150])
def test_many_tasks_are_read_in_few_requests(bench: Bench, count: int) -> None:
    ann = bench.service.as_member(bench.ann)
    tasks = [ann.create_task(bench.tasks, f"Task {number}") for number in range(300)]
    gone = tasks[0]
    ann.delete(gone)
    mark = bench.log.mark()
    wanted = [task.id for task in tasks[-count:]] + [gone.id]
    assert set(bench.tracker.read(bench.scope, wanted)) == set(wanted) - {gone.id}
    assert len(bench.log.since(mark)) <= (4 if count > 5 else count + 1)


def test_a_read_behind_our_own_write_shows_the_write() -> None:
    bench = make_bench(index_delay_ms=60_000)
    ann = bench.service.as_member(bench.ann)
    tasks = [ann.create_task(bench.tasks, f"Task {number}") for number in range(20)]
    bench.tick(120)
    base = bench.read(tasks[0].id)
    bench.tick()
    list(bench.tracker.update(bench.scope, base, {"title": "New"}))
    items = bench.tracker.read(bench.scope, [task.id for task in tasks])
    assert items[tasks[0].id].title == "New"


def test_the_fate_of_a_task_is_proved_or_unknown(bench: Bench) -> None:
    ann = bench.service.as_member(bench.ann)
    other = bench.service.add_list(bench.space, "Other")
    private = bench.service.add_space(bench.workspace, "Private", admits=[bench.ann])
    hidden = bench.service.add_list(private, "Hidden")
    tasks = {name: ann.create_task(bench.tasks, name) for name in ("present", "archived", "moved", "deleted")}
    tasks["unknown"] = ann.create_task(hidden, "unknown")
    ann.archive(tasks["archived"])
    ann.move(tasks["moved"], other)
    ann.delete(tasks["deleted"])
    for name, task in tasks.items():
        assert bench.tracker.fate(bench.scope, task.id) is Fate(name)
    assert bench.tracker.fate(bench.scope, "86c000000") is Fate.UNKNOWN
    ann.restore(tasks["deleted"])
    assert bench.tracker.fate(bench.scope, tasks["deleted"].id) is Fate.PRESENT


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://app.clickup.com/t/86c7mc19h", "86c7mc19h"),
        ("https://app.clickup.com/t/86c7mc19h?comment=901", "86c7mc19h"),
        ("https://app.clickup.com/t/9013012345/86c7mc19h", "86c7mc19h"),
        ("https://app.clickup.com/t/9013012345/ENG-12", None),
        ("https://app.clickup.com/9013012345/v/l/901", None),
        ("https://dev.azure.com/t/86c7mc19h", None),
        ("mailto:ann@example.com", None),
        ("", None),
    ],
)
def test_an_address_is_told_by_its_form(bench: Bench, url: str, key: str | None) -> None:
    assert bench.tracker.key_of(url) == key


def test_a_copy_that_somebody_moved_already_is_found(bench: Bench) -> None:
    started = bench.clock.now()
    draft = Draft({"title": "Copy", "type": "Task"}, origin(7))
    ours = bench.tracker.create(bench.scope, draft).item
    other = bench.service.add_list(bench.space, "Elsewhere")
    bench.service.as_member(bench.ann).move(bench.service.world.tasks[ours.key], other)
    found = bench.tracker.find_copy(bench.scope, origin(7), started)
    assert found is not None
    assert found.key == ours.key
