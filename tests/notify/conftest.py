"""A receiver that is gone at the end of the test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.notify.receiver import Receiver


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    with suppress(OSError, ValueError):
        made.stop()
