"""Alerting: looks how the mappings stand, tells every channel what it is owed, and remembers what each one took.

A channel that does not take a message gets it later, after a growing pause; the others do not wait for it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from reconciler import log
from reconciler.alerts import DIGEST, begun, due, forget, remember
from reconciler.clock import Clock
from reconciler.config import Config, MappingConfig
from reconciler.model.alert import Memory, Standing, Told
from reconciler.naming import Reference, label_of
from reconciler.notify import Send
from reconciler.store import Store

FIRST_PAUSE_S, LAST_PAUSE_S = 60.0, 1800.0

logger = log.get_logger(__name__)


class Alerting:
    """`tell` may be called at any time, by one thread at a time."""

    def __init__(self, config: Config, store: Store, clock: Clock, channels: Mapping[str, Send]) -> None:
        self._config = config
        self._store = store
        self._clock = clock
        self._channels = channels
        self._not_before_s: dict[str, float] = {}
        self._pause_s: dict[str, float] = {}

    def tell(self) -> bool:
        """Sends what is due. False where a channel did not take something, which no other one waits for. Raises
        StoreError."""
        taken = [self._tell(name, send) for name, send in self._channels.items()]
        return all(taken)

    def _tell(self, name: str, send: Send) -> bool:
        now, now_s = self._clock.now(), self._clock.monotonic_s()
        if now_s < self._not_before_s.get(name, now_s):
            return False
        rules = self._config.alerts.rules
        known = self._memory(name)
        memory = begun(known, now)
        standings = [self._standing(mapping, memory[DIGEST].at) for mapping in self._config.mappings]
        memory = forget(standings, memory, rules, now)
        owed = due(standings, memory, rules, now)
        if memory != known:
            self._keep(name, memory)
        for alert in owed:
            if not send(alert.title, alert.body):
                self._put_off(name, now_s)
                logger.warning("alert not taken", topic=alert.topic, again_in_s=self._pause_s[name])
                return False
            memory = remember(memory, alert, now)
            self._keep(name, memory)
            logger.info("alert sent", topic=alert.topic)
        self._pause_s.pop(name, None)
        return True

    def _put_off(self, name: str, now_s: float) -> None:
        pause_s = min(self._pause_s.get(name, FIRST_PAUSE_S / 2) * 2, LAST_PAUSE_S)
        self._pause_s[name], self._not_before_s[name] = pause_s, now_s + pause_s

    def _memory(self, name: str) -> Memory:
        kept = json.loads(self._store.meta(f"alerts:{name}") or "{}")
        return {topic: Told(datetime.fromisoformat(at), frozenset(subjects)) for topic, (at, subjects) in kept.items()}

    def _keep(self, name: str, memory: Memory) -> None:
        plain = {topic: [told.at.isoformat(), sorted(told.subjects)] for topic, told in memory.items()}
        self._store.set_meta(f"alerts:{name}", json.dumps(plain, sort_keys=True))

    def _standing(self, mapping: MappingConfig, since: datetime) -> Standing:
        store, name = self._store, mapping.name
        problem, guarded = store.problem(name), store.problem_kind(name) == "GuardTripped"
        rows = store.pending(name)
        stuck = [row for row in rows if row.needs_a_person]
        polled = [at for at in (store.watermark(name, "left"), store.watermark(name, "right")) if at is not None]
        held = [conflict for conflict in store.open_conflicts(name) if conflict.winner is None]
        return Standing(
            mapping=name,
            problem=None if guarded else problem,
            guard=problem if guarded else None,
            conflicts={str(c.id): f"{self._label(name, c.left_key)}: {c.field} (conflict {c.id})" for c in held},
            quarantined={f"{row.side}/{row.key}": row.reason for row in stuck},
            doubt_since=min((intent.opened_at for intent in store.open_intents(name)), default=None),
            polled_at=min(polled, default=None),
            done=store.count_kinds(name, since),
            waiting=len(rows) - len(stuck),
        )

    def _label(self, name: str, left_key: str) -> str:
        return label_of(self._config, self._store, Reference(name, "left", left_key))
