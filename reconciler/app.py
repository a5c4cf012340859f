"""App: the facade that commands and the daemon use - the configured mappings over one store, made ready to run.

It groups the mappings that share both credentials, because those share one poll, and knows nothing of terminals or
schedules.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any

from reconciler.clock import Clock
from reconciler.config import Config, MappingConfig
from reconciler.connections import Connections
from reconciler.context import MappingContext
from reconciler.cycle import Options, Progress, make_plans, run_cycle
from reconciler.errors import ConfigError, ReconcilerError, StoreError, StoreMissing, TrackerError
from reconciler.late_run import LateRun
from reconciler.model.difference import Verdict
from reconciler.model.plan import Plan
from reconciler.model.report import MappingReport
from reconciler.model.reversal import Reversal, Stay
from reconciler.recover import recover
from reconciler.saved import Applied, fates
from reconciler.selection import Selection
from reconciler.store import Store
from reconciler.turn import Turn
from reconciler.undo import UNDO, plan_undo
from reconciler.undo import carry_out as carry_out_undo
from reconciler.verify import verify

REQUESTS_SAVED_EVERY_S = 300.0
"""Counting requests is worth no commit of its own in every idle cycle."""

MAINTAIN_EVERY = timedelta(hours=24)

CYCLES_AT_MOST = 50
"""A catch-up that has not come to rest after so many cycles is fighting something; it stops and says so."""


@dataclass(frozen=True, slots=True)
class Group:
    """Mappings that share both trackers, and therefore one poll."""

    trackers: tuple[str, str]
    mappings: tuple[MappingConfig, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(mapping.name for mapping in self.mappings)


@dataclass(frozen=True, slots=True)
class MappingPlan:
    """A mapping's plan, or the error in its way. `requests` counts what reading it cost, by tracker name; mappings
    that share a poll have it on the first of them."""

    name: str
    plan: Plan | None = None
    error: ReconcilerError | None = None
    requests: dict[str, int] = field(default_factory=dict)

    @property
    def problem(self) -> str | None:
        return str(self.error) if self.error else None


@dataclass(slots=True)
class Undone:
    """What takes a run back in one mapping; `failed` is what was tried and did not succeed."""

    report: MappingReport
    reversal: Reversal | None = None
    failed: list[Stay] = field(default_factory=list)


@dataclass(slots=True)
class Outcome:
    """What `sync` did, per mapping."""

    reports: list[MappingReport] = field(default_factory=list)


class App:
    """Open it with `App.open`, use it as a context manager. Groups that share a tracker must not run at once; callers
    see to that."""

    def __init__(
        self,
        config: Config,
        *,
        clock: Clock,
        store: Store,
        connections: Connections,
    ) -> None:
        self.config = config
        self.clock = clock
        self.store = store
        self._connections = connections
        self._requests: Counter[str] = Counter()
        self._counting = threading.Lock()
        self._requests_saved_s = clock.monotonic_s() - REQUESTS_SAVED_EVERY_S

    @classmethod
    def open(
        cls,
        config: Config,
        *,
        clock: Clock,
        read_only: bool = False,
        transports: Mapping[str, Any] | None = None,
    ) -> App:
        """Opens the store (raises StoreError and its kinds) but no tracker yet. `read_only` takes no lock and makes
        every write to a tracker impossible; `transports` replaces the network per tracker name, for tests."""
        try:
            store = Store.open(config.store.url, clock=clock, read_only=read_only)
        except StoreMissing:
            # A plan before the first sync: nothing is known yet, and nothing shall be left behind.
            store = Store.open("sqlite:///:memory:", clock=clock)
        connections = Connections(
            config,
            clock,
            read_only=read_only,
            transports=transports,
            permit=store.permit,
            remembered=store.memories,
        )
        return cls(config, clock=clock, store=store, connections=connections)

    def __enter__(self) -> App:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def requests_sent(self) -> int:
        """By all trackers together, since they were connected."""
        return sum(self._connections.requests(name) for name in self.config.trackers)

    def close(self) -> None:
        self._connections.close()
        self.store.close()

    def groups(self, names: Sequence[str] = (), *, by_interval: bool = False) -> list[Group]:
        """The chosen mappings (all by default), in the order of the file, grouped by the trackers they share and, on
        request, by their interval too."""
        groups: dict[tuple[str, str, timedelta | None], list[MappingConfig]] = {}
        for mapping in self.config.mappings:
            if not names or mapping.name in names:
                every = mapping.poll_every if by_interval else None
                groups.setdefault((mapping.left.tracker, mapping.right.tracker, every), []).append(mapping)
        return [Group((left, right), tuple(mappings)) for (left, right, _), mappings in groups.items()]

    def _contexts_of(self, group: Group) -> tuple[list[MappingContext], dict[str, ReconcilerError]]:
        """The mappings of a group that can be made ready, and the errors of those that cannot."""
        ready, errors = [], {}
        for mapping in group.mappings:
            try:
                ready.append(self._connections.context(mapping))
            except StoreError:
                raise
            except ReconcilerError as error:
                errors[mapping.name] = error
        return ready, errors

    # --- what commands do ------------------------------------------------------------------------------------------

    def plan(self, names: Sequence[str] = ()) -> list[MappingPlan]:
        """What `sync` would do now, per mapping; writes nothing anywhere."""
        plans: list[MappingPlan] = []
        for group in self.groups(names):
            before = {name: self._connections.requests(name) for name in group.trackers}
            contexts, errors = self._contexts_of(group)
            made = dict(zip((c.name for c in contexts), make_plans(contexts, self.store, self.clock), strict=True))
            for name in group.names:
                requests = (
                    {t: self._connections.requests(t) - before[t] for t in group.trackers}
                    if name == group.names[0]
                    else {}
                )
                result = made.get(name) or errors[name]
                if isinstance(result, Plan):
                    plans.append(MappingPlan(name, plan=result, requests=requests))
                else:
                    plans.append(MappingPlan(name, error=result, requests=requests))
        return plans

    def apply(self, selections: Mapping[str, Selection], allow: str | None, progress: Progress | None) -> list[Applied]:
        """Carries out what was chosen from saved plans, by mapping, in one cycle: those operations that would be done
        now, and nothing else. Twice is harmless. Per mapping, in the order of the file, what became of each."""
        run = self.store.start_run("apply")
        outcome = Outcome()
        options = self.options(allow=allow, progress=progress, selections=selections)
        try:
            for group in self.groups(list(selections)):
                outcome.reports += self.cycle(group, options, run)
        finally:
            self._finish(run, outcome)
        return [Applied(r, tuple(fates(self.store, r.name, selections[r.name]))) for r in outcome.reports]

    def undo(self, number: int, *, carry_out: bool) -> list[Undone]:
        """Takes a run back, or only says what that would be. Per mapping that it touched, in the order of the file;
        problems are in the reports. Raises ConfigError where there is no such run, StoreError and Stopping."""
        if self.store.run(number) is None:
            raise ConfigError([f"there is no run {number}; `reconciler log` shows the numbers"])
        names = {intent.mapping for intent in self.store.intents_of_run(number)}
        mine = self.store.start_run(UNDO) if carry_out else None
        undone = []
        for mapping in self.config.mappings:
            if mapping.name not in names and not self.store.links_of_run(mapping.name, number):
                continue
            report = MappingReport(mapping.name, cycles=1)
            undone.append(Undone(report))
            try:
                turn = Turn(self._connections.context(mapping), self.store, self.clock, mine, report)
                if mine is not None:
                    recover(turn, doubt_lasts=self.config.doubt_lasts)
                undone[-1].reversal = plan_undo(turn.context, self.store, number)
                if mine is not None:
                    undone[-1].failed += carry_out_undo(turn, undone[-1].reversal)
            except StoreError:
                raise
            except ReconcilerError as error:
                report.problem, report.problem_kind = str(error), type(error).__name__
        if mine is not None:
            self._finish(mine, Outcome([each.report for each in undone]))
        return undone

    def maintain(self) -> None:
        """Once a day: forgets old history and keeps a copy of the store beside it."""
        last = self.store.meta("maintained_at")
        now = self.clock.now()
        if last is None or abs(now - datetime.fromisoformat(last)) >= MAINTAIN_EVERY:
            self.store.prune()
            self.store.back_up()
            self.store.set_meta("maintained_at", now.isoformat())

    def verify(self, names: Sequence[str] = ()) -> list[Verdict | ReconcilerError]:
        """Every linked pair of the chosen mappings compared as both sides show it now; writes nothing anywhere. Per
        mapping, in the order of the file, what was found or the error in its way."""
        found: list[Verdict | ReconcilerError] = []
        for mapping in self.config.mappings:
            if names and mapping.name not in names:
                continue
            try:
                found.append(verify(self._connections.context(mapping), self.store))
            except StoreError:
                raise
            except ReconcilerError as error:
                found.append(error)
        return found

    def cycle(self, group: Group, options: Options, run: int | LateRun | None) -> list[MappingReport]:
        """One cycle of a group; problems are in the reports. Raises StoreError and Stopping."""
        before = {name: self._connections.requests(name) for name in group.trackers}
        contexts, errors = self._contexts_of(group)
        opening = {name: self._connections.requests(name) - before[name] for name in group.trackers}
        reports = {name: _failed(name, error) for name, error in errors.items()}
        for report in reports.values():
            self.store.set_problem(report.name, report.problem, report.problem_kind or "")
        if contexts:
            for report in run_cycle(contexts, self.store, self.clock, run, options):
                reports[report.name] = report
        if reports:
            next(iter(reports.values())).requests.update(opening)
        for name in group.trackers:
            self.store.set_circuit(name, self._connections.circuit(name))
        with self._counting:
            for report in reports.values():
                self._requests.update(report.requests)
        if self.clock.monotonic_s() - self._requests_saved_s >= REQUESTS_SAVED_EVERY_S:
            self.save_requests()
        return [reports[name] for name in group.names]

    def save_requests(self) -> None:
        """Adds the requests of the last minutes to those that the store has counted."""
        with self._counting:
            counted, self._requests = self._requests, Counter()
            self._requests_saved_s = self.clock.monotonic_s()
        if counted:
            self.store.add_requests(counted)

    def options(self, **choices: object) -> Options:
        """Cycle options with every mapping's sweep rhythm filled in."""
        sweeps = {mapping.name: mapping.sweep_every for mapping in self.config.mappings}
        return Options(sweep_every=sweeps, doubt_lasts=self.config.doubt_lasts, **choices)  # type: ignore[arg-type]

    def sync(
        self,
        names: Sequence[str] = (),
        *,
        confirmed: bool = False,
        full: bool = False,
        allow: str | None = None,
        progress: Progress | None = None,
    ) -> Outcome:
        """Cycles until nothing is left to do, then once more to prove it. Waits for doubt to end, not for backoff."""
        outcome = Outcome()
        run = self.store.start_run("sync")
        try:
            for group in self.groups(names):
                outcome.reports += self._sync_group(group, run, confirmed, full, allow, progress)
            self.maintain()
        except StoreError:
            raise  # a store that failed is not waited for a second time
        except BaseException:
            self._finish(run, outcome)
            raise
        self._finish(run, outcome)
        return outcome

    def _finish(self, run: int, outcome: Outcome) -> None:
        self.save_requests()
        self.store.finish_run(run, {"mappings": [report.as_json() for report in outcome.reports]})

    def _sync_group(
        self, group: Group, run: int, confirmed: bool, full: bool, allow: str | None, progress: Progress | None
    ) -> list[MappingReport]:
        total: dict[str, MappingReport] = {}
        for count in range(CYCLES_AT_MOST):
            options = self.options(confirmed=confirmed, sweep=full and count == 0, allow=allow, progress=progress)
            reports = self.cycle(group, options, run)
            for report in reports:
                if report.name in total:
                    total[report.name].absorb(report)
                else:
                    total[report.name] = report
            if any(
                report.writes or report.paired or self._due(report.name) for report in reports if not report.problem
            ):
                continue
            wait_s = self._doubt_wait_s(group)
            if wait_s is None or any(report.problem for report in reports):
                break
            self.clock.sleep(wait_s)
        else:
            for report in total.values():
                report.notes.append(f"still busy after {CYCLES_AT_MOST} cycles; something keeps changing on one side")
        return [total[name] for name in group.names]

    def _due(self, name: str) -> bool:
        now = self.clock.now()
        return any(row.is_due(now) for row in self.store.pending(name))

    def _doubt_wait_s(self, group: Group) -> float | None:
        """How long until the oldest write in doubt can be proved absent; None where nothing is in doubt."""
        opened = [intent.opened_at for name in group.names for intent in self.store.open_intents(name)]
        if not opened:
            return None
        return max(1.0, (min(opened) + self.config.doubt_lasts - self.clock.now()).total_seconds())


def _failed(name: str, error: ReconcilerError) -> MappingReport:
    retry_after_s = error.retry_after_s if isinstance(error, TrackerError) else None
    kind = type(error).__name__
    return MappingReport(name, cycles=1, problem=str(error), problem_kind=kind, retry_after_s=retry_after_s)
