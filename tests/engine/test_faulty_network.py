"""The real clients and engine between two simulated servers while the network fails in every way it can.

Fast by default; NETWORK_SEEDS says how many histories are run.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from pathlib import Path

import pytest

from reconciler.cycle import Options, run_cycle
from reconciler.simulators.kit.faults import Faults
from reconciler.verify import verify
from tests.support.duo import Duo

SEEDS = int(os.environ.get("NETWORK_SEEDS", "16"))
FIRST = int(os.environ.get("NETWORK_SEEDS_FIRST", "0"))

READS, WRITES, ALL = "^GET |wiql|workitemsbatch", "^(POST|PUT|PATCH|DELETE) ", "."


class Storm:
    """People work on both sides while requests and answers get lost. Titles are unique."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.random = random.Random(seed)
        self.duo = Duo(folder, requests_per_minute=1_000)
        self.log: list[str] = []
        self._serial = 0

    def rage(self, rounds: int) -> None:
        for _ in range(rounds):
            for _ in range(self.random.randint(0, 4)):
                self._somebody_acts()
            for _ in range(self.random.randint(0, 3)):
                self._something_breaks()
            self.duo.clock.advance(30)
            reports = run_cycle(
                self.duo.contexts, self.duo.store, self.duo.clock, None, Options(sweep=self.random.random() < 0.1)
            )
            self.log.append(f"cycle: {reports[0].writes} writes, {reports[0].problem}")
            if self.random.random() < 0.1:
                self._everything_heals()  # `connect` has to succeed once
                self.duo.restart()

    def calm(self) -> None:
        """No more faults; cycles with time for what was put off, until nothing is left to do."""
        self._everything_heals()
        for number in range(24):
            self.duo.cycle(after_s=60, sweep=number in (2, 10))
        self.duo.clock.advance(7 * 3600)
        for _ in range(6):
            self.duo.cycle(after_s=700)
        self.duo.settle()

    def _everything_heals(self) -> None:
        self.duo.azure.faults.clear()
        self.duo.clickup_service.faults.clear()
        self.duo.clock.advance(600)  # longer than anybody was asked to wait

    def _somebody_acts(self) -> None:
        duo, pick = self.duo, self.random.choice
        self.duo.clock.advance(1)
        self._serial += 1
        text = f"text {self._serial}"
        items = [item for item in duo.azure.world.items.values() if not item.deleted]
        tasks = [task for task in duo.clickup.world.tasks.values() if task.trashed_ms is None]
        what = pick(["create", "edit", "edit", "edit", "comment", "state"])
        if what == "create" or not items or not tasks:
            if self.random.random() < 0.5:
                duo.developer.create("Web", "Task", f"Item {self._serial}", {"System.Description": f"<p>{text}</p>"})
            else:
                duo.planner.create_task(duo.lists[0], f"Item {self._serial}", markdown_content=text)
        elif what == "edit" and self.random.random() < 0.5:
            place = pick(["System.Title", "System.Description", "System.Tags"])
            duo.developer.edit(pick(items), {place: text})
        elif what == "edit":
            duo.planner.edit(pick(tasks), **{pick(["name", "markdown_content"]): text})
        elif what == "comment" and self.random.random() < 0.5:
            duo.developer.comment(pick(items), f"<p>{text}</p>")
        elif what == "comment":
            duo.planner.comment(pick(tasks), text)
        else:
            duo.planner.set_status(pick(tasks), pick(["in progress", "in review", "complete"]))
        self.log.append(f"{what} {text}")

    def _something_breaks(self) -> None:
        faults: Faults = self.random.choice([self.duo.azure.faults, self.duo.clickup_service.faults])
        match, after = self.random.choice([READS, WRITES, WRITES, ALL]), self.random.randint(0, 4)
        times = self.random.choice([1, 1, 2, 5])
        what = self.random.choice(["request", "response", "lost", "truncated", "html", "429", "503", "slow"])
        match what:
            case "request":
                faults.drop_request(match, times=times, after=after)
            case "response":
                faults.drop_response(match, times=times, after=after)
            case "lost":
                faults.lose_response(match, times=times, after=after)
            case "truncated":
                faults.truncate(match, times=times, after=after)
            case "html":
                faults.html(match, times=times, after=after)
            case "429":
                faults.answer(match, 429, headers={"retry-after": "20"}, times=times, after=after)
            case "503":
                faults.answer(match, 503, times=times, after=after)
            case _:
                faults.delay(match, 90.0, times=times, after=after)
        self.log.append(f"{what} {match} x{times} after {after}")

    def broken_promises(self) -> list[str]:
        duo = self.duo
        found = [f"{d.field}: {d.left!r} / {d.right!r}" for d in verify(duo.contexts[0], duo.store).differences]
        titles = duo.titles()
        if titles[0] != titles[1]:
            found.append(
                f"titles: {Counter(titles[0]) - Counter(titles[1])} / {Counter(titles[1]) - Counter(titles[0])}"
            )
        for link in duo.store.all_links("web"):
            item = duo.azure.world.items[int(link.left.item.key)]
            task = duo.clickup.world.tasks[link.right.item.key]
            counts = sum(not comment.versions[-1].deleted for comment in item.comments), len(task.comments)
            if counts[0] != counts[1]:
                found.append(f"{item.title}: {counts[0]} comments on the left, {counts[1]} on the right")
        if duo.store.open_intents("web"):
            found.append("something is still in doubt")
        return found


@pytest.mark.parametrize("seed", range(FIRST, FIRST + SEEDS))
def test_both_sides_are_equal_once_the_network_is_well_again(tmp_path: Path, seed: int) -> None:
    storm = Storm(tmp_path, seed)
    try:
        storm.rage(rounds=10)
        storm.calm()
        found = storm.broken_promises()
    finally:
        storm.duo.close()
    assert not found, "\n".join([f"seed {seed}", *storm.log, *found])
