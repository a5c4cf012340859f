"""Runner: carries out the cases of a ring, several at a time in processes of their own, and keeps the record."""

from __future__ import annotations

import random
import tempfile
import time
import traceback
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

from tests.campaign.record import Record
from tests.campaign.ring import Outcome
from tests.campaign.rings import RINGS

SAVED_EVERY_S = 10.0
IN_MEMORY = Path("/dev/shm")
"""Where there is such a place: a history opens its store again and again."""


def carry_out(ring: str, case: int) -> Outcome:
    """One case in a folder of its own. A case that ends with an exception has broken a promise too."""
    random.seed(case)  # whatever still draws from the shared generator draws the same in every run
    quick = IN_MEMORY if IN_MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="campaign-", dir=quick) as folder:
        try:
            return RINGS[ring].run(case, Path(folder))
        except Exception:
            return Outcome(broken=[traceback.format_exc()])


def campaign(ring: str, cases: Iterable[int], record: Record, *, jobs: int, minutes: float | None) -> None:
    """Runs `cases` that are not done yet, until all are or the time is up. Ctrl-C keeps what was done."""
    end = time.monotonic() + minutes * 60 if minutes else None
    left = (case for case in cases if case not in record.done)
    saved, begun, first = time.monotonic(), time.monotonic(), len(record.done)
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        running: dict[Future[Outcome], int] = {}
        try:
            while True:
                late = end is not None and time.monotonic() > end
                for case in islice(left, 0 if late else 2 * jobs - len(running)):
                    running[pool.submit(carry_out, ring, case)] = case
                if not running:
                    break
                for finished in wait(running, return_when=FIRST_COMPLETED).done:
                    case = running.pop(finished)
                    outcome = finished.result()
                    record.add(case, outcome)
                    if outcome.broken:
                        print(f"BROKEN {ring} {case}: {outcome.broken[0].splitlines()[-1]}", flush=True)
                if time.monotonic() - saved > SAVED_EVERY_S:
                    record.save(ring)
                    saved = time.monotonic()
                    pace = (len(record.done) - first) / (saved - begun)
                    print(f"{len(record.done)} done, {pace:.2f} a second, {len(record.broken)} broken", flush=True)
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)
        finally:
            record.save(ring)
