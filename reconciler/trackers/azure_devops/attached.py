"""Attached: which files the relations of a work item name. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any

ATTACHED_FILE = "AttachedFile"

_GUID = re.compile(r"/_apis/wit/attachments/([0-9a-f-]{36})", re.IGNORECASE)


def file_key(relation: Mapping[str, Any]) -> str:
    """The guid in the address, which is what identifies a file (FACTS ado 11.7); "" for other relations."""
    found = _GUID.search(str(relation.get("url") or "")) if relation.get("rel") == ATTACHED_FILE else None
    return found[1].lower() if found else ""


def fingerprint(relations: Sequence[Mapping[str, Any]] | None) -> str:
    """What tells two views of a work item's attachments apart; "" for none."""
    keys = sorted(key for relation in relations or () if (key := file_key(relation)))
    return blake2b("|".join(keys).encode(), digest_size=8).hexdigest() if keys else ""
