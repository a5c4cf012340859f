"""Azure DevOps keeps the contract of every tracker."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.tracker_contract import TrackerContract, World
from tests.trackers.azure_devops.conftest import Bench, make_bench


class AzureDevOpsWorld(World):
    """One project, reached in process."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.tracker = bench.tracker
        self.scope = bench.scope
        self.member = bench.ada.address

    def create(self, title: str) -> str:
        self.tick()
        return str(self.bench.ann.create(self.bench.web, "Task", title).id)

    def rename(self, key: str, title: str) -> None:
        self.tick()
        self.bench.ann.edit(int(key), {"System.Title": title})

    def comment(self, key: str, text: str) -> None:
        self.tick()
        self.bench.ann.comment(int(key), text)

    def throw_away(self, key: str) -> None:
        self.bench.ann.delete(int(key))

    def lose_next_answer(self) -> None:
        self.bench.service.faults.drop_response("^(POST|PATCH) .*/workitems/")

    def tick(self) -> None:
        self.bench.tick()


class TestAzureDevOps(TrackerContract):
    @pytest.fixture
    def world(self) -> Iterator[World]:  # type: ignore[override]
        world = AzureDevOpsWorld(make_bench())
        yield world
        world.tracker.close()
