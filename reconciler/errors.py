"""Every error the program raises on purpose, grouped by what the caller does next.

ReconcilerError
  ConfigError(problems)          stop; sentences for the operator, exit code 2
  StoreError                     stop; the state on disk is not what we think, exit code 4
    StoreMissing                 nothing was synchronised yet
    StoreNewer                   written by a newer version, left untouched, exit code 5
    StoreLocked                  another instance holds it, exit code 6
  GuardTripped(rule, digest)     skip this mapping this cycle; nothing written; a person must look, exit code 7
  TrackerError(tracker, key)
    Unavailable(retry_after_s)   this tracker later: rate limit, connection refused, timeout or 5xx on a read
    Unauthorized                 this tracker not until the operator acts, exit code 3
    Rejected                     this item is parked, its snapshot kept: 4xx, a value that does not fit
      Gone                       the tracker does not show the item (any more); proves nothing about deletion
      StaleRevision              changed under us: decide again next cycle
    OutcomeUnknown               timeout or 5xx on a write: it may have happened, the journal entry stays open
"""

from __future__ import annotations

from collections.abc import Sequence


class ReconcilerError(Exception):
    """Base of all; its text is one clear sentence a person can act on."""


class ConfigError(ReconcilerError):
    """The configuration cannot be used. `problems` lists every mistake, each with its path and its fix."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class StoreError(ReconcilerError):
    """The store cannot be read or written."""


class StoreMissing(StoreError):
    """There is no store yet; the first sync makes it."""


class StoreNewer(StoreError):
    """The store was written by a newer version; it has not been touched."""


class StoreLocked(StoreError):
    """Another running instance holds the store."""


class GuardTripped(ReconcilerError):
    """A plan looks like an accident and was not applied. `digest` names the plan for a one-time override."""

    def __init__(self, message: str, *, rule: str, digest: str) -> None:
        super().__init__(message)
        self.rule = rule
        self.digest = digest


class TrackerError(ReconcilerError):
    """Something between us and one tracker. `tracker` is its configured name, `key` the item's, where one is meant;
    `retry_after_s` says for how long the tracker is left alone, None where nobody decided that."""

    def __init__(self, message: str, *, tracker: str = "", key: str = "", retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.tracker = tracker
        self.key = key
        self.retry_after_s = retry_after_s

    @property
    def message(self) -> str:
        """The sentence without the tracker's name in front."""
        return str(self.args[0])

    def __str__(self) -> str:
        return f"{self.tracker}: {self.message}" if self.tracker else self.message


class Unavailable(TrackerError):
    """Nothing happened; worth trying again after `retry_after_s` seconds (None: own backoff)."""


class Unauthorized(TrackerError):
    """The credentials are refused, in whatever disguise the tracker chose."""


class Rejected(TrackerError):
    """The tracker understood and refused. `code` is the tracker's own code; `field` the neutral field it is about;
    `whole_item` says that it will not change this item again, whatever is sent."""

    def __init__(
        self,
        message: str,
        *,
        tracker: str = "",
        key: str = "",
        code: str = "",
        field: str = "",
        whole_item: bool = False,
    ) -> None:
        super().__init__(message, tracker=tracker, key=key)
        self.code = code
        self.field = field
        self.whole_item = whole_item


class Gone(Rejected):
    """The item is not there for us: deleted, moved away, or hidden by permissions."""


class StaleRevision(Rejected):
    """The item changed since the revision the write was planned from; nothing was written."""


class ScopeRejected(Rejected):
    """The tracker refuses to list `scope`: a type, area, list or condition in it does not exist."""

    def __init__(self, message: str, *, scope: object, tracker: str = "", code: str = "") -> None:
        super().__init__(message, tracker=tracker, code=code)
        self.scope = scope


class OutcomeUnknown(TrackerError):
    """A write was sent and its fate is not known. It must never be repeated blindly."""
