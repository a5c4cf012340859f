"""The process is killed at random moments under load; the ring has any number of them (`campaign kills`)."""

from __future__ import annotations

import signal
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

from tests.campaign import kills
from tests.e2e.conftest import Bench
from tests.process.conftest import end, wait_for

Start = Callable[..., subprocess.Popen[str]]


def test_one_sync_after_several_kills_makes_both_sides_equal(tmp_path: Path) -> None:
    outcome = kills.run(4, tmp_path)
    assert not outcome.broken, (outcome.history, outcome.broken)


def test_a_second_sigterm_ends_it_at_once(bench: Bench, start: Start) -> None:
    bench.configure('poll_every = "5s"', 'poll_every = "5s"\nfirst_sync = "apply"')
    bench.mara.create("Web", "Task", "Log in")
    answer = threading.Event()
    asked = bench.clickup_faults.before("^POST .*/list/.*/task", answer.wait)
    process = start("run")
    wait_for(lambda: asked.hits > 0)
    process.send_signal(signal.SIGTERM)
    assert process.stderr is not None
    assert any("stopping" in line for line in process.stderr)
    process.send_signal(signal.SIGTERM)
    assert end(process).code == 130
    answer.set()
    assert bench.run("sync").code == 0
    assert bench.titles() == (["Log in"], ["Log in"])
