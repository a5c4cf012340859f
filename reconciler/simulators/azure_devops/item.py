"""Work items with their revisions, relations and comments, as the server keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any

from reconciler.simulators.azure_devops.identity import User
from reconciler.simulators.azure_devops.nodes import Node, Project

HIERARCHY_UP = "System.LinkTypes.Hierarchy-Reverse"
HIERARCHY_DOWN = "System.LinkTypes.Hierarchy-Forward"


@dataclass(eq=False)
class Tag:
    """Items hold tags, not their names, so a rename or deletion shows in all of them (FACTS ado 5.15)."""

    id: str
    name: str
    updated_at: datetime
    deleted: bool = False


Value = str | int | float | bool | datetime | User | Node | Project | tuple[Tag, ...]
"""What a field may hold; an empty field is not in the map."""


@dataclass(eq=False)
class Relation:
    """`target` is set for links between work items, `url` for hyperlinks, attachments and artifacts."""

    rel: str
    target: WorkItem | None = None
    url: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)

    @property
    def scrambled(self) -> bytes:
        """A sort key that has nothing to do with the order of adding (FACTS ado 9.2), the same in every run."""
        return blake2b(f"{self.rel}|{self.target.id if self.target else self.url}".encode(), digest_size=8).digest()


@dataclass(frozen=True, slots=True)
class Revision:
    """A full snapshot. `saved_at` is the true time of the save (System.AuthorizedDate), `by` who saved. `fields` has
    no computed ones. `formats` names the long texts that are Markdown. `comment` is (id, version, text) where this
    revision is about a comment. `resources` are the hyperlinks, attachments and artifacts of that revision."""

    rev: int
    watermark: int
    saved_at: datetime
    by: User
    fields: Mapping[str, Value]
    formats: frozenset[str]
    resources: tuple[Relation, ...] = ()
    comment: tuple[int, int, str] | None = None
    deleted: bool = False

    @property
    def changed_at(self) -> datetime:
        changed = self.fields["System.ChangedDate"]
        assert isinstance(changed, datetime)
        return changed

    @property
    def project(self) -> Project:
        project = self.fields["System.TeamProject"]
        assert isinstance(project, Project)
        return project

    @property
    def type_name(self) -> str:
        return str(self.fields["System.WorkItemType"])


@dataclass(frozen=True, slots=True)
class Update:
    """One row of the item's updates: a revision, or an edit of links only, which repeats the number of the current
    revision (FACTS ado 6.8)."""

    rev: int
    at: datetime
    by: User
    changes_fields: bool
    added: tuple[Relation, ...] = ()
    removed: tuple[Relation, ...] = ()
    edited: tuple[Relation, ...] = ()


@dataclass(frozen=True, slots=True)
class CommentVersion:
    version: int
    text: str
    format: str
    by: User
    at: datetime
    deleted: bool = False


@dataclass(eq=False)
class Comment:
    """Ids are unique in the whole organisation (FACTS ado 10.16)."""

    id: int
    versions: list[CommentVersion]
    reactions: dict[str, list[User]] = field(default_factory=dict)

    @property
    def first(self) -> CommentVersion:
        return self.versions[0]

    @property
    def latest(self) -> CommentVersion:
        return self.versions[-1]


@dataclass(eq=False)
class WorkItem:
    id: int
    revisions: list[Revision] = field(default_factory=list)
    updates: list[Update] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    deleted_at: datetime | None = None
    deleted_by: User | None = None

    @property
    def current(self) -> Revision:
        return self.revisions[-1]

    @property
    def fields(self) -> Mapping[str, Value]:
        return self.current.fields

    @property
    def rev(self) -> int:
        return self.current.rev

    @property
    def deleted(self) -> bool:
        return self.deleted_at is not None

    @property
    def project(self) -> Project:
        return self.current.project

    @property
    def type_name(self) -> str:
        return self.current.type_name

    @property
    def title(self) -> str:
        return str(self.fields.get("System.Title", ""))

    @property
    def visible_relations(self) -> list[Relation]:
        """In the order of answers. Links to items in the recycle bin vanish until those are restored (9.12)."""
        visible = [relation for relation in self.relations if not (relation.target and relation.target.deleted)]
        return sorted(visible, key=lambda relation: relation.scrambled) if len(visible) > 1 else visible

    @property
    def parent(self) -> WorkItem | None:
        return next((link.target for link in self.parent_links if link.target and not link.target.deleted), None)

    @property
    def parent_links(self) -> list[Relation]:
        """Those to parents in the recycle bin too."""
        return [relation for relation in self.relations if relation.rel == HIERARCHY_UP]

    def saved_by(self, moment: datetime) -> Revision | None:
        """The revision that was current at `moment` by the true times of saving; None before the creation."""
        return next((revision for revision in reversed(self.revisions) if revision.saved_at <= moment), None)

    def as_of(self, moment: datetime) -> Revision | None:
        """The revision that was in effect at `moment`, by ChangedDate (FACTS ado 4.22)."""
        return next((revision for revision in reversed(self.revisions) if revision.changed_at <= moment), None)

    def comment(self, comment_id: int) -> Comment | None:
        return next((comment for comment in self.comments if comment.id == comment_id), None)
