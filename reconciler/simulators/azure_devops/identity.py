"""Users of the organisation, their tokens, and how an identity written by a client is recognised."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

NAMESPACE = UUID("6f5d2f0a-4c5a-4b60-9a35-0f2f9b6f3f11")
_WITH_ADDRESS = re.compile(r"^(?P<name>.*?)\s*<(?P<address>[^<>]+)>$")


@dataclass(eq=False)
class User:
    """`member` is False for somebody with a valid sign-in and no right to the organisation."""

    id: str
    name: str
    address: str
    token: str = field(repr=False)
    member: bool = True
    may_bypass_rules: bool = False
    may_suppress_notifications: bool = False
    may_create_tags: bool = True

    @property
    def descriptor(self) -> str:
        return "aad." + b64encode(self.id.encode()).decode().rstrip("=")

    @property
    def claims_descriptor(self) -> str:
        return f"Microsoft.IdentityModel.Claims.ClaimsIdentity;{NAMESPACE}\\{self.address}"

    def __str__(self) -> str:
        return f"{self.name} <{self.address}>"


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token allows."""

    user: User
    write: bool = True


def user_id(organization: str, address: str) -> str:
    return str(uuid5(NAMESPACE, f"{organization}/user/{address.lower()}"))


def find_user(users: Iterable[User], value: object) -> User | None:
    """The one user meant by an identity value in any of its forms (FACTS ado 7.21); None if nobody or several are."""
    if isinstance(value, User):
        return value
    if isinstance(value, Mapping):
        return _by_reference(users, value)
    text = str(value).strip()
    if combo := _WITH_ADDRESS.match(text):
        text = combo["address"].strip()
    matching = [user for user in users if text.lower() in (user.address.lower(), user.id, user.name.lower())]
    exact = [user for user in matching if text.lower() != user.name.lower()] or matching
    return exact[0] if len(exact) == 1 else None


def _by_reference(users: Iterable[User], value: Mapping[str, Any]) -> User | None:
    users = list(users)
    for key, of in (("id", "id"), ("descriptor", "descriptor"), ("uniqueName", "address"), ("displayName", "name")):
        if wanted := value.get(key):
            matching = [user for user in users if str(getattr(user, of)).lower() == str(wanted).lower()]
            if len(matching) == 1:
                return matching[0]
    return None
