"""Authorization: whose request it is (FACTS clickup 1.2 to 1.4, 1.8, 1.9)."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.simulators.clickup import errors
from reconciler.simulators.clickup.entities import Member
from reconciler.simulators.kit.wire import Request


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token stands for: a person and, for OAuth, the Workspaces the person chose (None: all)."""

    token: str
    member: Member
    workspaces: frozenset[str] | None = None


class Tokens:
    """Personal tokens come raw, OAuth tokens with `Bearer`, which may be left out."""

    def __init__(self) -> None:
        self._grants: dict[str, Grant] = {}

    def add(self, grant: Grant) -> None:
        self._grants[grant.token] = grant

    def revoke(self, token: str) -> None:
        self._grants.pop(token, None)

    def grant(self, request: Request) -> Grant:
        """Raises ApiError for a missing or wrong header."""
        header = request.headers.get("authorization", "").strip()
        if not header:
            raise errors.header_missing()
        scheme, _, rest = header.partition(" ")
        bearer = scheme.lower() == "bearer"
        token = rest.strip() if bearer else header
        if token.startswith("pk_"):
            if bearer or token not in self._grants:
                raise errors.token_invalid()
        elif token not in self._grants:
            raise errors.token_unknown()
        return self._grants[token]
