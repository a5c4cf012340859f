"""InProcess: an httpx transport that calls simulated trackers directly, for fast and deterministic runs.

The one place besides `trackers/http.py` that knows httpx, because it stands in for httpx's own network layer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import httpx

from reconciler.simulators.kit.wire import Request, Response, Service


class InProcess(httpx.BaseTransport):
    """`services` by base address ("https://dev.azure.com", "http://localhost/tracker"); the longest one that fits an
    address answers, with the base's own path cut off. An address that fits none raises ConnectError, and so does a
    base listed in `refused`. Broken connections and delays beyond the read timeout raise what httpx raises for them.
    """

    def __init__(self, services: Mapping[str, Service]) -> None:
        self._services = {base.rstrip("/"): service for base, service in services.items()}
        self.refused: set[str] = set()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        base, service = self._serving(request)
        body = request.read()
        path = request.url.path[len(httpx.URL(base).path.rstrip("/")) :] or "/"
        headers = {name.lower(): value for name, value in request.headers.items()}
        query = tuple(request.url.params.multi_items())
        response = service.handle(Request(request.method, path, query, headers, body))
        read_timeout_s = request.extensions.get("timeout", {}).get("read")
        if read_timeout_s is not None and response.delay_s > read_timeout_s:
            raise httpx.ReadTimeout("The read operation timed out", request=request)
        if response.dropped:
            raise httpx.ReadError("The connection was reset", request=request)
        return httpx.Response(response.status, headers=_headers(response), stream=_Body(response))

    def _serving(self, request: httpx.Request) -> tuple[str, Service]:
        address = str(request.url)
        fitting = [base for base in self._services if address == base or address.startswith((f"{base}/", f"{base}?"))]
        base = max(fitting, key=len, default="")
        if not base or base in self.refused:
            raise httpx.ConnectError("Connection refused", request=request)
        return base, self._services[base]


class _Body(httpx.SyncByteStream):
    def __init__(self, response: Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        body = self._response.body
        if self._response.truncated:
            yield body[: len(body) // 2]
            raise httpx.RemoteProtocolError("peer closed connection without sending complete message body")
        yield body


def _headers(response: Response) -> dict[str, str]:
    """The answer's headers as a server sends them: with the length of the body, where one may be there."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    if response.status not in (204, 304):
        headers["content-length"] = str(len(response.body))
    return headers
