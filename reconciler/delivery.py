"""Delivery: posts the change feed to its receiver - signed, in order, each change at least once.

A receiver that is away, busy or refuses everybody is waited for; nothing overtakes what waits. A change that is refused
again and again for what it is becomes a dead letter, which `feed retry` brings back, and the others go on.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from reconciler import log
from reconciler.clock import Clock
from reconciler.config import Config
from reconciler.errors import Rejected, TrackerError
from reconciler.model.change import Change
from reconciler.model.side import SIDES
from reconciler.store import Store
from reconciler.trackers.answer import Answer
from reconciler.trackers.circuit import Circuit
from reconciler.trackers.http import Http, Transport

ANSWER_S = 10.0
AT_ONCE = 100

PAUSE_S = 5.0
"""How long a change that was refused waits, doubled each time, and a receiver that has just begun to fail."""

_ABOUT_THE_RECEIVER = frozenset({"401", "403", "404", "405", "407", "408", "425", "429"})
"""Refusals that say nothing about the change: wrong credentials, a wrong address, too early, too often."""

logger = log.get_logger(__name__)


class Delivery:
    """Nothing happens where no receiver is configured. One thread at a time. `transport` replaces the network."""

    def __init__(self, config: Config, store: Store, clock: Clock, transport: Transport | None = None) -> None:
        self._store = store
        self._clock = clock
        self._attempts = config.feed.attempts
        self._trackers = {(m.name, side): m.side(side).tracker for m in config.mappings for side in SIDES}
        self._http: Http | None = None
        self._not_before_s = 0.0
        store.feed.turn(config.feed.url is not None)
        if config.feed.url is not None and config.feed.secret is not None:
            parts = urlsplit(config.feed.url.get_secret_value())
            self._secret = config.feed.secret.get_secret_value().encode()
            self._path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
            self._http = Http(
                f"{parts.scheme}://{parts.netloc}",
                tracker="feed",
                headers={"User-Agent": "reconciler"},
                secrets=[config.feed.secret.get_secret_value(), *([self._path] if len(self._path) > 1 else [])],
                pacer=_AtOnce(),
                circuit=_Once(clock),
                judge=lambda _answer: None,
                clock=clock,
                transport=transport,
                read_timeout_s=ANSWER_S,
                reads_answers=False,
            )

    def deliver(self, within_s: float | None = None) -> int:
        """Delivers what waits until nothing does, the receiver does not take it, or the time is over. How many were
        delivered. Raises StoreError and Stopping."""
        ends_s = None if within_s is None else self._clock.monotonic_s() + within_s
        delivered = 0
        if self._clock.monotonic_s() < self._not_before_s:
            return 0
        while self._http is not None and (waiting := self._store.feed.waiting(AT_ONCE)):
            for change in waiting:
                self._clock.checkpoint()
                if ends_s is not None and self._clock.monotonic_s() >= ends_s:
                    return delivered
                if not self._is_done(self._http, change):
                    return delivered
                delivered += 1
        return delivered

    def close(self) -> None:
        if self._http is not None:
            self._http.close()

    def _is_done(self, http: Http, change: Change) -> bool:
        """Delivered, or put aside for good; False where it is to be tried again, before anything else."""
        body = json.dumps(self.document(change), ensure_ascii=False, separators=(",", ":")).encode()
        headers = signed(self._secret, change.uid, int(self._clock.now().timestamp()), body)
        try:
            http.send("POST", self._path, body=body, headers=headers, writes=True)
        except Rejected as error:
            refused = error.code.startswith("4") and error.code not in _ABOUT_THE_RECEIVER
            for_good = refused and change.attempts + 1 >= self._attempts
            self._store.feed.not_delivered(change, error.message, refused=refused, for_good=for_good)
            self._not_before_s = self._clock.monotonic_s() + (0.0 if for_good else PAUSE_S * 2**change.attempts)
            if for_good:
                logger.warning("change put aside", change=change.uid, problem=error.message)
            return for_good
        except TrackerError as error:
            self._store.feed.not_delivered(change, error.message, refused=False)
            self._not_before_s = self._clock.monotonic_s() + (error.retry_after_s or PAUSE_S)
            return False
        self._store.feed.delivered(change)
        return True

    def document(self, change: Change) -> dict[str, Any]:
        """A change as it is delivered; web/README documents the keys."""
        return {**change.as_json(), "tracker": self._trackers.get((change.mapping, change.side), "")}


def signed(secret: bytes, uid: str, timestamp: int, body: bytes) -> Mapping[str, str]:
    """The headers of a delivery: the signature covers when it was sent, which change it is, and the body."""
    digest = hmac.new(secret, f"{timestamp}.{uid}.".encode() + body, "sha256").hexdigest()
    return {
        "X-Reconciler-Id": uid,
        "X-Reconciler-Timestamp": str(timestamp),
        "X-Reconciler-Signature": f"sha256={digest}",
    }


class _Once(Circuit):
    """Nothing is repeated within a delivery, which would take it beyond its time: the next one does."""

    @property
    def may_repeat(self) -> bool:
        return False


class _AtOnce:
    """No budget but what the receiver asks for."""

    def acquire(self) -> None:
        """Never waits."""

    def observe(self, answer: Answer) -> None:
        """Learns nothing."""
