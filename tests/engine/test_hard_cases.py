"""Cases that random histories found, or that a careful reader would ask about."""

from __future__ import annotations

from datetime import date

import pytest

from reconciler.decide import decide
from reconciler.errors import Rejected
from reconciler.model.policy import GuardLimits, OnDelete, Rule
from reconciler.model.rich_text import Form, RichText
from reconciler.richtext import same
from tests.engine.conftest import MakeWorld
from tests.engine.world import ADA, BEN, CLEO, World
from tests.support.memory import Fault, outage


class Crash(BaseException):
    pass


def die(_method: str) -> None:
    raise Crash


def kept_values(world: World) -> set[object]:
    return {value for row in world.store.conflicts("web") for value in (row.left_value, row.right_value)}


# --- values --------------------------------------------------------------------------------------------------------


def test_a_field_that_a_new_type_brings_along_does_not_empty_its_partner(world: World) -> None:
    key = world.left.ui_create("Log in")
    world.settle()
    task = world.partner(key).key
    row = world.left.rows[key]
    world.left.ui_remove_field(key, "due_date")
    world.settle()
    world.right.ui_edit(task, due_date=date(2026, 3, 9))
    world.settle()
    assert "due_date" not in row.item.fields
    world.left.ui_add_field(key, "due_date")
    world.settle()
    assert world.right.item(task).fields["due_date"] == date(2026, 3, 9)
    assert world.left.item(key).fields["due_date"] == date(2026, 3, 9)


def test_an_assignee_replaced_by_somebody_unknown_here_is_no_longer_assigned_here(world: World) -> None:
    key = world.right.ui_create("Pay", assignees=(ADA,))
    world.settle()
    world.right.ui_edit(key, assignees=(CLEO,))
    world.settle()
    assert world.partner(key).fields["assignees"] == ()
    assert world.right.item(key).fields["assignees"] == (CLEO,)


def test_a_title_that_the_other_side_refuses_is_tried_a_few_times_and_then_waits(world: World) -> None:
    key = world.left.ui_create("Log in")
    world.settle()
    for _ in range(20):
        world.right.faults.append(Fault(error=Rejected("too long", field="title"), method="update"))
    world.left.ui_edit(key, title="x" * 300)
    for _ in range(40):
        world.clock.advance(3600)
        world.cycle()
    assert len(world.right.faults) == 15
    [row] = world.store.pending("web")
    assert row.parked


def test_members_unknown_on_one_side_stay_through_changes_of_the_others(world: World) -> None:
    key = world.right.ui_create("Pay", assignees=(CLEO, ADA))
    world.settle()
    assert world.partner(key).fields["assignees"] == (ADA,)
    world.left.ui_edit(world.partner(key).key, assignees=(BEN,))
    world.settle()
    assert set(world.right.item(key).fields["assignees"]) == {CLEO, BEN}  # type: ignore[arg-type]


# --- conflicts -----------------------------------------------------------------------------------------------------


def test_the_losing_value_is_kept_also_if_we_die_right_after_overwriting_it(world: World) -> None:
    key = world.left.ui_create("Log in")
    world.settle()
    world.right.ui_edit(world.partner(key).key, title="from right")
    world.clock.advance(1)
    world.left.ui_edit(key, title="from left")
    world.right.after_write = die
    with pytest.raises(Crash):
        world.cycle()
    world.right.after_write = None
    world.restart()
    world.settle()
    assert world.partner(key).title == "from left"
    assert "from right" in kept_values(world)
    assert world.store.open_conflicts("web") == []


def test_a_pair_found_by_title_keeps_what_it_overwrites_also_if_we_die_doing_it(world: World) -> None:
    task = world.right.ui_create("Log in", due_date=date(2026, 3, 1))
    world.clock.advance(1)
    key = world.left.ui_create("Log in", due_date=date(2026, 3, 2))
    world.right.after_write = die
    with pytest.raises(Crash):
        world.cycle()
    world.right.after_write = None
    world.restart()
    world.settle()
    assert world.partner(key).key == task
    assert date(2026, 3, 1) in kept_values(world)


def test_a_conflict_whose_winner_is_refused_is_one_conflict_and_open_until_carried(make_world: MakeWorld) -> None:
    world = make_world(conflict=Rule.LEFT)
    key = world.left.ui_create("Log in")
    world.settle()
    for _ in range(2):
        world.right.faults.append(Fault(error=Rejected("no", field="title"), method="update"))
    world.left.ui_edit(key, title="from left")
    world.right.ui_edit(world.partner(key).key, title="from right")
    for _ in range(2):
        world.cycle()
        world.clock.advance(60)
    assert len(world.store.open_conflicts("web")) == len(world.store.conflicts("web")) == 1
    world.settle()
    [conflict] = world.store.conflicts("web")
    assert (conflict.winner, conflict.is_open) == ("left", False)
    assert world.partner(key).title == "from left"


def test_a_verdict_does_not_overwrite_what_was_set_after_it(make_world: MakeWorld) -> None:
    world = make_world(conflict=Rule.HOLD)
    key = world.left.ui_create("Log in")
    world.settle()
    world.left.ui_edit(key, title="from left")
    world.right.ui_edit(world.partner(key).key, title="from right")
    world.settle()
    [conflict] = world.store.open_conflicts("web")
    decide(world.store, world.clock, conflict.id, "right")
    world.left.ui_edit(key, title="from left, later")
    world.settle()
    assert world.left.item(key).title == "from left, later"
    [later] = world.store.open_conflicts("web")
    assert (later.left_value, later.winner) == ("from left, later", None)
    decide(world.store, world.clock, later.id, "right")
    world.settle()
    assert world.left.item(key).title == "from right"
    assert world.store.open_conflicts("web") == []


def test_an_edit_made_while_many_items_are_written_is_not_overwritten_unseen(world: World) -> None:
    keys = [world.left.ui_create(f"Item {n}") for n in range(8)]
    world.settle()
    world.clock.advance(3600)
    last = world.partner(keys[-1]).key

    def write_slowly(_method: str) -> None:
        world.clock.advance(4)
        if len(world.right.writes) == before + 3:
            world.right.ui_edit(last, title="from right", priority="low")

    for number, key in enumerate(keys):
        world.left.ui_edit(key, title=f"from left {number}")
    before = len(world.right.writes)
    world.right.after_write = write_slowly
    world.cycle()
    assert world.right.item(last).title == "from right"
    world.right.after_write = None
    world.settle()
    assert world.differences() == []
    assert {"from left 7", "from right"} <= kept_values(world)


# --- failures half way ---------------------------------------------------------------------------------------------


def test_what_was_written_before_an_outage_is_no_edit_of_the_other_side(make_world: MakeWorld) -> None:
    world = make_world(conflict=Rule.RIGHT)
    key = world.left.ui_create("Log in")
    world.settle()
    task = world.partner(key).key
    world.left.ui_edit(key, title="one", priority="1")

    def fail_the_second(_method: str) -> None:
        world.right.after_write = None
        world.right.faults.append(Fault(error=outage(), method="update"))

    world.right.after_write = fail_the_second
    assert world.cycle().problem_kind == "Unavailable"
    world.left.ui_edit(key, title="two")
    world.settle()
    assert world.right.item(task).title == "two"
    assert world.right.item(task).fields["priority"] == "urgent"
    assert world.store.conflicts("web") == []


def test_a_first_sync_that_was_interrupted_goes_on_without_being_asked_again(make_world: MakeWorld) -> None:
    world = make_world(guard=GuardLimits(max_creates=3))
    world.configure(confirm_first_sync=True)
    for number in range(8):
        world.left.ui_create(f"Item {number}")
    assert world.cycle().problem_kind == "GuardTripped"

    def fail_the_third(_method: str) -> None:
        if len(world.right.writes) == 2:
            world.right.faults.append(Fault(error=outage(), method="create"))

    world.right.after_write = fail_the_third
    assert world.cycle(confirmed=True).problem_kind == "Unavailable"
    assert len(world.right.live()) == 2
    world.settle()
    assert len(world.right.live()) == 8


def test_a_value_taken_back_while_we_wrote_beside_it_is_taken_back_on_the_other_side_too(world: World) -> None:
    key = world.left.ui_create("one")
    world.settle()
    task = world.partner(key).key
    world.left.ui_edit(key, priority="1")
    world.right.ui_edit(task, title="two")

    def take_back(_method: str) -> None:
        world.right.before_write = None
        world.right.ui_edit(task, title="one")

    world.right.before_write = take_back
    world.settle()
    assert world.left.item(key).title == world.right.item(task).title == "one"


def test_a_comment_written_while_an_update_was_in_doubt_is_carried(world: World) -> None:
    key = world.left.ui_create("Log in")
    world.settle()
    world.right.ui_edit(world.partner(key).key, title="Sign in")
    world.left.faults.append(Fault(when="after", method="update"))
    world.cycle()
    world.left.ui_comment(key, "<p>one</p>")
    world.settle()
    assert len(world.right.rows[world.partner(key).key].comments) == 1


def test_a_value_taken_back_while_its_way_over_was_in_doubt_is_taken_back_there_too(world: World) -> None:
    key = world.left.ui_create("one")
    world.settle()
    world.left.ui_edit(key, title="two")
    world.right.faults.append(Fault(when="after", method="update"))
    world.cycle()
    world.left.ui_edit(key, title="one")
    world.settle()
    assert world.left.item(key).title == world.partner(key).title == "one"
    assert world.store.conflicts("web") == []


def test_tags_of_both_sides_arrive_also_if_we_die_between_the_two_writes(world: World) -> None:
    key = world.left.ui_create("Log in", tags=("api",))
    world.settle()
    world.left.ui_edit(key, tags=("api", "left"))
    world.right.ui_edit(world.partner(key).key, tags=("api", "right"))
    world.left.after_write = die
    with pytest.raises(Crash):
        world.cycle()
    world.left.after_write = None
    world.restart()
    world.settle()
    assert set(world.left.item(key).fields["tags"]) == {"api", "left", "right"}  # type: ignore[arg-type]
    assert set(world.partner(key).fields["tags"]) == {"api", "left", "right"}  # type: ignore[arg-type]


def test_an_edit_of_a_comment_after_one_in_doubt_is_no_conflict(world: World) -> None:
    key = world.left.ui_create("Log in")
    world.left.ui_comment(key, "<p>one</p>")
    world.settle()
    task = world.partner(key).key
    [copy] = world.right.rows[task].comments
    world.left.faults.append(Fault(when="after", method="edit_comment"))
    world.right.ui_edit_comment(task, copy, "two")
    world.let_looks_come()
    world.cycle()
    world.right.ui_edit_comment(task, copy, "three")
    world.settle()
    world.let_looks_come()
    world.settle()
    [original] = world.left.rows[key].comments.values()
    assert same(original.text, RichText(Form.HTML, "<p>three</p>"))
    assert world.store.conflicts("web") == []


def test_a_copy_in_doubt_takes_the_state_that_could_not_be_its_first(world: World) -> None:
    key = world.left.ui_create("Log in", state="Active")
    world.right.faults.append(Fault(when="after", method="create"))
    world.cycle()
    world.settle()
    assert (world.left.item(key).fields["state"], world.partner(key).fields["state"]) == ("Active", "in progress")
    assert world.store.conflicts("web") == []


def test_what_somebody_set_on_a_copy_in_doubt_travels(world: World) -> None:
    key = world.left.ui_create("Log in")
    world.right.faults.append(Fault(when="after", method="create"))
    world.cycle()
    [copy] = world.right.live()
    world.clock.advance(1)
    world.right.ui_edit(copy.key, due_date=date(2026, 3, 9))
    world.settle()
    assert world.left.item(key).fields["due_date"] == date(2026, 3, 9)


def test_an_original_deleted_while_its_copy_was_in_doubt_is_not_made_again(world: World) -> None:
    key = world.left.ui_create("Log in")
    world.right.faults.append(Fault(when="after", method="create"))
    world.cycle()
    world.left.ui_delete(key)
    world.settle()
    world.right.ui_edit(world.right.live()[0].key, title="Sign in")
    world.settle(sweep=True)
    assert world.left.live() == []
    assert world.store.open_intents("web") == []


def test_a_doubt_about_a_comment_of_an_item_that_is_gone_stops_nothing_else(world: World) -> None:
    key, other = world.left.ui_create("Log in"), world.left.ui_create("Log out")
    world.settle()
    world.right.faults.append(Fault(when="before", method="add_comment"))
    world.left.ui_comment(key, "<p>one</p>")
    world.cycle()
    world.right.ui_delete(world.partner(key).key)
    world.left.ui_edit(other, title="Leave")
    assert world.cycle().problem is None
    assert world.partner(other).title == "Leave"


# --- deletions -----------------------------------------------------------------------------------------------------


def test_a_restored_item_is_paired_again_whatever_its_partner_is_called_now(make_world: MakeWorld) -> None:
    world = make_world(on_delete=OnDelete.CLOSE)
    key, task = world.left.ui_create("Log in"), world.right.ui_create("Log in")
    world.settle()
    world.left.ui_delete(key)
    world.cycle(sweep=True)
    world.settle()
    world.right.ui_edit(task, title="Sign in")
    world.settle()
    world.left.ui_restore(key)
    world.settle()
    assert world.partner(key).key == task
    assert (len(world.left.live()), len(world.right.live())) == (1, 1)


def test_a_restored_item_whose_partner_cannot_be_seen_gets_no_second_one(make_world: MakeWorld) -> None:
    world = make_world(on_delete=OnDelete.CLOSE)
    key = world.left.ui_create("Log in")
    world.settle()
    world.left.ui_delete(key)
    world.cycle(sweep=True)
    world.settle()
    world.left.ui_restore(key)
    world.right.hidden = True
    world.settle()
    world.right.hidden = False
    world.settle(sweep=True)
    assert len(world.right.live()) == 1


def test_a_copy_whose_original_was_deleted_is_not_copied_back_after_the_store_was_lost(make_world: MakeWorld) -> None:
    world = make_world(on_delete=OnDelete.IGNORE)
    key = world.left.ui_create("Log in")
    world.settle()
    world.left.ui_delete(key)
    world.store.close()
    world.url = world.url.replace("store.db", "fresh.db")
    world.restart()
    world.settle()
    assert world.left.live() == []
    assert len(world.right.live()) == 1


def test_closing_leaves_an_item_alone_that_is_done_already(make_world: MakeWorld) -> None:
    world = make_world(on_delete=OnDelete.CLOSE)
    key = world.left.ui_create("Log in")
    world.settle()
    task = world.partner(key).key
    world.right.ui_edit(task, state="cancelled")
    world.settle()
    world.left.ui_delete(key)
    world.cycle(sweep=True)
    world.settle()
    assert world.right.item(task).fields["state"] == "cancelled"


def test_a_survivor_that_cannot_be_closed_is_not_tried_every_cycle(make_world: MakeWorld) -> None:
    world = make_world(on_delete=OnDelete.CLOSE)
    key = world.left.ui_create("Log in")
    world.settle()
    for _ in range(50):
        world.right.faults.append(Fault(error=Rejected("a field is missing"), method="update"))
    world.left.ui_delete(key)
    world.cycle(sweep=True)
    for _ in range(40):
        world.cycle()
    assert len(world.right.faults) >= 45


def test_edits_beside_an_invisible_partner_travel_when_it_is_seen_again(world: World) -> None:
    key = world.left.ui_create("Log in")
    world.settle()
    task = world.partner(key).key
    world.left.hidden = True
    world.right.ui_edit(task, title="Sign in")
    world.settle(sweep=True)
    world.left.hidden = False
    world.left.ui_edit(key, priority="1")
    world.settle()
    assert world.left.item(key).title == "Sign in"
    assert world.right.item(task).fields["priority"] == "urgent"


# --- comments ------------------------------------------------------------------------------------------------------


def test_comments_that_cannot_be_read_stop_no_other_item(world: World) -> None:
    key, other = world.left.ui_create("Log in"), world.left.ui_create("Log out")
    world.settle()
    world.left.read_faults.append(("comments", Rejected("not allowed")))
    world.left.ui_comment(key, "<p>one</p>")
    world.left.ui_comment(other, "<p>two</p>")
    assert world.cycle().problem is None
    world.let_looks_come()
    world.settle()
    assert [len(world.right.rows[world.partner(k).key].comments) for k in (key, other)] == [1, 1]


def test_a_refused_comment_is_tried_again_later(world: World) -> None:
    key = world.left.ui_create("Log in")
    world.settle()
    world.right.faults.append(Fault(error=Rejected("not now"), method="add_comment"))
    world.left.ui_comment(key, "<p>one</p>")
    world.settle()
    assert len(world.right.rows[world.partner(key).key].comments) == 0
    world.let_looks_come()
    world.settle()
    assert len(world.right.rows[world.partner(key).key].comments) == 1


def test_a_second_copy_of_a_comment_is_left_alone(world: World) -> None:
    key = world.left.ui_create("Log in")
    world.left.ui_comment(key, "<p>one</p>")
    world.settle()
    task = world.partner(key).key
    [copy] = world.right.rows[task].comments
    world.right.ui_twin_comment(task, copy)
    world.let_looks_come()
    world.settle()
    world.let_looks_come()
    assert world.cycle().problem is None
    assert len(world.right.rows[task].comments) == 2


def test_twins_edited_while_the_store_was_lost_are_made_equal_and_nothing_is_lost(world: World) -> None:
    key = world.left.ui_create("Log in")
    world.left.ui_comment(key, "<p>one</p>")
    world.settle()
    task = world.partner(key).key
    [copy] = world.right.rows[task].comments
    world.right.ui_edit_comment(task, copy, "edited")
    world.store.close()
    world.url = world.url.replace("store.db", "fresh.db")
    world.restart()
    world.settle()
    world.let_looks_come()
    world.settle()
    [left], [right] = world.left.rows[key].comments.values(), world.right.rows[task].comments.values()
    assert same(left.text, right.text)
    [conflict] = world.store.conflicts("web")
    assert isinstance(conflict.right_value, RichText)
    assert same(conflict.right_value, RichText(Form.MARKDOWN, "edited"))
