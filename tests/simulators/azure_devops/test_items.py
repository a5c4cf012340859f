"""Reading and writing work items."""

from __future__ import annotations

import pytest

from reconciler.clock import VirtualClock
from reconciler.simulators.azure_devops import AzureDevOps
from reconciler.simulators.azure_devops.identity import User
from reconciler.simulators.azure_devops.nodes import Project
from reconciler.simulators.azure_devops.people import Person
from tests.simulators.azure_devops.caller import Caller, at_rev, put, replacing

PRIORITY = "Microsoft.VSTS.Common.Priority"


def test_a_title_is_enough_to_create_and_empty_fields_are_absent(api: Caller) -> None:
    item = api.create("User Story", "Search")
    assert (item["id"], item["rev"]) == (1, 1)
    fields = item["fields"]
    assert (fields["System.State"], fields["System.Reason"], fields[PRIORITY]) == ("New", "New", 2)
    assert fields["System.CreatedBy"]["uniqueName"] == "ada@example.com"
    assert not {"System.Description", "System.AssignedTo", "System.Tags", "System.Parent", "System.Id"} & fields.keys()
    assert item["multilineFieldsFormat"] == {}
    assert "relations" not in item


def test_everything_is_shown_only_when_expanded_or_named(api: Caller) -> None:
    api.create("Task", "Search")
    everything = api.item(1, **{"$expand": "all"})["fields"]
    assert everything["System.Rev"] == 1
    assert everything["System.Watermark"] == 1
    assert everything["System.RevisedDate"] == "9999-01-01T00:00:00Z"
    assert everything["System.AreaLevel1"] == "Web"
    named = api.item(1, fields="System.Id,System.Title,System.Tags")
    assert named["fields"] == {"System.Id": 1, "System.Title": "Search"}


def test_fields_and_expand_exclude_each_other(api: Caller) -> None:
    api.create("Task", "Search")
    answer = api.send("GET", "/_apis/wit/workitems/1", params={"fields": "System.Id", "$expand": "relations"})
    assert answer.status_code == 400
    assert answer.json()["message"] == "The expand parameter can not be used with the fields parameter."


def test_an_unknown_field_fails_the_whole_read(api: Caller) -> None:
    api.create("Task", "Search")
    answer = api.send("POST", "/_apis/wit/workitemsbatch", json={"ids": [1], "fields": ["Custom.X"]})
    assert (answer.status_code, answer.json()["message"]) == (400, "TF51535: Cannot find field Custom.X.")


def test_a_stale_revision_is_refused_and_nothing_is_saved(api: Caller) -> None:
    api.create("Task", "Search")
    api.update(1, put("System.Title", "Find"))
    answer = api.try_update(1, at_rev(1), put("System.Title", "Look up"))
    assert answer.status_code == 412
    assert answer.json()["typeKey"] == "TestPatchOperationFailedException"
    assert answer.json()["message"] == (
        "VS403351: Test Operation for path /rev failed, value 2 was not equal to test value 1."
    )
    assert (api.item(1)["rev"], api.item(1)["fields"]["System.Title"]) == (2, "Find")


def test_a_patch_is_all_or_nothing(api: Caller) -> None:
    api.create("Task", "Search")
    answer = api.try_update(1, put("System.Title", "Find"), put(PRIORITY, 5))
    assert (answer.status_code, answer.json()["typeKey"]) == (400, "RuleValidationException")
    assert answer.json()["customProperties"]["RuleValidationErrors"][0]["fieldReferenceName"] == PRIORITY
    assert (api.item(1)["rev"], api.item(1)["fields"]["System.Title"]) == (1, "Search")


def test_a_patch_that_changes_nothing_makes_no_revision_unless_switched_on(api: Caller, azure: AzureDevOps) -> None:
    api.create("Task", "Search")
    assert api.update(1, put("System.Title", "Search"))["rev"] == 1
    azure.switches.noop_bumps_rev = True
    assert api.update(1, put("System.Title", "Search"))["rev"] == 2


def test_validate_only_shows_the_result_and_keeps_nothing(api: Caller) -> None:
    api.create("Task", "Search")
    answer = api.patch("/_apis/wit/workitems/1", put("System.Title", "Find"), validateOnly="true")
    assert answer["fields"]["System.Title"] == "Find"
    assert api.item(1)["fields"]["System.Title"] == "Search"


def test_tags_are_merged_by_add_set_by_replace_and_sorted(api: Caller) -> None:
    api.create("Task", "Search", put("System.Tags", "web; Backend"))
    assert api.update(1, put("System.Tags", "api;WEB"))["fields"]["System.Tags"] == "api; Backend; web"
    assert api.update(1, replacing("System.Tags", "ui"))["fields"]["System.Tags"] == "ui"
    assert "System.Tags" not in api.update(1, replacing("System.Tags", ""))["fields"]


@pytest.mark.parametrize("tag", ["a,b", "\U0001f512", "x" * 401])
def test_impossible_tags_are_refused(api: Caller, tag: str) -> None:
    api.create("Task", "Search")
    answer = api.try_update(1, put("System.Tags", tag))
    assert (answer.status_code, answer.json()["message"][:8]) == (400, "TF401407")


@pytest.mark.parametrize(
    "value", ["bo@example.com", "Bo Muster", "Bo Muster <bo@example.com>", {"uniqueName": "bo@example.com"}]
)
def test_people_are_recognised_in_every_form(api: Caller, bo: Person, value: object) -> None:
    item = api.create("Task", "Search", put("System.AssignedTo", value))
    assert item["fields"]["System.AssignedTo"]["id"] == bo.user.id
    assert "System.AssignedTo" not in api.update(1, put("System.AssignedTo", ""))["fields"]


def test_an_unknown_or_ambiguous_person_is_refused(api: Caller, azure: AzureDevOps) -> None:
    azure.add_user("Cy Doppel", "cy1@example.com")
    azure.add_user("Cy Doppel", "cy2@example.com")
    azure.add_user("Di Fremd", "di@example.com", member=False)
    api.create("Task", "Search")
    for value in ("nobody@example.com", "Cy Doppel", "di@example.com"):
        body = api.try_update(1, put("System.AssignedTo", value)).json()
        assert (body["typeKey"], body["errorCode"]) == ("WorkItemFieldInvalidException", 600171)
        assert body["message"] == f"The identity value '{value}' for field 'Assigned To' is an unknown identity."
        assert body["customProperties"] == {"ReferenceName": "System.AssignedTo"}


def test_a_later_state_cannot_be_the_first_one(api: Caller) -> None:
    operations = [put("System.Title", "Search"), put("System.State", "Closed")]
    answer = api.try_patch("/Web/_apis/wit/workitems/$Task", *operations, method="POST")
    assert answer.status_code == 400
    assert "that is not in the list of supported values" in answer.json()["message"]


def test_transitions_are_checked_and_set_reason_dates_and_people(api: Caller) -> None:
    api.create("User Story", "Search")
    active = api.update(1, put("System.State", "active"))["fields"]
    assert (active["System.State"], active["System.Reason"]) == ("Active", "Implementation started")
    assert active["Microsoft.VSTS.Common.ActivatedBy"]["displayName"] == "Ada Beispiel"
    closed = api.update(1, put("System.State", "Closed"))["fields"]
    assert closed["Microsoft.VSTS.Common.ClosedDate"] == closed["System.ChangedDate"]
    refused = api.try_update(1, put("System.State", "Removed")).json()
    assert refused["message"] == (
        "The field 'State' contains the value 'Removed' that is not in the list of supported values"
    )
    reopened = api.update(1, put("System.State", "Active"))["fields"]
    assert "Microsoft.VSTS.Common.ClosedDate" not in reopened


def test_a_finished_scrum_task_has_no_work_left(api: Caller, azure: AzureDevOps) -> None:
    azure.add_project("Shop", "Scrum")
    remaining = "Microsoft.VSTS.Scheduling.RemainingWork"
    api.create("Task", "Pay", put(remaining, 4), project="Shop")
    refused = api.try_update(1, put("System.State", "Done"), put(remaining, 3)).json()
    assert "ReadOnly, MustBeEmpty, InvalidNotEmpty" in refused["message"]
    assert remaining not in api.update(1, put("System.State", "Done"))["fields"]


def test_read_only_fields_are_refused_and_parent_is_ignored(api: Caller) -> None:
    api.create("Task", "Search")
    assert "ReadOnly" in api.try_update(1, put("System.CreatedBy", "ada@example.com")).json()["message"]
    assert "System.Parent" not in api.update(1, put("System.Parent", 7))["fields"]


def test_limits_of_length_and_kind(api: Caller) -> None:
    api.create("Task", "Search")
    title = api.try_update(1, put("System.Title", "x" * 256)).json()
    assert title["message"] == "TF401324: Value for field 'System.Title' is too long"
    assert api.try_update(1, put(PRIORITY, "high")).status_code == 400
    assert api.update(1, put(PRIORITY, "4"))["fields"][PRIORITY] == 4
    assert api.try_update(1, put("System.Title", "")).json()["message"] == (
        "TF401320: Rule Error for field Title. Error code: Required, InvalidEmpty."
    )
    assert api.try_update(1, put("Custom.X", 1)).json()["message"] == "TF51535: Cannot find field Custom.X."
    twice = api.try_update(1, put("System.Title", "a"), put("System.Title", "b")).json()
    assert twice["message"].startswith("VS403691")


def test_paths_of_areas_are_checked(api: Caller, azure: AzureDevOps, web: Project) -> None:
    azure.add_area(web, "Shop\\Cart")
    item = api.create("Task", "Search", put("System.AreaPath", "Web\\Shop\\Cart"))
    assert item["fields"]["System.AreaPath"] == "Web\\Shop\\Cart"
    unknown = api.try_update(1, put("System.AreaPath", "Web\\Nowhere")).json()
    assert unknown["message"] == "TF401347: Invalid tree name given for work item 1, field 'System.AreaPath'."
    assert api.try_update(1, put("System.AreaPath", "\\Web\\Shop")).status_code == 400


def test_dates_are_kept_to_the_millisecond_and_a_bare_day_is_read_in_some_zone(api: Caller, azure: AzureDevOps) -> None:
    start = "Microsoft.VSTS.Scheduling.StartDate"
    api.create("Task", "Search", put(start, "2026-05-01T22:00:00+02:00"))
    assert api.item(1)["fields"][start] == "2026-05-01T20:00:00Z"
    azure.switches.zone_hours = 2
    assert api.update(1, put(start, "2026-05-03"))["fields"][start] == "2026-05-02T22:00:00Z"


def test_successive_revisions_have_rising_times_though_the_clock_stands_still(api: Caller) -> None:
    first = api.create("Task", "Search")["fields"]["System.ChangedDate"]
    second = api.update(1, put("System.Title", "Find"))["fields"]["System.ChangedDate"]
    assert (first, second) == ("2026-03-02T08:00:00Z", "2026-03-02T08:00:00.001Z")


def test_a_batch_read_is_limited_and_omits_what_it_cannot_read(api: Caller, azure: AzureDevOps) -> None:
    api.create("Task", "Search")
    path = "/_apis/wit/workitemsbatch"
    too_many = api.send("POST", path, json={"ids": list(range(1, 202))})
    assert too_many.json()["message"].startswith("VS403474: You requested 201 work items")
    missing = api.send("POST", path, json={"ids": [1, 9]})
    assert (missing.status_code, missing.json()["message"][:8]) == (404, "TF401232")
    assert api.post(path, {"ids": [9, 1], "errorPolicy": "omit"})["value"][0] is None
    azure.switches.omitted_items = "dropped"
    assert [one["id"] for one in api.post(path, {"ids": [9, 1], "errorPolicy": "omit"})["value"]] == [1]


def test_an_item_of_another_project_is_not_found_under_this_one(api: Caller, azure: AzureDevOps) -> None:
    azure.add_project("Shop", "Agile")
    api.create("Task", "Pay", project="Shop")
    assert api.send("GET", "/Web/_apis/wit/workitems/1").status_code == 404
    assert api.item(1)["fields"]["System.TeamProject"] == "Shop"
    assert api.get("/shop/_apis/wit/WORKITEMS/1")["id"] == 1


def test_moving_and_changing_the_type_keep_the_id(api: Caller, azure: AzureDevOps, bo: Person) -> None:
    azure.add_project("Shop", "Basic")
    api.create("Bug", "Search", put("System.Tags", "ui"))
    bo.change_type(1, "Task")
    moved = bo.move(1, "Shop")
    assert (moved.id, moved.project.name, moved.type_name) == (1, "Shop", "Task")
    fields = api.item(1)["fields"]
    assert (fields["System.AreaPath"], fields["System.State"], fields["System.Tags"]) == ("Shop", "To Do", "ui")
    assert api.send("GET", "/Web/_apis/wit/workitems/1").status_code == 404


def test_the_past_can_be_read(api: Caller, clock: VirtualClock) -> None:
    api.create("Task", "Search")
    clock.advance(60)
    api.update(1, put("System.Title", "Find"))
    assert api.item(1, asOf="2026-03-02T08:00:30Z")["fields"]["System.Title"] == "Search"
    assert api.send("GET", "/_apis/wit/workitems/1", params={"asOf": "2026-03-02T07:00:00Z"}).status_code == 404


def test_rules_are_bypassed_only_with_the_right_to(api: Caller, ada: User, clock: VirtualClock) -> None:
    api.create("Task", "Search")
    clock.advance(3600)
    operation = put("System.ChangedDate", "2026-03-02T08:30:00Z")
    assert api.try_patch("/_apis/wit/workitems/1", operation, bypassRules="true").status_code == 403
    ada.may_bypass_rules = True
    item = api.patch("/_apis/wit/workitems/1", operation, put("System.Title", "Find"), bypassRules="true")
    assert item["fields"]["System.ChangedDate"] == "2026-03-02T08:30:00Z"
    early = api.try_patch(
        "/_apis/wit/workitems/1", put("System.ChangedDate", "2026-03-02T08:00:00Z"), bypassRules="true"
    )
    assert early.json()["message"].startswith("VS402625")
    future = api.try_patch("/_apis/wit/workitems/1", put("System.ChangedDate", "2026-03-03"), bypassRules="true")
    assert future.json()["message"].startswith("VS402624")
    computed = api.try_patch("/_apis/wit/workitems/1", put("System.Watermark", 1), bypassRules="true")
    assert "ReadOnly" in computed.json()["message"]
    odd = api.patch("/_apis/wit/workitems/1", put("System.State", "Waiting"), bypassRules="true")
    assert odd["fields"]["System.State"] == "Waiting"


def test_rights_to_areas_hide_and_protect(api: Caller, azure: AzureDevOps, web: Project, ada: User, bo: Person) -> None:
    area = azure.add_area(web, "Secret")
    item = bo.create(web, "Task", "Search", {"System.AreaPath": "Web\\Secret"})
    azure.freeze_area(ada, area)
    refused = api.try_update(item.id, put("System.Title", "Find"))
    assert (refused.status_code, refused.json()["message"][:8]) == (403, "TF237111")
    azure.hide_area(ada, area)
    assert api.send("GET", f"/_apis/wit/workitems/{item.id}").status_code == 404
    assert api.ids("[System.TeamProject] = @project") == []
    azure.hide_area(ada, area, hidden=False)
    assert api.ids("[System.TeamProject] = @project") == [item.id]


def test_unknown_projects_and_types_are_404(api: Caller) -> None:
    project = api.try_patch("/Nowhere/_apis/wit/workitems/$Task", put("System.Title", "a"), method="POST")
    assert (project.status_code, project.json()["typeKey"]) == (404, "ProjectDoesNotExistWithNameException")
    kind = api.try_patch("/Web/_apis/wit/workitems/$Nothing", put("System.Title", "a"), method="POST")
    assert (kind.status_code, kind.json()["message"][:8]) == (404, "VS403072")
    nowhere = api.send("GET", "/_apis/wit/workitems/0")
    assert (nowhere.status_code, nowhere.headers["content-type"]) == (404, "text/plain; charset=utf-8")
