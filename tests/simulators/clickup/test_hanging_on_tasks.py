"""Tags, checklists, relations, moves, files, trash (FACTS clickup 8, 10, 12, 16)."""

from __future__ import annotations

import pytest

from reconciler.simulators.kit.wire import Request, Response
from tests.simulators.clickup.desk import Answer, Desk


def upload(desk: Desk, task_id: str, *, part: str = "attachment", name: str = "a b.txt", address: str = "") -> Answer:
    head = (
        f'--b\r\nContent-Disposition: form-data; name="{part}"; filename="{name}"\r\nContent-Type: text/plain\r\n\r\n'
    )
    body = head.encode() + b"hello\r\nworld\x00\xff" + b"\r\n--b--\r\n"
    headers = {"content-type": "multipart/form-data; boundary=b"}
    return desk.call("POST", address or f"/v2/task/{task_id}/attachment", body, headers=headers)


def fetch(desk: Desk, url: str, **headers: str) -> Response:
    path, _, query = url.partition("clickup-attachments.com")[2].partition("?")
    pairs = tuple(tuple(pair.split("=")) for pair in query.split("&") if pair)
    return desk.clickup.files.handle(Request("GET", path.replace("%20", " "), pairs, headers))  # type: ignore[arg-type]


def test_tags_are_lower_case_made_on_demand_and_idempotent(desk: Desk) -> None:
    task = desk.make()
    for _ in range(2):
        assert desk.post(f"/task/{task.id}/tag/Needs%2FReview") == {}
    assert [tag["name"] for tag in desk.read(task)["tags"]] == ["needs/review"]
    assert [tag["name"] for tag in desk.get(f"/space/{desk.space.id}/tag")["tags"]] == ["needs/review"]
    for _ in range(2):
        assert desk.call("DELETE", f"/v2/task/{task.id}/tag/needs%2Freview").body == {}
    assert desk.read(task)["tags"] == []


def test_a_deleted_space_tag_leaves_all_tasks(desk: Desk) -> None:
    task = desk.make()
    desk.as_ben.add_tag(task, "bug")
    desk.as_ben.rename_tag(desk.space, "bug", "Defect")
    assert [tag["name"] for tag in desk.read(task)["tags"]] == ["defect"]
    desk.call("DELETE", f"/v2/space/{desk.space.id}/tag/defect")
    assert desk.read(task)["tags"] == []


def test_checklists_count_and_refuse_outsiders_and_forgive_what_is_gone(desk: Desk) -> None:
    task = desk.make()
    checklist = desk.post(f"/task/{task.id}/checklist", {"name": "Steps"})["checklist"]["id"]
    items = f"/checklist/{checklist}/checklist_item"
    (item,) = desk.post(items, {"name": "one", "assignee": desk.ben.id})["checklist"]["items"]
    changed = desk.put(f"{items}/{item['id']}", {"resolved": True})["checklist"]
    assert (changed["resolved"], changed["unresolved"]) == (1, 0)
    assert desk.refused("POST", items, {"name": "two", "assignee": 183}) == (400, "CHECK_026")
    for _ in range(2):
        assert desk.call("DELETE", f"/v2{items}/{item['id']}").body == {}
    assert desk.put(f"{items}/{item['id']}", {"resolved": True}) == {}
    assert [one["name"] for one in desk.read(task)["checklists"]] == ["Steps"]


def test_a_dependency_shows_at_both_ends_and_cycles_are_refused(desk: Desk) -> None:
    first, second, third = desk.make_many(3)
    desk.post(f"/task/{first.id}/dependency", {"depends_on": second.id})
    desk.post(f"/task/{third.id}/dependency", {"dependency_of": second.id})
    for task in (first, second):
        assert (first.id, second.id) in [(row["task_id"], row["depends_on"]) for row in desk.read(task)["dependencies"]]
    assert desk.refused("POST", f"/task/{third.id}/dependency", {"depends_on": first.id})[0] == 400
    assert desk.post(f"/task/{first.id}/dependency", {"depedency_of": third.id}) == {}
    for _ in range(2):
        desk.call("DELETE", f"/v2/task/{first.id}/dependency?depends_on={second.id}")
    assert desk.read(first)["dependencies"] == []


def test_links_are_undirected_idempotent_and_move_no_date(desk: Desk) -> None:
    first, second = desk.make_many(2)
    before = first.updated_ms
    desk.clock.advance(5)
    for _ in range(2):
        answer = desk.post(f"/task/{first.id}/link/{second.id}")
    assert len(answer["task"]["linked_tasks"]) == len(desk.read(second)["linked_tasks"]) == 1
    desk.call("DELETE", f"/v2/task/{second.id}/link/{first.id}")
    assert desk.read(first)["linked_tasks"] == []
    assert first.updated_ms == before
    assert desk.refused("POST", f"/task/{first.id}/link/zzz") == (401, "OAUTH_023")


def test_only_root_tasks_move_and_children_follow(desk: Desk) -> None:
    place = desk.clickup.add_list(desk.folder, "Other")
    task = desk.make()
    child = desk.make(parent=task.id)
    home = f"/v3/workspaces/{desk.workspace.id}/tasks/{{}}/home_list/{{}}"
    refused = desk.call("PUT", home.format(child.id, place.id), {})
    assert (refused.status, refused.body["message"]) == (400, "Only root tasks can be moved to a new home list")
    assert set(refused.body) == {"status", "message", "trace_id", "timestamp"}
    assert desk.call("PUT", home.format(task.id, "12345"), {}).status == 404
    assert desk.call("PUT", home.format(task.id, place.id)).status == 400
    moved = desk.call("PUT", home.format(task.id, place.id), {})
    assert moved.body == {"data": {"task_id": task.id, "new_list_id": place.id}}
    assert desk.read(child)["list"]["id"] == place.id


def test_a_move_maps_statuses_exactly_when_needed(desk: Desk) -> None:
    place = desk.clickup.add_list(desk.folder, "Other", statuses=("to do", "reviewing", "closed"))
    task = desk.make(status="in progress")
    home = f"/v3/workspaces/{desk.workspace.id}/tasks/{task.id}/home_list/{place.id}"
    mapping = {"source_status": task.status.id, "destination_status": place.statuses[1].id}
    unneeded = {"source_status": desk.space.statuses[0].id, "destination_status": place.statuses[1].id}
    assert desk.call("PUT", home, {}).status == 400
    assert desk.call("PUT", home, {"status_mappings": [mapping, unneeded]}).body["message"] == "Invalid status mappings"
    assert desk.call("PUT", home, {"status_mappings": [mapping]}).status == 200
    assert desk.read(task)["status"]["status"] == "reviewing"


def test_fields_come_along_on_request(desk: Desk) -> None:
    place = desk.clickup.add_list(desk.folder, "Other")
    field = desk.clickup.add_field(desk.list, "F", "text")
    task = desk.make(custom_fields=[{"id": field.id, "value": "x"}])
    desk.as_ben.move(task, place, move_custom_fields=True)
    assert desk.read(task)["custom_fields"][0]["value"] == "x"


def test_a_move_between_spaces_may_drop_tags(desk: Desk) -> None:
    space = desk.clickup.add_space(desk.workspace, "Second")
    kept, dropped = desk.make(), desk.make()
    for task in (kept, dropped):
        desk.as_ben.add_tag(task, "bug")
    desk.as_ben.move(kept, desk.clickup.add_list(space, "A"))
    desk.switch(cross_space_move="drops")
    desk.as_ben.move(dropped, desk.clickup.add_list(space, "B"))
    assert [len(desk.read(task)["tags"]) for task in (kept, dropped)] == [1, 0]


def test_further_lists_cost_quota_and_home_cannot_be_left(desk: Desk) -> None:
    place = desk.clickup.add_list(desk.folder, "Other")
    task = desk.make()
    desk.switch(location_uses_max=1)
    desk.post(f"/list/{place.id}/task/{task.id}")
    assert desk.refused("POST", f"/list/{place.id}/task/{task.id}") == (403, "TIML_001")
    assert desk.refused("DELETE", f"/list/{desk.list.id}/task/{task.id}")[0] == 400
    assert desk.call("DELETE", f"/v2/list/{place.id}/task/{task.id}").body == {}
    assert desk.read(task)["locations"] == []


@pytest.mark.parametrize("part", ["attachment", "attachment[0]"])
def test_an_upload_is_served_to_anyone_but_the_bearer_of_a_token(desk: Desk, part: str) -> None:
    task = desk.make()
    made = upload(desk, task.id, part=part).body
    assert made["url"].endswith("/a%20b.txt")
    plain = fetch(desk, made["url"])
    assert (plain.status, plain.body) == (200, b"hello\r\nworld\x00\xff")
    assert plain.headers["content-disposition"].startswith("attachment")
    assert fetch(desk, made["url_w_query"]).headers["content-disposition"].startswith("inline")
    assert fetch(desk, made["url"], authorization=desk.ada.token).status == 401
    (row,) = desk.read(task)["attachments"]
    assert (row["id"], row["size"], row["mimetype"]) == (made["id"], 14, "text/plain")


def test_the_same_file_twice_is_two_attachments_and_a_deleted_one_stays_marked(desk: Desk) -> None:
    task = desk.make()
    first, second = (upload(desk, task.id).body for _ in range(2))
    assert first["id"] != second["id"]
    desk.as_ben.delete_attachment(task, task.attachments[0])
    assert [row["deleted"] for row in desk.read(task)["attachments"]] == [True, False]
    assert fetch(desk, first["url"]).status == 404


def test_an_upload_without_a_file_is_refused(desk: Desk) -> None:
    task = desk.make()
    assert upload(desk, task.id, part="file").status == 400
    assert desk.refused("POST", f"/task/{task.id}/attachment", {"a": 1})[0] == 400


def test_private_links_answer_with_a_login_page(desk: Desk) -> None:
    desk.switch(private_attachment_links=True)
    made = upload(desk, desk.make().id).body
    assert fetch(desk, made["url"]).headers["content-type"].startswith("text/html")


def test_files_may_be_served_elsewhere(desk: Desk) -> None:
    desk.clickup.serve_files_at("http://127.0.0.1:1/")
    assert upload(desk, desk.make().id).body["url"].startswith(f"http://127.0.0.1:1/t{desk.workspace.id}/")


def test_v3_pages_attachments_by_cursor(desk: Desk) -> None:
    task = desk.make()
    for number in range(3):
        desk.as_ben.attach(task, f"{number}.txt", b"x")
    address = f"/v3/workspaces/{desk.workspace.id}/attachments/{task.id}/attachments?limit=2"
    first = desk.call("GET", address).body
    second = desk.call("GET", f"{address}&cursor={first['next_cursor']}").body
    assert [row["title"] for row in first["data"] + second["data"]] == ["0.txt", "1.txt", "2.txt"]
    assert second["next_cursor"] == ""


def test_the_part_of_a_v3_upload_has_either_name(desk: Desk) -> None:
    task = desk.make()
    address = f"/v3/workspaces/{desk.workspace.id}/attachments/{task.id}/attachments"
    assert upload(desk, task.id, address=address).body["title"] == "a b.txt"
    desk.switch(v3_file_part="filename")
    assert upload(desk, task.id, address=address).status == 400
    assert upload(desk, task.id, address=address, part="filename").status == 200


def test_a_deleted_task_is_gone_for_good_reasons_only(desk: Desk) -> None:
    task = desk.make()
    answer = desk.call("DELETE", f"/v2/task/{task.id}")
    assert (answer.status, answer.raw) == (204, b"")
    for method, body in (("GET", None), ("PUT", {"name": "x"}), ("DELETE", None)):
        assert desk.refused(method, f"/task/{task.id}", body) == (404, "ITEM_013")
    assert desk.listed("archived=true") == desk.listed("include_closed=true&subtasks=true") == []


def test_restoring_brings_the_same_id_back_with_its_children(desk: Desk) -> None:
    task = desk.make()
    child = desk.make(parent=task.id)
    desk.as_ada.delete(task)
    assert desk.refused("GET", f"/task/{child.id}") == (404, "ITEM_013")
    desk.as_ada.restore(task)
    assert desk.read(child)["parent"] == task.id
    assert desk.listed("subtasks=true") == ["Task", "Task"]
    assert desk.list.size == 2


def test_children_may_stay_as_root_tasks(desk: Desk) -> None:
    desk.switch(children_follow_into_trash=False)
    task = desk.make()
    child = desk.make("child", parent=task.id)
    desk.as_ada.delete(task)
    assert desk.read(child)["parent"] is None


@pytest.mark.parametrize("what", ["tag/x", "comment", "checklist", "dependency"])
def test_writes_to_the_trash_are_refused_or_ignored(desk: Desk, what: str) -> None:
    task = desk.make()
    desk.as_ada.delete(task)
    address = f"/task/{task.id}/{what}"
    assert desk.refused("POST", address, {"comment_text": "x"}) == (404, "ITEM_013")
    desk.switch(trash_writes="ignored")
    assert desk.post(address, {"comment_text": "x"}) == {}
    assert (task.tags, task.comments, task.checklists) == ([], [], [])


def test_merged_tasks_vanish_and_leave_comments(desk: Desk) -> None:
    target, source = desk.make_many(2)
    reply = desk.as_ada.reply(desk.as_ben.comment(source, "kept"), "too")
    desk.post(f"/task/{target.id}/merge", {"source_task_ids": [source.id]})
    assert desk.refused("GET", f"/task/{source.id}") == (404, "ITEM_013")
    assert [one["comment_text"] for one in desk.get(f"/task/{target.id}/comment")["comments"]] == ["kept"]
    assert desk.put(f"/comment/{reply.id}", {"comment_text": "still here"}) == {}


def test_a_deleted_list_takes_its_tasks_along_and_says_so(desk: Desk) -> None:
    task = desk.make()
    for _ in range(2):
        assert desk.call("DELETE", f"/v2/list/{desk.list.id}").body == {}
    assert desk.get(f"/list/{desk.list.id}")["deleted"] is True
    assert desk.get(f"/team/{desk.workspace.id}/task")["tasks"] == []
    assert desk.refused("GET", f"/task/{task.id}") == (404, "ITEM_013")
    desk.as_ben.delete_place(desk.list, deleted=False)
    assert desk.read(task)["id"] == task.id


def test_renamed_statuses_show_at_once_and_replaced_ones_by_name(desk: Desk) -> None:
    task = desk.make(status="in progress")
    desk.as_ben.rename_status(task.status, "Doing")
    assert desk.read(task)["status"]["status"] == "doing"
    desk.as_ben.set_statuses(desk.list, ("new", "doing", "done"))
    assert desk.read(task)["status"]["status"] == "doing"
    desk.as_ben.set_statuses(desk.list, ("new", "done"))
    assert desk.read(task)["status"]["status"] == "new"
