"""Api: the addresses for programs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from reconciler.log import redact
from reconciler.web.documents import project_maps, stats, sync_log
from reconciler.web.instance import Instance
from reconciler.web.metrics import exposition
from reconciler.web.openapi import description
from reconciler.web.query import LogQuery


def api_routes(instance: Instance) -> list[Route]:
    """GET only; each answers JSON, but the metrics."""

    def health(_request: Request) -> Response:
        document = instance.health.as_json()
        return as_json(document, 200 if document["status"] == "ok" else 503)

    def metrics(_request: Request) -> Response:
        return Response(redact(exposition(instance).decode()), media_type=CONTENT_TYPE_PLAIN_0_0_4)

    documents: dict[str, Callable[[Request], dict[str, Any]]] = {
        "/api/dashboard/stats": lambda _: stats(instance),
        "/api/dashboard/project-maps": lambda _: project_maps(instance.config),
        "/api/dashboard/sync-log": lambda request: sync_log(instance, LogQuery.read(request.query_params)),
        "/api/openapi.json": lambda _: description(),
    }
    return [
        Route("/api/health", health),
        Route("/metrics", metrics),
        *(Route(path, _answering(make)) for path, make in documents.items()),
    ]


def as_json(document: Any, code: int = 200) -> Response:
    """A document as an answer; never a secret, whichever value it stands in."""
    return Response(redact(json.dumps(document, ensure_ascii=False)), code, media_type="application/json")


def _answering(make: Callable[[Request], dict[str, Any]]) -> Callable[[Request], Response]:
    def answer(request: Request) -> Response:
        return as_json(make(request))

    return answer
