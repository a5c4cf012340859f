"""What the service manager is told: ready after the first look, alive while work makes progress."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.clock import VirtualClock
from reconciler.supervisor import STALL_S, Pulse, Supervisor


@pytest.fixture
def manager() -> Iterator[socket.socket]:
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(Path(folder) / "notify"))
        listening.setblocking(False)
        yield listening


def heard(manager: socket.socket) -> list[str]:
    messages = []
    while True:
        try:
            messages.append(manager.recv(4096).decode())
        except BlockingIOError:
            return messages


def test_a_start_that_takes_long_asks_for_more_time_until_it_is_ready(manager: socket.socket) -> None:
    supervisor = Supervisor({"NOTIFY_SOCKET": manager.getsockname()})
    supervisor.alive()
    supervisor.ready()
    supervisor.ready()
    supervisor.alive()
    supervisor.stopping()
    assert heard(manager) == ["EXTEND_TIMEOUT_USEC=120000000", "READY=1", "WATCHDOG=1", "STOPPING=1"]


@pytest.mark.parametrize("environ", [{}, {"NOTIFY_SOCKET": "/nowhere/notify"}, {"NOTIFY_SOCKET": "@nobody-listens"}])
def test_without_a_manager_nothing_happens(environ: dict[str, str]) -> None:
    Supervisor(environ).ready()


class Work:
    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.requests = 0
        self.pulse = Pulse(self.clock, {"web": 90.0, "app": 90.0}, lambda: self.requests)


def test_turns_that_come_and_go_are_alive_without_a_request() -> None:
    work = Work()
    for _ in range(100):
        work.clock.advance(STALL_S / 10)
        work.pulse.beat("web")
        work.pulse.beat("app")
        assert work.pulse.is_alive()


def test_one_turn_that_hangs_is_noticed_though_the_other_goes_on() -> None:
    work = Work()
    work.clock.advance(STALL_S + 89)
    work.pulse.beat("app")
    assert work.pulse.is_alive()
    work.clock.advance(2)
    assert not work.pulse.is_alive()


def test_a_turn_that_takes_a_day_is_alive_as_long_as_it_asks() -> None:
    work = Work()
    for _ in range(48):
        work.clock.advance(STALL_S / 2)
        work.requests += 1
        assert work.pulse.is_alive()
