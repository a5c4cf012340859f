"""`link`, `unlink` and `retry` through the real command line."""

from __future__ import annotations

import re

import pytest

from reconciler.clock import SystemClock
from reconciler.simulators.clickup.entities import Task
from reconciler.store import Store
from tests.e2e.conftest import Bench


def task_called(bench: Bench, title: str) -> Task:
    return next(task for task in bench.clickup.world.tasks.values() if task.name == title)


def test_a_pair_is_made_released_and_asked_back(bench: Bench) -> None:
    assert bench.run("sync", "--yes").code == 0
    left = bench.mara.create("Web", "Task", "Log in", {"System.Description": "<p>with SSO</p>"})
    right = bench.piet.create_task(bench.list, "Sign in")
    page = f"https://app.clickup.com/t/{right.id}"
    made = bench.run("link", f"AB#{left.id}", page)
    assert made.code == 0, made.err
    assert f"AB#{left.id} and CU-{right.id} are a pair" in made.out
    again = bench.run("link", right.id, str(left.id))
    assert (again.code, again.out) == (2, "")
    assert "are a pair already" in again.err
    assert bench.run("sync").code == 0
    assert bench.titles()[0] == bench.titles()[1]
    assert len(bench.titles()[0]) == 1

    released = bench.run("unlink", f"CU-{right.id}")
    assert released.code == 0, released.err
    bench.mara.edit(left, {"System.Title": "Nobody's business"})
    assert bench.run("sync", "--full").code == 0
    assert bench.titles()[0] == ["Nobody's business"]
    assert len(bench.titles()[1]) == 1
    assert "a person released it" in bench.run("explain", right.id).out
    kinds = [event["kind"] for event in bench.run("log", "--json").json["events"]]
    assert {"paired", "released"} <= set(kinds)
    assert "has no partner" in bench.run("unlink", right.id).err

    asked = bench.run("retry", page)
    assert asked.code == 0, asked.err
    assert f"web: AB#{left.id} is looked at again" in asked.out
    assert bench.run("sync").code == 0
    assert bench.titles()[0] == bench.titles()[1]


def test_what_is_not_there_is_one_sentence_and_nothing_is_written(bench: Bench) -> None:
    assert bench.run("sync", "--yes").code == 0
    left = bench.mara.create("Web", "Task", "Log in")
    epic = bench.mara.create("Web", "Epic", "Outside")
    right = bench.piet.create_task(bench.list, "Sign in")
    for one, two, sentence in (
        (f"AB#{left.id}", "CU-nothere", "nothere on the right cannot be seen on clickup"),
        (f"AB#{epic.id}", right.id, f"{epic.id} on the left lies outside of project Web"),
        (f"AB#{left.id}", "AB#99", "no mapping has"),
        (f"AB#{left.id}", "nonsense !", "no mapping has"),
    ):
        ended = bench.run("link", one, two)
        assert (ended.code, ended.out) == (2, ""), ended.err
        assert sentence in ended.err
        assert len(ended.err.strip().splitlines()) == 1
    assert bench.run("status", "--json").json["mappings"][0]["linked"] == 0
    assert bench.azure.log.writes == bench.clickup_log.writes == 0


@pytest.mark.parametrize("command", [("link", "AB#1", "86abc"), ("unlink", "AB#1"), ("retry", "AB#1")])
def test_they_wait_for_nobody_who_writes_and_need_a_store(bench: Bench, command: tuple[str, ...]) -> None:
    ended = bench.run(*command)
    assert (ended.code, ended.out) == (4, "")
    assert "there is no store" in ended.err
    assert not list(bench.folder.glob("store.db*"))
    with Store.open(f"sqlite:///{bench.folder}/store.db", clock=SystemClock()):
        ended = bench.run(*command)
    assert ended.code == 6
    assert "another" in ended.err


def test_no_network_is_left_for_later(bench: Bench) -> None:
    assert bench.run("sync", "--yes").code == 0
    address = re.findall(r'url = "(http[^"]+)"', bench.text)[1]
    bench.configure(address, "http://127.0.0.1:9")
    ended = bench.run("link", "AB#1", "86abc")
    assert (ended.code, ended.out) == (1, "")
    assert "127.0.0.1:9" in ended.err


def test_retry_takes_the_name_of_either_side(bench: Bench) -> None:
    item = bench.mara.create("Web", "Task", "Log in")
    assert bench.run("sync", "--yes").code == 0
    task = task_called(bench, "Log in")
    refusal = bench.clickup_faults.answer("PUT .*/task/", 400, times=1_000)
    bench.mara.edit(item, {"System.Title": "Sign in"})
    assert bench.run("sync").code == 1
    [waiting] = bench.run("status", "--json").json["mappings"][0]["waiting"]
    assert waiting.startswith(f"CU-{task.id}: ")
    assert waiting.count(task.id) == 1
    refusal.cancel()
    asked = bench.run("retry", f"AB#{item.id}")
    assert (asked.code, asked.out) == (0, f"web: CU-{task.id} is looked at again at the next cycle\n")
    assert bench.run("sync").code == 0
    assert task.name == "Sign in"
    assert "nothing waits under" in bench.run("retry", f"AB#{item.id}").err
