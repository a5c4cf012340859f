"""Rows 62 and 63: attachments that cannot be copied, and copies whose answer was lost."""

from __future__ import annotations

from typing import Any

from reconciler.simulators.azure_devops.item import WorkItem
from reconciler.simulators.clickup.entities import Task
from tests.simulation.rows.row import Row, on, text
from tests.simulation.world import World

_UPLOAD = r"^POST /api/v2/task/\w+/attachment$"
_RELATE = r"^PATCH .*/workitems/\d+$"
_LOOKS_COME_S = 660.0


def _item(world: World, key: str) -> WorkItem:
    return world.duo.azure.world.items[int(key)]


def _task(world: World, key: str) -> Task:
    return world.duo.clickup.world.tasks[key]


def _attached(world: World, key: str) -> list[Any]:
    return [relation for relation in _item(world, key).relations if relation.rel == "AttachedFile"]


def _settle(world: World) -> None:
    """Past the looks that find what no feed shows."""
    for _ in range(3):
        world.pass_time(_LOOKS_COME_S)
        world.quiet()


def attachments_that_cannot_be_copied(world: World) -> None:
    left, right = world.pair()
    world.configure(attachment_bytes_max=1_000)
    world.start()
    duo = world.duo
    duo.developer.attach(int(left), "too large.bin", bytes(1_001))
    gone = duo.developer.attach(int(left), "gone.txt", b"gone")
    del duo.azure.world.attachments[gone.id]
    world.edit("left", left, "description", text(world))
    world.quiet()
    duo.developer.attach(int(left), "eicar.com", b"virus")
    refused = on(world, "fault_62_attachment_refused", "right", "answer", _UPLOAD, 400, body='{"err":"a virus"}')
    world.quiet()
    assert refused.spent
    duo.developer.attach(int(left), "fits.txt", b"fits")
    duo.planner.attach(_task(world, right), "too large for us.bin", bytes(1_001))
    _settle(world)
    assert [(file.title, file.data) for file in _task(world, right).attachments] == [
        ("too large for us.bin", bytes(1_001)),
        ("fits.txt", b"fits"),
    ]
    assert len(_attached(world, left)) == 4
    told = [segment for comment in _task(world, right).comments for segment in comment.segments]
    for name in ("too large.bin", "gone.txt", "eicar.com"):
        assert len([s for s in told if s.get("text") == name]) == 1, f"{name} has one link in its place"
    [comment] = _item(world, left).comments
    assert "too large for us.bin" in comment.latest.text


def copies_whose_answer_was_lost(world: World) -> None:
    left, right = world.pair()
    for lose in ("drop_request", "drop_response"):
        on(world, "fault_63_attachment_without_relation", "left", lose, _RELATE)
        world.duo.planner.attach(_task(world, right), f"{lose}.txt", lose.encode())
        _settle(world)
        on(world, "fault_63_attachment_without_relation", "right", lose, _UPLOAD)
        world.duo.developer.attach(int(left), f"{lose} too.txt", lose.encode())
        _settle(world)
        world.restart()
    names = sorted(relation.attributes["name"] for relation in _attached(world, left))
    assert names == ["drop_request too.txt", "drop_request.txt", "drop_response too.txt", "drop_response.txt"]
    assert sorted(file.title for file in _task(world, right).attachments) == names
    assert len(world.duo.azure.world.attachments) == 5, "one upload that nothing links to was left behind"


ROWS = (
    Row(
        62,
        "attachment_refused",
        "a link in its place, told once; everything else goes on",
        None,
        attachments_that_cannot_be_copied,
    ),
    Row(
        63,
        "attachment_without_relation",
        "found by its mark, or by what was not there before; the upload is nobody's",
        None,
        copies_whose_answer_was_lost,
    ),
)
