"""The program killed at every point at which it can die in every scenario (reliability.md, ring C)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.disk import Folder, Server
from tests.crash.enumeration import Course, course, die_loudly, live, survive
from tests.crash.scenarios import SCENARIOS

IN_THE_SUITE = 4
"""Every so manieth point is lived on from here; all of them, and those of the lives after them, by the campaign."""

SHIFTS = {name: number % IN_THE_SUITE for number, name in enumerate(SCENARIOS)}


@pytest.mark.parametrize("name", SCENARIOS)
def test_life_after_a_death_ends_where_life_without_it_ends(name: str, tmp_path: Path) -> None:
    lived, disk = course(name), Folder(tmp_path)
    for number, point in list(enumerate(lived.points))[SHIFTS[name] :: IN_THE_SUITE]:
        assert not survive(lived, point, disk).broken, f"python -m tests.crash {name} {number}"


@pytest.mark.parametrize("name", ["create-left", "update-right", "hold"])
def test_a_second_death_in_the_life_after_the_first_changes_nothing_either(name: str, tmp_path: Path) -> None:
    lived, disk = course(name), Folder(tmp_path)
    for number, point in list(enumerate(lived.points))[::9]:
        further = survive(lived, point, disk, watched=True).further
        for again, second in list(enumerate(further))[::5]:
            assert not survive(lived, second, disk).broken, f"python -m tests.crash {name} {number} {again}"


@pytest.mark.parametrize("name", ["create-right", "update-left", "comments", "close", "maintenance", "migration"])
def test_dying_of_an_exception_leaves_what_dying_silently_leaves(name: str, tmp_path: Path) -> None:
    lived, disk = course(name), Folder(tmp_path)
    for boundary in range(0, len(lived.seen), 11):
        assert not die_loudly(lived, boundary, disk), boundary


@pytest.fixture(scope="module")
def on_postgresql(postgresql: str | None) -> Iterator[Server]:
    if postgresql is None:
        pytest.skip("PostgreSQL is not installed")
    server = Server.new(postgresql, "crash")
    yield server
    server.close()


@pytest.mark.parametrize("name", ["create-left", "update-right"])
def test_the_same_holds_on_a_real_postgresql_server(name: str, on_postgresql: Server) -> None:
    on_postgresql.restore(on_postgresql.nothing)
    lived: Course = live(SCENARIOS[name], on_postgresql)
    assert len(lived.points) >= len(course(name).points)
    for number, point in list(enumerate(lived.points))[::7]:
        assert not survive(lived, point, on_postgresql).broken, number
    for boundary in range(1, len(lived.seen), 20):
        assert not die_loudly(lived, boundary, on_postgresql), boundary
