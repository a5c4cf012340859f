"""Acting: people in the user interface, under the same rules as the API plus what only the interface can do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reconciler.simulators.clickup import (
    attachments,
    checklists,
    comments,
    fields,
    places,
    relations,
    segments,
    tags,
    tasks,
    trash,
)
from reconciler.simulators.clickup.entities import (
    Attachment,
    Checklist,
    Comment,
    Field,
    Folder,
    Member,
    Space,
    Status,
    Task,
    TaskList,
)
from reconciler.simulators.clickup.switches import Change
from reconciler.simulators.clickup.views import attachment_url
from reconciler.simulators.clickup.world import StatusDraft, World


class Acting:
    """One person at work. Raises ApiError where ClickUp would refuse."""

    def __init__(self, world: World, member: Member) -> None:
        self._world = world
        self.member = member

    # --- tasks ----------------------------------------------------------------------------------------------------

    def create_task(self, task_list: TaskList, name: str, **keys: Any) -> Task:
        """`keys` are those of POST /list/{}/task."""
        task, attach_late = tasks.create(self._world, self.member, task_list, {"name": name} | keys)
        attach_late()
        return task

    def edit(self, task: Task, **keys: Any) -> None:
        """`keys` are those of PUT /task/{}: name, status, priority, markdown_content, assignees={"add": [id]} ..."""
        tasks.update(self._world, self.member, task, keys)

    def set_status(self, task: Task, name: str) -> None:
        self.edit(task, status=name)

    def assign(self, task: Task, *members: Member) -> None:
        self.edit(task, assignees={"add": [member.id for member in members]})

    def unassign(self, task: Task, *members: Member) -> None:
        self.edit(task, assignees={"rem": [member.id for member in members]})

    def set_parent(self, task: Task, parent: Task | None) -> None:
        """None makes it a root task, which the API cannot (FACTS clickup 6.16)."""
        tasks.reparent(self._world, task, parent)

    def delete(self, task: Task) -> None:
        trash.delete(self._world, task)

    def restore(self, task: Task) -> None:
        """Takes it out of the trash; harmless where it is not in it."""
        if task.trashed_ms is not None:
            trash.restore(self._world, task)

    def archive(self, task: Task, archived: bool = True) -> None:
        task.archived = archived
        self._world.record(task, Change.ARCHIVE)

    def move(self, task: Task, task_list: TaskList, **options: Any) -> None:
        """Another home List; `options` are the keys of the v3 request. Raises MoveRefused."""
        relations.move(self._world, task, task_list, options)

    def merge(self, task: Task, *sources: Task) -> None:
        trash.merge(self._world, self.member, task, [source.id for source in sources])

    def add_tag(self, task: Task, name: str) -> None:
        tags.add(self._world, self.member, task, name)

    def remove_tag(self, task: Task, name: str) -> None:
        tags.remove(self._world, task, name)

    def set_field(self, task: Task, field: Field, value: Any, *, with_time: bool = False) -> None:
        body = {"value": value, "value_options": {"time": with_time}}
        fields.set_value(self._world, self.member, task, field.id, body)

    def unset_field(self, task: Task, field: Field) -> None:
        fields.unset(self._world, task, field.id)

    def write_editor_json(self, task: Task, text: str) -> None:
        """Leaves the raw form of the editor in `description`, as met on some tasks (FACTS clickup 5.5)."""
        task.text = text
        self._world.record(task, Change.EDIT)

    # --- relations, files, checklists -----------------------------------------------------------------------------

    def depend(self, task: Task, blocking: Task) -> None:
        relations.add_dependency(self._world, self.member, task, {"depends_on": blocking.id})

    def depend_no_more(self, task: Task, blocking: Task) -> None:
        relations.remove_dependency(self._world, self.member, task, blocking.id, "")

    def link(self, task: Task, other: Task) -> None:
        relations.link(self._world, self.member, task, other.id)

    def unlink(self, task: Task, other: Task) -> None:
        relations.unlink(self._world, self.member, task, other.id)

    def add_to_list(self, task: Task, task_list: TaskList) -> None:
        relations.add_location(self._world, task, task_list)

    def take_from_list(self, task: Task, task_list: TaskList) -> None:
        relations.remove_location(self._world, task, task_list)

    def attach(self, task: Task, file_name: str, data: bytes) -> Attachment:
        return attachments.attach(self._world, self.member, task, file_name, data)

    def delete_attachment(self, task: Task, attachment: Attachment) -> None:
        attachments.remove(self._world, task, attachment)

    def add_checklist(self, task: Task, name: str, items: Sequence[str] = ()) -> Checklist:
        checklist = checklists.create(self._world, self.member, task, {"name": name})
        for item in items:
            checklists.add_item(self._world, checklist, {"name": item})
        return checklist

    # --- comments -------------------------------------------------------------------------------------------------

    def comment(self, task: Task, text: str | Sequence[segments.Segment]) -> Comment:
        """Plain text, or segments."""
        return comments.add(self._world, self.member, task, _text(text))

    def comment_markdown(self, task: Task, markdown: str) -> Comment:
        made = segments.from_markdown(markdown, self._world.switches)
        return comments.add(self._world, self.member, task, {"comment": made})

    def comment_with_image(self, task: Task, text: str, attachment: Attachment) -> Comment:
        url = attachment_url(self._world, attachment, task)
        body = [{"text": f"{text}\n", "attributes": {}}, segments.image(attachment, url)]
        return comments.add(self._world, self.member, task, {"comment": body})

    def reply(self, comment: Comment, text: str | Sequence[segments.Segment]) -> Comment:
        return comments.reply(self._world, self.member, comment, _text(text))

    def edit_comment(self, comment: Comment, text: str | Sequence[segments.Segment]) -> None:
        comments.edit(self._world, self.member, comment, _text(text))

    def delete_comment(self, comment: Comment) -> None:
        comments.delete(self._world, comment)

    def react(self, comment: Comment, emoji: str = "1f44d") -> None:
        comments.react(self._world, self.member, comment, emoji)

    # --- places and rights ----------------------------------------------------------------------------------------

    def archive_place(self, place: Space | Folder | TaskList, archived: bool = True) -> None:
        place.archived = archived
        self._world.index.invalidate()

    def delete_place(self, place: Space | Folder | TaskList, deleted: bool = True) -> None:
        """False restores it with all its tasks."""
        place.deleted = deleted
        self._world.index.invalidate()

    def set_statuses(self, task_list: TaskList, statuses: Sequence[StatusDraft]) -> None:
        places.replace_statuses(self._world, task_list, statuses)

    def rename_status(self, status: Status, name: str) -> None:
        status.name = name.lower()
        self._mark(Change.RENAME, lambda task: task.status is status)

    def rename_tag(self, space: Space, name: str, new_name: str) -> None:
        tags.change(self._world, space, name, {"name": new_name})

    def rename_option(self, field: Field, option_id: str, text: str) -> None:
        for option in field.config["options"]:
            if option["id"] == option_id:
                option["label" if "label" in option else "name"] = text
        self._mark(Change.RENAME, lambda task: field.id in task.values)

    def rename_field(self, field: Field, name: str) -> None:
        field.name = name
        self._mark(Change.RENAME, lambda task: field.id in task.values)

    def delete_field(self, field: Field) -> None:
        """Takes it off all tasks and moves no date (FACTS clickup 9.9)."""
        field.deleted = True
        self._world.index.invalidate()

    def share(self, what: Task | TaskList, *members: Member) -> None:
        """Explicit access, the only one that member listings show (FACTS clickup 2.12)."""
        what.shared_with |= {member.id: member for member in members}
        self._world.index.invalidate()

    def make_private(self, space: Space, *members: Member) -> None:
        """Only these people see the Space from now on."""
        space.admits = {member.id for member in members}
        self._world.index.invalidate()

    def _mark(self, change: Change, concerned: Any) -> None:
        for task in self._world.tasks.values():
            if concerned(task):
                self._world.record(task, change)


def _text(text: str | Sequence[segments.Segment]) -> dict[str, Any]:
    return {"comment_text": text} if isinstance(text, str) else {"comment": list(text)}
