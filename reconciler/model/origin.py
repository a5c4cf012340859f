"""Origin: the mark that a copy carries so that it can be found again after a crash, a restore or a lost store."""

from __future__ import annotations

import re
from base64 import b32encode
from dataclasses import dataclass
from hashlib import blake2b

_FRAGMENT = re.compile(r"#s=([a-z2-7]{12})$")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a copy came from. `url` is the page of the original without our fragment, `label` its short name
    ("AB#1234"), `marker` twelve characters that only we can have computed for it."""

    url: str
    label: str
    marker: str

    @property
    def href(self) -> str:
        """The link as written into the copy: the original's page with the marker as fragment."""
        return f"{self.url}#s={self.marker}"


def marker_for(mapping: str, side: str, key: str, generation: int = 0) -> str:
    """The marker of what mapping `mapping` makes from the object `key` of side `side` ("left" or "right").

    Deterministic, so it survives loss of the store (reliability.md 3.2); `generation` rises only when something
    deleted is deliberately made again. Comments use the key "<item key>/c/<comment key>".
    """
    digest = blake2b(f"{mapping}|{side}|{key}|{generation}".encode(), digest_size=8).digest()
    return b32encode(digest).decode().lower()[:12]


def split_marker(href: str) -> tuple[str, str | None]:
    """An address without our fragment, and the marker it carried (None where it carried none)."""
    found = _FRAGMENT.search(href)
    return (href[: found.start()], found.group(1)) if found else (href, None)
