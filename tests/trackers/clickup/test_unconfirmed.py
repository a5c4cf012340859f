"""One working day under every reading of what no public source settles (FACTS clickup 19)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from reconciler.diff import diff
from reconciler.model.comment import CommentDraft
from reconciler.model.draft import Draft
from reconciler.model.field import Value
from reconciler.model.person import Person
from reconciler.model.rich_text import Form, RichText
from reconciler.simulators import clickup as simulator
from reconciler.trackers.base import Fate
from tests.trackers.clickup.conftest import EARLY, make_bench, origin

READINGS: list[dict[str, Any]] = [
    {},
    {"moves": simulator.ALL_MOVE},
    {"moves": simulator.FEWEST_MOVE},
    {"after_includes_equal": True},
    {"archived_filter": "also"},
    {"done_is_listed": False},
    {"index_delay_ms": 700},
    {"blank_clears_markdown": False},
    {"update_status_code": "CRTSK_001"},
    {"trims_names": True},
    {"children_follow_into_trash": False},
    {"code_language": "plain"},
    {"code_language": "dropped"},
    {"bare_urls": "kept"},
    {"bare_urls": "bookmark"},
    {"ragged_quotes": False},
    {"retry_after_on_429": True},
    {"accepts_comment_markdown": False},
    {"trash_writes": "ignored"},
    {"status_case_matters": True},
    {"new_tags_arrive_late": False},
    {"replies_newest_first": True},
    {"unknown_id_code": "OAUTH_023"},
    {"unknown_id_code": "OAUTH_027"},
]
TEXT = "# Door\n\n> It *squeaks*\n\nhttps://example.com/door\n\n```python\nopen(door)\n```\n\n- [ ] oil\n- [x] look"


def named(reading: dict[str, Any]) -> str:
    return ", ".join(
        f"{name}={len(value) if isinstance(value, frozenset) else value}" for name, value in reading.items()
    )


@pytest.mark.parametrize("reading", READINGS, ids=[named(reading) or "likely" for reading in READINGS])
def test_a_working_day_ends_the_same_under_every_reading(reading: dict[str, Any]) -> None:
    bench = make_bench(zone="America/New_York", **reading)
    tracker, scope = bench.tracker, bench.scope
    ann = Person("ann@example.com", "Ann Archer", str(bench.ann.id))
    fields: dict[str, Value] = {
        "title": "Door",
        "type": "Task",
        "description": RichText(Form.MARKDOWN, TEXT),
        "state": "IN PROGRESS",
        "priority": "high",
        "assignees": (ann,),
        "due_date": date(2026, 3, 9),
    }
    made = tracker.create(scope, Draft(fields, origin()))
    assert made.fields == set(fields)
    bench.tick()
    [seen] = bench.changes(EARLY, {made.item.key: made.item.revision})
    assert diff(made.item, seen) == {}
    assert seen.origin == origin()

    comment = tracker.add_comment(scope, seen, CommentDraft("Jane", RichText(Form.MARKDOWN, "Hello"), origin(2)))
    assert tracker.comments(scope, seen) == [comment]
    bench.tick()

    wanted: dict[str, Value] = {
        "state": "Complete",
        "description": None,
        "assignees": (),
        "tags": ("new",),
        "due_date": None,
        "priority": None,
        "start_date": date(2026, 3, 8),
    }
    known = {}
    for written in tracker.update(scope, bench.read(seen.key), wanted):
        known[seen.key] = written.item.revision
        last = written.item
    bench.tick()
    [done] = bench.changes(EARLY, known)
    assert diff(last, done) == {}
    assert {name: done.fields[name] for name in wanted} == {**wanted, "state": "complete"}

    theirs = bench.service.as_member(bench.ann).create_task(bench.tasks, "Theirs", markdown_content="Text")
    bench.tick()
    list(tracker.update(scope, bench.read(theirs.id), {"description": None}))
    assert bench.read(theirs.id).fields["description"] is None

    bench.service.as_member(bench.ann).archive(theirs)
    bench.tick()
    swept = {item.key: item.archived for page in tracker.sweep(scope) for _, item in page.items}
    assert swept == {seen.key: False, theirs.id: True}
    tracker.delete(scope, done)
    assert tracker.fate(scope, done.key) is Fate.DELETED
    assert tracker.fate(scope, "86c000000") is Fate.UNKNOWN
