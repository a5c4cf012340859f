"""Creating and changing tasks: what ends up in ClickUp, what is proved, and what it costs."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from reconciler.diff import diff
from reconciler.errors import Gone, OutcomeUnknown, Rejected
from reconciler.model.comment import CommentDraft
from reconciler.model.draft import Draft
from reconciler.model.field import Value
from reconciler.model.item import Item
from reconciler.model.person import Person
from reconciler.model.rich_text import Form, RichText
from reconciler.simulators.kit.wire import Response
from reconciler.trackers.base import Written
from tests.trackers.clickup.conftest import EARLY, Bench, make_bench, origin


def text(markdown: str) -> RichText:
    return RichText(Form.MARKDOWN, markdown)


def make(bench: Bench, number: int = 1, **fields: Value) -> Written:
    draft = Draft({"title": "Task", "type": "Task", **fields}, origin(number))
    return bench.tracker.create(bench.scope, draft)


def update(bench: Bench, base: Item, **changes: Value) -> list[Written]:
    return list(bench.tracker.update(bench.scope, base, changes))


def person(member: Any) -> Person:
    return Person(member.address, member.name, str(member.id))


# --- creating --------------------------------------------------------------------------------------------------------


def test_a_task_is_made_with_everything_in_one_request(bench: Bench) -> None:
    mark = bench.log.mark()
    written = make(
        bench,
        title="  Fix\nthe door ",
        description=text("It **squeaks**"),
        state="In Progress",
        priority="high",
        assignees=(person(bench.ann),),
        start_date=date(2026, 3, 3),
        due_date=date(2026, 3, 9),
    )
    assert [exchange.method for exchange in bench.log.since(mark)] == ["POST"]
    fields = bench.read(written.item.key).fields
    assert fields["title"] == "Fix the door"
    assert fields["state"] == "in progress"
    assert fields["priority"] == "high"
    assert fields["assignees"] == (person(bench.ann),)
    assert (fields["start_date"], fields["due_date"]) == (date(2026, 3, 3), date(2026, 3, 9))
    assert fields["description"] == text("It **squeaks**")
    assert written.fields == {
        "title", "type", "description", "state", "priority", "assignees", "start_date", "due_date",
    }  # fmt: skip
    assert written.notes == ()


def test_the_footer_names_the_origin_and_is_no_part_of_the_description(bench: Bench) -> None:
    written = make(bench, description=text("Body"))
    stored = bench.service.task(written.item.key)
    assert origin().href in bench.tracker._client.task(stored.id)["markdown_description"]
    for item in (written.item, bench.read(written.item.key), *bench.changes(EARLY)):
        assert item.fields["description"] == text("Body")
        assert item.origin == origin()
        assert item.ours


def test_what_clickup_made_of_our_description_is_no_change(bench: Bench) -> None:
    """The answer lacks the description; the next listing shows it rewritten (FACTS clickup 6.1, 7.3)."""
    lossy = "- one\n- *two*\n\n![A drawing of the door](https://example.com/a.png)"
    written = make(bench, description=text(lossy))
    known = {written.item.key: written.item.revision}
    for tracker in (bench.tracker, bench.another_tracker()):
        [(_, item)] = [pair for page in tracker.changed_since([bench.scope], EARLY, known) for pair in page.items]
        assert item.fields["description"] != written.item.fields["description"]
        assert diff(written.item, item) == {}
        known_now = {item.key: item.revision}
        assert [pair for page in tracker.changed_since([bench.scope], EARLY, known_now) for pair in page.items] == []


def test_our_own_comment_on_a_new_task_does_not_make_its_description_look_edited(bench: Bench) -> None:
    """It moves the task's date, so that the date alone proves nothing (FACTS clickup 4.3)."""
    written = make(bench, description=text("![A drawing of the door](https://example.com/a.png)\n\n- one"))
    bench.tick()
    bench.tracker.add_comment(bench.scope, written.item, CommentDraft("Jane", text("Hello"), origin(2)))
    known = {written.item.key: written.item.revision}
    [item] = bench.changes(EARLY, known)
    assert item.changed_at > written.item.changed_at
    assert item.fields["description"] != written.item.fields["description"]
    assert diff(written.item, item) == {}


def test_only_the_first_view_after_our_write_is_forgiven(bench: Bench) -> None:
    """Bold words later are somebody's edit, though the plain text is the one we sent."""
    written = make(bench, description=text("Body"))
    first = bench.read(written.item.key)
    bench.tick()
    task = bench.service.task(first.key)
    bench.service.as_member(bench.ann).edit(task, markdown_content=f"**Body**\n\n[AB#1]({origin().href})")
    assert bench.read(first.key).rewritten == frozenset()
    [item] = bench.changes(EARLY, {first.key: first.revision})
    assert item.fields["description"] == text("**Body**")
    assert item.rewritten == frozenset()


def test_an_edit_right_behind_our_write_is_a_change(bench: Bench) -> None:
    written = make(bench, description=text("Body"))
    bench.tick(0.001)
    task = bench.service.task(written.item.key)
    bench.service.as_member(bench.ann).edit(task, markdown_content="Another body")
    [item] = bench.changes(EARLY, {written.item.key: written.item.revision})
    assert set(diff(written.item, item)) == {"description"}


def test_a_thousand_retitled_tasks_cost_at_most_1080_requests() -> None:
    bench = make_bench(strict=False)
    ann = bench.service.as_member(bench.ann)
    for number in range(1000):
        ann.create_task(bench.tasks, f"Task {number}", markdown_content=f"Text {number}")
        bench.clock.advance(0.05)
    items = bench.changes(EARLY)
    bench.tick(300)
    mark, since, known = bench.log.mark(), bench.clock.now() - timedelta(seconds=120), {}
    for item in items:
        bench.clock.advance(0.6)
        [written] = update(bench, item, title=f"{item.title}!")
        known[item.key] = written.item.revision
    seen = bench.changes(since, known)
    assert all(item.title.endswith("!") for item in seen)
    assert len(seen) == 1000
    assert len(bench.log.since(mark)) <= 1080


def test_a_new_tag_that_arrives_late_is_not_claimed_and_seen_later() -> None:
    bench = make_bench()
    written = make(bench, tags=("Urgent", "urgent", "Door"))
    assert written.item.fields["tags"] == ()
    assert "tags" not in written.fields
    assert set(bench.read(written.item.key).fields["tags"] or ()) == {"urgent", "door"}  # type: ignore[arg-type]
    again = make(bench, 2, tags=("Urgent", "Door"))
    assert "tags" in again.fields


def test_an_assignee_who_is_no_member_is_named_in_a_note(bench: Bench) -> None:
    stranger = Person("zoe@example.com", "Zoe", "")
    former = Person("max@example.com", "Max", "4711")
    written = make(bench, assignees=(person(bench.ann), stranger, former))
    assert written.item.fields["assignees"] == (person(bench.ann),)
    assert "assignees" not in written.fields
    assert [word for note in written.notes for word in note.split() if "@" in word] == [
        "zoe@example.com",
        "max@example.com",
    ]


def test_a_custom_type_is_set_and_read_by_name() -> None:
    bench = make_bench()
    bug = bench.service.add_task_type(bench.workspace, "Bug")
    bench.tracker.schema(bench.scope)
    written = make(bench, type="bug")
    assert bench.service.task(written.item.key).type_id == bug.id
    assert written.item.type == "Bug"
    [changed] = update(bench, bench.read(written.item.key), type="Milestone")
    assert changed.item.type == "Milestone"


@pytest.mark.parametrize(
    ("field", "value"), [("state", "resolved"), ("type", "Epic"), ("priority", "blocker"), ("title", "x" * 2049)]
)
def test_a_value_that_clickup_does_not_have_is_rejected_by_field_and_nothing_is_made(
    bench: Bench, field: str, value: str
) -> None:
    with pytest.raises(Rejected) as refused:
        bench.tracker.create(bench.scope, Draft({"title": "Task", "type": "Task", field: value}, origin()))
    assert refused.value.field == field
    assert bench.changes(EARLY) == []


def test_a_copy_is_found_by_its_marker_and_only_if_we_made_it(bench: Bench) -> None:
    floor = bench.clock.now()
    bench.tick()
    made = make(bench, description=text("Body")).item
    make(bench, 2)
    assert bench.tracker.find_copy(bench.scope, origin(1), floor) is not None
    assert bench.tracker.find_copy(bench.scope, origin(3), floor) is None
    bench.tick()
    copied = f"Body\n\n[AB#4]({origin(4).href})"
    bench.service.as_member(bench.ann).create_task(bench.tasks, "Duplicate", markdown_content=copied)
    assert bench.tracker.find_copy(bench.scope, origin(4), floor) is None
    bench.service.as_member(bench.ann).archive(bench.service.task(made.key))
    found = bench.tracker.find_copy(bench.scope, origin(1), floor)
    assert found is not None
    assert found.key == made.key


def test_a_create_without_an_answer_is_in_doubt_and_can_be_found(bench: Bench) -> None:
    floor = bench.clock.now()
    bench.wire.faults.inject("lost", "^POST", on_response=lambda request, response: Response(0, dropped=True))
    with pytest.raises(OutcomeUnknown):
        make(bench)
    found = bench.tracker.find_copy(bench.scope, origin(), floor)
    assert found is not None
    assert found.title == "Task"


# --- changing --------------------------------------------------------------------------------------------------------


def test_only_what_changed_is_sent(bench: Bench) -> None:
    base = bench.read(make(bench, description=text("Body"), state="to do").item.key)
    mark = bench.log.mark()
    [written] = update(bench, base, title="New", state="to do", priority="low")
    [exchange] = bench.log.since(mark)
    assert exchange.body == b'{"name":"New","priority":4}'
    assert written.fields == {"title", "state", "priority"}
    assert written.item.fields["description"] == text("Body")
    assert written.item.origin == origin()


def test_a_change_that_is_none_sends_nothing_and_is_proved(bench: Bench) -> None:
    base = bench.read(make(bench, description=text("Body"), due_date=date(2026, 3, 3)).item.key)
    mark = bench.log.mark()
    changes: dict[str, Value] = {name: base.fields[name] for name in base.fields}
    [written] = list(bench.tracker.update(bench.scope, base, changes))
    assert written.fields == set(base.fields)
    assert written.item is base
    assert len(bench.log.since(mark)) == 0


def test_everything_can_be_cleared(bench: Bench) -> None:
    made = make(
        bench,
        description=text("Body"),
        priority="high",
        assignees=(person(bench.ann),),
        due_date=date(2026, 3, 3),
        start_date=date(2026, 3, 1),
    )
    bench.tick()
    cleared: dict[str, Value] = {
        "description": None, "priority": None, "assignees": (), "due_date": None, "start_date": None,
    }  # fmt: skip
    list(bench.tracker.update(bench.scope, bench.read(made.item.key), cleared))
    item = bench.read(made.item.key)
    assert {name: item.fields[name] for name in cleared} == cleared
    assert item.origin == origin()


def test_clearing_a_description_without_a_footer_sends_a_blank(bench: Bench) -> None:
    task = bench.service.as_member(bench.ann).create_task(bench.tasks, "Theirs", markdown_content="Body")
    bench.tick()
    update(bench, bench.read(task.id), description=None)
    assert bench.read(task.id).fields["description"] is None


def test_the_footer_goes_back_unchanged_and_stays_away_once_removed(bench: Bench) -> None:
    made = make(bench, description=text("Body")).item
    bench.tick()
    [written] = update(bench, bench.read(made.key), description=text("Body\n\n- point"))
    assert written.item.origin == origin()
    again = bench.read(made.key)
    assert again.origin == origin()
    bench.tick()
    bench.service.as_member(bench.ann).edit(bench.service.task(made.key), markdown_content="Only mine")
    bench.tick()
    update(bench, bench.read(made.key), description=text("Only ours"))
    last = bench.read(made.key)
    assert last.fields["description"] == text("Only ours")
    assert last.origin is None


def test_tags_are_added_and_removed_one_by_one_and_people_stay_who_came_meanwhile(bench: Bench) -> None:
    ben = bench.service.add_member(bench.workspace, "Ben Baker", "ben@example.com")
    task = bench.service.as_member(bench.ann).create_task(bench.tasks, "Theirs", assignees=[bench.ann.id])
    bench.service.as_member(bench.ann).add_tag(task, "old")
    base = bench.read(task.id)
    bench.service.as_member(bench.ann).assign(task, ben)
    mark = bench.log.mark()
    written = update(bench, base, tags=("New/Door", "b"), assignees=(person(bench.bot),), title="T")
    assert len(written) == len(bench.log.since(mark)) == 4
    assert [w.fields for w in written] == [frozenset(), frozenset(), {"tags"}, {"assignees", "title"}]
    item = bench.read(task.id)
    assert set(item.fields["tags"] or ()) == {"new/door", "b"}  # type: ignore[arg-type]
    assert set(item.fields["assignees"] or ()) == {person(ben), person(bench.bot)}  # type: ignore[arg-type]


def test_what_was_done_stays_known_when_a_later_request_fails(bench: Bench) -> None:
    task = bench.service.as_member(bench.ann).create_task(bench.tasks, "Theirs")
    base = bench.read(task.id)
    bench.wire.faults.answer("^PUT", 400, body='{"err":"no","ECODE":"X_1"}')
    writes = bench.tracker.update(bench.scope, base, {"tags": ("a",), "title": "New"})
    assert next(writes).fields == {"tags"}
    with pytest.raises(Rejected):
        next(writes)


def test_a_status_renamed_meanwhile_is_looked_up_once_and_then_refused(bench: Bench) -> None:
    ann = bench.service.as_member(bench.ann)
    task = ann.create_task(bench.tasks, "Theirs")
    base = bench.read(task.id)
    ann.rename_status(bench.space.statuses[1], "doing")
    with pytest.raises(Rejected) as refused:
        update(bench, base, state="in progress")
    assert refused.value.field == "state"
    [written] = update(bench, base, state="Doing")
    assert written.item.fields["state"] == "doing"


def test_a_status_that_only_changed_its_case_is_sent_as_the_list_names_it() -> None:
    bench = make_bench(status_case_matters=True)
    base = bench.read(bench.service.as_member(bench.ann).create_task(bench.tasks, "Theirs").id)
    [written] = update(bench, base, state="IN PROGRESS")
    assert written.item.fields["state"] == "in progress"


@pytest.mark.parametrize("zone", ["UTC", "America/Los_Angeles", "Asia/Tokyo", "Pacific/Auckland", "Asia/Kolkata"])
def test_days_survive_in_every_zone(zone: str) -> None:
    bench = make_bench(zone=zone)
    days = [date(2026, 1, 1), date(2026, 3, 29), date(2026, 12, 31)]
    for number, day in enumerate(days):
        made = make(bench, number, due_date=day)
        assert made.item.fields["due_date"] == day
        bench.tick()
        item = bench.read(made.item.key)
        assert item.fields["due_date"] == day
        [moved] = update(bench, item, start_date=day + timedelta(days=1))
        assert moved.item.fields["start_date"] == day + timedelta(days=1)
        assert moved.item.fields["due_date"] == day


def test_a_time_of_day_is_left_alone_while_the_day_stays(bench: Bench) -> None:
    ann = bench.service.as_member(bench.ann)
    task = ann.create_task(bench.tasks, "Theirs", due_date=1_772_530_200_000, due_date_time=True)
    base = bench.read(task.id)
    update(bench, base, due_date=base.fields["due_date"], title="New")
    assert bench.tracker._client.task(task.id)["due_date"] == "1772530200000"


# --- deleting --------------------------------------------------------------------------------------------------------


def test_a_deleted_task_is_proved_deleted_and_cannot_be_deleted_again(bench: Bench) -> None:
    made = make(bench).item
    bench.tracker.delete(bench.scope, made)
    assert bench.tracker.fate(bench.scope, made.key).value == "deleted"
    assert bench.tracker.read(bench.scope, [made.key]) == {}
    with pytest.raises(Gone):
        bench.tracker.delete(bench.scope, made)
    with pytest.raises(Gone):
        update(bench, made, title="Too late")
