"""WindowPacer against servers that count requests themselves, on a virtual clock."""

from __future__ import annotations

import random
import threading
from collections import deque
from collections.abc import Callable
from email.utils import format_datetime
from functools import partial

import pytest

from reconciler.clock import VirtualClock
from reconciler.errors import Unavailable
from reconciler.trackers.answer import Answer
from reconciler.trackers.pacing import WindowPacer

LIMIT = 100


def answer(clock: VirtualClock, status: int = 200, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, {"date": format_datetime(clock.now(), usegmt=True), **named}, "", None, "GET", "/x")


class SlidingWindow:
    """Counts both ends of its window, which is the stricter reading."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.hits: deque[float] = deque()

    def admits(self, now_s: float) -> bool:
        while self.hits and self.hits[0] < now_s - 60:
            self.hits.popleft()
        if len(self.hits) >= self.limit:
            return False
        self.hits.append(now_s)
        return True

    def remaining(self) -> int:
        return self.limit - len(self.hits)

    def reset_in_s(self, now_s: float) -> float:
        return self.hits[0] + 60 - now_s if self.hits else 60


class FixedWindow:
    """Starts anew every minute, at an offset nobody tells."""

    def __init__(self, limit: int, offset_s: float) -> None:
        self.limit = limit
        self.offset_s = offset_s
        self.window = -1
        self.count = 0

    def admits(self, now_s: float) -> bool:
        window = int((now_s + self.offset_s) // 60)
        if window != self.window:
            self.window, self.count = window, 0
        if self.count >= self.limit:
            return False
        self.count += 1
        return True

    def remaining(self) -> int:
        return self.limit - self.count

    def reset_in_s(self, now_s: float) -> float:
        return 60 - (now_s + self.offset_s) % 60


Server = SlidingWindow | FixedWindow
SERVERS: list[Callable[[], Server]] = [
    partial(SlidingWindow, LIMIT),
    partial(FixedWindow, LIMIT, 0.0),
    partial(FixedWindow, LIMIT, 17.3),
    partial(FixedWindow, LIMIT, 59.999),
]
on_every_server = pytest.mark.parametrize(
    "make_server", SERVERS, ids=["sliding", "fixed at 0 s", "fixed at 17.3 s", "fixed at 59.999 s"]
)


def exchange(pacer: WindowPacer, clock: VirtualClock, server: Server, up_s: float, down_s: float) -> bool:
    """One request; whether the server took it."""
    pacer.acquire()
    clock.advance(up_s)
    now_s = clock.monotonic_s()
    taken = server.admits(now_s)
    reset = int(clock.now().timestamp() + server.reset_in_s(now_s)) + 1
    reply = answer(
        clock,
        200 if taken else 429,
        x_ratelimit_limit=str(server.limit),
        x_ratelimit_remaining=str(server.remaining()),
        x_ratelimit_reset=str(reset),
    )
    clock.advance(down_s)
    pacer.observe(reply)
    return taken


@on_every_server
@pytest.mark.parametrize("latency_s", [0.0, 0.08, 0.5])
def test_a_catch_up_runs_at_98_percent_of_the_ceiling_without_one_refusal(
    make_server: Callable[[], Server], latency_s: float
) -> None:
    clock, chance, server = VirtualClock(), random.Random(7), make_server()
    pacer = WindowPacer(clock, LIMIT)
    requests = 3_000
    for _ in range(requests):
        jitter_s = latency_s * chance.uniform(0.5, 1.2)
        up_s = jitter_s * chance.random()
        assert exchange(pacer, clock, server, up_s, jitter_s - up_s)
    minutes = clock.monotonic_s() / 60
    assert requests / minutes >= 0.98 * LIMIT


@on_every_server
def test_rare_slow_requests_never_push_two_windows_into_one(make_server: Callable[[], Server]) -> None:
    """A request that spent 20 s on its way is counted late; the one that follows it a window later must not hurry."""
    clock, chance, server = VirtualClock(), random.Random(11), make_server()
    pacer = WindowPacer(clock, LIMIT)
    for _ in range(2_000):
        slow = chance.random() < 0.02
        assert exchange(pacer, clock, server, chance.uniform(0, 20 if slow else 0.1), chance.uniform(0, 0.1))


def test_the_first_requests_of_a_quiet_period_go_out_at_once() -> None:
    clock = VirtualClock()
    pacer = WindowPacer(clock, LIMIT)
    for _ in range(LIMIT - 1):
        pacer.acquire()
        pacer.observe(answer(clock))
    assert clock.monotonic_s() == 0
    pacer.acquire()
    assert 60 <= clock.monotonic_s() < 60.2


def test_a_reserved_share_is_never_used() -> None:
    clock, server = VirtualClock(), SlidingWindow(LIMIT)
    pacer = WindowPacer(clock, LIMIT, reserve=0.3)
    most = 0
    for _ in range(500):
        assert exchange(pacer, clock, server, 0.01, 0.01)
        most = max(most, LIMIT - server.remaining())
    assert most == 69


@on_every_server
def test_another_user_of_the_token_slows_us_down_instead_of_causing_refusals(
    make_server: Callable[[], Server],
) -> None:
    clock, server = VirtualClock(), make_server()
    pacer = WindowPacer(clock, LIMIT)
    refused = 0
    for number in range(1_500):
        if number % 3 == 0:
            server.admits(clock.monotonic_s())
        refused += not exchange(pacer, clock, server, 0.02, 0.02)
    assert refused == 0


def test_a_ceiling_configured_too_high_is_corrected_by_the_headers() -> None:
    clock, server = VirtualClock(), FixedWindow(LIMIT, 5.0)
    pacer = WindowPacer(clock, 1_000)
    assert all(exchange(pacer, clock, server, 0.02, 0.02) for _ in range(600))


@pytest.mark.parametrize("status", [200, 429, 503])
def test_retry_after_is_obeyed_on_any_status(status: int) -> None:
    clock = VirtualClock()
    pacer = WindowPacer(clock, LIMIT)
    pacer.acquire()
    pacer.observe(answer(clock, status, retry_after="17"))
    pacer.acquire()
    assert clock.monotonic_s() == pytest.approx(17)


def test_a_silence_longer_than_our_patience_is_reported_and_nothing_is_sent_before_it_ends() -> None:
    clock = VirtualClock()
    pacer = WindowPacer(clock, LIMIT)
    pacer.acquire()
    pacer.observe(answer(clock, 429, retry_after="3600"))
    with pytest.raises(Unavailable) as refused:
        pacer.acquire()
    assert refused.value.retry_after_s == pytest.approx(3600)
    clock.advance(3590)
    pacer.acquire()
    assert clock.monotonic_s() == pytest.approx(3600)


@pytest.mark.parametrize(("reset_in_s", "waited_s"), [(-500, 1), (30, 30), (99_999, 120)])
def test_the_reset_of_a_refusal_is_waited_for_within_limits(reset_in_s: int, waited_s: int) -> None:
    clock = VirtualClock()
    pacer = WindowPacer(clock, LIMIT)
    pacer.acquire()
    pacer.observe(answer(clock, 429, x_ratelimit_reset=str(int(clock.now().timestamp()) + reset_in_s)))
    pacer.acquire()
    assert clock.monotonic_s() == pytest.approx(waited_s)


def test_the_reset_is_relative_to_the_clock_of_the_server() -> None:
    """Our own clock may be ten minutes off (reliability.md 2)."""
    clock, ahead = VirtualClock(), VirtualClock()
    ahead.advance(600)
    pacer = WindowPacer(clock, LIMIT)
    pacer.acquire()
    pacer.observe(answer(ahead, 429, x_ratelimit_reset=str(int(ahead.now().timestamp()) + 25)))
    pacer.acquire()
    assert clock.monotonic_s() == pytest.approx(25)


def burst(pacer: WindowPacer, clock: VirtualClock) -> int:
    """How many requests go out before the pacer makes us wait."""
    start_s, sent = clock.monotonic_s(), 0
    while True:
        pacer.acquire()
        if clock.monotonic_s() > start_s:
            pacer.observe(answer(clock))
            return sent
        pacer.observe(answer(clock))
        sent += 1


@pytest.mark.parametrize("headers", [{}, {"x_ratelimit_reset": "soon"}, {"retry_after": "nan"}])
def test_a_refusal_without_usable_headers_halves_the_rate_which_then_recovers(headers: dict[str, str]) -> None:
    clock = VirtualClock()
    pacer = WindowPacer(clock, 101)
    pacer.acquire()
    pacer.observe(answer(clock, 429, **headers))
    clock.advance(61)
    assert 50 <= burst(pacer, clock) <= 56
    clock.advance(5 * 60)
    assert 75 <= burst(pacer, clock) <= 85
    clock.advance(20 * 60)
    assert burst(pacer, clock) == 100


def test_refusal_after_refusal_never_stops_us_for_good() -> None:
    clock = VirtualClock()
    pacer = WindowPacer(clock, LIMIT)
    for _ in range(50):
        pacer.acquire()
        pacer.observe(answer(clock, 429))
    assert clock.monotonic_s() < 50 * 61


@pytest.mark.parametrize("remaining", ["", "many", "nan", "-5"])
def test_nonsense_in_the_headers_does_no_harm(remaining: str) -> None:
    clock = VirtualClock()
    pacer = WindowPacer(clock, LIMIT)
    for _ in range(300):
        pacer.acquire()
        pacer.observe(answer(clock, x_ratelimit_remaining=remaining, x_ratelimit_reset="nan"))
    assert clock.monotonic_s() < 300 * 121


def test_requests_without_an_answer_are_counted_too() -> None:
    clock = VirtualClock()
    pacer = WindowPacer(clock, LIMIT)
    for _ in range(LIMIT - 1):
        pacer.acquire()
    assert clock.monotonic_s() == 0
    pacer.acquire()
    assert clock.monotonic_s() >= 60


def test_threads_share_one_ceiling() -> None:
    clock, server, lock = VirtualClock(), SlidingWindow(LIMIT), threading.Lock()
    pacer = WindowPacer(clock, LIMIT)
    refused: list[float] = []

    def work() -> None:
        for _ in range(100):
            pacer.acquire()
            with lock:
                if not server.admits(clock.monotonic_s()):
                    refused.append(clock.monotonic_s())
            pacer.observe(answer(clock))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == []
