"""The recordings themselves: where each came from, and that none of them gives anything away."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT

CASSETTES = sorted((ROOT / "cassettes").rglob("*.yaml"))

TOKENS = (
    re.compile(r"pk_\d+_\w{16,}"),  # ClickUp, personal
    re.compile(r"\b\d+_[0-9a-f]{40,}\b"),  # ClickUp, OAuth
    re.compile(r"\b[a-z2-7]{52}\b"),  # Azure DevOps, the shorter form
    re.compile(r"\b[A-Za-z0-9]{76}AZDO\w{4}\b"),  # Azure DevOps, the longer form
    re.compile(r"(?i)\b(?:basic|bearer)\s+[A-Za-z0-9+/=._-]{16,}"),
    re.compile(r"(?i)authorization|set-cookie"),
)
ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


def test_there_are_recordings_of_every_tracker() -> None:
    assert {path.parent.name for path in CASSETTES} == {"azure-devops", "clickup"}


@pytest.mark.parametrize("path", CASSETTES, ids=lambda path: f"{path.parent.name}/{path.stem}")
class TestEveryCassette:
    def test_says_where_it_came_from_and_when(self, path: Path) -> None:
        facts = yaml.safe_load(path.read_text(encoding="utf-8"))["metadata"]
        assert facts["source"] in ("simulator", "live")
        assert facts["recorded_at"].endswith("+00:00")

    def test_holds_no_token(self, path: Path) -> None:
        text = path.read_text(encoding="utf-8")
        assert [token.pattern for token in TOKENS if token.search(text)] == []

    def test_knows_nobody_but_invented_people(self, path: Path) -> None:
        addresses = set(ADDRESS.findall(path.read_text(encoding="utf-8")))
        assert {address for address in addresses if not address.endswith("@example.com")} == set()


def test_nothing_that_plays_a_cassette_reaches_the_network(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--record"):
        pytest.skip("recording needs the network")
    with socket.socket() as nowhere, pytest.raises(RuntimeError, match="disabled"):
        nowhere.connect(("127.0.0.1", 9))
