"""The request budget of polling, as `check` reckons it."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.check import _budget
from reconciler.config import load

TRACKERS = """\
version = 1

[trackers.shared]
kind = "clickup"
workspace = "9013012345"
token = "pk_0000_SHARED"
"""

TRACKER = """
[trackers.ado{n}]
kind = "azure-devops"
url = "https://dev.azure.com/contoso{n}"
token = "token-of-contoso-{n}"
"""

MAPPING = """
[[mappings]]
name = "web{n}"
poll_every = "30s"
left = {{ tracker = "ado{ado}", project = "Web{n}", types = ["Task"] }}
right = {{ tracker = "shared", list = "{n}" }}
"""


@pytest.mark.parametrize(("ado", "per_minute"), [((1, 1), "2.0"), ((1, 2), "4.0")])
def test_only_mappings_that_share_both_trackers_share_a_poll(
    tmp_path: Path, ado: tuple[int, int], per_minute: str
) -> None:
    mappings = [MAPPING.format(n=n, ado=ado[n - 1]) for n in (1, 2)]
    text = TRACKERS + TRACKER.format(n=1) + TRACKER.format(n=2) + "".join(mappings)
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    config = load(tmp_path / "config.toml", {})
    assert _budget(config, "shared", 100).what.startswith(f"polling idle uses {per_minute} of 100")
