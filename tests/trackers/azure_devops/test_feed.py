"""The feed: one organisation-wide query, admission, what is left out, and limits of the service."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

import pytest

from reconciler.errors import Rejected, ScopeRejected, Unauthorized
from reconciler.trackers.azure_devops import feed, tracker
from tests.trackers.azure_devops.conftest import EARLY, Bench, make_bench


def test_an_idle_poll_of_many_projects_is_one_request(bench: Bench) -> None:
    scopes = [bench.scope]
    for number in range(20):
        project = bench.service.add_project(f"Project {number}")
        bench.ann.create(project, "Task", "Old")
        scopes.append(bench.within(project=project.name))
    bench.tick(3600)
    since = bench.clock.now() - timedelta(seconds=120)
    assert bench.requests_of(lambda: bench.changes(since, scopes=scopes)) == 1


def test_each_item_comes_with_the_scopes_that_it_lies_in(bench: Bench) -> None:
    app = bench.service.add_project("App")
    bench.service.add_area(bench.web, "Shop")
    bench.ann.create(bench.web, "Task", "Outside")
    bench.ann.create(bench.web, "Task", "Inside", {"System.AreaPath": "Web\\Shop"})
    bench.ann.create(app, "Task", "Other project")
    bench.ann.create(app, "Feature", "Other type")
    shop, other = bench.within(area_path="Web\\Shop"), bench.within(project="app")
    pages = bench.tracker.changed_since([bench.scope, shop, other], EARLY, {})
    found = [(scope, item.title) for page in pages for scope, item in page.items]
    assert sorted(found, key=lambda pair: (pair[1], pair[0].name)) == [
        (bench.scope, "Inside"),
        (shop, "Inside"),
        (other, "Other project"),
        (bench.scope, "Outside"),
    ]


def test_closed_ones_and_children_come_too_and_deleted_ones_do_not(bench: Bench) -> None:
    parent = bench.ann.create(bench.web, "Epic", "Parent")
    bench.ann.create(bench.web, "Task", "Child", parent=parent)
    bench.ann.create(bench.web, "Task", "Closed", {"System.State": "Closed"})
    bench.ann.delete(bench.ann.create(bench.web, "Task", "Deleted"))
    assert {item.title for item in bench.changes()} == {"Parent", "Child", "Closed"}


def test_the_watermark_is_the_servers_time_and_stands_on_the_last_page_only(bench: Bench) -> None:
    bench.service.clock.ahead_s = 600.0
    for number in range(250):
        bench.ann.create(bench.web, "Task", f"Item {number}")
    pages = list(bench.tracker.changed_since([bench.scope], EARLY, {}))
    assert [page.watermark for page in pages[:-1]] == [None] * (len(pages) - 1)
    assert pages[-1].watermark == bench.clock.now() + timedelta(seconds=600)
    assert sum(len(page.items) for page in pages) == 250


@pytest.mark.parametrize("fraction_s", [0.0, 0.25])
def test_an_item_changed_at_the_very_watermark_comes(bench: Bench, fraction_s: float) -> None:
    bench.tick(fraction_s)
    item = bench.ann.create(bench.web, "Task", "On the edge")
    assert [found.key for found in bench.changes(bench.clock.now())] == [str(item.id)]
    bench.tick(2)
    assert bench.changes(bench.clock.now()) == []


def test_revisions_already_processed_cost_nothing(bench: Bench) -> None:
    for number in range(30):
        bench.ann.create(bench.web, "Task", f"Item {number}")
    known = {item.key: item.revision for item in bench.changes()}
    assert bench.requests_of(lambda: bench.changes(EARLY, known)) == 1
    bench.ann.edit(7, {"System.Title": "Edited"})
    assert [item.title for item in bench.changes(EARLY, known)] == ["Edited"]


def test_more_known_revisions_than_a_query_can_name_are_dropped_after_reading(bench: Bench) -> None:
    for number in range(450):
        bench.ann.create(bench.web, "Task", f"Item {number}")
    known = {item.key: item.revision for item in bench.changes()}
    assert bench.changes(EARLY, known) == []


def test_a_service_that_refuses_to_leave_out_known_ones_is_asked_without(bench: Bench) -> None:
    item = bench.ann.create(bench.web, "Task", "Item")
    bench.service.faults.answer(lambda request: b"System.Rev" in request.body, 400, body=b"{}", times=9)
    assert bench.changes(EARLY, {str(item.id): "1"}) == []
    assert [found.title for found in bench.changes(EARLY, {str(item.id): "0"})] == ["Item"]


@pytest.mark.parametrize("over_cap", ["error", "truncate"])
def test_more_items_than_one_answer_holds_all_come(monkeypatch: pytest.MonkeyPatch, over_cap: str) -> None:
    bench = make_bench(query_cap=10, query_over_cap=over_cap)
    monkeypatch.setattr(feed, "QUERY_TOP", 9)
    for number in range(30):
        bench.ann.create(bench.web, "Task", f"Item {number}")
    assert sorted(int(item.key) for item in bench.changes()) == list(range(1, 31))
    assert len({item.key for page in bench.tracker.sweep(bench.scope) for _, item in page.items}) == 30


def test_a_sweep_goes_on_behind_any_of_its_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = make_bench()
    monkeypatch.setattr(feed, "QUERY_TOP", 9)
    monkeypatch.setattr(tracker, "BATCH_MAX", 4)
    for number in range(30):
        bench.ann.create(bench.web, "Task", f"Item {number}")
    pages = list(bench.tracker.sweep(bench.scope))
    assert len(pages) > 8
    seen = 0
    for page in pages[:-1]:
        seen += len(page.items)
        rest = [item for later in bench.tracker.sweep(bench.scope, after=page.resume) for _, item in later.items]
        assert len(rest) == 30 - seen


def test_a_service_that_returns_less_than_we_ask_for_is_asked_for_less(bench: Bench) -> None:
    for number in range(5):
        bench.ann.create(bench.web, "Task", f"Item {number}")
    refusal = b'{"message": "VS402337: The number of work items returned exceeds the size limit of 5000."}'
    bench.service.faults.answer("/wiql", 400, headers={"content-type": "application/json"}, body=refusal, times=1)
    mark = bench.log.mark()
    assert len(bench.changes()) == 5
    asked = [dict(exchange.query)["$top"] for exchange in bench.log.since(mark) if exchange.path.endswith("/wiql")]
    assert asked == ["10000", "5000"]


@pytest.mark.parametrize("omitted", ["null", "dropped"])
def test_an_item_that_vanishes_between_query_and_read_is_left_out(omitted: str) -> None:
    bench = make_bench(omitted_items=omitted)
    bench.ann.create(bench.web, "Task", "Kept")
    lost = bench.ann.create(bench.web, "Task", "Lost")
    bench.service.faults.before("workitemsbatch", lambda: bench.ann.delete(lost))
    assert [item.title for item in bench.changes()] == ["Kept"]


def test_an_item_that_leaves_between_query_and_read_is_left_out(bench: Bench) -> None:
    elsewhere = bench.service.add_project("Elsewhere")
    item = bench.ann.create(bench.web, "Task", "Moved")
    bench.service.faults.before("workitemsbatch", lambda: bench.ann.move(item, elsewhere))
    assert bench.changes() == []


# --- admission --------------------------------------------------------------------------------------------------------


def test_strangers_must_meet_the_condition_and_followed_items_need_not(bench: Bench) -> None:
    mine = bench.within(condition="[System.AssignedTo] = 'ada@example.com'")
    bench.ann.create(bench.web, "Task", "Mine", {"System.AssignedTo": "ada@example.com"})
    known = bench.ann.create(bench.web, "Task", "Known")
    followed = bench.ann.create(bench.web, "Task", "Followed")
    bench.ann.create(bench.web, "Task", "Stranger")
    asked: list[str] = []

    def follows(keys: Collection[str]) -> set[str]:
        asked.extend(keys)
        return {str(followed.id)}

    found = bench.changes(EARLY, {str(known.id): "0"}, [mine], follows)
    assert {item.title for item in found} == {"Mine", "Known", "Followed"}
    assert str(known.id) not in asked


def test_without_a_condition_nobody_is_asked_who_is_followed(bench: Bench) -> None:
    def blow_up(keys: object) -> set[str]:
        raise AssertionError(keys)

    bench.ann.create(bench.web, "Task", "Item")
    assert len(bench.changes(followed=blow_up)) == 1


def test_a_condition_may_name_the_project_it_is_asked_in(bench: Bench) -> None:
    scope = bench.within(condition="[System.TeamProject] = @Project AND [System.AssignedTo] = @Me")
    bench.ann.create(bench.web, "Task", "Ours", {"System.AssignedTo": "bot@example.com"})
    bench.ann.create(bench.web, "Task", "Others")
    assert [item.title for item in bench.changes(scopes=[scope])] == ["Ours"]


def test_a_sweep_admits_like_the_feed(bench: Bench) -> None:
    mine = bench.within(condition="[System.Title] = 'In'")
    bench.ann.create(bench.web, "Task", "In")
    left = bench.ann.create(bench.web, "Task", "Left")
    bench.ann.create(bench.web, "Task", "Out")
    pages = list(bench.tracker.sweep(mine, lambda keys: {str(left.id)} & set(keys)))
    assert {item.title for page in pages for _, item in page.items} == {"In", "Left"}
    assert pages[-1].watermark == bench.clock.now()


# --- refusals ---------------------------------------------------------------------------------------------------------


def test_the_scope_that_the_service_refuses_is_named(bench: Bench) -> None:
    bad = bench.within(area_path="Web\\Nowhere")
    with pytest.raises(ScopeRejected) as refused:
        bench.changes(scopes=[bench.scope, bad])
    assert refused.value.scope == bad
    assert "Web\\Nowhere" in str(refused.value)
    assert refused.value.code == "TF51011"


def test_a_condition_that_has_become_invalid_names_its_scope(bench: Bench) -> None:
    bad = bench.within(condition="[Custom.Gone] = 1")
    bench.ann.create(bench.web, "Task", "Item")
    with pytest.raises(ScopeRejected) as refused:
        bench.changes(scopes=[bench.scope, bad])
    assert refused.value.scope == bad


def test_a_query_that_no_scope_is_to_blame_for_stays_an_ordinary_refusal(bench: Bench) -> None:
    refusal = b'{"message": "TF1234567: no"}'
    bench.service.faults.answer("/wiql", 400, headers={"content-type": "application/json"}, body=refusal, times=1)
    with pytest.raises(Rejected) as refused:
        bench.changes()
    assert not isinstance(refused.value, ScopeRejected)


def test_a_sign_in_page_is_never_an_empty_feed(bench: Bench) -> None:
    html = {"content-type": "text/html"}
    for status in (200, 203, 302, 401):
        bench.service.faults.answer("/wiql", status, headers=html, body=b"<html>Sign in</html>", times=1)
        with pytest.raises(Unauthorized):
            bench.changes()
