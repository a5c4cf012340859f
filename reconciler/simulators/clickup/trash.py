"""Trash: deleting, restoring and merging tasks (FACTS clickup 16, 6.21)."""

from __future__ import annotations

from reconciler.simulators.clickup import errors
from reconciler.simulators.clickup.entities import Member, Task
from reconciler.simulators.clickup.switches import Change
from reconciler.simulators.clickup.world import World


def delete(world: World, task: Task) -> None:
    """Leaves no tombstone anywhere. Subtasks go along, or become root tasks (U10)."""
    follow = world.switches.children_follow_into_trash
    for child in [child for child in task.children if child.trashed_ms is None]:
        if follow:
            delete(world, child)
            child.trashed_with = task
        else:
            child.parent = None
            task.children.remove(child)
            world.record(child, Change.SUBTASK)
    task.trashed_ms = world.now_ms()
    task.trashed_with = None
    task.home.size -= 1
    if task.parent:
        if task in task.parent.children:
            task.parent.children.remove(task)
        world.record(task.parent, Change.SUBTASK)
    world.index_again(task)


def restore(world: World, task: Task) -> None:
    """What people do in the trash: the same id comes back with what its deletion took along. Not for tasks that are
    not in the trash."""
    taken_along = [other for other in world.tasks.values() if other.trashed_with is task]
    task.trashed_ms = None
    task.trashed_with = None
    task.home.size += 1
    if task.parent and task.parent.trashed_ms is not None:
        task.parent = None
    if task.parent:
        task.parent.children.append(task)
    world.record(task, Change.RESTORE)
    for other in taken_along:
        restore(world, other)


def merge(world: World, actor: Member, target: Task, source_ids: object) -> None:
    """The sources vanish like deleted tasks; their comments, attachments and subtasks come to the target, their
    descriptions are lost."""
    if not isinstance(source_ids, list) or not source_ids or target.id in source_ids:
        raise errors.merge_invalid()
    sources = [world.living_task(actor, str(source_id)) for source_id in source_ids]
    for source in sources:
        target.attachments += source.attachments
        target.comments += source.comments
        for comment in source.comments:
            for moved in (comment, *comment.replies):
                moved.place = target
        for child in list(source.children):
            source.children.remove(child)
            child.parent = target
            target.children.append(child)
        source.comments, source.attachments = [], []
        delete(world, source)
    world.record(target, Change.MERGE)
