"""ListingIndex: the tasks as listings see them, in the order of their last update, perhaps a little late.

Without a delay the index holds the living tasks. With one it holds frozen copies, and what a write changed is shown
only when the delay is over (FACTS clickup 14.7).
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque

from reconciler.simulators.clickup.entities import Task


class ListingIndex:
    """`version` changes whenever any listing may have changed."""

    def __init__(self) -> None:
        self.version = 0
        self._order: list[tuple[int, int]] = []  # (updated_ms, ordinal)
        self._tasks: dict[int, Task] = {}
        self._keys: dict[int, tuple[int, int]] = {}
        self._pending: deque[tuple[int, int, Task | None]] = deque()  # (due_ms, ordinal, what it will show)

    def put(self, task: Task, now_ms: int, delay_ms: int) -> None:
        """Takes note that `task` was written; tasks in the trash leave the index."""
        shown = None if task.trashed_ms is not None else task
        if delay_ms <= 0 and not self._pending:
            self._show(task.ordinal, shown)
            return
        self._pending.append((now_ms + max(delay_ms, 0), task.ordinal, shown.frozen() if shown else None))

    def settle(self, now_ms: int) -> None:
        """Shows everything whose delay is over."""
        while self._pending and self._pending[0][0] <= now_ms:
            _, ordinal, shown = self._pending.popleft()
            self._show(ordinal, shown)

    def invalidate(self) -> None:
        """Something else changed that listings depend on: a place, a right."""
        self.version += 1

    def freeze(self) -> None:
        """Replaces living tasks by copies; needed before the first delayed write."""
        self._tasks = {ordinal: task.frozen() for ordinal, task in self._tasks.items()}

    def thaw(self, tasks: list[Task]) -> None:
        """Shows `tasks` as they are now and forgets all delays."""
        self._pending.clear()
        self._order.clear()
        self._keys.clear()
        self._tasks.clear()
        for task in tasks:
            self._show(task.ordinal, None if task.trashed_ms is not None else task)

    def touched_from(self, updated_ms: int) -> list[Task]:
        """Tasks updated at or after an instant, oldest update first."""
        return [self._tasks[ordinal] for _, ordinal in self._order[bisect_left(self._order, (updated_ms, -1)) :]]

    def all(self) -> list[Task]:
        return [self._tasks[ordinal] for _, ordinal in self._order]

    def _show(self, ordinal: int, task: Task | None) -> None:
        self.version += 1
        key = self._keys.pop(ordinal, None)
        if key is not None:
            del self._order[bisect_left(self._order, key)]
            del self._tasks[ordinal]
        if task is not None:
            key = (task.updated_ms, ordinal)
            insort(self._order, key)
            self._keys[ordinal] = key
            self._tasks[ordinal] = task
