"""serve: a simulated tracker on a real socket, for foreign clients, browsers and the demo."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from reconciler.simulators.kit.wire import Request, Response, Service

_Receive = Callable[[], Awaitable[dict[str, Any]]]
_Send = Callable[[dict[str, Any]], Awaitable[None]]


@contextmanager
def serve(service: Service, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serves until the block ends; yields the base address without a trailing slash. Port 0 takes a free one."""
    # Without IPPROTO_TCP asyncio does not switch Nagle's algorithm off, which costs 44 ms per request.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((host, port))
    listening.listen()
    application = _Application(service)
    config = uvicorn.Config(
        application,
        http=application.protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        date_header=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True, name=f"simulator {port}")
    thread.start()
    try:
        yield f"http://{host}:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


class _Application:
    """The service as an ASGI application, with a grip on its connections so that it can break them."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._connections: dict[tuple[str, int], asyncio.Transport] = {}
        connections = self._connections

        class Protocol(H11Protocol):
            def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
                super().connection_made(transport)
                if self.client:
                    connections[self.client] = transport

            def connection_lost(self, exc: Exception | None) -> None:
                super().connection_lost(exc)
                if self.client:
                    connections.pop(self.client, None)

        self.protocol = Protocol

    async def __call__(self, scope: dict[str, Any], receive: _Receive, send: _Send) -> None:
        request = await _request(scope, receive)
        response = await asyncio.to_thread(self._service.handle, request)
        if response.dropped:
            self._connections[scope["client"]].abort()
            return
        await send({"type": "http.response.start", "status": response.status, "headers": _headers(response)})
        if response.truncated:
            half = response.body[: len(response.body) // 2]
            await send({"type": "http.response.body", "body": half, "more_body": True})
            self._connections[scope["client"]].close()
            return
        await send({"type": "http.response.body", "body": response.body})


async def _request(scope: dict[str, Any], receive: _Receive) -> Request:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    query = tuple(parse_qsl(scope["query_string"].decode(), keep_blank_values=True))
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    return Request(scope["method"], scope["path"], query, headers, bytes(body))


def _headers(response: Response) -> list[tuple[bytes, bytes]]:
    headers = {name.lower(): value for name, value in response.headers.items()}
    if response.status not in (204, 304):
        headers["content-length"] = str(len(response.body))
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
