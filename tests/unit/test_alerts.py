"""What a channel is told, and when it is told again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from reconciler.alerts import LINES_AT_MOST, begun, due, forget, remember
from reconciler.model.alert import Alert, AlertKind, Memory, Rules, Standing

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
RULES = Rules(
    on=frozenset(AlertKind),
    lag_over=timedelta(minutes=15),
    doubt_over=timedelta(minutes=30),
    repeat_every=timedelta(hours=24),
    digest_at=None,
    zone=ZoneInfo("Europe/Berlin"),
)
WELL = Standing("web", polled_at=NOW)
DOWN = replace(WELL, problem="clickup: answered 503")
HELD = replace(WELL, conflicts={"7": "AB#1: title (conflict 7)"})


class Channel:
    """Somebody who takes every alert, at any time."""

    def __init__(self, rules: Rules = RULES) -> None:
        self.rules = rules
        self.memory: Memory = begun({}, NOW)

    def look(self, *standings: Standing, after: timedelta = timedelta(0)) -> list[Alert]:
        at = NOW + after
        polled = [replace(s, polled_at=s.polled_at and s.polled_at + after) for s in standings]
        self.memory = forget(polled, self.memory, self.rules, at)
        owed = due(polled, self.memory, self.rules, at)
        for alert in owed:
            self.memory = remember(self.memory, alert, at)
        return owed


def kinds(alerts: list[Alert]) -> list[str]:
    return [alert.kind for alert in alerts]


@pytest.mark.parametrize(
    ("standing", "kind", "says"),
    [
        (DOWN, "failure", "clickup: answered 503"),
        (replace(WELL, guard="12 deletions; --allow abc"), "guard", "--allow abc"),
        (HELD, "conflict", "AB#1: title"),
        (replace(WELL, quarantined={"left/1": "AB#1: refused"}), "quarantine", "AB#1: refused"),
        (replace(WELL, doubt_since=NOW - timedelta(minutes=31)), "doubt", "31 minutes"),
        (replace(WELL, polled_at=NOW - timedelta(minutes=16)), "lag", "16 minutes"),
    ],
)
def test_what_is_the_matter_is_told_once(standing: Standing, kind: str, says: str) -> None:
    channel = Channel()
    [alert] = channel.look(standing)
    assert alert.kind == kind
    assert "web" in alert.title
    assert says in alert.body
    assert channel.look(standing, after=timedelta(minutes=1)) == []


def test_nothing_is_told_while_all_is_well() -> None:
    young = replace(WELL, doubt_since=NOW - timedelta(minutes=29), polled_at=NOW - timedelta(minutes=14))
    assert Channel().look(WELL, young) == []


def test_what_lasts_is_told_again_after_a_while() -> None:
    channel = Channel()
    channel.look(DOWN)
    assert channel.look(DOWN, after=timedelta(hours=23)) == []
    assert kinds(channel.look(DOWN, after=timedelta(hours=24))) == ["failure"]


def test_another_conflict_is_told_and_one_less_is_not() -> None:
    channel = Channel()
    two = replace(HELD, conflicts={**HELD.conflicts, "8": "AB#2: state (conflict 8)"})
    channel.look(HELD)
    assert kinds(channel.look(two)) == ["conflict"]
    assert channel.look(HELD) == []
    assert kinds(channel.look(two)) == ["conflict"]  # it was settled and is there again


def test_a_failure_that_changes_its_words_is_no_news() -> None:
    channel = Channel()
    channel.look(DOWN)
    assert channel.look(replace(DOWN, problem="clickup: answered 502")) == []


def test_a_recovery_is_told_once_and_only_to_who_heard_of_the_failure() -> None:
    channel = Channel()
    assert channel.look(WELL) == []
    channel.look(DOWN)
    assert kinds(channel.look(WELL)) == ["recovery"]
    assert channel.look(WELL) == []


def test_a_failure_right_after_a_recovery_is_told_only_if_it_lasts() -> None:
    channel = Channel()
    channel.look(DOWN)
    channel.look(WELL)
    assert channel.look(DOWN, after=timedelta(minutes=1)) == []
    assert channel.look(WELL, after=timedelta(minutes=2)) == []
    assert kinds(channel.look(DOWN, after=timedelta(minutes=11))) == ["failure"]


def test_only_what_was_asked_for_is_told() -> None:
    channel = Channel(replace(RULES, on=frozenset({AlertKind.CONFLICT})))
    assert kinds(channel.look(replace(HELD, problem="down"))) == ["conflict"]
    assert channel.look(WELL) == []


def test_long_lists_are_cut_and_counted() -> None:
    many = replace(WELL, quarantined={f"left/{n}": f"AB#{n}: refused" for n in range(LINES_AT_MOST + 5)})
    [alert] = Channel().look(many)
    assert len(alert.lines) == LINES_AT_MOST + 1
    assert alert.lines[-1] == "and 5 more"


def test_the_digest_comes_once_a_day_at_its_local_time() -> None:
    channel = Channel(replace(RULES, digest_at=time(14, 30)))  # 13:30 UTC in winter
    standing = replace(HELD, done={"updated": 3})
    channel.look(standing)
    assert channel.look(standing, after=timedelta(minutes=89)) == []
    [alert] = channel.look(standing, after=timedelta(minutes=90))
    assert alert.kind == "digest"
    assert "done: 3 updated; left: 1 conflicts on hold" in alert.body
    assert channel.look(standing, after=timedelta(hours=3)) == []
    assert "digest" in kinds(channel.look(standing, after=timedelta(hours=25, minutes=30)))


def test_a_digest_that_was_missed_comes_late_and_once() -> None:
    channel = Channel(replace(RULES, digest_at=time(8, 0)))
    assert kinds(channel.look(WELL, after=timedelta(days=5))) == ["digest"]
    assert channel.look(WELL, after=timedelta(days=5, hours=1)) == []


def test_the_memory_does_not_grow() -> None:
    channel = Channel()
    for number in range(5):
        channel.look(replace(WELL, conflicts={str(number): "held"}, quarantined={f"left/{number}": "refused"}))
    channel.look(WELL)
    assert set(channel.memory) == {"digest"}
