"""Every planted bug can still be planted, and every invariant has one."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tests.mutations.catalogue import BUGS, INVARIANTS, ROOT, Bug


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_a_bug_can_be_planted_and_the_tests_that_must_notice_it_are_there(bug: Bug) -> None:
    compile(bug.planted(), bug.file, "exec")
    assert bug.old != bug.new
    assert set(bug.breaks) <= set(INVARIANTS)
    assert bug.red
    for test in bug.red:
        path, *names = re.sub(r"\[.*", "", test).split("::")
        source = (ROOT / path).read_text() if names else ""
        assert (ROOT / path).exists()
        assert all(re.search(rf"(def|class) {name}\b", source) for name in names), test


def test_names_are_unique() -> None:
    assert [name for name, count in Counter(bug.name for bug in BUGS).items() if count > 1] == []


def test_every_invariant_has_a_bug_that_breaks_it() -> None:
    assert set(INVARIANTS) - {invariant for bug in BUGS for invariant in bug.breaks} == set()
