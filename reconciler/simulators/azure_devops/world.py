"""World: everything one organisation holds - people, projects, items, tags, files - and how a save is recorded.

It knows nothing of HTTP, JSON or permissions to write. Whatever saves an item ends in `save` or `save_links`.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import uuid5

from reconciler.clock import Clock
from reconciler.simulators.azure_devops.identity import NAMESPACE, Grant, User, user_id
from reconciler.simulators.azure_devops.item import Relation, Revision, Tag, Update, Value, WorkItem
from reconciler.simulators.azure_devops.nodes import Node, Project
from reconciler.simulators.azure_devops.process import process_named
from reconciler.simulators.azure_devops.switches import Switches

_STEP = timedelta(milliseconds=1)
FOREVER = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class LinkEvent:
    """A row of the link feed: `rel` without its direction, `source` the forward end."""

    number: int
    rel: str
    source: WorkItem
    target: WorkItem
    at: datetime
    active: bool


@dataclass(eq=False)
class Attachment:
    """`size` is the announced length of a chunked upload; the file is complete when `data` has reached it."""

    id: str
    file_name: str
    owner: User
    data: bytearray
    size: int

    @property
    def complete(self) -> bool:
        return len(self.data) >= self.size


@dataclass(eq=False)
class SavedQuery:
    id: str
    project: Project
    name: str
    wiql: str


@dataclass
class World:
    """State of one organisation. Ids, watermarks and comment ids count through the whole of it (FACTS ado 20.1)."""

    organization: str
    clock: Clock
    switches: Switches
    users: list[User] = field(default_factory=list)
    grants: dict[str, Grant] = field(default_factory=dict, repr=False)
    projects: list[Project] = field(default_factory=list)
    items: dict[int, WorkItem] = field(default_factory=dict)
    tags: dict[tuple[str, str], Tag] = field(default_factory=dict)
    attachments: dict[str, Attachment] = field(default_factory=dict)
    queries: dict[str, SavedQuery] = field(default_factory=dict)
    nodes: dict[int, Node] = field(default_factory=dict)
    revision_log: list[tuple[WorkItem, Revision]] = field(default_factory=list)
    link_log: list[LinkEvent] = field(default_factory=list)
    hidden_areas: set[tuple[str, int]] = field(default_factory=set)
    frozen_areas: set[tuple[str, int]] = field(default_factory=set)
    _changed: list[tuple[datetime, int]] = field(default_factory=list, repr=False)
    _next: dict[str, int] = field(default_factory=dict, repr=False)

    def now(self) -> datetime:
        """The server's time in the resolution in which it stamps (FACTS ado 2.13)."""
        now = self.clock.now()
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def count(self, name: str, first: int = 1) -> int:
        """The next number of a series that counts through the whole organisation."""
        number = self._next.get(name, first)
        self._next[name] = number + 1
        return number

    def guid(self, *parts: object) -> str:
        """The same GUID for the same parts in every run."""
        return str(uuid5(NAMESPACE, "/".join([self.organization, *map(str, parts)])))

    def keep_file(self, owner: User, file_name: str, data: bytes, *, announced: bool = False) -> Attachment:
        """An uploaded file that no item has yet; with `announced` its chunks are still to come."""
        number = self.count("attachment")
        size = 1 if announced else len(data)
        file = Attachment(self.guid("attachment", number), file_name, owner, bytearray(data), size)
        self.attachments[file.id] = file
        return file

    # --- people ------------------------------------------------------------------------------------------------------

    def add_user(self, name: str, address: str, *, member: bool = True) -> User:
        user = User(user_id(self.organization, address), name, address, "", member)
        user.token = self.issue_token(user)
        self.users.append(user)
        return user

    def issue_token(self, user: User, *, write: bool = True) -> str:
        token = f"pat-{self.count('token')}-{self.guid('token', user.id, len(self.grants))}"
        self.grants[token] = Grant(user, write)
        return token

    @property
    def members(self) -> list[User]:
        return [user for user in self.users if user.member]

    def sees(self, user: User, item: WorkItem) -> bool:
        """Items in unreadable areas are invisible, without a word (FACTS ado 3.22)."""
        return not self._covered(self.hidden_areas, user, item.fields["System.AreaPath"])

    def may_write(self, user: User, area: Value) -> bool:
        return not self._covered(self.frozen_areas, user, area)

    def _covered(self, areas: set[tuple[str, int]], user: User, area: Value) -> bool:
        return any(
            owner == user.id and isinstance(area, Node) and area.under(self.nodes[node_id]) for owner, node_id in areas
        )

    # --- projects ----------------------------------------------------------------------------------------------------

    def add_project(self, name: str, process: str) -> Project:
        areas, iterations = self._root(name, "area"), self._root(name, "iteration")
        project = Project(self.guid("project", name), name, process_named(process), areas, iterations, self.now())
        self.projects.append(project)
        return project

    def _root(self, name: str, group: str) -> Node:
        return self._register(Node(self.count("node"), self.guid(group, name), name, group))

    def add_node(self, parent: Node, name: str, start: str | None = None, finish: str | None = None) -> Node:
        number = self.count("node")
        identifier = self.guid(parent.group, number, name)
        node = Node(number, identifier, name, parent.group, parent, start=start, finish=finish)
        parent.children.append(node)
        return self._register(node)

    def _register(self, node: Node) -> Node:
        self.nodes[node.id] = node
        return node

    def rename_node(self, node: Node, name: str, by: User) -> None:
        """Shows in all items at once; whether they get a revision for it is U12."""
        node.name = name
        if self.switches.node_rename_bumps_rev:
            self._touch_items_in(node, by)

    def drop_node(self, node: Node, heir: Node, by: User) -> None:
        """Deletes a node and those below; what is in them gets a revision that puts it into `heir`."""
        assert node.parent
        node.parent.children.remove(node)
        self._touch_items_in(node, by, heir)
        for gone in node.walk():
            del self.nodes[gone.id]

    def _touch_items_in(self, node: Node, by: User, heir: Node | None = None) -> None:
        path = "System.AreaPath" if node.group == "area" else "System.IterationPath"
        for item in list(self.items.values()):
            place = item.fields[path]
            if isinstance(place, Node) and place.under(node):
                self.save(item, by, {**item.fields, path: heir or place}, at=self.stamp(item), deleted=item.deleted)

    def project(self, name: str) -> Project | None:
        """By name or GUID, whatever the case."""
        wanted = name.lower()
        return next((project for project in self.projects if wanted in (project.id, project.name.lower())), None)

    def tag(self, project: Project, name: str) -> Tag | None:
        return self.tags.get(self._tag_key(project, name))

    def make_tag(self, project: Project, name: str) -> Tag:
        """The project's tag of that name; the first spelling stays (FACTS ado 7.18, U8)."""
        key = self._tag_key(project, name)
        if key not in self.tags:
            self.tags[key] = Tag(self.guid("tag", project.id, key[1]), name, self.now())
        return self.tags[key]

    def _tag_key(self, project: Project, name: str) -> tuple[str, str]:
        return project.id, name if self.switches.tag_case_matters else name.lower()

    # --- saving ------------------------------------------------------------------------------------------------------

    def stamp(self, item: WorkItem) -> datetime:
        """The time of the next save; successive revisions of an item have strictly rising times (FACTS ado 5.18)."""
        now = self.now()
        return max(now, item.current.changed_at + _STEP) if item.revisions else now

    def save(
        self,
        item: WorkItem,
        by: User,
        fields: Mapping[str, Value],
        *,
        at: datetime,
        formats: frozenset[str] | None = None,
        comment: tuple[int, int, str] | None = None,
        deleted: bool = False,
        added: Iterable[Relation] = (),
        removed: Iterable[Relation] = (),
        changed_at: datetime | None = None,
        changed_by: User | None = None,
    ) -> Revision:
        """Makes the next revision of `item` from its complete `fields` and files it everywhere. `changed_at` and
        `changed_by` are for those who bypass rules; `added` and `removed` only describe, the relations themselves
        have been changed already."""
        stamped = dict(fields)
        stamped["System.ChangedDate"] = changed_at or at
        stamped["System.ChangedBy"] = changed_by or by
        resources = tuple(relation for relation in item.relations if relation.target is None)
        kept = formats if formats is not None else (item.current.formats if item.revisions else frozenset())
        number = item.rev + 1 if item.revisions else 1
        revision = Revision(number, self.count("watermark"), at, by, stamped, kept, resources, comment, deleted)
        if item.revisions:
            self._changed.pop(bisect_left(self._changed, (item.current.changed_at, item.id)))
        item.revisions.append(revision)
        item.updates.append(Update(number, at, by, True, tuple(added), tuple(removed)))
        insort(self._changed, (revision.changed_at, item.id))
        self.items[item.id] = item
        self.revision_log.append((item, revision))
        return revision

    def save_links(
        self,
        item: WorkItem,
        by: User,
        added: Iterable[Relation] = (),
        removed: Iterable[Relation] = (),
        edited: Iterable[Relation] = (),
    ) -> None:
        """Records an edit of links between items, which makes no revision (FACTS ado 5.2)."""
        item.updates.append(Update(item.rev, self.now(), by, False, tuple(added), tuple(removed), tuple(edited)))

    def log_link(self, rel: str, source: WorkItem, target: WorkItem, *, active: bool) -> None:
        self.link_log.append(LinkEvent(self.count("link"), rel, source, target, self.now(), active))

    def forget(self, item: WorkItem) -> None:
        """Destroys an item for good: out of the bin, the feeds and the links of others."""
        for relation in item.relations:
            if relation.target:
                relation.target.relations = [other for other in relation.target.relations if other.target is not item]
        self._changed.pop(bisect_left(self._changed, (item.current.changed_at, item.id)))
        del self.items[item.id]
        self.revision_log = [entry for entry in self.revision_log if entry[0] is not item]
        self.link_log = [event for event in self.link_log if item not in (event.source, event.target)]

    def purge(self) -> None:
        """Empties the recycle bin of what has been there too long, where the switch says so (U16)."""
        if days := self.switches.recycle_bin_days:
            limit = self.now() - timedelta(days=days)
            for item in [item for item in self.items.values() if item.deleted_at and item.deleted_at <= limit]:
                self.forget(item)

    def changed_since(self, moment: datetime) -> list[WorkItem]:
        """Items whose ChangedDate is at or after `moment`, oldest change first; without looking at the others."""
        start = bisect_left(self._changed, (moment, 0))
        return [self.items[item_id] for _, item_id in self._changed[start:]]
