"""Connections: the configured trackers, connected when first needed, and the mappings made ready to run on them.

A broken tracker stops only the mappings that use it: whoever asks for it gets its error each time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from itertools import product
from typing import Any

from reconciler.clock import Clock
from reconciler.config import Config, MappingConfig
from reconciler.context import MappingContext
from reconciler.errors import ConfigError, Rejected
from reconciler.model.known_name import NOTHING_KNOWN, Memories
from reconciler.model.person import Person
from reconciler.model.side import SIDES, Side
from reconciler.trackers.base import Scope, Tracker
from reconciler.trackers.circuit import CircuitState
from reconciler.trackers.guide import FoundPlace, Guide, Surveyor
from reconciler.trackers.http import Permit, granted
from reconciler.trackers.read_only import ReadOnly
from reconciler.trackers.registry import guide_of, make_scope, make_tracker

SCHEMA_AGE_S = 3600.0
"""How old what we know of types, states and lists may be before it is read again."""


class Connections:
    """`read_only` makes every write to a tracker impossible; `transports` replaces the network by tracker name;
    `permit` is asked before every request that writes; `remembered` tells what a mapping's schemas were, so that what
    was renamed since is followed."""

    def __init__(
        self,
        config: Config,
        clock: Clock,
        *,
        read_only: bool = False,
        transports: Mapping[str, Any] | None = None,
        permit: Permit = granted,
        remembered: Callable[[str], Memories] = lambda _mapping: NOTHING_KNOWN,
    ) -> None:
        self._config = config
        self._clock = clock
        self._read_only = read_only
        self._transports = transports or {}
        self._permit = permit
        self._remembered = remembered
        self._trackers: dict[str, Tracker] = {}
        self._contexts: dict[str, MappingContext] = {}
        self._read_at_s: dict[str, float] = {}

    def tracker(self, name: str) -> Tracker:
        """The connected tracker. Raises what `connect` raises; one that cannot be connected is kept all the same, since
        it remembers its failures and is asked less and less often."""
        if name not in self._trackers:
            settings = self._config.trackers[name]
            made = make_tracker(name, settings, self._clock, self._transports.get(name), self._permit)
            self._trackers[name] = ReadOnly(made) if self._read_only else made
        self._trackers[name].connect()
        return self._trackers[name]

    def circuit(self, name: str) -> CircuitState:
        """Whether a tracker is being left alone because it kept failing."""
        return self._trackers[name].circuit if name in self._trackers else "closed"

    def requests(self, name: str) -> int:
        """How many requests a tracker has sent so far; 0 before it is connected."""
        return self._trackers[name].requests if name in self._trackers else 0

    def context(self, mapping: MappingConfig) -> MappingContext:
        """The mapping made ready; its schemas are read again when they are older than an hour. Raises ConfigError also
        where it covers what an earlier mapping of the configuration covers."""
        now_s = self._clock.monotonic_s()
        known = self._contexts.get(mapping.name)
        if known is None:
            trackers: dict[Side, Tracker] = {side: self.tracker(mapping.side(side).tracker) for side in SIDES}
            scopes: dict[Side, Scope] = {side: self._scope(mapping, side) for side in SIDES}
            siblings: dict[Side, tuple[str, ...]] = {side: self._siblings(mapping, side) for side in SIDES}
            known = MappingContext.open(mapping.policy, trackers, scopes, siblings)
        elif now_s - self._read_at_s[mapping.name] >= SCHEMA_AGE_S:
            known.refresh()
        else:
            return known
        known.recall(self._remembered(mapping.name))
        self._require_apart(mapping)
        self._contexts[mapping.name], self._read_at_s[mapping.name] = known, now_s
        return known

    def _require_apart(self, mapping: MappingConfig) -> None:
        """Raises ConfigError where this mapping covers what an earlier one covers, as only the service can tell: an
        item that both admit would be copied twice."""
        problems = []
        for earlier in self._config.mappings[: self._config.mappings.index(mapping)]:
            for side, theirs in product(SIDES, SIDES):
                if mapping.side(side).tracker == earlier.side(theirs).tracker:
                    shared = self._shared(mapping, side, earlier, theirs)
                    what = f'the {side} side covers {shared}, as does mapping "{earlier.name}"'
                    problems += [f"{what}; an item may be in one mapping only"] if shared else []
        if problems:
            raise ConfigError(problems)

    def _shared(self, mapping: MappingConfig, side: Side, earlier: MappingConfig, theirs: Side) -> str:
        tracker = self.tracker(mapping.side(side).tracker)
        try:
            return tracker.overlap(self._scope(mapping, side), self._scope(earlier, theirs))
        except Rejected:
            return ""  # a place that does not exist; its own mapping says so

    def places(self, name: str) -> Sequence[FoundPlace]:
        """Every place of a tracker that a mapping may cover, read afresh. Raises what trackers raise."""
        with closing(self._surveyor(name)) as surveyor:
            return surveyor.places()

    def people(self, mapping: MappingConfig, side: Side) -> Sequence[Person]:
        """Who works at a side's place, as far as a few requests tell. Raises what trackers raise."""
        chosen = mapping.side(side)
        keys = {key: str(text) for key, text in chosen.settings if isinstance(text, str)}
        with closing(self._surveyor(chosen.tracker)) as surveyor:
            return surveyor.people(FoundPlace("", "", keys))

    def guide(self, name: str) -> Guide:
        """What a tracker's kind calls things."""
        return guide_of(self._config.trackers[name])

    def _surveyor(self, name: str) -> Surveyor:
        settings = self._config.trackers[name]
        return self.guide(name).surveyor(settings, self._clock, self._transports.get(name))

    def _siblings(self, mapping: MappingConfig, side: Side) -> tuple[str, ...]:
        tracker = mapping.side(side).tracker
        others = (other for other in self._config.mappings if other.name != mapping.name)
        return tuple(other.name for other in others if other.side(side).tracker == tracker)

    def _scope(self, mapping: MappingConfig, side: Side) -> Scope:
        chosen = mapping.side(side)
        return make_scope(self._config.trackers[chosen.tracker], chosen.settings, mapping.timezone)

    def close(self) -> None:
        for tracker in self._trackers.values():
            tracker.close()
