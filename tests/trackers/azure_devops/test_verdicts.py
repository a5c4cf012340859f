"""What answers mean: every recorded and reported error, and the disguises of a bad token."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from reconciler.errors import Gone, OutcomeUnknown, Rejected, StaleRevision, TrackerError, Unauthorized, Unavailable
from reconciler.trackers.answer import Answer
from reconciler.trackers.azure_devops.verdicts import REVISION_LIMIT, UNKNOWN_IDENTITY, judge
from tests.openapi.validator import SHARED
from tests.trackers.azure_devops.conftest import Bench, make_bench

RECORDINGS = SHARED / "apis" / "azure-devops" / "recordings"


def answer(status: int, body: Any = None, *, method: str = "GET", text: str = "") -> Answer:
    kind = "application/json" if body is not None else "text/html"
    return Answer(status, {"content-type": kind}, text or (json.dumps(body) if body else ""), body, method, "/x")


def refusal(message: str, key: str = "SomeException", **more: Any) -> dict[str, Any]:
    return {"$id": "1", "message": message, "typeKey": key, "errorCode": 0, "eventId": 3200, **more}


@pytest.mark.parametrize(
    ("status", "message", "key", "error", "code"),
    [
        (404, "TF401232: Work item 191 does not exist", "WorkItemUnauthorizedAccessException", Gone, "TF401232"),
        (404, "TF200016: The following project does not exist", "X", Rejected, "TF200016"),
        (404, "VS403072: Work item type X does not exist.", "X", Rejected, "VS403072"),
        (412, "VS403351: Test Operation for path /rev failed", "X", StaleRevision, "VS403351"),
        (409, "TF26071: This work item has been changed", "X", StaleRevision, "TF26071"),
        (400, "TF26071: This work item has been changed", "X", StaleRevision, "TF26071"),
        (401, "TF400813: The user is not authorized", "UnauthorizedRequestException", Unauthorized, None),
        (400, "TF400813: The user is not authorized", "X", Unauthorized, None),
        (403, "TF237111: The current user does not have permissions", "X", Rejected, "TF237111"),
        (400, "VS402335: The timeout period elapsed", "X", Unavailable, None),
        (400, "VS402490: too many concurrent queries", "X", Unavailable, None),
        (503, "TF24668: The collection is stopped", "VssServiceException", Unavailable, None),
        (429, "TF400733: The request has been canceled", "X", Unavailable, None),
        (500, "VS1: the limit of 10,000 revisions is reached", "X", Rejected, REVISION_LIMIT),
        (400, "Nothing begins with a code", "RuleValidationException", Rejected, "RuleValidationException"),
        (400, "Il campo non esiste", "", Rejected, ""),
    ],
)
def test_a_code_means_one_thing(
    status: int, message: str, key: str, error: type[TrackerError], code: str | None
) -> None:
    verdict = judge(answer(status, refusal(message, key)))
    assert type(verdict) is error
    assert message in str(verdict)
    assert getattr(verdict, "code", None) == code


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (refusal("TF401324: Value for field 'System.Title' is too long"), "title"),
        (refusal("TF401324: Il valore per il campo 'System.Title' è troppo lungo"), "title"),
        (refusal("TF401407: The tag has invalid characters."), "tags"),
        (refusal("VS403072: Work item type X does not exist."), "type"),
        (refusal("unknown", errorCode=600171, customProperties={"ReferenceName": "System.AssignedTo"}), "assignees"),
        (refusal("TF401347: Invalid tree name given for work item -1, field 'System.AreaPath'."), ""),
        (
            refusal(
                "TF401320: two rules",
                customProperties={
                    "RuleValidationErrors": [
                        {"fieldReferenceName": "Custom.Needed", "errorMessage": "Needed is required."},
                        {"fieldReferenceName": "System.State", "errorMessage": "State is bad."},
                    ]
                },
            ),
            "state",
        ),
        (refusal("all wrong", customProperties={"RuleValidationErrors": None}), ""),
    ],
)
def test_a_refusal_names_the_field_it_is_about(body: dict[str, Any], field: str) -> None:
    verdict = judge(answer(400, body))
    assert isinstance(verdict, Rejected)
    assert verdict.field == field


def test_all_broken_rules_are_told() -> None:
    rules = [{"fieldReferenceName": "A", "errorMessage": "One."}, {"fieldReferenceName": "B", "errorMessage": "Two."}]
    verdict = judge(answer(400, refusal("One. One more error", customProperties={"RuleValidationErrors": rules})))
    assert str(verdict) == "One. Two."


def test_an_unknown_identity_has_a_code_of_its_own() -> None:
    verdict = judge(answer(400, refusal("unknown", errorCode=600171)))
    assert isinstance(verdict, Rejected)
    assert verdict.code == UNKNOWN_IDENTITY


@pytest.mark.parametrize("status", [500, 502, 503, 504, 429, 408])
def test_pages_of_gateways_are_left_to_the_transport(status: int) -> None:
    assert judge(answer(status, text="<html>Please wait</html>")) is None


@pytest.mark.parametrize("status", [200, 203, 301, 302])
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH"])
def test_a_sign_in_page_is_a_refused_token(status: int, method: str) -> None:
    assert isinstance(judge(answer(status, method=method, text="<html>Sign in</html>")), Unauthorized)


def test_an_empty_answer_is_good_only_where_nothing_was_to_be_said() -> None:
    assert judge(answer(204)) is None
    assert judge(answer(200, method="DELETE")) is None
    assert judge(answer(200, {"count": 0})) is None
    assert isinstance(judge(answer(200)), Unauthorized)


def test_a_404_that_no_service_of_work_items_said_proves_nothing() -> None:
    assert judge(answer(404, text="The controller was not found")) is not None
    assert not isinstance(judge(answer(404, text="The controller was not found")), Gone)


def test_every_recorded_error_is_an_error_and_no_recorded_success_is() -> None:
    if not RECORDINGS.exists():
        pytest.skip("the recordings are not here")
    seen = 0
    for path in sorted(RECORDINGS.glob("*.json")):
        for exchange in json.loads(path.read_text(encoding="utf-8"))["interactions"]:
            status, text, method = _response(exchange)
            if method in ("HEAD", "OPTIONS"):
                continue  # we never ask so
            try:
                body = json.loads(text) if text else None
            except ValueError:
                body = None
            verdict = judge(Answer(status, {}, text, body, method, "/x"))
            assert (verdict is None) == (status < 300), (path.name, status, verdict)
            seen += 1
    assert seen > 50


def _response(exchange: dict[str, Any]) -> tuple[int, str, str]:
    reply, asked = exchange["response"], exchange["request"]
    status, body = reply["status"], reply.get("body")
    code = int(status["code"] if isinstance(status, dict) else status)
    text = body.get("string", "") if isinstance(body, dict) and "string" in body else body
    text = text if isinstance(text, str) else json.dumps(text) if text else ""
    return code, text.removeprefix("\ufeff"), str(asked["method"])


# --- over the wire ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["203", "302"])
def test_a_revoked_token_is_told_apart_from_an_empty_answer(page: str) -> None:
    bench = make_bench(sign_in_page=page)
    bench.service.revoke_token(bench.bot.token)
    with pytest.raises(Unauthorized):
        bench.changes()
    with pytest.raises(Unauthorized):
        bench.create()
    assert bench.service.world.items == {}


def test_a_token_that_may_only_read_is_a_refusal_of_each_write(bench: Bench) -> None:
    tracker = bench.another_tracker(token=bench.service.issue_token(bench.bot, write=False))
    base = bench.create().item
    with pytest.raises(Rejected):
        tracker.delete(bench.scope, base)
    assert tracker.read(bench.scope, [base.key]) == {base.key: base}


def test_an_area_that_may_not_be_written_is_a_refusal_of_the_item(bench: Bench) -> None:
    area = bench.service.add_area(bench.web, "Frozen")
    item = bench.ann.create(bench.web, "Task", "Item", {"System.AreaPath": "Web\\Frozen"})
    bench.service.freeze_area(bench.bot, area)
    with pytest.raises(Rejected) as refused:
        bench.update(bench.read(item.id), title="Ours")
    assert refused.value.key == str(item.id)
    assert not isinstance(refused.value, Gone | StaleRevision)


def test_a_stopped_organisation_is_unavailable(bench: Bench) -> None:
    bench.service.incidents.organization_stopped(times=9)
    with pytest.raises(Unavailable, match="TF24668"):
        bench.changes()


def test_a_write_that_no_gateway_answers_for_is_in_doubt(bench: Bench) -> None:
    base = bench.create().item
    bench.service.faults.lose_response("^PATCH", 504)
    with pytest.raises(OutcomeUnknown):
        bench.update(base, title="Written all the same")
    assert bench.read(base.key).title == "Written all the same"


def test_a_request_that_was_held_back_is_followed_by_a_pause(bench: Bench) -> None:
    bench.service.faults.inject(
        "held",
        "/wiql",
        on_response=lambda _, reply: replace(
            reply, headers={**reply.headers, "retry-after": "17", "x-ratelimit-delay": "3"}
        ),
    )
    bench.changes()
    started_s = bench.clock.monotonic_s()
    bench.changes()
    assert bench.clock.monotonic_s() - started_s == 17
