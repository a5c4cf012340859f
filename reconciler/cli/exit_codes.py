"""Exit codes, in one place; scripts and monitors rely on them."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

from reconciler.model.report import MappingReport


class ExitCode(IntEnum):
    CLEAN = 0
    LEFT_FOR_LATER = 1
    USAGE = 2
    UNAUTHORIZED = 3
    STORE = 4
    STORE_NEWER = 5
    LOCKED = 6
    GUARD = 7
    NEEDS_A_PERSON = 8
    INTERRUPTED = 130


BY_ERROR: dict[str, ExitCode] = {
    "ConfigError": ExitCode.USAGE,
    "ScopeRejected": ExitCode.USAGE,
    "Rejected": ExitCode.USAGE,
    "Gone": ExitCode.USAGE,
    "Unauthorized": ExitCode.UNAUTHORIZED,
    "StoreError": ExitCode.STORE,
    "StoreNewer": ExitCode.STORE_NEWER,
    "StoreLocked": ExitCode.LOCKED,
    "GuardTripped": ExitCode.GUARD,
    "Unavailable": ExitCode.LEFT_FOR_LATER,
    "OutcomeUnknown": ExitCode.LEFT_FOR_LATER,
}
"""What ends a command, by the name of the error class. A scope that a tracker refuses is a mistake in the file."""

_SEVERITY = (
    ExitCode.UNAUTHORIZED,
    ExitCode.USAGE,
    ExitCode.GUARD,
    ExitCode.LEFT_FOR_LATER,
    ExitCode.NEEDS_A_PERSON,
    ExitCode.CLEAN,
)
"""Which code a command over several mappings ends with: the first of these that any of them earned."""


def for_error(error: BaseException) -> ExitCode:
    return next((BY_ERROR[c.__name__] for c in type(error).__mro__ if c.__name__ in BY_ERROR), ExitCode.LEFT_FOR_LATER)


def worst(codes: Iterable[ExitCode]) -> ExitCode:
    return min(codes, key=_SEVERITY.index, default=ExitCode.CLEAN)


def for_report(report: MappingReport) -> ExitCode:
    """What one mapping's catch-up earned."""
    if report.problem_kind:
        return BY_ERROR.get(report.problem_kind, ExitCode.LEFT_FOR_LATER)
    if report.pending or report.in_doubt:
        return ExitCode.LEFT_FOR_LATER
    if report.conflicts or report.quarantined:
        return ExitCode.NEEDS_A_PERSON
    return ExitCode.CLEAN
