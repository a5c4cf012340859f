"""Application: every address put together, what is true of each answer, and what is said when something is wrong."""

from __future__ import annotations

from http import HTTPStatus

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reconciler import log
from reconciler.errors import StoreError
from reconciler.web.acting import acting_routes
from reconciler.web.api import api_routes, as_json
from reconciler.web.instance import Instance
from reconciler.web.pages import Pages
from reconciler.web.query import BadQuery
from reconciler.web.session import Sessions

logger = log.get_logger(__name__)

HEADERS = {
    "content-security-policy": "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none';"
    " object-src 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}

LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]", ""})
"""Names under which this machine reaches itself; a request without a name comes from no browser."""


def make_application(instance: Instance) -> ASGIApp:
    """The application of `run`. It never shows a traceback, and a secret nowhere."""
    sessions = Sessions(instance.clock, instance.config.dashboard.token)
    pages = Pages(instance, sessions)

    def problem(request: Request, code: int, sentence: str, headers: dict[str, str] | None = None) -> Response:
        if request.url.path.startswith(("/api/", "/metrics")):
            answer = as_json({"error": sentence, "status": HTTPStatus(code).phrase}, code)
        else:
            answer = pages.problem(request, code, sentence)
        answer.headers.update(headers or {})
        return answer

    def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        sentence = error.detail if error.status_code != 404 else "there is nothing at this address"
        return problem(request, error.status_code, sentence, dict(error.headers or {}))

    def misread(request: Request, error: Exception) -> Response:
        return problem(request, 400, str(error))

    def store_failed(request: Request, error: Exception) -> Response:
        return problem(request, 503, str(error))

    def unexpected(request: Request, _error: Exception) -> Response:
        return problem(request, 500, "a mistake in the program; the log has the details")

    application = Starlette(
        routes=[*api_routes(instance), *acting_routes(instance, sessions, pages), *pages.routes()],
        exception_handlers={
            HTTPException: refused,
            BadQuery: misread,
            StoreError: store_failed,
            Exception: unexpected,
        },
    )
    return _Guarded(application, local=instance.config.dashboard.is_local)


class _Guarded:
    """Refuses names that a foreign page has made point to this machine, and adds to every answer what keeps browsers
    from doing anything with it but showing it."""

    def __init__(self, application: ASGIApp, *, local: bool) -> None:
        self._application = application
        self._local = local

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message["headers"]}
                added = {**HEADERS, "cache-control": "no-store"}
                message["headers"] = [
                    *message["headers"],
                    *((k.encode(), v.encode()) for k, v in added.items() if k.encode() not in present),
                ]
            await send(message)

        if self._local and scope["type"] == "http" and _host_of(scope) not in LOCAL_NAMES:
            sentence = "this page answers to localhost and 127.0.0.1 only; a proxy in front has to ask by these names"
            await as_json({"error": sentence, "status": "Misdirected Request"}, 421)(scope, receive, send_guarded)
            return
        try:
            await self._application(scope, receive, send_guarded)
        except Exception:
            # Starlette has answered, and raises all the same; the server would drop a connection that is still good.
            logger.exception("page failed", path=scope["path"])


def _host_of(scope: Scope) -> str:
    """The name that was asked, without its port."""
    host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdigit() else host).lower()
