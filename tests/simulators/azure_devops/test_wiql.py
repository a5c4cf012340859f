"""WIQL: what a query finds, in which order, and with which words it is refused."""

from __future__ import annotations

import pytest

from reconciler.clock import VirtualClock
from reconciler.simulators.azure_devops import AzureDevOps
from reconciler.simulators.azure_devops.nodes import Project
from reconciler.simulators.azure_devops.people import Person
from reconciler.simulators.azure_devops.wiql_syntax import Comparison, Junction, Macro, Number, Text, WiqlError, parse
from tests.simulators.azure_devops.caller import Caller


@pytest.fixture
def backlog(azure: AzureDevOps, web: Project, bo: Person, clock: VirtualClock) -> None:
    """1 a story of ten o'clock, 2 a bug of eleven, 3 a task of the next day that is done."""
    azure.add_area(web, "Shop\\Cart")
    clock.advance(2 * 3600)
    bo.create(web, "User Story", "Search the shop", {"System.Tags": "ui; web", "System.AreaPath": "Web\\Shop"})
    clock.advance(3600)
    bo.create(web, "Bug", "Cart is O'Brien's", {"System.AreaPath": "Web\\Shop\\Cart"})
    clock.advance(24 * 3600)
    bo.create(web, "Task", "Write it down", {"System.AssignedTo": "bo@example.com", "System.State": "Closed"})


@pytest.fixture(autouse=True)
def _filled(backlog: None) -> None:
    """Every test here has the backlog."""


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("[System.Id] > 0", [1, 2, 3]),
        ("[System.Id] IN (3, 1, 9)", [1, 3]),
        ("[System.Id] NOT IN (1)", [2, 3]),
        ("[System.TeamProject] = @project", [1, 2, 3]),
        ("[System.TeamProject] = 'Shop'", []),
        ("[System.WorkItemType] = 'bug' OR [System.WorkItemType] = 'TASK'", [2, 3]),
        ("[Work Item Type] = 'Bug' AND ([System.State] = 'New' OR [System.State] = 'Closed')", [2]),
        ("NOT [System.WorkItemType] = 'Bug'", [1, 3]),
        ("[System.Title] CONTAINS 'SHOP'", [1]),
        ("[System.Title] NOT CONTAINS 'shop'", [2, 3]),
        ("[System.Title] CONTAINS WORDS 'down write'", [3]),
        ("[System.Title] = 'Cart is O''Brien''s'", [2]),
        ("[System.Tags] CONTAINS 'web'", [1]),
        ("[System.Tags] CONTAINS 'we'", []),
        ("[System.AreaPath] UNDER 'Web\\Shop'", [1, 2]),
        ("[System.AreaPath] = 'Web\\Shop'", [1]),
        ("[System.AreaPath] NOT UNDER 'Web\\Shop'", [3]),
        ("[System.AssignedTo] = 'bo@example.com'", [3]),
        ("[System.AssignedTo] = 'Bo Muster'", [3]),
        ("[System.AssignedTo] = @Me", []),
        ("[System.CreatedBy] <> @Me", [1, 2, 3]),
        ("[System.AssignedTo] = ''", [1, 2]),
        ("[System.AssignedTo] <> 'bo@example.com'", [1, 2]),
        ("[System.AssignedTo] IS EMPTY", [1, 2]),
        ("[System.Description] IS NOT EMPTY", []),
        ("[System.State] EVER 'New'", [1, 2, 3]),
        ("[System.Rev] >= 2", [3]),
        ("[System.CreatedBy] = [System.ChangedBy]", [1, 2, 3]),
        ("[System.WorkItemType] IN GROUP 'Microsoft.RequirementCategory'", [1]),
        ("[System.WorkItemType] NOT IN GROUP 'Microsoft.RequirementCategory'", [2, 3]),
        ("[System.HyperLinkCount] = 0", [1, 2, 3]),
        ("[System.Watermark] > 2", [3]),
        ("[System.ChangedDate] >= '2026-03-02T11:00:00Z'", [2, 3]),
        ("[System.ChangedDate] > '2026-03-02T11:00:00Z' AND [System.Id] < 3", []),
        ("[System.ChangedDate] >= '2026-03-02T13:00:00+02:00'", [2, 3]),
    ],
)
def test_conditions(api: Caller, where: str, found: list[int]) -> None:
    assert api.ids(where) == found


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("[System.ChangedDate] = '2026-03-02'", [1, 2]),
        ("[System.ChangedDate] > '2026-03-02'", [3]),
        ("[System.ChangedDate] >= @Today", [3]),
        ("[System.ChangedDate] >= @Today - 1", [1, 2, 3]),
    ],
)
def test_whole_days_without_time_precision(api: Caller, where: str, found: list[int]) -> None:
    assert api.ids(where, precise=False) == found


def test_a_day_begins_where_the_caller_lives(api: Caller, azure: AzureDevOps) -> None:
    azure.switches.zone_hours = 14
    assert api.ids("[System.ChangedDate] = '2026-03-03'", precise=False) == [1, 2]


def test_a_time_needs_time_precision_in_the_query_string(api: Caller) -> None:
    answer = api.try_wiql("SELECT [System.Id] FROM WorkItems WHERE [System.ChangedDate] >= '2026-04-18T19:35:25Z'")
    assert answer.status_code == 400
    assert answer.json()["message"] == (
        "You cannot supply a time with the date when running a query using date precision. The error is caused by "
        "«[System.ChangedDate] >= '2026-04-18T19:35:25Z'»."
    )


def test_fractions_of_seconds_may_be_ignored(api: Caller, azure: AzureDevOps) -> None:
    where = "[System.ChangedDate] >= '2026-03-02T11:00:00.5Z' AND [System.Id] < 3"
    assert api.ids(where) == [2]
    azure.switches.wiql_fractions = "respected"
    assert api.ids(where) == []


@pytest.mark.parametrize(
    ("where", "message"),
    [
        (
            "[Custom.X] = 1",
            "TF51005: The query references a field that does not exist. The error is caused by «[Custom.X]».",
        ),
        (
            "[System.AreaPath] UNDER 'Web\\my-repo'",
            "TF51011: The specified area path does not exist. The error is caused by «'Web\\my-repo'».",
        ),
        (
            "[System.IterationPath] = 'Web\\Sprint 9'",
            "TF51011: The specified iteration path does not exist. The error is caused by «'Web\\Sprint 9'».",
        ),
        ("[System.Title] = 'unclosed", "TF51006: The query statement is not valid. Expecting closing quote."),
    ],
)
def test_refusals(api: Caller, where: str, message: str) -> None:
    answer = api.try_wiql(f"SELECT [System.Id] FROM WorkItems WHERE {where}")
    assert (answer.status_code, answer.json()["message"]) == (400, message)


def test_order_by_several_fields_both_ways(api: Caller) -> None:
    assert api.ids("[System.Id] > 0", "ORDER BY [System.State] DESC, [System.Id] DESC") == [2, 1, 3]
    assert api.ids("[System.Id] > 0", "ORDER BY [System.AssignedTo], [System.Id]") == [1, 2, 3]
    assert api.ids("[System.Id] > 0", "ORDER BY [System.ChangedDate] DESC") == [3, 2, 1]


def test_the_answer_has_ids_only_and_says_by_what_it_is_sorted(api: Caller) -> None:
    query = "SELECT [System.Id], [System.Title] FROM WorkItems WHERE [System.Id] = 1"
    plain = api.try_wiql(query).json()
    assert (plain["queryType"], plain["queryResultType"]) == ("flat", "workItem")
    assert plain["workItems"] == [{"id": 1, "url": "https://dev.azure.com/contoso/_apis/wit/workItems/1"}]
    assert [column["referenceName"] for column in plain["columns"]] == ["System.Id", "System.Title"]
    assert "sortColumns" not in plain
    assert api.try_wiql(query + " ORDER BY [System.Id] DESC").json()["sortColumns"][0]["descending"] is True


def test_top_cuts_silently_and_too_many_are_an_error_or_are_cut(api: Caller, azure: AzureDevOps) -> None:
    assert api.ids("[System.Id] > 0", top=2) == [1, 2]
    azure.switches.query_cap = 2
    answer = api.try_wiql("SELECT [System.Id] FROM WorkItems")
    assert answer.json()["typeKey"] == "WorkItemTrackingQueryResultSizeLimitExceededException"
    assert answer.json()["message"].startswith(
        "VS402337: The number of work items returned exceeds the size limit of 2."
    )
    assert api.ids("[System.Id] > 0", top=2) == [1, 2]
    azure.switches.query_over_cap = "truncate"
    assert api.ids("[System.Id] > 0") == [1, 2]


def test_a_cursor_by_watermark_and_id(api: Caller, bo: Person) -> None:
    bo.edit(1, {"System.Title": "Search again"})
    where = "([System.Watermark] > 2) OR ([System.Watermark] = 2 AND [System.Id] > 2)"
    assert api.ids(where, "ORDER BY [System.Watermark], [System.Id]") == [3, 1]


def test_deleted_items_are_found_only_when_asked_for(api: Caller, bo: Person) -> None:
    bo.delete(2)
    assert api.ids("[System.Id] > 0") == [1, 3]
    assert api.ids("[System.IsDeleted] = true") == [2]


def test_the_past_is_queried_with_asof(api: Caller, bo: Person) -> None:
    bo.edit(1, {"System.State": "Active"})
    assert api.ids("[System.State] = 'New'") == [2]
    assert api.ids("[System.State] = 'New'", "ASOF '2026-03-02T12:00:00Z'") == [1, 2]


def test_a_query_may_lag_behind(api: Caller, azure: AzureDevOps, bo: Person, clock: VirtualClock) -> None:
    clock.advance(60)
    azure.switches.query_lag_s = 10
    bo.edit(1, {"System.State": "Active"})
    where = "[System.ChangedDate] >= '2026-03-03T11:00:30Z'"
    assert api.ids(where) == []
    clock.advance(10)
    assert api.ids(where) == [1]


def test_saved_queries_count_in_a_header(api: Caller, azure: AzureDevOps, web: Project) -> None:
    number = azure.save_query(web, "Bugs", "SELECT [System.Id] FROM WorkItems WHERE [System.WorkItemType] = 'Bug'")
    answer = api.send("GET", f"/Web/_apis/wit/wiql/{number}")
    assert ([one["id"] for one in answer.json()["workItems"]], answer.headers["x-total-count"]) == ([2], "1")


def test_text_becomes_a_tree() -> None:
    query = parse(
        "select [A], [B] from workitems where [A] = 'x''y' and (B <> -2 or not [C] in (@Today - 7)) order by [A] desc"
    )
    assert query.columns == ("A", "B")
    assert query.order == (("A", True),)
    assert query.condition == Junction(
        "AND",
        (
            Comparison("A", "=", (Text("x'y"),), "[A] = 'x''y'"),
            Junction(
                "OR",
                (
                    Comparison("B", "<>", (Number(-2.0),), "B <> -2"),
                    Junction(
                        "AND", (Comparison("C", "IN", (Macro("today", -7),), "[C] in (@Today - 7)"),), negated=True
                    ),
                ),
            ),
        ),
    )


@pytest.mark.parametrize(
    "text",
    ["", "SELECT", "SELECT [A] FROM Elsewhere", "SELECT [A] FROM WorkItems WHERE", "SELECT [A] FROM WorkItems [B]"],
)
def test_text_that_is_no_query(text: str) -> None:
    with pytest.raises(WiqlError):
        parse(text)
