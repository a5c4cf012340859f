"""Every recorded exchange happens again: same status, same keys, same types (examples/recorded)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from reconciler.simulators.clickup.entities import Checklist, ChecklistItem, Comment, Member, Task, TaskList
from reconciler.simulators.kit.wire import Request
from tests.simulators.clickup.desk import Answer, Desk

RECORDED = Path(__file__).parents[4] / "shared/apis/clickup/examples/recorded"
WORKSPACE, SPACE, FOLDER, LIST = "90150000001", "90159451300", "901513787576", "901520401736"
CHECKLIST = "f73cd146-f271-4a9e-8ef0-93e8c4973532"
FOREIGN_WORKSPACE = "26411634"
HEADERS = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "x-received-from", "content-type")


@dataclass(frozen=True)
class Exchange:
    name: str
    request: dict[str, Any]
    response: dict[str, Any]


def exchanges() -> list[Exchange]:
    found = []
    for path in sorted(RECORDED.glob("*.json")):
        for number, entry in enumerate(json.loads(path.read_text())["exchanges"]):
            found.append(Exchange(f"{path.stem}-{number}", entry["request"], entry["response"]))
    return found


pytestmark = pytest.mark.skipif(not RECORDED.exists(), reason="the recordings are not here")


@pytest.fixture
def recorded() -> Desk:
    """The workspace of the recordings, with their ids."""
    desk = Desk()
    world = desk.clickup.world
    desk.workspace = desk.clickup.add_workspace("Test", workspace_id=WORKSPACE)
    alex = desk.clickup.add_member(
        desk.workspace, "Alex Example", "alex@example.com", "Europe/Madrid", role=1, member_id=10_000_001
    )
    desk.ada = alex
    desk.clickup.add_workspace("Somebody else's", workspace_id=FOREIGN_WORKSPACE)
    space = desk.clickup.add_space(desk.workspace, "Team Space", space_id=SPACE)
    desk.as_ada = desk.clickup.as_member(alex)
    desk.folder = desk.clickup.add_folder(space, "Test Folder")
    world.folders[FOLDER] = desk.folder
    desk.folder.id = FOLDER
    desk.list = desk.clickup.add_list(desk.folder, "Test List")
    world.lists[LIST] = desk.list
    desk.list.id = LIST
    desk.list.shared_with[alex.id] = alex
    for exchange in exchanges():
        for task_id in _task_ids(exchange):
            if task_id not in world.tasks and exchange.response["status"] < 400:
                _task(desk, desk.list, task_id)
    _checklist(desk, world.tasks["86c7mc19h"], alex)
    desk.clock.advance(60)
    return desk


def _task_ids(exchange: Exchange) -> list[str]:
    parts = exchange.request["path_and_query"].partition("?")[0].split("/")
    body = exchange.request["body"]
    named = [parts[4]] if len(parts) > 4 and parts[3] == "task" else []
    named += [parts[6]] if len(parts) > 6 and parts[5] == "link" else []
    named += [body[key] for key in ("depends_on", "tid") if isinstance(body, dict) and key in body]
    return [*named, "86c7ujp3t"]


def _task(desk: Desk, task_list: TaskList, task_id: str) -> Task:
    task = desk.as_ada.create_task(task_list, "Task 1")
    tasks = desk.clickup.world.tasks
    tasks[task_id] = tasks.pop(task.id)
    task.id = task_id
    return task


def _checklist(desk: Desk, task: Task, creator: Member) -> None:
    items = [ChecklistItem("4c6ee69d-c42b-4f50-808a-d72ef3f5fab0", "Test Item from API", 1_769_458_189_684)]
    checklist = Checklist(CHECKLIST, task, "Test Checklist from API", creator, 1_769_458_135_374, 1, items)
    task.checklists.append(checklist)
    desk.clickup.world.checklists[CHECKLIST] = checklist


def _prepare(desk: Desk, exchange: Exchange) -> None:
    """What the recording found there already."""
    world, body = desk.clickup.world, exchange.response["body"]
    address = exchange.request["path_and_query"]
    if address.endswith("/space/" + SPACE + "/tag") and exchange.request["method"] == "GET":
        for tag in body["tags"]:
            world.space_tag(world.spaces[SPACE], tag["name"], desk.ada)
    if address.endswith("/comment") and exchange.request["method"] == "GET" and body.get("comments"):
        place = desk.list if "/list/" in address else world.tasks["86c7mc19h"]
        for entry in reversed(body["comments"]):
            made = Comment(int(entry["id"]), place, desk.ada, int(entry["date"]), entry["comment"])
            made.assignee = made.assigned_by = desk.ada if entry["assignee"] else None
            thread = place.comments if isinstance(place, Task) else world.list_comments.setdefault(place.id, [])
            thread.append(made)
    if address.endswith("/time_entries/stop"):
        desk.post(f"/team/{WORKSPACE}/time_entries/start", {"tid": "86c7mc19h"})
    task = world.tasks.get("86c7mc19h")
    if task and isinstance(body, dict) and "task" in body:
        desk.as_ada.add_tag(task, "test-tag")
        task.spent_ms = 1


def _send(desk: Desk, exchange: Exchange) -> Answer:
    request = exchange.request
    path = request["path_and_query"].removeprefix("/api")
    if not isinstance(request["body"], str):
        return desk.call(request["method"], path, request["body"])
    boundary = request["body"].partition("\r\n")[0].removeprefix("--")
    headers = {"content-type": f"multipart/form-data; boundary={boundary}"}
    return desk.call(request["method"], path, request["body"].encode(), headers=headers)


def shape(value: Any) -> Any:
    """Keys and JSON types. Lists keep the shape of their first element; nothing is known of an empty one."""
    if isinstance(value, dict):
        return {key: shape(one) for key, one in value.items() if not key.startswith("_")}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


def assert_same_shape(ours: Any, theirs: Any, where: str = "") -> None:
    if isinstance(theirs, dict) and isinstance(ours, dict):
        assert ours.keys() == theirs.keys(), where
        for key in theirs:
            assert_same_shape(ours[key], theirs[key], f"{where}.{key}")
    elif isinstance(theirs, list) and isinstance(ours, list):
        if ours and theirs:
            assert_same_shape(ours[0], theirs[0], f"{where}[0]")
    elif ours != "NoneType" and theirs != "NoneType":
        assert ours == theirs, where


@pytest.mark.parametrize("exchange", exchanges(), ids=lambda exchange: exchange.name)
def test_a_recorded_exchange_happens_again(recorded: Desk, exchange: Exchange) -> None:
    _prepare(recorded, exchange)
    before = {task.id: task.updated_ms for task in recorded.clickup.world.tasks.values()}
    recorded.clock.advance(1)

    answer = _send(recorded, exchange)

    assert answer.status == exchange.response["status"], answer.body
    if answer.status >= 400:
        assert answer.body == exchange.response["body"]
    else:
        assert_same_shape(shape(answer.body), shape(exchange.response["body"]))
    theirs = exchange.response["headers"]
    assert [name in answer.headers for name in HEADERS] == [name in theirs for name in HEADERS]
    _assert_same_effect(recorded, exchange, before)


def _assert_same_effect(desk: Desk, exchange: Exchange, before: dict[str, int]) -> None:
    """Updates and time entries moved the date in the recordings, links did not (FACTS clickup 4.1)."""
    method, address = exchange.request["method"], exchange.request["path_and_query"]
    task = desk.clickup.world.tasks.get("".join(address.partition("?")[0].split("/")[4:5]))
    moved = task is not None and task.id in before and task.updated_ms > before[task.id]
    if method == "PUT" and "/api/v2/task/" in address and exchange.response["status"] == 200:
        assert moved
    if "/link/" in address or method == "GET":
        assert not moved
    if "/time_entries" in address:
        timed = desk.clickup.world.tasks["86c7mc19h"]
        assert timed.updated_ms == desk.clickup.world.now_ms()


def test_recorded_rows_have_the_keys_of_our_rows(recorded: Desk) -> None:
    theirs = json.loads((RECORDED / "task_listing_team.json").read_text())["exchanges"][0]["response"]["body"]
    ours = recorded.get(f"/team/{WORKSPACE}/task")
    assert ours["tasks"][0].keys() == theirs["tasks"][0].keys()


def test_no_recording_is_left_out() -> None:
    assert len(exchanges()) > 60


def test_a_request_reaches_the_service_as_a_plain_value() -> None:
    desk = Desk()
    response = desk.clickup.handle(Request("GET", "/api/v2/user", headers={"authorization": desk.ada.token}))
    assert json.loads(response.body)["user"]["id"] == desk.ada.id
