"""People: who the token belongs to, and who can be assigned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from reconciler.clock import Clock
from reconciler.errors import Rejected, Unauthorized
from reconciler.model.person import Person
from reconciler.trackers.azure_devops.client import Client

FRESH_S = 600.0
"""How long "there is nobody with that address" is believed."""


class People:
    """The identities of one organisation, by address. `notes` are sentences for the operator."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._found: dict[str, Person] = {}
        self._missing: dict[str, float] = {}
        self._by_key: dict[str, Person | None] = {}
        self.own_id = ""
        self.notes: list[str] = []

    def meet_ourselves(self) -> None:
        """Raises Unauthorized for a bad token."""
        self.own_id = str((self._client.connection_data().get("authenticatedUser") or {}).get("id") or "")

    def learn(self, people: Iterable[Person]) -> None:
        """Whoever is assigned somewhere can be assigned elsewhere, without looking them up (FACTS ado 13.4)."""
        self._found.update((person.address, person) for person in people if person.address)

    def find(self, address: str) -> Person | None:
        """The person with that e-mail address, in any case; None if there is none. One request for a new address."""
        wanted = address.strip().lower()
        if not wanted or wanted in self._found:
            return self._found.get(wanted)
        now_s = self._clock.monotonic_s()
        if wanted in self._missing and now_s - self._missing[wanted] < FRESH_S:
            return None
        found = self._look_up(wanted)
        if found is None:
            self._missing[wanted] = now_s
        else:
            self._found[wanted] = found
        return found

    def with_key(self, key: str) -> Person | None:
        """The person with that identity's id; None if there is none, or the token may not see them. One request for a
        new one."""
        key = key.lower()
        if key not in self._by_key:
            known = (person for person in self._found.values() if person.key.lower() == key)
            self._by_key[key] = next(known, None) or self._look_up_key(key)
        return self._by_key[key]

    def _look_up_key(self, key: str) -> Person | None:
        try:
            identities = self._client.identities_with(key)
        except (Rejected, Unauthorized) as error:
            self._note(
                f"people who are mentioned cannot be looked up with this token ({error}); they are named instead"
            )
            return None
        for identity in identities:
            addresses = sorted(address for address in _addresses(identity) if "@" in address)
            name = str(identity.get("providerDisplayName") or "")
            return Person(addresses[0] if addresses else "", name, key)
        return None

    def _look_up(self, address: str) -> Person | None:
        """A token without the right to see identities is no reason to stop: the address itself is what gets written,
        and the service refuses an unknown one then."""
        try:
            identities = self._client.identities(address)
        except (Rejected, Unauthorized) as error:
            self._note(f"people cannot be looked up with this token ({error}); addresses are used unchecked")
            return Person(address, address)
        for identity in identities:
            if identity.get("isActive", True) and address in _addresses(identity):
                name = str(identity.get("providerDisplayName") or address)
                return Person(address, name, str(identity.get("id") or ""))
        return None

    def _note(self, sentence: str) -> None:
        if sentence not in self.notes:
            self.notes.append(sentence)


def _addresses(identity: Mapping[str, Any]) -> set[str]:
    """A general search finds names as well; only an address proves that it is them (FACTS ado 13.1)."""
    properties = identity.get("properties") or {}
    told = [(properties.get(name) or {}).get("$value") for name in ("Account", "Mail")]
    return {str(address).lower() for address in told if address}
