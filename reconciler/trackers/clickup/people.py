"""People: who the token belongs to, and who can be assigned. From the workspace, since Lists and tasks name only those
with explicit access (FACTS clickup 2.12)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from reconciler.clock import Clock
from reconciler.errors import Rejected
from reconciler.model.person import Person
from reconciler.trackers.clickup.client import Client

FRESH_S = 600.0
"""How long the list of members is good enough to say that somebody is not in it."""

_GUEST = 4  # FACTS clickup 13.1


def person(user: Mapping[str, Any]) -> Person:
    """A user object of any answer. Invited people have no name yet, others may hide their address (13.1, 13.2)."""
    address = str(user.get("email") or "").strip().lower()
    return Person(address, str(user.get("username") or address or ""), str(user.get("id") or ""))


class People:
    """The members of one workspace. `notes` are sentences for the operator."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._members: dict[str, Person] = {}
        self._by_key: dict[str, Person] = {}
        self._read_at_s: float | None = None
        self.own_id = ""
        self.own_name = ""
        self.own_address = ""
        self.zone: tzinfo = UTC
        self.notes: list[str] = []

    def meet(self) -> None:
        """Learns who we are and who is there. Raises Unauthorized for a bad token, Rejected for an unknown
        workspace."""
        user = self._client.user()
        self.own_id = str(user.get("id") or "")
        self.own_name = str(user.get("username") or "")
        self.own_address = str(user.get("email") or "")
        self.notes = []
        self.zone = self._zone(str(user.get("timezone") or ""))
        self._read_members()

    def find(self, address: str) -> Person | None:
        """The member with that e-mail address, in any case; None if there is none."""
        wanted = address.strip().lower()
        stale = self._read_at_s is None or self._clock.monotonic_s() - self._read_at_s > FRESH_S
        if wanted not in self._members and stale:
            self._read_members()
        return self._members.get(wanted) if wanted else None

    def with_key(self, key: str) -> Person | None:
        """The member with that id, as far as the workspace was read; former members are not in it (13.3)."""
        return self._by_key.get(key)

    def _read_members(self) -> None:
        workspaces = {str(row.get("id")): row for row in self._client.workspaces()}
        ours = workspaces.get(self._client.workspace)
        if ours is None:
            known = ", ".join(f'workspace = "{key}" ({row.get("name")})' for key, row in workspaces.items()) or "none"
            raise Rejected(f"the token has no access to workspace {self._client.workspace}; it has access to: {known}")
        users = [member.get("user") or {} for member in ours.get("members") or []]
        found = [person(user) for user in users]
        self._members = {one.address: one for one in found if one.address}
        self._by_key = {one.key: one for one in found}
        self._read_at_s = self._clock.monotonic_s()
        if any(str(user.get("id")) == self.own_id and user.get("role") == _GUEST for user in users):
            self._note("the token belongs to a guest, who sees only what was shared with them")  # FACTS clickup trap 52

    def _zone(self, name: str) -> tzinfo:
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self._note(f'the time zone "{name}" of the token\'s user is unknown; days are those of UTC')
            return UTC

    def _note(self, sentence: str) -> None:
        if sentence not in self.notes:
            self.notes.append(sentence)
