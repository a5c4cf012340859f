"""Standing: how everything is, in one word, one headline and one sentence; pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from reconciler.model.status import MappingStatus

Level = Literal["well", "busy", "person", "trouble"]


@dataclass(frozen=True, slots=True)
class Standing:
    """`level` is "well", "busy" (it comes by itself), "person" (somebody must look) or "trouble" (it stands still)."""

    level: Level
    headline: str
    sentence: str


def standing(entries: Sequence[MappingStatus], late: Collection[str], doubtful: Collection[str]) -> Standing:
    """`late` and `doubtful` are the mappings that health names. What is worst is said first."""
    linked = sum(entry.linked for entry in entries)
    problems = [entry for entry in entries if entry.last_problem]
    open_circuits = [entry for entry in entries if "open" in (entry.circuit_left, entry.circuit_right)]
    person = sum(entry.conflicts + entry.quarantined for entry in entries)
    waiting = sum(entry.pending + entry.in_doubt for entry in entries)
    if open_circuits:
        return Standing("trouble", "A tracker does not answer", _of(open_circuits, "is asked more and more seldom"))
    if problems:
        return Standing("trouble", "A cycle could not finish", f"{problems[0].name}: {problems[0].last_problem}")
    if late:
        return Standing("trouble", "A mapping is late", f"no finished cycle for three intervals: {', '.join(late)}")
    if doubtful:
        return Standing("trouble", "A write stays in doubt", f"for longer than it should: {', '.join(doubtful)}")
    if person:
        what = "1 thing waits" if person == 1 else f"{person} things wait"
        return Standing("person", f"{what} for you", "Everything else goes on by itself.")
    if not any(entry.polled_left for entry in entries):
        return Standing("busy", "Nothing was synchronised yet", "The first sync waits, or is under way.")
    if waiting:
        return Standing(
            "busy", "Catching up", f"{waiting} {'item' if waiting == 1 else 'items'} to be carried; no one is needed."
        )
    pairs = "1 pair is" if linked == 1 else f"{linked:,} pairs are"
    return Standing("well", "All is well", f"{pairs} equal on both sides. Nothing is open.")


def _of(entries: Sequence[MappingStatus], what: str) -> str:
    reason = next((entry.last_problem for entry in entries if entry.last_problem), None)
    names = ", ".join(entry.name for entry in entries)
    return f"{names}: {reason or what}"
