"""Settings that all tests share. `pytest --help` shows `--record` among the custom options."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent

# Deadlines would make slow machines fail; on CI a found example must be found again by whoever looks into it.
settings.register_profile("reconciler", deadline=None, derandomize="CI" in os.environ, print_blob=True)
settings.load_profile("reconciler")
# For --hypothesis-profile=campaign: tests that do not say how many examples they need try as many as the campaign asks.
settings.register_profile("campaign", deadline=None, max_examples=int(os.environ.get("EXAMPLES", "1000")))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--record",
        action="store_true",
        help="Record cassettes/ anew: against the live services where ADO_ORGANIZATION, ADO_PROJECT and ADO_PAT, or"
        " CLICKUP_API_TOKEN, CLICKUP_WORKSPACE_ID and CLICKUP_LIST_ID are set, scrubbed of secrets, people and names;"
        ' a project or List whose name lacks "test" is refused. Without credentials the simulated services are'
        " recorded. Every cassette says which of the two it came from.",
    )


@pytest.fixture(scope="module")
def vcr_cassette_dir() -> str:
    """Recordings are part of the project's face, in one folder at the top, whoever plays them."""
    return str(ROOT / "cassettes")
