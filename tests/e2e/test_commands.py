"""The main job through the real command line."""

from __future__ import annotations

import os
import re
import signal
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from typer.testing import CliRunner

from reconciler import __version__
from reconciler.cli.main import app
from tests.e2e.conftest import Bench
from tests.test_docs import COMMANDS


def test_first_sync_waits_to_be_seen_then_both_sides_are_equal(bench: Bench) -> None:
    bench.mara.create("Web", "User Story", "Log in", {"System.Description": "<p>with <b>SSO</b></p>"})
    bench.piet.create_task(bench.list, "Pay by card", status="in progress")
    waiting = bench.run("sync")
    assert waiting.code == 7
    assert "sync --yes" in waiting.err
    assert bench.titles() == (["Log in"], ["Pay by card"])
    planned = bench.run("plan", "--json")
    assert planned.code == 0
    assert {o["action"] for o in planned.json["mappings"][0]["operations"]} == {"create"}
    assert bench.azure.log.writes == bench.clickup_log.writes == 0
    done = bench.run("sync", "--yes", "--json")
    assert done.code == 0, done.err
    [report] = done.json["mappings"]
    assert report["creates"] == {"ado": 1, "clickup": 1}
    assert bench.titles() == (["Log in", "Pay by card"], ["Log in", "Pay by card"])
    again = bench.run("sync", "--json")
    assert again.code == 0
    assert sum(again.json["mappings"][0]["updates"].values()) == 0


def test_a_plan_before_anything_was_synchronised_leaves_nothing_behind(bench: Bench) -> None:
    bench.mara.create("Web", "Task", "Log in")
    before = sorted(path.name for path in bench.folder.iterdir())
    planned = bench.run("plan")
    assert planned.code == 0, planned.err
    assert '"Log in"' in planned.out
    assert sorted(path.name for path in bench.folder.iterdir()) == before
    assert bench.azure.log.writes == bench.clickup_log.writes == 0


def test_plan_status_log_and_conflicts_write_nothing(bench: Bench) -> None:
    item = bench.mara.create("Web", "Task", "Log in")
    bench.run("sync", "--yes")
    before = (bench.folder / "store.db").read_bytes()
    writes = bench.azure.log.writes + bench.clickup_log.writes
    bench.mara.edit(item, {"System.Title": "Sign in"})
    plan = bench.run("plan")
    assert plan.code == 0
    assert "Log in -> Sign in" in plan.out
    for command in ("status", "log", "conflicts"):
        ended = bench.run(command, "--json")
        assert (ended.code, ended.json is not None) == (0, True)
    assert (bench.folder / "store.db").read_bytes() == before
    assert bench.azure.log.writes + bench.clickup_log.writes == writes


def test_a_held_conflict_is_shown_decided_and_carried(bench: Bench) -> None:
    bench.configure('poll_every = "5s"', 'poll_every = "5s"\nconflict = "hold"')
    item = bench.mara.create("Web", "Task", "Log in")
    bench.run("sync", "--yes")
    [task] = bench.clickup.world.tasks.values()
    bench.mara.edit(item, {"System.Title": "from left"})
    bench.piet.edit(task, name="from right")
    held = bench.run("sync")
    assert held.code == 8
    [conflict] = bench.run("conflicts", "--json").json["conflicts"]
    assert (conflict["left"], conflict["right"], conflict["winner"]) == ("from left", "from right", None)
    assert bench.run("conflicts", "resolve", str(conflict["id"]), "right").code == 0
    assert bench.run("sync").code == 0
    assert bench.titles() == (["from right"], ["from right"])
    assert bench.run("conflicts", "resolve", "99", "left").code == 2


def test_verify_compares_what_both_sides_show_now(bench: Bench) -> None:
    item = bench.mara.create("Web", "Task", "Log in", {"System.Description": "<p>with <b>SSO</b></p>"})
    bench.piet.create_task(bench.list, "Pay by card", status="in progress")
    assert bench.run("verify").code == 4
    bench.run("sync", "--yes")
    writes = bench.azure.log.writes + bench.clickup_log.writes
    equal = bench.run("verify", "--json")
    assert (equal.code, equal.json["mappings"][0]["equal"]) == (0, 2)
    bench.mara.edit(item, {"System.Title": "Sign in"})
    ended = bench.run("verify", "--json")
    assert ended.code == 1
    [difference] = ended.json["mappings"][0]["differences"]
    assert (difference["field"], difference["left"], difference["right"]) == ("title", "Sign in", "Log in")
    assert "1 of 2 pairs are equal" in bench.run("verify").out
    assert bench.azure.log.writes + bench.clickup_log.writes == writes


def test_check_finds_nothing_wrong_and_says_what_it_looked_at(bench: Bench) -> None:
    ended = bench.run("check")
    assert ended.code == 0, ended.err
    assert "the credentials are accepted" in ended.out
    assert not (bench.folder / "store.db").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_interrupted_first_sync_is_finished_by_the_next_without_duplicates(bench: Bench, number: int) -> None:
    count = 150
    for index in range(count):
        bench.mara.create("Web", "Task", f"Item {index:03}")
    process = bench.start("sync", "--yes")
    while bench.clickup_log.writes < 30:
        assert process.poll() is None, process.stderr.read() if process.stderr else ""
        time.sleep(0.01)
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert "Traceback" not in out + err
    assert 0 < len(bench.titles()[1]) < count
    if number != signal.SIGKILL:
        assert process.returncode == 1
        assert "stopped after the operation in flight" in err
    ended = bench.run("sync", "--yes", "--json")
    assert ended.code == 0, ended.err
    titles = [f"Item {index:03}" for index in range(count)]
    assert bench.titles() == (titles, titles)


def test_the_daemon_syncs_reports_health_and_ends_on_sigterm(bench: Bench, unused_port: int) -> None:
    bench.environ["TEST_DASHBOARD_TOKEN"] = "a token for tests only"
    bench.configure('listen = ""', f'listen = "127.0.0.1:{unused_port}"\ntoken = "$TEST_DASHBOARD_TOKEN"')
    bench.text = bench.config.read_text()
    bench.configure('poll_every = "5s"', 'poll_every = "5s"\nfirst_sync = "apply"')
    bench.mara.create("Web", "Task", "Log in")
    process = bench.start("run")
    try:
        _wait_for(lambda: bench.titles()[1] == ["Log in"])
        with urllib.request.urlopen(f"http://127.0.0.1:{unused_port}/api/health", timeout=5) as answer:
            assert answer.status == 200
            assert b'"status": "ok"' in answer.read()
        with urllib.request.urlopen(f"http://127.0.0.1:{unused_port}/", timeout=5) as answer:
            assert b"All is well" in answer.read()
        retry = urllib.request.Request(
            f"http://127.0.0.1:{unused_port}/api/items/web/right/{_only_task(bench)}/retry",
            headers={"Authorization": "Bearer a token for tests only"},
            method="POST",
        )
        with pytest.raises(urllib.error.HTTPError, match="409"):  # it does not wait
            urllib.request.urlopen(retry, timeout=15)
        second = bench.run("sync")
        assert second.code == 6
        assert "another" in second.err
        assert bench.run("status", "--json").json["mappings"][0]["linked"] == 1
    finally:
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=20)
    assert process.returncode == 0, err
    assert "cycle finished" in err
    assert bench.environ["TEST_ADO_TOKEN"] not in out + err


def _only_task(bench: Bench) -> str:
    [task] = bench.clickup.world.tasks.values()
    return task.id


def _wait_for(condition: object, timeout_s: float = 30) -> None:
    assert callable(condition)
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


@pytest.fixture
def unused_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_every_command_teaches_by_an_example(command: str) -> None:
    ended = CliRunner().invoke(app, [*command.split(), "--help"])
    assert ended.exit_code == 0
    assert re.search(rf"Example.*\n?.*reconciler .*{command}", ended.output), ended.output


def test_the_schema_is_json_whether_asked_for_or_not(bench: Bench) -> None:
    plain, asked = bench.run("config-schema"), bench.run("config-schema", "--json")
    assert (plain.code, asked.code) == (0, 0)
    assert plain.json == asked.json


def test_the_history_of_an_item_is_that_of_its_pair_whichever_name_it_is_asked_by(bench: Bench) -> None:
    item = bench.mara.create("Web", "Task", "Log in")
    bench.mara.create("Web", "Task", "Another")
    assert bench.run("sync", "--yes").code == 0
    task = next(task for task in bench.clickup.world.tasks.values() if task.name == "Log in")
    bench.piet.edit(task, name="Sign in")
    assert bench.run("sync").code == 0
    one, two = (bench.run("log", "--item", name, "--json").json["events"] for name in (f"AB#{item.id}", task.id))
    assert one == two
    assert [event["kind"] for event in one] == ["updated", "created"]
    assert bench.run("log", "--item", "nonsense !").code == 2


def test_the_version_is_shown_without_a_command(bench: Bench) -> None:
    assert bench.run("--version").out == f"{__version__}\n"


def test_the_environment_can_name_the_configuration(bench: Bench, tmp_path: Path) -> None:
    bench.environ["RECONCILER_CONFIG"] = str(tmp_path / "nowhere.toml")
    process_environ = {**os.environ, **bench.environ}
    assert process_environ["RECONCILER_CONFIG"].endswith("nowhere.toml")
    bench.config = tmp_path / "nowhere.toml"
    ended = bench.run("status")
    assert ended.code == 2
    assert "there is no such file" in ended.err
