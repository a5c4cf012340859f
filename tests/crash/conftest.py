from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.store import servers


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str | None]:
    with servers.postgresql() as url:
        yield url
