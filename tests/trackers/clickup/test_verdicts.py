"""What answers mean: every recorded and reported error, and the disguises of a bad token."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reconciler.errors import Gone, OutcomeUnknown, Rejected, TrackerError, Unauthorized, Unavailable
from reconciler.model.draft import Draft
from reconciler.simulators.clickup.rate_limit import RateLimit
from reconciler.simulators.kit.transport import InProcess
from reconciler.simulators.kit.wire import Request, Response
from reconciler.trackers.answer import Answer
from reconciler.trackers.clickup import ClickUp, Connection
from reconciler.trackers.clickup.verdicts import Hidden, judge
from tests.trackers.clickup.conftest import URL, Bench, make_bench, origin

RECORDED = Path(__file__).resolve().parents[3].parent / "shared" / "apis" / "clickup" / "examples" / "recorded"


def answer(status: int, code: str = "", *, method: str = "GET", path: str = "/api/v2/task/1", body: str = "") -> Answer:
    error = {"err": "Some words", "ECODE": code} if code else None
    kind = "application/json" if error else "text/html"
    return Answer(status, {"content-type": kind}, body or json.dumps(error), error, method, path)


@pytest.mark.parametrize(
    ("status", "code", "error", "field"),
    [
        (400, "OAUTH_017", Unauthorized, ""),
        (401, "OAUTH_018", Hidden, ""),
        (401, "OAUTH_023", Hidden, ""),
        (401, "ACCESS_083", Hidden, ""),
        (403, "TIML_001", Rejected, ""),
        (404, "ITEM_013", Gone, ""),
        (404, "ACCESS_999", Gone, ""),
        (404, "SHARD_031", Gone, ""),
        (400, "CRTSK_001", Rejected, "state"),
        (400, "ITEM_114", Rejected, "state"),
        (400, "INPUT_005", Rejected, "title"),
        (400, "ITEM_246", Rejected, "type"),
        (400, "INPUT_003", Rejected, ""),
        (429, "APP_002", Unavailable, ""),
    ],
)
def test_a_code_means_one_thing(status: int, code: str, error: type[TrackerError], field: str) -> None:
    verdict = judge(answer(status, code))
    assert type(verdict) is error
    assert getattr(verdict, "field", "") == field
    assert "Some words" in str(verdict)
    if isinstance(verdict, Rejected):
        assert verdict.code == code


def test_a_401_about_ourselves_is_a_refused_token() -> None:
    assert isinstance(judge(answer(401, "OAUTH_025", path="/api/v2/user")), Unauthorized)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_the_meaning_of_5xx_is_left_to_the_transport(status: int) -> None:
    assert judge(answer(status, body="<html>Bad gateway</html>")) is None


def test_a_page_instead_of_json_is_no_answer() -> None:
    assert isinstance(judge(answer(200, body="<html>")), Unavailable)
    assert isinstance(judge(answer(200, body="<html>", method="PUT")), OutcomeUnknown)
    assert judge(Answer(204, {}, "", None, "DELETE", "/api/v2/task/1")) is None


def test_every_recorded_error_is_an_error_and_no_recorded_success_is() -> None:
    if not RECORDED.exists():
        pytest.skip("recordings are not here")
    seen = 0
    for file in sorted(RECORDED.glob("*.json")):
        for exchange in json.loads(file.read_text(encoding="utf-8"))["exchanges"]:
            reply, asked = exchange["response"], exchange["request"]
            path = asked["path_and_query"].partition("?")[0]
            text = "" if reply["body"] is None else json.dumps(reply["body"])
            verdict = judge(Answer(reply["status"], reply["headers"], text, reply["body"], asked["method"], path))
            assert (verdict is None) == (reply["status"] < 400)
            seen += 1
    assert seen > 30


# --- over the wire ---------------------------------------------------------------------------------------------------


def test_a_hidden_resource_costs_one_question_about_ourselves(bench: Bench) -> None:
    mark = bench.log.mark()
    assert bench.tracker.read(bench.scope, ["86c000000"]) == {}
    assert [exchange.path for exchange in bench.log.since(mark)] == ["/api/v2/task/86c000000", "/api/v2/user"]


def test_a_token_revoked_meanwhile_is_unauthorized(bench: Bench) -> None:
    def refuse(request: Request) -> Response:
        return Response(401, {"content-type": "application/json"}, b'{"err":"Token invalid","ECODE":"OAUTH_025"}')

    bench.wire.faults.inject("revoked", ".", on_request=refuse, times=10)
    with pytest.raises(Unauthorized):
        bench.changes(bench.clock.now())
    with pytest.raises(Unauthorized):
        bench.another_tracker()


def test_a_gateway_page_on_a_write_leaves_it_in_doubt_and_on_a_read_is_tried_again(bench: Bench) -> None:
    task = bench.service.as_member(bench.ann).create_task(bench.tasks, "Task")
    bench.wire.faults.answer("^GET", 502, headers={"content-type": "text/html"}, body="<html>", times=2)
    base = bench.read(task.id)
    bench.wire.faults.answer("^PUT", 504, headers={"content-type": "text/html"}, body="<html>")
    with pytest.raises(OutcomeUnknown):
        list(bench.tracker.update(bench.scope, base, {"title": "New"}))


def test_a_refusal_for_the_rate_is_waited_out_even_for_a_write(bench: Bench) -> None:
    task = bench.service.as_member(bench.ann).create_task(bench.tasks, "Task")
    base = bench.read(task.id)
    reset = str(int(bench.clock.now().timestamp()) + 40)
    bench.wire.faults.answer(
        "^PUT",
        429,
        headers={"content-type": "application/json", "x-ratelimit-reset": reset},
        body='{"err":"Rate limit reached","ECODE":"APP_002"}',
    )
    start_s = bench.clock.monotonic_s()
    [written] = bench.tracker.update(bench.scope, base, {"title": "New"})
    assert written.item.title == "New"
    assert bench.clock.monotonic_s() - start_s >= 39


@pytest.mark.parametrize("window", ["fixed", "sliding"])
def test_two_hundred_and_fifty_creates_never_meet_the_rate_limit(window: str) -> None:

    bench = make_bench()
    bench.service.rate_limit = RateLimit(bench.clock, 100, window)  # type: ignore[arg-type]
    tracker = bench.another_tracker(requests_per_minute=100)
    tracker.schema(bench.scope)
    for number in range(250):
        tracker.create(bench.scope, Draft({"title": f"Task {number}", "type": "Task"}, origin(number)))
    assert 429 not in bench.log.since().by_status
    assert bench.clock.monotonic_s() < 130


def test_an_oauth_token_is_sent_as_bearer_and_a_personal_one_as_it_is(bench: Bench) -> None:
    token = bench.service.add_oauth_token(bench.ann, [bench.workspace])
    connection = Connection.model_validate(
        {"kind": "clickup", "workspace": bench.workspace.id, "token": token, "requests_per_minute": 1000}
    )
    tracker = ClickUp("clickup", connection, bench.clock, InProcess({URL: bench.wire}))
    tracker.connect()
    assert tracker.person("ANN@example.com") is not None
