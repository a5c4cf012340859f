"""The texts of queries, and how they keep within what the service takes."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from reconciler.trackers.azure_devops import ProjectScope, wiql
from tests.trackers.azure_devops.conftest import EARLY, Bench


def test_quotes_in_names_are_doubled() -> None:
    scope = ProjectScope("O'Brien's", ("Bug",), "Bug", "O'Brien's\\A")
    assert wiql.covers(scope) == (
        "([System.TeamProject] = 'O''Brien''s' AND [System.WorkItemType] IN ('Bug')"
        " AND [System.AreaPath] UNDER 'O''Brien''s\\A')"
    )


def test_a_moment_is_whole_seconds_in_utc_rounded_down() -> None:
    moment = datetime(2026, 3, 2, 10, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=2)))
    assert wiql.changed_since(moment) == ["[System.ChangedDate] >= '2026-03-02T08:00:00Z'"]
    assert wiql.changed_since(None) == []


def test_equal_scopes_are_asked_for_once() -> None:
    scope = ProjectScope("Web", ("Bug",), "Bug")
    other = ProjectScope("Web", ("Bug",), "Bug", condition="[System.AssignedTo] = @Me")
    assert wiql.any_of([scope, other]) == wiql.covers(scope)


def test_a_further_query_begins_behind_the_last_id() -> None:
    assert wiql.query(["A", "B"]).endswith("WHERE A AND B ORDER BY [System.Id]")
    assert wiql.query(["A"], after=7).endswith("WHERE A AND [System.Id] > 7 ORDER BY [System.Id]")


@pytest.mark.parametrize("used", [0, 20_000, 27_990, 40_000])
def test_known_revisions_are_named_as_far_as_they_fit(used: int) -> None:
    conditions = wiql.not_at([(1_000_000 + number, 12) for number in range(1_000)], used)
    assert len(conditions) <= wiql.KNOWN_MAX
    assert not conditions or used + len(" AND ".join(conditions)) <= wiql.QUERY_CHARS_MAX


def test_more_scopes_than_one_query_can_name_are_spread_over_several(bench: Bench) -> None:
    scopes = []
    for number in range(150):
        project = bench.service.add_project(f"Project with a rather long name, as companies like them {number}")
        bench.ann.create(project, "Task", f"Item {number}")
        scopes.append(bench.within(project=project.name))
    bench.tick(60)
    mark = bench.log.mark()
    pages = list(bench.tracker.changed_since(scopes, EARLY, {}))
    queries = [exchange for exchange in bench.log.since(mark) if exchange.path.endswith("/wiql")]
    assert 1 < len(queries) < 5
    assert max(len(query.body) for query in queries) < 32_000
    assert {scope for page in pages for scope, _ in page.items} == set(scopes)
    assert [page.watermark for page in pages if page.watermark] == [bench.clock.now()]


def test_a_name_full_of_quotes_is_found(bench: Bench) -> None:
    project = bench.service.add_project("O'Brien")
    bench.ann.create(project, "Task", "Item")
    assert [item.title for item in bench.changes(scopes=[bench.within(project="O'Brien")])] == ["Item"]
