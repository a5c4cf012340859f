"""The real command line against simulated trackers on real sockets, a real SQLite file and a real clock."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from reconciler.clock import SystemClock
from reconciler.simulators.azure_devops import AzureDevOps
from reconciler.simulators.clickup import ClickUp
from reconciler.simulators.kit.request_log import RequestLog
from reconciler.simulators.kit.serving import serve
from reconciler.simulators.kit.simulation import Simulated

ROOT = Path(__file__).parents[2]

CONFIG = """\
version = 1

[store]
url = "sqlite:///store.db"

[dashboard]
listen = ""

[recovery]
doubt_lasts = "2s"

[trackers.ado]
kind = "azure-devops"
url = "{ado}/contoso"
token = "$TEST_ADO_TOKEN"

[trackers.clickup]
kind = "clickup"
url = "{clickup}"
workspace = "{workspace}"
token = "$TEST_CLICKUP_TOKEN"
requests_per_minute = 10000

[[mappings]]
name = "web"
poll_every = "5s"

[mappings.left]
tracker = "ado"
project = "Web"
types = ["User Story", "Bug", "Task"]

[mappings.right]
tracker = "clickup"
list = "{list}"

[mappings.states]
"New" = "to do"
"Active" = "in progress"
"Resolved" = "in review"
"Closed" = "complete"
"""


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Bench:
    """Both servers, a folder with a configuration, and the commands."""

    def __init__(
        self, folder: Path, ado: str, clickup: str, azure: AzureDevOps, service: ClickUp, network: Simulated
    ) -> None:
        self.folder = folder
        self.azure = azure
        self.clickup = service
        self.clickup_log = network.log
        self.clickup_faults = network.faults
        bot = azure.add_user("Sync Bot", "sync@example.com")
        self.mara = azure.as_user(azure.add_user("Mara Lindqvist", "mara.lindqvist@example.com"))
        azure.add_project("Web")
        workspace = service.add_workspace()
        member = service.add_member(workspace, "Sync Bot", "sync@example.com")
        self.piet = service.as_member(service.add_member(workspace, "Piet Okafor", "piet.okafor@example.com"))
        statuses = (("to do", "open"), ("in progress", "custom"), ("in review", "custom"), ("complete", "closed"))
        self.list = service.add_list(service.add_space(workspace, "Product"), "Web", statuses=statuses)  # type: ignore[arg-type]
        self.text = CONFIG.format(ado=ado, clickup=clickup, workspace=workspace.id, list=self.list.id)
        self.config = folder / "config.toml"
        self.config.write_text(self.text, encoding="utf-8")
        self.environ = {
            **{k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "LOG_LEVEL", "RECONCILER_CONFIG")},
            "TEST_ADO_TOKEN": bot.token,
            "TEST_CLICKUP_TOKEN": member.token,
            "NO_COLOR": "1",
            "COLUMNS": "200",
        }

    def configure(self, before: str, after: str) -> None:
        """Replaces a part of the configuration file."""
        assert before in self.text, before
        self.config.write_text(self.text.replace(before, after), encoding="utf-8")

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "reconciler", "--config", str(self.config), *arguments]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=ROOT, env=self.environ, stdout=pipe, stderr=pipe, text=True)

    def run(self, *arguments: str, timeout_s: float = 120) -> Ended:
        process = self.start(*arguments)
        try:
            out, err = process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            raise
        return Ended(process.returncode, out, err)

    def titles(self) -> tuple[list[str], list[str]]:
        """The titles of all live items, sorted: work items, tasks."""
        items = sorted(item.title for item in self.azure.world.items.values() if not item.deleted)
        tasks = sorted(task.name for task in self.clickup.world.tasks.values() if task.trashed_ms is None)
        return items, tasks


@contextmanager
def benched(folder: Path) -> Iterator[Bench]:
    """Both servers, serving until the block ends."""
    clock = SystemClock()
    azure, clickup = AzureDevOps(clock), ClickUp(clock, rate_limit=10_000)
    service = Simulated(clickup, clock, log=RequestLog(route=clickup.route_of))
    with serve(azure) as ado, serve(service) as address:
        yield Bench(folder, ado, address, azure, clickup, service)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with benched(tmp_path) as made:
        yield made
