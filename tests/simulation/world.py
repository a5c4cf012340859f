"""World: both servers, the program between them, and what may happen to each; a history is what is done to it."""

from __future__ import annotations

import io
import logging
import random
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog

from reconciler import log
from reconciler.cycle import Options, run_cycle
from reconciler.errors import ReconcilerError, StoreError
from reconciler.model.link import Link
from reconciler.model.report import MappingReport
from reconciler.model.side import SIDES, Side, other
from reconciler.store import Store
from tests.simulation.ledger import Ledger, token_of, tokens_in
from tests.simulation.mortality import Crash, Fuse
from tests.simulation.people import AzurePeople, ClickUpPeople, People
from tests.simulation.servers import Servers

MAPPING = "web"
YEAR_S = 365 * 86_400.0
BY_HAND = "by hand"
"""In the reason of what no program can do in ClickUp, and is tried five times all the same."""


class World(Servers):
    """Everything that is random comes from `seed`. `said` tells the history in words; `fired` counts what struck."""

    def __init__(self, folder: Path, seed: int = 0, *, requests_per_minute: int = 1_000, **policy: Any) -> None:
        random.seed(seed)  # the clients' backoff draws from the shared generator
        self.random = random.Random(seed)
        self.folder = folder
        self.said: list[str] = []
        self.ledger = Ledger()
        self.fuse = Fuse()
        super().__init__(folder, requests_per_minute, policy)
        self.logged = io.StringIO()
        log.configure("INFO", "json", self.logged, clock=self.duo.local)
        self.people: dict[Side, People] = {"left": AzurePeople(self.duo), "right": ClickUpPeople(self.duo)}
        self.fuse.attach(self.store)
        self.up = True
        self.may_lose_its_past = True
        self.reports: list[MappingReport] = []
        self.watermarks_ahead: list[str] = []
        self.starts: list[int] = [0]
        self._backup: Path | None = None
        self._told = 0

    def close(self) -> None:
        self.duo.close()
        root = logging.getLogger()
        root.handlers = [handler for handler in root.handlers if getattr(handler, "stream", None) is not self.logged]
        structlog.reset_defaults()

    # --- looking ---------------------------------------------------------------------------------------------------

    @property
    def store(self) -> Store:
        return self.duo.store

    def links(self) -> list[Link]:
        return list(self.store.all_links(MAPPING))

    def partner(self, side: Side, key: str) -> str | None:
        link = self.store.link(MAPPING, side, key)
        return link.key(other(side)) if link else None

    def say(self, sentence: str) -> None:
        self.said += map(str, (entry for entry in self.tape.since(self._told) if entry.writes or not entry.answer))
        self._told = self.tape.mark
        self.said.append(f"[{self.cycles}] {sentence}")

    # --- people ----------------------------------------------------------------------------------------------------

    def create(self, side: Side, **fields: Any) -> str:
        key = self.people[side].create(fields)
        self.say(f"{side} {key}: created {fields}")
        for name, value in fields.items():
            self.ledger.note(side, key, name, value, self.clock.monotonic_s())
        return key

    def edit(self, side: Side, key: str, name: str, value: Any) -> None:
        before = self.people[side].face(key)[name]
        self.people[side].edit(key, name, value)
        self.ledger.overwritten.add(token_of(before))
        self.say(f"{side} {key}: {name} = {value!r}")
        self.ledger.note(side, key, name, value, self.clock.monotonic_s())
        if (side, key) in self.ledger.away:
            self.ledger.unseen.add(token_of(value))

    def delete(self, side: Side, key: str) -> None:
        """Subtasks go along."""
        before = self.people[side].live()
        self.people[side].delete(key)
        gone = set(before) - set(self.people[side].live())
        self.ledger.deleted |= {(side, each): self.cycles for each in gone}
        self.say(f"{side} {key}: deleted{self._along(gone, key)}")

    def restore(self, side: Side, key: str) -> None:
        before = self.people[side].gone()
        self.people[side].restore(key)
        back = set(before) - set(self.people[side].gone())
        self.ledger.restored |= {(side, each) for each in back}
        self.say(f"{side} {key}: restored{self._along(back, key)}")

    def move(self, side: Side, key: str, *, out: bool) -> None:
        people = self.people[side]
        before = {each: people.is_inside(each) for each in people.live()}
        people.move(key, out=out)
        moved = {each for each, inside in before.items() if people.is_inside(each) != inside} | {key}
        for each in moved:
            (self.ledger.away.add if out else self.ledger.away.discard)((side, each))
            self.ledger.was_away.add((side, each))
        self.say(f"{side} {key}: moved {'out' if out else 'back'}{self._along(moved, key)}")

    def _along(self, keys: set[str], key: str) -> str:
        others = sorted(keys - {key})
        return f", and with it {', '.join(others)}" if others else ""

    def set_parent(self, side: Side, key: str, parent: str | None) -> None:
        self.people[side].set_parent(key, parent)
        self.ledger.touched.setdefault((side, key), set()).add("parent")
        self.say(f"{side} {key}: below {parent}")

    def copy(self, side: Side, key: str) -> str:
        """Somebody copies an item with everything in it, our marker too."""
        title = f"Copy {self.ledger.token()}"
        made = self.people[side].copy(key, title)
        self.ledger.note(side, made, "title", title, self.clock.monotonic_s())
        self.ledger.touched[side, made].add("description")  # whose value belongs to somebody else's edit
        self.ledger.inherited[side, made].update(tokens_in(self.people[side].face(made)["description"]))
        self.say(f"{side} {made}: copied from {key} as {title}")
        return made

    def comment(self, side: Side, key: str) -> str:
        token = self.ledger.token()
        comment = self.people[side].comment(key, f"said {token}")
        self.ledger.comments[token] = side, key
        self.say(f"{side} {key}: comment {comment} = {token}")
        return comment

    def edit_comment(self, side: Side, key: str, comment: str) -> None:
        token = self.ledger.token()
        self._comment_goes(side, key, comment)
        self.people[side].edit_comment(key, comment, f"said {token}")
        self.ledger.comments[token] = side, key
        self.ledger.comments_edited.add(token)
        self.say(f"{side} {key}: comment {comment} = {token}")

    def delete_comment(self, side: Side, key: str, comment: str) -> None:
        self._comment_goes(side, key, comment)
        self.people[side].delete_comment(key, comment)
        self.say(f"{side} {key}: comment {comment} deleted")

    def _comment_goes(self, side: Side, key: str, comment: str) -> None:
        self.ledger.comments_gone |= set(tokens_in(self.people[side].comments(key)[comment]))

    def edit_backdated(self, key: str, name: str, value: Any) -> None:
        """An edit of a work item by a tool that says it was made just after the one before."""
        before = self.people["left"].face(key)[name]
        if not self.backdate(int(key), f"System.{name.title()}", value):
            return
        self.ledger.overwritten.add(token_of(before))
        self.say(f"left {key}: {name} = {value!r}, dated back")
        self.ledger.note("left", key, name, value, self.clock.monotonic_s())

    def pair(self, **fields: Any) -> tuple[str, str]:
        """A linked pair, settled."""
        title = fields.pop("title", None) or f"Title {self.ledger.token()}"
        left = self.create("left", title=title, **fields)
        self.quiet()
        right = self.partner("left", left)
        assert right is not None, "the pair was not made"
        return left, right

    # --- the program -----------------------------------------------------------------------------------------------

    def cycle(self, *, after_s: float = 30.0, sweep: bool = False, allow: str | None = None) -> MappingReport | None:
        """One cycle, or None where the process is down or dies in it; it is started again before the next."""
        self.pass_time(after_s)
        self.tape.cycle += 1
        if not self.up and not self.start():
            return None
        before = {side: self.store.watermark(MAPPING, side) for side in SIDES}
        try:
            [report] = run_cycle(self.duo.contexts, self.store, self.duo.local, None, Options(sweep=sweep, allow=allow))
        except Crash:
            self.stop("died")
            return None
        except StoreError as error:
            self.stop(f"halted: {error}")
            return None
        self.reports.append(report)
        self.say(f"cycle{' with sweep' if sweep else ''}: {report.writes} writes, {report.problem}")
        self._look_at_watermarks(before)
        self._look_at_links()
        return report

    def quiet(self, cycles: int = 12, *, after_s: float = 30.0) -> int:
        """Cycles until two in a row write nothing and nothing waits for the next; returns how many that took."""
        silent = 0
        for number in range(cycles):
            mark = self.tape.mark
            report = self.cycle(after_s=after_s)
            wrote = any(entry.writes for entry in self.tape.since(mark))
            silent = 0 if report is None or report.problem or wrote or self.is_owed_something() else silent + 1
            if silent == 2:
                return number - 1
        raise AssertionError(f"never comes to rest: {[str(e) for e in self.tape.since(mark) if e.writes]}")

    def is_owed_something(self) -> bool:
        now = self.duo.local.now()
        if self.store.open_intents(MAPPING):
            return True
        return any(
            row.due_at <= now and not row.parked and BY_HAND not in row.reason for row in self.store.pending(MAPPING)
        )

    def stop(self, how: str) -> None:
        """The process ends without a word, if it is up."""
        self.say(f"the process {how}")
        if self.up:
            self.remember_conflicts()
            self.store.close()
            self.up = False

    def start(self) -> bool:
        """The process starts; False where it cannot yet, because a server does not let it."""
        self.starts.append(self.tape.mark)
        try:
            self.duo.restart()
        except (ReconcilerError, Crash) as error:
            self.say(f"cannot start: {error!r}")
            self.store.close()
            return False
        self.fuse.attach(self.store)
        self._look_at_links()
        self.up = True
        return True

    def restart(self) -> None:
        self.stop("is restarted")
        self.start()

    def configure(self, **policy: Any) -> None:
        """Takes effect with the next start."""
        self.stop(f"is configured: {policy}")
        self.duo.set_policy(**policy)

    def remember_conflicts(self) -> None:
        """Values kept as conflicts in a store that is lost later were kept all the same."""
        for row in self.store.conflicts(MAPPING):
            self.ledger.kept |= {token_of(row.left_value), token_of(row.right_value)}

    def _look_at_links(self) -> None:
        for link in self.links():
            for side in SIDES:
                self.ledger.linked.add((side, link.key(side)))
                self.ledger.partners[side, link.key(side)].add(link.key(other(side)))

    def _look_at_watermarks(self, before: dict[Side, datetime | None]) -> None:
        """I9: none that moved is later than its server's clock was when it was last asked what there is."""
        for side in SIDES:
            at, last = self.store.watermark(MAPPING, side), before[side]
            if at is None or at == last:
                continue
            asked_s = [e.ended_s for e in self.tape.of_cycle(self.cycles) if e.side == side and e.lists and e.answer]
            ahead_s = self.server_now_s(side) - self.clock.monotonic_s()
            if not asked_s or at.timestamp() > asked_s[-1] + ahead_s + 1.0:
                self.watermarks_ahead.append(f"cycle {self.cycles}: the {side} was read up to {at}, which is ahead")

    # --- the store -------------------------------------------------------------------------------------------------

    def back_up_store(self) -> None:
        self.stop("is copied")
        self._backup = self.folder / "copy.db"
        shutil.copy(self.folder / "store.db", self._backup)

    def restore_store(self) -> bool:
        """False where there is no copy to restore, or people erase our marks, without which nothing can be told."""
        if self._backup is None or not self.may_lose_its_past:
            return False
        self.stop("gets an old store back")
        self._drop()
        shutil.copy(self._backup, self.folder / "store.db")
        self.ledger.past_was_lost = True
        return True

    def lose_store(self) -> None:
        if not self.may_lose_its_past:
            return
        self.stop("loses its store")
        self._drop()
        self.ledger.past_was_lost = self.ledger.without_past = True

    def _drop(self) -> None:
        for file in self.folder.glob("store.db*"):
            file.unlink()

    def everything(self) -> Iterator[tuple[Side, str]]:
        """Every living item of both sides that lies within the mapping."""
        for side in SIDES:
            for key in self.people[side].live():
                if self.people[side].is_inside(key):
                    yield side, key
