"""Late run: a run that begins with the first thing there is to record, so that an idle cycle leaves no trace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconciler.store import Store


class LateRun:
    """For one cycle, used by one thread."""

    def __init__(self, store: Store, command: str) -> None:
        self._store, self._command = store, command
        self._id: int | None = None

    @property
    def id(self) -> int:
        """The number of the run, which begins now unless it has begun."""
        if self._id is None:
            self._id = self._store.start_run(self._command)
        return self._id

    def finish(self, summary: Mapping[str, Any]) -> None:
        """`summary` is JSON; said only of a run that began."""
        if self._id is not None:
            self._store.finish_run(self._id, summary)
