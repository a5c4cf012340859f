"""Tasks as items: recorded ones, documented ones, and those that lack or bend something."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.field import FIELDS
from reconciler.model.rich_text import Form, RichText
from reconciler.trackers.clickup import translate
from reconciler.trackers.clickup.instants import day_of, instant, noon_ms, to_ms
from reconciler.trackers.clickup.translate import Glossary, to_item
from tests.trackers.clickup.conftest import origin

EXAMPLES = Path(__file__).resolve().parents[3].parent / "shared" / "apis" / "clickup" / "examples"
MADRID = Glossary(ZoneInfo("Europe/Madrid"), "10000001")

TASK: dict[str, Any] = {
    "id": "86c7mc19h",
    "name": "Task 1",
    "markdown_description": "",
    "status": {"status": "to do", "type": "open"},
    "date_created": "1768558017371",
    "date_updated": "1768558017371",
    "list": {"id": "901", "name": "Work"},
}


def tasks_in(value: Any) -> Iterator[dict[str, Any]]:
    """Every task anywhere in a document."""
    if isinstance(value, list):
        for entry in value:
            yield from tasks_in(entry)
    elif isinstance(value, dict):
        if {"id", "name", "status", "date_created"} <= value.keys():
            yield value
        for entry in value.values():
            yield from tasks_in(entry)


def recorded(name: str) -> list[dict[str, Any]]:
    path = EXAMPLES / "recorded" / name
    if not path.exists():
        pytest.skip(f"{name} is not here")
    return list(tasks_in(json.loads(path.read_text(encoding="utf-8"))))


def test_every_task_ever_shown_becomes_an_item() -> None:
    if not EXAMPLES.exists():
        pytest.skip("examples are not here")
    found = [t for path in sorted(EXAMPLES.rglob("*.json")) for t in tasks_in(json.loads(path.read_text("utf-8")))]
    assert len(found) > 30
    for task in found:
        item = to_item(task, MADRID)
        assert item.key == task["id"]
        assert item.title == task["name"]
        assert set(FIELDS) - item.fields.keys() <= {"description"}
        assert json.loads(json.dumps(item.native)) == item.native
        assert to_item(json.loads(json.dumps(task)), MADRID) == item


def test_a_recorded_task_reads_as_people_see_it() -> None:
    task = next(task for task in recorded("task_listing_team_markdown.json") if task["id"] == "86c7mc1dq")
    item = to_item(task, MADRID)
    assert item.fields["state"] == "to do"
    assert item.fields["priority"] == "high"
    assert item.fields["type"] == "Task"
    assert item.fields["due_date"] == date(2026, 1, 20)
    assert item.fields["start_date"] is None
    assert [person.address for person in item.fields["assignees"] or ()] == ["alex@example.com"]  # type: ignore[union-attr]
    assert item.changed_at == datetime(2026, 1, 16, 10, 7, 4, 446000, UTC)
    assert item.url == "https://app.clickup.com/t/86c7mc1dq"
    assert item.label == "CU-86c7mc1dq"
    assert item.home == "Get Started with ClickUp"
    assert item.ours
    assert item.origin is None
    assert isinstance(item.fields["description"], RichText)


def test_the_answer_to_a_recorded_write_leaves_the_description_open() -> None:
    for name in ("task_create.json", "task_update.json"):
        for task in recorded(name):
            item = to_item(task, MADRID)
            assert "description" not in item.fields
            assert not translate.is_complete(item.revision)
            assert translate.date_ms(item.revision) == int(task["date_updated"])


def test_a_row_with_only_the_keys_that_are_always_there_becomes_an_item() -> None:
    item = to_item({"id": "a", "name": "A", "status": {"status": "open"}}, Glossary())
    assert item.fields["assignees"] == ()
    assert item.fields["tags"] == ()
    assert item.created_at is None
    assert not item.ours


@pytest.mark.parametrize(
    ("key", "value", "field", "read"),
    [
        ("priority", False, "priority", None),
        ("priority", None, "priority", None),
        ("priority", {"id": "1", "priority": "urgent"}, "priority", "urgent"),
        ("custom_item_id", None, "type", "Task"),
        ("custom_item_id", 1, "type", "Milestone"),
        ("custom_item_id", 1007, "type", "Type 1007"),
        ("tags", [{"name": "bug"}, {"name": "door"}], "tags", ("bug", "door")),
        ("due_date", "1568016000000", "due_date", date(2019, 9, 9)),
        ("due_date", 1568016000000, "due_date", date(2019, 9, 9)),
        ("due_date", "soon", "due_date", None),
    ],
)
def test_a_value_is_read_in_all_its_forms(key: str, value: Any, field: str, read: Any) -> None:
    assert to_item({**TASK, key: value}, Glossary()).fields[field] == read


def test_the_footer_is_split_off() -> None:
    stored = f"Body\n\n[AB#1]({origin().href})"
    item = to_item({**TASK, "markdown_description": stored}, MADRID)
    assert item.fields["description"] == RichText(Form.MARKDOWN, "Body")
    assert item.origin == origin()


def test_raw_editor_json_is_no_description_and_is_never_carried() -> None:
    item = to_item({**TASK, "description": '{"ops":[{"insert":"x"}]}', "markdown_description": ""}, MADRID)
    assert "description" not in item.fields


def test_the_revision_tells_any_difference_but_not_the_order_of_sets() -> None:
    people = [{"id": 1, "email": "a@example.com"}, {"id": 2, "email": "b@example.com"}]
    one = to_item({**TASK, "assignees": people}, MADRID).revision
    assert to_item({**TASK, "assignees": people[::-1]}, MADRID).revision == one
    for change in ({"name": "x"}, {"archived": True}, {"assignees": people[:1]}, {"list": {"id": "902"}}):
        assert to_item({**TASK, "assignees": people, **change}, MADRID).revision != one


@pytest.mark.parametrize(
    ("revision", "complete"), [("1769437675549.6f2c", True), ("1769437675549?", False), ("1769437675549?d9a41", False)]
)
def test_a_revision_says_what_is_still_to_be_read(revision: str, complete: bool) -> None:
    assert translate.date_ms(revision) == 1769437675549
    assert translate.is_complete(revision) is complete
    assert translate.date_ms("from another program") == 0


def test_a_description_is_our_own_while_its_plain_text_is_what_was_sent() -> None:
    sent = {**TASK, "text_content": "Body\nmore"}
    revision = translate.as_sent(sent)
    later = {**sent, "date_updated": "1768558017999"}
    assert translate.spells_what_we_sent(revision, {**sent, "markdown_description": "**Body**\n\nmore"})
    assert translate.spells_what_we_sent(revision, later)
    assert not translate.spells_what_we_sent(revision, {**sent, "text_content": "somebody's, within the millisecond"})
    assert not translate.spells_what_we_sent(revision, {**later, "text_content": "Body\nless"})
    for other in (to_item(sent, MADRID).revision, f"{translate.date_ms(revision)}?", ""):
        assert not translate.spells_what_we_sent(other, sent)


def kept_day(ms: int, zone: ZoneInfo) -> int:
    """What ClickUp makes of an instant without a time: 04:00 of its local day (FACTS clickup 5.6)."""
    local = datetime.fromtimestamp(ms / 1000, UTC).astimezone(zone)
    return to_ms(local.replace(hour=4, minute=0, second=0, microsecond=0))


ZONES = ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago", "America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Auckland"]


@given(st.dates(date(1975, 1, 1), date(2100, 1, 1)), st.sampled_from(ZONES))
def test_a_day_written_is_the_day_read(day: date, name: str) -> None:
    zone = ZoneInfo(name)
    assert day_of(kept_day(noon_ms(day, zone), zone), zone) == day


@given(st.dates(date(1975, 1, 1), date(2100, 1, 1)), st.sampled_from(["America/Los_Angeles", "Asia/Tokyo"]))
def test_a_day_is_right_even_if_we_are_wrong_about_the_zone(day: date, name: str) -> None:
    zone = ZoneInfo(name)
    assert day_of(kept_day(noon_ms(day, UTC), zone), zone) == day


def test_an_instant_is_whole_milliseconds_both_ways() -> None:
    assert to_ms(instant("1568036964079") or datetime.now(UTC)) == 1568036964079
    assert instant(None) is None
    assert instant("") is None
    assert instant(10**30) is None


def test_a_changed_custom_field_is_another_revision_and_another_type_of_the_same_value_is_not() -> None:
    row = {"id": "86a", "name": "Task", "status": {"status": "to do"}, "date_updated": "1", "markdown_description": ""}

    def at(*values: Any) -> str:
        fields = [{"id": str(place), "type": "number", "value": value} for place, value in enumerate(values)]
        return translate.revision_of({**row, "custom_fields": fields})

    assert at(42, True) == at("42", "true")
    assert len({at(42), at(43), at(), at(None, 42)}) == 4
    assert at(None) == at()
