"""Files: the attachments of a task. Lists, fetches and adds; ClickUp's API cannot remove any (FACTS clickup 12.8)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, BinaryIO
from urllib.parse import unquote, urlsplit

from reconciler.errors import OutcomeUnknown, Rejected
from reconciler.model.attachment import Attachment, AttachmentDraft
from reconciler.model.item import Item
from reconciler.trackers.clickup.client import Client, Json
from reconciler.trackers.clickup.instants import instant
from reconciler.trackers.clickup.people import People, person

BYTES_MAX = 1 << 30
"""FACTS clickup 12.2."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HOST = re.compile(r"t\d+\.p\.clickup-attachments\.com", re.IGNORECASE)
_PATH = re.compile(r"/t\d+/([^/]+)/([^/]+)")
_HOSTS = (".clickup-attachments.com", ".clickup.com")
"""Who holds the files of ClickUp, of older ones too (FACTS clickup 12.4, 12.6)."""


class Files:
    """The attachments behind one client. Content lies with a service of its own, which must not see the token."""

    def __init__(self, client: Client, people: People, base_url: str) -> None:
        self._client = client
        self._people = people
        self._own_host = urlsplit(base_url).hostname or ""

    def read(self, item: Item) -> list[Attachment]:
        """Those that are not deleted, oldest first. Deleted ones stay in the list, marked (FACTS clickup 12.3)."""
        rows = self._client.task_just_read(item.key).get("attachments")
        if not isinstance(rows, list):
            raise Rejected("the task does not show its attachments", key=item.key)
        shown = [self._attachment(row) for row in rows if isinstance(row, Mapping) and _is_file(row)]
        return sorted(shown, key=lambda attachment: (attachment.created_at, attachment.key))

    def fetch(self, attachment: Attachment, into: BinaryIO, bytes_max: int) -> None:
        """Raises Rejected for a link into another service's drive, which is an attachment too (FACTS clickup 12.9), and
        for the sign-in page that private links lead to (12.5)."""
        host = urlsplit(attachment.url).hostname or ""
        if not (host == self._own_host or f".{host}".endswith(_HOSTS)):
            raise Rejected(f"{attachment.name} is a link to {host or 'another place'}, not a file of ClickUp's")
        kind = self._client.fetch_file(attachment.url, into, bytes_max).headers.get("content-type", "")
        if "text/html" in kind and not re.search(r"\.x?html?$", attachment.name, re.IGNORECASE):
            raise Rejected(
                f"{attachment.name} was answered with a page instead of the file; the workspace's attachment links are"
                " private"
            )

    def add(self, item: Item, draft: AttachmentDraft, content: BinaryIO) -> Attachment:
        """There is no room for a mark. The answer tells neither size nor user (FACTS clickup 12.1)."""
        answer = self._client.create_attachment(item.key, draft.name, content)
        if not answer.get("id"):
            raise OutcomeUnknown(f"the answer does not say what became of {draft.name}", key=item.key)
        me = {"id": self._people.own_id, "username": self._people.own_name, "email": self._people.own_address}
        return self._attachment({"size": draft.size_bytes, "user": me, **answer})

    def _attachment(self, row: Json | Mapping[str, Any]) -> Attachment:
        user = row.get("user")
        author = person(user) if isinstance(user, Mapping) else person({})
        size = str(row.get("size") if row.get("size") is not None else "")
        return Attachment(
            key=str(row["id"]),
            name=str(row.get("title") or row.get("name") or "file"),
            size_bytes=int(size) if size.isdecimal() else None,
            created_at=instant(row.get("date")) or _EPOCH,
            url=str(row.get("url") or ""),
            author=author,
            ours=bool(author.key) and author.key == self._people.own_id,
        )


def file_at(url: str) -> Attachment | None:
    """A picture in a text is an attachment of the task, under the same address (FACTS clickup 7.5, 12.4)."""
    parts = urlsplit(url)
    found = _PATH.fullmatch(parts.path)
    if found is None or not _HOST.fullmatch(parts.hostname or ""):
        return None
    name = unquote(found[2])
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    key = f"{found[1]}.{extension}" if extension else found[1]
    return Attachment(key, name, None, _EPOCH, url, person({}), inline=True)


def _is_file(row: Mapping[str, Any]) -> bool:
    return bool(row.get("id")) and not row.get("deleted") and not row.get("is_folder")
