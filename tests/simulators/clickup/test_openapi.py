"""What the simulator answers is what ClickUp's documents describe, repaired where recordings contradict them."""

from __future__ import annotations

from urllib.parse import parse_qsl

from tests.openapi.clickup_patches import UNDOCUMENTED, documents
from tests.openapi.validator import Checked, Exchange
from tests.simulators.clickup.desk import Desk
from tests.simulators.clickup.test_recordings import exchanges

MULTIPART = {"content-type": "multipart/form-data; boundary=x"}
FILE = (
    b'--x\r\nContent-Disposition: form-data; name="attachment"; filename="notes.txt"\r\n'
    b"Content-Type: text/plain\r\n\r\nhello\r\n--x--\r\n"
)


class CheckedDesk(Desk):
    """A desk whose every exchange is checked on its way."""

    def __init__(self) -> None:
        super().__init__()
        self.service = self.checked = Checked(self.clickup, documents(), ignore=UNDOCUMENTED)


def test_recordings_pass_the_repaired_documents() -> None:
    checker = documents()
    problems = []
    for exchange in exchanges():
        path, _, query = exchange.request["path_and_query"].partition("?")
        body = exchange.request["body"]
        if "/time_entries" in path or isinstance(body, str):
            continue
        response = exchange.response
        problems += checker.problems(
            Exchange(exchange.request["method"], path, parse_qsl(query), body, response["status"], response["body"])
        )
    assert problems == []


def test_every_answer_is_as_documented() -> None:
    desk = CheckedDesk()
    _walk_through_places(desk)
    _walk_through_tasks(desk)
    _walk_through_comments(desk)
    assert desk.checked.problems == []
    assert desk.checked.exchanges > 55


def _walk_through_places(desk: Desk) -> None:
    workspace, space, folder, place = desk.workspace.id, desk.space.id, desk.folder.id, desk.list.id
    desk.clickup.add_group(desk.workspace, "Web Team", [desk.ada, desk.ben])
    desk.clickup.add_task_type(desk.workspace, "Bug")
    desk.clickup.add_field(desk.list, "Stage", "drop_down", options=("one", "two"))
    desk.as_ada.share(desk.list, desk.ben)
    for address in (
        "/user",
        "/team",
        f"/team/{workspace}/space?archived=false",
        f"/team/{workspace}/custom_item",
        f"/team/{workspace}/shared",
        f"/team/{workspace}/seats",
        f"/team/{workspace}/plan",
        f"/team/{workspace}/field",
        f"/group?team_id={workspace}",
        f"/space/{space}",
        f"/space/{space}/folder?archived=false",
        f"/space/{space}/list?archived=false",
        f"/space/{space}/tag",
        f"/space/{space}/field",
        f"/folder/{folder}",
        f"/folder/{folder}/list",
        f"/folder/{folder}/field",
        f"/list/{place}",
        f"/list/{place}/field?include_applied_objects=true",
        f"/list/{place}/member",
    ):
        desk.get(address)
    desk.post(f"/space/{space}/folder", {"name": "Mobile"})
    desk.post(f"/space/{space}/list", {"name": "Loose"})
    desk.put(f"/list/{place}", {"name": "Backlog", "content": "What is next"})
    desk.post(f"/space/{space}/tag", {"tag": {"name": "Urgent", "tag_fg": "#fff", "tag_bg": "#000"}})


def _walk_through_tasks(desk: Desk) -> None:
    place = f"/list/{desk.list.id}"
    made = desk.post(
        f"{place}/task",
        {
            "name": "Login fails",
            "markdown_content": "- a\n- b",
            "assignees": [desk.ada.id],
            "status": "to do",
            "priority": 2,
            "due_date": 1772438400000,
            "tags": ["urgent"],
        },
    )
    task = f"/task/{made['id']}"
    other = desk.post(f"{place}/task", {"name": "Other"})["id"]
    child = desk.post(f"{place}/task", {"name": "Child", "parent": made["id"]})["id"]
    field = desk.list.fields[0]
    desk.post(f"{task}/field/{field.id}", {"value": field.config["options"][0]["id"]})
    desk.post(f"{task}/tag/new")
    desk.call("DELETE", f"/v2{task}/tag/new")
    desk.post(f"{task}/dependency", {"depends_on": other})
    desk.post(f"{task}/link/{other}")
    desk.put(task, {"status": "complete", "priority": None, "assignees": {"add": [desk.ben.id], "rem": []}})
    desk.call("POST", f"/v2{task}/attachment", FILE, headers=MULTIPART)
    checklist = desk.post(f"{task}/checklist", {"name": "Steps"})["checklist"]["id"]
    items = desk.post(f"/checklist/{checklist}/checklist_item", {"name": "One"})["checklist"]["items"]
    desk.put(f"/checklist/{checklist}/checklist_item/{items[0]['id']}", {"resolved": True})
    desk.put(f"/checklist/{checklist}", {"name": "Better"})
    desk.get(f"{task}?include_subtasks=true&include_markdown_description=true")
    desk.get(f"{task}/member")
    desk.get(f"{task}/time_in_status")
    desk.get(f"{place}/task?page=0&order_by=updated&reverse=true&subtasks=true&include_closed=true")
    desk.get(f"/team/{desk.workspace.id}/task?page=0&list_ids[]={desk.list.id}&date_updated_gt=1")
    desk.call("DELETE", f"/v2{task}/field/{field.id}")
    desk.call("DELETE", f"/v2{task}/dependency?depends_on={other}")
    desk.call("DELETE", f"/v2{task}/link/{other}")
    desk.call("DELETE", f"/v2/checklist/{checklist}/checklist_item/{items[0]['id']}")
    desk.call("DELETE", f"/v2/checklist/{checklist}")
    second = desk.clickup.add_list(desk.folder, "Second")
    desk.post(f"/list/{second.id}/task/{other}")
    desk.call("DELETE", f"/v2/list/{second.id}/task/{other}")
    home = f"/v3/workspaces/{desk.workspace.id}/tasks/{other}/home_list/{second.id}"
    assert desk.call("PUT", home, {}).status == 200
    files = f"/v3/workspaces/{desk.workspace.id}/attachments/{made['id']}/attachments"
    assert desk.call("GET", files + "?limit=10").status == 200
    desk.post(f"/task/{made['id']}/merge", {"source_task_ids": [other]})
    assert desk.call("DELETE", f"/v2/task/{child}").status == 204


def _walk_through_comments(desk: Desk) -> None:
    task = f"/task/{desk.make().id}"
    plain = desk.post(f"{task}/comment", {"comment_text": "Hello", "notify_all": False})["id"]
    assigned = {"comment": [{"text": "Please"}], "notify_all": False, "assignee": desk.ben.id}
    desk.post(f"{task}/comment", assigned)
    desk.post(f"/comment/{plain}/reply", {"comment_text": "Hi", "notify_all": False})
    desk.put(f"/comment/{plain}", {"comment_text": "Hello!", "assignee": desk.ben.id, "resolved": True})
    desk.get(f"{task}/comment")
    desk.get(f"/comment/{plain}/reply")
    desk.post(f"/list/{desk.list.id}/comment", {"comment_text": "List", "assignee": desk.ada.id, "notify_all": False})
    desk.get(f"/list/{desk.list.id}/comment")
    desk.call("DELETE", f"/v2/comment/{plain}")
