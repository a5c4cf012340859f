"""Random families over the real clients: whatever people move, delete and bring back, both sides end with one tree."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.model.policy import OnDelete, Rule
from reconciler.model.side import SIDES, Side
from reconciler.simulators.azure_devops.item import WorkItem
from reconciler.simulators.clickup.entities import Task
from tests.support.duo import Duo

SEEDS = int(os.environ.get("RANDOM_TREES", "6"))


class Families:
    """One history, fully determined by its seed."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.dice = random.Random(seed)
        self.duo = Duo(
            folder,
            conflict=self.dice.choice([Rule.NEWEST, Rule.LEFT, Rule.RIGHT]),
            on_delete=self.dice.choice(list(OnDelete)),
        )
        service = self.duo.clickup.world
        service.switches = replace(service.switches, children_follow_into_trash=self.dice.random() < 0.7)
        self.log: list[str] = []
        self._count = 0

    # --- people ----------------------------------------------------------------------------------------------------

    def act(self) -> None:
        often: list[Callable[[Side], None]] = [self._create, self._move, self._move, self._move]
        self.dice.choice([*often, *often, self._rename, self._delete, self._restore])(self.dice.choice(SIDES))

    def _create(self, side: Side) -> None:
        self._count += 1
        name, above = f"{side} {self._count}", self._some(side)
        if side == "left":
            self.duo.developer.create("Web", "Task", name, parent=above)  # type: ignore[arg-type]
        else:
            keys = {"parent": above.id} if above else {}
            self.duo.planner.create_task(self.duo.lists[0], name, **keys)
        self.log.append(f"{name} below {above and title(above)}")

    def _move(self, side: Side) -> None:
        one, above = self._some(side), self._some(side)
        if one is None or above in [one, *below(one)]:
            return
        if side == "left":
            self.duo.developer.set_parent(one, above)  # type: ignore[arg-type]
        else:
            self.duo.planner.set_parent(one, above)  # type: ignore[arg-type]
        self.log.append(f"{side}: {title(one)} to {above and title(above)}")

    def _rename(self, side: Side) -> None:
        one = self._some(side)
        self._count += 1
        if isinstance(one, WorkItem):
            self.duo.developer.edit(one, {"System.Title": f"renamed {self._count}"})
        elif one is not None:
            self.duo.planner.edit(one, name=f"renamed {self._count}")

    def _delete(self, side: Side) -> None:
        one = self._some(side)
        if isinstance(one, WorkItem):
            self.duo.developer.delete(one)
        elif one is not None:
            self.duo.planner.delete(one)
        self.log.append(f"{side}: {one and title(one)} deleted")

    def _restore(self, side: Side) -> None:
        if side == "left" and (gone := [i for i in self.duo.azure.world.items.values() if i.deleted]):
            self.duo.developer.restore(self.dice.choice(gone))
        if side == "right" and (
            trash := [t for t in self.duo.clickup.world.tasks.values() if t.trashed_ms is not None]
        ):
            self.duo.planner.restore(self.dice.choice(trash))

    def _some(self, side: Side) -> WorkItem | Task | None:
        return self.dice.choice([None, *living(self.duo, side)])

    # --- what must hold --------------------------------------------------------------------------------------------

    def differences(self) -> Iterator[str]:
        name = self.duo.contexts[0].name
        links = list(self.duo.store.all_links(name))
        alive: dict[Side, dict[str, WorkItem | Task]] = {s: {str(o.id): o for o in living(self.duo, s)} for s in SIDES}
        pairs = [link for link in links if all(link.key(s) in alive[s] for s in SIDES)]
        partner = {link.key("left"): link.key("right") for link in pairs}
        waiting = {(row.side, row.key): row.reason for row in self.duo.store.pending(name)}
        for link in pairs:
            left, right = (alive[s][link.key(s)] for s in SIDES)
            if any((s, link.key(s)) in waiting for s in SIDES):
                continue
            shown = [above(one) for one in (left, right)]
            strangers = [
                key for key, known in zip(shown, (partner, partner.values()), strict=True) if key and key not in known
            ]
            if not strangers and partner.get(shown[0] or "") != shown[1]:
                yield f"{title(left)} / {title(right)} stand below {shown}, {partner.get(shown[0] or '')}"
        for place, reason in waiting.items():
            if not any(said in reason for said in ("by hand", "its own parent", "circular", "cannot be seen")):
                yield f"{place} waits: {reason}"


def living(duo: Duo, side: Side) -> list[WorkItem | Task]:
    if side == "left":
        return [item for item in duo.azure.world.items.values() if not item.deleted]
    return [task for task in duo.clickup.world.tasks.values() if task.trashed_ms is None]


def title(one: WorkItem | Task) -> str:
    return one.title if isinstance(one, WorkItem) else one.name


def above(one: WorkItem | Task) -> str | None:
    return str(one.parent.id) if one.parent else None


def below(one: WorkItem | Task) -> list[WorkItem | Task]:
    if isinstance(one, Task):
        return list(one.descendants())
    children = [r.target for r in one.visible_relations if r.rel.endswith("Hierarchy-Forward") and r.target]
    return [each for child in children for each in (child, *below(child))]


@pytest.mark.parametrize("seed", range(SEEDS))
def test_both_sides_end_with_one_tree(tmp_path: Path, seed: int) -> None:
    world = Families(tmp_path, seed)
    try:
        for _ in range(12):
            for _ in range(world.dice.randint(0, 4)):
                world.duo.clock.advance(1)
                world.act()
            world.duo.cycle(sweep=world.dice.random() < 0.2)
        for number in range(12):
            world.duo.cycle(after_s=1800 if number % 4 == 0 else 60, sweep=number in (2, 6, 8))
        mark = world.duo.mark()
        world.duo.cycle()
        assert [part.writes for part in world.duo.since(mark)] == [0, 0]
        assert not list(world.differences()), "\n".join([*world.log, *world.differences()])
    finally:
        world.duo.close()
