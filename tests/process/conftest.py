"""The real process on real sockets, as in tests/e2e, and what can be done to it and to its store from outside."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Iterator

import pytest

from tests.e2e.conftest import Bench, Ended, bench
from tests.store.conftest import new_postgresql_url, postgresql

__all__ = ["bench", "new_postgresql_url", "postgresql"]

LOOK_EVERY_S = 0.02


def wait_for(condition: Callable[[], bool], timeout_s: float = 60) -> None:
    """Until it holds; a bound that only a hanging program meets."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(LOOK_EVERY_S)


def end(process: subprocess.Popen[str]) -> Ended:
    """How it ends by itself."""
    out, err = process.communicate(timeout=60)
    return Ended(process.returncode, out, err)


def writes(bench: Bench) -> int:
    """How many writing requests reached both servers."""
    return bench.azure.log.writes + bench.clickup_log.writes


@pytest.fixture
def start(bench: Bench) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts commands; whatever still runs at the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def start_(*arguments: str) -> subprocess.Popen[str]:
        started.append(bench.start(*arguments))
        return started[-1]

    yield start_
    for process in started:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            process.communicate()
