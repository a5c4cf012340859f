"""Tags on tasks and in Spaces (FACTS clickup 8.1 to 8.5)."""

from __future__ import annotations

from typing import Any

from reconciler.simulators.clickup import errors
from reconciler.simulators.clickup.entities import Member, Space, Tag, Task
from reconciler.simulators.clickup.switches import Change
from reconciler.simulators.clickup.world import World


def add(world: World, actor: Member, task: Task, name: str) -> None:
    """Makes the Space's tag where it is missing. Idempotent, though it moves the task's date each time."""
    tag = world.space_tag(task.space, name, actor)
    if tag not in task.tags:
        task.tags.append(tag)
    world.record(task, Change.TAG)


def remove(world: World, task: Task, name: str) -> None:
    """Idempotent."""
    task.tags = [tag for tag in task.tags if tag.name != name.strip().lower()]
    world.record(task, Change.TAG)


def create(world: World, actor: Member, space: Space, draft: Any) -> None:
    """A tag of the Space; one that exists stays as it is."""
    if not isinstance(draft, dict) or not str(draft.get("name") or "").strip():
        raise errors.body_invalid()
    name = str(draft["name"]).strip().lower()
    if name in space.tags:
        return
    tag = world.space_tag(space, name, actor)
    tag.foreground = draft.get("tag_fg") or tag.foreground
    tag.background = draft.get("tag_bg") or tag.background


def change(world: World, space: Space, name: str, draft: Any) -> None:
    """Renames and recolours; every task with the tag shows it."""
    tag = _known(space, name)
    if tag is None or not isinstance(draft, dict):
        raise errors.body_invalid()
    tag.foreground = draft.get("fg_color") or draft.get("tag_fg") or tag.foreground
    tag.background = draft.get("bg_color") or draft.get("tag_bg") or tag.background
    new_name = str(draft.get("name") or tag.name).strip().lower()
    if new_name == tag.name:
        return
    del space.tags[tag.name]
    tag.name = new_name
    space.tags[new_name] = tag
    for task in _bearers(world, space, tag):
        world.record(task, Change.RENAME)


def delete(world: World, space: Space, name: str) -> None:
    """Takes it off all tasks. Idempotent."""
    tag = _known(space, name)
    if tag is None:
        return
    del space.tags[tag.name]
    for task in _bearers(world, space, tag):
        task.tags = [kept for kept in task.tags if kept is not tag]
        world.record(task, Change.TAG)


def _known(space: Space, name: str) -> Tag | None:
    return space.tags.get(name.strip().lower())


def _bearers(world: World, space: Space, tag: Tag) -> list[Task]:
    return [task for task in world.tasks.values() if any(worn is tag for worn in task.tags)]
