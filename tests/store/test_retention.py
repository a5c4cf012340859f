"""Retention: whatever is done for however long, no table outgrows what is synchronised and its share of the past."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.model.policy import OnDelete
from reconciler.store import retention
from reconciler.store.tables import TABLES
from tests.support.duo import Duo

DAY_S = 86_400.0
DAYS = 16
HISTORY_DAYS = 5


def test_every_table_says_how_long_its_rows_stay() -> None:
    assert {*retention.STANDING, *retention.HISTORY} == set(TABLES)
    assert not set(retention.STANDING) & set(retention.HISTORY)


@pytest.fixture
def duo(tmp_path: Path) -> Iterator[Duo]:
    # Survivors that are only closed stay in sight, and with each the tombstone that keeps it from being paired again.
    made = Duo(tmp_path, requests_per_minute=10_000, on_delete=OnDelete.DELETE)
    yield made
    made.close()


def rows(duo: Duo) -> dict[str, int]:
    names = [table._meta.table_name for table in TABLES]
    return {name: duo.store._db.sql(f"SELECT COUNT(*) FROM {name}")[0][0] for name in names}


def one_day(duo: Duo, day: int) -> None:
    """Something of everything, and back to where it began: edits, a conflict, comments, a copy that comes and goes,
    a tracker that is down for a while."""
    item = next(iter(duo.azure.world.items.values()))
    task = next(iter(duo.clickup.world.tasks.values()))
    run = duo.store.start_run("sync")
    duo.developer.edit(item, {"System.Title": f"left {day}"})
    duo.settle()
    duo.developer.edit(item, {"System.Title": f"left again {day}"})
    duo.planner.edit(task, name=f"right {day}")
    comment = duo.developer.comment(item, f"comment {day}")
    duo.settle()
    duo.developer.delete_comment(item, comment)
    made = duo.developer.create(duo.projects[0], "Task", f"for a day {day}")
    duo.settle()
    duo.developer.delete(made)
    duo.settle(sweep=True)
    down = duo.clickup_service.faults.answer(".", 503, times=1_000_000)
    for _ in range(2):
        with pytest.raises(AssertionError, match="503"):
            duo.cycle()
    down.cancel()
    duo.clock.advance(600)
    duo.settle()
    duo.store.finish_run(run, {"day": day})
    duo.clock.advance(DAY_S)
    duo.store.prune(keep_days=HISTORY_DAYS)


def test_weeks_of_everything_leave_what_half_of_them_left(duo: Duo) -> None:
    duo.seed_pairs(2)
    duo.settle()
    after: dict[int, dict[str, int]] = {}
    for day in range(DAYS):
        one_day(duo, day)
        after[day] = rows(duo)
    conflicts = {day: counts.pop("conflict") for day, counts in after.items()}
    assert after[DAYS - 1] == after[DAYS // 2]
    assert conflicts[DAYS - 1] == DAYS  # kept for a year, each for its two values
    assert all(after[DAYS - 1][name] >= HISTORY_DAYS - 1 for name in ("run", "event", "intent"))


def test_a_failure_that_goes_on_is_told_once(duo: Duo) -> None:
    duo.seed_pairs(1)
    duo.settle()
    before = rows(duo)
    duo.clickup_service.faults.answer(".", 404, body="nothing here", times=1_000_000)
    for _ in range(20):
        with pytest.raises(AssertionError, match="nothing here"):
            duo.cycle()
    after = rows(duo)
    assert {name: after[name] - count for name, count in before.items() if after[name] != count} == {
        "event": 1,
        "meta": 2,  # the sentence, and what kind of failure it is
    }
