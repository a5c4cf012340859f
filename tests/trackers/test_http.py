"""What `Http` repeats, what it never repeats, and what it calls a failure."""

from __future__ import annotations

import json
import traceback
import tracemalloc
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from tempfile import TemporaryFile

import httpx
import pytest

from reconciler.clock import Stopping, VirtualClock
from reconciler.errors import (
    ConfigError,
    OutcomeUnknown,
    Rejected,
    TrackerError,
    Unauthorized,
    Unavailable,
)
from reconciler.trackers.answer import EXCERPT_CHARS, Answer
from reconciler.trackers.circuit import Circuit
from reconciler.trackers.http import PIECE_BYTES, TOO_LARGE, Http

TOKEN = "sesame-1234567890"


class FreePacer:
    """Lets everything through and remembers what it saw."""

    def __init__(self) -> None:
        self.acquired = 0
        self.seen: list[int] = []

    def acquire(self) -> None:
        self.acquired += 1

    def observe(self, answer: Answer) -> None:
        self.seen.append(answer.status)


class Server:
    """Answers from a script and keeps the requests; the last line is repeated."""

    def __init__(self, *script: httpx.Response | Exception) -> None:
        self.script = list(script)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(step, Exception):
            raise step
        return step


def no_opinion(answer: Answer) -> TrackerError | None:
    return None


def connect(
    server: Server,
    clock: VirtualClock | None = None,
    judge: Callable[[Answer], TrackerError | None] = no_opinion,
    pacer: FreePacer | None = None,
    uniform: Callable[[], float] = lambda: 0.5,
    transport: httpx.BaseTransport | None = None,
) -> Http:
    clock = clock or VirtualClock()
    return Http(
        "https://tracker.example.com/org/",
        tracker="ado",
        headers={"Authorization": "Basic " + b64encode(f":{TOKEN}".encode()).decode()},
        secrets=[TOKEN],
        pacer=pacer or FreePacer(),
        circuit=Circuit(clock),
        judge=judge,
        clock=clock,
        transport=transport or httpx.MockTransport(server),
        uniform=uniform,
    )


def ok(body: object = None, **headers: str) -> httpx.Response:
    return httpx.Response(200, json=body if body is not None else {}, headers=headers)


def test_a_request_goes_below_the_base_address_with_parameters_and_a_json_body() -> None:
    server = Server(ok({"id": 1}))
    answer = connect(server).send(
        "POST",
        "/a%20b/$Task",
        params=[("x", "1"), ("x", "2 3")],
        body={"ä": 1},
        content_type="application/json-patch+json",
        writes=True,
    )
    sent = server.requests[0]
    assert str(sent.url) == "https://tracker.example.com/org/a%20b/$Task?x=1&x=2+3"
    assert sent.headers["content-type"] == "application/json-patch+json"
    assert json.loads(sent.content) == {"ä": 1}
    assert answer.json == {"id": 1}
    assert answer.status == 200


def test_a_request_without_body_has_no_content_type() -> None:
    server = Server(ok())
    connect(server).send("GET", "/x", writes=False)
    assert "content-type" not in server.requests[0].headers


def test_a_body_that_begins_with_a_byte_order_mark_is_json() -> None:
    body = b"\xef\xbb\xbf" + json.dumps({"message": "stopped"}).encode()
    server = Server(httpx.Response(200, content=body, headers={"content-type": "application/json"}))
    assert connect(server).send("GET", "/x", writes=False).json == {"message": "stopped"}


def test_server_time_is_the_date_header_of_the_last_answer_that_has_one() -> None:
    http = connect(Server(ok(None, Date="Tue, 03 Mar 2026 08:00:00 GMT"), ok(None)))
    assert http.server_time is None
    http.send("GET", "/x", writes=False)
    http.send("GET", "/x", writes=False)
    assert http.server_time == datetime(2026, 3, 3, 8, tzinfo=UTC)


READ_FAILURES: list[httpx.Response | Exception] = [
    httpx.ConnectError("refused"),
    httpx.ConnectTimeout("slow"),
    httpx.ReadTimeout("slow"),
    httpx.RemoteProtocolError("peer closed connection"),
    httpx.ReadError("reset"),
    httpx.Response(200, content=b'{"count": 3, "va', headers={"content-type": "application/json"}),
    httpx.Response(200, content=b"", headers={"content-type": "application/json"}),
    httpx.Response(429),
    httpx.Response(500),
    httpx.Response(502, text="<html>bad gateway</html>"),
    httpx.Response(503),
    httpx.Response(504),
]
READ_FAILURE_IDS = [f"{number} {failure!r}" for number, failure in enumerate(READ_FAILURES)]


@pytest.mark.parametrize("failure", READ_FAILURES, ids=READ_FAILURE_IDS)
def test_a_read_is_repeated_after_a_passing_failure(failure: httpx.Response | Exception) -> None:
    server = Server(failure, ok({"a": 1}))
    assert connect(server).send("GET", "/x", writes=False).json == {"a": 1}
    assert len(server.requests) == 2


@pytest.mark.parametrize("failure", READ_FAILURES, ids=READ_FAILURE_IDS)
def test_a_read_gives_up_after_three_attempts(failure: httpx.Response | Exception) -> None:
    server = Server(failure)
    with pytest.raises(Unavailable) as caught:
        connect(server).send("GET", "/x", writes=False, key="12")
    assert len(server.requests) == 3
    assert (caught.value.tracker, caught.value.key) == ("ado", "12")


@pytest.mark.parametrize(
    "failure",
    [
        httpx.ReadTimeout("slow"),
        httpx.WriteTimeout("slow"),
        httpx.ReadError("reset"),
        httpx.RemoteProtocolError("peer closed connection"),
        httpx.Response(500),
        httpx.Response(502),
        httpx.Response(503),
        httpx.Response(504),
        pytest.param(httpx.Response(200, content=b'{"id": 1', headers={"content-type": "application/json"}), id="half"),
        pytest.param(httpx.Response(200, content=b"", headers={"content-type": "application/json"}), id="empty"),
    ],
    ids=repr,
)
def test_a_write_that_may_have_happened_is_sent_once(failure: httpx.Response | Exception) -> None:
    server = Server(failure, ok())
    with pytest.raises(OutcomeUnknown):
        connect(server).send("POST", "/x", body={}, writes=True)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "failure",
    [
        httpx.ConnectError("refused"),
        httpx.ConnectTimeout("slow"),
        httpx.Response(429),
        httpx.Response(503, headers={"retry-after": "1"}),
    ],
    ids=repr,
)
def test_a_write_that_cannot_have_happened_is_repeated(failure: httpx.Response | Exception) -> None:
    server = Server(failure, ok({"id": 1}))
    assert connect(server).send("POST", "/x", body={}, writes=True).json == {"id": 1}

    server = Server(failure)
    with pytest.raises(Unavailable):
        connect(server).send("POST", "/x", body={}, writes=True)
    assert len(server.requests) == 3


def test_a_delete_answered_with_an_empty_body_succeeded() -> None:
    empty = httpx.Response(200, content=b"", headers={"content-type": "application/json"})
    assert connect(Server(empty)).send("DELETE", "/x", writes=True).status == 200


@pytest.mark.parametrize(
    ("headers", "waited_s"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after": "0"}, 1),
        ({"x-ratelimit-reset": "1999999999"}, 120),
        ({"retry-after": "Tue, 03 Mar 2026 08:00:20 GMT", "date": "Tue, 03 Mar 2026 08:00:00 GMT"}, 20),
        ({"x-ratelimit-reset": "1772524830", "date": "Tue, 03 Mar 2026 08:00:00 GMT"}, 30),
        ({"x-ratelimit-reset": "1772524830", "retry-after": "5"}, 5),
        ({"x-ratelimit-reset": "1"}, 1),
        ({"retry-after": "soon"}, 1),
    ],
)
def test_the_wait_after_429_is_what_the_server_told_within_limits(headers: dict[str, str], waited_s: float) -> None:
    clock = VirtualClock()
    connect(Server(httpx.Response(429, headers=headers), ok()), clock).send("GET", "/x", writes=False)
    assert clock.monotonic_s() == waited_s


def test_a_long_silence_that_the_server_asks_for_is_reported_and_not_cut_short() -> None:
    clock, server = VirtualClock(), Server(httpx.Response(429, headers={"retry-after": "86400"}), ok())
    with pytest.raises(Unavailable) as caught:
        connect(server, clock).send("GET", "/x", writes=False)
    assert (caught.value.retry_after_s, clock.monotonic_s(), len(server.requests)) == (86400, 0, 1)


def test_backoff_doubles_and_is_scaled_by_the_random_number() -> None:
    clock = VirtualClock()
    with pytest.raises(Unavailable):
        connect(Server(httpx.ConnectError("refused")), clock, uniform=lambda: 1.0).send("GET", "/x", writes=False)
    assert clock.monotonic_s() == 2 + 4


def test_the_told_wait_is_kept_in_the_error() -> None:
    with pytest.raises(Unavailable) as caught:
        connect(Server(httpx.Response(429, headers={"retry-after": "9"}))).send("GET", "/x", writes=False)
    assert caught.value.retry_after_s == 9


def test_a_stop_during_a_wait_ends_the_request_without_another_attempt() -> None:
    class StoppingClock(VirtualClock):
        def sleep(self, seconds: float) -> None:
            raise Stopping

    server = Server(httpx.Response(429))
    with pytest.raises(Stopping):
        connect(server, StoppingClock()).send("GET", "/x", writes=False)
    assert len(server.requests) == 1


def test_a_stop_while_waiting_for_the_pacer_sends_nothing() -> None:
    class StoppingPacer(FreePacer):
        def acquire(self) -> None:
            raise Stopping

    server = Server(ok())
    with pytest.raises(Stopping):
        connect(server, pacer=StoppingPacer()).send("GET", "/x", writes=False)
    assert server.requests == []


def test_every_attempt_passes_the_pacer_and_every_answer_is_shown_to_it() -> None:
    pacer = FreePacer()
    http = connect(Server(httpx.ConnectError("refused"), httpx.Response(429), ok()), pacer=pacer)
    http.send("GET", "/x", writes=False)
    assert pacer.acquired == 3
    assert pacer.seen == [429, 200]
    assert http.requests_sent == 3


@pytest.mark.parametrize("status", [301, 302, 307])
def test_redirects_are_not_followed(status: int) -> None:
    server = Server(httpx.Response(status, headers={"location": "https://elsewhere.example.com/"}))
    with pytest.raises(Rejected):
        connect(server).send("GET", "/x", writes=False)
    assert [request.url.host for request in server.requests] == ["tracker.example.com"]


@pytest.mark.parametrize(("status", "error"), [(400, Rejected), (401, Unauthorized), (403, Rejected), (404, Rejected)])
def test_refusals_without_a_verdict_are_errors_and_never_repeated(status: int, error: type[TrackerError]) -> None:
    server = Server(httpx.Response(status, json={"message": "no"}))
    with pytest.raises(error, match="no"):
        connect(server).send("GET", "/x", writes=False)
    assert len(server.requests) == 1


def test_the_judge_decides_first_even_about_a_good_status() -> None:
    def judge(answer: Answer) -> TrackerError | None:
        return Unauthorized("sign-in page") if answer.status == 203 else None

    server = Server(httpx.Response(203, text="<html>"))
    with pytest.raises(Unauthorized, match="sign-in page") as caught:
        connect(server, judge=judge).send("GET", "/x", writes=False)
    assert caught.value.tracker == "ado"


def test_a_permanent_refusal_in_a_500_is_not_repeated_where_the_judge_knows_it() -> None:
    server = Server(httpx.Response(500, json={"message": "10,000 revisions"}))
    with pytest.raises(Rejected):
        connect(server, judge=lambda answer: Rejected("full")).send("PATCH", "/x", body={}, writes=True)
    assert len(server.requests) == 1


def test_the_judges_word_that_the_tracker_is_down_makes_a_write_neither_unknown_nor_repeated() -> None:
    server = Server(httpx.Response(503, json={"message": "stopped"}))
    with pytest.raises(Unavailable):
        connect(server, judge=lambda answer: Unavailable("stopped")).send("PATCH", "/x", body={}, writes=True)
    assert len(server.requests) == 1


@pytest.mark.parametrize("echo", [TOKEN, b64encode(f":{TOKEN}".encode()).decode(), b64encode(TOKEN.encode()).decode()])
def test_an_echoed_secret_is_struck_out_of_error_texts(echo: str) -> None:
    server = Server(httpx.Response(400, text=f"you sent {echo} to us"))
    with pytest.raises(Rejected) as caught:
        connect(server).send("GET", "/x", writes=False)
    assert "you sent [secret] to us" in str(caught.value)
    assert echo not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("status", [200, 400])
def test_a_secret_is_struck_out_before_a_text_is_cut_within_it(status: int) -> None:
    told = "x" * (EXCERPT_CHARS - 5) + TOKEN
    server = Server(httpx.Response(status, text=told, headers={"content-type": "text/plain"}))
    judged: list[str] = []

    def judge(answer: Answer) -> Rejected:
        judged.append(answer.excerpt)
        return Rejected(answer.excerpt)

    with pytest.raises(Rejected) as caught:
        connect(server, judge=judge).send("GET", "/x", writes=False)
    assert TOKEN[:4] not in str(caught.value) + judged[0]


def test_long_bodies_are_cut_in_error_texts() -> None:
    with pytest.raises(Rejected) as caught:
        connect(Server(httpx.Response(400, text="x" * 5000))).send("GET", "/x", writes=False)
    assert len(str(caught.value)) < 400


def test_transport_failures_are_chained_to_what_caused_them() -> None:
    with pytest.raises(OutcomeUnknown) as caught:
        connect(Server(httpx.ReadTimeout("slow"))).send("POST", "/x", body={}, writes=True)
    assert isinstance(caught.value.__cause__, httpx.ReadTimeout)
    with pytest.raises(Unavailable) as again:
        connect(Server(httpx.ConnectError("refused"))).send("GET", "/x", writes=False)
    assert isinstance(again.value.__cause__, httpx.ConnectError)


def test_a_token_that_http_cannot_carry_is_a_configuration_error_that_does_not_show_it() -> None:
    with pytest.raises(ConfigError) as caught:
        Http(
            "https://tracker.example.com",
            tracker="ado",
            headers={"Authorization": f"Bearer {TOKEN}\n"},
            secrets=[TOKEN],
            pacer=FreePacer(),
            circuit=Circuit(VirtualClock()),
            judge=no_opinion,
            clock=VirtualClock(),
        )
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "trusted"),
    [
        ("http://127.0.0.1:8080", False),
        ("http://localhost:1", False),
        ("http://[::1]:9", False),
        ("https://a.example.com", True),
    ],
)
def test_proxies_of_the_environment_are_never_used_for_this_machine(
    url: str, trusted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []
    original = httpx.Client.__init__

    def watch(self: httpx.Client, **options: object) -> None:
        seen.append(bool(options["trust_env"]))
        original(self, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(httpx.Client, "__init__", watch)
    clock, pacer = VirtualClock(), FreePacer()
    http = Http(
        url, tracker="x", headers={}, secrets=[], pacer=pacer, circuit=Circuit(clock), judge=no_opinion, clock=clock
    )
    http.close()
    assert seen == [trusted]


def test_cookies_of_the_server_are_not_sent_back() -> None:
    server = Server(ok(None, **{"Set-Cookie": "session=1"}), ok())
    http = connect(server)
    http.send("GET", "/x", writes=False)
    http.send("GET", "/x", writes=False)
    assert "cookie" not in server.requests[1].headers


def test_closing_twice_is_harmless() -> None:
    http = connect(Server(ok()))
    http.close()
    http.close()


# --- files -----------------------------------------------------------------------------------------------------------


class Torn(httpx.SyncByteStream):
    """A body that breaks in the middle."""

    def __iter__(self) -> Iterator[bytes]:
        yield b"half"
        raise httpx.ReadError("the connection was reset")


def test_a_file_is_fetched_again_from_its_beginning_where_the_connection_broke() -> None:
    server = Server(httpx.Response(200, stream=Torn()), httpx.Response(200, content=b"whole"))
    into = BytesIO(b"something longer from before")
    answer = connect(server).fetch("/file", into, bytes_max=5)
    assert (into.getvalue(), answer.text, len(server.requests)) == (b"whole", "", 2)


def test_what_the_headers_of_an_answer_say_counts_also_where_its_body_is_cut_short() -> None:
    pacer = FreePacer()
    torn = httpx.Response(200, stream=Torn(), headers={"date": "Mon, 02 Mar 2026 08:00:00 GMT"})
    http = connect(Server(torn, httpx.Response(429)), pacer=pacer)
    with pytest.raises(Unavailable):
        http.send("GET", "/x", writes=False)
    assert pacer.seen == [200, 429, 429]
    assert http.server_time == datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.mark.parametrize("told", [True, False])
def test_a_file_of_more_bytes_than_wanted_is_not_read_to_its_end(told: bool) -> None:
    def pieces() -> Iterator[bytes]:
        yield bytes(2 * PIECE_BYTES)
        raise AssertionError("read on")

    headers = {"content-length": "1000"} if told else {}
    server = Server(httpx.Response(200, content=pieces(), headers=headers))
    with pytest.raises(Rejected) as refused:
        connect(server).fetch("/file", BytesIO(), bytes_max=5)
    assert refused.value.code == TOO_LARGE


def test_what_is_no_file_is_judged_like_any_other_answer() -> None:
    verdict = Rejected("gone for good")
    server = Server(httpx.Response(404, json={"message": "no"}))
    into = BytesIO()
    with pytest.raises(Rejected, match="gone for good"):
        connect(server, judge=lambda answer: verdict if answer.json == {"message": "no"} else None).fetch(
            "/file", into, bytes_max=5
        )
    assert into.getvalue() == b""


def test_a_page_to_sign_in_is_no_file() -> None:
    server = Server(httpx.Response(203, text="<html>sign in</html>"))
    with pytest.raises(Unauthorized):
        connect(server, judge=lambda answer: Unauthorized("no") if answer.status == 203 else None).fetch(
            "/file", BytesIO(), bytes_max=100
        )


@pytest.mark.parametrize("part", [None, ("attachment", "a.txt")])
def test_a_file_that_was_turned_away_at_the_door_is_sent_again_from_its_beginning(part: tuple[str, str] | None) -> None:
    server = Server(httpx.Response(429, headers={"retry-after": "1"}), ok({"id": 1}))
    connect(server).upload("/file", BytesIO(b"content"), part=part)
    first, second = (request.read() for request in server.requests)
    assert b"content" in first
    assert b"content" in second
    assert len(first) == len(second)


def test_a_file_whose_answer_was_lost_is_not_sent_again() -> None:
    server = Server(httpx.ReadError("reset"))
    with pytest.raises(OutcomeUnknown):
        connect(server).upload("/file", BytesIO(b"content"))
    assert len(server.requests) == 1


class Swallowing(httpx.BaseTransport):
    """Reads what it is sent a piece at a time, and hands out a large body in the same way."""

    size = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        assert isinstance(request.stream, httpx.SyncByteStream)
        self.size = sum(len(piece) for piece in request.stream)
        if request.method == "POST":
            return httpx.Response(200, json={})
        return httpx.Response(200, content=(bytes(PIECE_BYTES) for _ in range(LARGE // PIECE_BYTES)))


LARGE = 256 * PIECE_BYTES


def peak_of(act: Callable[[], object]) -> int:
    """The most bytes that Python held at once meanwhile."""
    tracemalloc.start()
    try:
        act()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("part", [None, ("attachment", "a.bin")])
def test_a_large_file_is_never_whole_in_memory(part: tuple[str, str] | None) -> None:
    transport = Swallowing()
    http = connect(Server(ok()), transport=transport)
    with TemporaryFile() as file:
        assert peak_of(lambda: http.fetch("/file", file, bytes_max=LARGE)) < LARGE / 8
        assert file.tell() == LARGE
        assert peak_of(lambda: http.upload("/file", file, part=part)) < LARGE / 8
    assert transport.size >= LARGE
