"""The switches cover what nobody knows, and the index stays true whatever happens."""

from __future__ import annotations

import inspect
import random
import re

import pytest

from reconciler.simulators.clickup import switches
from reconciler.simulators.clickup.entities import Task
from tests.simulators.clickup.desk import Desk


def test_every_unconfirmed_row_has_a_switch() -> None:
    named = set(re.findall(r"\bU\d+\b", inspect.getsource(switches)))
    assert named == {f"U{number}" for number in range(1, 21)}


def _act(desk: Desk, tasks: list[Task], chance: random.Random) -> None:
    task = chance.choice(tasks)
    if task.trashed_ms is not None:
        desk.as_ben.restore(task)
        return
    match chance.randrange(7):
        case 0:
            desk.as_ben.edit(task, name=f"{chance.random()}")
        case 1:
            desk.as_ben.add_tag(task, "x")
        case 2:
            desk.as_ben.comment(task, "x")
        case 3:
            desk.as_ben.delete(task)
        case 4:
            desk.as_ben.set_status(task, chance.choice(["to do", "complete"]))
        case 5:
            tasks.append(desk.make())
        case _:
            desk.clock.advance(1)


@pytest.mark.parametrize("delay_ms", [0, 2_500])
def test_listings_agree_with_the_tasks_after_any_sequence_of_acts(delay_ms: int) -> None:
    desk = Desk()
    desk.switch(index_delay_ms=delay_ms)
    chance = random.Random(7)
    tasks = desk.make_many(20)
    for _ in range(400):
        _act(desk, tasks, chance)
        desk.listed()
    desk.clock.advance(delay_ms / 1000)
    rows = desk.get(f"/list/{desk.list.id}/task?order_by=updated&include_closed=true")["tasks"]
    living = sorted((task for task in tasks if task.trashed_ms is None), key=lambda task: -task.updated_ms)
    assert {row["id"]: (row["name"], row["date_updated"]) for row in rows} == {
        task.id: (task.name, str(task.updated_ms)) for task in living
    }
    dates = [int(row["date_updated"]) for row in rows]
    assert dates == sorted(dates, reverse=True)
    assert desk.list.size == len(living)
