"""What a client meets when a simulated tracker misbehaves: in process and on a real socket alike."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime

import httpx
import pytest

from reconciler.clock import VirtualClock
from reconciler.simulators.kit.router import Router
from reconciler.simulators.kit.serving import serve
from reconciler.simulators.kit.simulation import ServerClock, Simulated
from reconciler.simulators.kit.transport import InProcess
from reconciler.simulators.kit.wire import Request, Response

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


class Notes:
    """A service that keeps what is posted to it and echoes requests."""

    def __init__(self) -> None:
        self.kept: list[str] = []

    def handle(self, request: Request) -> Response:
        if request.method == "POST":
            self.kept.append(request.body.decode())
            return Response(201, {}, b"kept")
        seen = {"path": request.path, "query": request.query, "agent": request.headers.get("x-agent")}
        return Response(200, {"content-type": "application/json"}, json.dumps(seen).encode())


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(START)


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def simulated(notes: Notes, clock: VirtualClock) -> Simulated:
    return Simulated(notes, clock)


@pytest.fixture(params=["in process", "socket"])
def client(request: pytest.FixtureRequest, simulated: Simulated) -> Iterator[httpx.Client]:
    with ExitStack() as stack:
        if request.param == "socket":
            base = stack.enter_context(serve(simulated))
            yield stack.enter_context(httpx.Client(base_url=base, trust_env=False))
        else:
            transport = InProcess({"https://notes.example.com/api": simulated})
            yield stack.enter_context(httpx.Client(base_url="https://notes.example.com/api", transport=transport))


def test_requests_arrive_decoded_and_answers_carry_the_servers_date(client: httpx.Client) -> None:
    answer = client.get("/a%20b", params=[("q", "ä"), ("q", "")], headers={"X-Agent": "me"})
    assert answer.json() == {"path": "/a b", "query": [["q", "ä"], ["q", ""]], "agent": "me"}
    assert answer.headers["date"] == "Mon, 02 Mar 2026 08:00:00 GMT"


def test_an_injected_answer_never_reaches_the_service(client: httpx.Client, simulated: Simulated, notes: Notes) -> None:
    simulated.faults.answer("POST", 429, headers={"Retry-After": "7"})
    answer = client.post("/notes", content=b"a")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    assert client.post("/notes", content=b"b").status_code == 201
    assert notes.kept == ["b"]


def test_a_dropped_request_leaves_no_trace(client: httpx.Client, simulated: Simulated, notes: Notes) -> None:
    simulated.faults.drop_request("POST")
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        client.post("/notes", content=b"a")
    assert notes.kept == []


def test_a_dropped_response_has_happened(client: httpx.Client, simulated: Simulated, notes: Notes) -> None:
    simulated.faults.drop_response("POST")
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        client.post("/notes", content=b"a")
    assert notes.kept == ["a"]


def test_a_truncated_body_breaks_the_connection(client: httpx.Client, simulated: Simulated) -> None:
    simulated.faults.truncate("GET")
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        client.get("/notes")
    assert client.get("/notes").status_code == 200


def test_a_gateway_may_fail_after_the_commit(client: httpx.Client, simulated: Simulated, notes: Notes) -> None:
    simulated.faults.lose_response("POST", 504)
    assert client.post("/notes", content=b"a").status_code == 504
    assert notes.kept == ["a"]


def test_a_cancelled_fault_acts_no_more(client: httpx.Client, simulated: Simulated) -> None:
    fault = simulated.faults.html("GET", times=9)
    assert client.get("/").status_code == 503
    fault.cancel()
    assert client.get("/").status_code == 200
    simulated.faults.html("GET")
    simulated.faults.clear()
    assert client.get("/").status_code == 200


def test_a_fault_waits_for_its_turn_and_ends(client: httpx.Client, simulated: Simulated) -> None:
    fault = simulated.faults.html(lambda request: request.path.startswith("/n"), 503, after=1, times=2)
    statuses = [client.get(path).status_code for path in ("/n", "/m", "/n", "/n", "/n")]
    assert statuses == [200, 200, 503, 503, 200]
    assert (fault.hits, simulated.faults.pending) == (2, [])


def test_somebody_acts_before_the_request_and_before_its_answer(
    client: httpx.Client, simulated: Simulated, notes: Notes
) -> None:
    simulated.faults.before("POST", lambda: notes.kept.append("before"))
    simulated.faults.between("POST", lambda: notes.kept.append("between"))
    client.post("/notes", content=b"mine")
    assert notes.kept == ["before", "mine", "between"]


def test_a_delay_moves_the_clock(client: httpx.Client, simulated: Simulated, clock: VirtualClock) -> None:
    simulated.faults.delay("GET", 3.0)
    client.get("/")
    assert clock.monotonic_s() == 3.0


def test_the_log_counts_reads_writes_and_bytes_since_a_mark(client: httpx.Client, simulated: Simulated) -> None:
    client.get("/a")
    mark = simulated.log.mark()
    client.post("/a", content=b"12345")
    simulated.faults.drop_request("GET")
    with pytest.raises(httpx.TransportError):
        client.get("/b")
    since = simulated.log.since(mark)
    assert (since.reads, since.writes, since.bytes) == (1, 1, 9)
    assert [exchange.committed for exchange in since] == [True, False]
    assert since.by_route == {"POST /a": 1, "GET /b": 1}
    assert since.by_status == {201: 1, 0: 1}
    assert (simulated.log.reads, simulated.log.writes) == (2, 1)


def test_a_delay_beyond_the_read_timeout_times_out_after_the_commit(notes: Notes, clock: VirtualClock) -> None:
    simulated = Simulated(notes, clock)
    simulated.faults.delay("POST", 61.0)
    transport = InProcess({"https://notes.example.com": simulated})
    with httpx.Client(transport=transport, timeout=60.0) as client, pytest.raises(httpx.ReadTimeout):
        client.post("https://notes.example.com/", content=b"a")
    assert notes.kept == ["a"]


def test_refused_and_unknown_addresses_do_not_connect(notes: Notes) -> None:
    transport = InProcess({"https://notes.example.com": notes})
    with httpx.Client(transport=transport) as client:
        with pytest.raises(httpx.ConnectError):
            client.get("https://elsewhere.example.com/")
        transport.refused.add("https://notes.example.com")
        with pytest.raises(httpx.ConnectError):
            client.get("https://notes.example.com/")
        transport.refused.clear()
        assert client.get("https://notes.example.com/").status_code == 200


def test_a_servers_clock_may_be_off(clock: VirtualClock, notes: Notes) -> None:
    simulated = Simulated(notes, ServerClock(clock, ahead_s=-90.0))
    assert simulated.handle(Request("GET", "/")).headers["date"] == "Mon, 02 Mar 2026 07:58:30 GMT"


def test_routes_match_in_the_order_of_declaration_and_capture() -> None:
    router = Router(ignore_case=True)

    @router.route("GET", "/{team}/_apis/Items/{id}", "/_apis/items/{id}")
    @router.route("GET", "/files/{path*}")
    def show() -> None: ...

    @router.route("DELETE", "/files/{path*}")
    def remove() -> None: ...

    found = router.match("get", "/Web/_APIS/items/7")
    assert found is not None
    assert (found.name, found.endpoint, found.values) == (
        "GET /{team}/_apis/Items/{id}",
        show,
        {"team": "Web", "id": "7"},
    )
    nested = router.match("GET", "/files/a/b")
    assert nested is not None
    assert nested.values == {"path": "a/b"}
    assert router.match("PUT", "/files/a") is None
    assert router.methods("/files/a") == {"GET", "DELETE"}
    assert router.methods("/elsewhere") == frozenset()
