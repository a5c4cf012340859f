"""Run: the demo from the first poll to the proof. Everything is real but the trackers and the time."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reconciler.app import App
from reconciler.clock import VirtualClock
from reconciler.config import load
from reconciler.decide import decide
from reconciler.demo.proof import Proof, compare
from reconciler.demo.script import SCENES
from reconciler.demo.stage import Stage, build, config_text, on_air
from reconciler.errors import ReconcilerError
from reconciler.model.report import MappingReport

BETWEEN_CYCLES_S = 180.0
"""Longer than a poll's overlap, so that each cycle reads only what is new."""

UNTIL_LOOKS_S = 660.0
"""Longer than the rhythm of the looks at comments that ClickUp's feed does not show."""

QUIET_CYCLES_AT_MOST = 12


IDLE_REQUESTS = 3
"""What changed on either side, and who got another parent in Azure DevOps."""


@dataclass
class Scene:
    """One scene and the cycle after it, with the requests that both servers counted."""

    number: int
    acts: list[str]
    report: MappingReport
    requests: dict[str, int]
    writes: dict[str, int]


@dataclass
class Result:
    """`ok` only if every pair is equal, at least one conflict occurred, and the idle cycle was silent."""

    items: int = 0
    types: int = 0
    scenes: list[Scene] = field(default_factory=list)
    proof: Proof = field(default_factory=Proof)
    conflicts: int = 0
    idle_requests: int = -1
    idle_writes: int = -1

    @property
    def silent(self) -> bool:
        return self.idle_requests == IDLE_REQUESTS and self.idle_writes == 0

    @property
    def ok(self) -> bool:
        return self.silent and not self.proof.differences and self.conflicts > 0 and self.items >= 60

    def as_json(self) -> dict[str, Any]:
        return {
            "ok": self.ok,
            "items": self.items,
            "types": self.types,
            "cycles": [
                {
                    "number": scene.number,
                    "acts": scene.acts,
                    "requests": scene.requests,
                    "writes": scene.writes,
                    "report": scene.report.as_json(),
                }
                for scene in self.scenes
            ],
            "pairs": self.proof.pairs,
            "equal_values": self.proof.values,
            "differences": self.proof.differences,
            "conflicts": self.conflicts,
            "idle_cycle": {"requests": self.idle_requests, "writes": self.idle_writes},
        }


Tell = Callable[[Scene], None]


@contextmanager
def staged(folder: Path) -> Iterator[tuple[Stage, App, Path]]:
    """Both servers up, the configuration written, the engine opened on it; everything ends with the block."""
    stage = build(VirtualClock())
    with on_air(stage) as addresses:
        path = folder / "config.toml"
        path.write_text(config_text(addresses, stage.task_list), encoding="utf-8")
        os.environ["RECONCILER_DEMO_ADO_TOKEN"] = stage.tokens["ado"]
        os.environ["RECONCILER_DEMO_CLICKUP_TOKEN"] = stage.tokens["clickup"]
        with App.open(load(path), clock=stage.clock) as app:
            yield stage, app, path


def run_demo(tell: Tell = lambda _scene: None) -> Result:
    """Plays all scenes in a temporary folder; `tell` hears of each cycle as it ends."""
    with tempfile.TemporaryDirectory(prefix="reconciler-demo-") as folder, staged(Path(folder)) as (stage, app, _):
        return _Play(stage, app, tell).run()


class _Play:
    def __init__(self, stage: Stage, app: App, tell: Tell) -> None:
        self._stage, self._app, self._tell = stage, app, tell
        [self._group] = app.groups()
        self._result = Result()

    def run(self) -> Result:
        self._count_items()
        self._scene(["Nothing is linked yet: the first cycle pairs equal titles and copies the rest"])
        for scene in SCENES:
            self._stage.clock.advance(BETWEEN_CYCLES_S)
            self._scene(scene(self._stage))
        self._decide_held_conflicts()
        self._rest()
        self._prove()
        return self._result

    def _count_items(self) -> None:
        world = self._stage.azure.world
        self._result.items = len(world.items) + len(self._stage.clickup.world.tasks)
        self._result.types = len({item.type_name for item in world.items.values()})

    def _scene(self, acts: list[str]) -> Scene:
        marks = self._marks()
        [report] = self._cycle()
        if report.problem:
            raise ReconcilerError(report.problem)
        scene = Scene(len(self._result.scenes) + 1, acts, report, *self._counted(marks))
        self._result.scenes.append(scene)
        self._tell(scene)
        return scene

    def _cycle(self) -> list[MappingReport]:
        return self._app.cycle(self._group, self._app.options(confirmed=True), None)

    def _marks(self) -> dict[str, int]:
        return {name: log.mark() for name, log in self._logs().items()}

    def _logs(self) -> dict[str, Any]:
        return {"ado": self._stage.azure.log, "clickup": self._stage.clickup_log}

    def _counted(self, marks: dict[str, int]) -> tuple[dict[str, int], dict[str, int]]:
        since = {name: log.since(marks[name]) for name, log in self._logs().items()}
        return {n: len(s) for n, s in since.items()}, {n: s.writes for n, s in since.items()}

    def _decide_held_conflicts(self) -> None:
        held = self._app.store.open_conflicts("web")
        for conflict in held:
            decide(self._app.store, self._stage.clock, conflict.id, "left")
        self._stage.clock.advance(BETWEEN_CYCLES_S)
        self._scene([f"Noor decides the {len(held)} held conflict for Azure DevOps: `reconciler conflicts resolve`"])
        self._result.conflicts = len(self._app.store.conflicts("web"))

    def _rest(self) -> None:
        """Cycles without anybody's edits until nothing is written any more, the slow looks included."""
        self._stage.clock.advance(UNTIL_LOOKS_S)
        for _ in range(QUIET_CYCLES_AT_MOST):
            scene = self._scene(["Nobody edits anything"])
            self._stage.clock.advance(BETWEEN_CYCLES_S)
            if not any(scene.writes.values()) and sum(scene.requests.values()) == IDLE_REQUESTS:
                return

    def _prove(self) -> None:
        links = self._app.store.all_links("web")
        self._result.proof = compare(self._stage, [(link.key("left"), link.key("right")) for link in links])
        marks = self._marks()
        self._cycle()
        requests, writes = self._counted(marks)
        self._result.idle_requests, self._result.idle_writes = sum(requests.values()), sum(writes.values())
