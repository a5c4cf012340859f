"""Serving: an ASGI application on an address, in a thread of its own, for as long as a block lasts."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from reconciler.errors import ConfigError


@contextmanager
def serve(listen: str, application: ASGIApp) -> Iterator[None]:
    """Serves on `listen` ("host:port") until the block ends; "" serves nothing. Raises ConfigError where the address
    cannot be used."""
    if not listen:
        yield
        return
    listening = _listening(listen)
    config = uvicorn.Config(application, log_config=None, access_log=False, lifespan="off", server_header=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True, name="web")
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(timeout=5)
        listening.close()


def _listening(listen: str) -> socket.socket:
    host, _, port = listen.rpartition(":")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Without IPPROTO_TCP asyncio leaves Nagle's algorithm on, which costs 44 ms per request.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host.strip("[]"), int(port)))
    except OSError as error:
        listening.close()
        raise ConfigError(
            [f'dashboard.listen: cannot listen on "{listen}": {error.strerror}; choose another or ""']
        ) from None
    listening.listen()
    return listening
