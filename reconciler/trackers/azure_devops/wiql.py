"""WIQL: the texts of the queries we ask. Pure.

Every query returns ids only, whatever it selects (FACTS ado 3.3), and is asked with timePrecision=true.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from reconciler.trackers.azure_devops.scope import ProjectScope

QUERY_CHARS_MAX = 28_000
"""The service takes 32,000 characters (FACTS ado 3.14)."""

SCOPES_CHARS_MAX = 14_000
KNOWN_MAX = 300


def literal(text: str) -> str:
    """A quote in a literal is doubled; nothing else is special (FACTS ado 3.18)."""
    return "'" + text.replace("'", "''") + "'"


def moment(when: datetime) -> str:
    """Whole seconds with Z: fractions may be ignored, a literal without zone is read in the caller's (FACTS ado 3.7,
    3.8)."""
    return literal(when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))


def covers(scope: ProjectScope) -> str:
    """The condition that an item lies in the scope; its admission condition is not part of it."""
    parts = [
        f"[System.TeamProject] = {literal(scope.project)}",
        f"[System.WorkItemType] IN ({', '.join(map(literal, scope.types))})",
    ]
    if scope.area_path:
        parts.append(f"[System.AreaPath] UNDER {literal(scope.area_path)}")
    return f"({' AND '.join(parts)})"


def any_of(scopes: Iterable[ProjectScope]) -> str:
    groups = list(dict.fromkeys(map(covers, scopes)))
    return groups[0] if len(groups) == 1 else f"({' OR '.join(groups)})"


def in_parts(scopes: Sequence[ProjectScope]) -> Iterator[list[ProjectScope]]:
    """The scopes in as few parts as queries of allowed length need; nearly always one."""
    part: list[ProjectScope] = []
    chars = 0
    for scope in scopes:
        more = len(covers(scope)) + 4
        if part and chars + more > SCOPES_CHARS_MAX:
            yield part
            part, chars = [], 0
        part.append(scope)
        chars += more
    if part:
        yield part


def assigned_in(project: str) -> str:
    """A query for the items of a project that somebody has, the last changed first."""
    where = f"[System.TeamProject] = {literal(project)} AND [System.AssignedTo] <> ''"
    return f"SELECT [System.Id] FROM WorkItems WHERE {where} ORDER BY [System.ChangedDate] DESC"  # noqa: S608 - as below


def changed_since(when: datetime | None) -> list[str]:
    return [] if when is None else [f"[System.ChangedDate] >= {moment(when)}"]


def not_at(known: Iterable[tuple[int, int]], chars_used: int) -> list[str]:
    """Conditions that leave out items (id, revision) that have been processed, as many as fit."""
    conditions: list[str] = []
    for number, revision in known:
        condition = f"NOT ([System.Id] = {number} AND [System.Rev] = {revision})"
        chars_used += len(condition) + 5
        if len(conditions) == KNOWN_MAX or chars_used > QUERY_CHARS_MAX:
            break
        conditions.append(condition)
    return conditions


def among(ids: Sequence[int]) -> str:
    return f"[System.Id] IN ({', '.join(map(str, ids))})"


def copies_since(when: datetime) -> list[str]:
    """Items that may be copies of ours: made by this credential, carrying a hyperlink (reliability.md 3.4)."""
    return [
        "[System.CreatedBy] = @Me",
        f"[System.CreatedDate] >= {moment(when)}",
        "[System.HyperLinkCount] > 0",
    ]


IS_DELETED = "[System.IsDeleted] = true"
"""What is in the recycle bin; nothing else shows it to a query (FACTS ado 3.21)."""


def query(conditions: Sequence[str], after: int = 0) -> str:
    """A query for ids in ascending order, continued behind `after`: the only order that edits do not disturb and the
    only paging there is (FACTS ado 3.11)."""
    keyset = [f"[System.Id] > {after}"] if after else []
    where = " AND ".join([*conditions, *keyset])
    return f"SELECT [System.Id] FROM WorkItems WHERE {where} ORDER BY [System.Id]"  # noqa: S608 - literals are quoted
