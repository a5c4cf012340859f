"""Api: the order in which a request is looked at - sign-in, path, version, type of the body, budget, endpoint."""

from __future__ import annotations

from dataclasses import replace

from reconciler.simulators.azure_devops import (
    endpoints,  # noqa: F401 - importing them declares their routes
    errors,
)
from reconciler.simulators.azure_devops.auth import SignInError, authenticate
from reconciler.simulators.azure_devops.endpoint import ROUTER, Call, ControllerError, Endpoint
from reconciler.simulators.azure_devops.errors import ApiError
from reconciler.simulators.azure_devops.identity import Grant
from reconciler.simulators.azure_devops.throttle import Throttle
from reconciler.simulators.azure_devops.versions import check_version
from reconciler.simulators.azure_devops.world import World
from reconciler.simulators.kit.wire import Request, Response

_TYPES = {
    "json": ("application/json",),
    "patch": ("application/json-patch+json",),
    "bytes": ("application/octet-stream",),
}
_LOOPBACK = ("localhost", "127.", "[::1]")


class Api:
    """Answers requests below `/{organization}`; the organisation may have several segments, as on older servers."""

    def __init__(self, world: World, throttle: Throttle) -> None:
        self._world = world
        self._throttle = throttle

    def handle(self, request: Request) -> Response:
        try:
            grant = authenticate(self._world, request)
            self._throttle.admit(grant.user)
            self._world.purge()
            response = self._throttle.mark(grant.user, self._answer(request, grant))
        except SignInError as refusal:
            return self._headed(request, refusal.response)
        except ApiError as error:
            return self._headed(request, error.response())
        return self._headed(request, response)

    def route(self, request: Request) -> str:
        """The name of the route of a request, for counting."""
        match = ROUTER.match(request.method, self._below(request.path) or "")
        return match.name if match else f"{request.method} unknown"

    def writes(self, request: Request) -> bool:
        match = ROUTER.match(request.method, self._below(request.path) or "")
        dry = request.param("validateOnly").lower() == "true"
        return isinstance(match.endpoint, Endpoint) and match.endpoint.writes and not dry if match else False

    def _answer(self, request: Request, grant: Grant) -> Response:
        call = Call(self._world, request, grant, self._base(request), dispatch=self._nested)
        try:
            return self._dispatch(call)
        except ControllerError:
            text = f"The controller for path '{request.path}' was not found or does not implement IController."
            return Response(404, {"content-type": "text/plain; charset=utf-8"}, text.encode())

    def _dispatch(self, call: Call) -> Response:
        request = call.request
        path = self._below(request.path)
        match = ROUTER.match(request.method, path) if path is not None else None
        if match is None or not isinstance(match.endpoint, Endpoint):
            if path is not None and (known := ROUTER.methods(path)):
                allowed = ", ".join(sorted(known))
                error = errors.framework_error(
                    405, "The requested resource does not support this method.", "VssMethodNotAllowed"
                )
                error.headers["allow"] = allowed
                raise error
            raise ControllerError
        found = match.endpoint
        version = ""
        if found.versioned:
            version = check_version(request, preview_only=found.preview, latest=self._world.switches.latest_version)
        self._check_body(request, found.body)
        if found.writes and not call.grant.write:
            raise errors.forbidden("The token does not have the scope to write.")
        call.values = {name: value for name, value in match.values.items() if value}
        return _versioned(found(call), version)

    def _nested(self, call: Call) -> Response:
        """An entry of a batch: its errors become its answer."""
        try:
            return self._dispatch(call)
        except ApiError as error:
            return error.response()
        except ControllerError:
            return errors.bad_request("The entry of the batch is not supported.").response()

    def _check_body(self, request: Request, kind: str) -> None:
        if not kind:
            return
        given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if given not in _TYPES[kind]:
            raise errors.content_type_unsupported(given, request.method, _TYPES[kind])

    def _below(self, path: str) -> str | None:
        prefix = f"/{self._world.organization}"
        return path[len(prefix) :] or "/" if f"{path}/".lower().startswith(f"{prefix}/".lower()) else None

    def _base(self, request: Request) -> str:
        host = request.headers.get("host", "dev.azure.com")
        scheme = "http" if host.startswith(_LOOPBACK) else "https"
        return f"{scheme}://{host}/{self._world.organization}"

    def _headed(self, request: Request, response: Response) -> Response:
        """The headers by which the service wants to be quoted (FACTS ado 15.7)."""
        activity = self._world.guid("activity", self._world.count("activity"))
        session = request.headers.get("x-tfs-session") or self._world.guid("session")
        headers = {"activityid": activity, "x-vss-e2eid": activity, "x-tfs-session": session}
        return replace(response, headers={**headers, **response.headers})


def _versioned(response: Response, version: str) -> Response:
    """Says in the answer which version it is in (FACTS ado 2.1)."""
    kind = response.headers.get("content-type", "")
    if not version or not kind.startswith("application/json") or response.status >= 400:
        return response
    return replace(response, headers={**response.headers, "content-type": f"{kind}; api-version={version}"})
