"""Client: the addresses and bodies of the ClickUp REST API that we use. Knows no Item.

Answers are native JSON. Every method may raise what `trackers.http.Http.send` raises; ids are text. A 401 on a
resource costs one more request, which tells a hidden resource (Gone) from a refused token (Unauthorized).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO
from urllib.parse import quote

from reconciler.clock import Clock
from reconciler.trackers.answer import Answer
from reconciler.trackers.circuit import Circuit
from reconciler.trackers.clickup.settings import Connection
from reconciler.trackers.clickup.verdicts import WHO_AM_I, Hidden, judge
from reconciler.trackers.http import Http, Permit, Transport, granted
from reconciler.trackers.pacing import WindowPacer

Json = dict[str, Any]
Params = Sequence[tuple[str, str]]

COMMENTS_A_PAGE = 25  # FACTS clickup 11.1

_EVERYTHING: Params = (
    ("subtasks", "true"),  # by default neither subtasks nor closed tasks are listed (FACTS clickup 3.8)
    ("include_closed", "true"),
    ("include_markdown_description", "true"),
)


@dataclass(frozen=True, slots=True)
class Rows:
    """One page of tasks. `last` is ClickUp's word that none follow; `server_time` the Date of the answer."""

    tasks: tuple[Json, ...]
    last: bool
    server_time: datetime | None


JUST_NOW_S = 1.0
"""For so long an answer may stand for the one to the same question."""


class Client:
    """One workspace, with one token."""

    def __init__(
        self,
        name: str,
        connection: Connection,
        clock: Clock,
        transport: Transport | None = None,
        permit: Permit = granted,
    ) -> None:
        token = connection.token.get_secret_value()
        self.workspace = connection.workspace
        self.circuit = Circuit(clock)

        def connect(headers: Mapping[str, str], circuit: Circuit) -> Http:
            return Http(
                connection.url,
                tracker=name,
                headers=headers,
                secrets=[token],
                pacer=WindowPacer(clock, connection.requests_per_minute),
                circuit=circuit,
                judge=judge,
                clock=clock,
                transport=transport,
                permit=permit,
            )

        mine = token if token.startswith("pk_") else f"Bearer {token}"  # FACTS clickup 1.2, 1.3
        self._clock = clock
        self._latest: tuple[int, float, str, Json] = (0, 0.0, "", {})
        self._http = connect({"Authorization": mine}, self.circuit)
        self._files_http = connect({}, Circuit(clock))  # must not get the token (FACTS clickup 12.4)

    @property
    def server_time(self) -> datetime | None:
        return self._http.server_time

    @property
    def requests_sent(self) -> int:
        return self._http.requests_sent + self._files_http.requests_sent

    def close(self) -> None:
        self._http.close()
        self._files_http.close()

    # --- who and where -----------------------------------------------------------------------------------------------

    def user(self) -> Json:
        """The token's user."""
        return _object(self._http.send("GET", WHO_AM_I, writes=False).json, "user")

    def workspaces(self) -> list[Json]:
        """The workspaces that the token may use, with their members."""
        return _rows(self._get("/team"), "teams")

    def custom_items(self) -> list[Json]:
        return _rows(self._get(f"/team/{self.workspace}/custom_item"), "custom_items")

    def get_list(self, list_id: str) -> Json:
        """A List with its statuses."""
        return _object(self._get(f"/list/{_segment(list_id)}").json)

    def get_folder(self, folder_id: str) -> Json:
        return _object(self._get(f"/folder/{_segment(folder_id)}").json)

    def spaces(self) -> list[Json]:
        """The Spaces of the workspace that the token may see."""
        return _rows(self._get(f"/team/{self.workspace}/space", [("archived", "false")]), "spaces")

    def get_space(self, space_id: str) -> Json:
        return _object(self._get(f"/space/{_segment(space_id)}").json)

    def folders(self, space_id: str) -> list[Json]:
        """The Folders of a Space, each with its Lists inline."""
        return _rows(self._get(f"/space/{_segment(space_id)}/folder", [("archived", "false")]), "folders")

    def lists(self, kind: str, container_id: str) -> list[Json]:
        """The Lists of a "folder", or those of a "space" that are in no Folder; without statuses."""
        return _rows(self._get(f"/{kind}/{_segment(container_id)}/list", [("archived", "false")]), "lists")

    def fields(self, list_id: str) -> list[Json]:
        """The custom fields that can be used in a List, with the task types that they are bound to."""
        path = f"/list/{_segment(list_id)}/field"
        return _rows(self._get(path, [("include_applied_objects", "true")]), "fields")

    # --- tasks -------------------------------------------------------------------------------------------------------

    def tasks(self, list_ids: Sequence[str], page: int, params: Params) -> Rows:
        """A page of the tasks whose home is one of these Lists, closed ones and subtasks included."""
        lists = [("list_ids[]", list_id) for list_id in list_ids]
        path = f"/team/{self.workspace}/task"
        return _page(self._get(path, [("page", str(page)), *params, *_EVERYTHING, *lists]))

    def archived_tasks(self, list_id: str, page: int, params: Params) -> Rows:
        """A page of the archived tasks of a List, perhaps with others between them (FACTS clickup 3.9)."""
        path = f"/list/{_segment(list_id)}/task"
        return _page(self._get(path, [("page", str(page)), ("archived", "true"), *params, *_EVERYTHING]))

    def task(self, task_id: str) -> Json:
        params = [("include_markdown_description", "true")]
        task = _object(self._get(f"/task/{_segment(task_id)}", params, key=task_id).json)
        self._latest = (self.requests_sent, self._clock.monotonic_s(), task_id, task)
        return task

    def task_just_read(self, task_id: str) -> Json:
        """The same, without a request where it was the last thing that was asked, and only now."""
        sent, read_s, key, task = self._latest
        fresh = self._clock.monotonic_s() - read_s < JUST_NOW_S
        return task if fresh and (sent, key) == (self.requests_sent, task_id) else self.task(task_id)

    def subtasks(self, task_id: str) -> list[Json]:
        """The subtasks of a task that exist, archived ones perhaps left out."""
        answer = self._get(f"/task/{_segment(task_id)}", [("include_subtasks", "true")], key=task_id)
        return _rows(answer, "subtasks")

    def create_task(self, list_id: str, body: Mapping[str, Any]) -> Json:
        return _object(self._write("POST", f"/list/{_segment(list_id)}/task", body).json)

    def update_task(self, task_id: str, body: Mapping[str, Any]) -> Json:
        return _object(self._write("PUT", f"/task/{_segment(task_id)}", body, key=task_id).json)

    def delete_task(self, task_id: str) -> None:
        self._write("DELETE", f"/task/{_segment(task_id)}", key=task_id)

    def add_tag(self, task_id: str, name: str) -> None:
        self._write("POST", f"/task/{_segment(task_id)}/tag/{_segment(name)}", key=task_id)

    def remove_tag(self, task_id: str, name: str) -> None:
        self._write("DELETE", f"/task/{_segment(task_id)}/tag/{_segment(name)}", key=task_id)

    def depend(self, task_id: str, depends_on: str) -> None:
        self._write("POST", f"/task/{_segment(task_id)}/dependency", {"depends_on": depends_on}, key=task_id)

    def depend_no_more(self, task_id: str, depends_on: str) -> None:
        params = [("depends_on", depends_on)]
        self._send("DELETE", f"/task/{_segment(task_id)}/dependency", params=params, writes=True, key=task_id)

    def link(self, task_id: str, other_id: str) -> None:
        self._write("POST", f"/task/{_segment(task_id)}/link/{_segment(other_id)}", key=task_id)

    def unlink(self, task_id: str, other_id: str) -> None:
        self._write("DELETE", f"/task/{_segment(task_id)}/link/{_segment(other_id)}", key=task_id)

    def set_field(self, task_id: str, field_id: str, body: Mapping[str, Any]) -> None:
        self._write("POST", f"/task/{_segment(task_id)}/field/{_segment(field_id)}", body, key=task_id)

    def unset_field(self, task_id: str, field_id: str) -> None:
        self._write("DELETE", f"/task/{_segment(task_id)}/field/{_segment(field_id)}", key=task_id)

    # --- comments ----------------------------------------------------------------------------------------------------

    def comments(self, task_id: str, before: Json | None = None) -> list[Json]:
        """The newest comments, newest first; with `before`, those older than that comment."""
        params = [] if before is None else [("start", str(before["date"])), ("start_id", str(before["id"]))]
        return _rows(self._get(f"/task/{_segment(task_id)}/comment", params, key=task_id), "comments")

    def replies(self, comment_id: str, task_id: str) -> list[Json]:
        return _rows(self._get(f"/comment/{_segment(comment_id)}/reply", key=task_id), "comments")

    def create_comment(self, task_id: str, body: Mapping[str, Any]) -> Json:
        return _object(self._write("POST", f"/task/{_segment(task_id)}/comment", body, key=task_id).json)

    def update_comment(self, comment_id: str, task_id: str, body: Mapping[str, Any]) -> None:
        self._write("PUT", f"/comment/{_segment(comment_id)}", body, key=task_id)

    def delete_comment(self, comment_id: str, task_id: str) -> None:
        self._write("DELETE", f"/comment/{_segment(comment_id)}", key=task_id)

    # --- files -------------------------------------------------------------------------------------------------------

    def create_attachment(self, task_id: str, name: str, content: BinaryIO) -> Json:
        path = f"/api/v2/task/{_segment(task_id)}/attachment"
        try:
            return _object(self._http.upload(path, content, part=("attachment", name), key=task_id).json)
        except Hidden:
            self.user()
            raise

    def fetch_file(self, url: str, into: BinaryIO, bytes_max: int) -> Answer:
        """The content behind the address of an attachment, which anybody may read. Raises Gone."""
        return self._files_http.fetch(url, into, bytes_max=bytes_max)

    # --- sending -----------------------------------------------------------------------------------------------------

    def _get(self, path: str, params: Params = (), *, key: str = "") -> Answer:
        return self._send("GET", path, params=params, writes=False, key=key)

    def _write(self, method: str, path: str, body: Mapping[str, Any] | None = None, *, key: str = "") -> Answer:
        return self._send(method, path, body=body, writes=True, key=key)

    def _send(self, method: str, path: str, **how: Any) -> Answer:
        try:
            return self._http.send(method, f"/api/v2{path}", **how)
        except Hidden:
            self.user()
            raise


def _segment(text: str) -> str:
    """One segment of a path; a tag may hold slashes (FACTS clickup 8.1)."""
    return quote(text, safe="")


def _page(answer: Answer) -> Rows:
    body = answer.json if isinstance(answer.json, Mapping) else {}
    tasks = tuple(_rows(answer, "tasks"))
    return Rows(tasks, bool(body.get("last_page")) or not tasks, answer.server_time)


def _rows(answer: Answer, name: str) -> list[Json]:
    body = answer.json if isinstance(answer.json, Mapping) else {}
    return [row for row in body.get(name) or [] if isinstance(row, dict)]


def _object(body: Any, name: str = "") -> Json:
    found = body.get(name) if name and isinstance(body, dict) else body
    return found if isinstance(found, dict) else {}
