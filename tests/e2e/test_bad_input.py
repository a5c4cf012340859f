"""A dozen bad configurations: one clear sentence each, the right exit code, and nothing written anywhere."""

from __future__ import annotations

import signal
import socket
import sqlite3
import threading
from pathlib import Path

import pytest

from tests.e2e.conftest import Bench, Ended


def assert_refused(bench: Bench, ended: Ended, code: int, sentence: str) -> None:
    assert ended.code == code, (ended.code, ended.err)
    assert sentence in ended.err, ended.err
    assert "Traceback" not in ended.out + ended.err
    assert bench.azure.log.writes == bench.clickup_log.writes == 0
    for token in (bench.environ["TEST_ADO_TOKEN"], bench.environ["TEST_CLICKUP_TOKEN"]):
        assert not token or token not in ended.out + ended.err


@pytest.mark.parametrize(
    ("before", "after", "code", "sentence"),
    [
        ("poll_every", "pol_every", 2, 'did you mean "poll_every"?'),
        ('kind = "clickup"', 'kind = "trello"', 2, 'unknown tracker kind "trello"'),
        ("$TEST_ADO_TOKEN", "$NOT_THERE", 2, "the environment variable NOT_THERE is not set"),
        ('"New" = "to do"', '"New" = "tu du"', 2, "tu du"),
        ('project = "Web"', 'project = "Web"\nwiql = "[System.Nothing] = 1"', 2, "TF51005"),
        ('types = ["User Story", "Bug", "Task"]', 'types = ["User Stori"]', 2, "User Stor"),
        ('project = "Web"', 'project = "Wep"', 2, "Wep"),
        ("$TEST_ADO_TOKEN", "$BAD_TOKEN", 3, "ado"),
        ("$TEST_CLICKUP_TOKEN", "$BAD_TOKEN", 3, "clickup"),
        ('url = "sqlite:///store.db"', 'url = "sqlite:///config.toml/store.db"', 4, "config.toml"),
    ],
    ids=["typo", "kind", "variable", "status", "wiql", "type", "project", "ado token", "clickup token", "store"],
)
def test_bad_configuration(bench: Bench, before: str, after: str, code: int, sentence: str) -> None:
    bench.mara.create("Web", "Task", "Log in")
    bench.environ["BAD_TOKEN"] = "pk_1_WRONGWRONGWRONG"
    bench.configure(before, after)
    assert_refused(bench, bench.run("sync", "--yes"), code, sentence)


def test_two_mappings_on_the_same_list(bench: Bench) -> None:
    again = bench.text[bench.text.index("[[mappings]]") :].replace('"web"', '"again"')
    bench.config.write_text(f"{bench.text}\n{again}")
    assert_refused(bench, bench.run("sync"), 2, 'covers the same items as mapping "web"')


def test_an_unreachable_host_is_left_for_later(bench: Bench) -> None:
    start = bench.text.index('url = "http') + len('url = "')
    address = bench.text[start : bench.text.index('"', start)]
    bench.configure(address, "http://127.0.0.1:9/contoso")
    assert_refused(bench, bench.run("sync", "--yes"), 1, "127.0.0.1:9")


def test_a_list_that_does_not_exist(bench: Bench) -> None:
    bench.configure(f'list = "{bench.list.id}"', 'list = "999999"')
    assert_refused(bench, bench.run("sync", "--yes"), 2, "999999")


def test_a_store_of_a_newer_version_is_left_untouched(bench: Bench) -> None:
    assert bench.run("sync", "--yes").code == 0
    path = bench.folder / "store.db"
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.execute("UPDATE meta SET value = '999' WHERE key = 'schema_version'")
        changed = database.total_changes
    database.close()
    assert changed == 1
    before = path.read_bytes()
    assert_refused(bench, bench.run("sync"), 5, "newer")
    assert path.read_bytes() == before


def test_commands_that_look_need_a_store(bench: Bench) -> None:
    assert_refused(bench, bench.run("status"), 4, "store.db")


def test_a_status_that_the_table_names_is_an_error_before_the_first_sync_and_is_followed_after_it(bench: Bench) -> None:
    state = next(status for status in bench.list.own_statuses if status.name == "in progress")
    bench.piet.rename_status(state, "doing")
    gone = '"in progress" does not exist on the right side'
    assert_refused(bench, bench.run("sync", "--yes"), 2, gone)
    assert gone in bench.run("status").err
    checked = bench.run("check")
    assert (checked.code, gone in checked.out) == (2, True)
    bench.piet.rename_status(state, "in progress")
    assert bench.run("sync", "--yes").code == 0
    assert bench.run("status").err == ""
    bench.piet.rename_status(state, "doing")
    renamed = '"in progress" is called "doing" now on the right side; write "doing" instead'
    assert renamed in bench.run("sync").out
    assert bench.run("status").err == ""
    checked = bench.run("check")
    assert (checked.code, '"in progress" is called "doing" now' in checked.out) == (0, True)


def test_a_missing_configuration(bench: Bench, tmp_path: Path) -> None:
    bench.config = tmp_path / "none.toml"
    assert_refused(bench, bench.run("sync"), 2, "there is no such file")


def test_an_unknown_mapping(bench: Bench) -> None:
    assert_refused(bench, bench.run("sync", "wep"), 2, 'there is no mapping "wep"; known are web')


def test_check_finds_the_mistake_and_names_the_fix(bench: Bench) -> None:
    bench.configure('"New" = "to do"', '"New" = "tu du"')
    ended = bench.run("check")
    assert ended.code == 2
    assert "tu du" in ended.out
    assert "use one of:" in ended.out


@pytest.mark.parametrize("command", ["plan", "sync"])
def test_a_setting_without_effect_is_said_before_anything_is_done_without_it(bench: Bench, command: str) -> None:
    bench.configure("[mappings.left]", 'settle = "5m"\n[mappings.left]')
    ended = bench.run(command, "--json")
    assert ended.code == 0, ended.err
    assert 'mapping "web": settle has no effect in this version' in ended.err


def test_ports_that_cannot_be_used_for_the_simulators(bench: Bench) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert_refused(bench, bench.run("simulate", "--ado-port", port, "--clickup-port", "0"), 2, "in use")
    assert_refused(bench, bench.run("simulate", "--ado-port", "70000"), 2, "65535")


@pytest.mark.parametrize("command", ["check", "plan", "verify"])
def test_a_command_that_only_reads_ends_at_the_first_interrupt(bench: Bench, command: str) -> None:
    bench.mara.create("Web", "Task", "Log in")
    assert bench.run("sync", "--yes").code == 0
    asked = threading.Event()
    bench.clickup_faults.before(".", asked.set, times=1_000_000)
    bench.clickup_faults.delay(".", 0.5, times=1_000_000)
    process = bench.start(command)
    assert asked.wait(30)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, "", "")
