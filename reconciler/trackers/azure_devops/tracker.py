"""Tracker: Azure DevOps in the protocol of `trackers.base`. Joins what speaks HTTP and what translates."""
# ruff: noqa: ARG002 - the protocol names the scope everywhere, deleting needs only the item

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from difflib import get_close_matches
from typing import BinaryIO

from reconciler.clock import Clock
from reconciler.errors import Gone, Rejected, ScopeRejected
from reconciler.mapping.equality import people, same_value
from reconciler.model.attachment import Attachment, AttachmentDraft
from reconciler.model.comment import Comment, CommentDraft
from reconciler.model.custom_field import CustomField
from reconciler.model.draft import Draft
from reconciler.model.field import MUTUAL, Value, in_order
from reconciler.model.item import Item
from reconciler.model.origin import Origin
from reconciler.model.person import Person
from reconciler.model.rich_text import Form, RichText
from reconciler.model.schema import Schema
from reconciler.trackers.azure_devops import custom_fields, discussion, rights, translate, wiql
from reconciler.trackers.azure_devops.catalog import Catalog
from reconciler.trackers.azure_devops.client import BATCH_MAX, Client, Hits, Json
from reconciler.trackers.azure_devops.discussion import Discussion
from reconciler.trackers.azure_devops.feed import drain
from reconciler.trackers.azure_devops.files import CLOUD_BYTES_MAX, Files, file_at
from reconciler.trackers.azure_devops.naming import is_cloud, key_of_page, page_of, short_names
from reconciler.trackers.azure_devops.people import People
from reconciler.trackers.azure_devops.scope import ProjectScope
from reconciler.trackers.azure_devops.settings import Connection
from reconciler.trackers.azure_devops.translate import Lens, instant, rev_of, revision_of, to_item, to_schema, type_name
from reconciler.trackers.azure_devops.work_item_type import AREA, LINK_TYPES, PROJECT
from reconciler.trackers.azure_devops.writer import Writer
from reconciler.trackers.base import Capabilities, Fate, Followed, Hindrance, Page, Relinked, Scope, Written, nobody
from reconciler.trackers.circuit import CircuitState
from reconciler.trackers.http import Permit, Transport, granted


class AzureDevOps:
    """One organisation or collection behind one token. `notes` are sentences for the operator."""

    def __init__(
        self,
        name: str,
        connection: Connection,
        clock: Clock,
        transport: Transport | None = None,
        permit: Permit = granted,
    ) -> None:
        self.name = name
        self.capabilities = Capabilities(
            compare_and_swap=True,  # FACTS ado 7.6
            several_assignees=False,
            form=Form.HTML,
            edits_show_comments=True,  # FACTS ado 5.3, 5.5, 5.6
            unseen_in_feed=frozenset(LINK_TYPES),  # FACTS ado 5.2
            tells_links=True,  # FACTS ado 6.5
            attachment_bytes_max=CLOUD_BYTES_MAX if is_cloud(connection.url) else None,
        )
        self._client = Client(name, connection, clock, transport, permit)
        self._files = Files(self._client)
        self._catalog = Catalog(self._client)
        self._people = People(self._client, clock)
        self._connected = False

    @property
    def requests(self) -> int:
        return self._client.requests_sent

    @property
    def circuit(self) -> CircuitState:
        return self._client.circuit.state

    @property
    def notes(self) -> tuple[str, ...]:
        return tuple(self._people.notes)

    def server_time(self) -> datetime | None:
        return self._client.server_time

    def close(self) -> None:
        self._client.close()

    def connect(self) -> None:
        """Learns who we are."""
        if not self._connected:
            self._people.meet_ourselves()
            self._connected = True

    def schema(self, scope: Scope) -> Schema:
        self.connect()
        place = _place(scope)
        types = self._catalog.read(place.project, place.types)
        known = {kind.name.casefold(): kind for kind in types}
        for name in place.types:
            if name.casefold() not in known:
                raise Rejected(_no_such_type(place, name, [kind.name for kind in types]), tracker=self.name)
        self._try_conditions(place)
        custom = dict(place.fields)
        wanted = [known[name.casefold()].carrying(custom) for name in place.types]
        return to_schema(wanted, known[place.create_type.casefold()].name, custom_fields.keeping(custom))

    def hindrances(self, scope: Scope) -> Sequence[Hindrance]:
        return tuple(rights.hindrances(self._client, _place(scope)))

    def overlap(self, one: Scope, two: Scope) -> str:
        """The configuration alone shows where projects, types and areas meet; conditions are taken at their word."""
        del one, two
        return ""

    def custom_fields(self, scope: Scope) -> Sequence[CustomField]:
        place = _place(scope)
        allowed: dict[str, dict[str, None]] = {}
        for name in place.types:
            for native in self._fields_of_type(place, name):
                values = [str(value) for value in native.get("allowedValues") or () if not isinstance(value, dict)]
                allowed.setdefault(str(native["referenceName"]), {}).update(dict.fromkeys(values))
        return custom_fields.describe(self._client.fields(place.project), allowed)

    def _fields_of_type(self, place: ProjectScope, name: str) -> list[Json]:
        try:
            return self._client.fields_of_type(place.project, name)
        except Rejected:
            self.schema(place)  # says it better where the type or project does not exist
            raise

    def _try_conditions(self, place: ProjectScope) -> None:
        """Asks for one item with each condition, since nothing else tells whether they are valid."""
        covers = wiql.covers(place)
        trials = [
            (
                place.area_path,
                f"area path {place.area_path}",
                f'the whole project is area_path = "{place.project}"',
                [covers],
            ),
            (
                place.condition,
                f"condition {place.condition}",
                'no condition is wiql = ""',
                [covers, f"({place.condition})"],
            ),
        ]
        for needed, what, instead, conditions in trials:
            if needed:
                try:
                    self._client.query(wiql.query(conditions), top=1, project=place.project)
                except Rejected as refused:
                    sentence = f"project {place.project}: the {what} is refused: {refused}; {instead}"
                    raise Rejected(sentence, tracker=self.name, code=refused.code) from refused

    def person(self, address: str) -> Person | None:
        return self._people.find(address)

    def person_with(self, key: str) -> Person | None:
        return self._people.with_key(key)

    # --- reading -----------------------------------------------------------------------------------------------------

    def changed_since(
        self,
        scopes: Sequence[Scope],
        since: datetime | None,
        known: Mapping[str, str],
        followed: Followed = nobody,
    ) -> Iterator[Page]:
        self.connect()
        watermark: datetime | None = None
        for part in wiql.in_parts([_place(scope) for scope in scopes]):
            for hits in self._changes(part, since, known):
                watermark = watermark or instant(hits.as_of)
                for rows in self._client.work_items(hits.ids):
                    yield Page(tuple(self._placed(rows, part, known, followed)))
        yield Page((), watermark or self._client.server_time or since)

    def relinked_since(self, scopes: Sequence[Scope], since: datetime, fields: Collection[str]) -> Iterator[Relinked]:
        """From the feed of links, the only one that shows them (FACTS ado 6.5). It names a parent or predecessor as the
        source of its children or successors."""
        projects = {_place(scope).project for scope in scopes}
        names = {LINK_TYPES[name].removesuffix("-Reverse"): name for name in in_order(fields)}
        for rows in self._client.relinked(projects.pop() if len(projects) == 1 else "", since, names):
            for row in rows:
                field, active = names.get(str(row["rel"]).partition("-")[0]), bool(row.get("isActive", True))
                ends = str(row["targetId"]), str(row["sourceId"])
                for key, partner in (ends, ends[::-1]) if field in MUTUAL else (ends,):
                    if field is not None:
                        yield Relinked(key, field, partner, active)

    def overtaken(self, scope: Scope, known: Mapping[str, str], since: datetime) -> set[str]:
        """Never asked: a save names the revision that it is based on."""
        return set()

    def read(self, scope: Scope, keys: Sequence[str]) -> dict[str, Item]:
        numbers = [int(key) for key in dict.fromkeys(keys) if key.isdecimal()]
        items = [self._item(row, _place(scope)) for rows in self._client.work_items(numbers) for row in rows]
        return {item.key: item for item in items}

    def fate(self, scope: Scope, key: str) -> Fate:
        """Only the recycle bin proves a deletion (FACTS ado 16.5, 16.8)."""
        place = _place(scope)
        with suppress(Gone):
            return Fate.PRESENT if _covers(place, self._client.work_item(int(key))) else Fate.MOVED
        try:
            self._client.recycled(place.project, int(key))
        except Rejected:
            return Fate.UNKNOWN
        return Fate.DELETED

    def sweep(self, scope: Scope, followed: Followed = nobody, after: str = "") -> Iterator[Page]:
        """By id."""
        self.connect()
        place = _place(scope)
        watermark: datetime | None = None
        for hits in drain(self._client, [wiql.covers(place)], after=int(after or 0)):
            watermark = watermark or instant(hits.as_of)
            for start in range(0, len(hits.ids), BATCH_MAX):
                ids = hits.ids[start : start + BATCH_MAX]
                for rows in self._client.work_items(ids):
                    yield Page(tuple(self._placed(rows, [place], {}, followed)), resume=str(ids[-1]))
        yield Page((), watermark or self._client.server_time)

    def is_older(self, item: Item, than: Item) -> bool:
        return rev_of(item.revision) < rev_of(than.revision)

    def discussion_moved(self, before: Item | None, now: Item) -> bool:
        return discussion.moved(before, now)

    def comments(self, scope: Scope, item: Item) -> list[Comment]:
        return self._discussion(scope).read(item)

    def may_have_attachments(self, item: Item) -> bool:
        return item.native.get("files") != ""

    def attachments(self, scope: Scope, item: Item) -> list[Attachment]:
        return self._files.read(item)

    def fetch_attachment(self, scope: Scope, attachment: Attachment, into: BinaryIO, bytes_max: int) -> None:
        self._files.fetch(attachment, into, bytes_max)

    def find_copy(self, scope: Scope, origin: Origin, since: datetime) -> Item | None:
        """First by the link's address, which costs least; whether that finds hyperlinks is not known (FACTS ado 7.28),
        so then among all that we created since, since somebody may have moved it to another project already."""
        place = _place(scope)
        try:
            linked = self._client.linked_to(place.project, origin.href)
        except Rejected:
            linked = []
        copy = self._marked(place, linked, origin)
        if copy is not None:
            return copy
        for hits in drain(self._client, wiql.copies_since(since)):
            copy = self._marked(place, hits.ids, origin)
            if copy is not None:
                return copy
        return None

    def deleted_copies(self, scope: Scope, draft: Draft, since: datetime) -> Sequence[str]:
        """From the recycle bin, by what it shows: who made an item and when, that it has a link, its type and title,
        but not the link and so not our mark (FACTS ado 3.21, 16.2)."""
        place = _place(scope)
        deleted = [f"[{PROJECT}] = {wiql.literal(place.project)}", *wiql.copies_since(since), wiql.IS_DELETED]
        try:
            numbers = [number for hits in drain(self._client, deleted) for number in hits.ids]
        except Rejected:  # whether every version lists them is not known
            return ()
        return [str(number) for number in numbers if self._was_made_from(draft, place, number)]

    def as_created(self, scope: Scope, item: Item) -> Item | None:
        return self._item(self._client.first_revision(int(item.key)), _place(scope))

    def find_comment(self, scope: Scope, item: Item, origin: Origin) -> Comment | None:
        return self._discussion(scope).find(item, origin)

    def key_of(self, url: str) -> str | None:
        return key_of_page(self._client.base_url, url)

    def label_at(self, url: str) -> str:
        return ""

    def file_at(self, url: str) -> Attachment | None:
        return file_at(self._client.base_url, url)

    def page_of(self, key: str) -> str:
        return page_of(self._client.base_url, key)

    def short_names(self, text: RichText) -> Mapping[str, str]:
        return short_names(text)

    def further_texts(self, scope: Scope, keys: Sequence[str]) -> dict[str, tuple[str, ...]]:
        return {
            str(row["id"]): translate.further_texts(row)
            for rows in self._client.work_items([int(key) for key in keys])
            for row in rows
        }

    # --- writing -----------------------------------------------------------------------------------------------------

    def create(self, scope: Scope, draft: Draft) -> Written:
        return self._writer(scope).create(_place(scope), draft)

    def update(self, scope: Scope, base: Item, changes: Mapping[str, Value]) -> Iterator[Written]:
        return self._writer(scope).update(base, changes)

    def delete(self, scope: Scope, base: Item) -> None:
        self._client.delete(str(base.native["project"]), int(base.key))

    def add_comment(self, scope: Scope, item: Item, draft: CommentDraft) -> Comment:
        return self._discussion(scope).add(item, draft)

    def edit_comment(self, scope: Scope, item: Item, comment: Comment, text: RichText) -> Comment:
        return self._discussion(scope).edit(item, comment, text)

    def delete_comment(self, scope: Scope, item: Item, comment_key: str) -> None:
        self._discussion(scope).delete(item, comment_key)

    def add_attachment(self, scope: Scope, item: Item, draft: AttachmentDraft, content: BinaryIO) -> Attachment:
        return self._files.add(item, draft, content)

    def remove_attachment(self, scope: Scope, item: Item, attachment_key: str) -> None:
        self._files.remove(item, attachment_key)

    # --- pieces ------------------------------------------------------------------------------------------------------

    def _lens(self, place: ProjectScope) -> Lens:
        self.connect()
        return Lens(self._client.base_url, self._people.own_id, place.timezone, dict(place.fields))

    def _writer(self, scope: Scope) -> Writer:
        return Writer(self._client, self._catalog, self._lens(_place(scope)))

    def _discussion(self, scope: Scope) -> Discussion:
        return Discussion(self._client, self._lens(_place(scope)))

    def _item(self, row: Json, place: ProjectScope) -> Item:
        lens = self._lens(place)
        item = to_item(row, self._catalog.type_of(row).carrying(lens.custom), lens)
        self._people.learn(member for value in item.fields.values() for member in people(value))
        return item

    def _changes(
        self, part: Sequence[ProjectScope], since: datetime | None, known: Mapping[str, str]
    ) -> Iterator[Hits]:
        """Raises ScopeRejected where it is one of several scopes that the service refuses."""
        conditions = [wiql.any_of(part), *wiql.changed_since(since)]
        processed = [(int(key), rev_of(revision)) for key, revision in known.items() if key.isdecimal()]
        spared = wiql.not_at(processed, len(wiql.query(conditions))) if since is not None else []
        try:
            yield from drain(self._client, conditions, spared)
        except Rejected:
            for place in part:
                self._try_scope(place)
            raise

    def _try_scope(self, place: ProjectScope) -> None:
        try:
            self._client.query(wiql.query([wiql.covers(place)]), top=1)
        except Rejected as refused:
            sentence = f"{place.name} cannot be listed: {refused}"
            raise ScopeRejected(sentence, scope=place, tracker=self.name, code=refused.code) from refused

    def _placed(
        self, rows: Iterable[Json], scopes: Sequence[ProjectScope], known: Mapping[str, str], followed: Followed
    ) -> Iterator[tuple[Scope, Item]]:
        """The items once for each scope that they lie in; not those already known at this revision, nor strangers that
        do not meet the scope's admission condition."""
        news = {str(row["id"]): row for row in rows if known.get(str(row["id"])) != revision_of(row)}
        followed_keys: set[str] | None = None
        for place in scopes:
            inside = {key: row for key, row in news.items() if _covers(place, row)}
            if place.condition and (strangers := [key for key in inside if key not in known]):
                if followed_keys is None:
                    followed_keys = followed([key for key in news if key not in known])
                strangers = [key for key in strangers if key not in followed_keys]
                refused = set(strangers) - self._admitted(place, strangers)
                inside = {key: row for key, row in inside.items() if key not in refused}
            for row in inside.values():
                yield place, self._item(row, place)

    def _admitted(self, place: ProjectScope, keys: Sequence[str]) -> set[str]:
        """Which of these meet the condition of the scope; asked within its project, which `@Project` needs."""
        if not keys:
            return set()
        conditions = [wiql.among([int(key) for key in keys]), f"({place.condition})"]
        try:
            return {str(n) for hits in drain(self._client, conditions, project=place.project) for n in hits.ids}
        except Rejected as refused:
            sentence = f"{place.name}: the condition {place.condition} is refused: {refused}"
            raise ScopeRejected(sentence, scope=place, tracker=self.name, code=refused.code) from refused

    def _was_made_from(self, draft: Draft, place: ProjectScope, number: int) -> bool:
        """Whether the recycle bin shows an item with the type and title of the draft."""
        try:
            shown = self._client.recycled(place.project, number).get("resource") or {}
        except Rejected:
            return False
        title = str((shown.get("fields") or {}).get("System.Title") or "")
        return same_value("title", title, draft.fields["title"]) and type_name(shown) == draft.fields["type"]

    def _marked(self, place: ProjectScope, numbers: Sequence[int], origin: Origin) -> Item | None:
        for rows in self._client.work_items(numbers):
            for item in (self._item(row, place) for row in rows):
                if item.ours and item.origin is not None and item.origin.marker == origin.marker:
                    return item
        return None


def _place(scope: Scope) -> ProjectScope:
    if not isinstance(scope, ProjectScope):
        raise TypeError(f"{scope!r} is not a scope of Azure DevOps")
    return scope


def _covers(place: ProjectScope, row: Json) -> bool:
    fields = row.get("fields") or {}
    return place.covers(str(fields.get(PROJECT) or ""), type_name(row), str(fields.get(AREA) or ""))


def _no_such_type(place: ProjectScope, name: str, existing: Sequence[str]) -> str:
    near = get_close_matches(name, existing, n=1)
    right = ", ".join(f'"{near[0] if other == name else other}"' for other in place.types) if near else ""
    hint = f"did you mean types = [{right}]?" if near else f"it has: {', '.join(existing)}"
    return f'project {place.project} has no work item type "{name}"; {hint}'
