"""What the addresses for programs answer."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from prometheus_client.parser import text_string_to_metric_families

from reconciler.clock import VirtualClock
from reconciler.model.report import MappingReport
from reconciler.store import Store
from tests.web.conftest import Site, served
from tests.web.filled import TITLES, configuration

DOCUMENTS = ["stats", "project-maps", "sync-log"]


def test_health_is_ok_until_a_mapping_is_late(tmp_path: Path) -> None:
    clock = VirtualClock()
    with served(configuration(tmp_path), clock) as site:
        assert (site.get("/api/health").status_code, site.get("/api/health").json()["status"]) == (200, "ok")
        clock.advance(120)
        answer = site.get("/api/health")
    assert (answer.status_code, answer.json()["status"], answer.json()["late"]) == (503, "late", ["web"])


def test_stats_say_how_mappings_and_trackers_stand(site: Site) -> None:
    document = site.get("/api/dashboard/stats").json()
    web, app = document["mappings"]
    assert (web["name"], web["left"], web["right"]) == ("web", "ado", "clickup")
    assert (web["linked"], web["conflicts"], web["quarantined"], web["pending"], web["in_doubt"]) == (
        len(TITLES),
        2,
        2,
        1,
        1,
    )
    # A conflict of two fields of different pairs, one in quarantine that is in doubt too, one that waits.
    assert (web["open_pairs"], web["parity"]) == (4, pytest.approx(1 - 4 / len(TITLES)))
    assert (app["linked"], app["parity"]) == (0, None)
    assert {tracker["name"]: tracker["circuit"] for tracker in document["trackers"]} == {
        "ado": "closed",
        "clickup": "open",
    }
    hours = document["trackers"][0]["requests_by_hour"]
    assert len(hours) == 31
    assert hours[-1]["requests"] == 1_900


def test_project_maps_are_the_mappings_with_all_defaults(site: Site) -> None:
    web, app = site.get("/api/dashboard/project-maps").json()["mappings"]
    assert web["left"] == {
        "tracker": "ado",
        "place": {"project": "Web", "types": ["Epic", "User Story", "Bug", "Task"], "area_path": "Web\\Shop"},
    }
    assert web["states"][1] == {"left": "Active", "right": ["in progress", "blocked"]}
    fields = {entry["field"]: (entry["direction"], entry["conflict"]) for entry in web["fields"]}
    assert (fields["estimate"], fields["description"]) == (("to-right", "newest"), ("both", "hold"))
    assert (app["poll_every_s"], app["first_sync"], app["states"]) == (300.0, "confirm", [])


def test_sync_log_is_paged_and_filtered(site: Site) -> None:
    first = site.get("/api/dashboard/sync-log").json()
    assert (first["page"], first["limit"], len(first["events"])) == (1, 20, 20)
    second = site.get("/api/dashboard/sync-log?page=2&limit=20").json()
    assert first["events"][-1]["id"] > second["events"][0]["id"]
    held = site.get("/api/dashboard/sync-log?kind=conflict&text=TITLE changed").json()
    assert [(event["kind"], event["field"]) for event in held["events"]] == [("conflict", "title")]
    assert site.get("/api/dashboard/sync-log?mapping=app").json()["total"] == 0


@pytest.mark.parametrize("item", ["AB#1201", "CU-86c7mc001", "https://app.clickup.com/t/86c7mc001"])
def test_sync_log_finds_an_item_by_either_side(site: Site, item: str) -> None:
    found = site.get("/api/dashboard/sync-log", params={"item": item, "kind": "conflict"}).json()
    assert [event["key"] for event in found["events"]] == ["1201"]


def test_words_are_no_patterns(site: Site) -> None:
    assert site.get("/api/dashboard/sync-log", params={"text": "%"}).json()["total"] == 0


@pytest.mark.parametrize("query", ["page=0", "page=-1", "page=x", "limit=201", "limit=", "page=99999999999999999999"])
def test_a_page_that_cannot_be_is_refused_in_a_sentence(site: Site, query: str) -> None:
    answer = site.get(f"/api/dashboard/sync-log?{query}")
    assert answer.status_code == 400
    assert "must be a whole number" in answer.json()["error"]


def test_metrics_are_what_stats_say_and_count_what_was_done(tmp_path: Path, site: Site) -> None:
    report = MappingReport("web")
    report.requests["ado"] += 3
    report.updates["clickup"] += 2
    site.instance.activity.cycled(report)
    families = list(text_string_to_metric_families(site.get("/metrics").text))
    found = {(s.name, *sorted(s.labels.values())): s.value for family in families for s in family.samples}
    assert found["reconciler_pairs", "web"] == len(TITLES)
    assert found["reconciler_conflicts", "web"] == 2
    assert found["reconciler_tracker_answering", "clickup"] == 0
    assert found["reconciler_requests_total", "ado"] == 3
    assert found["reconciler_writes_total", "clickup", "updates", "web"] == 2
    assert found["reconciler_cycles_total", "finished", "web"] == 1
    assert all(family.name.startswith("reconciler") and family.documentation for family in families)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_without_a_store_documents_say_so(empty_site: Site, document: str) -> None:
    answer = empty_site.get(f"/api/dashboard/{document}")
    if document == "project-maps":
        assert answer.status_code == 200
    else:
        assert (answer.status_code, "there is no store" in answer.json()["error"]) == (503, True)


def test_a_damaged_store_is_told_in_a_sentence_and_looking_goes_on_once_it_is_back(tmp_path: Path) -> None:
    config = configuration(tmp_path)
    Store.open(config.store.url, clock=VirtualClock()).close()
    file = tmp_path / "store.db"
    good = file.read_bytes()
    with served(config, VirtualClock()) as site:
        file.write_bytes(b"no database at all, but long enough to be one" * 200)
        broken = site.get("/api/dashboard/stats")
        file.write_bytes(good)
        again = site.get("/api/dashboard/stats")
    assert (broken.status_code, "restore a backup" in broken.json()["error"]) == (503, True)
    assert again.status_code == 200


def test_looking_does_not_wait_for_the_writer(site: Site) -> None:
    """The daemon's writer is in the middle of a transaction; whoever looks sees what was before it."""
    with Store.open(site.instance.config.store.url, clock=site.clock) as store, store.transaction():
        store.set_problem("web", "not to be seen")
        answer = site.get("/api/dashboard/stats", timeout=5)
    assert answer.status_code == 200


def test_a_foreign_name_for_this_machine_is_refused(site: Site) -> None:
    assert site.get("/api/health", headers={"host": "rebound.example.com"}).status_code == 421
    assert site.get("/api/health", headers={"host": "LOCALHOST:8080"}).status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_can_be_written(site: Site, method: str) -> None:
    answer = site.client.request(method, "/api/dashboard/stats")
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]


def test_a_secret_comes_out_nowhere(site: Site) -> None:
    for path in (
        "/metrics",
        "/api/openapi.json",
        *(f"/api/dashboard/{name}?text=an-invented-secret" for name in DOCUMENTS),
    ):
        text = site.get(path).text
        assert "an-invented-secret" not in text
        assert "pk_0_invented" not in text


def test_every_answer_keeps_browsers_from_doing_more_than_showing_it(site: Site) -> None:
    for path in ("/api/health", "/nowhere", "/api/dashboard/sync-log?page=0"):
        headers = site.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'self';")
        assert "unsafe" not in headers["content-security-policy"]
        assert (headers["x-content-type-options"], headers["cache-control"]) == ("nosniff", "no-store")


def test_the_description_holds_for_whatever_is_asked(acting_site: Site) -> None:
    """Every address as the document says it, right and wrong values, checked by somebody else's program."""
    import schemathesis

    session = requests.Session()
    session.trust_env = False
    site = acting_site
    schema = schemathesis.openapi.from_dict(site.get("/api/openapi.json").json())
    asked: set[str] = set()
    for found in schema.get_all_operations():
        operation = found.ok()

        @given(case=operation.as_strategy())
        @settings(max_examples=6, database=None, deadline=None, suppress_health_check=list(HealthCheck))
        def holds(case: schemathesis.Case) -> None:
            asked.add(case.path)
            case.validate_response(case.call(base_url=site.address, session=session))

        holds()
    assert asked == set(site.get("/api/openapi.json").json()["paths"])
