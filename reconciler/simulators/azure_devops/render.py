"""Renderer: what the server keeps, as the JSON it answers (FACTS ado 4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from reconciler.simulators.azure_devops import errors
from reconciler.simulators.azure_devops.identity import User
from reconciler.simulators.azure_devops.item import Comment, CommentVersion, Relation, Revision, Value, WorkItem
from reconciler.simulators.azure_devops.nodes import Node, Project
from reconciler.simulators.azure_devops.process import field_named, fields
from reconciler.simulators.azure_devops.relation_types import RELATION_TYPES
from reconciler.simulators.azure_devops.values import joined, read
from reconciler.simulators.azure_devops.world import World

Json = dict[str, Any]

_ORDER = """
    Id AreaId AreaPath TeamProject NodeName AreaLevel1 AreaLevel2 AreaLevel3 AreaLevel4 Rev AuthorizedDate RevisedDate
    IterationId IterationPath IterationLevel1 IterationLevel2 IterationLevel3 IterationLevel4 WorkItemType State Reason
    AssignedTo CreatedDate CreatedBy ChangedDate ChangedBy AuthorizedAs PersonId Watermark CommentCount Title
"""
_LEADING = [f"System.{name}" for name in _ORDER.split()]
_EXPANDED_ONLY = frozenset(
    name
    for name in _LEADING
    if name.endswith(("Id", "Rev", "NodeName", "AuthorizedDate", "AuthorizedAs", "RevisedDate", "Watermark"))
    or "Level" in name
)
"""Left out of plain answers (FACTS ado 4.10)."""
_COUNTS = ("System.ExternalLinkCount", "System.HyperLinkCount", "System.AttachedFileCount")


def iso(moment: datetime) -> str:
    """UTC with milliseconds, whose trailing zeros are cut (FACTS ado 2.13)."""
    text = f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}".rstrip("0").rstrip(".")
    return text + "Z"


def us_date(moment: datetime) -> str:
    """The form of deletedDate (FACTS ado 2.13)."""
    hour = moment.hour % 12 or 12
    return f"{moment.month}/{moment.day}/{moment.year} {hour}:{moment:%M:%S} {'AM' if moment.hour < 12 else 'PM'}"


def plain_value(value: Value | None) -> Any:
    """A field value as JSON, with people as "Name <mail>"."""
    match value:
        case datetime():
            return iso(value)
        case User():
            return str(value)
        case Node():
            return value.path
        case Project():
            return value.name
        case tuple():
            return joined(value)
        case _:
            return value


@dataclass(frozen=True, slots=True)
class Renderer:
    """`base` is the organisation's address as the caller used it; answers link to where they were asked (1.1)."""

    world: World
    base: str

    # --- people and places -------------------------------------------------------------------------------------------

    def identity(self, user: User) -> Json:
        avatar = f"{self.base}/_apis/GraphProfile/MemberAvatars/{user.descriptor}"
        account = self.world.guid("account")
        return {
            "displayName": user.name,
            "url": f"https://spsprodcus1.vssps.visualstudio.com/A{account}/_apis/Identities/{user.id}",
            "_links": {"avatar": {"href": avatar}},
            "id": user.id,
            "uniqueName": user.address,
            "imageUrl": avatar,
            "descriptor": user.descriptor,
        }

    def item_url(self, item: WorkItem, *, project: bool = True) -> str:
        within = f"/{item.project.id}" if project else ""
        return f"{self.base}{within}/_apis/wit/workItems/{item.id}"

    def type_url(self, project: Project, name: str = "") -> str:
        url = f"{self.base}/{project.id}/_apis/wit/workItemTypes"
        return f"{url}/{quote(name)}" if name else url

    def value(self, value: Value | None) -> Any:
        return self.identity(value) if isinstance(value, User) else plain_value(value)

    # --- work items --------------------------------------------------------------------------------------------------

    def work_item(
        self,
        item: WorkItem,
        revision: Revision | None = None,
        *,
        expand: str = "none",
        only: Sequence[str] = (),
        links: bool = False,
        history: bool = False,
        relations: bool = False,
    ) -> Json:
        """`only` names the wanted fields; raises ApiError 400 for one that does not exist (FACTS ado 4.5).
        `history` shows the comment of that revision, as answers to writes, revisions and updates do (4.19)."""
        revision = revision or item.current
        shown = (
            self._named(item, revision, only)
            if only
            else self._fields(item, revision, expand == "all" or expand == "fields")
        )
        if history and revision.comment and revision.comment[2]:
            shown["System.History"] = revision.comment[2]
        body: Json = {"id": item.id, "rev": revision.rev, "fields": shown}
        if self.world.switches.multiline_formats:
            body["multilineFieldsFormat"] = self._formats(revision, shown)
        if (relations or expand in ("relations", "all")) and (visible := item.visible_relations):
            body["relations"] = [self.relation(relation) for relation in visible]
        if revision.comment:
            body["commentVersionRef"] = self._comment_reference(item, revision.comment)
        if links or expand in ("links", "all"):
            body["_links"] = self._links(item, revision, shown)
        body["url"] = self.item_url(item, project=not only)
        return body

    def _fields(self, item: WorkItem, revision: Revision, everything: bool) -> Json:
        names = [name for name in _LEADING if everything or name not in _EXPANDED_ONLY]
        names += [name for name in revision.fields if name not in _LEADING] + ["System.Parent"]
        shown = {name: value for name in names if (value := read(item, revision, name)) is not None}
        if everything:
            shown |= {name: value for name in _COUNTS if (value := read(item, revision, name))}
        return {name: self.value(value) for name, value in shown.items()}

    def _named(self, item: WorkItem, revision: Revision, only: Iterable[str]) -> Json:
        shown = {}
        for name in only:
            field = field_named(name)
            if field is None:
                raise errors.field_missing(name)
            value = read(item, revision, field.reference)
            if value is not None:
                shown[field.reference] = self.value(value)
        return shown

    def _formats(self, revision: Revision, shown: Json) -> Json:
        long = [name for name in shown if fields()[name].kind == "html"]
        return {name: "markdown" if name in revision.formats else "html" for name in long}

    def _links(self, item: WorkItem, revision: Revision, shown: Json) -> Json:
        url = self.item_url(item)
        type_name = revision.type_name if "System.WorkItemType" in shown else ""
        return {
            "self": {"href": url},
            "workItemUpdates": {"href": f"{url}/updates"},
            "workItemRevisions": {"href": f"{url}/revisions"},
            "workItemComments": {"href": f"{url}/comments"},
            "html": {"href": f"{self.base}/{item.project.id}/_workitems/edit/{item.id}"},
            "workItemType": {"href": self.type_url(item.project, type_name)},
            "fields": {"href": f"{self.base}/{item.project.id}/_apis/wit/fields"},
        }

    def _comment_reference(self, item: WorkItem, comment: tuple[int, int, str]) -> Json:
        url = f"{self.item_url(item)}/comments/{comment[0]}/versions/{comment[1]}"
        return {"commentId": comment[0], "version": comment[1], "url": url}

    def relation(self, relation: Relation) -> Json:
        if relation.target is None:
            return {"rel": relation.rel, "url": relation.url, "attributes": dict(relation.attributes)}
        attributes = {"isLocked": False, "name": RELATION_TYPES[relation.rel].name, **relation.attributes}
        return {"rel": relation.rel, "url": self.item_url(relation.target), "attributes": attributes}

    def restored(self, item: WorkItem) -> Json:
        """What differs in the answer to a restore from that about the deleted item (FACTS ado 16.3)."""
        url = self.item_url(item)
        return {"url": url, "resource": self._resource(item, url)}

    def deleted(self, item: WorkItem, *, resource: bool = True) -> Json:
        """An item in the recycle bin, with people as text (FACTS ado 4.13, 16.1)."""
        assert item.deleted_at
        url = f"{self.base}/{item.project.id}/_apis/wit/recyclebin/{item.id}"
        body: Json = {
            "id": item.id,
            "type": item.type_name,
            "name": item.title,
            "project": item.project.name,
            "deletedDate": us_date(item.deleted_at),
            "deletedBy": str(item.deleted_by),
            "code": 200,
            "url": url,
        }
        if resource:
            body["resource"] = self._resource(item, url)
        return body

    def _resource(self, item: WorkItem, url: str) -> Json:
        shown = self._fields(item, item.current, False)
        for name in shown:
            stored = item.fields.get(name)
            if isinstance(stored, User):
                shown[name] = str(stored)
        if item.fields.get("System.Tags") == ():
            shown["System.Tags"] = ""  # FACTS ado 4.9: the one place where emptiness shows
        links = {
            "self": {"href": url},
            "workItemType": {"href": self.type_url(item.project, item.type_name)},
            "fields": {"href": f"{self.base}/{item.project.id}/_apis/wit/fields"},
        }
        return {"id": item.id, "rev": item.rev, "fields": shown, "_links": links, "url": url}

    # --- comments ----------------------------------------------------------------------------------------------------

    def comment(self, item: WorkItem, comment: Comment, *, rendered: bool = False, text: bool = True) -> Json:
        first, latest = comment.first, comment.latest
        body: Json = {
            "mentions": [],
            "workItemId": item.id,
            "id": comment.id,
            "version": latest.version,
            "text": latest.text,
            "renderedText": rendered_text(latest),
            "createdBy": self.identity(first.by),
            "createdDate": iso(first.at),
            "modifiedBy": self.identity(latest.by),
            "modifiedDate": iso(latest.at),
            "format": latest.format,
            "isDeleted": latest.deleted,
            "url": f"{self.item_url(item)}/comments/{comment.id}",
        }
        if not rendered:
            del body["renderedText"]
        if not text:
            del body["text"]
        return body

    def comment_version(self, item: WorkItem, comment: Comment, version: CommentVersion) -> Json:
        return {
            "id": comment.id,
            "version": version.version,
            "text": version.text,
            "renderedText": rendered_text(version),
            "createdBy": self.identity(comment.first.by),
            "createdDate": iso(comment.first.at),
            "modifiedBy": self.identity(version.by),
            "modifiedDate": iso(version.at),
            "isDeleted": version.deleted,
            "url": f"{self.item_url(item)}/comments/{comment.id}/versions/{version.version}",
        }


def rendered_text(version: CommentVersion) -> str:
    """The server renders Markdown comments; a paragraph around the source is all that is promised here (10.9)."""
    return version.text if version.format == "html" else f"<p>{version.text}</p>"
