"""The read-only view lets nothing through that could write, and everything else."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from reconciler.trackers.base import Tracker
from reconciler.trackers.read_only import ReadOnly, WriteForbidden

WRITING = {
    "create",
    "update",
    "delete",
    "add_comment",
    "edit_comment",
    "delete_comment",
    "add_attachment",
    "remove_attachment",
}
METHODS = {
    name: len(inspect.signature(method).parameters) - 1
    for name, method in vars(Tracker).items()
    if inspect.isfunction(method) and not name.startswith("_")
}


class Recorder:
    """Answers every method with its own name."""

    name = "ado"
    capabilities = None

    def __init__(self) -> None:
        self.called: list[str] = []

    def __getattr__(self, method: str) -> Any:
        def record(*arguments: object) -> str:
            self.called.append(method)
            return method

        return record


@pytest.mark.parametrize("method", sorted(WRITING))
def test_a_writing_method_raises_at_once_and_reaches_nothing(method: str) -> None:
    inner: Any = Recorder()
    with pytest.raises(WriteForbidden, match=f"{method} .* ado"):
        getattr(ReadOnly(inner), method)(*[None] * METHODS[method])
    assert inner.called == []


@pytest.mark.parametrize("method", sorted(METHODS.keys() - WRITING))
def test_a_reading_method_is_passed_on_with_its_answer(method: str) -> None:
    inner: Any = Recorder()
    answer = getattr(ReadOnly(inner), method)(*[None] * METHODS[method])
    assert inner.called == [method]
    assert answer in (method, None)


def test_it_is_a_tracker_in_every_method() -> None:
    assert set(METHODS) <= set(vars(ReadOnly))
