from __future__ import annotations

import pytest

from reconciler.model.origin import marker_for


@pytest.mark.parametrize(
    ("side", "key", "generation", "marker"),
    [
        ("left", "1", 0, "dhmducyqxvv2"),
        ("left", "1", 1, "x4mkn3aqqtwy"),
        ("right", "1", 0, "u5qum2twm3fw"),
        ("left", "1/c/2", 0, "ptn6uqr6f47h"),
    ],
)
def test_a_mark_is_the_same_for_ever(side: str, key: str, generation: int, marker: str) -> None:
    """Copies in the trackers carry it: with another way to compute it a lost store would duplicate all of them."""
    assert marker_for("web", side, key, generation) == marker
