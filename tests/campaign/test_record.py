"""A campaign can be interrupted at any time, and takes up where it stopped for as long as the code is the same."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.campaign import record
from tests.campaign.record import Record
from tests.campaign.ring import Outcome


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(record, "FOLDER", tmp_path / "campaign")


def test_what_was_done_is_known_after_an_interruption() -> None:
    before = Record.load("sample")
    for case in (0, 1, 2, 7):
        before.add(case, Outcome(Counter(cycles=2), Counter(fault=1), ["broken"] if case == 7 else []))
    before.save("sample")
    assert Record.load("sample") == before
    assert before.done == {0, 1, 2, 7}
    assert before.counts == {"cycles": 8}
    assert before.broken == {7: ["broken"]}


def test_other_code_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    before = Record.load("sample")
    before.add(3, Outcome())
    before.save("sample")
    monkeypatch.setattr(record, "_digest_of_code", lambda: "other")
    assert not Record.load("sample").done
