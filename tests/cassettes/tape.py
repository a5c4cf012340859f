"""Tape: a tracker whose exchanges are recorded to a cassette, or played back from one without any network."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import vcr
from vcr.record_mode import RecordMode
from vcr.request import Request

from reconciler.clock import Clock, VirtualClock
from reconciler.trackers.base import Scope, Tracker
from reconciler.trackers.registry import KINDS
from tests.cassettes.stages import ADO_URL, CLICKUP_URL, LIST, PROJECT, WORKSPACE, Stage, stage

SCRUBBED_HEADERS = ("authorization", "cookie", "user-agent")
SCRUBBED_ANSWERS = ("set-cookie",)
ADDRESS = re.compile(r"[\w.+-]+@(?!example\.com)[\w-]+(?:\.[\w-]+)+")
PERSON = re.compile(r'("(?:displayName|username|providerDisplayName)":\s*")(?!Sync Bot")[^"]+(")')

PLAYED: Mapping[str, tuple[Mapping[str, str], Mapping[str, object]]] = {
    "azure-devops": ({"url": ADO_URL, "token": "scrubbed"}, {"project": PROJECT, "types": ("Bug", "Task")}),
    "clickup": ({"url": CLICKUP_URL, "token": "pk_scrubbed", "workspace": WORKSPACE}, {"list": LIST}),
}
"""A tracker's table and side when a cassette is played: every cassette has been rewritten to these names."""


@dataclass(frozen=True)
class Tape:
    tracker: Tracker
    scope: Scope
    clock: Clock


@contextmanager
def tape(kind: str, path: Path, *, record: bool, token: str | None = None) -> Iterator[Tape]:
    """A tracker of that kind on the cassette at `path`; `token` takes the place of the good one. Playing fails where a
    request was not recorded, and where a recorded one is not asked for."""
    if not record:
        with _recorder(None).use_cassette(str(path), record_mode=RecordMode.NONE) as cassette:
            clock = VirtualClock(datetime.fromisoformat(cassette.get_metadata("recorded_at", None)))
            with _closing(_tape(kind, *PLAYED[kind], clock, None, token)) as played:
                yield played
            assert cassette.all_played, "the cassette holds requests that nobody sends any more"
        return
    path.unlink(missing_ok=True)
    with stage(kind) as scene, _recorder(scene).use_cassette(str(path), record_mode=RecordMode.ALL) as cassette:
        cassette.get_metadata("source", scene.source)
        cassette.get_metadata("recorded_at", scene.clock.now().isoformat())
        with _closing(_tape(kind, scene.table, scene.side, scene.clock, scene.transport, token)) as recorded:
            yield recorded


@contextmanager
def _closing(tape: Tape) -> Iterator[Tape]:
    try:
        yield tape
    finally:
        tape.tracker.close()


def _tape(
    kind: str, table: Mapping[str, str], side: Mapping[str, object], clock: Clock, transport: Any, token: str | None
) -> Tape:
    parts = KINDS[kind]
    connection = parts.connection.model_validate({"kind": kind, **table, **({"token": token} if token else {})})
    tracker = parts.make(kind, connection, clock, transport)
    return Tape(tracker, parts.scope(parts.side.model_validate(side), "UTC"), clock)


def _recorder(scene: Stage | None) -> vcr.VCR:
    """Secrets never reach the file; names, addresses and hosts arrive there as the invented ones."""
    renamed = dict(scene.renamed) if scene else {}

    def rename(text: str) -> str:
        for real, invented in renamed.items():
            text = text.replace(real, invented)
        return PERSON.sub(r"\1Sync Bot\2", ADDRESS.sub("sync@example.com", text))

    def request_for_file(request: Request) -> Request:
        address = urlsplit(request.uri)
        host = request.headers.get("host", address.netloc)
        request.uri = rename(urlunsplit(("https", host, *address[2:])))
        if request.body:
            request.body = rename(request.body.decode()).encode()
        return request

    def answer_for_file(answer: dict[str, Any]) -> dict[str, Any]:
        body = rename(answer["body"]["string"].decode())
        headers = {name: values for name, values in answer["headers"].items() if name.lower() not in SCRUBBED_ANSWERS}
        return {**answer, "headers": headers, "body": {"string": body.encode()}}

    return vcr.VCR(
        filter_headers=list(SCRUBBED_HEADERS),
        before_record_request=request_for_file if scene else None,
        before_record_response=answer_for_file if scene else None,
        decode_compressed_response=True,
        match_on=("method", "scheme", "host", "port", "path", "query", "body"),
    )
