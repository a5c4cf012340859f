"""A daemon is stopped, another instance takes over, the first wakes: it sends nothing and commits nothing."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.conftest import Bench
from tests.process.conftest import end, wait_for, writes
from tests.store.test_lease import end_sessions

Start = Callable[..., subprocess.Popen[str]]

TITLES = [f"Item {number}" for number in range(6)]
CREATE = "^POST .*/list/.*/task"


@pytest.fixture
def fill(bench: Bench) -> None:
    for title in TITLES:
        bench.mara.create("Web", "Task", title)
    bench.text = bench.text.replace('poll_every = "5s"', 'poll_every = "5s"\nfirst_sync = "apply"')
    bench.config.write_text(bench.text)


def pause_at_a_create(bench: Bench, start: Start, moment: str) -> subprocess.Popen[str]:
    """A daemon stopped while one of its requests is under way, or waiting for its turn to send one again."""
    if moment == "before a request":
        # Told to wait, it has noted what it is about to do and will send it again.
        struck = bench.clickup_faults.answer(CREATE, 429, headers={"retry-after": "1"}, after=3)
        process = start("run")
        wait_for(lambda: struck.hits > 0)
        process.send_signal(signal.SIGSTOP)
    else:
        process = start("run")
        struck = bench.clickup_faults.before(CREATE, lambda: process.send_signal(signal.SIGSTOP), after=3)
        wait_for(lambda: struck.hits > 0)
    return process


@pytest.mark.usefixtures("fill")
@pytest.mark.parametrize(
    ("kind", "moment"),
    [("postgresql", "before a request"), ("postgresql", "during a request"), ("sqlite", "before a request")],
)
def test_a_daemon_that_was_overtaken_in_its_sleep_does_nothing_more(
    bench: Bench, start: Start, kind: str, moment: str, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue("new_postgresql_url") if kind == "postgresql" else "sqlite:///store.db"
    bench.configure("sqlite:///store.db", url)
    first = pause_at_a_create(bench, start, moment)
    if kind == "postgresql":
        end_sessions(url)
    else:
        (bench.folder / "store.db.lock").unlink()
    assert bench.run("sync").code == 0
    assert bench.titles() == (TITLES, TITLES)
    sent, kept = writes(bench), history(bench)
    first.send_signal(signal.SIGCONT)
    ended = end(first)
    assert (ended.code, writes(bench) - sent) == (6, 0), ended.err
    assert "another instance took over" in ended.err.splitlines()[-1]
    assert "Traceback" not in ended.err
    assert history(bench) == kept
    assert bench.run("sync").code == 0
    assert (writes(bench) - sent, bench.titles()) == (0, (TITLES, TITLES))


def history(bench: Bench) -> str:
    """What the store says was done, as the command line shows it beside a running daemon."""
    return bench.run("log", "--json", "-n", "1000").out


@pytest.mark.usefixtures("fill")
def test_a_daemon_whose_store_is_exchanged_in_its_sleep_does_nothing_more(bench: Bench, start: Start) -> None:
    first = pause_at_a_create(bench, start, "before a request")
    for file in bench.folder.glob("store.db*"):
        file.unlink()
    assert bench.run("sync").code == 0
    assert bench.titles() == (TITLES, TITLES)
    sent, files = writes(bench), sizes(bench.folder)
    first.send_signal(signal.SIGCONT)
    ended = end(first)
    assert (ended.code, writes(bench) - sent) == (4, 0), ended.err
    assert "was deleted or replaced while it was in use" in ended.err.splitlines()[-1]
    assert sizes(bench.folder) == files


def sizes(folder: Path) -> dict[str, int]:
    return {file.name: file.stat().st_size for file in folder.glob("store.db*")}


@pytest.mark.usefixtures("fill")
def test_an_idle_daemon_notices_that_it_was_overtaken(bench: Bench, start: Start) -> None:
    first = start("run")
    wait_for(lambda: bench.titles() == (TITLES, TITLES))
    (bench.folder / "store.db.lock").unlink()
    sent = writes(bench)
    second = start("run")
    ended = end(first)
    assert (ended.code, writes(bench) - sent) == (6, 0), ended.err
    assert second.poll() is None


@pytest.mark.usefixtures("fill")
def test_a_second_instance_ends_at_once_and_sends_nothing(bench: Bench, start: Start) -> None:
    start("run")
    wait_for(lambda: bench.titles() == (TITLES, TITLES))
    sent = writes(bench)
    for command in (["run"], ["sync", "--yes"]):
        ended = bench.run(*command)
        assert (ended.code, writes(bench) - sent) == (6, 0), ended.err
        assert "another running instance holds" in ended.err
