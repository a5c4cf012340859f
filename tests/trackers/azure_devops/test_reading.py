"""Schema, people, single reads, fates: what Azure DevOps tells and how clearly we say what is wrong with it."""

from __future__ import annotations

import pytest

from reconciler.errors import Rejected, Unauthorized
from reconciler.model.draft import Draft
from reconciler.model.rich_text import Form, RichText
from reconciler.model.schema import Category
from reconciler.simulators.kit.wire import Request
from reconciler.trackers.azure_devops import ProjectScope
from reconciler.trackers.base import Fate
from tests.trackers.azure_devops.conftest import EARLY, Bench, make_bench, origin


def test_the_schema_is_that_of_the_types_in_scope(bench: Bench) -> None:
    schema = bench.tracker.schema(bench.within(types=("bug", "Task"), create_type="task"))
    assert list(schema.types) == ["Bug", "Task"]
    assert schema.default_type == "Task"
    assert schema.priorities == ("1", "2", "3", "4")
    assert [(state.name, state.category) for state in schema.types["Bug"].states] == [
        ("New", Category.PROPOSED),
        ("Active", Category.ACTIVE),
        ("Resolved", Category.ACTIVE),
        ("Closed", Category.DONE),
    ]
    assert "due_date" in schema.types["Task"].fields


@pytest.mark.parametrize("process", ["Agile", "Scrum", "Basic", "CMMI"])
def test_every_type_of_every_process_has_a_schema(bench: Bench, process: str) -> None:
    project = bench.service.add_project(process, process)
    types = tuple(kind.name for kind in bench.tracker._catalog.read(project.name))
    schema = bench.tracker.schema(ProjectScope(project.name, types, types[0]))
    for kind in schema.types.values():
        assert kind.states
        assert {"title", "type", "state", "description", "assignees", "tags"} <= kind.fields


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"project": "Wbe"}, ["Wbe"]),
        ({"types": ("Task", "User Storry")}, ['"User Storry"', 'did you mean types = ["Task", "User Story"]?']),
        ({"types": ("Task", "Xyz")}, ['"Xyz"', "it has: ", "Bug"]),
        ({"area_path": "Web\\Nowhere"}, ["area path Web\\Nowhere", "TF51011"]),
        ({"condition": "[Custom.Nothing] = 1"}, ["condition [Custom.Nothing] = 1", "TF51005"]),
        ({"condition": "this is no WIQL"}, ["condition this is no WIQL"]),
    ],
    ids=["project", "type nearly right", "type", "area", "field of the condition", "condition"],
)
def test_what_is_wrong_with_a_scope_is_said_in_one_sentence(
    bench: Bench, changes: dict[str, object], words: list[str]
) -> None:
    with pytest.raises(Rejected) as refused:
        bench.tracker.schema(bench.within(**changes))
    for word in words:
        assert word in str(refused.value)
    assert "\n" not in str(refused.value)


def test_states_that_the_list_of_types_leaves_out_are_asked_for(bench: Bench) -> None:
    full = bench.tracker._client.work_item_types("Web")
    bare = [{**native, "states": []} for native in full]
    bench.tracker._client.work_item_types = lambda project: bare  # type: ignore[method-assign]
    schema = bench.tracker.schema(bench.within(types=("Task",)))
    assert [state.name for state in schema.types["Task"].states] == ["New", "Active", "Closed", "Removed"]


def test_a_person_is_found_by_address_in_any_case_and_asked_for_once(bench: Bench) -> None:
    found = bench.tracker.person("ADA@Example.com")
    assert found is not None
    assert (found.address, found.name, found.key) == ("ada@example.com", "Ada Beispiel", bench.ada.id)
    assert bench.requests_of(lambda: bench.tracker.person("ada@example.com")) == 0


@pytest.mark.parametrize("pads", [True, False])
def test_nobody_is_found_where_there_is_nobody_and_that_is_remembered_for_a_while(pads: bool) -> None:
    bench = make_bench(identity_lookup_pads_with_null=pads)
    assert bench.tracker.person("nobody@example.com") is None
    assert bench.requests_of(lambda: bench.tracker.person("nobody@example.com")) == 0
    bench.service.add_user("No Body", "nobody@example.com")
    bench.tick(601)
    assert bench.tracker.person("nobody@example.com") is not None


def test_somebody_whose_name_is_the_address_of_another_is_not_mistaken(bench: Bench) -> None:
    bench.service.add_user("zoe@example.com", "impostor@example.com")
    assert bench.tracker.person("zoe@example.com") is None


def test_whoever_is_assigned_somewhere_needs_no_looking_up(bench: Bench) -> None:
    bench.ann.create(bench.web, "Task", "Item", {"System.AssignedTo": "ada@example.com"})
    bench.changes()
    assert bench.requests_of(lambda: bench.tracker.person("ada@example.com")) == 0


@pytest.mark.parametrize("status", [401, 403])
def test_a_token_that_may_not_see_identities_uses_addresses_unchecked(bench: Bench, status: int) -> None:
    bench.service.faults.answer("/identities", status, body=b"", times=9)
    found = bench.tracker.person("ada@example.com")
    assert found is not None
    assert found.address == "ada@example.com"
    assert len(bench.tracker.notes) == 1


def test_many_items_are_read_in_requests_of_two_hundred(bench: Bench) -> None:
    keys = [str(bench.ann.create(bench.web, "Task", f"Item {number}").id) for number in range(250)]
    assert bench.requests_of(lambda: bench.tracker.read(bench.scope, [*keys, "99999", "not-a-number"])) == 2
    assert bench.tracker.read(bench.scope, [*keys, "99999"]).keys() == set(keys)
    assert bench.tracker.read(bench.scope, []) == {}


def test_an_item_of_a_type_that_is_no_longer_listed_can_still_be_read(bench: Bench) -> None:
    item = bench.ann.create(bench.web, "Feature", "Odd", {"System.State": "Active"})
    del bench.tracker._catalog._types["web"]["feature"]
    read = bench.read(item.id)
    assert (read.type, read.fields["state"]) == ("Feature", "Active")


def test_fates(bench: Bench) -> None:
    elsewhere = bench.service.add_project("Elsewhere")
    present, moved, deleted, destroyed, retyped = (
        str(bench.ann.create(bench.web, "Task", f"Item {number}").id) for number in range(5)
    )
    bench.ann.move(int(moved), elsewhere)
    bench.ann.delete(int(deleted))
    bench.ann.destroy(int(destroyed))
    bench.ann.change_type(int(retyped), "Feature")
    fates = [bench.tracker.fate(bench.scope, key) for key in (present, moved, deleted, destroyed, retyped)]
    assert fates == [Fate.PRESENT, Fate.MOVED, Fate.DELETED, Fate.UNKNOWN, Fate.MOVED]


def test_an_item_that_permissions_hide_is_never_called_deleted(bench: Bench) -> None:
    area = bench.service.add_area(bench.web, "Secret")
    item = bench.ann.create(bench.web, "Task", "Item", {"System.AreaPath": "Web\\Secret"})
    bench.service.hide_area(bench.bot, area)
    assert bench.tracker.fate(bench.scope, str(item.id)) is Fate.UNKNOWN
    assert bench.tracker.read(bench.scope, [str(item.id)]) == {}


@pytest.mark.parametrize("finds_hyperlinks", [True, False])
def test_a_copy_is_found_by_its_marker_and_believed_only_if_we_made_it(finds_hyperlinks: bool) -> None:
    bench = make_bench(artifact_query_finds_hyperlinks=finds_hyperlinks)
    started = bench.clock.now()
    foreign = bench.ann.create(bench.web, "Task", "Somebody's copy")
    bench.ann.add_hyperlink(foreign, origin(2).href, origin(2).marker)
    ours = bench.create(1).item
    found = bench.tracker.find_copy(bench.scope, origin(1), started)
    assert found is not None
    assert (found.key, found.origin and found.origin.marker) == (ours.key, origin(1).marker)
    assert bench.tracker.find_copy(bench.scope, origin(2), started) is None
    assert bench.tracker.find_copy(bench.scope, origin(3), started) is None


def test_a_copy_that_somebody_moved_already_is_found() -> None:
    bench = make_bench(artifact_query_finds_hyperlinks=False)
    started = bench.clock.now()
    ours = bench.create(1).item
    bench.ann.move(int(ours.key), bench.service.add_project("Elsewhere"))
    found = bench.tracker.find_copy(bench.scope, origin(1), started)
    assert found is not None
    assert found.key == ours.key


def test_a_copy_that_was_deleted_is_shown_by_the_recycle_bin_if_we_made_it(bench: Bench) -> None:
    started = bench.clock.now()
    foreign = bench.ann.create(bench.web, "Task", "Copy 1")
    bench.ann.add_hyperlink(foreign, origin(1).href, origin(1).marker)
    ours, other_one, alive = (bench.create(n, title=f"Copy {n}").item for n in (1, 2, 3))
    for key in (foreign.id, int(ours.key), int(other_one.key)):
        bench.ann.delete(key)

    def deleted(number: int) -> list[str]:
        fields = {"title": f"Copy {number}", "type": "Task"}
        return list(bench.tracker.deleted_copies(bench.scope, Draft(fields, origin(number)), started))

    assert [deleted(number) for number in (1, 2, 3)] == [[ours.key], [other_one.key], []]
    assert alive.title == "Copy 3"


@pytest.mark.parametrize("refused", ["IsDeleted", "recyclebin"])
def test_a_service_that_does_not_show_what_was_deleted_is_believed_to_show_nothing(bench: Bench, refused: str) -> None:
    ours = bench.create(1).item
    bench.ann.delete(int(ours.key))

    def asks(request: Request) -> bool:
        return refused in request.path or refused.encode() in request.body

    bench.service.faults.answer(asks, 400, body='{"message": "TF51005: no such field"}', times=10)
    draft = Draft({"title": ours.title, "type": "Task"}, origin(1))
    assert list(bench.tracker.deleted_copies(bench.scope, draft, EARLY)) == []


def test_a_copy_whose_link_lost_its_fragment_is_found_by_the_comment_of_the_link(bench: Bench) -> None:
    item = bench.service.as_user(bench.bot).create(bench.web, "Task", "Copy")
    bench.service.as_user(bench.bot).add_hyperlink(item, origin().url, origin().marker)
    found = bench.tracker.find_copy(bench.scope, origin(), EARLY)
    assert found is not None
    assert found.origin is not None
    assert (found.origin.url, found.origin.marker) == (origin().url, origin().marker)


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://dev.azure.com/contoso/Web/_workitems/edit/12", "12"),
        ("https://dev.azure.com/Contoso/My%20Web/_workitems/edit/12/?view=edit#s=abc", "12"),
        ("https://dev.azure.com/contoso/_workitems/edit/12", "12"),
        ("https://dev.azure.com/contoso/_apis/wit/workItems/12", "12"),
        ("https://dev.azure.com/contoso/7d1f/_apis/wit/workItems/12", "12"),
        ("https://contoso.visualstudio.com/Web/_workitems/edit/12", "12"),
        ("https://dev.azure.com/contoso2/Web/_workitems/edit/12", None),
        ("https://dev.azure.com/contoso/Web/_git/12", None),
        ("https://app.clickup.com/t/12", None),
        ("", None),
    ],
)
def test_the_key_of_a_page(bench: Bench, url: str, key: str | None) -> None:
    assert bench.tracker.key_of(url) == key


def test_an_old_address_of_an_organisation_knows_the_new_one(bench: Bench) -> None:
    tracker = bench.another_tracker(url="https://contoso.visualstudio.com")
    assert tracker.key_of("https://dev.azure.com/contoso/Web/_workitems/edit/5") == "5"
    assert tracker.key_of("https://contoso.visualstudio.com/_workitems/edit/5") == "5"
    server = bench.another_tracker(url="https://tfs.example.com/tfs/Main")
    assert server.key_of("https://tfs.example.com/tfs/Main/Web/_workitems/edit/5") == "5"


def test_a_key_is_found_in_the_page_of_its_own_item(bench: Bench) -> None:
    odd = bench.service.add_project("Väldigt odd & co")
    item = bench.ann.create(odd, "Task", "Item")
    read = bench.tracker.read(bench.within(project=odd.name), [str(item.id)])[str(item.id)]
    assert bench.tracker.key_of(read.url) == str(item.id)


def test_a_bad_token_is_told_at_once_and_never_shown(bench: Bench) -> None:
    tracker = bench.another_tracker(token="wrong-token-value")
    with pytest.raises(Unauthorized) as refused:
        tracker.connect()
    assert "wrong-token-value" not in str(refused.value)


def test_connecting_twice_costs_one_request(bench: Bench) -> None:
    tracker = bench.another_tracker()
    tracker.connect()
    tracker.connect()
    assert tracker.requests == 1


def test_the_servers_clock_is_its_own(bench: Bench) -> None:
    tracker = bench.another_tracker()
    assert tracker.server_time() is None
    tracker.connect()
    assert tracker.server_time() == bench.clock.now()
    tracker.close()
    tracker.close()


def test_a_text_is_not_lost_from_sight_when_a_person_changes_the_type(bench: Bench) -> None:
    scope = bench.within(types=("Bug", "Task"), create_type="Task")
    item = bench.ann.create("Web", "Task", "Crash", {"System.Description": "<div>Open it</div>"})
    bench.ann.change_type(item, "Bug")
    read = bench.tracker.read(scope, [str(item.id)])[str(item.id)]
    assert read.type == "Bug"
    assert read.fields["description"] == RichText(Form.HTML, "<div>Open it </div>")
