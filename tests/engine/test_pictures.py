"""Pictures in texts: copied once, shown from the copy, and never a copy of a copy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.errors import Unavailable
from reconciler.model.policy import Direction
from reconciler.model.rich_text import Form, RichText
from reconciler.simulators.azure_devops.item import WorkItem
from reconciler.simulators.clickup.entities import Comment, Task
from reconciler.simulators.clickup.views import attachment_url
from reconciler.verify import verify
from tests.engine.world import World
from tests.support.duo import Duo
from tests.support.memory import Fault


@pytest.fixture
def duo(tmp_path: Path) -> Duo:
    duo = Duo(tmp_path)
    duo.azure.switches.others_comments_editable = True
    return duo


def paste(duo: Duo, data: bytes = b"door", name: str = "a door.png") -> str:
    return duo.developer.paste(name, data, duo.projects[0])


def made(duo: Duo, description: str) -> tuple[WorkItem, Task]:
    item = duo.developer.create(duo.projects[0], "Task", "One", {"System.Description": description})
    duo.settle()
    return item, next(iter(duo.clickup.world.tasks.values()))


def body(item: WorkItem) -> str:
    return str(item.fields["System.Description"])


def copies(duo: Duo, task: Task) -> dict[str, bytes]:
    """The contents of a task's files by their addresses."""
    return {attachment_url(duo.clickup.world, each, task): each.data for each in task.attachments}


def comments_of(duo: Duo, task: Task) -> list[Comment]:
    return [comment for comment in duo.clickup.world.comments.values() if comment.place is task]


def look(duo: Duo) -> None:
    for _ in range(3):
        duo.clock.advance(660)
        duo.settle()


def assert_equal_and_at_rest(duo: Duo) -> None:
    [verdict] = [verify(context, duo.store) for context in duo.contexts]
    assert not verdict.differences
    mark = duo.mark()
    look(duo)
    assert not any(each.writes for each in duo.since(mark))


def test_a_picture_of_azure_devops_is_shown_from_its_copy_and_the_original_stays(duo: Duo) -> None:
    picture = f'<img src="{paste(duo)}" width=100>'
    item, task = made(duo, f"<div>see {picture}</div><div>x</div>")
    [(url, content)] = copies(duo, task).items()
    assert content == b"door"
    assert f"see ![]({url})" in task.markdown
    before = body(item)
    duo.planner.edit(task, markdown_content=task.markdown.replace("\n\nx", "\n\ny"))
    duo.settle()
    assert body(item) == before.replace("x</div>", "y</div>").replace("x </div>", "y </div>")
    duo.developer.edit(item, {"System.Description": body(item).replace("see", "look at")})
    duo.settle()
    assert f"look at ![]({url})" in task.markdown
    assert len(task.attachments) == 1
    assert not [relation for relation in item.relations if relation.rel == "AttachedFile"]
    assert_equal_and_at_rest(duo)


def test_a_picture_added_later_is_copied_then(duo: Duo) -> None:
    item, task = made(duo, "<div>see</div>")
    duo.developer.edit(item, {"System.Description": f'<div>see</div><div><img src="{paste(duo)}"></div>'})
    duo.settle()
    [url] = copies(duo, task)
    assert f"see\n![]({url})" in task.markdown
    assert_equal_and_at_rest(duo)


def test_a_picture_of_clickup_is_one_attachment_there_and_here(duo: Duo) -> None:
    task = duo.planner.create_task(duo.lists[0], "One", markdown_content="see")
    duo.settle()
    [item] = duo.azure.world.items.values()
    file = duo.planner.attach(task, "door.png", b"door")
    url = attachment_url(duo.clickup.world, file, task)
    duo.planner.edit(task, markdown_content=task.markdown.replace("see", f"see ![]({url}) there"))
    look(duo)
    [relation] = [relation for relation in item.relations if relation.rel == "AttachedFile"]
    assert f'src="{relation.url}"' in body(item)
    duo.developer.edit(item, {"System.Description": body(item).replace("there", "here")})
    look(duo)
    assert f"see ![]({url}) here" in task.markdown
    assert len(task.attachments) == 1
    assert_equal_and_at_rest(duo)


def test_a_picture_that_is_gone_or_too_large_is_a_link_that_says_so(tmp_path: Path) -> None:
    duo = Duo(tmp_path, attachment_bytes_max=10)
    gone = "https://dev.azure.com/contoso/_apis/wit/attachments/00000000-0000-4000-8000-000000000001?fileName=x.png"
    large = paste(duo, b"more than ten bytes")
    item, task = made(duo, f'<div>a <img src="{gone}"> b <img alt=door src="{large}"> c</div>')
    text = task.markdown.replace("\\", "")
    assert f"]({gone}) b [door (not copied: " in text
    assert task.attachments == []
    duo.planner.edit(task, markdown_content=task.markdown.replace("a ", "see ", 1))
    duo.settle()
    assert body(item).startswith("<div>see <img ")
    assert [picture in body(item) for picture in (gone, large, "not copied")] == [True, True, False]
    assert_equal_and_at_rest(duo)


def test_a_picture_in_a_comment_is_a_link_to_the_copy_in_clickup_and_stays_a_picture(duo: Duo) -> None:
    item, task = made(duo, "")
    said = duo.developer.comment(item, f'<div>see <img src="{paste(duo)}"> there</div>')
    look(duo)
    [(url, content)] = copies(duo, task).items()
    assert content == b"door"
    [copy] = comments_of(duo, task)
    assert [s["attributes"]["link"] for s in copy.segments if s.get("attributes", {}).get("link", "").startswith(url)]
    before = said.latest.text
    edited = [{**s, "text": s["text"].replace("there", "here")} for s in copy.segments]
    duo.clickup.as_member(duo.sync_member).edit_comment(copy, edited)
    look(duo)
    assert said.latest.text.count("<img") == 1
    assert f'src="{before.split("src=")[1].split(chr(34))[1]}"' in said.latest.text
    assert "here" in said.latest.text
    assert len(task.attachments) == 1
    assert_equal_and_at_rest(duo)


def test_where_attachments_do_not_travel_pictures_stay_where_they_are(tmp_path: Path) -> None:
    duo = Duo(tmp_path, directions={"attachments": Direction.OFF})
    address = paste(duo)
    _item, task = made(duo, f'<div>see <img src="{address}"></div>')
    assert f"see ![]({address})" in task.markdown
    assert task.attachments == []
    assert_equal_and_at_rest(duo)


# --- what gets lost on the way ----------------------------------------------------------------------------------------


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.store.close()


def shown(world: World) -> tuple[str, str, str]:
    """An item, its task, and the address of a picture that hangs on neither."""
    left = world.left.ui_create("Item")
    world.settle()
    return left, world.partner(left).key, world.left.ui_paste("door.png", b"door")


def settle(world: World) -> None:
    for _ in range(3):
        world.let_looks_come()
        world.settle(cycles=20)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_lost_answer_to_the_upload_makes_no_second_copy_and_the_text_follows(world: World, when: str) -> None:
    left, task, address = shown(world)
    world.left.ui_edit(left, description=RichText(Form.HTML, f'<p>see <img src="{address}"></p>'), title="Renamed")
    world.right.faults.append(Fault(when, method="add_attachment"))
    world.cycle()
    assert world.right.item(task).title == "Renamed"
    world.restart()
    settle(world)
    [name] = [name for name, _ in world.right.files(task)]
    [file] = world.right.rows[task].files.values()
    assert name == "door.png"
    text = world.right.item(task).fields["description"]
    assert isinstance(text, RichText)
    assert text.text.strip() == f"see ![]({file.shown.url})"
    assert world.differences() == []
    writes = len(world.left.writes) + len(world.right.writes)
    settle(world)
    assert len(world.left.writes) + len(world.right.writes) == writes


def test_a_picture_that_cannot_be_had_just_now_holds_its_text_back_and_nothing_else(world: World) -> None:
    left, task, address = shown(world)
    world.left.ui_edit(left, description=RichText(Form.HTML, f'<p>see <img src="{address}"></p>'), title="Renamed")
    world.left.read_faults.append(("fetch_attachment", Unavailable("the store of files is down")))
    world.cycle()
    assert world.right.item(task).title == "Renamed"
    assert world.right.item(task).fields["description"] is None
    world.clock.advance(120)
    settle(world)
    assert len(world.right.files(task)) == 1
    assert world.differences() == []
