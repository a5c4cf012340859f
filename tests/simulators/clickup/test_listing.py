"""What listings show, in which order, and how their pages drift (FACTS clickup 3)."""

from __future__ import annotations

from reconciler.simulators.clickup import Switches
from tests.simulators.clickup.desk import Desk

PAGE_SIZE = Switches().page_size


def test_defaults_hide_closed_tasks_subtasks_and_archived_ones(desk: Desk) -> None:
    open_task = desk.make("open")
    desk.make("closed", status="complete")
    desk.make("child", parent=open_task.id)
    desk.as_ada.archive(desk.make("archived"))
    assert desk.listed() == ["open"]
    assert desk.listed("subtasks=true&include_closed=true") == ["child", "closed", "open"]
    assert desk.listed("archived=true") == ["archived"]


def test_archived_may_mean_also(desk: Desk) -> None:
    desk.make("open")
    desk.as_ada.archive(desk.make("archived"))
    desk.switch(archived_filter="also")
    assert desk.listed("archived=true") == ["archived", "open"]


def test_tasks_of_an_archived_list_may_count_as_archived(desk: Desk) -> None:
    desk.make("open")
    desk.as_ada.archive_place(desk.list)
    assert desk.listed() == ["open"]
    desk.switch(archived_places_hide_tasks=True)
    assert desk.listed() == []
    assert desk.listed("archived=true") == ["open"]


def test_the_team_listing_cannot_reach_archived_tasks(desk: Desk) -> None:
    desk.as_ada.archive(desk.make("archived"))
    assert desk.get(f"/team/{desk.workspace.id}/task?archived=true")["tasks"] == []


def test_order_is_newest_created_first_and_reversible(desk: Desk) -> None:
    first, *_ = desk.make_many(3)
    assert desk.listed() == ["Task 2", "Task 1", "Task 0"]
    desk.clock.advance(1)
    desk.as_ada.edit(first, name="Task 0 again")
    assert desk.listed("order_by=updated") == ["Task 0 again", "Task 2", "Task 1"]
    assert desk.listed("order_by=updated&reverse=true") == ["Task 1", "Task 2", "Task 0 again"]


def test_order_by_closed_is_an_internal_error(desk: Desk) -> None:
    assert desk.refused("GET", f"/list/{desk.list.id}/task?order_by=closed") == (500, "ITEMV2_003")


def test_pages_have_a_hundred_rows_and_the_last_says_so(desk: Desk) -> None:
    desk.make_many(PAGE_SIZE + 1)
    address = f"/list/{desk.list.id}/task"
    first, second, beyond = (desk.get(f"{address}?page={page}") for page in range(3))
    assert (len(first["tasks"]), first["last_page"]) == (100, False)
    assert (len(second["tasks"]), second["last_page"]) == (1, True)
    assert beyond == {"tasks": [], "last_page": True}


def test_exactly_a_hundred_rows_are_one_last_page(desk: Desk) -> None:
    desk.make_many(PAGE_SIZE)
    assert desk.get(f"/list/{desk.list.id}/task")["last_page"] is True


def test_oldest_update_first_skips_an_unchanged_row_when_another_is_touched_between_pages(desk: Desk) -> None:
    tasks = desk.make_many(PAGE_SIZE + 20)
    query = "order_by=updated&reverse=true"
    seen = set(desk.listed(query + "&page=0"))
    desk.as_ben.edit(tasks[0], name="touched")
    seen |= set(desk.listed(query + "&page=1"))
    assert {task.name for task in tasks} - seen == {"Task 100"}


def test_a_deletion_between_pages_skips_a_row_in_creation_order(desk: Desk) -> None:
    tasks = desk.make_many(PAGE_SIZE + 20)
    seen = set(desk.listed("page=0"))
    desk.as_ben.delete(tasks[-1])
    seen |= set(desk.listed("page=1"))
    assert {task.name for task in tasks} - seen == {"Task 19"}


def test_after_is_strict_or_inclusive(desk: Desk) -> None:
    first, second = desk.make_many(2)
    query = f"date_updated_gt={first.updated_ms}"
    assert desk.listed(query) == [second.name]
    desk.switch(after_includes_equal=True)
    assert desk.listed(query) == [second.name, first.name]


def test_two_writes_may_share_a_millisecond(desk: Desk) -> None:
    first, second = desk.make_many(2)
    desk.as_ada.edit(first, name="bulk 1")
    desk.as_ada.edit(second, name="bulk 2")
    assert first.updated_ms == second.updated_ms


def test_an_index_delay_shows_what_was_before_the_write(desk: Desk) -> None:
    task = desk.make("before")
    desk.switch(index_delay_ms=5_000)
    desk.clock.advance(1)
    desk.as_ada.edit(task, name="after")
    late = desk.make("late")
    assert desk.listed() == ["before"]
    assert desk.read(task)["name"] == "after"
    desk.clock.advance(4.5)
    assert desk.listed() == ["after"]
    desk.clock.advance(1)
    assert desk.listed() == ["late", "after"]
    desk.as_ada.delete(late)
    assert desk.listed() == ["late", "after"]
    desk.switch(index_delay_ms=0)
    assert desk.listed() == ["after"]


def test_rows_lack_attachments_checklists_and_untracked_time(desk: Desk) -> None:
    task = desk.make(markdown_content="**x**")
    desk.as_ada.add_checklist(task, "Steps", ["one"])
    desk.as_ada.attach(task, "a.txt", b"a")
    (row,) = desk.get(f"/list/{desk.list.id}/task")["tasks"]
    assert "attachments" not in row
    assert "time_spent" not in row
    assert "markdown_description" not in row
    assert row["checklists"] == []
    (row,) = desk.get(f"/list/{desk.list.id}/task?include_markdown_description=true")["tasks"]
    assert row["markdown_description"] == "**x**"


def test_filters_of_people_tags_statuses_and_places(desk: Desk) -> None:
    desk.make("mine", assignees=[desk.ada.id])
    tagged = desk.make("tagged")
    desk.as_ada.add_tag(tagged, "Bug")
    desk.make("done", status="complete")
    other = desk.clickup.add_list(desk.folder, "Other")
    desk.as_ada.create_task(other, "elsewhere")
    assert desk.listed(f"assignees[]={desk.ada.id}") == ["mine"]
    assert desk.listed("tags[]=bug") == ["tagged"]
    assert desk.listed("statuses[]=complete") == ["done"]
    assert desk.listed("statuses[]=nonsense") == []
    team = desk.get(f"/team/{desk.workspace.id}/task?list_ids[]={other.id}")
    assert [row["name"] for row in team["tasks"]] == ["elsewhere"]
    assert (
        len(desk.get(f"/team/{desk.workspace.id}/task?list_ids[]={other.id}&list_ids[]={desk.list.id}")["tasks"]) == 3
    )
    assert desk.get(f"/team/{desk.workspace.id}/task?list_ids[]=999")["tasks"] == []


def test_arrays_need_brackets(desk: Desk) -> None:
    assert desk.refused("GET", f"/list/{desk.list.id}/task?assignees=1") == (400, "PUBAPITASK_017")


def test_done_statuses_are_listed_or_not(desk: Desk) -> None:
    statuses = [("to do", "open"), ("shipped", "done"), ("closed", "closed")]
    place = desk.clickup.add_list(desk.folder, "Own", statuses=statuses)  # type: ignore[arg-type]
    desk.as_ada.create_task(place, "shipped", status="shipped")
    address = f"/list/{place.id}/task"
    assert len(desk.get(address)["tasks"]) == 1
    desk.switch(done_is_listed=False)
    assert desk.get(address)["tasks"] == []


def test_further_lists_show_a_task_only_on_request(desk: Desk) -> None:
    other = desk.clickup.add_list(desk.folder, "Other")
    task = desk.make()
    desk.as_ada.add_to_list(task, other)
    assert desk.get(f"/list/{other.id}/task")["tasks"] == []
    (row,) = desk.get(f"/list/{other.id}/task?include_timl=true")["tasks"]
    assert row["list"]["id"] == desk.list.id
    assert row["locations"] == [{"id": other.id, "name": "Other"}]


def test_a_text_field_finds_its_task_exactly_or_by_a_part(desk: Desk) -> None:
    field = desk.clickup.add_field(desk.list, "Work item", "short_text")
    for name, value in (("one", "17"), ("two", "170")):
        desk.as_ada.set_field(desk.make(name), field, value)
    query = 'custom_fields=[{{"field_id":"{}","operator":"{}","value":"17"}}]'
    assert desk.listed(query.format(field.id, "==")) == ["one"]
    assert desk.listed(query.format(field.id, "%3D")) == ["two", "one"]


def test_what_a_member_cannot_see_is_not_listed(desk: Desk) -> None:
    task = desk.make("secret")
    desk.as_ben.make_private(desk.space, desk.ben)
    assert desk.get(f"/team/{desk.workspace.id}/task")["tasks"] == []
    assert desk.refused("GET", f"/list/{desk.list.id}/task") == (401, "OAUTH_018")
    desk.as_ben.share(task, desk.ada)
    assert [row["name"] for row in desk.get(f"/team/{desk.workspace.id}/task")["tasks"]] == ["secret"]


def test_ten_thousand_tasks_are_listed_page_by_page(desk: Desk) -> None:
    for number in range(10_000):
        desk.as_ada.create_task(desk.list, f"Task {number}")
    address = f"/list/{desk.list.id}/task?page={{}}"
    seen = {row["id"] for page in range(0, 100, 9) for row in desk.get(address.format(page))["tasks"]}
    assert len(seen) == 1_200


def test_the_team_listing_shows_the_subtasks_of_one_task(desk: Desk) -> None:
    parent = desk.make("parent")
    desk.make("child", parent=parent.id)
    team = desk.get(f"/team/{desk.workspace.id}/task?parent={parent.id}")
    assert [row["name"] for row in team["tasks"]] == ["child"]
    assert desk.listed(f"parent={parent.id}") == ["parent"]  # the List endpoint ignores what it does not know
