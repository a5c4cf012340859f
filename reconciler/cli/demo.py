"""Demo and simulate, as a person sees them."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

from rich.markup import escape

from reconciler.cli.exit_codes import ExitCode
from reconciler.cli.output import as_text, out, print_json
from reconciler.clock import SystemClock, VirtualClock
from reconciler.config.schema import json_schema
from reconciler.demo.run import Result, Scene, run_demo
from reconciler.demo.stage import Stage, build, config_text, on_air
from reconciler.errors import ConfigError

DASHBOARD_PORT = 8080

HISTORY = timedelta(hours=12)
"""How long ago the simulated project begins when servers are to stay up."""


def play(*, as_json: bool) -> ExitCode:
    """Runs the demo and shows it; CLEAN only if everything it set out to prove held."""
    if as_json:
        result = run_demo()
        print_json(result.as_json())
    else:
        out.print(
            "[bold]Two simulated trackers, the real engine between them, three people editing both sides[/bold]\n"
        )
        result = run_demo(_tell)
        _conclude(result)
    return ExitCode.CLEAN if result.ok else ExitCode.LEFT_FOR_LATER


def _tell(scene: Scene) -> None:
    for act in scene.acts:
        out.print(f"[bold]{scene.number:2}[/bold]  {escape(act)}")
    report = scene.report
    done = [f"{sum(report.creates.values())} created"] * bool(report.creates)
    done += [f"{report.paired} paired"] * bool(report.paired)
    done += [f"{sum(report.updates.values())} updated"] * bool(report.updates)
    done += [f"{sum(report.comments.values())} comments"] * bool(report.comments)
    done += [f"{sum(report.attachments.values())} attachments"] * bool(report.attachments)
    done += [f"{report.conflicts} {'conflict' if report.conflicts == 1 else 'conflicts'} held"] * bool(report.conflicts)
    writes, requests = sum(scene.writes.values()), sum(scene.requests.values())
    out.print(
        f"    [dim]cycle: {', '.join(done) or 'nothing to do'}; {requests} requests, {writes} of them writes[/dim]"
    )


def _conclude(result: Result) -> None:
    proof = result.proof
    out.print()
    out.print(
        f"{result.items} items of {result.types} types, {proof.pairs} pairs, {result.conflicts} conflicts on record"
    )
    if proof.differences:
        out.print(f"[red]{len(proof.differences)} differences:[/red]")
        for sentence in proof.differences[:20]:
            out.print(f"  {escape(sentence)}")
    else:
        out.print(f"[green]equal[/green]: {proof.values} values compared between the two servers, no difference")
    colour = "green" if result.silent else "red"
    out.print(f"[{colour}]idle cycle[/{colour}]: {result.idle_requests} requests, {result.idle_writes} writes")


# --- servers that stay up --------------------------------------------------------------------------------------------


def _free_port(wanted: int) -> int:
    """That one where it is free, else any other."""
    for port in (wanted, 0):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise ConfigError(["no port of this machine can be listened on"])


class _Live(VirtualClock):
    """The simulated servers' clock when people watch: virtual while history is made, then ticking like any other."""

    def __init__(self, system: SystemClock) -> None:
        super().__init__(system.now() - HISTORY)
        self._system = system
        self._began_s = system.monotonic_s()

    def monotonic_s(self) -> float:
        return super().monotonic_s() + self._system.monotonic_s() - self._began_s

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self.monotonic_s())

    def sleep(self, seconds: float) -> None:
        self._system.sleep(seconds)

    def catch_up(self) -> None:
        """Advances to the present."""
        self.advance((self._system.now() - self.now()).total_seconds())


def _live_stage(clock: SystemClock) -> Stage:
    live = _Live(clock)
    stage = build(live)
    live.catch_up()
    return stage


def simulate_and_stay(clock: SystemClock, ado_port: int, clickup_port: int, write_config: Path | None) -> None:
    """Serves both simulated trackers until asked to stop, and says how to use them."""
    stage = _live_stage(clock)
    with _listening(stage, ado_port, clickup_port) as addresses:
        tokens, organization, service = stage.tokens, addresses["ado"], addresses["clickup"]
        if write_config is not None:
            schema = write_config.with_suffix(".schema.json")
            _write(write_config, f"#:schema ./{schema.name}\n{config_text(addresses, stage.task_list)}")
            _write(schema, as_text(json_schema()) + "\n")
            out.print(f"wrote {write_config}; to use it, in another shell:\n")
            out.print(f"export RECONCILER_DEMO_ADO_TOKEN={tokens['ado']}")
            out.print(f"export RECONCILER_DEMO_CLICKUP_TOKEN={tokens['clickup']}")
            out.print(f"reconciler --config {write_config} plan")
        else:
            out.print("In another shell, to get from here to a first plan:\n")
            out.print(f"export ADO_PAT={tokens['ado']} ADO_ORGANIZATION={organization}")
            out.print(f"export CLICKUP_API_TOKEN={tokens['clickup']} CLICKUP_URL={service}")
            out.print("reconciler init")
        out.print(f"\nAzure DevOps at {addresses['ado']}, ClickUp at {addresses['clickup']}; Ctrl-C ends them")
        clock.stop.wait()


@contextmanager
def _listening(stage: Stage, ado_port: int, clickup_port: int) -> Iterator[dict[str, str]]:
    """`on_air`, where a port that is taken is a mistake of usage."""
    with ExitStack() as held:
        try:
            addresses = held.enter_context(on_air(stage, ado_port, clickup_port))
        except OSError as error:
            ports = f"--ado-port {ado_port} or --clickup-port {clickup_port}"
            raise ConfigError(
                [f"{ports} cannot be used: {error.strerror}; choose others, or 0 for free ones"]
            ) from None
        yield addresses


def serve_and_stay(clock: SystemClock) -> None:
    """Both simulated trackers, the daemon between them and its dashboard, until asked to stop."""
    from reconciler import log
    from reconciler.config import load
    from reconciler.daemon import Daemon

    stage = _live_stage(clock)
    with tempfile.TemporaryDirectory(prefix="reconciler-demo-") as folder, on_air(stage) as addresses:
        path = Path(folder) / "config.toml"
        text = config_text(addresses, stage.task_list).replace('poll_every = "30s"', 'poll_every = "5s"')
        listen = f"127.0.0.1:{_free_port(DASHBOARD_PORT)}"
        text = text.replace('listen = ""', f'listen = "{listen}"')
        _write(path, text.replace('conflict = "newest"', 'conflict = "newest"\nfirst_sync = "apply"'))
        os.environ["RECONCILER_DEMO_ADO_TOKEN"] = stage.tokens["ado"]
        os.environ["RECONCILER_DEMO_CLICKUP_TOKEN"] = stage.tokens["clickup"]
        out.print(f"Azure DevOps at {addresses['ado']}  token {stage.tokens['ado']}")
        out.print(f"ClickUp at {addresses['clickup']}  token {stage.tokens['clickup']}  list {stage.task_list.id}")
        out.print(f"Dashboard at http://{listen}/")
        out.print("the daemon polls every 5 s; edit either side through its API and watch; Ctrl-C ends everything\n")
        log.configure("INFO")
        Daemon(load(path), clock).run()


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError([f"{path}: cannot be written: {error.strerror}"]) from None
