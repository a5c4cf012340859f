"""Tracker: ClickUp in the protocol of `trackers.base`. Joins what speaks HTTP and what translates."""
# ruff: noqa: ARG002 - the protocol names the scope everywhere, where ClickUp needs only the task, and has no conditions

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain
from typing import BinaryIO

from reconciler.clock import Clock
from reconciler.errors import Gone, Rejected, ScopeRejected
from reconciler.model.attachment import Attachment, AttachmentDraft
from reconciler.model.comment import Comment, CommentDraft
from reconciler.model.custom_field import CustomField
from reconciler.model.draft import Draft
from reconciler.model.field import FIELDS, LINKS, Value
from reconciler.model.item import Item
from reconciler.model.origin import Origin
from reconciler.model.person import Person
from reconciler.model.rich_text import Form, RichText
from reconciler.model.schema import Schema, TypeSchema
from reconciler.richtext import same
from reconciler.trackers.base import Capabilities, Fate, Followed, Hindrance, Page, Relinked, Scope, Written, nobody
from reconciler.trackers.circuit import CircuitState
from reconciler.trackers.clickup import custom_fields, feed, translate
from reconciler.trackers.clickup.client import Client, Json
from reconciler.trackers.clickup.custom_fields import CustomFields
from reconciler.trackers.clickup.discussion import Discussion
from reconciler.trackers.clickup.files import BYTES_MAX, Files, file_at
from reconciler.trackers.clickup.naming import key_of_page, label_at, page_of, short_names
from reconciler.trackers.clickup.people import People
from reconciler.trackers.clickup.places import Places
from reconciler.trackers.clickup.scope import Place
from reconciler.trackers.clickup.settings import Connection
from reconciler.trackers.clickup.translate import Glossary
from reconciler.trackers.clickup.verdicts import DELETED
from reconciler.trackers.clickup.writer import Writer
from reconciler.trackers.http import Permit, Transport, granted

_TOO_LITTLE = ("read", "comment")
"""Levels of permission with which tasks cannot be written (FACTS clickup 2.4)."""

READS_ONE_BY_ONE = 5
"""Up to so many tasks are read with a request each; more are looked for in the listing first."""


class ClickUp:
    """One workspace behind one token. `notes` are sentences for the operator, known once connected."""

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
            compare_and_swap=False,  # FACTS clickup 6.18
            several_assignees=True,
            form=Form.MARKDOWN,
            edits_show_comments=False,  # FACTS clickup 4.3, 4.4
            unseen_in_feed=frozenset(LINKS),  # FACTS clickup 4.1, 10.3
            requests_per_minute=connection.requests_per_minute,
            removes_attachments=False,  # FACTS clickup 12.8
            attachment_bytes_max=BYTES_MAX,
            calls_in_fields=False,  # FACTS clickup 7.4
            pictures_in_comments=False,  # none that is documented for writing (11.5)
        )
        self._client = Client(name, connection, clock, transport, permit)
        self._base_url = connection.url
        self._overwrites_chips = connection.overwrite_chips
        self._places = Places(self._client)
        self._fields = CustomFields(self._client)
        self._people = People(self._client, clock)
        self._discussion = Discussion(self._client, self._people)
        self._files = Files(self._client, self._people, connection.url)
        self._glossary = Glossary()
        self._seen: dict[str, str] = {}
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
        """Learns who we are, in which time zone our days are, and who is a member of the workspace."""
        if self._connected:
            return
        self._people.meet()
        self._glossary = Glossary(self._people.zone, self._people.own_id)
        self._connected = True

    def schema(self, scope: Scope) -> Schema:
        self.connect()
        territory = self._places.read(_place(scope))
        named = {int(row["id"]): str(row["name"]) for row in self._client.custom_items() if row.get("name")}
        self._glossary = replace(self._glossary, types={**translate.TYPES, **named})
        custom = dict(_place(scope).fields)
        return Schema(
            types={
                name: TypeSchema(
                    name, territory.states, frozenset(FIELDS) | self._fields_of(number, custom), str(number)
                )
                for number, name in self._glossary.types.items()
            },
            priorities=translate.PRIORITIES,
            default_type=self._glossary.types[0],
            kept=custom_fields.keeping(custom, translate.kept),
        )

    def hindrances(self, scope: Scope) -> Sequence[Hindrance]:
        """What the List for new tasks says of our right there; nothing else can be tried without writing."""
        place = _place(scope)
        level = str(self._client.get_list(place.create_list).get("permission_level") or "")
        if level not in _TOO_LITTLE:
            return ()
        what = f'List {place.create_list} gives this token only the right to "{level}"'
        why, fix = "no task can be made or changed there", "share the List with its account, with the right to edit"
        return (Hindrance(what, why, fix, fatal=True),)

    def overlap(self, one: Scope, two: Scope) -> str:
        return ", ".join(f"List {list_id}" for list_id in self._places.shared(_place(one), _place(two)))

    def custom_fields(self, scope: Scope) -> Sequence[CustomField]:
        return self._fields.read(_place(scope).create_list)

    def _fields_of(self, type_number: int, custom: Mapping[str, CustomField]) -> frozenset[str]:
        """Those of a mapping's own fields that tasks of the type have."""
        bound = {name: self._fields.types_of(field.id) for name, field in custom.items()}
        return frozenset(name for name, types in bound.items() if types is None or type_number in types)

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
        homes = self._homes(scopes)
        scan = feed.Scan()
        if since is None:
            listing = feed.created(self._client, list(homes), None, scan)
        else:
            listing = feed.changed(self._client, list(homes), since, scan)
        for rows in listing:
            yield Page(tuple(pair for row in rows for pair in self._placed(row, homes, known)))
        yield Page((), scan.started_at or self._client.server_time or since)

    def relinked_since(self, scopes: Sequence[Scope], since: datetime, fields: Collection[str]) -> Iterator[Relinked]:
        """Never asked: a subtask's own row shows its parent, and moving it moves its date (FACTS clickup 4.1, 6.16);
        nothing tells links."""
        return iter(())

    def overtaken(self, scope: Scope, known: Mapping[str, str], since: datetime) -> set[str]:
        """By what changed in the workspace, unless that fills more pages than there are tasks to be read."""
        moved = set[str]()
        for number, rows in enumerate(feed.changed_anywhere(self._client, since, feed.Scan()), start=1):
            shown = {str(row["id"]): row for row in rows if str(row["id"]) in known}
            moved |= {key for key, row in shown.items() if translate.is_overtaken(known[key], row)}
            unclear = known.keys() - moved
            if number >= len(unclear):
                return moved | {key for key in unclear if self._was_overtaken(key, known[key])}
        return moved

    def _was_overtaken(self, key: str, revision: str) -> bool:
        try:
            return translate.is_overtaken(revision, self._client.task(key))
        except Gone:
            return True

    def read(self, scope: Scope, keys: Sequence[str]) -> dict[str, Item]:
        wanted = list(dict.fromkeys(keys))
        found = self._read_listed(_place(scope), set(wanted)) if len(wanted) > READS_ONE_BY_ONE else {}
        for key in wanted:
            if key not in found and (item := self._read_one(_place(scope), key)) is not None:
                found[key] = item
        return found

    def fate(self, scope: Scope, key: str) -> Fate:
        """By the protocol of FACTS clickup 16.6; only a task in the trash is proved deleted."""
        try:
            task = self._client.task(key)
        except Gone as error:
            return Fate.DELETED if error.code == DELETED else Fate.UNKNOWN
        except Rejected:
            return Fate.UNKNOWN
        item = translate.to_item(task, self._glossary)
        if item.archived:
            return Fate.ARCHIVED
        return Fate.PRESENT if self._is_home(_place(scope), item) else Fate.MOVED

    def sweep(self, scope: Scope, followed: Followed = nobody, after: str = "") -> Iterator[Page]:
        """By creation; then the archived tasks, List by List."""
        homes = self._homes([scope])
        scan = feed.Scan()
        for rows, resume in feed.everything(self._client, list(homes), after, scan):
            placed = tuple(pair for row in rows for pair in self._placed(self._fresh(row), homes, {}))
            yield Page(placed, resume=resume)
        yield Page((), scan.started_at or self._client.server_time)

    def is_older(self, item: Item, than: Item) -> bool:
        return translate.date_ms(item.revision) < translate.date_ms(than.revision)

    def discussion_moved(self, before: Item | None, now: Item) -> bool:
        """A new comment most likely moves the date of its task, and nothing else (FACTS clickup 4.3); whether a new
        attachment does is not known (4.4)."""
        if before is None:
            return now.created_at != now.changed_at
        moved = translate.date_ms(before.revision) != translate.date_ms(now.revision)
        return moved and all(_unchanged(before.fields.get(name), value) for name, value in now.fields.items())

    def comments(self, scope: Scope, item: Item) -> list[Comment]:
        return self._discussion.read(item)

    def may_have_attachments(self, item: Item) -> bool:
        """No listing shows them (FACTS clickup 3.5)."""
        return True

    def attachments(self, scope: Scope, item: Item) -> list[Attachment]:
        return self._files.read(item)

    def fetch_attachment(self, scope: Scope, attachment: Attachment, into: BinaryIO, bytes_max: int) -> None:
        self._files.fetch(attachment, into, bytes_max)

    def find_copy(self, scope: Scope, origin: Origin, since: datetime) -> Item | None:
        """In the whole workspace, since somebody may have moved it already; the archive of the scope's own Lists."""
        archive = feed.archived(self._client, list(self._homes([scope])), since, feed.Scan())
        for rows in chain(feed.created_anywhere(self._client, since, feed.Scan()), archive):
            for item in (translate.to_item(row, self._glossary_of(_place(scope))) for row in rows):
                if item.ours and item.origin is not None and item.origin.marker == origin.marker:
                    return item
        return None

    def deleted_copies(self, scope: Scope, draft: Draft, since: datetime) -> Sequence[str]:
        """None are ever shown: the trash can be looked into only with the id of a task (FACTS clickup 3.11, 16.2)."""
        return ()

    def as_created(self, scope: Scope, item: Item) -> Item | None:
        return None

    def find_comment(self, scope: Scope, item: Item, origin: Origin) -> Comment | None:
        return self._discussion.find(item, origin)

    def key_of(self, url: str) -> str | None:
        return key_of_page(self._base_url, url)

    def label_at(self, url: str) -> str:
        return label_at(self._base_url, url)

    def file_at(self, url: str) -> Attachment | None:
        return file_at(url)

    def page_of(self, key: str) -> str:
        return page_of(key)

    def short_names(self, text: RichText) -> Mapping[str, str]:
        return short_names(text)

    def further_texts(self, scope: Scope, keys: Sequence[str]) -> dict[str, tuple[str, ...]]:
        wanted = set(keys)
        listing = feed.created(self._client, list(self._homes([scope])), None, feed.Scan())
        return {
            str(row["id"]): custom_fields.texts(row) for rows in listing for row in rows if str(row["id"]) in wanted
        }

    # --- writing -----------------------------------------------------------------------------------------------------

    def create(self, scope: Scope, draft: Draft) -> Written:
        written = self._writer(_place(scope)).create(_place(scope), draft)
        self._remember(written.item)
        return written

    def update(self, scope: Scope, base: Item, changes: Mapping[str, Value]) -> Iterator[Written]:
        for written in self._writer(_place(scope)).update(base, changes, self._list_ids(_place(scope))):
            self._remember(written.item)
            yield written

    def delete(self, scope: Scope, base: Item) -> None:
        """Not with subtasks, which ClickUp takes along into the trash (FACTS clickup 10.5, 16.4)."""
        subtasks = [task for task in self._client.subtasks(base.key) if str(task.get("parent")) == base.key]
        if subtasks:
            names = ", ".join(f'"{task.get("name")}"' for task in subtasks[:3])
            raise Rejected(
                f"{base.label} has {len(subtasks)} subtasks, which ClickUp would delete with it ({names});"
                " put them elsewhere, or delete it by hand",
                key=base.key,
            )
        self._client.delete_task(base.key)

    def add_comment(self, scope: Scope, item: Item, draft: CommentDraft) -> Comment:
        return self._discussion.add(item, draft)

    def edit_comment(self, scope: Scope, item: Item, comment: Comment, text: RichText) -> Comment:
        return self._discussion.edit(item, comment, text)

    def delete_comment(self, scope: Scope, item: Item, comment_key: str) -> None:
        self._discussion.delete(item, comment_key)

    def add_attachment(self, scope: Scope, item: Item, draft: AttachmentDraft, content: BinaryIO) -> Attachment:
        return self._files.add(item, draft, content)

    def remove_attachment(self, scope: Scope, item: Item, attachment_key: str) -> None:
        raise Rejected("ClickUp's API cannot remove attachments", key=item.key)

    # --- rows --------------------------------------------------------------------------------------------------------

    def _writer(self, place: Place) -> Writer:
        return Writer(
            self._client,
            self._places,
            self._people,
            self._fields,
            self._glossary_of(place),
            overwrites_chips=self._overwrites_chips,
        )

    def _glossary_of(self, place: Place) -> Glossary:
        return replace(self._glossary, custom=dict(place.fields)) if place.fields else self._glossary

    def _homes(self, scopes: Sequence[Scope]) -> dict[str, list[Scope]]:
        """Which scopes each List belongs to. Raises ScopeRejected for a place that cannot be read."""
        homes: dict[str, list[Scope]] = {}
        for scope in scopes:
            try:
                list_ids = self._list_ids(_place(scope))
            except Rejected as error:
                raise ScopeRejected(error.message, scope=scope, tracker=self.name, code=error.code) from error
            for list_id in list_ids:
                homes.setdefault(list_id, []).append(scope)
        return homes

    def _list_ids(self, place: Place) -> tuple[str, ...]:
        return (place.id,) if place.kind == "list" else self._places.territory(place).list_ids

    def _is_home(self, place: Place, item: Item) -> bool:
        return str(item.native.get("list")) in self._list_ids(place)

    def _placed(
        self, row: Json, homes: Mapping[str, Sequence[Scope]], known: Mapping[str, str]
    ) -> Iterator[tuple[Scope, Item]]:
        """The item once for each scope that its home List belongs to; nothing where it is known already, or where
        the listing is behind what an answer has shown before (FACTS clickup 14.7)."""
        known_revision = known.get(str(row["id"]), "")
        if translate.revision_of(row) == known_revision:
            return
        for scope in homes.get(translate.list_of(row), ()):
            item = self._item(_place(scope), row, known_revision)
            if self._is_behind(item, known_revision):
                return
            yield scope, item

    def _item(self, place: Place, row: Json, known_revision: str = "") -> Item:
        """A row as an item; `rewritten` where it shows for the first time what became of a description we sent. What
        the engine knows decides; our own memory, which a restart empties, stands in where it was not asked."""
        item = translate.to_item(row, self._glossary_of(place))
        last = known_revision or self._seen.get(item.key, "")
        if item.key in self._seen and not self._is_behind(item, known_revision):
            self._remember(item)
        ours = translate.spells_what_we_sent(last, row)
        return replace(item, rewritten=frozenset({"description"})) if ours else item

    def _is_behind(self, item: Item, known_revision: str) -> bool:
        seen = (known_revision, self._seen.get(item.key, ""))
        return translate.date_ms(item.revision) < max(map(translate.date_ms, seen))

    def _fresh(self, row: Json) -> Json:
        """A row that is behind our own last write, read again."""
        key = str(row["id"])
        if feed.stamp_ms(row, "updated") >= translate.date_ms(self._seen.get(key, "")):
            return row
        try:
            return self._client.task(key)
        except Gone:
            return row

    def _remember(self, item: Item) -> None:
        """The newest revision met of a task that we wrote to."""
        self._seen[item.key] = item.revision

    def _read_one(self, place: Place, key: str) -> Item | None:
        try:
            return self._item(place, self._client.task(key))
        except Gone:
            return None

    def _read_listed(self, place: Place, wanted: set[str]) -> dict[str, Item]:
        """Newest changes first, as long as a page shows at least two of the wanted tasks and so beats reading them."""
        found: dict[str, Item] = {}
        page = 0
        while len(found) < len(wanted):
            rows = self._client.tasks(self._list_ids(place)[: feed.LISTS_A_REQUEST], page, [("order_by", "updated")])
            hits = [
                self._item(place, self._fresh(row)) for row in rows.tasks if str(row.get("id")) in wanted - found.keys()
            ]
            found |= {item.key: item for item in hits}
            page += 1
            if rows.last or len(hits) < 2:
                break
        return found


def _place(scope: Scope) -> Place:
    if not isinstance(scope, Place):
        raise TypeError(f"{scope!r} is not a scope of ClickUp")
    return scope


def _unchanged(before: Value, now: Value) -> bool:
    if isinstance(before, RichText) and isinstance(now, RichText):
        return same(before, now)
    return before == now
