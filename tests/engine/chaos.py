"""Chaos: a seeded world in which people edit both sides while everything goes wrong that may.

Every value that somebody sets is unique, so that `promises` can say of each one what became of it.
"""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from reconciler.errors import Rejected, Unauthorized
from reconciler.mapping.kinship import named
from reconciler.model.field import FIELDS, LINKS, Value
from reconciler.model.item import Item
from reconciler.model.policy import GuardLimits, OnDelete, Rule
from reconciler.model.rich_text import Form, RichText
from reconciler.model.side import SIDES, Side, other
from tests.engine.world import ADA, BEN, CLEO, LEFT_STATES, RIGHT_STATES, World
from tests.support.memory import Fault, MemoryTracker, outage

UNIQUE = ("title", "description", "start_date", "due_date")
"""Fields whose every value occurs once in a history, so that it can be followed."""

WRITES = (
    *("create", "update", "update", "update", "add_comment", "edit_comment", "delete_comment", "delete"),
    *("add_attachment", "add_attachment", "remove_attachment"),
)
READS = (
    "changed_since",
    "relinked_since",
    "read",
    "fate",
    "comments",
    "attachments",
    "fetch_attachment",
    "find_copy",
    "find_comment",
    "deleted_copies",
    "sweep",
)
STORE_WRITES = (
    *("add_link", "save_snapshot", "remove_link", "add_pending", "clear_pending", "add_tombstone", "remove_tombstone"),
    *("open_intent", "close_intent", "update_intent", "add_conflict", "settle_conflict", "add_event", "set_meta"),
    *("add_comment_link", "save_comment", "remove_comment_link", "set_look", "add_absence", "clear_absence"),
    *("add_attachment_link", "save_attachment_link", "remove_attachment_link", "set_watermark"),
)
STATES = {"left": [n for n, _ in LEFT_STATES], "right": [n for n, _ in RIGHT_STATES]}
PRIORITIES = {"left": ("1", "2", "3", "4", None), "right": ("urgent", "high", "normal", "low", None)}
PEOPLE = {"left": ((), (ADA,), (BEN,)), "right": ((), (ADA,), (BEN,), (CLEO,), (ADA, CLEO), (BEN, ADA))}


class Crash(BaseException):
    """The process dies here."""


@dataclass(frozen=True)
class Edit:
    """A person set `field` of an item to a value that shows `token`."""

    side: Side
    key: str
    field: str
    token: str


def token_of(value: Value) -> str:
    """What makes a value of a unique field recognisable; "" for an empty one."""
    if isinstance(value, date):
        return value.isoformat()
    found = re.search(r"v\d+x", value.text if isinstance(value, RichText) else str(value or ""))
    return found.group() if found else ""


class Chaos:
    """One history, fully determined by its seed. `log` tells it in words."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.random = random.Random(seed)
        pick = self.random.choice
        self.folder = folder
        self.world = World(
            folder,
            types=pick([("Task",), ("Task", "Bug")]),
            conflict=pick(list(Rule)),
            on_delete=pick(list(OnDelete)),
            match_by_title=pick([True, True, False]),
            guard=GuardLimits(10_000, 10_000, 10_000, 100),
        )
        for tracker in self.trackers.values():
            tracker.lag_s = pick([0.0, 0.0, 40.0])
            tracker.marks_attachments = pick([True, False])
        self.edits: list[Edit] = []
        self.overwritten: set[str] = set()
        self.kept: set[str] = set()
        self.deleted: set[tuple[Side, str]] = set()
        self.restored: set[tuple[Side, str]] = set()
        self.linked: set[tuple[Side, str]] = set()
        self.unknowable: set[tuple[Side, str]] = set()
        self.comments_deleted: set[str] = set()
        self.comments_edited: set[str] = set()
        self.files_removed: set[str] = set()
        self.past_was_lost = False
        self.log: list[str] = []
        self._serial = 0
        self._fuse = 0
        self._crashed = False
        self._backup: Path | None = None
        self._arm_store()

    @property
    def trackers(self) -> dict[Side, MemoryTracker]:
        return {"left": self.world.left, "right": self.world.right}

    # --- what happens ----------------------------------------------------------------------------------------------

    def agitate(self, rounds: int) -> None:
        for _ in range(rounds):
            for _ in range(self.random.randint(0, 5)):
                self._somebody_acts()
            for _ in range(self.random.choice([0, 0, 1, 2])):
                self._something_breaks()
            self._cycle(sweep=self.random.random() < 0.15)
            self._something_of_the_house()

    def heal(self, cycles: int = 80) -> None:
        """No more edits and faults; cycles until nothing is left to do, with time for what was put off."""
        for tracker in self.trackers.values():
            tracker.faults.clear()
            tracker.read_faults.clear()
            tracker.before_write = tracker.after_write = None
            tracker.hidden = False
        self._fuse = 0
        self._restart()
        for number in range(cycles):
            report = self.world.cycle(sweep=number in (0, 1, 12))
            assert report.problem is None, report.problem
            if number in (8, 16, 24):
                self.world.let_looks_come()
            if number == 20:
                self.world.clock.advance(timedelta(hours=7).total_seconds())
            if number > 40 and not report.writes and not report.in_doubt:
                return
        raise AssertionError("never comes to rest")

    def _cycle(self, *, sweep: bool) -> None:
        if self.past_was_lost:  # copies of ours that neither store nor tracker shows
            hidden = [side for side in SIDES if self.trackers[side].hidden]
            self.unknowable |= {(side, item.key) for side in hidden for item in self.trackers[side].live() if item.ours}
        try:
            report = self.world.cycle(sweep=sweep)
            self.log.append(f"cycle{' with sweep' if sweep else ''}: {report.writes} writes, {report.problem}")
            self._crashed = False
        except Crash:
            self.log.append("crash")
            self._crashed = True
        for tracker in self.trackers.values():
            tracker.before_write = tracker.after_write = None
        self._fuse = 0
        if self._crashed:
            self._restart()
        self.linked |= {(side, link.key(side)) for link in self.world.store.all_links("web") for side in SIDES}

    def _restart(self) -> None:
        self.remember_conflicts()
        self.world.restart()
        self._arm_store()

    def _something_of_the_house(self) -> None:
        """Time passes, the process starts again, the store gets lost or comes back from a copy."""
        chance = self.random.random()
        if chance < (0.5 if self.past_was_lost else 0.1):
            self.world.clock.advance(self.random.choice([5.0, 100.0, 700.0, 25_000.0]))
        chance = self.random.random()
        if chance < 0.04:
            self.log.append("restart")
            self._restart()
        elif chance < 0.06:
            self._backup = self.folder / "copy.db"
            self.world.store.close()
            shutil.copy(self.folder / "store.db", self._backup)
            self._restart_closed("copied")
        elif chance < 0.09 and self._backup:
            self.remember_conflicts()
            self._hide()
            self.world.store.close()
            shutil.copy(self._backup, self.folder / "store.db")
            self.past_was_lost = True
            self._restart_closed("restored from a copy")
        elif chance < 0.11:
            self.remember_conflicts()
            self._hide()
            self.world.store.close()
            for file in self.folder.glob("store.db*"):
                file.unlink()
            self.past_was_lost = True
            self._restart_closed("lost")

    def _hide(self) -> None:
        """Before the store loses its past: rights may be missing on either side then, too."""
        for side in SIDES:
            self.trackers[side].lag_s = 0.0  # a copy that neither store nor tracker shows cannot be known
            self.trackers[side].hidden = self.random.random() < 0.3
            self.log.append(f"{side}: hidden is {self.trackers[side].hidden}")

    def _restart_closed(self, what: str) -> None:
        self.log.append(f"the store was {what}")
        self.world.restart()
        self._arm_store()

    # --- people ----------------------------------------------------------------------------------------------------

    def _somebody_acts(self) -> None:
        self.world.clock.advance(0.5)
        side = self.random.choice(SIDES)
        often = [self._edit, self._edit, self._edit, self._edit_both, self._comment, self._move]
        seldom = [
            self._create,
            self._create_twins,
            self._edit_comment,
            self._delete_comment,
            self._delete,
            self._restore,
            self._attach,
            self._attach,
            self._detach,
        ]
        self.random.choice([*often, *often, *seldom])(side)

    def _create(self, side: Side) -> None:
        fields = {n: self._value(side, n) for n in self.random.sample(sorted(FIELDS), self.random.randint(0, 4))}
        self._insert(side, {**fields, "title": self._value(side, "title")})

    def _create_twins(self, side: Side) -> None:
        """The same title on both sides, by hand."""
        if self.world.policy.match_by_title and self.random.random() < 0.5:
            title = self._value(side, "title")
            for each in SIDES:
                self._insert(each, {"title": title, "description": self._value(each, "description")}, twin=True)
            self.past_was_lost = True

    def _insert(self, side: Side, fields: dict[str, Value], *, twin: bool = False) -> None:
        title = str(fields.pop("title"))
        fields.pop("type", None)
        key = self.trackers[side].ui_create(title, type=self._value(side, "type"), **fields)
        self.log.append(f"{side} {key}: created {title} {fields}")
        for name, value in {**fields, "title": title}.items():
            self._note(side, key, name, value)

    def _edit(self, side: Side) -> None:
        item = self._some_item(side)
        if item is not None:
            self._edit_item(side, item, self.random.choice(sorted(FIELDS)))

    def _move(self, side: Side) -> None:
        item = self._some_item(side)
        if item is not None:
            self._edit_item(side, item, self.random.choice(("parent", *LINKS)))

    def _edit_item(self, side: Side, item: Item, name: str) -> None:
        self._set(side, item.key, name, self._value(side, name, item))

    def _edit_both(self, side: Side) -> None:
        """The two items of a pair change at once, to the same value or to different ones."""
        item = self._some_item(side)
        link = self.world.store.link("web", side, item.key) if item else None
        partner = link.key(other(side)) if link else ""
        if item is None or not partner or self.trackers[other(side)].rows[partner].deleted:
            return
        name = self.random.choice(("title", "description", "start_date", "due_date", "tags", "priority", "state"))
        self._edit_item(side, item, name)
        if name in UNIQUE and self.random.random() < 0.3:
            self._set(other(side), partner, name, self.trackers[side].item(item.key).fields[name])
        else:
            self._edit_item(other(side), self.trackers[other(side)].item(partner), name)

    def _set(self, side: Side, key: str, name: str, value: Value) -> None:
        self.overwritten.add(token_of(self.trackers[side].item(key).fields[name]))
        self.trackers[side].ui_edit(key, **{name: value})
        self.log.append(f"{side} {key}: {name} = {value}")
        self._note(side, key, name, value)

    def _note(self, side: Side, key: str, name: str, value: Value) -> None:
        if name in UNIQUE and token_of(value):
            self.overwritten.discard(token_of(value))
            self.edits.append(Edit(side, key, name, token_of(value)))

    def _delete(self, side: Side) -> None:
        item = self._some_item(side)
        if item is not None and self.random.random() < 0.5:
            for key in self.trackers[side].ui_delete(item.key):
                self.deleted.add((side, key))
                self.log.append(f"{side} {key}: deleted")

    def _restore(self, side: Side) -> None:
        gone = [key for key, row in self.trackers[side].rows.items() if row.deleted and (side, key) in self.deleted]
        if gone:
            key = self.random.choice(gone)
            self.trackers[side].ui_restore(key)
            self.restored.add((side, key))
            self.log.append(f"{side} {key}: restored")

    def _comment(self, side: Side) -> None:
        item = self._some_item(side)
        if item is not None:
            key = self.trackers[side].ui_comment(item.key, self._text(side).text)
            self.log.append(f"{side} {item.key}: comment {key}")

    def _edit_comment(self, side: Side) -> None:
        found = self._some_comment(side)
        if found is not None:
            text = self._text(side).text
            self.trackers[side].ui_edit_comment(*found, text)
            self.comments_edited.add(found[1])
            self.log.append(f"{side} {found[0]}: comment {found[1]} = {text}")

    def _delete_comment(self, side: Side) -> None:
        found = self._some_comment(side)
        if found is not None:
            self.comments_deleted.add(found[1])
            self.trackers[side].ui_delete_comment(*found)
            self.log.append(f"{side} {found[0]}: comment {found[1]} deleted")

    def _attach(self, side: Side) -> None:
        item = self._some_item(side)
        if item is not None:
            name = f"{self._token()}.txt"
            self.trackers[side].ui_attach(item.key, name, name.encode())
            self.log.append(f"{side} {item.key}: file {name}")

    def _detach(self, side: Side) -> None:
        rows = [(item.key, self.trackers[side].rows[item.key]) for item in self.trackers[side].live()]
        found = [(key, file.shown) for key, row in rows for file in row.files.values()]
        if found:
            key, file = self.random.choice(found)
            self.trackers[side].ui_detach(key, file.key)
            self.files_removed.add(file.name)
            self.log.append(f"{side} {key}: file {file.name} removed")

    def _some_item(self, side: Side) -> Item | None:
        live = self.trackers[side].live()
        return self.random.choice(live) if live else None

    def _some_comment(self, side: Side) -> tuple[str, str] | None:
        found = [(i.key, c) for i in self.trackers[side].live() for c in self.trackers[side].rows[i.key].comments]
        return self.random.choice(found) if found else None

    # --- values ----------------------------------------------------------------------------------------------------

    def _value(self, side: Side, name: str, item: Item | None = None) -> Value:
        pick = self.random.choice
        match name:
            case "title":
                return f"Title {self._token()}"
            case "description":
                return self._text(side)
            case "start_date" | "due_date":
                self._serial += 1
                return date(2026, 1, 1) + timedelta(days=self._serial)
            case "points" | "estimate":
                self._serial += 1
                return float(self._serial)
            case "type":
                return pick(list(self.trackers[side].schema(self.world.context.scopes[side]).types))
            case "state":
                return pick(STATES[side])
            case "priority":
                return pick(PRIORITIES[side])
            case "assignees":
                return pick(PEOPLE[side])
            case "parent":
                return self._parent(side, item)
            case "predecessors" | "related":
                return self._links(side, name, item)
            case _:
                have: Any = item.fields["tags"] if item else ()
                kept = tuple(tag for tag in have if self.random.random() < 0.7)
                return (*kept, pick([f"tag-{self._token()}", "Api", "api"]))

    def _parent(self, side: Side, item: Item | None) -> str | None:
        """Somebody living above whom the item does not stand; people can take a child out on either side."""
        tracker = self.trackers[side]
        below = (item.key, *tracker.descendants(item.key)) if item else ()
        return self.random.choice([None, *(each.key for each in tracker.live() if each.key not in below)])

    def _links(self, side: Side, name: str, item: Item | None) -> tuple[str, ...]:
        """Some of those that there are, and perhaps one more that does not close a circle."""
        tracker = self.trackers[side]
        have = named(item.fields[name]) if item else ()
        key = item.key if item else ""
        free = [each.key for each in tracker.live() if each.key != key and key not in tracker.before(each.key)]
        kept = [each for each in have if self.random.random() < 0.6]
        return tuple(dict.fromkeys((*kept, *(self.random.sample(free, 1) if free else ()))))

    def _text(self, side: Side) -> RichText:
        words = f"text {self._token()}"
        if side == "left":
            return RichText(Form.HTML, self.random.choice(["<p>{}</p>", "<p>a</p><p><b>{}</b></p>"]).format(words))
        return RichText(Form.MARKDOWN, self.random.choice(["{}", "a\n\n**{}**"]).format(words))

    def _token(self) -> str:
        self._serial += 1
        return f"v{self._serial}x"

    # --- misfortune ------------------------------------------------------------------------------------------------

    def _something_breaks(self) -> None:
        side, pick = self.random.choice(SIDES), self.random.choice
        tracker = self.trackers[side]
        match pick(["lost", "lost", "refused", "down", "read", "race", "race", "crash", "crash", "crash", "hidden"]):
            case "lost":
                fault = Fault(when=pick(["before", "after"]), method=pick(WRITES))
                if self.random.random() < 0.3:
                    fault = Fault(when="late", method="create", late_s=pick([20.0, 130.0]))
                tracker.faults.append(fault)
                self.log.append(f"{side}: the answer to {fault.method} gets lost {fault.when} it")
            case "refused":
                error = Rejected("no", field=pick(["", "title", "state", "tags", "description"]))
                tracker.faults.append(Fault(error=error, method=pick(WRITES)))
                self.log.append(f"{side}: {tracker.faults[-1].method} refused for {error.field!r}")
            case "down":
                tracker.faults.append(Fault(error=pick([outage(), Unauthorized("refused")]), method=pick(WRITES)))
                self.log.append(f"{side}: down for {tracker.faults[-1].method}")
            case "read":
                tracker.read_faults.append((pick(READS), pick([outage(), outage(), Rejected("cannot")])))
                self.log.append(f"{side}: {tracker.read_faults[-1]}")
            case "race":
                self._arm_race(side)
            case "crash":
                self._arm_crash(side)
            case "hidden":
                tracker.hidden = not tracker.hidden
                self.log.append(f"{side}: hidden is {tracker.hidden}")

    def _arm_race(self, side: Side) -> None:
        """Somebody acts just before one of our writes."""
        countdown = self.random.randint(0, 3)
        tracker = self.trackers[side]
        # A tracker without compare-and-swap may lose what is set while we are at it (reliability.md, I4).
        safe = tracker.capabilities.compare_and_swap

        def interfere(method: str) -> None:
            nonlocal countdown
            countdown -= 1
            if countdown >= 0 or method not in (("update", "create", "add_comment") if safe else ("update",)):
                return
            tracker.before_write = None
            item = self._some_item(side) if safe else tracker.rows[tracker.writing].item
            name = self.random.choice(sorted(set(FIELDS) - (frozenset() if safe else tracker.changing)))
            if item is not None:
                self.log.append("meanwhile:")
                self._edit_item(side, item, name)

        tracker.before_write = interfere

    def _arm_crash(self, side: Side) -> None:
        countdown = self.random.randint(0, 4)

        def die(_method: str) -> None:
            nonlocal countdown
            countdown -= 1
            if countdown < 0:
                raise Crash

        match self.random.choice(["before", "after", "store", "store"]):
            case "before":
                self.trackers[side].before_write = die
            case "after":
                self.trackers[side].after_write = die
            case _:
                self._fuse = self.random.randint(1, 60)

    def _arm_store(self) -> None:
        """Every method of the store that writes is a point to die at."""
        store: Any = self.world.store
        for name in STORE_WRITES:
            setattr(store, name, self._mortal(getattr(store, name)))

    def _mortal(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            if self._fuse:
                self._fuse -= 1
                if not self._fuse:
                    raise Crash
            return method(*args, **kwargs)

        return call

    def remember_conflicts(self) -> None:
        """Values kept as conflicts in a store that is lost later were kept all the same."""
        for row in self.world.store.conflicts("web", limit=10_000):
            self.kept |= {token_of(row.left_value), token_of(row.right_value)}
