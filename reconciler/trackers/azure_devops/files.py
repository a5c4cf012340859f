"""Files: the attachments of a work item. Lists, fetches, adds and removes.

A file is uploaded first, which nobody sees, and then linked by a relation whose comment is our mark. The relation is
tied to the revision that was just read without such a mark, so that no lost answer can make it two (FACTS ado 11).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, BinaryIO
from urllib.parse import parse_qs, urlsplit

from reconciler.errors import OutcomeUnknown, Rejected, StaleRevision, Unavailable
from reconciler.model.attachment import Attachment, AttachmentDraft
from reconciler.model.item import Item
from reconciler.model.person import Person
from reconciler.trackers.azure_devops import patch
from reconciler.trackers.azure_devops.attached import ATTACHED_FILE, file_key
from reconciler.trackers.azure_devops.client import Client, Json
from reconciler.trackers.azure_devops.naming import inside
from reconciler.trackers.azure_devops.translate import instant

CLOUD_BYTES_MAX = 60 << 20
"""What the cloud takes of one file (FACTS ado 11.4); a server says by itself what it does not take."""

SIMPLE_BYTES_MAX = 130_000_000
"""Larger files go up in chunks (FACTS ado 11.3)."""

CHUNK_BYTES = 8_000_000

ATTEMPTS = 3
"""So often a revision is read again that moved between our read and our write."""

Operations = Callable[[Json], list[patch.Operation]]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PICTURE = re.compile(
    r"(?:/[^/?]+)?(?:/_apis/wit/attachments/([0-9a-f-]{36})|/WorkItemTracking/v1\.0/AttachFileHandler\.ashx\?"
    r"(?:[^#]*&)?FileNameGuid=([0-9a-f-]{36}))",
    re.IGNORECASE,
)
_MARKER = re.compile(r"[a-z2-7]{12}")


class Files:
    """The attachments behind one client."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def read(self, item: Item) -> list[Attachment]:
        """All that exist, oldest first."""
        return listed(self._client.work_item(int(item.key)))

    def fetch(self, attachment: Attachment, into: BinaryIO, bytes_max: int) -> None:
        answer = self._client.fetch_file(attachment.key, attachment.name, into, bytes_max)
        kind = answer.headers.get("content-type", "")
        if "text/html" in kind and not re.search(r"\.x?html?$", attachment.name, re.IGNORECASE):
            raise Rejected(f"{attachment.name} was answered with a page instead of the file")

    def add(self, item: Item, draft: AttachmentDraft, content: BinaryIO) -> Attachment:
        now = self._client.work_item(int(item.key))
        if (there := _marked(now, draft)) is not None:
            return there
        url = self._upload(item, draft, content)
        value = {"rel": ATTACHED_FILE, "url": url, "attributes": {"name": draft.name, "comment": draft.marker}}
        answer = self._change(item, now, lambda _row: [{"op": "add", "path": "/relations/-", "value": value}], draft)
        added = _marked(answer, draft)
        if added is None:
            raise OutcomeUnknown(f"{draft.name} was added and is not shown")
        return added

    def remove(self, item: Item, attachment_key: str) -> None:
        self._change(item, self._client.work_item(int(item.key)), lambda row: _removal(row, attachment_key))

    def _upload(self, item: Item, draft: AttachmentDraft, content: BinaryIO) -> str:
        """The address of the uploaded file. One that nothing links to is no file of anybody's, so a lost answer leaves
        nothing in doubt."""
        project = str(item.native["project"])
        try:
            if draft.size_bytes <= SIMPLE_BYTES_MAX:
                return str(self._client.upload_file(project, draft.name, content)["url"])
            return self._upload_in_chunks(project, draft, content)
        except OutcomeUnknown as error:
            raise Unavailable(error.message) from error

    def _upload_in_chunks(self, project: str, draft: AttachmentDraft, content: BinaryIO) -> str:
        started = self._client.start_upload(project, draft.name)
        content.seek(0)
        for start in range(0, draft.size_bytes, CHUNK_BYTES):
            piece = content.read(CHUNK_BYTES)
            self._client.continue_upload(project, str(started["id"]), draft.name, piece, start, draft.size_bytes)
        return str(started["url"])

    def _change(
        self,
        item: Item,
        row: Json,
        operations: Callable[[Json], list[patch.Operation]],
        draft: AttachmentDraft | None = None,
    ) -> Json:
        """Changes the relations as they are in `row`, or in a newer view of the item where that one is outdated."""
        project, number = str(item.native["project"]), int(item.key)
        for _ in range(ATTEMPTS):
            if draft is not None and _marked(row, draft) is not None:
                return row
            if not (wanted := operations(row)):
                return row
            try:
                return self._client.update(project, number, [patch.at_revision(str(row["rev"])), *wanted])
            except StaleRevision:
                row = self._client.work_item(number)
        raise StaleRevision("the work item keeps changing", key=item.key)


def file_at(base_url: str, url: str) -> Attachment | None:
    """A picture in a text hangs on no work item; its address says what it is (FACTS ado 11.9)."""
    path = inside(base_url, url)
    found = _PICTURE.match(path) if path is not None else None
    if found is None:
        return None
    name = (parse_qs(urlsplit(url).query).get("fileName") or ["image.png"])[0]
    key = (found[1] or found[2]).lower()
    return Attachment(key, name, None, _EPOCH, url, Person(""), inline=True)


def listed(row: Mapping[str, Any]) -> list[Attachment]:
    """The attachments that an answer with relations shows, oldest first."""
    return sorted((attachment for _, attachment in _attached(row)), key=lambda a: (a.created_at, a.key))


def _attached(row: Mapping[str, Any]) -> Iterator[tuple[int, Attachment]]:
    """With the index of the relation each."""
    for index, relation in enumerate(row.get("relations") or ()):
        if key := file_key(relation):
            yield index, _attachment(key, str(relation["url"]), relation.get("attributes") or {})


def _attachment(key: str, url: str, told: Mapping[str, Any]) -> Attachment:
    """Who added it is not told (FACTS ado 11.7)."""
    comment = str(told.get("comment") or "").strip()
    marker = comment if _MARKER.fullmatch(comment) else ""
    size, added_at = told.get("resourceSize"), told.get("resourceCreatedDate") or told.get("authorizedDate")
    return Attachment(
        key=key,
        name=str(told.get("name") or (parse_qs(urlsplit(url).query).get("fileName") or ["file"])[0]),
        size_bytes=int(size) if isinstance(size, int | float) else None,
        created_at=instant(added_at) or _EPOCH,
        url=url,
        author=Person(""),
        marker=marker,
        ours=bool(marker),
    )


def _marked(row: Mapping[str, Any], draft: AttachmentDraft) -> Attachment | None:
    return next((a for _, a in _attached(row) if a.marker == draft.marker), None)


def _removal(row: Mapping[str, Any], key: str) -> list[patch.Operation]:
    """Nothing where it is gone already."""
    indexes = [index for index, attachment in _attached(row) if attachment.key == key]
    return [{"op": "remove", "path": f"/relations/{index}"} for index in reversed(indexes)]
