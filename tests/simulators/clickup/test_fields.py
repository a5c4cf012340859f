"""Custom fields: what is written and how it reads back (FACTS clickup 9)."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.simulators.clickup.entities import Field, Task
from tests.simulators.clickup.desk import Desk

UNKNOWN = "00000000-0000-4000-8000-000000000000"


def value_of(desk: Desk, task: Task, field: Field) -> Any:
    """The value as read; "unset" where the key is absent."""
    (found,) = [one for one in desk.read(task)["custom_fields"] if one["id"] == field.id]
    return found.get("value", "unset")


@pytest.mark.parametrize(
    ("kind", "written", "read", "plain"),
    [
        ("short_text", "a", "a", "a"),
        ("number", 42, "42", 42),
        ("checkbox", True, "true", True),
        ("emoji", 4, "4", 4),
        ("manual_progress", {"current": 20}, {"percent_completed": 20, "current": "20"}, None),
    ],
)
def test_simple_values_read_back_as_texts_or_plainly(
    desk: Desk, kind: str, written: Any, read: Any, plain: Any
) -> None:
    task, field = desk.make(), desk.clickup.add_field(desk.list, "F", kind)
    assert value_of(desk, task, field) == "unset"
    desk.post(f"/task/{task.id}/field/{field.id}", {"value": written})
    assert value_of(desk, task, field) == read
    desk.switch(plain_value_types=True)
    assert value_of(desk, task, field) == (plain or read)


def test_a_drop_down_reads_as_the_order_of_its_option_and_zero_is_a_value(desk: Desk) -> None:
    task, field = desk.make(), desk.clickup.add_field(desk.space, "F", "drop_down", options=("a", "b"))
    for written, read in ((field.config["options"][1]["id"], 1), (0, 0)):
        desk.post(f"/task/{task.id}/field/{field.id}", {"value": written})
        assert value_of(desk, task, field) == read
    assert desk.refused("POST", f"/task/{task.id}/field/{field.id}", {"value": "a"}) == (400, "FIELD_011")
    desk.call("DELETE", f"/v2/task/{task.id}/field/{field.id}")
    assert value_of(desk, task, field) == "unset"


def test_labels_replace_all_and_carry_their_text_as_label(desk: Desk) -> None:
    task, field = desk.make(), desk.clickup.add_field(desk.workspace, "F", "labels", options=("a", "b"))
    first, second = (option["id"] for option in field.config["options"])
    assert [option["label"] for option in field.config["options"]] == ["a", "b"]
    for written in ([first], [second]):
        desk.post(f"/task/{task.id}/field/{field.id}", {"value": written})
        assert value_of(desk, task, field) == written
    assert desk.refused("POST", f"/task/{task.id}/field/{field.id}", {"value": first}) == (400, "FIELD_144")


def test_people_are_added_and_removed_and_a_wrong_shape_empties(desk: Desk) -> None:
    task, field = desk.make(), desk.clickup.add_field(desk.list, "F", "users")
    address = f"/task/{task.id}/field/{field.id}"
    desk.post(address, {"value": {"add": [desk.ada.id, desk.ben.id]}})
    desk.post(address, {"value": {"rem": [desk.ada.id]}})
    assert [person["id"] for person in value_of(desk, task, field)] == [desk.ben.id]
    desk.post(address, {"value": [desk.ada.id]})
    assert value_of(desk, task, field) == "unset"


def test_relations_hold_tasks(desk: Desk) -> None:
    task, other, field = desk.make(), desk.make("other"), desk.clickup.add_field(desk.list, "F", "tasks")
    address = f"/task/{task.id}/field/{field.id}"
    desk.post(address, {"value": {"add": [other.id]}})
    assert [(one["id"], one["name"]) for one in value_of(desk, task, field)] == [(other.id, "other")]
    assert desk.refused("POST", address, {"value": other.id}) == (400, "FIELD_342")


def test_dates_keep_the_day_only_unless_told(desk: Desk) -> None:
    task, field = desk.make(), desk.clickup.add_field(desk.list, "F", "date")
    address = f"/task/{task.id}/field/{field.id}"
    desk.post(address, {"value": 1568036964079})
    assert value_of(desk, task, field) == "1568016000000"
    desk.post(address, {"value": 1568036964079, "value_options": {"time": True}})
    assert value_of(desk, task, field) == "1568036964079"
    assert desk.refused("POST", address, {"value": "2019-09-09"}) == (500, "FIELD_017")


def test_a_field_from_elsewhere_or_nowhere_is_refused(desk: Desk) -> None:
    task = desk.make()
    elsewhere = desk.clickup.add_field(desk.clickup.add_list(desk.folder, "Other"), "F", "text")
    for field_id, code in ((elsewhere.id, "FIELD_115"), (UNKNOWN, "FIELD_115"), ("name", "FIELD_057")):
        assert desk.refused("POST", f"/task/{task.id}/field/{field_id}", {"value": "x"}) == (400, code)


def test_null_does_not_clear(desk: Desk) -> None:
    task, field = desk.make(), desk.clickup.add_field(desk.list, "F", "text")
    assert desk.refused("POST", f"/task/{task.id}/field/{field.id}", {"value": None})[0] == 400


def test_the_quota_counts_equal_values_too(desk: Desk) -> None:
    desk.switch(field_uses_max=2)
    task, field = desk.make(), desk.clickup.add_field(desk.list, "F", "text")
    address = f"/task/{task.id}/field/{field.id}"
    for _ in range(2):
        desk.post(address, {"value": "same"})
    assert desk.refused("POST", address, {"value": "same"}) == (400, "FIELD_033")


def test_fields_of_other_task_types_are_hidden_refused_and_dropped_on_creation(desk: Desk) -> None:
    bug = desk.clickup.add_task_type(desk.workspace, "Bug")
    field = desk.clickup.add_field(desk.list, "F", "text", types=[bug])
    task = desk.make(custom_fields=[{"id": field.id, "value": "x"}])
    assert desk.read(task)["custom_fields"] == []
    assert desk.refused("POST", f"/task/{task.id}/field/{field.id}", {"value": "x"})[0] == 400
    made = desk.make(custom_item_id=bug.id, custom_fields=[{"id": field.id, "value": "x"}])
    assert value_of(desk, made, field) == "x"
    (view,) = desk.get(f"/list/{desk.list.id}/field?include_applied_objects=true")["fields"]
    assert view["applied_objects"] == [{"object_type": 19, "object_id": str(bug.id)}]


def test_a_bad_entry_fails_the_whole_creation(desk: Desk) -> None:
    field = desk.clickup.add_field(desk.list, "F", "drop_down", options=("a",))
    address = f"/list/{desk.list.id}/task"
    bad = {"name": "x", "custom_fields": [{"id": field.id, "value": "nope"}]}
    assert desk.refused("POST", address, bad) == (400, "FIELD_011")
    assert desk.refused("POST", address, {"name": "x", "custom_fields": ["x"]}) == (400, "ITEM_155")
    assert desk.listed() == []


def test_a_write_to_a_task_in_the_trash_succeeds_without_effect(desk: Desk) -> None:
    task, field = desk.make(), desk.clickup.add_field(desk.list, "F", "text")
    desk.as_ben.delete(task)
    desk.post(f"/task/{task.id}/field/{field.id}", {"value": "x"})
    assert task.values == {}
