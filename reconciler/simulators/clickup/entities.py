"""Entities: what a ClickUp workspace consists of. State only; the rules are elsewhere.

Instants are whole milliseconds since 1970 UTC (`_ms`), as ClickUp stores them. Ids are text except those of people,
task types and priorities.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any, Literal, Self

StatusType = Literal["open", "custom", "done", "closed"]
OWNER, ADMIN, MEMBER, GUEST = 1, 2, 3, 4
TASK_TYPE, MILESTONE_TYPE = 0, 1


@dataclass(slots=True, eq=False)
class Member:
    """A person. `token` is the personal one; `timezone` decides what a date without a time means (5.6)."""

    id: int
    name: str
    address: str
    timezone: str
    token: str = field(repr=False)
    color: str = "#595d66"
    joined_ms: int = 0

    @property
    def initials(self) -> str:
        return "".join(word[0] for word in self.name.split()[:2]).upper()


@dataclass(slots=True, eq=False)
class Group:
    """A user group, called Team in the user interface."""

    id: str
    name: str
    members: list[Member]
    creator: Member
    created_ms: int


@dataclass(frozen=True, slots=True)
class TaskType:
    id: int
    name: str
    plural: str
    description: str = ""


@dataclass(slots=True, eq=False)
class Status:
    """The prefix of `id` tells where it is defined: `p` a Space, `sc` a List or Folder (FACTS clickup 2.6)."""

    id: str
    name: str
    type: StatusType
    color: str
    order: int
    group: str


@dataclass(slots=True)
class Tag:
    """A tag of a Space; `name` is lower case (FACTS clickup 8.2)."""

    name: str
    foreground: str
    background: str
    creator_id: int


@dataclass(slots=True, eq=False)
class Field:
    """A custom field. `types` are the task types it applies to, None for all."""

    id: str
    name: str
    type: str
    config: dict[str, Any]
    created_ms: int
    required: bool = False
    types: frozenset[int] | None = None
    deleted: bool = False


@dataclass(slots=True, eq=False)
class Workspace:
    id: str
    name: str
    members: dict[int, Member] = field(default_factory=dict)
    roles: dict[int, int] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    task_types: dict[int, TaskType] = field(default_factory=dict)
    spaces: list[Space] = field(default_factory=list)
    fields: list[Field] = field(default_factory=list)
    plan: str = "Unlimited"
    field_uses: int = 0
    custom_type_uses: int = 0
    location_uses: int = 0


@dataclass(slots=True, eq=False)
class Space:
    """`admits` names the members who may enter; None: every member who is not a guest. `custom_id_prefix` switches
    custom task ids on ("ENG" makes ENG-1)."""

    id: str
    name: str
    workspace: Workspace
    statuses: list[Status] = field(default_factory=list)
    tags: dict[str, Tag] = field(default_factory=dict)
    folders: list[Folder] = field(default_factory=list)
    fields: list[Field] = field(default_factory=list)
    admits: set[int] | None = None
    multiple_assignees: bool = True
    custom_id_prefix: str = ""
    custom_ids: int = 0
    archived: bool = False
    deleted: bool = False


@dataclass(slots=True, eq=False)
class Folder:
    """`hidden` ones hold the Lists that hang directly in a Space (FACTS clickup 2.2)."""

    id: str
    name: str
    space: Space
    hidden: bool = False
    own_statuses: list[Status] = field(default_factory=list)
    lists: list[TaskList] = field(default_factory=list)
    fields: list[Field] = field(default_factory=list)
    archived: bool = False
    deleted: bool = False

    @property
    def statuses(self) -> list[Status]:
        return self.own_statuses or self.space.statuses


@dataclass(slots=True, eq=False)
class TaskList:
    """`shared_with` has explicit access, whatever the Space admits. `size` counts tasks outside the trash."""

    id: str
    name: str
    folder: Folder
    own_statuses: list[Status] = field(default_factory=list)
    fields: list[Field] = field(default_factory=list)
    shared_with: dict[int, Member] = field(default_factory=dict)
    default_type: int = TASK_TYPE
    content: str = ""
    priority: int | None = None
    color: str = ""
    size: int = 0
    archived: bool = False
    deleted: bool = False

    @property
    def space(self) -> Space:
        return self.folder.space

    @property
    def statuses(self) -> list[Status]:
        return self.own_statuses or self.folder.statuses

    @property
    def within_archived(self) -> bool:
        return self.archived or self.folder.archived or self.space.archived

    @property
    def within_deleted(self) -> bool:
        return self.deleted or self.folder.deleted or self.space.deleted


@dataclass(slots=True, eq=False)
class Dependency:
    """`waiting` waits on `blocking`."""

    waiting: Task
    blocking: Task
    creator: Member
    created_ms: int

    def other(self, task: Task) -> Task:
        return self.blocking if task is self.waiting else self.waiting


@dataclass(slots=True, eq=False)
class Link:
    """Undirected in meaning; `source` is where it was made."""

    source: Task
    target: Task
    creator: Member
    created_ms: int

    def other(self, task: Task) -> Task:
        return self.target if task is self.source else self.source


@dataclass(slots=True, eq=False)
class ChecklistItem:
    id: str
    name: str
    created_ms: int
    assignee: Member | None = None
    resolved: bool = False
    parent: str | None = None


@dataclass(slots=True, eq=False)
class Checklist:
    id: str
    task: Task
    name: str
    creator: Member
    created_ms: int
    order: int
    items: list[ChecklistItem] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Attachment:
    """`deleted` ones stay in the task's list (FACTS clickup 12.3)."""

    id: str
    title: str
    file_name: str
    mime_type: str
    data: bytes = field(repr=False)
    user: Member
    created_ms: int
    deleted: bool = False

    @property
    def extension(self) -> str:
        return self.id.rpartition(".")[2]


@dataclass(slots=True, eq=False)
class Comment:
    """`place` is the task or List it stands in, also for replies, which hang in their parent's `replies`."""

    id: int
    place: Task | TaskList
    user: Member
    created_ms: int
    segments: list[dict[str, Any]]
    assignee: Member | None = None
    assigned_by: Member | None = None
    resolved: bool = False
    parent: Comment | None = None
    replies: list[Comment] = field(default_factory=list)
    reactions: list[tuple[str, Member, int]] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class TimeEntry:
    id: int
    task: Task | None
    user: Member
    start_ms: int
    at_ms: int
    duration_ms: int | None = None
    billable: bool = False
    description: str = ""


@dataclass(slots=True, eq=False)
class Task:
    """`ordinal` counts creations in this ClickUp. `markdown` and `text` are the two readings of the description.
    `values` holds custom fields by id in their stored form. `trashed_with` is the task whose deletion took it along.
    """

    id: str
    ordinal: int
    name: str
    home: TaskList
    status: Status
    creator: Member
    created_ms: int
    updated_ms: int
    type_id: int = TASK_TYPE
    custom_id: str | None = None
    markdown: str = ""
    text: str = ""
    parent: Task | None = None
    children: list[Task] = field(default_factory=list)
    priority: int | None = None
    assignees: list[Member] = field(default_factory=list)
    group_assignees: list[Group] = field(default_factory=list)
    watchers: list[Member] = field(default_factory=list)
    shared_with: dict[int, Member] = field(default_factory=dict)
    tags: list[Tag] = field(default_factory=list)
    due_ms: int | None = None
    start_ms: int | None = None
    closed_ms: int | None = None
    done_ms: int | None = None
    points: float | None = None
    estimate_ms: int | None = None
    spent_ms: int = 0
    values: dict[str, Any] = field(default_factory=dict)
    dependencies: list[Dependency] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    locations: list[TaskList] = field(default_factory=list)
    checklists: list[Checklist] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    status_since: list[tuple[Status, int]] = field(default_factory=list)
    archived: bool = False
    trashed_ms: int | None = None
    trashed_with: Task | None = None

    @property
    def space(self) -> Space:
        return self.home.folder.space

    @property
    def workspace(self) -> Workspace:
        return self.home.folder.space.workspace

    @property
    def top_level_parent(self) -> Task | None:
        top = self.parent
        while top and top.parent:
            top = top.parent
        return top

    @property
    def depth(self) -> int:
        return 0 if self.parent is None else self.parent.depth + 1

    @property
    def height(self) -> int:
        """Levels below it."""
        return max((1 + child.height for child in self.children), default=0)

    def descendants(self) -> list[Task]:
        found = list(self.children)
        for child in self.children:
            found += child.descendants()
        return found

    def frozen(self) -> Self:
        """A copy that later changes of the task do not reach; what a late index still shows."""
        twin = copy.copy(self)
        for name in ("assignees", "group_assignees", "watchers", "tags", "dependencies", "links", "locations"):
            setattr(twin, name, list(getattr(self, name)))
        twin.values = copy.deepcopy(self.values)
        return twin
