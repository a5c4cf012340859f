"""Feeds: the reporting feeds of revisions and links, and an item's own updates (FACTS ado 6)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from reconciler.simulators.azure_devops import errors
from reconciler.simulators.azure_devops.identity import User
from reconciler.simulators.azure_devops.item import Revision, Update, WorkItem
from reconciler.simulators.azure_devops.nodes import Project
from reconciler.simulators.azure_devops.process import field_named, fields
from reconciler.simulators.azure_devops.render import Json, Renderer, iso, plain_value
from reconciler.simulators.azure_devops.values import read
from reconciler.simulators.azure_devops.world import FOREVER, LinkEvent, World

_Row = TypeVar("_Row")
_ON_UPDATE = (
    "System.Id",
    "System.Rev",
    "System.AuthorizedDate",
    "System.RevisedDate",
    "System.Watermark",
    "System.IsDeleted",
)


@dataclass(frozen=True, slots=True)
class FeedPage:
    """`token` continues after the last row; it is opaque to clients (FACTS ado 6.3)."""

    values: list[Json]
    token: str
    last: bool


@dataclass(frozen=True, slots=True)
class RevisionRequest:
    """What a caller of the revisions feed asked for."""

    token: str = ""
    start: datetime | None = None
    fields: Sequence[str] = ()
    types: Collection[str] = ()
    include_identities: bool = False
    include_deleted: bool = False
    latest_only: bool = False
    discussion_only: bool = False
    long_text: bool = False
    size: int = 1_000


@dataclass(frozen=True)
class Feeds:
    world: World
    user: User
    renderer: Renderer

    def revisions(self, project: Project | None, request: RevisionRequest) -> FeedPage:
        seen = self._horizon()
        log = self.world.revision_log
        begin = _after(log, lambda row: row[1].watermark, _number(request.token))
        known = [row for row in log[begin:] if row[1].saved_at <= seen]
        rows = [row for row in known if self._wanted(*row, project, request)]
        page = rows[: request.size]
        last = len(page) == len(rows)
        end = (known if last else page)[-1:]
        token = end[0][1].watermark if end else _number(request.token)
        values = [self._revision_row(item, revision, request) for item, revision in page]
        return FeedPage(values, f"{token};{end[0][0].id if end else 0};1", last)

    def _wanted(self, item: WorkItem, revision: Revision, project: Project | None, request: RevisionRequest) -> bool:
        if request.start and revision.saved_at < request.start:
            return False
        if item.deleted and not request.include_deleted:
            return False
        if request.latest_only and revision is not item.current:
            return False
        if request.discussion_only and revision.comment is None:
            return False
        if request.types and revision.type_name.lower() not in {name.lower() for name in request.types}:
            return False
        if project and not self._in_project(item, revision, project):
            return False
        return self.world.sees(self.user, item)

    def _in_project(self, item: WorkItem, revision: Revision, project: Project) -> bool:
        """An item that moved away stops appearing; one that moved in may bring its history (FACTS ado 6.7)."""
        if self.world.switches.feed_shows_history_of_moved:
            return item.project is project
        return revision.project is project

    def _revision_row(self, item: WorkItem, revision: Revision, request: RevisionRequest) -> Json:
        names = request.fields or [
            *("System.Id", "System.Rev", "System.Watermark", "System.AuthorizedDate", "System.IsDeleted"),
            *revision.fields,
        ]
        shown: Json = {}
        for name in names:
            field = field_named(name)
            if field is None:
                raise errors.field_missing(name)
            if field.long_text and not request.long_text and not request.fields:
                continue
            if (value := read(item, revision, field.reference)) is not None:
                shown[field.reference] = (
                    self.renderer.value(value) if request.include_identities else plain_value(value)
                )
        return {"id": item.id, "rev": revision.rev, "fields": shown}

    def links(
        self, project: Project | None, token: str, start: datetime | None, kinds: Collection[str], size: int
    ) -> FeedPage:
        seen = self._horizon()
        log = self.world.link_log
        rows = [
            event
            for event in log[_after(log, lambda event: event.number, _number(token)) :]
            if event.at <= seen
            and (start is None or event.at >= start)
            and (project is None or project in (event.source.project, event.target.project))
            and (not kinds or event.rel.lower() in kinds)
        ]
        page = rows[:size]
        last = page[-1].number if page else _number(token)
        return FeedPage([_link_row(event) for event in page], str(last), len(page) == len(rows))

    def _horizon(self) -> datetime:
        lag_s = self.world.switches.feed_lag_s
        return self.world.now() - timedelta(seconds=lag_s) if lag_s else FOREVER

    def updates(self, item: WorkItem) -> list[Json]:
        """Every update, link-only ones included, oldest first."""
        return [self._update(item, number, update) for number, update in enumerate(item.updates, start=1)]

    def _update(self, item: WorkItem, number: int, update: Update) -> Json:
        revision = item.revisions[update.rev - 1]
        revised = read(item, revision, "System.RevisedDate") if update.changes_fields else update.at
        body: Json = {
            "id": number,
            "workItemId": item.id,
            "rev": update.rev,
            "revisedBy": {**self.renderer.identity(update.by), "name": str(update.by)},
            "revisedDate": plain_value(revised),
        }
        if update.changes_fields:
            body["fields"] = self._changes(item, revision)
        changed = {"added": update.added, "removed": update.removed, "updated": update.edited}
        if any(changed.values()):
            body["relations"] = {
                name: [self.renderer.relation(relation) for relation in relations]
                for name, relations in changed.items()
                if relations
            }
        body["url"] = f"{self.renderer.item_url(item)}/updates/{number}"
        return body

    def _changes(self, item: WorkItem, revision: Revision) -> Json:
        before = item.revisions[revision.rev - 2] if revision.rev > 1 else None
        names = [*_ON_UPDATE, *dict.fromkeys([*(before.fields if before else ()), *revision.fields])]
        changes: Json = {}
        for name in names:
            old = self._shown(item, before, name) if before else None
            new = self._shown(item, revision, name)
            if old != new:
                pair = {"oldValue": old, "newValue": new}
                changes[name] = {key: value for key, value in pair.items() if value is not None}
        if revision.comment and revision.comment[1] == 1:
            changes["System.History"] = {"newValue": self._current_text(item, revision)}
        return changes

    def _current_text(self, item: WorkItem, revision: Revision) -> str:
        """The old entry shows the comment's text of today (FACTS ado 5.6)."""
        assert revision.comment
        comment = item.comment(revision.comment[0])
        return comment.latest.text if comment else revision.comment[2]

    def _shown(self, item: WorkItem, revision: Revision, name: str) -> Any:
        if fields()[name].kind == "boolean" and read(item, revision, name) is False and revision.rev > 1:
            return False
        return self.renderer.value(read(item, revision, name))


def _link_row(event: LinkEvent) -> Json:
    return {
        "rel": event.rel,
        "sourceId": event.source.id,
        "targetId": event.target.id,
        "changedDate": iso(event.at),
        "isActive": event.active,
    }


def _number(token: str) -> int:
    text = token.split(";")[0]
    if text and not text.isdigit():
        raise errors.bad_request("The continuation token is invalid.", "VssPropertyValidationException")
    return int(text or 0)


def _after(rows: Sequence[_Row], number: Callable[[_Row], int], last: int) -> int:
    """Where the rows with a higher number than `last` begin; rows are in the order of their numbers."""
    low, high = 0, len(rows)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if number(rows[middle]) <= last else (low, middle)
    return low


def paged(rows: Iterable[Json], top: int, skip: int) -> list[Json]:
    return list(rows)[skip : skip + top]
