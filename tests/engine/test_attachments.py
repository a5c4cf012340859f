"""Attachments: every file is on both sides once, whatever is lost on the way, and what cannot be is told once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.errors import Rejected, Unavailable
from reconciler.model.policy import Direction
from reconciler.richtext import plain
from tests.engine.world import World
from tests.support.memory import Fault

OFF = {"attachments": Direction.OFF}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.store.close()


def paired(world: World) -> tuple[str, str]:
    left = world.left.ui_create("Item")
    world.settle()
    return left, world.partner(left).key


def settle(world: World) -> None:
    """Past the rhythm of looks on the right, where no feed shows files."""
    for _ in range(3):
        world.let_looks_come()
        world.settle()


def both(world: World, left: str, right: str) -> tuple[Counter[object], Counter[object]]:
    return Counter(world.left.files(left)), Counter(world.right.files(right))


def comments(world: World, key: str) -> list[str]:
    tracker = world.left if key.startswith(world.left.name[0]) else world.right
    return [plain(comment.text) for comment in tracker.rows[key].comments.values()]


# --- carried ---------------------------------------------------------------------------------------------------------


def test_a_file_added_on_the_left_is_copied_in_the_same_cycle_and_never_again(world: World) -> None:
    left, right = paired(world)
    world.left.ui_attach(left, "a.txt", b"one")
    report = world.cycle()
    assert world.right.files(right) == [("a.txt", b"one")]
    assert report.attachments == {"clickup": 1}
    settle(world)
    assert world.right.files(right) == world.left.files(left) == [("a.txt", b"one")]


def test_a_file_added_on_the_right_is_found_by_a_look(world: World) -> None:
    left, right = paired(world)
    world.right.ui_attach(right, "a.txt", b"one")
    settle(world)
    assert world.right.files(right) == world.left.files(left) == [("a.txt", b"one")]


def test_a_new_item_comes_with_its_files(world: World) -> None:
    for side in (world.left, world.right):
        key = side.ui_create(f"Item on {side.name}")
        for name, content in (("a.txt", b"one"), ("a.txt", b"two"), ("a.txt", b"two"), ("empty", b"")):
            side.ui_attach(key, name, content)
    world.settle()
    settle(world)
    for link in world.store.all_links("web"):
        left, right = both(world, link.key("left"), link.key("right"))
        assert left == right
        assert sum(left.values()) == 4


def test_files_that_both_sides_have_already_are_one_where_their_content_is(world: World) -> None:
    left, right = world.left.ui_create("Item"), world.right.ui_create("Item")
    for key, content in ((left, b"left"), (right, b"rite")):
        tracker = world.left if key == left else world.right
        tracker.ui_attach(key, "same.txt", b"same")
        tracker.ui_attach(key, "other.txt", content)
    settle(world)
    expected = Counter([("same.txt", b"same"), ("other.txt", b"left"), ("other.txt", b"rite")])
    assert both(world, left, right) == (expected, expected)


def test_a_name_loses_only_what_would_make_it_a_path(world: World) -> None:
    left, right = paired(world)
    for name in ("../../etc/passwd", "C:\\a\\b.txt", "two\nlines.txt", "Größe 報告 🙂.pdf", "/"):
        world.left.ui_attach(left, name, name.encode())
    settle(world)
    assert [name for name, _ in world.right.files(right)] == [
        ".._.._etc_passwd",
        "C:_a_b.txt",
        "two lines.txt",
        "Größe 報告 🙂.pdf",
        "_",
    ]


def test_an_idle_cycle_asks_for_no_files(world: World) -> None:
    left, _ = paired(world)
    world.left.ui_attach(left, "a.txt")
    settle(world)
    before = world.left.asked["attachments"], world.right.asked["attachments"]
    world.cycle()
    assert (world.left.asked["attachments"], world.right.asked["attachments"]) == before


def test_files_travel_only_where_they_may(tmp_path: Path) -> None:
    world = World(tmp_path, directions={"attachments": Direction.TO_RIGHT})
    left, right = paired(world)
    world.left.ui_attach(left, "left.txt")
    world.right.ui_attach(right, "right.txt")
    settle(world)
    assert [name for name, _ in world.left.files(left)] == ["left.txt"]
    assert sorted(name for name, _ in world.right.files(right)) == ["left.txt", "right.txt"]


def test_files_that_hung_there_before_they_were_carried_are_found(world: World) -> None:
    world.configure(directions=OFF)
    left, right = paired(world)
    world.left.ui_attach(left, "left.txt")
    world.right.ui_attach(right, "right.txt")
    settle(world)
    assert len(world.left.files(left)) == len(world.right.files(right)) == 1
    world.configure(directions={})
    settle(world)
    assert len(world.left.files(left)) == len(world.right.files(right)) == 2


# --- removed ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_removed_file_is_removed_on_the_other_side(world: World, side: str) -> None:
    left, right = paired(world)
    first = world.left.ui_attach(left, "a.txt", b"one")
    world.left.ui_attach(left, "b.txt", b"two")
    settle(world)
    if side == "left":
        world.left.ui_detach(left, first)
    else:
        world.right.ui_detach(right, next(iter(world.right.rows[right].files)))
    settle(world)
    assert world.left.files(left) == world.right.files(right) == [("b.txt", b"two")]


def test_a_file_that_a_listing_lacks_once_is_not_removed(world: World) -> None:
    left, right = paired(world)
    world.left.ui_attach(left, "a.txt", b"one")
    settle(world)
    hidden = dict(world.right.rows[right].files)
    world.right.rows[right].files.clear()
    world.let_looks_come()
    world.cycle()
    world.right.rows[right].files.update(hidden)
    settle(world)
    assert world.left.files(left) == world.right.files(right) == [("a.txt", b"one")]


def test_where_files_cannot_be_removed_they_stay_which_is_told_once(world: World) -> None:
    world.right.capabilities = world.left.capabilities.__class__(
        **{**_as_dict(world.right.capabilities), "removes_attachments": False}
    )
    left, right = paired(world)
    file = world.left.ui_attach(left, "a.txt", b"one")
    settle(world)
    world.left.ui_detach(left, file)
    notes = []
    for _ in range(4):
        world.let_looks_come()
        notes += world.cycle().notes
    assert [note for note in notes if "removed on the left" in note] == [
        f"CLICKUP#{right}: a.txt: removed on the left; it stays, since files can only be added here"
    ]
    assert world.left.files(left) == []
    assert world.right.files(right) == [("a.txt", b"one")]


def _as_dict(capabilities: object) -> dict[str, object]:
    names = capabilities.__class__.__dataclass_fields__  # type: ignore[attr-defined]
    return {name: getattr(capabilities, name) for name in names}


# --- what cannot be copied -------------------------------------------------------------------------------------------


def test_a_file_that_is_too_large_gives_way_to_a_link_once(tmp_path: Path) -> None:
    world = World(tmp_path, attachment_bytes_max=4)
    left, right = paired(world)
    world.left.ui_attach(left, "<big> & more.bin", b"12345")
    world.left.ui_attach(left, "small.bin", b"1234")
    world.left.ui_edit(left, title="New title")
    settle(world)
    assert world.right.item(right).title == "New title"
    assert world.right.files(right) == [("small.bin", b"1234")]
    assert comments(world, right) == ["<big> & more.bin is not copied: it has 5 bytes, more than 4 bytes"]
    assert comments(world, left) == []
    assert world.left.asked["fetch_attachment"] == 1


@pytest.mark.parametrize("limit", [4, 100])
def test_a_file_that_is_not_to_be_had_gives_way_to_a_link_once(tmp_path: Path, limit: int) -> None:
    world = World(tmp_path, attachment_bytes_max=limit)
    left, right = paired(world)
    world.left.ui_attach(left, "gone.bin", None)
    settle(world)
    assert world.right.files(right) == []
    [told] = comments(world, right)
    assert told.startswith("gone.bin is not copied")
    [note] = [e.text for e in world.store.events(1, 50) if e.kind == "attachment not carried"]
    assert "gone.bin" in note


def test_a_file_that_is_refused_gives_way_to_a_link_once(world: World) -> None:
    left, right = paired(world)
    world.right.faults.append(Fault(method="add_attachment", error=Rejected("a virus", tracker="clickup")))
    world.left.ui_attach(left, "eicar.com", b"x")
    settle(world)
    assert world.right.files(right) == []
    assert comments(world, right) == ["eicar.com is not copied: clickup: a virus"]


def test_the_link_is_not_written_again_after_its_answer_or_the_store_was_lost(tmp_path: Path) -> None:
    world = World(tmp_path, attachment_bytes_max=4)
    left, right = paired(world)
    world.right.faults.append(Fault("after", method="add_comment"))
    world.left.ui_attach(left, "big.bin", b"12345")
    settle(world)
    assert len(comments(world, right)) == 1
    lose_store(world, tmp_path)
    settle(world)
    assert len(comments(world, right)) == 1


def test_no_comment_is_written_where_comments_do_not_travel(tmp_path: Path) -> None:
    world = World(tmp_path, attachment_bytes_max=4, directions={"comments": Direction.OFF})
    left, right = paired(world)
    world.left.ui_attach(left, "big.bin", b"12345")
    settle(world)
    assert comments(world, right) == []
    assert [e.kind for e in world.store.events(1, 50)].count("attachment not carried") == 1


def test_a_file_that_cannot_be_fetched_for_now_waits_and_stops_nothing(world: World) -> None:
    left, right = paired(world)
    world.left.ui_attach(left, "a.txt", b"one")
    world.left.ui_attach(left, "b.txt", b"two")
    world.left.ui_comment(left, "Hello")
    world.left.read_faults.append(("fetch_attachment", Unavailable("the store of files is down")))
    report = world.cycle()
    assert report.problem is None
    assert world.right.files(right) == [("b.txt", b"two")]
    assert comments(world, right) == ["Hello"]
    settle(world)
    assert sorted(world.right.files(right)) == [("a.txt", b"one"), ("b.txt", b"two")]


def test_files_that_cannot_be_listed_stop_nothing(world: World) -> None:
    left, right = paired(world)
    world.left.ui_attach(left, "a.txt", b"one")
    world.left.ui_comment(left, "Hello")
    world.left.read_faults.append(("attachments", Rejected("not shown")))
    assert world.cycle().problem is None
    assert comments(world, right) == ["Hello"]
    settle(world)
    assert world.right.files(right) == [("a.txt", b"one")]


# --- doubt -----------------------------------------------------------------------------------------------------------


def lose_store(world: World, folder: Path) -> None:
    world.store.close()
    for file in folder.glob("store.db*"):
        file.unlink()
    world.restart()


@pytest.mark.parametrize("marks", [True, False])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("restarts", [True, False])
def test_a_lost_answer_leaves_one_copy(world: World, when: str, marks: bool, restarts: bool) -> None:
    left, right = paired(world)
    world.right.marks_attachments = marks
    world.left.ui_attach(left, "a.txt", b"one")
    world.left.ui_attach(left, "a.txt", b"one")
    world.right.faults.append(Fault(when, method="add_attachment"))
    assert world.cycle().in_doubt == 1
    if restarts:
        world.restart()
    settle(world)
    expected = Counter({("a.txt", b"one"): 2})
    assert both(world, left, right) == (expected, expected)
    assert world.store.open_intents() == []


def test_a_file_that_was_removed_while_its_copy_was_in_doubt_does_not_come_back(world: World) -> None:
    left, right = paired(world)
    world.right.marks_attachments = False
    file = world.left.ui_attach(left, "a.txt", b"one")
    world.right.faults.append(Fault("after", method="add_attachment"))
    world.cycle()
    world.left.ui_detach(left, file)
    settle(world)
    assert world.left.files(left) == world.right.files(right) == []


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_removal_whose_answer_was_lost_is_done(world: World, side: str) -> None:
    left, right = paired(world)
    file = world.left.ui_attach(left, "a.txt", b"one")
    settle(world)
    world.left.ui_detach(left, file)
    world.right.faults.append(Fault("after" if side == "left" else "before", method="remove_attachment"))
    settle(world)
    assert world.left.files(left) == world.right.files(right) == []
    assert world.store.open_intents() == []


@pytest.mark.parametrize("marks", [True, False])
def test_a_lost_store_does_not_double_anything(world: World, tmp_path: Path, marks: bool) -> None:
    left, right = paired(world)
    world.left.marks_attachments = world.right.marks_attachments = marks
    world.left.ui_attach(left, "a.txt", b"one")
    world.left.ui_attach(left, "a.txt", b"two")
    world.right.ui_attach(right, "b.txt", b"three")
    settle(world)
    assert both(world, left, right)[0] == both(world, left, right)[1]
    lose_store(world, tmp_path)
    settle(world)
    expected = Counter([("a.txt", b"one"), ("a.txt", b"two"), ("b.txt", b"three")])
    assert both(world, left, right) == (expected, expected)


def test_a_copy_in_doubt_is_not_taken_for_somebodys_new_file(world: World) -> None:
    """It may come into sight before it is known whose it is."""
    left, right = paired(world)
    world.right.marks_attachments = False
    world.left.ui_attach(left, "a.txt", b"one")
    world.right.faults.append(Fault("after", method="add_attachment"))
    world.cycle()
    world.right.read_faults.append(("attachments", Rejected("not now")))  # the probe of `recover` does not see it
    world.let_looks_come()
    world.cycle()
    settle(world)
    assert world.left.files(left) == world.right.files(right) == [("a.txt", b"one")]
