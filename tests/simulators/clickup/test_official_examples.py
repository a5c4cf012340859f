"""The bodies that ClickUp's own guides print are accepted and mean what the guides say (examples/official)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.simulators.clickup.desk import Desk

OFFICIAL = Path(__file__).parents[4] / "shared/apis/clickup/examples/official"

pytestmark = pytest.mark.skipif(not OFFICIAL.exists(), reason="the examples are not here")


def example(name: str, key: str) -> Any:
    return json.loads((OFFICIAL / f"guide_{name}.json").read_text())[key]


def test_every_printed_comment_is_accepted_and_read_back() -> None:
    desk = Desk()
    bodies = example("comment_formatting", "request_bodies")
    for body in bodies.values():
        task = desk.make()
        desk.post(f"/task/{task.id}/comment", body)
        (read,) = desk.get(f"/task/{task.id}/comment")["comments"]
        attributes = [segment.get("attributes") for segment in read["comment"]]
        assert attributes == [segment.get("attributes") for segment in body["comment"]]
    assert len(bodies) > 8


def test_every_printed_field_value_is_accepted() -> None:
    desk = Desk()
    configs = example("custom_field_values", "type_config")
    related = {"task_id_1": desk.make().id, "task_id_2": desk.make().id, "task_id_3": desk.make().id}
    people = {"user_id_1": desk.ada.id, "user_id_2": desk.ben.id, "user_id_3": desk.ben.id}
    written = 0
    for kind, body in example("custom_field_values", "write_bodies").items():
        if not isinstance(body, dict):
            continue
        field = desk.clickup.add_field(desk.list, kind, kind, config=configs.get(kind))
        if "options" in configs.get(kind, {}):
            field.config["options"] = configs[kind]["options"]
        text = json.dumps(body)
        for name, real in (related | people).items():
            text = text.replace(f'"{name}"', json.dumps(real))
        text = text.replace("label_1_id", "option_1_id").replace("label_2_id", "option_2_id")
        task = desk.make()
        desk.post(f"/task/{task.id}/field/{field.id}", json.loads(text))
        assert "value" in next(one for one in desk.read(task)["custom_fields"] if one["id"] == field.id), kind
        written += 1
    assert written > 12


def test_printed_rows_of_relations_have_the_keys_of_ours() -> None:
    desk = Desk()
    first, second = desk.make_many(2)
    desk.as_ada.link(first, second)
    desk.as_ada.depend(first, second)
    read = desk.read(first)
    for key in ("linked_tasks", "dependencies"):
        printed = example("task_relationships_move_filters", f"{key}_on_read")
        assert read[key][0].keys() == printed[0].keys()


def test_printed_filters_are_understood() -> None:
    desk = Desk()
    desk.make()
    for wanted in example("task_relationships_move_filters", "custom_fields_filter_query"):
        field = desk.clickup.add_field(desk.list, "F", "number" if wanted[0]["operator"] != "==" else "text")
        text = json.dumps([entry | {"field_id": field.id} for entry in wanted])
        assert desk.listed(f"custom_fields={text.replace('=', '%3D')}") == []
