from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from reconciler.trackers.registry import KINDS
from tests.cassettes.tape import Tape, tape

HERE = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Whoever plays a cassette needs no network and gets none."""
    if not config.getoption("--record"):
        for item in items:
            if HERE in item.path.parents:
                item.add_marker(pytest.mark.block_network)


@pytest.fixture(params=list(KINDS))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def open_tape(
    request: pytest.FixtureRequest, kind: str, vcr_cassette_dir: str
) -> Callable[..., AbstractContextManager[Tape]]:
    """Opens the cassette of this test, to play it or, with `--record`, to record it."""
    name = request.function.__name__.removeprefix("test_")
    path = Path(vcr_cassette_dir) / kind / f"{name}.yaml"
    return lambda **options: tape(kind, path, record=request.config.getoption("--record"), **options)


@pytest.fixture
def player(open_tape: Callable[..., AbstractContextManager[Tape]]) -> Iterator[Tape]:
    """A connected tracker that knows its scope's schema."""
    with open_tape() as tape:
        tape.tracker.connect()
        tape.tracker.schema(tape.scope)
        yield tape
