"""Router: which endpoint of a simulated tracker a method and path mean.

It only matches. What an unknown path or a wrong method is answered with differs between trackers and stays with them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

_Function = TypeVar("_Function", bound=Callable[..., Any])
_PLACEHOLDER = re.compile(r"\{([a-z_]+)(\*?)\}")


@dataclass(frozen=True, slots=True)
class Match:
    """`name` is the route as declared ("GET /task/{task}"), `values` the captured segments, decoded, as sent."""

    name: str
    endpoint: Callable[..., Any]
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Route:
    method: str
    name: str
    pattern: re.Pattern[str]
    endpoint: Callable[..., Any]


class Router:
    """Routes in the order of their declaration; the first that fits wins, so literal paths come before captures.

    `{name}` captures one path segment or a part of it, `{name*}` everything that is left, slashes included.
    """

    def __init__(self, *, ignore_case: bool = False) -> None:
        self._flags = re.IGNORECASE if ignore_case else re.NOFLAG
        self._routes: list[_Route] = []

    def route(self, method: str, *paths: str) -> Callable[[_Function], _Function]:
        """Declares the decorated function (or method) as the endpoint of `method` on each of `paths`."""

        def declare(endpoint: _Function) -> _Function:
            for path in paths:
                pattern = re.compile(_expression(path), self._flags)
                self._routes.append(_Route(method.upper(), f"{method.upper()} {path}", pattern, endpoint))
            return endpoint

        return declare

    def match(self, method: str, path: str) -> Match | None:
        """The endpoint for a request; None where the path is unknown or known only for other methods."""
        for route in self._routes:
            if route.method == method.upper() and (found := route.pattern.fullmatch(path)):
                return Match(route.name, route.endpoint, found.groupdict())
        return None

    def methods(self, path: str) -> frozenset[str]:
        """The methods that `path` knows; empty for an unknown path. Tells 405 from 404."""
        return frozenset(route.method for route in self._routes if route.pattern.fullmatch(path))


def _expression(path: str) -> str:
    parts = []
    end = 0
    for found in _PLACEHOLDER.finditer(path):
        parts.append(re.escape(path[end : found.start()]))
        parts.append(f"(?P<{found[1]}>{'.+' if found[2] else '[^/]+'})")
        end = found.end()
    return "".join(parts) + re.escape(path[end:]) + "/?"
