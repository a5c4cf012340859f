"""API versions: where a caller states one and which ones are refused (FACTS ado 2.1 to 2.8)."""

from __future__ import annotations

import re

from reconciler.simulators.azure_devops import errors
from reconciler.simulators.kit.wire import Request

_VERSION = re.compile(r"^(?P<major>\d+)\.(?P<minor>\d+)(?P<preview>-preview(?:\.\d+)?)?$", re.IGNORECASE)
_IN_ACCEPT = re.compile(r"api-version=([^;,\s]+)", re.IGNORECASE)
_RELEASED = (7, 1)


def version_of(request: Request) -> str:
    """As stated in the query or the Accept header; "" where neither does."""
    stated = _IN_ACCEPT.search(request.headers.get("accept", ""))
    return request.param("api-version") or (stated[1] if stated else "")


def check_version(request: Request, *, preview_only: bool, latest: tuple[int, int]) -> str:
    """The version to answer in; raises ApiError 400 where the request states none or a wrong one."""
    version = version_of(request)
    if not version:
        if request.method != "GET":
            raise errors.version_missing(request.method)
        released = min(_RELEASED, latest)
        return f"{released[0]}.{released[1]}"
    parsed = _VERSION.match(version)
    number = (int(parsed["major"]), int(parsed["minor"])) if parsed else (99, 0)
    if parsed is None or number > latest or number < (1, 0):
        raise errors.version_out_of_range(version, f"{latest[0]}.{latest[1]}")
    if not parsed["preview"] and (preview_only or number > _RELEASED):
        raise errors.preview_flag_missing(version)
    return version
