"""Query: what an address asks for behind its question mark, checked."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.datastructures import QueryParams

PAGE_MAX, LIMIT_MAX, WORDS_MAX = 100_000, 200, 200


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


def _words(given: QueryParams, name: str) -> str:
    text = given.get(name, "").replace("\0", "").strip()
    if len(text) > WORDS_MAX:
        raise BadQuery(f"{name} must have at most {WORDS_MAX} characters")
    return text
