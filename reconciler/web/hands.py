"""Hands: what a signed-in person may do between two cycles: decide a conflict, have an item tried again."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from reconciler import log
from reconciler.clock import Clock
from reconciler.config import Config
from reconciler.decide import decide
from reconciler.decide import retry as try_again
from reconciler.model.side import Side
from reconciler.naming import Reference, is_known, label_of
from reconciler.store import Store

logger = log.get_logger(__name__)


class Busy(Exception):
    """A cycle goes on for too long to be waited for; nothing was done."""


class NotThere(Exception):
    """There is no such conflict, or nothing is known of such an item."""


@dataclass(frozen=True)
class Hands:
    """`store` is the daemon's own, which it alone may write. `between` is held while no cycle of a mapping is under way
    and has the next one begin at once; it raises Busy where that would take too long."""

    config: Config
    store: Store
    clock: Clock
    between: Callable[[str], AbstractContextManager[None]]

    def resolve(self, conflict_id: int, winner: Side) -> None:
        """Decides a conflict; the next cycle carries it. Raises NotThere, Busy, and ConfigError with a sentence where
        it is settled already."""
        conflict = self.store.conflict(conflict_id)
        if conflict is None:
            raise NotThere
        with self.between(conflict.mapping):
            decide(self.store, self.clock, conflict_id, winner)
        logger.info("a person decided", mapping=conflict.mapping, conflict=conflict_id, winner=winner)

    def retry(self, meant: Reference) -> None:
        """Has an item tried again in the next cycle. Raises NotThere, Busy, and ConfigError with a sentence where it
        does not wait."""
        if not is_known(self.store, meant):
            raise NotThere
        with self.between(meant.mapping):
            try_again(self.store, self.clock, [meant], label_of(self.config, self.store, meant))
        logger.info("a person asked for an item", mapping=meant.mapping, side=meant.side, key=meant.key)
