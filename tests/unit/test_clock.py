from __future__ import annotations

import time

import pytest

from reconciler.clock import SystemClock


@pytest.mark.parametrize("years", [-10, 10])
def test_a_machine_whose_clock_is_set_lets_no_timeout_jump(monkeypatch: pytest.MonkeyPatch, years: int) -> None:
    clock = SystemClock()
    before_s, true = clock.monotonic_s(), time.time
    monkeypatch.setattr(time, "time", lambda: true() + years * 365 * 86_400)
    assert 0 <= clock.monotonic_s() - before_s < 3600
