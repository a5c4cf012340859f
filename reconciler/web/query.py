"""Query: what an address asks for, in its path and behind its question mark, checked."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request

from reconciler.naming import Reference

PAGE_MAX, LIMIT_MAX, WORDS_MAX = 100_000, 200, 200

ID_MAX = 2**63
"""No store counts as far."""


class BadQuery(Exception):
    """A value that cannot be meant; the text says which, and what may stand there."""


@dataclass(frozen=True, slots=True)
class LogQuery:
    """Which part of the history is asked for; "" means no filter. Raises BadQuery when read from what cannot be."""

    page: int = 1
    limit: int = 20
    mapping: str = ""
    kind: str = ""
    item: str = ""
    text: str = ""

    @classmethod
    def read(cls, given: QueryParams, limit: int = 20) -> LogQuery:
        return cls(
            number(given, "page", 1, PAGE_MAX),
            number(given, "limit", limit, LIMIT_MAX),
            *(_words(given, name) for name in ("mapping", "kind", "item", "text")),
        )

    @property
    def filters(self) -> dict[str, str]:
        """What is filtered by, for addresses of other pages of the same."""
        found = {"mapping": self.mapping, "kind": self.kind, "item": self.item, "text": self.text}
        return {name: value for name, value in found.items() if value}


def number(given: QueryParams, name: str, default: int, most: int) -> int:
    """A whole number from 1 to `most`. Raises BadQuery."""
    text = given.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= most):
        raise BadQuery(f"{name} must be a whole number from 1 to {most}")
    return int(text)


def id_in(request: Request) -> int:
    """The `id` of the path. Raises HTTPException 404 for one that no store has."""
    found = int(request.path_params["id"])
    if found >= ID_MAX:
        raise HTTPException(404)
    return found


def item_in(request: Request) -> Reference:
    """The item that the path names. Raises HTTPException 404 for a side that there is not."""
    parts = request.path_params
    if parts["side"] not in ("left", "right"):
        raise HTTPException(404)
    return Reference(parts["mapping"], "left" if parts["side"] == "left" else "right", parts["key"])


def _words(given: QueryParams, name: str) -> str:
    text = given.get(name, "").replace("\0", "").strip()
    if len(text) > WORDS_MAX:
        raise BadQuery(f"{name} must have at most {WORDS_MAX} characters")
    return text
