"""Everything our client sends, and what it gets, checked against Microsoft's own documents."""

from __future__ import annotations

from datetime import date

from reconciler.model.comment import CommentDraft
from reconciler.model.draft import Draft
from reconciler.model.field import Value
from reconciler.model.person import Person
from reconciler.model.rich_text import Form, RichText
from tests.openapi.azure_devops_patches import UNDOCUMENTED, documents, unwrapped
from tests.openapi.validator import Checked
from tests.trackers.azure_devops.conftest import EARLY, make_bench, origin


def test_a_whole_working_day_conforms_to_the_documents() -> None:
    checked = Checked((bench := make_bench()).service, documents(), ignore=UNDOCUMENTED, unwrap=unwrapped)
    bench.service.add_area(bench.web, "Shop")
    tracker = bench.another_tracker(checked)
    scope = bench.within(area_path="Web\\Shop", condition="[System.Title] <> 'Never'")
    tracker.schema(scope)
    ada = tracker.person("ada@example.com") or Person("ada@example.com")
    text = RichText(Form.MARKDOWN, "Some **text**")
    fields: dict[str, Value] = {
        "title": "T", "type": "Task", "description": text, "state": "New", "priority": "3", "assignees": (ada,),
        "tags": ("a b",), "start_date": date(2026, 3, 1), "due_date": date(2026, 3, 2),
    }  # fmt: skip
    made = tracker.create(scope, Draft(fields, origin())).item
    marked = bench.ann.create(
        bench.web,
        "Task",
        "M",
        {"System.Description": "x", "System.AreaPath": "Web\\Shop"},
        markdown=["System.Description"],
    )
    list(tracker.changed_since([scope, bench.scope], EARLY, {}))
    list(tracker.changed_since([scope], EARLY, {made.key: made.revision}))
    list(tracker.changed_since([scope], None, {}))
    list(tracker.sweep(scope))
    views = tracker.read(scope, [made.key, str(marked.id), "99999"])
    list(tracker.update(scope, views[str(marked.id)], {"description": text, "title": "Markdown"}))
    cleared = {"description": None, "assignees": (), "tags": ("x",), "due_date": None, "priority": "1", "title": "New"}
    list(tracker.update(scope, views[made.key], {**cleared, "state": "Closed", "type": "Issue"}))
    comment = tracker.add_comment(scope, made, CommentDraft("Jane", text, origin(2)))
    tracker.edit_comment(scope, made, comment, text)
    tracker.comments(scope, made)
    tracker.find_comment(scope, made, origin(2))
    tracker.delete_comment(scope, made, comment.key)
    tracker.find_copy(scope, origin(), EARLY)
    tracker.find_copy(scope, origin(3), EARLY)
    tracker.fate(scope, made.key)
    tracker.delete(scope, made)
    tracker.fate(scope, made.key)
    assert checked.problems == []
    assert checked.exchanges > 30
