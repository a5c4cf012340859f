"""When a monitor is told that something is wrong."""

from __future__ import annotations

from datetime import timedelta

from reconciler.clock import VirtualClock
from reconciler.health import Health

EVERY = timedelta(seconds=30)
DOUBT = timedelta(seconds=180)


def test_a_mapping_is_late_after_three_intervals_without_a_finished_cycle() -> None:
    clock = VirtualClock()
    health = Health(clock, {"web": EVERY, "app": EVERY}, DOUBT)
    clock.advance(60)
    health.finished("app")
    clock.advance(30)
    assert health.as_json()["status"] == "ok"
    clock.advance(1)
    assert health.as_json()["late"] == ["web"]
    health.finished("web")
    assert health.as_json()["status"] == "ok"


def test_a_write_in_doubt_for_ten_times_as_long_as_it_should_be_makes_ill_until_it_is_settled() -> None:
    clock = VirtualClock()
    health = Health(clock, {"web": EVERY}, DOUBT)
    health.in_doubt("web", 1_700.0)
    clock.advance(60)
    health.finished("web")
    assert health.as_json()["status"] == "ok"
    clock.advance(60)
    health.finished("web")
    assert (health.as_json()["status"], health.as_json()["in_doubt"]) == ("in doubt", ["web"])
    health.in_doubt("web", None)
    assert health.as_json()["status"] == "ok"
