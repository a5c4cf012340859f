"""Several mappings under the same trackers are polled together, and fail alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from reconciler.context import MappingContext
from reconciler.cycle import Options, run_cycle
from reconciler.errors import ScopeRejected
from reconciler.trackers.base import Followed, Page, Scope, nobody
from tests.engine.world import World
from tests.support.memory import MemoryScope


def test_a_scope_that_is_refused_stops_its_own_mapping_only(world: World) -> None:
    key = world.left.ui_create("Log in")
    world.settle()
    listed, gone = world.right.changed_since, MemoryScope("a list that is gone")

    def changed_since(
        scopes: Sequence[Scope], since: datetime | None, known: Mapping[str, str], followed: Followed = nobody
    ) -> Iterator[Page]:
        if gone in scopes:
            raise ScopeRejected("there is no such list", scope=gone, tracker="clickup")
        return listed(scopes, since, known, followed)

    world.right.changed_since = changed_since  # type: ignore[method-assign]
    broken = MappingContext.open(
        replace(world.policy, name="broken"),
        {"left": world.left, "right": world.right},
        {"left": MemoryScope("another project"), "right": gone},
    )
    for side in ("left", "right"):
        world.store.set_watermark("broken", side, world.clock.now())  # so that both are polled together
    world.left.ui_edit(key, title="Sign in")
    world.clock.advance(30)
    reports = run_cycle([broken, world.context], world.store, world.clock, None, Options())
    assert [report.problem_kind for report in reports] == ["ScopeRejected", None]
    assert world.partner(key).title == "Sign in"
