"""A dashboard on a real port, over a store in which there is something of everything."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from reconciler.clock import VirtualClock
from reconciler.config import Config
from reconciler.health import Health
from reconciler.store import Store
from reconciler.web import Activity, Hands, Instance, make_application, serve
from tests.web.filled import configuration, fill


@dataclass(frozen=True)
class Site:
    address: str
    instance: Instance
    clock: VirtualClock
    client: httpx.Client

    def get(self, path: str, **options: object) -> httpx.Response:
        return self.client.get(path, **options)  # type: ignore[arg-type]


def client_of(address: str) -> httpx.Client:
    return httpx.Client(base_url=address, trust_env=False, timeout=30)


@contextmanager
def served(config: Config, clock: VirtualClock, hands: Hands | None = None) -> Iterator[Site]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        listen = f"127.0.0.1:{probe.getsockname()[1]}"
    health = Health(clock, {mapping.name: mapping.poll_every for mapping in config.mappings}, timedelta(minutes=3))
    activity = Activity(clock)
    activity.next_at = lambda _name: clock.now() + timedelta(seconds=16)
    instance = Instance(config, clock, health, activity, hands)
    address = f"http://{listen}"
    with serve(listen, make_application(instance)), client_of(address) as client:
        yield Site(address, instance, clock, client)


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, datetime]:
    """A store with something of everything, and the instant at which it was left."""
    clock = VirtualClock()
    folder = tmp_path_factory.mktemp("filled")
    fill(configuration(folder), clock)
    return folder / "store.db", clock.now()


def copied(filled: tuple[Path, datetime], folder: Path, dashboard: str = "") -> tuple[Config, VirtualClock]:
    """The configuration of a copy in another folder, and a clock that goes on from there."""
    shutil.copy(filled[0], folder / "store.db")
    return configuration(folder, dashboard), VirtualClock(filled[1])


@pytest.fixture(scope="module")
def site(filled: tuple[Path, datetime], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(*copied(filled, tmp_path_factory.mktemp("web"))) as made:
        yield made


@pytest.fixture
def empty_site(tmp_path: Path) -> Iterator[Site]:
    """Before the first sync: there is no store."""
    with served(configuration(tmp_path), VirtualClock()) as made:
        yield made


@pytest.fixture
def acting_site(filled: tuple[Path, datetime], tmp_path: Path) -> Iterator[Site]:
    """One whose configuration has a token, over a store that this process may write."""
    config, clock = copied(filled, tmp_path, 'dashboard.token = "$WEB_TOKEN"')
    with Store.open(config.store.url, clock=clock) as store:
        hands = Hands(config, store, clock, lambda _mapping: nullcontext())
        with served(config, clock, hands) as made:
            yield made
