"""Instance: the running program as the web sees it, and its way into the store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from reconciler.clock import Clock
from reconciler.config import Config
from reconciler.health import Health
from reconciler.store import Store
from reconciler.web.activity import Activity
from reconciler.web.hands import Hands


@dataclass(frozen=True)
class Instance:
    """Safe to use from several threads. Without `hands` nobody can change anything."""

    config: Config
    clock: Clock
    health: Health
    activity: Activity
    hands: Hands | None = None

    @contextmanager
    def reading(self) -> Iterator[Store]:
        """The store as it is at this moment, over a connection that lasts as long as the block and cannot write. A
        new one each time: whatever happened to the file or the server before, the next page finds it as it is now.
        Raises StoreError and its kinds."""
        with Store.open(self.config.store.url, clock=self.clock, read_only=True) as store, store.transaction():
            yield store
