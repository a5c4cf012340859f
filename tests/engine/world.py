"""A whole small world for engine tests: two memory trackers, a real store on a file, the real cycle between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from reconciler.clock import VirtualClock
from reconciler.context import MappingContext
from reconciler.cycle import Options, run_cycle
from reconciler.mapping.equality import same_value
from reconciler.mapping.kinship import Kinship
from reconciler.model.field import FIELDS, LINKS
from reconciler.model.item import Item
from reconciler.model.person import Person
from reconciler.model.policy import Policy
from reconciler.model.report import MappingReport
from reconciler.model.rich_text import Form
from reconciler.model.schema import Category
from reconciler.model.side import SIDES, Side
from reconciler.store import Store
from reconciler.wording import texts_of, vocabulary_of
from tests.support.memory import MemoryScope, MemoryTracker

ADA, BEN, CLEO = (Person(f"{n}@example.com", n.title(), n) for n in ("ada", "ben", "cleo"))

LEFT_STATES = (
    ("New", Category.PROPOSED),
    ("Active", Category.ACTIVE),
    ("Resolved", Category.ACTIVE),
    ("Closed", Category.DONE),
)
RIGHT_STATES = (
    ("to do", Category.PROPOSED),
    ("in progress", Category.ACTIVE),
    ("blocked", Category.ACTIVE),
    ("complete", Category.DONE),
    ("cancelled", Category.REMOVED),
)


class World:
    """`left` is like a tracker with compare-and-swap and one assignee, `right` like one with neither."""

    def __init__(self, folder: Path, *, types: Sequence[str] = ("Task",), **policy: Any) -> None:
        self.clock = VirtualClock()
        self.left = MemoryTracker(
            "ado",
            self.clock,
            states=LEFT_STATES,
            priorities=("1", "2", "3", "4"),
            types=types,
            unseen_in_feed=(*LINKS, "parent"),
            tells_links=True,
            people=(ADA, BEN),
        )
        self.right = MemoryTracker(
            "clickup",
            self.clock,
            states=RIGHT_STATES,
            priorities=("urgent", "high", "normal", "low"),
            types=types,
            form=Form.MARKDOWN,
            several_assignees=True,
            compare_and_swap=False,
            edits_show_comments=False,
            shows_deleted=False,
            detaches=False,
            names_have_ids=True,
            people=(ADA, BEN, CLEO),
        )
        self.url = f"sqlite:///{folder}/store.db"
        self.policy = Policy(name="web", confirm_first_sync=False, **policy)
        self.store = Store.open(self.url, clock=self.clock)
        self.context = self._context()

    def _context(self) -> MappingContext:
        return MappingContext.open(
            self.policy,
            {"left": self.left, "right": self.right},
            {"left": MemoryScope("project Web"), "right": MemoryScope("list 1")},
        )

    def configure(self, **policy: Any) -> None:
        self.policy = replace(self.policy, **policy)
        self.context = self._context()

    def restart(self) -> None:
        """The process ends without a word and starts again on the same store."""
        self.store.close()
        self.store = Store.open(self.url, clock=self.clock)
        self.context = self._context()

    def cycle(self, **options: Any) -> MappingReport:
        self.clock.advance(30)
        [report] = run_cycle([self.context], self.store, self.clock, None, Options(**options))
        return report

    def settle(self, cycles: int = 8, **options: Any) -> MappingReport:
        """Cycles until one writes nothing and nothing is due; fails if that never comes."""
        total = MappingReport("web")
        for _ in range(cycles):
            report = self.cycle(**options)
            total.absorb(report)
            if report.problem is None and not report.writes and not report.paired and not self._due():
                return total
        raise AssertionError(f"still busy after {cycles} cycles: {report}")

    def _due(self) -> bool:
        return any(row.due_at <= self.clock.now() and not row.parked for row in self.store.pending("web"))

    def let_looks_come(self) -> None:
        self.clock.advance(timedelta(minutes=11).total_seconds())

    def partner(self, key: str) -> Item:
        """The current item at the other end of the link of `key`, whichever side that is."""
        link = self.store.link("web", "left", key)
        if link is not None:
            return self.right.item(link.right.item.key)
        link = self.store.link("web", "right", key)
        assert link is not None, f"{key} has no partner"
        return self.left.item(link.left.item.key)

    def differences(self) -> list[str]:
        """Every linked pair and field that does not agree, as sentences; empty when both sides are equal."""
        found = []
        pairs = [(link.key("left"), link.key("right")) for link in self.store.all_links("web")]
        corr = self.context.correspondence.knowing(Kinship().with_pairs(pairs))
        views = {s: [link.side(s).item for link in self.store.all_links("web")] for s in SIDES}
        shown: dict[Side, list[Item]] = {"left": [self.left.item(v.key) for v in views["left"]]}
        shown["right"] = [self.right.item(v.key) for v in views["right"]]
        corr = corr.speaking(vocabulary_of(self.context, self.store, {s: texts_of(shown[s]) for s in SIDES}))
        for link in self.store.all_links("web"):
            left, right = self.left.item(link.left.item.key), self.right.item(link.right.item.key)
            found += [
                f"{left.key}.{name}: {left.fields[name]!r} / {right.fields[name]!r}"
                for name in FIELDS
                if not corr.agree(name, left.fields[name], right.fields[name], left.type, right.type)
            ]
        return found

    def tracker(self, side: Side) -> MemoryTracker:
        return self.left if side == "left" else self.right

    def value(self, item: Item, name: str) -> Any:
        return item.fields[name]

    def same(self, name: str, one: Any, two: Any) -> bool:
        return same_value(name, one, two)
