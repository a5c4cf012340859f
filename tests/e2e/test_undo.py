"""`undo` through the real command line, also of what the daemon did."""

from __future__ import annotations

import signal

from tests.e2e.conftest import Bench
from tests.e2e.test_daemon import wait_for


def test_a_run_is_shown_taken_back_and_listed_where_edited_since(bench: Bench) -> None:
    one, two = (bench.mara.create("Web", "Task", title) for title in ("Log in", "Pay by card"))
    assert bench.run("sync", "--yes").code == 0
    first = bench.run("log", "--json").json["events"][0]["run"]
    bench.mara.edit(one, {"System.Title": "Sign in"})
    bench.mara.edit(two, {"System.Title": "Pay by invoice"})
    assert bench.run("sync").code == 0
    run = bench.run("log", "--json").json["events"][0]["run"]
    assert run > first
    assert f"run {run}" in bench.run("log").out
    bench.mara.edit(two, {"System.Title": "Pay later"})
    writes = bench.azure.log.writes + bench.clickup_log.writes
    shown = bench.run("undo", str(run))
    assert shown.code == 7, shown.err
    assert f"AB#{one.id} title: Sign in -> Log in" in shown.out
    assert f"stays AB#{two.id} title: edited since" in shown.out
    assert bench.azure.log.writes + bench.clickup_log.writes == writes
    done = bench.run("undo", str(run), "--yes", "--json")
    assert done.code == 0, done.err
    assert [stay["item"] for stay in done.json["mappings"][0]["stays"]] == [f"AB#{two.id}"]
    assert bench.run("sync").code == 0
    assert bench.titles() == (["Log in", "Pay later"], ["Log in", "Pay later"])
    assert bench.run("verify").code == 0
    assert bench.run("undo", "999").code == 2
    copies = bench.run("undo", str(first), "--yes")
    assert copies.code == 0, copies.err
    assert bench.run("sync", "--full").code == 0
    assert bench.titles() == (["Log in", "Pay later"], [])


def test_each_cycle_of_the_daemon_that_did_something_is_a_run(bench: Bench) -> None:
    bench.configure('poll_every = "5s"', 'poll_every = "5s"\nfirst_sync = "apply"')
    item = bench.mara.create("Web", "Task", "Log in")
    process = bench.start("run")
    try:
        wait_for(lambda: bench.titles()[1] == ["Log in"])
        bench.mara.edit(item, {"System.Title": "Sign in"})
        wait_for(lambda: bench.titles()[1] == ["Sign in"])
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    updated, created = (
        next(e["run"] for e in bench.run("log", "--json").json["events"] if e["kind"] == kind)
        for kind in ("updated", "created")
    )
    assert updated > created
    assert bench.run("undo", str(updated), "--yes").code == 0
    assert bench.titles() == (["Log in"], ["Log in"])
