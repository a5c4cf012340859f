"""What goes wrong with one mapping is nothing that another one on other trackers could notice (I15)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from reconciler.app import App
from reconciler.clock import VirtualClock
from reconciler.config import load
from reconciler.simulators.azure_devops import AzureDevOps
from reconciler.simulators.clickup import ClickUp
from reconciler.simulators.kit.request_log import RequestLog
from reconciler.simulators.kit.simulation import Simulated
from reconciler.simulators.kit.transport import InProcess

PAIR = """
[trackers.ado{n}]
kind = "azure-devops"
url = "https://dev.azure.com/contoso{n}"
token = "{ado_token}"

[trackers.clickup{n}]
kind = "clickup"
workspace = "{workspace}"
token = "{clickup_token}"

[[mappings]]
name = "m{n}"
first_sync = "apply"
left = {{ tracker = "ado{n}", project = "Web", types = ["Task"] }}
right = {{ tracker = "clickup{n}", list = "{list}" }}
"""


class Pair:
    """Two trackers of their own, joined by the mapping `m{n}`. What it is configured with may be changed."""

    def __init__(self, clock: VirtualClock, n: int) -> None:
        self.n = n
        self.azure = AzureDevOps(clock, f"contoso{n}")
        self.bot = self.azure.add_user("Sync Bot", "sync@example.com")
        self.azure.add_project("Web")
        self.mara = self.azure.as_user(self.azure.add_user("Mara Lindqvist", "mara.lindqvist@example.com"))
        self.clickup = ClickUp(clock)
        self.workspace = self.clickup.add_workspace()
        self.member = self.clickup.add_member(self.workspace, "Sync Bot", "sync@example.com")
        self.list = self.clickup.add_list(self.clickup.add_space(self.workspace, "Product"), "Backlog")
        self.token, self.list_id = self.member.token, self.list.id
        self.log = RequestLog(route=self.clickup.route_of)
        service = Simulated(self.clickup, clock, log=self.log)
        azure = InProcess({"https://dev.azure.com": self.azure, "https://vssps.dev.azure.com": self.azure})
        self.network = InProcess({"https://api.clickup.com": service})
        self.transports: dict[str, httpx.BaseTransport] = {f"ado{n}": azure, f"clickup{n}": self.network}

    def configured(self) -> str:
        return PAIR.format(
            n=self.n,
            ado_token=self.bot.token,
            workspace=self.workspace.id,
            clickup_token=self.token,
            list=self.list_id,
        )

    def trace(self) -> list[Any]:
        """Every request that reached either tracker, in order."""
        exchanges = [*self.azure.log.since(0), *self.log.since(0)]
        return [(exchange.method, exchange.path, exchange.status) for exchange in exchanges]


def unreachable(pair: Pair) -> None:
    pair.network.refused.add("https://api.clickup.com")


def unauthorised(pair: Pair) -> None:
    pair.token = "pk_1_REVOKED"


def misconfigured(pair: Pair) -> None:
    pair.list_id = "404404"


def healthy(_pair: Pair) -> None:
    """The run to compare with."""


def history(folder: Path, harm: Callable[[Pair], None]) -> tuple[list[Any], dict[str, str | None]]:
    """The requests of a mapping beside one that something is done to, and both mappings' problems at the end."""
    folder.mkdir()
    clock = VirtualClock()
    first, second = Pair(clock, 1), Pair(clock, 2)
    harm(first)
    text = f'version = 1\n[store]\nurl = "sqlite:///{folder}/store.db"\n' + first.configured() + second.configured()
    (folder / "config.toml").write_text(text, encoding="utf-8")
    config = load(folder / "config.toml", {})
    problems: dict[str, str | None] = {}
    with App.open(config, clock=clock, transports={**first.transports, **second.transports}) as app:
        for number in range(8):
            for pair in (first, second):
                pair.mara.create("Web", "Task", f"Item {number}")
            for group in app.groups():
                problems |= {report.name: report.problem for report in app.cycle(group, app.options(), None)}
            clock.advance(30)
    return second.trace(), problems


@pytest.mark.parametrize("harm", [unreachable, unauthorised, misconfigured])
def test_a_mapping_sends_the_same_requests_whatever_happens_to_another(
    tmp_path: Path, harm: Callable[[Pair], None]
) -> None:
    expected, problems = history(tmp_path / "healthy", healthy)
    assert problems == {"m1": None, "m2": None}
    requests, problems = history(tmp_path / "harmed", harm)
    assert problems["m1"] is not None
    assert problems["m2"] is None
    assert requests == expected
