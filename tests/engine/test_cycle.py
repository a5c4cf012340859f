"""What a user sees after cycles: the state of both sides, never the calls made."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from reconciler.cycle import make_plans
from reconciler.decide import decide, retry
from reconciler.errors import ConfigError, Rejected
from reconciler.model.plan import Plan
from reconciler.model.policy import Direction, GuardLimits, OnDelete, Rule
from reconciler.model.rich_text import Form, RichText
from reconciler.naming import Reference
from reconciler.richtext import same
from tests.engine.conftest import MakeWorld
from tests.engine.world import ADA, BEN, CLEO, World
from tests.support.memory import Fault, outage


def html(text: str) -> RichText:
    return RichText(Form.HTML, text)


def md(text: str) -> RichText:
    return RichText(Form.MARKDOWN, text)


def test_new_item_on_the_left_appears_on_the_right_with_everything(world: World) -> None:
    key = world.left.ui_create(
        "Log in",
        description=html("<p>Use <b>SSO</b></p>"),
        state="New",
        assignees=(ADA,),
        priority="2",
        tags=("api", "web"),
        due_date=date(2026, 3, 9),
    )
    world.settle()
    task = world.partner(key)
    assert task.title == "Log in"
    assert same(task.fields["description"], md("Use **SSO**"))  # type: ignore[arg-type]
    assert (task.fields["state"], task.fields["priority"]) == ("to do", "high")
    assert task.fields["assignees"] == (ADA,)
    assert set(task.fields["tags"]) == {"api", "web"}  # type: ignore[arg-type]
    assert task.fields["due_date"] == date(2026, 3, 9)
    assert world.differences() == []


def test_new_item_on_the_right_appears_on_the_left(world: World) -> None:
    key = world.right.ui_create("Pay by card", state="in progress", assignees=(BEN, CLEO))
    world.settle()
    item = world.partner(key)
    assert (item.title, item.fields["state"]) == ("Pay by card", "Active")
    assert item.fields["assignees"] == (BEN,)
    assert world.differences() == []


def test_a_state_that_cannot_be_first_follows_in_a_second_step(world: World) -> None:
    key = world.left.ui_create("Done long ago", state="Closed")
    world.settle()
    assert world.partner(key).fields["state"] == "complete"


def test_after_settling_a_cycle_reads_once_per_side_and_writes_nothing(world: World) -> None:
    for number in range(5):
        world.left.ui_create(f"Left {number}", assignees=(ADA,))
        world.right.ui_create(f"Right {number}", state="blocked")
    world.settle()
    reads, writes = (world.left.reads, world.right.reads), len(world.left.writes) + len(world.right.writes)
    for _ in range(5):
        world.cycle()
    assert (world.left.reads, world.right.reads) == (reads[0] + 10, reads[1] + 5)  # parents have a feed of their own
    assert len(world.left.writes) + len(world.right.writes) == writes


def test_edit_on_either_side_travels(world: World) -> None:
    key = world.left.ui_create("Log in")
    world.settle()
    world.left.ui_edit(key, title="Sign in")
    world.settle()
    assert world.partner(key).title == "Sign in"
    world.right.ui_edit(world.partner(key).key, state="in progress")
    world.settle()
    assert world.left.item(key).fields["state"] == "Active"
    assert world.differences() == []


def test_edits_of_different_fields_on_both_sides_both_travel(world: World) -> None:
    key = world.left.ui_create("Log in")
    world.settle()
    world.left.ui_edit(key, title="Sign in")
    world.right.ui_edit(world.partner(key).key, priority="urgent")
    world.settle()
    assert world.partner(key).title == "Sign in"
    assert world.left.item(key).fields["priority"] == "1"
    assert world.store.open_conflicts("web") == []


def test_twenty_edits_of_one_field_make_one_write(world: World) -> None:
    key = world.left.ui_create("Log in")
    world.settle()
    before = len(world.right.writes)
    for number in range(20):
        world.left.ui_edit(key, title=f"Title {number}")
    world.settle()
    assert world.right.writes[before:] == [("update", world.partner(key).key)]
    assert world.partner(key).title == "Title 19"


@pytest.mark.parametrize(
    ("rule", "expected"), [(Rule.LEFT, "from left"), (Rule.RIGHT, "from right"), (Rule.NEWEST, "from right")]
)
def test_same_field_on_both_sides_is_settled_by_the_rule_and_the_loser_is_kept(
    make_world: MakeWorld, rule: Rule, expected: str
) -> None:
    world = make_world(conflict=rule)
    key = world.left.ui_create("Log in")
    world.settle()
    world.left.ui_edit(key, title="from left")
    world.clock.advance(1)
    world.right.ui_edit(world.partner(key).key, title="from right")
    world.settle()
    assert world.left.item(key).title == world.partner(key).title == expected
    [conflict] = world.store.conflicts("web")
    assert {conflict.left_value, conflict.right_value} == {"from left", "from right"}
    assert conflict.winner == ("left" if expected == "from left" else "right")


def test_held_conflict_changes_nothing_and_the_rest_of_the_item_goes_on(make_world: MakeWorld) -> None:
    world = make_world(conflict=Rule.HOLD)
    key = world.left.ui_create("Log in")
    world.settle()
    task = world.partner(key).key
    world.left.ui_edit(key, title="from left")
    world.right.ui_edit(task, title="from right")
    world.settle()
    assert (world.left.item(key).title, world.right.item(task).title) == ("from left", "from right")
    world.right.ui_edit(task, priority="low")
    world.settle()
    assert world.left.item(key).fields["priority"] == "4"
    assert (world.left.item(key).title, world.right.item(task).title) == ("from left", "from right")
    assert len(world.store.open_conflicts("web")) == 1


def test_a_person_decides_a_held_conflict(make_world: MakeWorld) -> None:
    world = make_world(conflict=Rule.HOLD)
    key = world.left.ui_create("Log in")
    world.settle()
    world.left.ui_edit(key, title="from left")
    world.right.ui_edit(world.partner(key).key, title="from right")
    world.settle()
    [conflict] = world.store.open_conflicts("web")
    decide(world.store, world.clock, conflict.id, "right")
    world.settle()
    assert world.left.item(key).title == "from right"
    assert world.store.open_conflicts("web") == []


def test_the_same_value_on_both_sides_is_no_conflict_and_no_write(world: World) -> None:
    key = world.left.ui_create("Log in")
    world.settle()
    writes = len(world.left.writes) + len(world.right.writes)
    world.left.ui_edit(key, title="Sign in")
    world.right.ui_edit(world.partner(key).key, title="Sign in")
    world.settle()
    assert len(world.left.writes) + len(world.right.writes) == writes
    assert world.store.conflicts("web") == []


def test_tags_merge_by_members(world: World) -> None:
    key = world.left.ui_create("Log in", tags=("api", "old"))
    world.settle()
    world.left.ui_edit(key, tags=("api", "old", "left"))
    world.right.ui_edit(world.partner(key).key, tags=("api", "right"))
    world.settle()
    assert set(world.left.item(key).fields["tags"]) == {"api", "left", "right"}  # type: ignore[arg-type]
    assert set(world.partner(key).fields["tags"]) == {"api", "left", "right"}  # type: ignore[arg-type]


def test_reassigning_on_the_single_side_leaves_the_other_members_alone(world: World) -> None:
    key = world.left.ui_create("Log in", assignees=(ADA,))
    world.settle()
    task = world.partner(key).key
    world.right.ui_edit(task, assignees=(ADA, CLEO))
    world.settle()
    assert world.left.item(key).fields["assignees"] == (ADA,)
    world.left.ui_edit(key, assignees=(BEN,))
    world.settle()
    assert set(world.right.item(task).fields["assignees"]) == {BEN, CLEO}  # type: ignore[arg-type]


def test_several_values_mapped_to_one_never_cause_a_write_by_themselves(world: World) -> None:
    key = world.left.ui_create("Log in", state="New")
    world.settle()
    task = world.partner(key).key
    world.right.ui_edit(task, state="in progress")
    world.settle()
    writes = len(world.left.writes)
    world.right.ui_edit(task, state="blocked")
    world.settle()
    assert len(world.left.writes) == writes
    world.left.ui_edit(key, state="Resolved")
    world.settle()
    assert world.right.item(task).fields["state"] == "blocked"


def test_items_that_exist_on_both_sides_are_paired_by_title(world: World) -> None:
    left = world.left.ui_create("Log  in", tags=("web",))
    right = world.right.ui_create("log in", tags=("pm",), priority="low")
    world.settle()
    assert world.partner(left).key == right
    assert len(world.left.live()) == len(world.right.live()) == 1
    assert set(world.left.item(left).fields["tags"]) == {"web", "pm"}  # type: ignore[arg-type]


def test_ambiguous_titles_are_reported_and_never_guessed(world: World) -> None:
    one, two = world.left.ui_create("Log in"), world.left.ui_create("Log in")
    right = world.right.ui_create("Log in")
    report = world.cycle()
    assert any("Log in" in note for note in report.notes)
    assert (len(world.left.live()), len(world.right.live())) == (2, 1)
    world.left.ui_edit(two, title="Log out")
    world.settle()
    assert world.partner(one).key == right
    assert world.partner(two).title == "Log out"


def test_without_title_matching_both_are_copied(make_world: MakeWorld) -> None:
    world = make_world(match_by_title=False)
    world.left.ui_create("Log in")
    world.right.ui_create("Log in")
    world.settle()
    assert (len(world.left.live()), len(world.right.live())) == (2, 2)


def test_a_field_that_only_travels_one_way_is_not_pushed_back(make_world: MakeWorld) -> None:
    world = make_world(directions={"priority": Direction.TO_RIGHT})
    key = world.left.ui_create("Log in", priority="2")
    world.settle()
    world.right.ui_edit(world.partner(key).key, priority="low")
    world.settle()
    assert world.left.item(key).fields["priority"] == "2"
    world.left.ui_edit(key, priority="1")
    world.settle()
    assert world.partner(key).fields["priority"] == "urgent"


def test_first_plan_waits_for_confirmation(make_world: MakeWorld) -> None:
    world = make_world()
    world.configure(confirm_first_sync=True)
    key = world.left.ui_create("Log in")
    report = world.cycle()
    assert report.problem_kind == "GuardTripped"
    assert world.right.live() == []
    world.settle(confirmed=True)
    assert world.partner(key).title == "Log in"


def test_guard_refuses_a_mass_change_and_lets_the_very_plan_through_once(make_world: MakeWorld) -> None:
    world = make_world()
    keys = [world.left.ui_create(f"Item {n}") for n in range(5)]
    world.settle()
    world.configure(guard=GuardLimits(max_updates=3))
    for key in keys:
        world.left.ui_edit(key, priority="1")
    report = world.cycle()
    assert report.problem_kind == "GuardTripped"
    assert all(world.partner(key).fields["priority"] is None for key in keys)
    digest = str(report.problem).split("--allow ")[1].split("`")[0]
    world.settle(allow=digest)
    assert all(world.partner(key).fields["priority"] == "urgent" for key in keys)


def test_a_refused_field_parks_alone(world: World) -> None:
    key = world.left.ui_create("Log in")
    world.settle()
    world.right.faults.append(Fault(error=Rejected("no such state", field="title"), method="update"))
    world.left.ui_edit(key, title="Sign in", priority="1")
    report = world.cycle()
    assert report.pending == 1
    assert world.partner(key).fields["priority"] == "urgent"
    assert world.partner(key).title == "Log in"
    world.clock.advance(60)
    world.settle()
    assert world.partner(key).title == "Sign in"


def test_an_outage_loses_nothing(world: World) -> None:
    keys = [world.left.ui_create(f"Item {n}") for n in range(4)]
    world.right.faults.append(Fault(error=outage(), method="create"))
    report = world.cycle()
    assert report.problem_kind == "Unavailable"
    world.settle()
    assert sorted(world.partner(key).title for key in keys) == [f"Item {n}" for n in range(4)]
    assert len(world.right.live()) == 4


@pytest.mark.parametrize("when", ["before", "after"])
def test_lost_answer_to_a_create_never_makes_a_second_item(world: World, when: str) -> None:
    key = world.left.ui_create("Log in")
    world.right.faults.append(Fault(when=when, method="create"))
    world.cycle()
    world.restart()
    for _ in range(10):
        world.cycle()
    world.settle()
    assert len(world.right.live()) == 1
    assert world.partner(key).title == "Log in"
    assert world.differences() == []


@pytest.mark.parametrize("when", ["before", "after"])
def test_lost_answer_to_an_update_converges_without_a_conflict(world: World, when: str) -> None:
    key = world.left.ui_create("Log in", description=html("<p>one</p>"))
    world.settle()
    world.right.faults.append(Fault(when=when, method="update"))
    world.left.ui_edit(key, title="Sign in", description=html("<p>one</p><p>two</p>"))
    world.cycle()
    world.restart()
    world.settle()
    assert world.left.item(key).title == world.partner(key).title == "Sign in"
    assert world.differences() == []
    assert world.store.open_intents("web") == []
    assert world.store.conflicts("web") == []


def test_an_edit_between_read_and_write_is_not_overwritten(world: World) -> None:
    key = world.right.ui_create("Pay")
    world.settle()
    item = world.partner(key).key

    def interfere(method: str) -> None:
        world.left.before_write = None
        world.left.ui_edit(item, priority="1")

    world.right.ui_edit(key, title="Pay by card", priority="low")
    world.left.before_write = interfere
    world.settle()
    assert world.left.item(item).title == "Pay by card"
    assert world.differences() == []
    values = {c.left_value for c in world.store.conflicts("web")} | {
        c.right_value for c in world.store.conflicts("web")
    }
    assert {"1", "low"} <= values or world.left.item(item).fields["priority"] == "1"


def test_deletion_is_acted_upon_only_when_proved_twice(make_world: MakeWorld) -> None:
    world = make_world(on_delete=OnDelete.CLOSE)
    key = world.left.ui_create("Log in")
    world.settle()
    task = world.partner(key).key
    world.left.ui_delete(key)
    world.cycle(sweep=True)
    assert world.right.item(task).fields["state"] == "to do"
    world.settle()
    assert world.right.item(task).fields["state"] == "complete"
    world.settle(sweep=True)
    assert world.left.live() == []


def test_deletion_can_delete_and_an_edit_beats_it(make_world: MakeWorld) -> None:
    world = make_world(on_delete=OnDelete.DELETE)
    gone, kept = world.left.ui_create("Gone"), world.left.ui_create("Kept")
    world.settle()
    tasks = world.partner(gone).key, world.partner(kept).key
    world.left.ui_delete(gone)
    world.left.ui_delete(kept)
    world.right.ui_edit(tasks[1], title="Kept after all")
    world.cycle(sweep=True)
    world.settle()
    assert [item.key for item in world.right.live()] == [tasks[1]]


def test_a_restored_item_is_paired_again(make_world: MakeWorld) -> None:
    world = make_world(on_delete=OnDelete.CLOSE)
    key = world.left.ui_create("Log in")
    world.settle()
    task = world.partner(key).key
    world.left.ui_delete(key)
    world.cycle(sweep=True)
    world.settle()
    world.left.ui_restore(key)
    world.settle()
    assert world.partner(key).key == task
    assert len(world.right.live()) == 1


def test_a_lost_store_duplicates_nothing(world: World) -> None:
    keys = [world.left.ui_create(f"Item {n}") for n in range(3)] + [world.right.ui_create("Other way")]
    world.settle()
    world.store.close()
    world.url = world.url.replace("store.db", "fresh.db")
    world.restart()
    world.settle()
    assert (len(world.left.live()), len(world.right.live())) == (4, 4)
    assert world.differences() == []
    assert all(world.partner(key) for key in keys)


# --- comments ------------------------------------------------------------------------------------------------------


def test_comments_travel_both_ways_with_their_author_and_never_back(world: World) -> None:
    key = world.left.ui_create("Log in")
    world.settle()
    task = world.partner(key).key
    world.left.ui_comment(key, "<p>Is this <b>urgent</b>?</p>", "Ada Example")
    world.right.ui_comment(task, "Yes, very", "Ben Example")
    world.settle()
    world.let_looks_come()
    world.settle()
    left, right = world.left.rows[key].comments.values(), world.right.rows[task].comments.values()
    assert [c.credit for c in left if c.origin] == ["Ben Example"]
    assert [c.credit for c in right if c.origin] == ["Ada Example"]
    assert (len(left), len(right)) == (2, 2)
    world.let_looks_come()
    world.settle()
    assert (len(left), len(right)) == (2, 2)


def test_comment_edits_and_deletions_travel(world: World) -> None:
    key = world.left.ui_create("Log in")
    world.settle()
    task = world.partner(key).key
    first = world.left.ui_comment(key, "<p>one</p>")
    second = world.right.ui_comment(task, "two")
    world.settle()
    world.let_looks_come()
    world.settle()
    world.left.ui_edit_comment(key, first, "<p>one, edited</p>")
    world.right.ui_delete_comment(task, second)
    world.settle()
    world.let_looks_come()
    world.settle()
    [copy] = world.right.rows[task].comments.values()
    assert same(copy.text, md("one, edited"))
    assert list(world.left.rows[key].comments) == [first]


@pytest.mark.parametrize("when", ["before", "after"])
def test_lost_answer_to_a_comment_never_makes_a_second_one(world: World, when: str) -> None:
    key = world.left.ui_create("Log in")
    world.settle()
    task = world.partner(key).key
    world.right.faults.append(Fault(when=when, method="add_comment"))
    world.left.ui_comment(key, "<p>one</p>")
    world.cycle()
    world.restart()
    for _ in range(10):
        world.cycle()
    assert len(world.right.rows[task].comments) == 1


def test_pairing_a_plain_task_with_a_particular_type_keeps_the_particular_one(make_world: MakeWorld) -> None:
    world = make_world(types=("Task", "Bug"))
    bug = world.left.ui_create("Crash", type="Bug")
    task = world.right.ui_create("Crash")
    world.settle()
    assert (world.left.item(bug).type, world.right.item(task).type) == ("Bug", "Bug")
    assert world.store.conflicts("web") == []


def test_pairing_does_not_miss_the_account_of_somebody_assigned_on_one_side_only(world: World) -> None:
    world.left.ui_create("Log in", assignees=(ADA,))
    world.right.ui_create("Log in", assignees=(BEN,))
    assert world.settle().notes == []


def edit_both_twins(world: World) -> tuple[str, str, str, str]:
    """A comment and its copy, edited differently on both sides; their keys and those of their items."""
    key = world.left.ui_create("Log in")
    comment = world.left.ui_comment(key, "<p>one</p>")
    world.settle()
    task = world.partner(key).key
    [copy] = world.right.rows[task].comments
    world.left.ui_edit_comment(key, comment, "<p>from left</p>")
    world.right.ui_edit_comment(task, copy, "from right")
    world.settle()
    world.let_looks_come()
    world.settle()
    return key, comment, task, copy


def test_a_comment_edited_on_both_sides_keeps_its_authors_text_and_the_other_is_not_lost(world: World) -> None:
    key, comment, task, copy = edit_both_twins(world)
    assert same(world.left.rows[key].comments[comment].text, html("<p>from left</p>"))
    assert same(world.right.rows[task].comments[copy].text, md("from left"))
    [conflict] = world.store.conflicts("web")
    assert isinstance(conflict.right_value, RichText)
    assert same(conflict.right_value, md("from right"))


def test_a_held_conflict_about_a_comment_is_kept_once_and_decided_by_a_person(make_world: MakeWorld) -> None:
    world = make_world(conflicts={"comments": Rule.HOLD})
    key, comment, _, copy = edit_both_twins(world)
    world.let_looks_come()
    world.settle()
    [conflict] = world.store.conflicts("web")
    decide(world.store, world.clock, conflict.id, "right")
    world.settle()
    assert same(world.left.rows[key].comments[comment].text, html("<p>from right</p>"))
    assert world.store.open_conflicts("web") == []
    assert copy


def test_a_plan_shows_the_comments_that_would_travel(world: World) -> None:
    key = world.left.ui_create("Log in")
    world.settle()
    world.left.ui_comment(key, "<p>one</p>")
    writes = list(world.right.writes)
    [plan] = make_plans([world.context], world.store, world.clock)
    assert isinstance(plan, Plan)
    assert [type(operation).__name__ for operation in plan.comments] == ["AddComment"]
    assert world.right.writes == writes


def test_when_everything_vanishes_only_a_few_are_looked_into_and_nothing_is_deleted(make_world: MakeWorld) -> None:
    world = make_world(on_delete=OnDelete.DELETE)
    for number in range(80):
        world.left.ui_create(f"Item {number}")
    world.settle()
    world.left.hidden = True
    reads = world.left.reads
    report = world.cycle(sweep=True)
    assert any("not visible" in note for note in report.notes)
    assert world.left.reads - reads < 60
    for _ in range(3):
        world.cycle()
    assert len(world.right.live()) == 80


def test_an_item_whose_deletion_is_taken_back_gets_a_new_partner_where_the_old_one_was_deleted_too(
    make_world: MakeWorld,
) -> None:
    world = make_world(on_delete=OnDelete.DELETE)
    key = world.left.ui_create("Log in")
    world.settle()
    world.left.ui_delete(key)
    world.cycle(sweep=True)
    world.settle()
    assert world.right.live() == []
    world.left.ui_restore(key)
    world.settle()
    assert [item.title for item in world.right.live()] == ["Log in"]
    assert world.partner(key).title == "Log in"


def test_the_survivor_of_a_deletion_is_never_copied_back(make_world: MakeWorld) -> None:
    world = make_world(on_delete=OnDelete.IGNORE)
    key = world.left.ui_create("Log in")
    world.settle()
    task = world.partner(key).key
    world.left.ui_delete(key)
    world.cycle(sweep=True)
    world.settle()
    world.right.ui_edit(task, title="Sign in")
    world.settle()
    assert world.left.live() == []


def test_a_quarantined_item_is_looked_at_again_when_a_person_asks(world: World) -> None:
    key = world.left.ui_create("Log in")
    world.settle()
    world.left.ui_edit(key, title="Sign in")
    for _ in range(5):
        world.right.faults.append(Fault(error=Rejected("not now", field="title"), method="update"))
        world.cycle()
        world.clock.advance(6 * 3600)
    [row] = world.store.pending("web")
    assert row.parked
    world.clock.advance(24 * 3600)
    world.settle()
    assert world.partner(key).title == "Log in"
    with pytest.raises(ConfigError):
        retry(world.store, world.clock, [], "nothing")
    retry(world.store, world.clock, [Reference("web", "left", key)], "the partner of what waits")
    world.settle()
    assert world.partner(key).title == "Sign in"
    assert world.store.pending("web") == []


def test_an_edit_made_while_we_write_is_not_lost(world: World) -> None:
    key = world.left.ui_create("Log in")
    world.settle()
    task = world.partner(key).key

    def interfere(method: str) -> None:
        world.right.before_write = None
        world.right.ui_edit(task, priority="urgent")

    world.left.ui_edit(key, title="Sign in")
    world.right.before_write = interfere
    world.settle()
    assert world.partner(key).title == "Sign in"
    assert world.left.item(key).fields["priority"] == "1"


def test_an_item_that_is_refused_for_ever_is_left_in_peace_and_stops_nothing(world: World) -> None:
    key = world.left.ui_create("Refused")
    world.right.faults += [Fault(error=Rejected("never"), method="create") for _ in range(100)]
    for _ in range(60):
        report = world.cycle()
        assert report.problem is None
    refused = 100 - len(world.right.faults)
    assert refused <= 5
    world.right.faults.clear()
    world.left.ui_edit(key, title="Accepted")
    world.settle()
    assert [item.title for item in world.right.live()] == ["Accepted"]


def test_a_table_that_was_completed_is_applied_by_the_next_sweep(make_world: MakeWorld) -> None:
    world = make_world(priorities={"1": "urgent"})
    key = world.left.ui_create("Log in", priority="1")
    world.settle()
    world.left.ui_edit(key, priority="4")
    world.settle()
    assert world.partner(key).fields["priority"] == "urgent"
    world.configure(priorities={"1": "urgent", "4": "low"})
    world.cycle(sweep=True)
    world.settle()
    assert world.partner(key).fields["priority"] == "low"


def test_a_deleted_copy_stays_deleted_where_comments_travel_one_way(make_world: MakeWorld) -> None:
    world = make_world(directions={"comments": Direction.TO_RIGHT})
    key = world.left.ui_create("Log in")
    comment = world.left.ui_comment(key, "<p>one</p>")
    world.settle()
    task = world.partner(key).key
    [copy] = world.right.rows[task].comments
    world.right.ui_delete_comment(task, copy)
    for _ in range(3):
        world.let_looks_come()
        world.settle()
    assert list(world.right.rows[task].comments) == []
    assert list(world.left.rows[key].comments) == [comment]


def test_a_mistake_in_the_program_ends_one_mapping_and_is_told(world: World) -> None:
    world.left.ui_create("Log in")

    def fail(method: str) -> None:
        raise KeyError("a mistake")

    world.right.before_write = fail
    report = world.cycle()
    assert report.problem_kind == "UnexpectedError"
    world.right.before_write = None
    for _ in range(8):
        world.cycle()  # what the creation did is not known, so it stays in doubt for a while
    assert [item.title for item in world.right.live()] == ["Log in"]


def test_a_person_who_wants_everything_compared_gets_the_comments_of_every_pair_looked_at(world: World) -> None:
    keys = [world.left.ui_create(f"Item {number}") for number in range(40)]
    comments = {key: world.left.ui_comment(key, "hello") for key in keys}
    world.settle()
    for key in keys:
        there = world.right.rows[world.partner(key).key].comments  # edited without any sign of it in the feed
        [copy] = there
        there[copy] = replace(there[copy], text=RichText(Form.MARKDOWN, "hello, world"))
    world.cycle()
    texts = {key: world.left.rows[key].comments[comments[key]].text.text for key in keys}
    assert set(texts.values()) == {"hello"}
    world.cycle(sweep=True)
    texts = {key: world.left.rows[key].comments[comments[key]].text.text for key in keys}
    assert {same(RichText(Form.HTML, "<p>hello, world</p>"), RichText(Form.HTML, text)) for text in texts.values()} == {
        True
    }
