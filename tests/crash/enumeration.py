"""Enumeration: a scenario lived once without a death, then once more from every photograph of that life to its end."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tests.crash.boundary import Camera, Killed, Photograph, watching
from tests.crash.checks import Ending, after_death, allowance, at_rest, ending
from tests.crash.disk import Disk, Folder
from tests.crash.observer import Observer, agreed, as_kept
from tests.crash.scenarios import SCENARIOS, Scenario
from tests.crash.stage import Posted, Stage


@dataclass(frozen=True, slots=True)
class Course:
    """A scenario's life without a death. `points` are its photographs, `boundaries` how many crash points they stand
    for, `seen` which of them stands for each; the life began as `start` shows."""

    scenario: Scenario
    start: Photograph
    observer: Observer
    points: Sequence[Photograph]
    seen: Sequence[int]
    end: Ending


@dataclass(slots=True)
class Life:
    """What came after a death. `extra` are the requests that it cost; `further` the photographs of this life, which
    stand for `boundaries` crash points."""

    broken: list[str] = field(default_factory=list)
    extra: int = 0
    further: Sequence[Photograph] = ()
    boundaries: int = 0


@cache
def course(name: str) -> Course:
    """Lived in a folder of its own, once a process; the same in every process."""
    with tempfile.TemporaryDirectory(prefix="crash-") as folder:
        return live(SCENARIOS[name], Folder(Path(folder)))


def live(scenario: Scenario, disk: Disk) -> Course:
    """The life without a death, from an empty `disk`."""
    stage = Stage(Path(), store_url=disk.url, **scenario.policy)
    scenario.prepare(stage)
    past = (agreed(stage),)
    stage.store.close()
    stage.begin_anew()
    if scenario.forgets:
        disk.restore(disk.nothing)
    observer = Observer(stage)
    start = Photograph("at the beginning", 0, stage.freeze(), disk.capture(), past)
    camera = Camera(stage, disk, observer, start)
    with scenario.around():
        with watching(camera, stage):
            stage.start()
            _live_on(scenario, stage, 0, camera)
        end = ending(stage)
        broken = at_rest(stage, end, late=False)
    stage.store.close()
    assert not broken, broken
    return Course(scenario, start, observer, camera.photographs, camera.seen, end)


def survive(course: Course, point: Photograph, disk: Disk, *, watched: bool = False) -> Life:
    """The life after the death that `point` shows. `watched` takes its photographs too."""
    life, scenario, late = Life(), course.scenario, point.late or point.posted is not None
    disk.restore(point.disk)
    stage = Stage.thaw(point.servers, disk.url)
    camera = Camera(stage, disk, course.observer, point) if watched else None
    with scenario.around():
        allowed = point.excused
        with watching(camera, stage) if camera else nullcontext():
            reads = stage.reads_cut_short()
            stage.start()
            allowed += reads + allowance(stage.store, swept=scenario.sweeps, late=late)
            if camera:
                camera.excused = allowed
            course.observer.look_at(point.servers)
            life.broken += after_death(stage, course.observer, point.past, unseen=scenario.unseen)
            if point.posted is not None:
                stage.posted = Posted(stage, *point.posted)
            try:
                _live_on(scenario, stage, point.step, camera)
                if stage.posted is not None:
                    stage.posted.deliver()
                    stage.rest()
            except AssertionError as error:
                life.broken.append(str(error))
        life.extra = ending(stage).requests - course.end.requests
        if life.extra > allowed:
            life.broken.append(f"the death cost {life.extra} requests, {allowed} are allowed")
        life.broken += at_rest(stage, course.end, late=late)
    stage.store.close()
    life.further, life.boundaries = (camera.photographs, len(camera.seen)) if camera else ((), 0)
    return life


def die_loudly(course: Course, boundary: int, disk: Disk) -> list[str]:
    """Lives until that boundary and dies of an exception there, with everything that Python does then: what is left has
    to be what a death without a word leaves."""
    disk.restore(course.start.disk)
    stage = Stage.thaw(course.start.servers, disk.url)
    camera = Camera(stage, disk, course.observer, course.start, deadly=boundary)
    try:
        with course.scenario.around(), watching(camera, stage):
            stage.start()
            _live_on(course.scenario, stage, 0, camera)
        return ["it did not die"]
    except Killed:
        if stage.is_open:
            stage.close()
    mine = disk.contents(), as_kept(stage)
    silent = course.points[course.seen[boundary]]
    disk.restore(silent.disk)
    theirs = disk.contents(), as_kept(Stage.thaw(silent.servers, disk.url))
    return [f"dying of an exception left {a}, dying silently {b}" for a, b in zip(mine, theirs, strict=True) if a != b]


def _live_on(scenario: Scenario, stage: Stage, step: int, camera: Camera | None) -> None:
    for number in range(step, len(scenario.steps)):
        if camera is not None:
            camera.begin(number)
        scenario.steps[number](stage)
