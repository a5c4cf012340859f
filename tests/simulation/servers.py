"""Servers: both simulated trackers as a world has them - their faults, clocks, rights and delays, and what they saw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from reconciler.clock import VirtualClock
from reconciler.model.side import SIDES, Side
from reconciler.simulators.azure_devops.edit import Edit
from reconciler.simulators.azure_devops.identity import Grant as AzureGrant
from reconciler.simulators.azure_devops.json_patch import SetField
from reconciler.simulators.clickup.authorization import Grant as ClickUpGrant
from reconciler.simulators.kit.faults import Fault, Faults
from reconciler.simulators.kit.wire import Request
from tests.simulation.mortality import Crash
from tests.simulation.tape import Tape
from tests.support.duo import Duo

_HOSTS = {
    "left": ("https://dev.azure.com", "https://vssps.dev.azure.com"),
    "right": ("https://api.clickup.com",),
}


class Servers:
    """`secrets` are our tokens there. What was injected is counted in `fired` once it acts."""

    def __init__(self, folder: Path, requests_per_minute: int, policy: dict[str, Any]) -> None:
        self.rate_limit = requests_per_minute
        self.clock = VirtualClock()
        self.tape = Tape(self.clock)
        self.duo = Duo(
            folder,
            clock=self.clock,
            requests_per_minute=requests_per_minute,
            watched=self.tape.watch,
            **policy,
        )
        self.secrets = (self.duo.bot.token, self.duo.sync_member.token)
        self._migrator = self.duo.azure.add_user("Migration Tool", "tool@example.com")
        self._migrator.may_bypass_rules = True
        self._armed: list[tuple[str, Fault]] = []
        self._happened: Counter[str] = Counter()
        self._due: list[tuple[float, Callable[[], object]]] = []
        self._grants: dict[Side, Any] = {}
        self.shown_late_s: dict[Side, float] = {"left": 0.0, "right": 0.0}
        self.was_hidden: set[Side] = set()

    # --- what they saw ---------------------------------------------------------------------------------------------

    @property
    def cycles(self) -> int:
        return self.tape.cycle

    def server_now_s(self, side: Side) -> float:
        clock = self.duo.azure.clock if side == "left" else self.duo.clickup_clock
        return clock.now().timestamp()

    def rev(self, side: Side, key: str) -> int:
        """A number that moves whenever the item does."""
        return self.duo.azure.item(int(key)).rev if side == "left" else self.duo.clickup.task(key).updated_ms

    @property
    def fired(self) -> Counter[str]:
        """How often each named fault struck."""
        total = Counter(self._happened)
        for name, fault in self._armed:
            total[name] += bool(fault.hits)
        return +total

    # --- faults ----------------------------------------------------------------------------------------------------

    def faults(self, side: Side) -> Faults:
        return self.duo.azure.faults if side == "left" else self.duo.clickup_service.faults

    def strike(self, name: str, fault: Fault) -> Fault:
        """Counts an injected fault under its name once it acts."""
        self._armed.append((name, fault))
        return fault

    def happened(self, name: str) -> None:
        self._happened[name] += 1

    def refuse(self, side: Side, *, refused: bool = True) -> None:
        """No connection can be made, or can be made again."""
        (self.duo.refused.update if refused else self.duo.refused.difference_update)(_HOSTS[side])

    def small_pages(self, size: int) -> None:
        """Listings in pages of so many tasks."""
        self.duo.clickup.switches = replace(self.duo.clickup.switches, page_size=size)

    def backdate(self, number: int, reference: str, value: Any) -> bool:
        """An edit that is dated a moment after the one before, by somebody who may; False where that is now."""
        item = self.duo.azure.item(number)
        world, kind = self.duo.azure.world, item.project.process.types[item.type_name]
        if item.current.changed_at >= world.now() - timedelta(seconds=1):
            return False
        when = (item.current.changed_at + timedelta(milliseconds=1)).isoformat()
        edit = Edit(world, item, self._migrator, item.project, kind, bypass_rules=True)
        edit.carry_out([SetField(reference, value, True), SetField("System.ChangedDate", when, True)])
        return True

    def show_late(self, side: Side, seconds: float) -> None:
        """What is written there becomes visible in listings only after so long."""
        self.shown_late_s[side] = max(self.shown_late_s[side], seconds)
        if side == "left":
            self.duo.azure.switches.query_lag_s = seconds
        else:
            self.duo.clickup.switches = replace(self.duo.clickup.switches, index_delay_ms=int(seconds * 1000))

    def skew_of(self, side: Side) -> float:
        """By how many seconds that server's clock is ahead."""
        return self.duo.azure.clock.ahead_s if side == "left" else self.duo.clickup_clock.ahead_s

    def skew(self, side: Side, ahead_s: float) -> None:
        clock = self.duo.azure.clock if side == "left" else self.duo.clickup_clock
        clock.ahead_s = ahead_s

    def revoke(self, side: Side) -> None:
        """Our token there is worth nothing until `grant`."""
        if side == "left":
            grants: dict[str, AzureGrant] = self.duo.azure.world.grants
            self._grants.setdefault(side, grants.pop(self.secrets[0], None))
        else:
            self._grants.setdefault(side, ClickUpGrant(self.secrets[1], self.duo.sync_member))
            self.duo.clickup.tokens.revoke(self.secrets[1])

    def grant(self, side: Side) -> None:
        given = self._grants.pop(side, None)
        if given is not None and side == "left":
            self.duo.azure.world.grants[self.secrets[0]] = given
        elif given is not None:
            self.duo.clickup.tokens.add(given)

    def hide(self, side: Side, *, hidden: bool = True) -> None:
        """Takes from us the right to see the whole project or Space, or gives it back."""
        if hidden:
            self.was_hidden.add(side)
        if side == "left":
            self.duo.azure.hide_area(self.duo.bot, self.duo.projects[0].areas, hidden=hidden)
        else:
            space = self.duo.lists[0].space
            space.admits = {self.duo.piet.id} if hidden else None
            self.duo.clickup.world.index.invalidate()

    def later(self, seconds: float, act: Callable[[], object]) -> None:
        """Does something when so much time has passed, at the next cycle."""
        self._due.append((self.clock.monotonic_s() + seconds, act))

    def deliver(self, side: Side, request: Request) -> None:
        """A request that was under way for long arrives; nobody hears the answer."""
        with suppress(Crash):  # no process waits for it any more
            (self.duo.azure if side == "left" else self.duo.clickup_service).handle(request)

    def pass_time(self, seconds: float) -> None:
        self.clock.advance(seconds)
        now_s = self.clock.monotonic_s()
        for entry in [entry for entry in self._due if entry[0] <= now_s]:
            self._due.remove(entry)
            entry[1]()

    def heal_servers(self) -> None:
        """No faults, no delays, all rights; what was under way has arrived, and nobody is asked to wait any more."""
        for side in SIDES:
            self.faults(side).clear()
            self.refuse(side, refused=False)
            self.grant(side)
            self.hide(side, hidden=False)
        self.pass_time(600.0)
        for side in SIDES:
            self.show_late(side, 0.0)
