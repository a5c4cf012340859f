"""Stages: what a cassette is recorded from - a simulated service on a real socket, or the live one."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import quote

import httpx
import pytest

from reconciler.clock import Clock, SystemClock, VirtualClock
from reconciler.simulators.azure_devops import AzureDevOps
from reconciler.simulators.clickup import ClickUp
from reconciler.simulators.kit.serving import serve
from reconciler.simulators.kit.simulation import Simulated

ORGANIZATION, PROJECT = "contoso", "Reconciler test"
WORKSPACE, LIST = "9013012345", "901300000001"
ADO_URL, CLICKUP_URL = f"https://dev.azure.com/{ORGANIZATION}", "https://api.clickup.com"


@dataclass(frozen=True)
class Stage:
    """`table` and `side` are the tracker's configuration while recording. `renamed` says what every text is rewritten
    from and to, so that a cassette holds the same names wherever it came from."""

    source: str
    clock: Clock
    table: Mapping[str, str]
    side: Mapping[str, object]
    transport: httpx.BaseTransport | None = None
    renamed: Mapping[str, str] = field(default_factory=dict)


class _ToSocket(httpx.HTTPTransport):
    """Sends what is meant for a service's own hosts to a simulated one; the Host header keeps saying who was meant."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self._address = httpx.URL(address)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        at = self._address
        request.url = request.url.copy_with(scheme=at.scheme, host=at.host, port=at.port)
        return super().handle_request(request)


@contextmanager
def stage(kind: str) -> Iterator[Stage]:
    """The live service where its credentials are in the environment, else the simulated one."""
    live = {"azure-devops": _live_azure_devops, "clickup": _live_clickup}[kind](os.environ)
    if live:
        yield live
        return
    with {"azure-devops": _simulated_azure_devops, "clickup": _simulated_clickup}[kind]() as simulated:
        yield simulated


# --- simulated -----------------------------------------------------------------------------------------------------


@contextmanager
def _simulated_azure_devops() -> Iterator[Stage]:
    clock = VirtualClock()
    service = AzureDevOps(clock, ORGANIZATION)
    bot = service.add_user("Sync Bot", "sync@example.com")
    service.add_project(PROJECT)
    with serve(service) as address:
        yield Stage(
            "simulator",
            clock,
            {"url": ADO_URL, "token": bot.token},
            {"project": PROJECT, "types": ("Bug", "Task")},
            _ToSocket(address),
        )


@contextmanager
def _simulated_clickup() -> Iterator[Stage]:
    clock = VirtualClock()
    service = ClickUp(clock)
    workspace = service.add_workspace(workspace_id=WORKSPACE)
    bot = service.add_member(workspace, "Sync Bot", "sync@example.com")
    tasks = service.add_list(service.add_space(workspace, "Team"), PROJECT)
    with serve(Simulated(service, clock)) as address:
        yield Stage(
            "simulator",
            clock,
            {"url": CLICKUP_URL, "token": bot.token, "workspace": workspace.id},
            {"list": tasks.id},
            _ToSocket(address),
            {tasks.id: LIST},
        )


# --- live ----------------------------------------------------------------------------------------------------------


def _live_azure_devops(environ: Mapping[str, str]) -> Stage | None:
    names = ("ADO_ORGANIZATION", "ADO_PROJECT", "ADO_PAT")
    if not all(environ.get(name) for name in names):
        return None
    organization, project, token = (environ[name] for name in names)
    _refuse_unless_for_tests(project)
    return Stage(
        "live",
        SystemClock(),
        {"url": f"https://dev.azure.com/{organization}", "token": token},
        {"project": project, "types": ("Bug", "Task")},
        renamed={quote(project): quote(PROJECT), project: PROJECT, organization: ORGANIZATION},
    )


def _live_clickup(environ: Mapping[str, str]) -> Stage | None:
    names = ("CLICKUP_API_TOKEN", "CLICKUP_WORKSPACE_ID", "CLICKUP_LIST_ID")
    if not all(environ.get(name) for name in names):
        return None
    token, workspace, task_list = (environ[name] for name in names)
    found = httpx.get(f"{CLICKUP_URL}/api/v2/list/{task_list}", headers={"Authorization": token})
    name = str(found.raise_for_status().json()["name"])
    _refuse_unless_for_tests(name)
    return Stage(
        "live",
        SystemClock(),
        {"url": CLICKUP_URL, "token": token, "workspace": workspace},
        {"list": task_list},
        renamed={task_list: LIST, workspace: WORKSPACE, name: PROJECT},
    )


def _refuse_unless_for_tests(name: str) -> None:
    if "test" not in name.lower():
        pytest.exit(f'"{name}" does not look made for tests: its name lacks "test". Nothing was sent to it.', 2)
