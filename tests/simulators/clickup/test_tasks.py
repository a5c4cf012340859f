"""Creating and updating: the rules, the silent drops, and what moves `date_updated` (FACTS clickup 4 to 6)."""

from __future__ import annotations

import pytest

from reconciler.simulators.clickup import ALL_MOVE, FEWEST_MOVE, Change
from reconciler.simulators.clickup.dates import day_only
from tests.simulators.clickup.desk import Desk


def test_a_new_task_has_the_first_status_and_its_maker_watching(desk: Desk) -> None:
    made = desk.post(f"/list/{desk.list.id}/task", {"name": "New"})
    assert made["status"]["status"] == "to do"
    assert [person["id"] for person in made["watchers"]] == [desk.ada.id]
    assert made["date_created"] == made["date_updated"]
    assert "attachments" not in made
    assert len(made["id"]) == 9


@pytest.mark.parametrize("name", ["", "   ", None, "x" * 2049])
def test_bad_names_are_refused(desk: Desk, name: str | None) -> None:
    assert desk.refused("POST", f"/list/{desk.list.id}/task", {"name": name}) == (400, "INPUT_005")


def test_the_longest_name_is_stored_whole(desk: Desk) -> None:
    assert desk.post(f"/list/{desk.list.id}/task", {"name": "x" * 2048})["name"] == "x" * 2048


def test_names_may_be_trimmed(desk: Desk) -> None:
    assert desk.make(" a\nb ").name == " a\nb "
    desk.switch(trims_names=True)
    assert desk.make(" a\nb ").name == "a b"


def test_unknown_statuses_have_different_codes(desk: Desk) -> None:
    assert desk.refused("POST", f"/list/{desk.list.id}/task", {"name": "x", "status": "no"}) == (400, "CRTSK_001")
    task = desk.make()
    assert desk.refused("PUT", f"/task/{task.id}", {"status": "no"}) == (400, "ITEM_114")
    desk.switch(update_status_code="CRTSK_001")
    assert desk.refused("PUT", f"/task/{task.id}", {"status": "no"}) == (400, "CRTSK_001")


def test_the_case_of_a_status_may_matter(desk: Desk) -> None:
    task = desk.make()
    assert desk.put(f"/task/{task.id}", {"status": "In Progress"})["status"]["status"] == "in progress"
    desk.switch(status_case_matters=True)
    assert desk.refused("PUT", f"/task/{task.id}", {"status": "In Progress"}) == (400, "ITEM_114")


def test_unknown_assignees_vanish_in_silence(desk: Desk) -> None:
    made = desk.post(f"/list/{desk.list.id}/task", {"name": "x", "assignees": [123, desk.ben.id]})
    assert [person["id"] for person in made["assignees"]] == [desk.ben.id]
    task = f"/task/{made['id']}"
    assert desk.put(task, {"assignees": {"add": [5], "rem": [desk.ben.id]}})["assignees"] == []
    desk.switch(unknown_assignee_on_update="refused")
    assert desk.refused("PUT", task, {"assignees": {"add": [5]}})[0] == 400


def test_put_ignores_arrays_of_assignees_tags_fields_and_lists(desk: Desk) -> None:
    task = desk.make()
    body = {"assignees": [desk.ben.id], "tags": ["x"], "custom_fields": [{"id": "1"}], "list": "1", "nmae": "typo"}
    after = desk.put(f"/task/{task.id}", body)
    assert (after["assignees"], after["tags"], after["name"]) == ([], [], "Task")


def test_a_put_that_changes_nothing_moves_the_date(desk: Desk) -> None:
    task = desk.make()
    before = task.updated_ms
    desk.clock.advance(1)
    after = desk.put(f"/task/{task.id}", {"status": "to do"})
    assert int(after["date_updated"]) == before + 1000
    assert after["attachments"] == []


def test_a_refused_put_changes_nothing(desk: Desk) -> None:
    task = desk.make("old")
    before = desk.read(task)
    desk.clock.advance(1)
    desk.refused("PUT", f"/task/{task.id}", {"name": "new", "priority": 2, "status": "no such"})
    assert desk.read(task) == before


def test_clearing_needs_null_or_a_blank(desk: Desk) -> None:
    task = desk.make(description="text", priority=1, due_date=1_772_438_400_000, points=3, time_estimate=60_000)
    address = f"/task/{task.id}"
    assert desk.put(address, {"description": ""})["description"] == "text"
    cleared = desk.put(
        address, {"description": " ", "priority": None, "due_date": None, "points": None, "time_estimate": None}
    )
    keys = ("description", "priority", "due_date", "points", "time_estimate")
    assert [cleared[key] for key in keys] == ["", None, None, None, None]


def test_null_may_clear_neither_points_nor_estimate_and_a_blank_no_markdown(desk: Desk) -> None:
    desk.switch(null_clears_points=False, null_clears_time_estimate=False, blank_clears_markdown=False)
    task = desk.make(markdown_content="text", points=3, time_estimate=60_000)
    after = desk.put(f"/task/{task.id}", {"points": None, "time_estimate": None, "markdown_content": " "})
    assert (after["points"], after["time_estimate"], after["description"]) == (3, 60_000, "text")


def test_markdown_content_wins_and_markdown_description_is_ignored(desk: Desk) -> None:
    task = desk.make(description="plain", markdown_content="**bold**", markdown_description="no")
    read = desk.read(task)
    assert (read["markdown_description"], read["text_content"]) == ("**bold**", "bold")


def test_a_priority_is_written_as_a_number_only(desk: Desk) -> None:
    task = desk.make(priority=2)
    read = desk.read(task)["priority"]
    assert read == {"color": "#f8ae00", "id": "2", "orderindex": "2", "priority": "high"}
    assert desk.refused("PUT", f"/task/{task.id}", {"priority": read})[0] == 400


def test_a_date_without_time_becomes_four_in_the_morning_of_the_users_day() -> None:
    assert day_only(1568036964079, "America/New_York") == 1568016000000  # measured, FACTS clickup 5.6
    assert day_only(1568016000000, "America/New_York") == 1568016000000


def test_utc_midnight_lands_on_the_day_before_west_of_greenwich(desk: Desk) -> None:
    midnight_ms = 1_772_409_600_000  # 2 March 2026, 00:00 UTC
    task = desk.make(due_date=midnight_ms)
    assert task.due_ms == midnight_ms - 15 * 3_600_000  # 1 March, 04:00 in New York
    as_ben = desk.as_ben.create_task(desk.list, "Berlin", due_date=midnight_ms)
    assert as_ben.due_ms == midnight_ms + 3 * 3_600_000
    timed = desk.make(due_date=midnight_ms, due_date_time=True)
    assert desk.read(timed)["due_date"] == str(midnight_ms)


def test_done_and_closed_dates_follow_the_status(desk: Desk) -> None:
    task = desk.make()
    closed = desk.put(f"/task/{task.id}", {"status": "complete"})
    assert closed["date_closed"] == closed["date_done"] == str(desk.clickup.world.now_ms())
    opened = desk.put(f"/task/{task.id}", {"status": "to do"})
    assert (opened["date_closed"], opened["date_done"]) == (None, None)


def test_a_parent_must_be_in_the_list_and_not_the_task_itself(desk: Desk) -> None:
    other = desk.clickup.add_list(desk.folder, "Other")
    elsewhere, task = desk.as_ada.create_task(other, "elsewhere"), desk.make()
    body = {"name": "child", "parent": elsewhere.id}
    assert desk.refused("POST", f"/list/{desk.list.id}/task", body) == (400, "ITEM_137")
    assert desk.refused("PUT", f"/task/{task.id}", {"parent": task.id}) == (400, "ITEM_069")


def test_the_api_cannot_detach_a_subtask_but_people_can(desk: Desk) -> None:
    parent = desk.make()
    child = desk.make(parent=parent.id)
    for nothing in (None, ""):
        assert desk.put(f"/task/{child.id}", {"parent": nothing})["parent"] == parent.id
    desk.as_ada.set_parent(child, None)
    assert desk.read(child)["parent"] is None


def test_a_parent_elsewhere_takes_the_task_along(desk: Desk) -> None:
    other = desk.clickup.add_list(desk.folder, "Other")
    parent, task = desk.as_ada.create_task(other, "parent"), desk.make()
    grandchild = desk.make(parent=task.id)
    assert desk.put(f"/task/{task.id}", {"parent": parent.id})["list"]["id"] == other.id
    assert grandchild.home is other
    read = desk.read(parent, "include_subtasks=true")
    assert [(row["id"], row["parent"]) for row in read["subtasks"]] == [(task.id, parent.id), (grandchild.id, task.id)]
    assert desk.read(grandchild)["top_level_parent"] == parent.id


def test_new_tags_are_missing_from_the_create_answer(desk: Desk) -> None:
    made = desk.post(f"/list/{desk.list.id}/task", {"name": "x", "tags": ["Fresh"]})
    assert made["tags"] == []
    assert [tag["name"] for tag in desk.get(f"/task/{made['id']}")["tags"]] == ["fresh"]
    again = desk.post(f"/list/{desk.list.id}/task", {"name": "y", "tags": ["fresh"]})
    assert [tag["name"] for tag in again["tags"]] == ["fresh"]


def test_custom_ids_need_the_workspace(desk: Desk) -> None:
    space = desk.clickup.add_space(desk.workspace, "Engineering", custom_id_prefix="ENG")
    task = desk.as_ada.create_task(desk.clickup.add_list(space, "Work"), "x")
    assert desk.get(f"/task/ENG-1?custom_task_ids=true&team_id={desk.workspace.id}")["id"] == task.id
    assert desk.refused("GET", "/task/ENG-1?custom_task_ids=true") == (401, "OAUTH_018")


def test_a_quota_of_custom_types_refuses_the_create(desk: Desk) -> None:
    bug = desk.clickup.add_task_type(desk.workspace, "Bug")
    place = desk.clickup.add_list(desk.folder, "Bugs", default_type=bug)
    assert desk.as_ada.create_task(place, "bug").type_id == bug.id
    desk.switch(custom_type_uses_max=1)
    assert desk.refused("POST", f"/list/{place.id}/task", {"name": "x"}) == (400, "ITEM_246")
    assert desk.post(f"/list/{place.id}/task", {"name": "x", "custom_item_id": 0})["custom_item_id"] == 0


def _acts(desk: Desk) -> dict[Change, object]:
    """One act of each kind on its own task; the value is that task."""
    made = {change: desk.make(change.value) for change in Change}
    other = desk.make("other")
    place = desk.clickup.add_list(desk.folder, "Further")
    field = desk.clickup.add_field(desk.list, "Text", "text")
    comment = desk.as_ben.comment(made[Change.COMMENT_EDIT], "old")
    gone = desk.as_ben.comment(made[Change.COMMENT_DELETE], "old")
    parent = desk.as_ben.comment(made[Change.REPLY], "old")
    liked = desk.as_ben.comment(made[Change.REACTION], "old")
    desk.as_ben.add_tag(made[Change.RENAME], "old")
    desk.as_ben.delete(made[Change.RESTORE])
    for task in made.values():
        task.updated_ms = 0
    act = desk.as_ben
    act.edit(made[Change.EDIT])
    desk.post(f"/team/{desk.workspace.id}/time_entries", {"tid": made[Change.TIME].id, "start": 1, "duration": 1})
    act.link(made[Change.LINK], other)
    act.add_tag(made[Change.TAG], "new")
    act.set_field(made[Change.FIELD], field, "x")
    act.move(made[Change.MOVE], place)
    act.archive(made[Change.ARCHIVE])
    act.restore(made[Change.RESTORE])
    act.comment(made[Change.COMMENT_ADD], "new")
    act.edit_comment(comment, "new")
    act.delete_comment(gone)
    act.reply(parent, "new")
    act.react(liked)
    act.attach(made[Change.ATTACHMENT], "a.txt", b"")
    act.add_checklist(made[Change.CHECKLIST], "Steps")
    act.depend(made[Change.DEPENDENCY], other)
    act.add_to_list(made[Change.LOCATION], place)
    act.create_task(desk.list, "child", parent=made[Change.SUBTASK].id)
    act.rename_tag(desk.space, "old", "newer")
    act.merge(made[Change.MERGE], desk.make())
    return dict(made)


@pytest.mark.parametrize("moves", [ALL_MOVE, FEWEST_MOVE, frozenset(Change)], ids=["all", "fewest", "links too"])
def test_a_change_moves_the_date_exactly_when_the_switch_says_so(desk: Desk, moves: frozenset[Change]) -> None:
    desk.switch(moves=moves)
    made = _acts(desk)
    moved = {change for change, task in made.items() if task.updated_ms > 0}  # type: ignore[attr-defined]
    assert moved == moves


def test_by_default_links_and_attachments_do_not_move_the_date_and_comments_do(desk: Desk) -> None:
    assert Change.COMMENT_ADD in desk.clickup.switches.moves
    assert not {Change.LINK, Change.ATTACHMENT, Change.REPLY} & desk.clickup.switches.moves
