"""Work items as items: recorded ones, documented ones, and those that lack or bend something."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.field import FIELDS
from reconciler.model.item import Item
from reconciler.model.person import Person
from reconciler.model.rich_text import Form, RichText
from reconciler.model.schema import Category
from reconciler.trackers.azure_devops import patch
from reconciler.trackers.azure_devops.translate import Lens, day, instant, person, tags, to_comment, to_item
from reconciler.trackers.azure_devops.work_item_type import WorkItemType, bare_type, work_item_type
from tests.openapi.validator import SHARED
from tests.trackers.azure_devops.conftest import origin

FOLDER = SHARED / "apis" / "azure-devops"
LENS = Lens("https://dev.azure.com/contoso", "me", ZoneInfo("Europe/Berlin"))
DUE = "Microsoft.VSTS.Scheduling.DueDate"
TASK = bare_type(
    "Task",
    {"System.Description", "System.AssignedTo", "System.Tags", "Microsoft.VSTS.Common.Priority", DUE},
)


def native(fields: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    basics = {
        "System.TeamProject": "Web",
        "System.WorkItemType": "Task",
        "System.State": "New",
        "System.Title": "Title",
        "System.ChangedDate": "2026-03-02T08:00:00.5Z",
    }
    return {"id": 12, "rev": 3, "fields": {**basics, **(fields or {})}, **more}


def translated(fields: dict[str, Any] | None = None, kind: WorkItemType = TASK, **more: Any) -> Item:
    return to_item(native(fields, **more), kind, LENS)


def documents() -> Iterator[Any]:
    """Everything recorded or published, bodies that are text parsed."""
    if not FOLDER.exists():
        pytest.skip("the recordings are not here")
    for path in sorted([*FOLDER.glob("recordings/*.json"), *FOLDER.glob("examples/wit/**/*.json")]):
        yield path.name, json.loads(path.read_text(encoding="utf-8"))


def found(value: Any, keys: set[str]) -> Iterator[dict[str, Any]]:
    """Every object with these keys anywhere in a document, also inside bodies kept as text."""
    if isinstance(value, str) and value.startswith(("{", "[")):
        try:
            value = json.loads(value)
        except ValueError:
            return
    if isinstance(value, list):
        for entry in value:
            yield from found(entry, keys)
    elif isinstance(value, dict):
        if keys <= value.keys():
            yield value
        for entry in value.values():
            yield from found(entry, keys)


def test_every_work_item_ever_recorded_or_published_translates() -> None:
    seen = 0
    for name, document in documents():
        for row in found(document, {"id", "rev", "fields"}):
            if not isinstance(row["fields"], dict) or not isinstance(row["fields"].get("System.Title"), str):
                continue  # field definitions, and updates with old and new values
            seen += 1
            item = to_item(row, bare_type(str(row["fields"].get("System.WorkItemType")), set(row["fields"])), LENS)
            assert item.key == str(row["id"]), name
            parent = item.fields["parent"]
            assert item.revision.partition("-")[0] == (f"{row['rev']}.{parent}" if parent else str(row["rev"])), name
            assert ("-" in item.revision) == bool(item.fields["predecessors"] or item.fields["related"]), name
            assert "System.Parent" not in row["fields"] or parent == str(row["fields"]["System.Parent"]), name
            assert item.title == row["fields"]["System.Title"], name
            assert item.fields.keys() <= FIELDS.keys()
            assert json.dumps(dict(item.native))
            assert item.changed_at.year > 2000 or "System.ChangedDate" not in row["fields"], name
    assert seen > 60


def test_every_comment_ever_published_translates() -> None:
    seen = 0
    for name, document in documents():
        for row in found(document, {"workItemId", "version", "text", "createdBy"}):
            seen += 1
            comment = to_comment(row, translated(), LENS)
            assert comment.key.isdecimal(), name
            assert comment.created_at.year > 2000, name
            assert comment.author.name, name
    assert seen >= 10


def test_every_type_ever_published_has_states_transitions_and_fields() -> None:
    seen = 0
    for name, document in documents():
        for row in found(document, {"name", "referenceName", "transitions"}):
            kind = work_item_type(row, row.get("states") or ())
            if not row.get("fields"):
                continue
            seen += 1
            assert {"title", "type", "state"} <= kind.fields.keys(), name
            for state in kind.initial_states:
                assert kind.path(state, state) == (), name
    assert seen > 5


# --- one fact each ----------------------------------------------------------------------------------------------------


def test_empty_fields_are_absent_from_the_answer_and_empty_in_the_item() -> None:
    item = translated()
    assert item.fields == {
        "type": "Task",
        "title": "Title",
        "description": None,
        "state": "New",
        "assignees": (),
        "priority": None,
        "tags": (),
        "due_date": None,
        "parent": None,
        "predecessors": (),
        "related": (),
    }


def test_an_item_says_who_and_where_it_is() -> None:
    item = translated({"System.AreaPath": "Web\\Shop", "System.CreatedBy": {"id": "me"}, "System.CommentCount": 2})
    assert (item.label, item.revision, item.home) == ("AB#12", "3", "Web\\Shop")
    assert item.url == "https://dev.azure.com/contoso/Web/_workitems/edit/12"
    assert item.changed_at == datetime(2026, 3, 2, 8, 0, 0, 500_000, tzinfo=UTC)
    assert item.ours
    assert item.native["comments"] == 2
    assert not translated({"System.CreatedBy": {"id": "you"}}).ours
    assert not to_item(native({"System.CreatedBy": {"id": ""}}), TASK, Lens("https://x", "")).ours


def test_a_description_has_the_form_that_the_item_tells() -> None:
    fields = {"System.Description": "*x*"}
    markdown = translated(fields, multilineFieldsFormat={"System.Description": "markdown"})
    assert markdown.fields["description"] == RichText(Form.MARKDOWN, "*x*")
    assert translated(fields, multilineFieldsFormat={"System.Description": "html"}).fields["description"] == RichText(
        Form.HTML, "*x*"
    )
    assert translated(fields).fields["description"] == RichText(Form.HTML, "*x*")
    assert translated({"System.Description": "  "}).fields["description"] is None


@pytest.mark.parametrize(
    "relation",
    [
        {"rel": "Hyperlink", "url": origin().href, "attributes": {"comment": origin().marker}},
        {"rel": "Hyperlink", "url": origin().href},
        {"rel": "Hyperlink", "url": origin().url, "attributes": {"comment": origin().marker}},
    ],
    ids=["both", "address", "comment"],
)
def test_the_origin_is_in_a_hyperlink(relation: dict[str, Any]) -> None:
    others = [
        {"rel": "System.LinkTypes.Related", "url": "https://x/1", "attributes": {"comment": origin(2).marker}},
        {"rel": "Hyperlink", "url": "https://x/1", "attributes": {"comment": "see there"}},
    ]
    item = translated(relations=[*others, relation])
    assert item.origin is not None
    assert (item.origin.url, item.origin.marker) == (origin().url, origin().marker)
    assert translated(relations=others).origin is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (
            {"displayName": "Ada Beispiel", "uniqueName": "Ada@Example.com", "id": "7"},
            Person("ada@example.com", "Ada Beispiel", "7"),
        ),
        (
            {"displayName": "[Web]\\Team", "uniqueName": "vstfs:///Class/Id/7", "id": "7"},
            Person("", "[Web]\\Team", "7"),
        ),
        ("Ada Beispiel <ada@example.com>", Person("ada@example.com", "Ada Beispiel")),
        ("Web Team <[Web]\\Team>", Person("", "Web Team")),
        ("ada@example.com", Person("ada@example.com", "ada@example.com")),
        ("Ada Beispiel", Person("", "Ada Beispiel")),
    ],
)
def test_people_come_in_several_shapes(value: object, expected: Person) -> None:
    assert person(value) == expected


def test_days_are_those_of_the_scopes_zone() -> None:
    berlin, utc = ZoneInfo("Europe/Berlin"), UTC
    assert day("2026-05-01T22:00:00Z", berlin) == date(2026, 5, 2)
    assert day("2026-05-01T22:00:00Z", utc) == date(2026, 5, 1)
    assert day(None, utc) is None
    assert translated({DUE: "2026-05-01T22:00:00Z"}).fields["due_date"] == date(2026, 5, 2)


@pytest.mark.parametrize(
    "text", ["2026-03-31T18:36:28.53Z", "2026-03-31T18:36:28.5300000Z", "2026-03-31T20:36:28.53+02:00"]
)
def test_instants_have_fractions_of_any_length(text: str) -> None:
    assert instant(text) == datetime(2026, 3, 31, 18, 36, 28, 530_000, tzinfo=UTC)
    assert instant("1/10/2025 12:13:35 PM") is None


def test_tags_are_split_at_semicolons() -> None:
    assert tags("a; B b;;c ") == ("a", "B b", "c")
    assert tags("") == tags(None) == ()


# --- there and back ---------------------------------------------------------------------------------------------------


@given(
    st.dates(date(1970, 1, 2), date(2200, 1, 1)),
    st.sampled_from(["UTC", "Europe/Berlin", "America/Los_Angeles", "Pacific/Kiritimati", "Asia/Kathmandu"]),
)
def test_a_day_written_is_the_day_read(written: date, name: str) -> None:
    zone = ZoneInfo(name)
    assert day(patch.midnight(written, zone), zone) == written


@given(st.lists(st.text(max_size=20), max_size=8))
def test_tags_written_are_the_tags_read_and_writing_them_again_changes_nothing(names: list[str]) -> None:
    written = patch.tags(tuple(names))
    assert tags("; ".join(written)) == written
    assert patch.tags(written) == written


@given(st.text(max_size=400))
def test_a_title_written_again_does_not_change(text: str) -> None:
    once = patch.title(text)
    assert len(once) <= 255
    assert patch.title(once) == once


@given(st.dictionaries(st.sampled_from(sorted(TASK.fields.values())), st.one_of(st.none(), st.text(), st.integers())))
def test_no_value_of_a_field_stops_the_translation(fields: dict[str, Any]) -> None:
    assert translated(fields).fields.keys() == TASK.fields.keys()


# --- types ------------------------------------------------------------------------------------------------------------


def test_categories_are_what_states_mean() -> None:
    names = ["Proposed", "InProgress", "Resolved", "Completed", "Removed", "Unheard"]
    kind = work_item_type({"name": "T"}, [{"name": name, "category": name} for name in names])
    assert [state.category for state in kind.states] == [
        Category.PROPOSED,
        Category.ACTIVE,
        Category.ACTIVE,
        Category.DONE,
        Category.REMOVED,
        Category.ACTIVE,
    ]


def test_the_way_to_a_state_is_the_shortest() -> None:
    arrows = {"": ["A"], "A": ["A", "B"], "B": ["C", "A"], "C": ["D"], "D": []}
    transitions = {
        source: [{"to": target, "actions": None} for target in targets] for source, targets in arrows.items()
    }
    kind = work_item_type({"name": "T", "transitions": transitions}, ())
    assert kind.initial_states == ("A",)
    assert kind.path("A", "A") == ()
    assert kind.path("A", "D") == ("B", "C", "D")
    assert kind.path("D", "A") is None
    assert bare_type("T", set()).path("X", "Y") == ("Y",)


@pytest.mark.parametrize(
    ("references", "due"),
    [
        ({"DueDate", "TargetDate", "FinishDate"}, "DueDate"),
        ({"TargetDate", "FinishDate"}, "TargetDate"),
        ({"FinishDate"}, "FinishDate"),
        (set(), None),
    ],
)
def test_the_due_date_is_the_first_date_that_the_type_has(references: set[str], due: str | None) -> None:
    prefix = "Microsoft.VSTS.Scheduling."
    found_reference = bare_type("T", {prefix + name for name in references}).fields.get("due_date")
    assert found_reference == (prefix + due if due else None)
