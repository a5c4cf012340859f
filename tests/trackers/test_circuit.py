"""A tracker that keeps failing is left alone, and what is repeated stays a small part of what is sent."""

from __future__ import annotations

import contextlib
import itertools

import httpx
import pytest

from reconciler.clock import VirtualClock
from reconciler.errors import OutcomeUnknown, Rejected, TrackerError, Unauthorized, Unavailable
from reconciler.trackers.http import Http
from tests.trackers.test_http import Server, connect, ok


def ask(http: Http, times: int = 1) -> None:
    for _ in range(times):
        with contextlib.suppress(TrackerError):
            http.send("GET", "/x", writes=False)


def down() -> httpx.Response:
    return httpx.Response(503)


def test_after_five_failures_in_a_row_nothing_is_sent_for_half_a_minute() -> None:
    clock, server = VirtualClock(), Server(down())
    http = connect(server, clock)
    ask(http, times=10)
    assert len(server.requests) == 5
    with pytest.raises(Unavailable, match=r"5 failures in a row.*503") as caught:
        http.send("GET", "/x", writes=False)
    assert caught.value.retry_after_s == 30
    clock.advance(29.9)
    ask(http)
    assert len(server.requests) == 5


def test_one_canary_goes_out_at_a_time_each_twice_as_late_up_to_five_minutes() -> None:
    clock, server = VirtualClock(), Server(down())
    http = connect(server, clock)
    ask(http, times=2)
    sent_s = []
    while len(sent_s) < 6:
        count = len(server.requests)
        ask(http, times=3)
        if len(server.requests) > count:
            assert len(server.requests) == count + 1
            sent_s.append(clock.monotonic_s())
        clock.advance(1)
    assert [round(b - a) for a, b in itertools.pairwise(sent_s)] == [60, 120, 240, 300, 300]


def test_a_canary_that_is_answered_ends_it_at_once() -> None:
    clock, server = VirtualClock(), Server(*[down()] * 5, ok())
    http = connect(server, clock)
    ask(http, times=2)
    clock.advance(30)
    ask(http, times=4)
    assert len(server.requests) == 5 + 4


def test_six_hours_of_outage_cost_at_most_ninety_requests() -> None:
    clock, server = VirtualClock(), Server(httpx.ConnectError("refused"))
    http = connect(server, clock)
    while clock.monotonic_s() < 6 * 3600:
        ask(http)
        clock.advance(30)
    assert len(server.requests) <= 90


def test_a_refusal_is_an_answer_and_ends_a_row_of_failures() -> None:
    server = Server(*[down(), down(), httpx.Response(404)] * 4, ok())
    http = connect(server, VirtualClock())
    for _ in range(4):
        with pytest.raises(Rejected):
            http.send("GET", "/x", writes=False)
    assert http.send("GET", "/x", writes=False).status == 200


def test_refused_credentials_are_not_shown_again_for_half_a_minute() -> None:
    clock, server = VirtualClock(), Server(httpx.Response(401), ok())
    http = connect(server, clock)
    for _ in range(5):
        with pytest.raises(Unauthorized):
            http.send("GET", "/x", writes=False)
    assert len(server.requests) == 1
    clock.advance(30)
    assert http.send("GET", "/x", writes=False).status == 200


def test_writes_without_an_answer_count_and_a_write_refused_by_the_circuit_never_happened() -> None:
    clock, server = VirtualClock(), Server(httpx.ReadTimeout("slow"))
    http = connect(server, clock)
    for _ in range(5):
        with pytest.raises(OutcomeUnknown):
            http.send("POST", "/x", writes=True)
    with pytest.raises(Unavailable):
        http.send("POST", "/x", writes=True)
    assert len(server.requests) == 5


def test_repetitions_stay_a_tenth_of_all_requests() -> None:
    clock, server = VirtualClock(), Server(*[down(), ok()] * 500, ok())
    http = connect(server, clock)
    asked = 400
    ask(http, times=asked)
    repeated = len(server.requests) - asked
    assert 0.09 * asked <= repeated <= 0.1 * asked + 10
