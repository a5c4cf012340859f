"""A check that cannot fail is worse than none: each of these mistakes, planted in the engine, is noticed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from reconciler import apply, carry, cycle
from reconciler.model.link import Link
from reconciler.model.plan import Create, PairPlan, Plan
from reconciler.model.side import SIDES
from reconciler.model.snapshot import Snapshot
from reconciler.store import Store
from reconciler.trackers.base import Written
from reconciler.turn import Touched, Turn
from tests.crash.disk import Folder
from tests.crash.enumeration import live, survive
from tests.crash.scenarios import SCENARIOS

Patch = pytest.MonkeyPatch


def watermark_before_the_work(patch: Patch) -> None:
    """Everything observed counts as dealt with before it is."""
    original = cycle.apply

    def hasty(turn: Turn, plan: Plan) -> list[Touched]:
        for side in SIDES:
            turn.store.set_watermark(turn.name, side, turn.clock.now())
        return original(turn, plan)

    patch.setattr(cycle, "apply", hasty)


def doubt_dismissed(patch: Patch) -> None:
    """Whatever was in doubt counts as never having happened."""

    def dismiss(turn: Turn, **_: object) -> None:
        for intent in turn.store.open_intents(turn.name):
            turn.store.close_intent(intent.id, "abandoned", "never mind")

    patch.setattr(cycle, "recover", dismiss)


def doubt_without_end(patch: Patch) -> None:
    """Nobody looks what became of a write."""
    patch.setattr(cycle, "recover", lambda *_, **__: None)


def agreed_before_it_is_sent(patch: Patch) -> None:
    """The values that are about to be sent count as agreed already."""

    def hasty(turn: Turn, pair: PairPlan) -> None:
        assert pair.link is not None
        for side in SIDES:
            sent = {name: write.after for name, write in pair.writes(side).items()}
            item = pair.item(side)
            turn.store.save_snapshot(pair.link.id, side, Snapshot(replace(item, fields={**item.fields, **sent})))

    patch.setattr(carry, "_save_as_seen", hasty)


def closed_before_it_is_linked(patch: Patch) -> None:
    """The journal is closed, and only then the pair kept."""
    original = apply._link_created

    def late(turn: Turn, create: Create, written: Written) -> Link:
        for intent in turn.store.open_intents(turn.name):
            turn.store.close_intent(intent.id, "done")
        return original(turn, create, written)

    @contextmanager
    def piecemeal(_: Store) -> Iterator[None]:
        yield

    patch.setattr(apply, "_link_created", late)
    patch.setattr(Store, "transaction", piecemeal)


@pytest.mark.parametrize(
    ("plant", "name", "noticed"),
    [
        (watermark_before_the_work, "create-right", "neither applied nor pending"),
        (doubt_dismissed, "create-right", "server differs"),
        (doubt_without_end, "create-left", "in doubt"),
        (agreed_before_it_is_sent, "update-right", "is ahead"),
        (closed_before_it_is_linked, "create-right", "nobody knows of"),
    ],
)
def test_a_planted_mistake_is_noticed(
    plant: Callable[[Patch], None], name: str, noticed: str, tmp_path: Path, monkeypatch: Patch
) -> None:
    disk = Folder(tmp_path)
    plant(monkeypatch)
    lived = live(SCENARIOS[name], disk)
    found: list[str] = []
    for point in lived.points:
        if not any(noticed in sentence for sentence in found):
            found += survive(lived, point, disk).broken
    assert any(noticed in sentence for sentence in found), found
