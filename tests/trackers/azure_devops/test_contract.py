"""Azure DevOps keeps the contract of every tracker."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

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

    def attach(self, key: str, name: str, content: bytes) -> None:
        self.tick()
        self.bench.ann.attach(int(key), name, content)

    def put_under(self, key: str, parent: str | None) -> None:
        self.tick()
        self.bench.ann.set_parent(int(key), int(parent) if parent else None)

    def tie(self, key: str, field: str, other: str, *, there: bool = True) -> None:
        self.tick()
        rel = {"predecessors": "System.LinkTypes.Dependency-Reverse", "related": "System.LinkTypes.Related"}[field]
        (self.bench.ann.link if there else self.bench.ann.unlink)(int(key), rel, int(other))

    def throw_away(self, key: str) -> None:
        self.bench.ann.delete(int(key))

    def lose_next_answer(self) -> None:
        self.bench.service.faults.drop_response("^(POST|PATCH) .*/workitems/")

    def tick(self) -> None:
        self.bench.tick()


OTHERWISE: dict[str, dict[str, Any]] = {
    "the usual way": {},
    "stricter": {"remove_of_empty_fails": True, "noop_bumps_rev": True, "tag_case_matters": True, "zone_hours": -8.0},
    "sparser": {
        "omitted_items": "dropped",
        "identity_lookup_pads_with_null": True,
        "comment_delete_lowers_count": False,
    },
    "hyperlinks not indexed": {"artifact_query_finds_hyperlinks": False, "wiql_fractions": "respected"},
    "an older server": {"multiline_formats": False, "latest_version": (7, 1), "conflict_status": 400},
}
"""Readings of what is unconfirmed (FACTS ado 21)."""


@pytest.mark.parametrize("switches", OTHERWISE.values(), ids=OTHERWISE)
class TestAzureDevOps(TrackerContract):
    @pytest.fixture
    def world(self, switches: dict[str, Any]) -> Iterator[World]:
        world = AzureDevOpsWorld(make_bench(**switches))
        yield world
        world.tracker.close()
