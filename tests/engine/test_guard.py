"""The guard within a cycle."""

from __future__ import annotations

from reconciler.model.policy import GuardLimits
from tests.engine.conftest import MakeWorld


def test_a_confirmed_first_sync_does_not_confirm_what_comes_later(make_world: MakeWorld) -> None:
    world = make_world()
    world.configure(confirm_first_sync=True, guard=GuardLimits(max_updates=3))
    keys = [world.left.ui_create(f"Item {n}") for n in range(5)]
    world.settle(confirmed=True)
    for key in keys:
        world.left.ui_edit(key, priority="1")
    assert world.cycle().problem_kind == "GuardTripped"
    assert world.cycle(confirmed=True).problem_kind == "GuardTripped"
    assert all(world.partner(key).fields["priority"] is None for key in keys)
