"""Session: who has shown the dashboard's token in this browser, for a while and until the daemon ends."""

from __future__ import annotations

import hmac
import secrets
import threading
from dataclasses import dataclass, field

from reconciler.clock import Clock

LASTS_S = 12 * 3600.0

AT_MOST = 100
"""The one that began first ends when another begins beyond these."""


@dataclass(frozen=True, slots=True)
class Session:
    """`id` is the cookie's value, `csrf` what every form of the session's pages carries."""

    id: str
    csrf: str
    ends_s: float


@dataclass
class Sessions:
    """Safe to use from several threads. Without a token nobody can sign in."""

    clock: Clock
    token: str = field(repr=False)
    _mutex: threading.Lock = field(default_factory=threading.Lock)
    _open: dict[str, Session] = field(default_factory=dict, repr=False)

    def accepts(self, token: str) -> bool:
        """Whether that is the token; takes equally long wherever it differs."""
        return bool(self.token) and hmac.compare_digest(token.encode(), self.token.encode())

    def begin(self, token: str) -> Session | None:
        """A new session for whoever knows the token."""
        if not self.accepts(token):
            return None
        made = Session(secrets.token_urlsafe(32), secrets.token_urlsafe(32), self.clock.monotonic_s() + LASTS_S)
        with self._mutex:
            while len(self._open) >= AT_MOST:
                del self._open[next(iter(self._open))]
            self._open[made.id] = made
        return made

    def find(self, cookie: str | None) -> Session | None:
        """The session of a cookie while it lasts."""
        with self._mutex:
            found = self._open.get(cookie or "")
            if found is not None and self.clock.monotonic_s() >= found.ends_s:
                del self._open[found.id]
                found = None
        return found

    def end(self, session: Session) -> None:
        with self._mutex:
            self._open.pop(session.id, None)
