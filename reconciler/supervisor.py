"""Supervisor: tells the service manager that started us when we are ready, and that we still get on with our work.

The protocol is systemd's (sd_notify): a datagram to the socket that $NOTIFY_SOCKET names. Without one nothing happens.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress

from reconciler.clock import Clock

STALL_S = 3600.0
"""So long a turn may go on without a single request: longer than any upload and any pause that a tracker asks for."""

START_MORE_S = 120
"""So much longer the first look may take, told again and again while it makes progress."""


class Supervisor:
    """Safe to use from several threads; never raises."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "")
        self._is_ready = False

    def ready(self) -> None:
        """The first look at the trackers has ended. Told once."""
        if not self._is_ready:
            self._is_ready = True
            self._tell("READY=1")

    def alive(self) -> None:
        """Work makes progress; to be said every few seconds."""
        self._tell("WATCHDOG=1" if self._is_ready else f"EXTEND_TIMEOUT_USEC={START_MORE_S * 1_000_000}")

    def stopping(self) -> None:
        self._tell("STOPPING=1")

    def _tell(self, message: str) -> None:
        if not self._address:
            return
        address = f"\0{self._address[1:]}" if self._address.startswith("@") else self._address
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to:
            to.connect(address)
            to.sendall(message.encode())


class Pulse:
    """Whether the jobs get on: each begins or ends a turn within `allowed_s`, by its name, or else `count`, the number
    of requests sent so far, moves. Waiting for a tracker is progress as long as it is asked now and then."""

    def __init__(self, clock: Clock, allowed_s: Mapping[str, float], count: Callable[[], int]) -> None:
        self._clock = clock
        self._allowed_s = allowed_s
        self._count = count
        self._known = count()
        self._moved_s = clock.monotonic_s()
        self._beats_s = dict.fromkeys(allowed_s, clock.monotonic_s())

    def beat(self, name: str) -> None:
        """A turn of that job begins, ends, or is left out on purpose."""
        self._beats_s[name] = self._clock.monotonic_s()

    def is_alive(self) -> bool:
        now_s, count = self._clock.monotonic_s(), self._count()
        if count != self._known:
            self._known, self._moved_s = count, now_s
        if now_s - self._moved_s < STALL_S:
            return True
        return all(now_s - self._beats_s[name] < allowed_s + STALL_S for name, allowed_s in self._allowed_s.items())
