"""Sign-in, versions, types of bodies, throttling, and the headers around every answer."""

from __future__ import annotations

from base64 import b64encode

import httpx
import pytest

from reconciler.clock import VirtualClock
from reconciler.simulators.azure_devops import AzureDevOps
from reconciler.simulators.azure_devops.identity import User
from reconciler.simulators.azure_devops.people import Person
from reconciler.simulators.kit.transport import InProcess
from reconciler.simulators.kit.wire import Request
from tests.simulators.azure_devops.caller import BASE, Caller, at_rev, put

SUPPRESS = {"X-TFS-FedAuthRedirect": "Suppress"}


@pytest.fixture
def stranger(azure: AzureDevOps) -> httpx.Client:
    """A client with a token that nobody issued."""
    return httpx.Client(base_url=BASE, transport=InProcess({"https://dev.azure.com": azure}), auth=("", "wrong"))


def test_a_bad_token_is_401_and_empty_where_the_header_asks_for_it(stranger: httpx.Client) -> None:
    answer = stranger.get("/_apis/projects", headers=SUPPRESS)
    assert (answer.status_code, answer.content) == (401, b"")
    assert answer.headers["www-authenticate"].startswith("Basic realm=")
    assert "content-type" not in answer.headers


def test_a_bad_token_is_a_page_or_a_redirect_otherwise(stranger: httpx.Client, azure: AzureDevOps) -> None:
    page = stranger.post("/_apis/wit/wiql", json={})
    assert (page.status_code, page.headers["content-type"]) == (203, "text/html; charset=utf-8")
    azure.switches.sign_in_page = "302"
    moved = stranger.get("/_apis/projects")
    assert moved.status_code == 302
    assert "_signin" in moved.headers["location"]


def test_an_expired_bearer_is_told_so_on_patch(stranger: httpx.Client) -> None:
    headers = {"Authorization": "Bearer expired"}
    stranger.auth = httpx.Auth()
    answer = stranger.patch("/_apis/wit/workitems/1", headers=headers)
    assert (answer.status_code, answer.json()["message"]) == (
        401,
        "TF400813: The user '' is not authorized to access this resource.",
    )


def test_somebody_without_membership_is_named(stranger: httpx.Client, azure: AzureDevOps) -> None:
    user = azure.add_user("Di Fremd", "di@example.com", member=False)
    stranger.auth = httpx.BasicAuth("", user.token)
    answer = stranger.get("/_apis/projects", headers=SUPPRESS)
    assert (answer.status_code, answer.json()["typeKey"]) == (401, "UnauthorizedRequestException")
    assert "di@example.com" in answer.json()["message"]


def test_tokens_work_as_basic_and_bearer_until_revoked(stranger: httpx.Client, azure: AzureDevOps, ada: User) -> None:
    token = azure.issue_token(ada)
    stranger.auth = httpx.Auth()
    basic = {"Authorization": "Basic " + b64encode(f"anyone:{token}".encode()).decode()}
    bearer = {"Authorization": f"Bearer {token}"}
    assert [stranger.get("/_apis/projects", headers=one).status_code for one in (basic, bearer)] == [200, 200]
    azure.revoke_token(token)
    assert stranger.get("/_apis/projects", headers=basic | SUPPRESS).status_code == 401


def test_a_token_without_the_scope_reads_and_does_not_write(api: Caller, azure: AzureDevOps, ada: User) -> None:
    reader = Caller(azure, azure.issue_token(ada, write=False))
    api.create("Task", "Search")
    assert reader.item(1)["id"] == 1
    assert reader.ids("[System.Id] = 1") == [1]
    assert reader.try_update(1, put("System.Title", "x")).status_code == 403


def test_tokens_stay_out_of_representations(azure: AzureDevOps, ada: User) -> None:
    assert ada.token not in repr(ada) + repr(azure.world)


@pytest.mark.parametrize(
    ("version", "type_key"),
    [
        ("", "VssVersionNotSpecifiedException"),
        ("9.9", "VssVersionOutOfRangeException"),
        ("7.2", "VssInvalidPreviewVersionException"),
    ],
)
def test_versions_are_checked(azure: AzureDevOps, ada: User, version: str, type_key: str) -> None:
    answer = Caller(azure, ada.token).send("POST", "/_apis/wit/workitemsbatch", version=version, json={"ids": []})
    assert (answer.status_code, answer.json()["typeKey"]) == (400, type_key)


def test_the_version_may_be_in_the_accept_header_and_is_echoed(azure: AzureDevOps, ada: User) -> None:
    caller = Caller(azure, ada.token)
    answer = caller.send("GET", "/_apis/projects", version="", headers={"Accept": "application/json;api-version=5.0"})
    assert answer.headers["content-type"] == "application/json; charset=utf-8; api-version=5.0"
    assert caller.send("GET", "/_apis/projects", version="").status_code == 200


def test_a_patch_needs_its_content_type(api: Caller) -> None:
    answer = api.send("POST", "/Web/_apis/wit/workitems/$Task", json=[put("System.Title", "x")])
    assert (answer.status_code, answer.json()["typeKey"]) == (400, "VssRequestContentTypeNotSupportedException")


def test_a_body_that_is_no_json_is_refused(api: Caller) -> None:
    headers = {"Content-Type": "application/json"}
    assert api.send("POST", "/_apis/wit/wiql", content=b"{", headers=headers).status_code == 400


def test_wrong_methods_and_other_organisations(azure: AzureDevOps, ada: User) -> None:
    caller = Caller(azure, ada.token)
    assert caller.send("PUT", "/_apis/projects").status_code == 405
    assert caller.http.get("https://dev.azure.com/fabrikam/_apis/projects").status_code == 404


def test_links_name_the_host_that_was_asked(azure: AzureDevOps, ada: User) -> None:
    azure.add_project("Web")
    token = b64encode(f":{ada.token}".encode()).decode()
    headers = {"host": "127.0.0.1:8080", "authorization": f"Basic {token}"}
    answer = azure.handle(Request("GET", "/contoso/_apis/projects", headers=headers))
    assert b'"url":"http://127.0.0.1:8080/contoso/_apis/projects/' in answer.body


def test_throttling_begins_with_headers_then_delays_then_refuses(
    api: Caller, azure: AzureDevOps, clock: VirtualClock
) -> None:
    assert "x-ratelimit-limit" not in api.send("GET", "/_apis/projects").headers
    azure.throttle.budget_tstu = 1.0
    answers = [api.send("GET", "/_apis/projects") for _ in range(16)]
    assert [answer.status_code for answer in answers] == [200] * 15 + [429]
    assert "x-ratelimit-limit" not in answers[6].headers
    assert answers[8].headers["x-ratelimit-remaining"] == "0"
    assert "retry-after" not in answers[8].headers
    assert float(answers[12].headers["x-ratelimit-delay"]) > 0
    assert answers[15].json()["message"].startswith("TF400733")
    clock.advance(float(answers[15].headers["retry-after"]))
    assert api.send("GET", "/_apis/projects").status_code == 200


def test_the_log_knows_reads_from_writes_whatever_the_method(api: Caller, azure: AzureDevOps) -> None:
    mark = azure.log.mark()
    api.create("Task", "Search")
    api.ids("[System.Id] = 1")
    api.post("/_apis/wit/workitemsbatch", {"ids": [1]})
    since = azure.log.since(mark)
    assert (since.reads, since.writes) == (2, 1)
    assert since.by_route["POST /{project}/{team}/_apis/wit/wiql"] == 0
    assert since.by_route["POST /{project}/_apis/wit/wiql"] == 1


def test_faults_reach_chosen_requests(api: Caller, azure: AzureDevOps) -> None:
    azure.faults.drop_response(r"^POST .*/\$Task$")
    with pytest.raises(httpx.ReadError):
        api.create("Task", "Search")
    assert azure.item(1).title == "Search"


def test_a_servers_clock_may_be_off(api: Caller, azure: AzureDevOps) -> None:
    azure.clock.ahead_s = 90
    assert api.create("Task", "Search")["fields"]["System.ChangedDate"] == "2026-03-02T08:01:30Z"
    assert api.send("GET", "/_apis/projects").headers["date"] == "Mon, 02 Mar 2026 08:01:30 GMT"


def test_a_lost_race_a_stopped_organisation_and_a_slow_query(api: Caller, azure: AzureDevOps) -> None:
    api.create("Task", "Search")
    azure.incidents.lost_race()
    lost = api.try_update(1, put("System.Title", "Find"))
    assert (lost.status_code, lost.json()["typeKey"]) == (409, "WorkItemRevisionMismatchException")
    azure.switches.conflict_status = 412
    azure.incidents.lost_race()
    assert api.try_update(1, put("System.Title", "Find")).status_code == 412
    assert azure.item(1).title == "Search"
    azure.incidents.organization_stopped()
    stopped = api.send("GET", "/_apis/projects")
    assert (stopped.status_code, stopped.content[:3]) == (503, b"\xef\xbb\xbf")
    azure.incidents.query_timeout()
    assert api.try_wiql("SELECT [System.Id] FROM WorkItems").json()["message"].startswith("VS402335")
    azure.incidents.blocked(retry_after_s=7)
    assert api.send("GET", "/_apis/projects").headers["retry-after"] == "7"
    assert azure.faults.pending == []


def test_an_edit_gets_in_between_a_read_and_the_write(api: Caller, azure: AzureDevOps, bo: Person) -> None:
    api.create("Task", "Search")
    azure.faults.before("^PATCH .*/workitems/1$", lambda: bo.edit(1, {"State": "Active"}))
    assert api.try_update(1, at_rev(1), put("System.Title", "Find")).status_code == 412
    assert (azure.item(1).title, azure.item(1).rev) == ("Search", 2)
