from __future__ import annotations

import pytest

from tests.simulators.clickup.desk import Desk


@pytest.fixture
def desk() -> Desk:
    """A small workspace with one List and two people, and a client for the first one's token."""
    return Desk()
