"""The daemon while things go wrong around it."""

from __future__ import annotations

import json
import signal
import socket
import time
from collections.abc import Callable

from tests.e2e.conftest import Bench


def wait_for(condition: Callable[[], bool], timeout_s: float = 30) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def test_it_ends_within_seconds_although_a_tracker_does_not_answer(bench: Bench) -> None:
    bench.configure('poll_every = "5s"', 'poll_every = "5s"\nfirst_sync = "apply"')
    bench.mara.create("Web", "Task", "Log in")
    slow = bench.clickup_faults.between("POST .*/list/.*/task", lambda: time.sleep(11))
    process = bench.start("run")
    wait_for(lambda: slow.hits > 0)
    asked = time.monotonic()
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 0
    assert time.monotonic() - asked < 12
    assert "leaving it in doubt" in err
    assert bench.run("sync", "--yes", timeout_s=60).code == 0
    assert bench.titles() == (["Log in"], ["Log in"])


def test_it_goes_on_when_a_tracker_comes_back(bench: Bench) -> None:
    bench.configure('poll_every = "5s"', 'poll_every = "5s"\nfirst_sync = "apply"')
    bench.mara.create("Web", "Task", "Log in")
    down = bench.azure.faults.answer(".", 503, times=1_000_000)
    process = bench.start("run")
    try:
        wait_for(lambda: down.hits > 2)
        down.cancel()
        wait_for(lambda: bench.titles()[1] == ["Log in"], timeout_s=60)
    finally:
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 0
    events = [json.loads(line)["event"] for line in err.splitlines() if line.startswith("{")]
    assert "cycle could not finish" in events
    assert "stopping after the operation in flight" in events  # the last cycle may end after it


def test_it_is_ready_once_the_first_look_has_ended(bench: Bench) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(bench.folder / "notify"))
        manager.settimeout(30)
        bench.environ["NOTIFY_SOCKET"] = str(bench.folder / "notify")
        process = bench.start("run")
        try:
            assert manager.recv(4096) == b"READY=1"
            asked = len(bench.azure.log.since(0))
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=30)
        assert asked > 0
        assert manager.recv(4096) == b"STOPPING=1"
