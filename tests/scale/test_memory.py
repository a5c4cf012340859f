"""What synchronising keeps in memory: a page of each side and what has to be done, not everything there is (I22)."""

from __future__ import annotations

import gc
from pathlib import Path

from reconciler.model.item import Item
from tests.support.duo import Duo

LISTINGS = "/wiql|/workitemsbatch|/(list|team)/[^/]+/task$"


def items_alive_at_most(folder: Path, pairs: int) -> int:
    """The largest number of items that were alive at a request during a sweep in which nothing had changed."""
    duo = Duo(folder, requests_per_minute=100)
    most = 0

    def count() -> None:
        nonlocal most
        gc.collect()
        most = max(most, sum(type(thing) is Item for thing in gc.get_objects()))

    try:
        duo.seed_pairs(pairs)
        duo.settle()
        duo.clock.advance(3600)
        for faults in (duo.azure.faults, duo.clickup_service.faults):
            faults.before(LISTINGS, count, times=1_000_000)
        duo.cycle(sweep=True)
    finally:
        duo.close()
    return most


def test_a_sweep_without_news_holds_no_more_items_for_more_pairs(tmp_path: Path) -> None:
    few, many = tmp_path / "few", tmp_path / "many"
    few.mkdir()
    many.mkdir()
    a_page_of_each = items_alive_at_most(few, 210)
    assert 0 < items_alive_at_most(many, 420) <= a_page_of_each + 10
