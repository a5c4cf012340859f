"""World: everything one simulated ClickUp knows, and who may see what.

It keeps the registers by id, the server's time, and the listing index in step with every change; `record` is the only
way a task's `date_updated` moves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from reconciler.clock import Clock
from reconciler.simulators.clickup import errors
from reconciler.simulators.clickup.dates import to_ms
from reconciler.simulators.clickup.entities import (
    GUEST,
    Attachment,
    Checklist,
    Comment,
    Field,
    Folder,
    Member,
    Space,
    Status,
    StatusType,
    Tag,
    Task,
    TaskList,
    TimeEntry,
    Workspace,
)
from reconciler.simulators.clickup.identifiers import Identifiers
from reconciler.simulators.clickup.index import ListingIndex
from reconciler.simulators.clickup.switches import Change, Switches

StatusDraft = str | tuple[str, StatusType]
DEFAULT_STATUSES: Sequence[StatusDraft] = ("to do", "in progress", "complete")
_COLORS: dict[str, str] = {"open": "#87909e", "custom": "#1090e0", "done": "#b660e0", "closed": "#008844"}


class World:
    """Raises ApiError for what a member may not see or what is not there."""

    def __init__(self, clock: Clock, switches: Switches) -> None:
        self.clock = clock
        self.ids = Identifiers()
        self.index = ListingIndex()
        self.workspaces: dict[str, Workspace] = {}
        self.spaces: dict[str, Space] = {}
        self.folders: dict[str, Folder] = {}
        self.lists: dict[str, TaskList] = {}
        self.tasks: dict[str, Task] = {}
        self.fields: dict[str, Field] = {}
        self.comments: dict[int, Comment] = {}
        self.checklists: dict[str, Checklist] = {}
        self.attachments: dict[str, Attachment] = {}
        self.list_comments: dict[str, list[Comment]] = {}
        self.running_timers: dict[int, TimeEntry] = {}
        self.file_base = "https://t{workspace}.p.clickup-attachments.com"
        self._switches = switches

    @property
    def switches(self) -> Switches:
        return self._switches

    @switches.setter
    def switches(self, switches: Switches) -> None:
        if switches.index_delay_ms and not self._switches.index_delay_ms:
            self.index.freeze()
        if not switches.index_delay_ms and self._switches.index_delay_ms:
            self.index.thaw(list(self.tasks.values()))
        self._switches = switches

    def now_ms(self) -> int:
        """The server's time. Two writes may share a millisecond (FACTS clickup 4.7)."""
        return to_ms(self.clock.now())

    # --- change ---------------------------------------------------------------------------------------------------

    def record(self, task: Task, change: Change) -> None:
        """Notes that `task` changed; whether that moves its `date_updated` is a matter of the switches."""
        now_ms = self.now_ms()
        if change in self.switches.moves:
            task.updated_ms = max(task.updated_ms, now_ms)
        self.index_again(task)

    def enter(self, task: Task) -> None:
        """Registers a new task."""
        self.tasks[task.id] = task
        task.home.size += 1
        self.index_again(task)

    def index_again(self, task: Task) -> None:
        """Has listings show `task` as it is now, after the index's delay."""
        self.index.put(task, self._passed_ms(), self.switches.index_delay_ms)

    def settle_index(self) -> None:
        """Has listings show everything whose delay is over."""
        self.index.settle(self._passed_ms())

    def _passed_ms(self) -> int:
        """A delay is one of work that takes its time, whatever becomes of the server's clock meanwhile."""
        return int(self.clock.monotonic_s() * 1000)

    def make_statuses(self, drafts: Iterable[StatusDraft], prefix: str, group: str) -> list[Status]:
        """Statuses in order; without a type the first is `open`, the last `closed`, the others `custom`."""
        drafts = list(drafts)
        statuses = []
        for order, draft in enumerate(drafts):
            plain = "open" if order == 0 else "closed" if order == len(drafts) - 1 else "custom"
            name, kind = (draft, plain) if isinstance(draft, str) else draft
            status_id = f"{prefix}_{self.ids.letters(8)}"
            statuses.append(Status(status_id, name.lower(), kind, _COLORS[kind], order, group))  # type: ignore[arg-type]
        return statuses

    def space_tag(self, space: Space, name: str, creator: Member) -> Tag:
        """The Space's tag of that name, made where it is missing (FACTS clickup 8.3)."""
        key = name.strip().lower()
        if key not in space.tags:
            space.tags[key] = Tag(key, "#622aea", "#622aea", creator.id)  # the default colours, recorded
        return space.tags[key]

    # --- sight ----------------------------------------------------------------------------------------------------

    def sees_space(self, member: Member, space: Space) -> bool:
        if member.id not in space.workspace.members:
            return False
        if space.admits is not None:
            return member.id in space.admits
        return space.workspace.roles[member.id] != GUEST

    def sees_list(self, member: Member, task_list: TaskList) -> bool:
        inside = member.id in task_list.space.workspace.members
        return inside and (member.id in task_list.shared_with or self.sees_space(member, task_list.space))

    def sees_task(self, member: Member, task: Task) -> bool:
        if member.id not in task.workspace.members:
            return False
        return member.id in task.shared_with or any(self.sees_list(member, place) for place in places_of(task))

    # --- look-up --------------------------------------------------------------------------------------------------

    def workspace(self, member: Member, workspace_id: str) -> Workspace:
        if not workspace_id.isdecimal():
            raise errors.workspace_id_invalid()
        found = self.workspaces.get(workspace_id)
        if found is None:
            raise errors.workspace_unknown()
        if member.id not in found.members:
            raise errors.workspace_foreign()
        return found

    def space(self, member: Member, space_id: str) -> Space:
        found = self.spaces.get(space_id)
        if found is None or not self.sees_space(member, found):
            raise self.not_resolved()
        if found.deleted:
            raise errors.place_gone("Space")
        return found

    def folder(self, member: Member, folder_id: str) -> Folder:
        """Deleted ones too: they answer with `deleted: true` (FACTS clickup 2.17)."""
        if not folder_id.isdecimal():
            raise errors.folder_id_invalid()
        found = self.folders.get(folder_id)
        if found is None or not self.sees_space(member, found.space):
            raise self.not_resolved()
        return found

    def task_list(self, member: Member, list_id: str) -> TaskList:
        """Deleted ones too, like Folders."""
        if not list_id.isdecimal() or not int(list_id):
            raise errors.list_id_invalid()
        found = self.lists.get(list_id)
        if found is None or not self.sees_list(member, found):
            raise self.not_resolved()
        return found

    def task(self, member: Member, task_id: str) -> Task:
        """Also one in the trash."""
        if not task_id.replace("-", "").replace("_", "").isalnum():
            raise errors.task_id_invalid()
        found = self.tasks.get(task_id)
        if found is None or not self.sees_task(member, found):
            raise self.not_resolved()
        return found

    def living_task(self, member: Member, task_id: str) -> Task:
        found = self.task(member, task_id)
        if in_trash(found):
            raise errors.task_deleted()
        return found

    def task_by_custom_id(self, member: Member, workspace_id: str, custom_id: str) -> Task:
        workspace = self.workspace(member, workspace_id)
        for task in self.tasks.values():
            if task.custom_id == custom_id.upper() and task.workspace is workspace and self.sees_task(member, task):
                return task
        raise self.not_resolved()

    def comment(self, member: Member, comment_id: str) -> Comment:
        found = self.comments.get(int(comment_id)) if comment_id.isdecimal() else None
        if found is None:
            raise self.not_resolved()
        place = found.place
        seen = self.sees_task(member, place) if isinstance(place, Task) else self.sees_list(member, place)
        if not seen:
            raise self.not_resolved()
        return found

    def not_resolved(self) -> errors.ApiError:
        return errors.not_resolved(self.switches.unknown_id_code)


def places_of(task: Task) -> list[TaskList]:
    """The Lists a task is in, home first."""
    return [task.home, *task.locations]


def in_trash(task: Task) -> bool:
    """Deleted itself, or gone with its List, Folder or Space."""
    return task.trashed_ms is not None or task.home.within_deleted
