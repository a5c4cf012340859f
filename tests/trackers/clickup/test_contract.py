"""ClickUp keeps the contract of every tracker."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.tracker_contract import TrackerContract, World
from tests.trackers.clickup.conftest import Bench, make_bench


class ClickUpWorld(World):
    """One list, reached in process."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.tracker = bench.tracker
        self.scope = bench.scope
        self.member = "ann@example.com"
        self.ann = bench.service.as_member(bench.ann)

    def create(self, title: str) -> str:
        self.tick()
        return self.ann.create_task(self.bench.tasks, title).id

    def rename(self, key: str, title: str) -> None:
        self.tick()
        self.ann.edit(self.bench.service.world.tasks[key], name=title)

    def comment(self, key: str, text: str) -> None:
        self.tick()
        self.ann.comment(self.bench.service.world.tasks[key], text)

    def attach(self, key: str, name: str, content: bytes) -> None:
        self.tick()
        self.ann.attach(self.bench.service.world.tasks[key], name, content)

    def put_under(self, key: str, parent: str | None) -> None:
        self.tick()
        tasks = self.bench.service.world.tasks
        self.ann.set_parent(tasks[key], tasks[parent] if parent else None)

    def tie(self, key: str, field: str, other: str, *, there: bool = True) -> None:
        self.tick()
        one, two = (self.bench.service.world.tasks[each] for each in (key, other))
        make, end = {
            "predecessors": (self.ann.depend, self.ann.depend_no_more),
            "related": (self.ann.link, self.ann.unlink),
        }[field]
        (make if there else end)(one, two)

    def throw_away(self, key: str) -> None:
        self.ann.delete(self.bench.service.world.tasks[key])

    def lose_next_answer(self) -> None:
        self.bench.wire.faults.drop_response("^(POST|PUT) .*/task")

    def tick(self) -> None:
        self.bench.tick()


class TestClickUp(TrackerContract):
    @pytest.fixture
    def world(self) -> Iterator[World]:
        world = ClickUpWorld(make_bench())
        yield world
        world.tracker.close()
