"""The store's disk fails the real process (I30): no request that writes is sent afterwards, the exit code says which,
and once the disk is well again nothing was duplicated and nothing lost."""

from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import Bench
from tests.process.conftest import end, writes

Start = Callable[..., subprocess.Popen[str]]

TITLES = [f"Item {number}" for number in range(6)]
CREATE = "^POST .*/list/.*/task"
POLL = "^GET .*/list/.*/task|^GET .*/team/.*/task"
MB = 1 << 20


@pytest.fixture(autouse=True)
def fill(bench: Bench) -> None:
    for title in TITLES:
        bench.mara.create("Web", "Task", title)
    bench.text = bench.text.replace('poll_every = "5s"', 'poll_every = "5s"\nfirst_sync = "apply"')
    bench.config.write_text(bench.text)


class Disk:
    """A small file system of its own, with the store on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"

    def fill(self, *, but: int = 0) -> None:
        """Leaves `but` bytes free; a page is the least there is."""
        room = os.statvfs(self.folder)
        with self._filler.open("ab") as file:
            os.posix_fallocate(file.fileno(), file.tell(), room.f_bavail * room.f_frsize - but)

    def clear(self) -> None:
        self._filler.unlink()

    def mount(self, options: str) -> None:
        subprocess.run(["mount", "-o", options, str(self.folder)], check=True, capture_output=True)


@pytest.fixture
def disk(bench: Bench, tmp_path: Path) -> Iterator[Disk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "none", str(folder)], capture_output=True)
    if mounted.returncode:
        pytest.skip("no file system can be mounted here")
    bench.configure("sqlite:///store.db", f"sqlite:///{folder}/store.db")
    yield Disk(folder)
    subprocess.run(["umount", "-l", str(folder)], check=True)


def assert_halted(bench: Bench, process: subprocess.Popen[str], sentence: str, sent: int) -> None:
    ended = end(process)
    assert (ended.code, writes(bench)) == (4, sent), ended.err
    assert sentence in ended.err.splitlines()[-1]
    assert "Traceback" not in ended.err


def assert_well_again(bench: Bench) -> None:
    ended = bench.run("sync")
    assert ended.code == 0, ended.err
    assert bench.titles() == (TITLES, TITLES)


def test_a_disk_that_is_full_when_the_answer_arrives(bench: Bench, start: Start, disk: Disk) -> None:
    bench.clickup_faults.before(CREATE, disk.fill, after=2)
    assert_halted(bench, start("run"), "is full", sent=3)
    assert len(bench.titles()[1]) == 3
    disk.clear()
    assert_well_again(bench)


@pytest.mark.parametrize(("request_under_way", "sent"), [(POLL, 0), (CREATE, 1)], ids=["a poll", "a create"])
def test_a_disk_that_fails_while_a_request_is_under_way(
    bench: Bench, start: Start, request_under_way: str, sent: int
) -> None:
    def fail() -> None:
        hard = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)[1]
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (0, hard))

    process = start("sync")
    bench.clickup_faults.before(request_under_way, fail)
    assert_halted(bench, process, "reports an error", sent)
    assert_well_again(bench)


def test_a_disk_that_becomes_nearly_full_keeps_what_is_under_way(bench: Bench, start: Start, disk: Disk) -> None:
    bench.clickup_faults.before(CREATE, lambda: disk.fill(but=MB), after=2)
    assert_halted(bench, start("sync"), "is nearly full", sent=3)
    [entry] = bench.run("status", "--json").json["mappings"]
    assert (entry["linked"], entry["in_doubt"]) == (3, 0)
    disk.clear()
    assert_well_again(bench)


def test_a_disk_that_cannot_be_written(bench: Bench, start: Start, disk: Disk) -> None:
    disk.mount("remount,ro")
    assert_halted(bench, start("sync"), "Read-only file system", sent=0)
    assert len(bench.azure.log.since(0).where(lambda exchange: exchange.path.startswith("/contoso"))) == 0
    disk.mount("remount,rw")
    assert_well_again(bench)


def test_a_store_that_a_backup_keeps_locked_is_waited_for_and_then_left(bench: Bench, start: Start) -> None:
    backup = sqlite3.connect(bench.folder / "store.db", isolation_level=None, check_same_thread=False)
    bench.clickup_faults.before(CREATE, lambda: backup.execute("BEGIN IMMEDIATE"), after=2)
    assert_halted(bench, start("sync"), "stayed locked by another program", sent=3)
    backup.execute("ROLLBACK")
    backup.close()
    assert_well_again(bench)
