"""What happens to stores: copied back from yesterday, deleted, damaged. Nothing is duplicated, nothing is lost."""

from __future__ import annotations

import shutil

from tests.e2e.conftest import Bench


def test_a_store_copied_back_from_yesterday_duplicates_and_loses_nothing(bench: Bench) -> None:
    item = bench.mara.create("Web", "Task", "Log in", {"System.Description": "<p>one</p>"})
    bench.piet.create_task(bench.list, "Pay by card")
    assert bench.run("sync", "--yes").code == 0
    shutil.copy(bench.folder / "store.db", bench.folder / "yesterday.db")
    bench.mara.create("Web", "Task", "Made after the copy")
    bench.piet.create_task(bench.list, "Made after the copy, too")
    bench.mara.edit(item, {"System.Title": "Sign in"})
    assert bench.run("sync").code == 0
    for name in ("store.db-wal", "store.db-shm"):
        (bench.folder / name).unlink(missing_ok=True)
    shutil.move(bench.folder / "yesterday.db", bench.folder / "store.db")
    ended = bench.run("sync")
    assert ended.code == 0, ended.err
    titles = ["Made after the copy", "Made after the copy, too", "Pay by card", "Sign in"]
    assert bench.titles() == (titles, titles)


def test_a_deleted_store_pairs_everything_again(bench: Bench) -> None:
    for number in range(5):
        bench.mara.create("Web", "Task", "The same title")
        bench.piet.create_task(bench.list, f"Task {number}")
    assert bench.run("sync", "--yes").code == 0
    before = bench.titles()
    writes = bench.azure.log.writes + bench.clickup_log.writes
    for path in bench.folder.glob("store.db*"):
        path.unlink()
    assert bench.run("sync", "--yes").code == 0
    assert bench.titles() == before
    assert bench.azure.log.writes + bench.clickup_log.writes == writes


def test_a_damaged_store_is_one_sentence_and_left_as_it_is(bench: Bench) -> None:
    bench.mara.create("Web", "Task", "Log in")
    assert bench.run("sync", "--yes").code == 0
    path = bench.folder / "store.db"
    damaged = path.read_bytes()[:100] + b"\x00" * 8000
    path.write_bytes(damaged)
    for command in ("sync", "status", "plan", "run"):
        ended = bench.run(command)
        assert ended.code == 4, (command, ended.err)
        assert "store.db" in ended.err
        assert "Traceback" not in ended.err
    assert path.read_bytes() == damaged
