"""A run is taken back on both sides, except what was edited since; the cycle after it does not do it again."""

from __future__ import annotations

import pytest

from reconciler.cycle import Options, run_cycle
from reconciler.errors import Rejected
from reconciler.model.person import Person
from reconciler.model.policy import Direction, GuardLimits
from reconciler.model.report import MappingReport
from reconciler.model.reversal import Reversal, Stay
from reconciler.model.rich_text import Form, RichText
from reconciler.turn import Turn
from reconciler.undo import carry_out, plan_undo
from tests.engine.conftest import MakeWorld
from tests.engine.world import ADA, BEN, CLEO, World
from tests.support.memory import Fault


def run(world: World, cycles: int = 1, **options: bool) -> int:
    """What people did is carried by a run of its own."""
    number = world.store.start_run("sync")
    for _ in range(cycles):
        world.clock.advance(30)
        run_cycle([world.context], world.store, world.clock, number, Options(**options))
    return number


def undo(world: World, number: int) -> tuple[int, Reversal, list[Stay]]:
    """The number of the undoing run, what it planned, and all that stays."""
    world.clock.advance(30)
    reversal = plan_undo(world.context, world.store, number)
    mine = world.store.start_run("undo")
    turn = Turn(world.context, world.store, world.clock, mine, MappingReport("web"))
    failed = carry_out(turn, reversal)
    return mine, reversal, [*reversal.stays, *failed]


def rests(world: World) -> None:
    """Nothing is left to do, and both sides are equal."""
    assert world.settle().writes == 0
    assert world.differences() == []


def test_fifty_writes_of_which_three_were_edited_later(make_world: MakeWorld) -> None:
    world = make_world(guard=GuardLimits(max_changed_percent=100))
    keys = [world.left.ui_create(f"Item {n}", priority="3") for n in range(50)]
    world.settle()
    for n, key in enumerate(keys):
        world.left.ui_edit(key, **({"title": f"New {n}"} if n % 2 else {"priority": "1"}))
    number = run(world)
    edited_left, edited_right, travelled = keys[1], keys[3], keys[5]
    world.left.ui_edit(travelled, title="later, and carried")
    world.settle()
    world.left.ui_edit(edited_left, title="later on the left")
    world.right.ui_edit(world.partner(edited_right).key, title="later on the right")
    _, reversal, stays = undo(world, number)
    assert len(stays) == 3
    assert {stay.field for stay in stays} == {"title"}
    assert sum(pair.needs_requests() for pair in reversal.pairs) == 47
    world.settle()
    rests(world)
    later = {edited_left: "later on the left", edited_right: "later on the right", travelled: "later, and carried"}
    for n, key in enumerate(keys):
        item = world.left.item(key)
        assert (item.title, item.fields["priority"]) == (later.get(key, f"Item {n}"), "3")


def test_an_undone_run_is_not_done_again_and_can_be_done_again_by_undoing_the_undo(world: World) -> None:
    key = world.left.ui_create(
        "Log in", state="New", tags=("web",), assignees=(ADA,), description=RichText(Form.HTML, "<p>one two</p>")
    )
    world.settle()
    first = dict(world.left.item(key).fields), dict(world.partner(key).fields)
    world.left.ui_edit(key, title="Sign in", state="Active", tags=("web", "new"), assignees=(BEN,))
    world.right.ui_edit(world.partner(key).key, description=RichText(Form.MARKDOWN, "one two three"))
    number = run(world, cycles=2)
    second = dict(world.left.item(key).fields), dict(world.partner(key).fields)
    mine, _, stays = undo(world, number)
    assert stays == []
    rests(world)
    for now, then in zip((world.left.item(key), world.partner(key)), first, strict=True):
        assert [n for n in then if not world.same(n, now.fields[n], then[n])] == []
    _, _, stays = undo(world, mine)
    assert stays == []
    rests(world)
    for now, then in zip((world.left.item(key), world.partner(key)), second, strict=True):
        assert [n for n in then if not world.same(n, now.fields[n], then[n])] == []


def test_a_second_time_does_nothing(world: World) -> None:
    key = world.left.ui_create("Log in")
    world.settle()
    world.left.ui_edit(key, title="Sign in")
    number = run(world)
    undo(world, number)
    writes = len(world.left.writes) + len(world.right.writes)
    _, reversal, stays = undo(world, number)
    assert reversal.is_empty
    assert stays == []
    assert len(world.left.writes) + len(world.right.writes) == writes


def test_edits_on_both_sides_that_a_run_joined_are_both_taken_back(world: World) -> None:
    key = world.left.ui_create("Log in", tags=("web",), assignees=(ADA,))
    world.settle()
    world.left.ui_edit(key, tags=("web", "left"))
    world.right.ui_edit(world.partner(key).key, tags=("web", "right"), assignees=(ADA, CLEO))
    number = run(world)
    assert set(world.left.item(key).fields["tags"]) == {"web", "left", "right"}  # type: ignore[arg-type]
    undo(world, number)
    rests(world)
    assert world.left.item(key).fields["tags"] == ("web",)


@pytest.mark.parametrize("before", [(), (CLEO,)])
def test_several_people_assigned_in_one_edit_are_all_taken_off(world: World, before: tuple[Person, ...]) -> None:
    """One of them was written where only one fits; the others must not become the next."""
    key = world.left.ui_create("Log in")
    world.settle()
    copy = world.partner(key).key
    world.right.ui_edit(copy, assignees=before)
    world.settle()
    world.right.ui_edit(copy, assignees=(*before, ADA, BEN))
    number = run(world)
    assert world.left.item(key).fields["assignees"] == (ADA,)
    _, _, stays = undo(world, number)
    assert stays == []
    assert (world.left.item(key).fields["assignees"], world.right.item(copy).fields["assignees"]) == ((), before)
    assert world.settle().writes == 0


def test_a_reassignment_that_the_next_assignee_followed_brings_all_of_them_back(world: World) -> None:
    key = world.left.ui_create("Log in", assignees=(BEN,))
    world.settle()
    copy = world.partner(key).key
    world.right.ui_edit(copy, assignees=(BEN, ADA))
    world.settle()
    world.left.ui_edit(key, assignees=())
    number = run(world)
    assert world.left.item(key).fields["assignees"] == (ADA,)
    undo(world, number)
    rests(world)
    assert set(world.right.item(copy).fields["assignees"]) == {BEN, ADA}  # type: ignore[arg-type]


def test_what_the_run_did_not_write_is_not_touched(world: World) -> None:
    key = world.left.ui_create("Log in", description=RichText(Form.HTML, "<p>kept</p>"))
    world.settle()
    world.left.ui_edit(key, title="Sign in")
    number = run(world)
    world.right.ui_edit(world.partner(key).key, description=RichText(Form.MARKDOWN, "edited since"), priority="high")
    _, _, stays = undo(world, number)
    assert stays == []
    assert world.left.item(key).title == world.partner(key).title == "Log in"
    world.settle()
    rests(world)
    assert "edited since" in str(world.left.item(key).fields["description"])
    assert world.left.item(key).fields["priority"] == "2"


def test_the_value_that_a_conflict_overwrote_comes_back_on_both_sides(world: World) -> None:
    key = world.left.ui_create("Log in")
    world.settle()
    world.left.ui_edit(key, title="from the left")
    world.clock.advance(5)
    world.right.ui_edit(world.partner(key).key, title="from the right")
    number = run(world)
    assert world.left.item(key).title == "from the right"
    undo(world, number)
    rests(world)
    assert world.left.item(key).title == world.partner(key).title == "from the left"


def test_a_field_that_travels_one_way_is_not_written_against_it(make_world: MakeWorld) -> None:
    world = make_world(directions={"title": Direction.TO_RIGHT})
    key = world.left.ui_create("Log in")
    world.settle()
    world.left.ui_edit(key, title="Sign in")
    number = run(world)
    undo(world, number)
    assert world.settle().writes == 0
    assert (world.left.item(key).title, world.partner(key).title) == ("Sign in", "Log in")


def test_a_copy_goes_and_is_not_made_again_unless_somebody_worked_on_it(world: World) -> None:
    keys = [world.left.ui_create(f"Item {n}") for n in range(4)]
    number = run(world, cycles=2)
    _untouched, edited, commented, carried = keys
    world.right.ui_edit(world.partner(edited).key, title="edited on the copy")
    world.right.ui_comment(world.partner(commented).key, "said on the copy")
    world.right.ui_edit(world.partner(carried).key, priority="high")
    world.cycle()
    _, reversal, stays = undo(world, number)
    assert [removal.link.key("left") for removal in reversal.removals] == [keys[0]]
    assert len(stays) == 3
    world.settle()
    rests(world)
    world.cycle(sweep=True)
    assert sorted(item.title for item in world.left.live()) == ["Item 0", "Item 2", "Item 3", "edited on the copy"]
    assert len(world.right.live()) == 3


@pytest.mark.parametrize("attachments", [Direction.BOTH, Direction.OFF])
def test_a_copy_that_somebody_added_a_file_to_stays(make_world: MakeWorld, attachments: Direction) -> None:
    world = make_world(directions={"attachments": attachments})
    with_ours = world.left.ui_create("A file of the original")
    world.left.ui_attach(with_ours, "plan.txt")
    keys = [with_ours, world.left.ui_create("A file of somebody")]
    number = run(world, cycles=3)
    copies = [world.partner(key).key for key in keys]
    world.right.ui_attach(copies[1], "work.txt", b"a day's work")
    _, _, stays = undo(world, number)
    assert [stay.why for stay in stays] == ["made by the run, and somebody added a file"]
    assert [key in world.right.rows and not world.right.rows[key].deleted for key in copies] == [False, True]
    assert world.right.files(copies[1]) == [("work.txt", b"a day's work")]


def test_an_answer_lost_while_a_copy_is_deleted_closes_no_original(world: World) -> None:
    key = world.left.ui_create("Log in")
    number = run(world, cycles=2)
    world.right.faults.append(Fault())
    undo(world, number)
    world.settle(cycles=12)
    world.cycle(sweep=True)
    assert [item.fields["state"] for item in world.left.live()] == ["New"]
    assert key in {item.key for item in world.left.live()}
    assert world.right.live() == []


def test_a_copy_that_the_tracker_will_not_delete_stays_a_pair(world: World) -> None:
    key = world.left.ui_create("Epic")
    number = run(world, cycles=2)
    copy = world.partner(key).key
    world.right.faults.append(Fault(error=Rejected("it has subtasks"), method="delete"))
    _, _, stays = undo(world, number)
    assert [stay.why for stay in stays] == ["it has subtasks"]
    world.left.ui_edit(key, title="Saga")
    world.settle()
    rests(world)
    assert world.right.item(copy).title == "Saga"


def test_pairs_made_of_existing_items_are_separate_again_each_as_it_was(world: World) -> None:
    left = world.left.ui_create("Log in", priority="1")
    right = world.right.ui_create("Log in", priority="low", tags=("ours",))
    number = run(world, cycles=2)
    assert world.differences() == []
    undo(world, number)
    world.settle()
    world.cycle(sweep=True)
    assert world.left.item(left).fields["priority"] == "1"
    assert (world.right.item(right).fields["priority"], world.left.item(left).fields["tags"]) == ("low", ())
    assert world.store.link("web", "left", left) is None


def test_an_item_closed_for_its_partners_deletion_opens_again(world: World) -> None:
    key = world.left.ui_create("Log in", state="Active")
    world.settle()
    copy = world.partner(key)
    state = copy.fields["state"]
    world.left.ui_delete(key)
    number = run(world, cycles=4, sweep=True)
    assert world.right.item(copy.key).fields["state"] != state
    undo(world, number)
    world.settle()
    assert world.right.item(copy.key).fields["state"] == state


@pytest.mark.parametrize(("before", "after"), [("New", "Active"), ("Active", "Closed")])
def test_a_state_that_was_renamed_since_is_taken_back_under_its_new_name(
    make_world: MakeWorld, before: str, after: str
) -> None:
    table = {"New": ("to do",), "Active": ("in progress",), "Closed": ("complete",)}
    world = make_world(states=table)
    key, other = (world.left.ui_create(title, state=before) for title in ("Log in", "Log out"))
    world.settle()
    new = world.left.ui_create("Sign up", state="Active")
    for edited in (key, other):
        world.left.ui_edit(edited, state=after)
    number = run(world, cycles=2)
    world.right.rename_state("in progress", "doing")
    world.context.refresh()
    world.left.ui_edit(other, title="Sign out")  # its renamed state is in the store, the other's is not
    world.settle()
    _, reversal, stays = undo(world, number)
    assert stays == []
    assert [removal.link.key("left") for removal in reversal.removals] == [new]
    expected = {"New": "to do", "Active": "doing"}[before]
    assert [world.partner(each).fields["state"] for each in (key, other)] == [expected] * 2
    assert [world.left.item(each).fields["state"] for each in (key, other)] == [before] * 2
    rests(world)


def test_comments_stay_and_are_listed(world: World) -> None:
    key = world.left.ui_create("Log in")
    world.settle()
    world.left.ui_comment(key, "hello")
    number = run(world)
    _, reversal, stays = undo(world, number)
    assert reversal.is_empty
    assert ["comment was copied" in stay.why for stay in stays] == [True]


def test_an_undo_that_was_cut_off_goes_on_where_it_stopped(world: World) -> None:
    keys = [world.left.ui_create(f"Item {n}") for n in range(3)]
    world.settle()
    for n, key in enumerate(keys):
        world.left.ui_edit(key, title=f"New {n}")
    number = run(world)
    world.right.faults.append(Fault(method="update"))
    _, _, stays = undo(world, number)
    assert len(stays) >= 1
    world.restart()
    world.settle(cycles=12)
    _, _, stays = undo(world, number)
    assert stays == []
    world.settle()
    rests(world)
    assert [world.left.item(key).title for key in keys] == ["Item 0", "Item 1", "Item 2"]


def test_a_text_taken_back_points_to_each_sides_own_items(world: World) -> None:
    one = world.left.ui_create("One")
    body = f'<p>see <a class=x href="https://ado.example.com/{one}">it</a> soon</p>'
    key = world.left.ui_create("Two", description=RichText(Form.HTML, body))
    world.settle()
    task, other = world.partner(key).key, world.partner(one).key
    there = f"see [it](https://clickup.example.com/{other}) soon"
    world.right.ui_edit(task, description=RichText(Form.MARKDOWN, there.replace("soon", "later")))
    undo(world, run(world))
    rests(world)
    left, right = world.left.item(key).fields["description"], world.right.item(task).fields["description"]
    assert isinstance(left, RichText)
    assert isinstance(right, RichText)
    assert left.text.split() == body.replace("</p>", " </p>").split()
    assert right.text.strip() == there
