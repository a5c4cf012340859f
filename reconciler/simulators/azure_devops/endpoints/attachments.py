"""Files: uploaded whole or in chunks, and downloaded (FACTS ado 11)."""

from __future__ import annotations

import mimetypes
import re
from urllib.parse import quote

from reconciler.simulators.azure_devops import errors
from reconciler.simulators.azure_devops.endpoint import Call, answer, endpoint
from reconciler.simulators.azure_devops.errors import ApiError
from reconciler.simulators.azure_devops.world import Attachment
from reconciler.simulators.kit.wire import Response

_RANGE = re.compile(r"^bytes (\d+)-(\d+)/(\d+)$")


@endpoint("POST", "/_apis/wit/attachments", body="bytes")
def upload(call: Call) -> Response:
    """201. A chunked upload begins with an empty body."""
    chunked = call.request.param("uploadType").lower() == "chunked"
    data = b"" if chunked else call.request.body
    _check_size(call, len(data))
    name = call.request.param("fileName", "attachment")
    file = call.world.keep_file(call.user, name, data, announced=chunked)
    return _registered(call, file, 201)


@endpoint("PUT", "/_apis/wit/attachments/{file}", body="bytes")
def upload_chunk(call: Call) -> Response:
    file = _file(call)
    found = _RANGE.match(call.request.headers.get("content-range", ""))
    if found is None:
        raise errors.bad_request("The Content-Range header is missing or invalid.")
    start, end, size = (int(number) for number in found.groups())
    _check_size(call, size)
    if start != len(file.data) or end - start + 1 != len(call.request.body):
        raise errors.bad_request("The chunk does not continue what has been uploaded.")
    file.data += call.request.body
    file.size = size
    return _registered(call, file, 201 if file.complete else 200)


@endpoint("GET", "/_apis/wit/attachments/{file}")
def download(call: Call) -> Response:
    file = _file(call)
    name = call.request.param("fileName", file.file_name)
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    headers = {"content-type": kind}
    if call.flag("download"):
        headers["content-disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return Response(200, headers, bytes(file.data))


def _file(call: Call) -> Attachment:
    file = call.world.attachments.get(call.values["file"].lower())
    if file is None:
        raise ApiError(404, "TF14061: The attachment does not exist.", "AttachmentNotFoundException")
    return file


def _check_size(call: Call, size: int) -> None:
    if size > call.world.switches.attachment_bytes_max:
        text = "TF237082: The file you are trying to upload exceeds the supported file upload size."
        raise ApiError(400, text, "AttachmentSizeExceededException")


def _registered(call: Call, file: Attachment, status: int) -> Response:
    url = f"{call.base}/_apis/wit/attachments/{file.id}?fileName={quote(file.file_name)}"
    return answer({"id": file.id, "url": url}, status)
