"""How the tracker slows down when the service says so."""

from __future__ import annotations

import pytest

from reconciler.clock import VirtualClock
from reconciler.errors import Unavailable
from reconciler.trackers.answer import Answer
from reconciler.trackers.azure_devops.pacing import PATIENCE_S, DelayPacer


def wait_after(**headers: str) -> float:
    """Seconds that the next request waits after an answer with these headers."""
    clock = VirtualClock()
    pacer = DelayPacer(clock)
    pacer.acquire()
    pacer.observe(Answer(200, {name.replace("_", "-"): value for name, value in headers.items()}, "", {}, "GET", "/"))
    before_s = clock.monotonic_s()
    pacer.acquire()
    return clock.monotonic_s() - before_s


def test_without_a_word_from_the_service_nothing_waits() -> None:
    assert wait_after() == 0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry_after": "7"}, 7.0),
        ({"x_ratelimit_delay": "2.5"}, 2.5),
        ({"retry_after": "3", "x_ratelimit_delay": "5"}, 5.0),
        ({"retry_after": "soon", "x_ratelimit_delay": "a bit"}, 0.0),
        ({"x_ratelimit_delay": "-4"}, 0.0),
        ({"x_ratelimit_delay": "nan"}, 0.0),
        ({"x_ratelimit_delay": "inf"}, PATIENCE_S),
    ],
)
def test_headers_of_any_kind_become_a_bounded_wait(headers: dict[str, str], seconds: float) -> None:
    assert wait_after(**headers) == seconds


def test_an_older_longer_wait_outlives_a_newer_shorter_one() -> None:
    clock = VirtualClock()
    pacer = DelayPacer(clock)
    for seconds in ("30", "1"):
        pacer.observe(Answer(200, {"retry-after": seconds}, "", {}, "GET", "/"))
    pacer.acquire()
    assert clock.monotonic_s() == 30


def test_a_silence_longer_than_our_patience_is_reported_and_nothing_is_sent_before_it_ends() -> None:
    clock = VirtualClock()
    pacer = DelayPacer(clock)
    pacer.observe(Answer(200, {"retry-after": "1000"}, "", {}, "GET", "/"))
    clock.advance(500)
    with pytest.raises(Unavailable) as caught:
        pacer.acquire()
    assert (caught.value.retry_after_s, clock.monotonic_s()) == (500, 500)
    clock.advance(400)
    pacer.acquire()
    assert clock.monotonic_s() == 1000


def test_refusals_that_do_not_say_when_to_come_back_slow_us_down_until_answers_are_good_again() -> None:
    clock = VirtualClock()
    pacer = DelayPacer(clock)
    waits = []
    for status in (429, 429, 429, 200, 200, 429):
        pacer.observe(Answer(status, {}, "", {}, "GET", "/"))
        before_s = clock.monotonic_s()
        pacer.acquire()
        waits.append(clock.monotonic_s() - before_s)
    assert waits == [1, 2, 4, 0, 0, 2]
