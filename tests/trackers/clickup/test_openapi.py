"""Everything our client sends, and what it gets, checked against ClickUp's own documents."""

from __future__ import annotations

from datetime import date

from reconciler.model.comment import CommentDraft
from reconciler.model.draft import Draft
from reconciler.model.field import Value
from reconciler.model.person import Person
from reconciler.model.rich_text import Form, RichText
from reconciler.trackers.clickup import Place
from tests.openapi import clickup_patches
from tests.openapi.validator import Checked
from tests.trackers.clickup.conftest import EARLY, make_bench, origin


def test_a_whole_working_day_conforms_to_the_documents() -> None:
    documents = clickup_patches.documents()
    bench = make_bench()
    checked = Checked(bench.service, documents, ignore=clickup_patches.UNDOCUMENTED)
    bench.wire._service = checked
    tracker, scope = bench.another_tracker(), bench.scope
    folder = bench.service.add_folder(bench.space, "Folder")
    inside = bench.service.add_list(folder, "Inside")
    for place in (scope, Place("folder", folder.id, inside.id), Place("space", bench.space.id, inside.id)):
        tracker.schema(place)
        list(tracker.changed_since([place], EARLY, {}))
        list(tracker.changed_since([place], None, {}))
        list(tracker.sweep(place))
    ann = Person("ann@example.com", "Ann Archer", str(bench.ann.id))
    text = RichText(Form.MARKDOWN, "Some **text**")
    fields: dict[str, Value] = {
        "title": "T", "type": "Task", "description": text, "state": "to do", "priority": "low", "assignees": (ann,),
        "tags": ("a b",), "start_date": date(2026, 3, 1), "due_date": date(2026, 3, 2),
    }  # fmt: skip
    made = tracker.create(scope, Draft(fields, origin())).item
    base = tracker.read(scope, [made.key])[made.key]
    cleared: dict[str, Value] = {
        "description": None,
        "assignees": (),
        "tags": ("x",),
        "due_date": None,
        "priority": None,
    }
    list(
        tracker.update(
            scope, base, {**cleared, "tags": ("x",), "title": "New", "state": "complete", "type": "Milestone"}
        )
    )
    comment = tracker.add_comment(scope, base, CommentDraft("Jane", text, origin(2)))
    bench.service.as_member(bench.ann).reply(bench.service.world.comments[int(comment.key)], "Reply")
    tracker.comments(scope, base)
    tracker.edit_comment(scope, base, comment, text)
    tracker.delete_comment(scope, base, comment.key)
    tracker.find_copy(scope, origin(), EARLY)
    tracker.fate(scope, made.key)
    tracker.delete(scope, base)
    assert checked.problems == []
    assert checked.exchanges > 30
