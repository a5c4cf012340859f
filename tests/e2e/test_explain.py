"""`explain` through the real command line."""

from __future__ import annotations

import re

from reconciler.clock import SystemClock
from reconciler.store import Store
from tests.e2e.conftest import Bench


def test_it_answers_offline_while_another_program_writes(bench: Bench) -> None:
    item = bench.mara.create("Web", "Task", "Log in")
    assert bench.run("explain", f"AB#{item.id}").code == 4
    assert bench.run("sync", "--yes").code == 0
    bench.mara.edit(item, {"System.Title": "Sign in"})
    assert bench.run("sync").code == 0
    [task] = bench.clickup.world.tasks.values()
    sent = len(bench.azure.log.since(0)) + len(bench.clickup_log.since(0))
    with Store.open(f"sqlite:///{bench.folder}/store.db", clock=SystemClock()):
        left, right = bench.run("explain", f"AB#{item.id}", "--json"), bench.run("explain", task.id, "--json")
    assert (left.code, right.code) == (0, 0), left.err + right.err
    [one], [two] = left.json["answers"], right.json["answers"]
    assert (one["side"], two["side"]) == ("left", "right")
    assert {**one, "side": "", "key": ""} == {**two, "side": "", "key": ""}
    title = next(field for field in one["fields"] if field["field"] == "title")
    assert (title["left_base"], title["left"], title["right"], title["state"]) == (*["Sign in"] * 3, "agreed")
    decision = title["decision"]
    assert (decision["case"], decision["before"], decision["after"]) == ("one side", "Log in", "Sign in")
    assert (decision["run"], decision["command"]) == (2, "sync")
    told = bench.run("explain", f"CU-{task.id}")
    assert f"AB#{item.id} = CU-{task.id} in web" in told.out
    lines = told.out.splitlines()
    assert sum("as it was when the two became a pair" in line for line in lines) == 1
    assert any(re.match(rf"  title: CU-{task.id}: title .*\[one side, .* UTC, sync 2\]$", line) for line in lines)
    assert len(bench.azure.log.since(0)) + len(bench.clickup_log.since(0)) == sent


def test_what_is_not_synchronised_says_why_and_what_to_do(bench: Bench) -> None:
    assert bench.run("sync", "--yes").code == 0
    unknown = bench.run("explain", "AB#99")
    assert unknown.code == 0
    assert "only the tracker knows" in unknown.out
    assert "do: compare the item with these settings" in unknown.out
    nothing = bench.run("explain", "nonsense !")
    assert (nothing.code, nothing.out) == (2, "")
    assert "cannot be an item of any mapping; give its label" in nothing.err
