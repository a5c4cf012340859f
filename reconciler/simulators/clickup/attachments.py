"""Attachments: uploads, and the public host that serves the files (FACTS clickup 12)."""

from __future__ import annotations

import mimetypes
from collections.abc import Collection
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from pathlib import PurePosixPath
from urllib.parse import quote

from reconciler.simulators.clickup import errors
from reconciler.simulators.clickup.entities import Attachment, Member, Task
from reconciler.simulators.clickup.switches import Change
from reconciler.simulators.clickup.world import World
from reconciler.simulators.kit.wire import Request, Response

V2_PARTS = ("attachment", "attachment[0]")
_LOGIN_PAGE = b"<!DOCTYPE html><html><head><title>Log in | ClickUp</title></head><body></body></html>"


def attach(world: World, actor: Member, task: Task, file_name: str, data: bytes) -> Attachment:
    """The same file twice is two attachments (FACTS clickup 12.1). Raises ApiError where the storage is full (12.2)."""
    used = sum(len(each.data) for each in world.attachments.values())
    if used + len(data) > world.switches.storage_bytes_max:
        raise errors.storage_full()
    key = world.ids.unique()
    extension = PurePosixPath(file_name).suffix.lstrip(".").lower()
    mime_type = mimetypes.guess_type(file_name)[0] or "application/octet-stream"
    attachment_id = f"{key}.{extension}" if extension else key
    attachment = Attachment(attachment_id, file_name, file_name, mime_type, data, actor, world.now_ms())
    world.attachments[key] = attachment
    task.attachments.append(attachment)
    world.record(task, Change.ATTACHMENT)
    return attachment


def remove(world: World, task: Task, attachment: Attachment) -> None:
    """What only people can do; the row stays, marked (FACTS clickup 12.3, 12.8)."""
    attachment.deleted = True
    world.record(task, Change.ATTACHMENT)


def uploaded_file(request: Request, parts: Collection[str] = V2_PARTS) -> tuple[str, bytes]:
    """Name and content of the first file part with one of these names. Raises ApiError without one."""
    content_type = request.headers.get("content-type", "")
    if "multipart/form-data" not in content_type:
        raise errors.file_missing()
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    message: Message = BytesParser(policy=HTTP).parsebytes(head + request.body)
    for part in message.get_payload() if message.is_multipart() else []:
        if not isinstance(part, Message):
            continue
        field = part.get_param("name", header="content-disposition")
        if field in parts and (name := part.get_filename()):
            content = part.get_payload(decode=True)
            return PurePosixPath(name).name, content if isinstance(content, bytes) else b""
    raise errors.file_missing()


class FileHost:
    """A service of its own: it must get no token, and answers 401 to whoever sends one (FACTS clickup 12.4)."""

    def __init__(self, world: World) -> None:
        self._world = world

    def handle(self, request: Request) -> Response:
        if "authorization" in request.headers:
            return Response(401, {"content-type": "text/plain"}, b"Unauthorized")
        parts = request.path.strip("/").split("/")
        attachment = self._world.attachments.get(parts[1]) if len(parts) == 3 else None
        if request.method not in ("GET", "HEAD") or attachment is None or attachment.deleted:
            return Response(404, {"content-type": "application/xml"}, b"<Error><Code>NoSuchKey</Code></Error>")
        if self._world.switches.private_attachment_links:
            return Response(200, {"content-type": "text/html; charset=utf-8"}, _LOGIN_PAGE)  # FACTS clickup 12.5
        way = "inline" if request.param("view") == "open" else "attachment"
        headers = {
            "content-type": attachment.mime_type,
            "content-disposition": f"{way}; filename*=UTF-8''{quote(attachment.file_name)}",
        }
        return Response(200, headers, attachment.data if request.method == "GET" else b"")
