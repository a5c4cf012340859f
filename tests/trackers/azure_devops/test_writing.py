"""Creating, changing, deleting: what arrives at the service, and what we claim about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from reconciler.errors import Gone, OutcomeUnknown, Rejected, StaleRevision, Unavailable
from reconciler.model.draft import Draft
from reconciler.model.field import Value
from reconciler.model.person import Person
from reconciler.model.rich_text import Form, RichText
from reconciler.richtext import plain
from tests.trackers.azure_devops.conftest import Bench, make_bench, origin

ADA = Person("ada@example.com", "Ada Beispiel")
NOBODY = Person("nobody@example.com", "No Body")


# --- creating ---------------------------------------------------------------------------------------------------------


def test_a_copy_arrives_whole_in_one_request(bench: Bench) -> None:
    bench.service.add_area(bench.web, "Shop")
    scope = bench.within(area_path="Web\\Shop", timezone=ZoneInfo("Europe/Berlin"))
    fields: dict[str, Value] = {
        "title": " A\ntitle ",
        "type": "task",
        "description": RichText(Form.MARKDOWN, "Some **bold** text"),
        "state": "New",
        "assignees": (ADA,),
        "priority": "1",
        "tags": ("b", "a"),
        "start_date": date(2026, 3, 1),
        "due_date": date(2026, 3, 31),
    }
    bench.tracker.connect()
    mark = bench.log.mark()
    written = bench.tracker.create(scope, Draft(fields, origin()))
    assert len(bench.log.since(mark)) == 1
    assert written.fields == fields.keys()
    assert written.notes == ()
    stored = bench.service.item(int(written.item.key))
    assert stored.title == "A title"
    assert stored.fields["System.Description"] == "<p>Some <strong>bold</strong> text </p>"
    assert str(stored.fields["Microsoft.VSTS.Scheduling.StartDate"]) == "2026-02-28 23:00:00+00:00"
    assert written.item.fields["start_date"] == date(2026, 3, 1)
    assert written.item.fields["due_date"] == date(2026, 3, 31)
    assert written.item.fields["assignees"] == (Person(ADA.address, ADA.name, bench.ada.id),)
    assert written.item.fields["tags"] == ("a", "b")
    assert written.item.home == "Web\\Shop"
    assert written.item.ours
    assert written.item.origin is not None
    assert written.item.origin.marker == origin().marker
    assert bench.tracker.read(scope, [written.item.key])[written.item.key] == written.item


def test_empty_values_of_a_draft_are_not_sent(bench: Bench) -> None:
    written = bench.create(description=None, assignees=(), tags=(), due_date=None, priority=None)
    assert {"description", "assignees", "tags", "due_date"} <= written.fields
    assert written.item.fields["priority"] == "2"  # the process's own default


def test_a_state_that_cannot_be_the_first_is_left_for_later(bench: Bench) -> None:
    written = bench.create(state="Closed")
    assert "state" not in written.fields
    assert written.item.fields["state"] == "New"
    [second] = bench.update(written.item, state="Closed")
    assert second.item.fields["state"] == "Closed"


def test_an_unknown_type_is_a_refusal_of_the_type(bench: Bench) -> None:
    with pytest.raises(Rejected) as refused:
        bench.create(type="Tsak")
    assert refused.value.field == "type"


def test_a_type_that_the_service_dropped_meanwhile_is_a_refusal_of_the_type(bench: Bench) -> None:
    types = bench.tracker._catalog._types["web"]
    types["ghost"] = replace(types["task"], name="Ghost")
    with pytest.raises(Rejected) as refused:
        bench.create(type="Ghost")
    assert refused.value.field == "type"
    assert not isinstance(refused.value, Gone)


def test_a_field_that_the_type_has_not_is_refused_by_name(bench: Bench) -> None:
    for name in ("start_date", "due_date"):
        with pytest.raises(Rejected) as refused:
            bench.create(1, type="Bug", **{name: date(2026, 3, 1)})
        assert refused.value.field == name


def test_an_assignee_unknown_to_the_service_is_left_out_and_said(bench: Bench) -> None:
    written = bench.create(assignees=(NOBODY,))
    assert written.item.fields["assignees"] == ()
    assert "assignees" not in written.fields
    [note] = written.notes
    assert "nobody@example.com" in note
    assert len(bench.service.world.items) == 1


def test_a_title_that_is_too_long_is_cut_once_and_for_all(bench: Bench) -> None:
    long = "word " * 100
    written = bench.create(title=long)
    assert len(written.item.title) <= 255
    assert written.item.title.endswith("…")
    assert len(written.notes) == 1
    assert bench.requests_of(lambda: bench.update(written.item, title=long)) == 0


def test_tags_that_the_service_would_refuse_are_written_as_it_takes_them(bench: Bench) -> None:
    written = bench.create(tags=("a;b", "c,d", "launch 🚀", "A B", "🚀"))
    assert set(written.item.fields["tags"]) == {"a b", "c d", "launch"}  # type: ignore[arg-type]
    assert len(written.notes) == 1


def test_a_priority_that_does_not_exist_is_a_refusal_of_the_priority(bench: Bench) -> None:
    with pytest.raises(Rejected) as refused:
        bench.create(priority="urgent")
    assert refused.value.field == "priority"


def test_a_creation_without_an_answer_is_in_doubt_and_can_be_found(bench: Bench) -> None:
    bench.service.faults.drop_response("POST .*workitems", times=1)
    with pytest.raises(OutcomeUnknown):
        bench.create()
    found = bench.tracker.find_copy(bench.scope, origin(), bench.clock.now())
    assert found is not None
    assert len(bench.service.world.items) == 1


# --- changing ---------------------------------------------------------------------------------------------------------


def test_all_changes_of_an_item_are_one_request_and_one_revision(bench: Bench) -> None:
    base = bench.create(tags=("old",)).item
    changes: dict[str, Value] = {
        "title": "New title",
        "description": RichText(Form.MARKDOWN, "New"),
        "state": "Active",
        "assignees": (ADA,),
        "priority": "4",
        "tags": ("new", "other"),
        "due_date": date(2026, 4, 1),
    }
    mark = bench.log.mark()
    [written] = bench.tracker.update(bench.scope, base, changes)
    assert len(bench.log.since(mark)) == 1
    assert written.fields == changes.keys()
    assert int(written.item.revision) == int(base.revision) + 1
    assert bench.read(base.key) == written.item
    assert written.item.fields["tags"] == ("new", "other")
    assert written.item.fields["state"] == "Active"


def test_emptying_fields_empties_them(bench: Bench) -> None:
    bench = make_bench(remove_of_empty_fails=True)
    text = RichText(Form.HTML, "<p>text</p>")
    full = {"description": text, "assignees": (ADA,), "tags": ("a",), "due_date": date(2026, 3, 1), "priority": "1"}
    base = bench.create(**full).item  # type: ignore[arg-type]
    empty = {"description": None, "assignees": (), "tags": (), "due_date": None, "priority": None}
    [written] = bench.update(base, **empty)  # type: ignore[arg-type]
    assert {name: written.item.fields[name] for name in empty} == empty
    assert bench.requests_of(lambda: bench.update(written.item, **empty)) == 0  # type: ignore[arg-type]


def test_what_is_no_change_costs_nothing_and_counts_as_done(bench: Bench) -> None:
    base = bench.create(description=RichText(Form.HTML, "<p>Text</p>"), assignees=(ADA,), tags=("Web",)).item
    same: dict[str, Value] = {
        "title": "  Copy ",
        "description": RichText(Form.MARKDOWN, "Text"),
        "assignees": (Person("ADA@example.com"), NOBODY),
        "tags": ("web",),
        "state": "new",
        "type": "TASK",
    }
    mark = bench.log.mark()
    [written] = bench.tracker.update(bench.scope, base, same)
    assert len(bench.log.since(mark)) == 0
    assert written.fields == same.keys()
    assert written.item == base


def test_a_write_based_on_an_old_view_is_refused_and_changes_nothing(bench: Bench) -> None:
    base = bench.create().item
    bench.ann.edit(int(base.key), {"System.Title": "Somebody was faster"})
    with pytest.raises(StaleRevision):
        bench.update(base, title="Ours", priority="1")
    assert bench.read(base.key).title == "Somebody was faster"
    assert bench.read(base.key).fields["priority"] == "2"


@pytest.mark.parametrize("status", [400, 409, 412])
def test_a_race_lost_inside_the_service_is_a_stale_revision(status: int) -> None:
    bench = make_bench(conflict_status=status)
    base = bench.create().item
    bench.service.incidents.lost_race()
    with pytest.raises(StaleRevision):
        bench.update(base, title="Ours")


def test_a_state_is_reached_on_the_shortest_way_that_the_workflow_allows(bench: Bench) -> None:
    cmmi = bench.service.add_project("Strict", "CMMI")
    scope = bench.within(project="Strict", types=("Bug", "Task"), create_type="Bug")
    bench.tracker.schema(scope)
    item = bench.ann.create(cmmi, "Bug", "Bug")
    base = bench.tracker.read(scope, [str(item.id)])[str(item.id)]
    kind = bench.tracker._catalog.named("Strict", "Bug")
    assert kind is not None
    goal = next(state.name for state in kind.states if len(kind.path("Proposed", state.name) or ()) > 1)
    written = list(bench.tracker.update(scope, base, {"state": goal, "title": "Fixed"}))
    assert len(written) == len(kind.path("Proposed", goal) or ())
    assert written[0].fields == {"title"}
    assert written[-1].fields == {"state"}
    assert written[-1].item.fields["state"] == goal
    assert bench.service.item(item.id).title == "Fixed"


def test_what_was_done_stays_known_when_a_later_step_fails(bench: Bench) -> None:
    cmmi = bench.service.add_project("Strict", "CMMI")
    scope = bench.within(project="Strict", types=("Bug",), create_type="Bug")
    item = bench.ann.create(cmmi, "Bug", "Bug")
    base = bench.tracker.read(scope, [str(item.id)])[str(item.id)]
    kind = bench.tracker._catalog.named("Strict", "Bug")
    assert kind is not None
    goal = next(state.name for state in kind.states if len(kind.path("Proposed", state.name) or ()) > 1)
    bench.service.incidents.blocked("^PATCH", times=9, after=1)
    steps = bench.tracker.update(scope, base, {"state": goal, "title": "Fixed"})
    assert next(steps).item.title == "Fixed"
    with pytest.raises(Unavailable):
        next(steps)


def test_a_state_that_does_not_exist_is_a_refusal_of_the_state(bench: Bench) -> None:
    base = bench.create().item
    with pytest.raises(Rejected) as refused:
        bench.update(base, state="Resolved", title="Not written either")
    assert refused.value.field == "state"
    assert bench.read(base.key).title == "Copy"


def test_an_unknown_assignee_is_left_out_of_a_change_and_the_rest_is_written(bench: Bench) -> None:
    base = bench.create(assignees=(ADA,)).item
    [written] = bench.update(base, assignees=(NOBODY,), title="Written")
    assert written.item.title == "Written"
    assert written.fields == {"title"}
    assert len(written.notes) == 1
    [alone] = bench.update(written.item, assignees=(NOBODY,))
    assert (alone.item, alone.fields) == (written.item, frozenset())
    assert len(alone.notes) == 1


def test_only_the_first_assignee_counts(bench: Bench) -> None:
    base = bench.create().item
    [written] = bench.update(base, assignees=(ADA, NOBODY))
    assert [member.address for member in written.item.fields["assignees"]] == ["ada@example.com"]  # type: ignore[union-attr]


def test_a_markdown_text_stays_markdown_and_an_html_text_html(bench: Bench) -> None:
    marked = bench.ann.create(
        bench.web, "Task", "Marked", {"System.Description": "**old**"}, markdown=["System.Description"]
    )
    plainly = bench.ann.create(bench.web, "Task", "Plain", {"System.Description": "<b>old</b>"})
    for item, form in ((marked, Form.MARKDOWN), (plainly, Form.HTML)):
        for new in (RichText(Form.HTML, "<p>a <b>new</b> text</p>"), RichText(Form.MARKDOWN, "one *more* text")):
            base = bench.read(item.id)
            description = base.fields["description"]
            assert isinstance(description, RichText)
            assert description.form is form
            [written] = bench.update(base, description=new)
            after = written.item.fields["description"]
            assert isinstance(after, RichText)
            assert after.form is form
            assert plain(after) == plain(new)


def test_a_server_that_knows_no_markdown_is_written_in_html() -> None:
    bench = make_bench(multiline_formats=False, latest_version=(7, 1))
    base = bench.create(description=RichText(Form.MARKDOWN, "**old**")).item
    [written] = bench.update(base, description=RichText(Form.MARKDOWN, "**new**"))
    assert written.item.fields["description"] == RichText(Form.HTML, "<p><strong>new</strong> </p>")


def test_a_bug_keeps_its_text_where_its_form_shows_it(bench: Bench) -> None:
    text = RichText(Form.HTML, "<p>Steps</p>")
    written = bench.create(type="Bug", description=text)
    stored = bench.service.item(int(written.item.key)).fields
    assert "System.Description" not in stored
    assert plain(written.item.fields["description"]) == "Steps"  # type: ignore[arg-type]


def test_emptying_a_text_empties_also_the_field_that_the_form_hides(bench: Bench) -> None:
    bench = make_bench(remove_of_empty_fails=True)
    texts = {"System.Description": "<div>Hidden</div>", "Microsoft.VSTS.TCM.ReproSteps": "<div>Shown</div>"}
    for given in (texts, {"System.Description": "<div>Hidden</div>"}):
        base = bench.read(bench.ann.create(bench.web, "Bug", "Crash", given).id)
        assert base.fields["description"] is not None
        [written] = bench.update(base, description=None)
        assert written.item.fields["description"] is None
        assert not texts.keys() & bench.service.item(int(base.key)).fields.keys()


def test_a_change_of_type_takes_the_description_along(bench: Bench) -> None:
    base = bench.create(description=RichText(Form.HTML, "<p>Words</p>")).item
    first, second = bench.update(base, type="bug", title="Now a bug")
    assert first.fields == {"type"}
    assert second.item.type == "Bug"
    assert second.item.title == "Now a bug"
    assert plain(second.item.fields["description"]) == "Words"  # type: ignore[arg-type]


def test_an_item_that_was_moved_to_another_project_is_not_written_there(bench: Bench) -> None:
    base = bench.create().item
    bench.ann.move(int(base.key), bench.service.add_project("Elsewhere"))
    with pytest.raises(Gone):
        bench.update(base, title="Ours")
    with pytest.raises(Gone):
        bench.tracker.delete(bench.scope, base)
    assert bench.service.item(int(base.key)).title == "Copy"


def test_days_are_those_of_the_scopes_time_zone(bench: Bench) -> None:
    for zone in ("Pacific/Auckland", "America/Los_Angeles", "UTC"):
        scope = bench.within(timezone=ZoneInfo(zone))
        base = bench.tracker.create(scope, Draft({"title": zone, "type": "Task"}, origin())).item
        [written] = bench.update(base, scope, start_date=date(2026, 3, 29), due_date=date(2026, 7, 1))
        again = bench.tracker.read(scope, [base.key])[base.key]
        assert again.fields["start_date"] == date(2026, 3, 29)
        assert again.fields["due_date"] == date(2026, 7, 1)
        assert bench.requests_of(lambda w=written, s=scope: bench.update(w.item, s, due_date=date(2026, 7, 1))) == 0  # type: ignore[misc]


def test_an_item_at_its_limit_of_revisions_is_refused_for_good(bench: Bench) -> None:
    base = bench.create().item
    body = '{"message": "VS402980: The work item has reached the limit of 10,000 revisions.", "typeKey": "X"}'
    headers = {"content-type": "application/json"}
    bench.service.faults.answer("^PATCH", 500, headers=headers, body=body, times=1)
    with pytest.raises(Rejected) as refused:
        bench.update(base, title="One more")
    assert not isinstance(refused.value, Gone | StaleRevision)


# --- deleting ---------------------------------------------------------------------------------------------------------


def test_deleting_moves_to_the_recycle_bin_and_deleting_again_says_gone(bench: Bench) -> None:
    base = bench.create().item
    bench.tracker.delete(bench.scope, base)
    assert bench.service.item(int(base.key)).deleted
    with pytest.raises(Gone):
        bench.tracker.delete(bench.scope, base)
    with pytest.raises(Gone):
        bench.update(base, title="Too late")
