"""Daemon: every mapping at its own interval, until somebody asks it to stop.

Mappings that share both trackers and the interval are one job, because one poll serves them all. Jobs that share a
tracker take turns. A job all of whose mappings wait for a tracker that is left alone waits with them, so that the other
tracker is not asked in vain; health tells monitors when no cycle has finished for three intervals.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from reconciler import log
from reconciler.app import App, Group
from reconciler.clock import Stopping, SystemClock
from reconciler.config import Config
from reconciler.errors import StoreError, StoreLocked
from reconciler.health import INTERVALS_WITHOUT_A_CYCLE, Health
from reconciler.late_run import LateRun
from reconciler.model.report import MappingReport
from reconciler.outgoing import Errand, Outgoing
from reconciler.supervisor import Pulse, Supervisor
from reconciler.web import Activity, Busy, Hands, Instance, make_application, serve

MAINTENANCE_LOOK_S = 600.0
"""How often it is asked whether the store's daily maintenance is due."""

LAST_WAIT_S = 8.0
"""How long the operation in flight may take to end; containers are killed after ten seconds."""

STORE_FAILED, STORE_TAKEN_OVER = 4, 6
"""The exit codes of a store that failed, where there is no time left to raise its error."""

PATIENCE_S = 8.0
"""How long a person's deed waits for the cycle under way."""

LOOK_S = 5.0
"""How often the clock and the right to write are looked at."""

CLOCK_JUMP_S = 10.0
"""A wall clock that moved this much more or less than time passed was set by somebody."""

logger = log.get_logger(__name__)


@dataclass
class _Job:
    """One group of mappings and its rhythm."""

    group: Group
    every: timedelta
    not_before_s: float = 0.0
    cycles: int = field(default=0)

    @property
    def id(self) -> str:
        return "+".join(self.group.names)


class Daemon:
    """`run` returns when the clock's stop event is set and the operation in flight has ended."""

    def __init__(self, config: Config, clock: SystemClock) -> None:
        self._config = config
        self._clock = clock
        self._fatal: StoreError | None = None
        self._in_flight = 0
        self._changed = threading.Condition()
        self._locks: dict[str, threading.Lock] = {}
        self._activity = Activity(clock)
        self._supervisor = Supervisor()
        self._begin_at_once: Callable[[_Job], None] = lambda _job: None

    def run(self) -> None:
        """Raises StoreError and its kinds: without its store the daemon must not go on."""
        for warning in self._config.warnings:
            logger.warning("setting without effect", setting=warning)
        if self._config.dashboard.warning:
            logger.warning("open to others", setting=self._config.dashboard.warning)
        with App.open(self._config, clock=self._clock) as app:
            jobs = [_Job(group, group.mappings[0].poll_every) for group in app.groups(by_interval=True)]
            intervals = {name: job.every for job in jobs for name in job.group.names}
            health = Health(self._clock, intervals, self._config.doubt_lasts)
            self._locks = {name: threading.Lock() for job in jobs for name in job.group.trackers}
            outgoing = Outgoing(self._config, app.store, self._clock)
            hands = Hands(self._config, app.store, self._clock, lambda name: self._between(jobs, name))
            instance = Instance(self._config, self._clock, health, self._activity, hands)
            with closing(outgoing), serve(self._config.dashboard.listen, make_application(instance)):
                self._schedule(app, jobs, health, outgoing)
            if self._fatal is not None:
                raise self._fatal
            app.save_requests()

    def _schedule(self, app: App, jobs: list[_Job], health: Health, outgoing: Outgoing) -> None:
        scheduler = BackgroundScheduler(
            timezone="UTC",
            executors={"default": ThreadPoolExecutor(len(jobs) + len(outgoing.jobs))},
            # A late cycle is still worth running: it only asks what changed since the watermark.
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        allowed_s = {job.id: job.every.total_seconds() * INTERVALS_WITHOUT_A_CYCLE for job in jobs}
        pulse = Pulse(self._clock, allowed_s, lambda: app.requests_sent)
        for job in jobs:
            seconds = job.every.total_seconds()
            scheduler.add_job(
                self._cycle,
                "interval",
                args=(app, job, health, pulse),
                seconds=seconds,
                jitter=min(5, int(seconds / 10)),
                next_run_time=self._clock.now(),
                id=job.id,
            )
        scheduler.add_job(self._maintain, "interval", args=(app,), seconds=MAINTENANCE_LOOK_S, id="maintain")
        for errand in outgoing.jobs:
            scheduler.add_job(self._send, "interval", args=(errand,), seconds=errand.every_s, id=errand.name)
        scheduler.start()
        self._begin_at_once = lambda job: scheduler.modify_job(job.id, next_run_time=self._clock.now())
        self._activity.next_at = lambda name: self._next_at(scheduler, jobs, name)
        logger.info("started", mappings=list(self._config.names), jobs=len(jobs))
        self._watch(app, scheduler, pulse)
        logger.info("stopping after the operation in flight")
        self._supervisor.stopping()
        scheduler.shutdown(wait=False)
        with self._changed:
            ended = self._changed.wait_for(lambda: not self._in_flight, LAST_WAIT_S)
        if not ended:
            # Its outcome stays open in the journal and is settled at the next start.
            logger.warning("an operation is still in flight; leaving it in doubt")
            os._exit(self._code())

    def _watch(self, app: App, scheduler: BackgroundScheduler, pulse: Pulse) -> None:
        """Waits for the end, also that of the right to write, and says that all is well while it is. The scheduler goes
        by the wall clock and would sleep through one that was set back."""
        ahead_s = self._clock.now().timestamp() - self._clock.monotonic_s()
        while not self._clock.stop.wait(LOOK_S):
            try:
                app.store.permit()
            except StoreError as error:
                self._fail(error)
                return
            if pulse.is_alive():
                self._supervisor.alive()
            now_ahead_s = self._clock.now().timestamp() - self._clock.monotonic_s()
            if abs(now_ahead_s - ahead_s) > CLOCK_JUMP_S:
                logger.warning("the clock was set", seconds=round(now_ahead_s - ahead_s))
                for job in scheduler.get_jobs():
                    job.modify(next_run_time=self._clock.now())
            ahead_s = now_ahead_s

    @contextmanager
    def _between(self, jobs: list[_Job], name: str) -> Iterator[None]:
        """Held while no cycle of the mapping is under way; the next one begins right after. Raises Busy."""
        job = next((job for job in jobs if name in job.group.names), None)
        with self._flight(), ExitStack() as held:
            for tracker in sorted(set(job.group.trackers)) if job else ():
                if not self._locks[tracker].acquire(timeout=PATIENCE_S):
                    raise Busy
                held.callback(self._locks[tracker].release)
            if self._clock.stop.is_set():
                raise Busy
            yield
        if job:
            self._begin_at_once(job)

    def _next_at(self, scheduler: BackgroundScheduler, jobs: list[_Job], name: str) -> datetime | None:
        """When a mapping's next cycle is due, the pause of a tracker that is left alone included."""
        job = next((job for job in jobs if name in job.group.names), None)
        planned = scheduler.get_job(job.id) if job else None
        if job is None or planned is None or planned.next_run_time is None:
            return None
        pause_s = max(0.0, job.not_before_s - self._clock.monotonic_s())
        at: datetime = max(planned.next_run_time, self._clock.now() + timedelta(seconds=pause_s))
        return at

    def _maintain(self, app: App) -> None:
        with self._flight():
            if self._clock.stop.is_set():
                return
            try:
                app.maintain()
            except StoreError as error:
                logger.error("maintenance failed", problem=str(error))

    def _send(self, errand: Errand) -> None:
        with self._flight():
            if self._clock.stop.is_set():
                return
            try:
                errand.run()
            except Stopping:
                return
            except StoreError as error:
                self._fail(error)
            except Exception:
                logger.exception("errand failed", errand=errand.name)

    @contextmanager
    def _flight(self) -> Iterator[None]:
        with self._changed:
            self._in_flight += 1
        try:
            yield
        finally:
            with self._changed:
                self._in_flight -= 1
                self._changed.notify_all()

    def _cycle(self, app: App, job: _Job, health: Health, pulse: Pulse) -> None:
        """One turn of a job, a run of its own if it has anything to record. Nothing but a broken store may end the
        daemon."""
        with self._flight(), ExitStack() as held:
            held.callback(pulse.beat, job.id)
            pulse.beat(job.id)
            if self._clock.stop.is_set() or self._clock.monotonic_s() < job.not_before_s:
                return
            job.cycles += 1
            held.enter_context(log.bound(cycle=f"{job.id}#{job.cycles}"))
            for name in sorted(set(job.group.trackers)):
                held.enter_context(self._locks[name])
            try:
                run = LateRun(app.store, "run")
                reports = app.cycle(job.group, app.options(), run)
                run.finish({"mappings": [report.as_json() for report in reports]})
                self._note(app, job, reports, health)
                self._supervisor.ready()
            except Stopping:
                return
            except StoreError as error:
                self._fail(error)
            except Exception:
                logger.exception("cycle failed")

    def _code(self) -> int:
        if self._fatal is None:
            return 0
        return STORE_TAKEN_OVER if isinstance(self._fatal, StoreLocked) else STORE_FAILED

    def _fail(self, error: StoreError) -> None:
        logger.error("store failed", problem=str(error))
        self._fatal = self._fatal or error
        self._clock.stop.set()

    def _note(self, app: App, job: _Job, reports: list[MappingReport], health: Health) -> None:
        for report in reports:
            _summarise(report)
            self._activity.cycled(report)
            if report.problem is None:
                health.finished(report.name)
            health.in_doubt(report.name, _doubt_s(app, report))
        job.not_before_s = self._clock.monotonic_s() + min(report.retry_after_s or 0.0 for report in reports)


def _doubt_s(app: App, report: MappingReport) -> float | None:
    """How long the oldest write of a mapping has been in doubt; None where none is."""
    opened = [intent.opened_at for intent in app.store.open_intents(report.name)] if report.in_doubt else []
    return (app.clock.now() - min(opened)).total_seconds() if opened else None


def _summarise(report: MappingReport) -> None:
    """One line per mapping and cycle: counts only, no bodies."""
    counts = {
        "creates": sum(report.creates.values()),
        "updates": sum(report.updates.values()),
        "deletes": sum(report.deletes.values()),
        "comments": sum(report.comments.values()),
        "requests": sum(report.requests.values()),
        "pending": report.pending,
        "quarantined": report.quarantined,
        "conflicts": report.conflicts,
        "in_doubt": report.in_doubt,
    }
    if report.problem:
        logger.warning("cycle could not finish", mapping=report.name, problem=report.problem, **counts)
    else:
        logger.info("cycle finished", mapping=report.name, **counts)
    for note in report.notes:
        logger.warning("note", mapping=report.name, text=note)
