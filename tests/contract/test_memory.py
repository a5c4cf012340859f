"""The tracker in memory, on which the engine's tests rely, keeps the contract of every tracker."""

from __future__ import annotations

import pytest

from reconciler.clock import VirtualClock
from reconciler.mapping.kinship import named
from reconciler.model.field import LINKS
from reconciler.model.person import Person
from reconciler.model.rich_text import Form
from reconciler.model.schema import Category
from tests.contract.tracker_contract import TrackerContract, World
from tests.support.memory import Fault, MemoryScope, MemoryTracker


class MemoryWorld(World):
    def __init__(self, *, form: Form, compare_and_swap: bool, parents: bool) -> None:
        self.clock = VirtualClock()
        self.member = "ada@example.com"
        self.scope = MemoryScope("memory")
        self.memory = MemoryTracker(
            "memory",
            self.clock,
            states=[("New", Category.PROPOSED), ("Done", Category.DONE)],
            priorities=["1", "2"],
            form=form,
            compare_and_swap=compare_and_swap,
            unseen_in_feed=LINKS if parents else (*LINKS, "parent"),
            tells_links=not parents,
            detaches=not parents,
            people=[Person(self.member, "Ada", "ada")],
        )
        self.tracker = self.memory

    def create(self, title: str) -> str:
        self.tick()
        return self.memory.ui_create(title)

    def rename(self, key: str, title: str) -> None:
        self.tick()
        self.memory.ui_edit(key, title=title)

    def comment(self, key: str, text: str) -> None:
        self.tick()
        self.memory.ui_comment(key, text)

    def attach(self, key: str, name: str, content: bytes) -> None:
        self.tick()
        self.memory.ui_attach(key, name, content)

    def tie(self, key: str, field: str, other: str, *, there: bool = True) -> None:
        known = named(self.memory.item(key).fields[field])
        self.memory.ui_edit(key, **{field: (*known, other) if there else tuple(k for k in known if k != other)})

    def put_under(self, key: str, parent: str | None) -> None:
        self.tick()
        self.memory.ui_edit(key, parent=parent)

    def throw_away(self, key: str) -> None:
        self.memory.ui_delete(key)

    def lose_next_answer(self) -> None:
        self.memory.faults.append(Fault())

    def tick(self) -> None:
        self.clock.advance(1)


@pytest.mark.parametrize("form", list(Form))
@pytest.mark.parametrize("compare_and_swap", [True, False])
class TestMemory(TrackerContract):
    @pytest.fixture
    def world(self, form: Form, compare_and_swap: bool) -> World:
        return MemoryWorld(form=form, compare_and_swap=compare_and_swap, parents=form is Form.HTML)
