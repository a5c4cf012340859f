"""The frame around every request: tokens, ids, rights, rates, strictness (FACTS clickup 1, 14)."""

from __future__ import annotations

import httpx
import pytest

from reconciler.simulators.clickup import GUEST
from reconciler.simulators.kit.simulation import Simulated
from reconciler.simulators.kit.transport import InProcess
from reconciler.simulators.kit.wire import Service
from tests.simulators.clickup.desk import Desk

RATE_HEADERS = {"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"}


@pytest.mark.parametrize(
    ("header", "status", "code"),
    [
        ("", 400, "OAUTH_017"),
        ("pk_1_WRONG", 401, "OAUTH_025"),
        ("Bearer {token}", 401, "OAUTH_025"),
        ("nonsense", 401, "OAUTH_019"),
    ],
)
def test_wrong_credentials_are_told_apart(desk: Desk, header: str, status: int, code: str) -> None:
    answer = desk.call("GET", "/v2/user", token=header.format(token=desk.ada.token))
    assert (answer.status, answer.code) == (status, code)
    assert not RATE_HEADERS & answer.headers.keys()


def test_an_oauth_token_sees_only_its_workspaces(desk: Desk) -> None:
    second = desk.clickup.add_workspace("Second")
    desk.clickup.join(second, desk.ada)
    token = desk.clickup.add_oauth_token(desk.ada, [second])
    for header in (f"Bearer {token}", token):
        teams = desk.call("GET", "/v2/team", token=header).body["teams"]
        assert [team["name"] for team in teams] == ["Second"]
    refused = desk.call("GET", f"/v2/list/{desk.list.id}", token=f"Bearer {token}")
    assert (refused.status, refused.code) == (401, "OAUTH_023")


def test_a_revoked_token_is_a_bad_token(desk: Desk) -> None:
    desk.clickup.tokens.revoke(desk.ada.token)
    assert desk.call("GET", "/v2/user").status == 401


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("/task/zzz", 401, "OAUTH_018"),
        ("/task/a.b", 400, "INPUT_004"),
        ("/list/999/task", 401, "OAUTH_018"),
        ("/list/abc", 400, "INPUT_003"),
        ("/list/0000", 400, "INPUT_003"),
        ("/folder/abc", 400, "INPUT_011"),
        ("/folder/999", 401, "OAUTH_018"),
        ("/space/999", 401, "OAUTH_018"),
        ("/team/999/task", 404, "SHARD_031"),
        ("/team/abc/space", 400, "INPUT_001"),
        ("/task/", 404, "APP_001"),
        ("/nowhere", 404, "APP_001"),
    ],
)
def test_ids_that_mean_nothing(desk: Desk, address: str, status: int, code: str) -> None:
    assert desk.refused("GET", address) == (status, code)


def test_a_foreign_workspace_is_not_an_unknown_one(desk: Desk) -> None:
    foreign = desk.clickup.add_workspace("Foreign")
    assert desk.refused("GET", f"/team/{foreign.id}/task") == (401, "OAUTH_056")


def test_older_codes_for_unknown_ids(desk: Desk) -> None:
    desk.switch(unknown_id_code="OAUTH_027")
    answer = desk.call("GET", "/v2/task/zzz")
    assert (answer.status, answer.body) == (401, {"err": "Team not authorized", "ECODE": "OAUTH_027"})


def test_rate_headers_are_missing_exactly_where_recorded(desk: Desk) -> None:
    for address, present in (("/user", True), ("/task/zzz", True), ("/list/0000", False), ("/team/999/task", False)):
        assert (desk.call("GET", f"/v2{address}").headers.keys() >= RATE_HEADERS) is present


def test_a_fixed_window_forgets_everything_at_its_end() -> None:
    desk = Desk(rate_limit=2)
    assert desk.call("GET", "/v2/user").headers["x-ratelimit-remaining"] == "1"
    desk.clock.advance(50)
    desk.get("/user")
    refused = desk.call("GET", "/v2/user")
    assert (refused.status, refused.code, refused.headers["x-ratelimit-remaining"]) == (429, "APP_002", "0")
    assert int(refused.headers["x-ratelimit-reset"]) == int(desk.clock.now().timestamp()) + 10
    desk.clock.advance(10)
    for _ in range(2):
        desk.get("/user")


def test_a_sliding_window_frees_one_request_at_a_time() -> None:
    desk = Desk(rate_limit=2, window="sliding")
    desk.get("/user")
    desk.clock.advance(50)
    desk.get("/user")
    desk.clock.advance(10)
    desk.get("/user")
    assert desk.call("GET", "/v2/user").status == 429
    desk.clock.advance(49.9)
    assert desk.call("GET", "/v2/user").status == 429
    desk.clock.advance(0.2)
    desk.get("/user")


def test_each_token_has_its_own_budget_and_a_refused_write_has_no_effect() -> None:
    desk = Desk(rate_limit=1)
    desk.get("/user")
    assert desk.call("POST", f"/v2/list/{desk.list.id}/task", {"name": "x"}).status == 429
    assert desk.list.size == 0
    assert desk.call("GET", "/v2/user", token=desk.ben.token).status == 200


def test_retry_after_is_a_switch() -> None:
    desk = Desk(rate_limit=0)
    assert "retry-after" not in desk.call("GET", "/v2/user").headers
    desk = Desk(rate_limit=1)
    desk.switch(retry_after_on_429=True)
    desk.get("/user")
    assert desk.call("GET", "/v2/user").headers["retry-after"] == "60"


def test_strict_mode_names_unknown_keys(desk: Desk) -> None:
    address = f"/list/{desk.list.id}/task"
    desk.get(f"{address}?limit=5")
    desk.post(address, {"name": "x", "markdown_description": "x"})
    desk.switch(strict=True)
    for method, where, body in (("GET", f"{address}?limit=5", None), ("POST", address, {"name": "x", "nmae": "y"})):
        assert desk.refused(method, where, body) == (400, "STRICT_001")
    desk.get(f"{address}?page=0&order_by=updated&reverse=true&subtasks=true&include_closed=true&archived=false")
    desk.post(address, {"name": "x", "markdown_content": "x"})


def test_a_body_must_be_a_json_object_of_bearable_size(desk: Desk) -> None:
    address = f"/list/{desk.list.id}/task"
    for body in (b"{", b"[]"):
        assert desk.call("POST", f"/v2{address}", body).status == 400
    desk.switch(body_bytes_max=10)
    assert desk.call("POST", f"/v2{address}", {"name": "long enough"}).status == 413


def test_explicit_members_are_not_all_people(desk: Desk) -> None:
    assert desk.get(f"/list/{desk.list.id}/member")["members"] == []
    assert len(desk.get("/team")["teams"][0]["members"]) == 2


def test_a_guest_sees_what_is_shared_and_perhaps_no_addresses(desk: Desk) -> None:
    guest = desk.clickup.add_member(desk.workspace, "Gil Guest", "gil@example.com", role=GUEST)
    task = desk.make()
    assert desk.call("GET", f"/v2/task/{task.id}", token=guest.token).status == 401
    desk.as_ada.share(desk.list, guest)
    read = desk.call("GET", f"/v2/task/{task.id}", token=guest.token).body
    assert read["creator"]["email"] == "ada@example.com"
    desk.switch(masks_addresses_for_guests=True)
    assert desk.call("GET", f"/v2/task/{task.id}", token=guest.token).body["creator"]["email"] is None
    assert desk.call("GET", f"/v2/team/{desk.workspace.id}/shared", token=guest.token).body["shared"]["lists"]


def test_the_user_tells_the_time_zone_of_its_days(desk: Desk) -> None:
    assert desk.get("/user")["user"]["timezone"] == "America/New_York"


def test_a_former_member_keeps_the_name_on_what_they_made(desk: Desk) -> None:
    task = desk.as_ben.create_task(desk.list, "x")
    desk.clickup.remove_member(desk.workspace, desk.ben)
    assert desk.read(task)["creator"]["username"] == "Ben Sample"
    assert len(desk.get("/team")["teams"][0]["members"]) == 1
    assert desk.call("GET", f"/v2/task/{task.id}", token=desk.ben.token).status == 401


def test_tokens_show_in_no_representation(desk: Desk) -> None:
    assert desk.ada.token not in repr(desk.ada)


def test_a_real_client_reaches_api_and_files_through_the_kit(desk: Desk) -> None:
    task = desk.make("From the interface")
    files = f"https://t{desk.workspace.id}.p.clickup-attachments.com"
    services: dict[str, Service] = {
        "https://api.clickup.com": Simulated(desk.clickup, desk.clock),
        files: desk.clickup.files,
    }
    with httpx.Client(transport=InProcess(services)) as client:
        base, auth = "https://api.clickup.com/api/v2", {"Authorization": desk.ada.token}
        params = {"page": "0", "subtasks": "true", "list_ids[]": desk.list.id}
        rows = client.get(f"{base}/team/{desk.workspace.id}/task", params=params, headers=auth).json()["tasks"]
        assert [row["name"] for row in rows] == ["From the interface"]
        sent = {"attachment": ("Größe.txt", b"\x00data")}
        url = client.post(f"{base}/task/{task.id}/attachment", files=sent, headers=auth).json()["url"]
        assert client.get(url).content == b"\x00data"
        assert client.get(url, headers=auth).status_code == 401
        assert client.post(f"{base}/task/{task.id}/tag/a%2Fb", headers=auth).json() == {}
    assert [tag.name for tag in task.tags] == ["a/b"]
