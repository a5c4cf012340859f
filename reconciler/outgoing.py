"""Outgoing: what leaves the program for people and other programs, beside the cycles - alerts and the change feed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from reconciler.alerting import Alerting
from reconciler.clock import Clock
from reconciler.config import Config
from reconciler.delivery import Delivery
from reconciler.notify import channels
from reconciler.store import Store

ALERTS_EVERY_S = 15.0
FEED_EVERY_S = 5.0

FLUSH_S = 20.0
"""How long a command that ends waits for the feed's receiver; what is left goes out with the next one."""


@dataclass(frozen=True, slots=True)
class Errand:
    """Something that the daemon does again and again, never twice at once."""

    name: str
    every_s: float
    run: Callable[[], object]


class Outgoing:
    """Made before anything is read from a tracker, so that nothing seen is missed. Raises ConfigError where [alerts]
    cannot be used. `close` it."""

    def __init__(self, config: Config, store: Store, clock: Clock) -> None:
        self._alerting = Alerting(config, store, clock, channels(config.alerts.urls))
        self._delivery = Delivery(config, store, clock)
        self.jobs: list[Errand] = []
        if config.alerts.urls:
            self.jobs.append(Errand("alerts", ALERTS_EVERY_S, self._alerting.tell))
        if config.feed.url is not None:
            self.jobs.append(Errand("feed", FEED_EVERY_S, self._delivery.deliver))

    def flush(self) -> None:
        """Sends what there is to send, within a bounded time."""
        self._delivery.deliver(within_s=FLUSH_S)
        self._alerting.tell()

    def close(self) -> None:
        self._delivery.close()
